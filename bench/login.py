"""A storm of log-ins, all from one address, on a server that has one core: how long a thousand take, and how late
everything else comes meanwhile."""

import argparse
import asyncio
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import aiohttp

from bench.load import wload
from bench.processes import cpu_seconds
from bench.server import PASSWORD, Server
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 3
FIGURE = 60.0  # seconds that a thousand log-ins may take, and so ms of CPU for each
COUNT, AT_ONCE = 1000, 16
EVERY = 0.02  # seconds between two cheap requests
LOGINS = tuple(f"student{number}" for number in range(1, 26))
ROOM: dict[str, float] = {"subs": 5, "pps": 170, "burst": 3, "size": 1100, "secs": 10}
_BUCKET = re.compile(r'^sabaq_loop_delay_seconds_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)


@dataclass(slots=True)
class _Meanwhile:
    """How late things came, in ms: answers to a cheap request, packets of a room, and at most what waits in the
    server's event loop, of two looks a second (the upper end of its bucket)."""

    me_p50: float
    me_p99: float
    packet_p99: float
    loop_most: float


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--count", type=int, default=COUNT, help="log-ins in a round (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    wload.build()
    calm: list[_Meanwhile] = []
    stormy: list[_Meanwhile] = []
    lasted: list[float] = []
    spent: list[float] = []
    with _on_a_core_of_its_own(), Server("--planes", "1") as server:
        _elsewhere()
        for number in range(words.rounds):
            print(f"▸ round {number + 1} of {words.rounds}", file=sys.stderr, flush=True)
            calm.append(asyncio.run(_calm(server)))
            before = cpu_seconds([server.pid])
            seconds, meanwhile = asyncio.run(_storm(server, words.count))
            spent.append((cpu_seconds([server.pid]) - before) * 1000 / words.count)
            lasted.append(seconds)
            stormy.append(meanwhile)
    late = ["request p50 ms", "p99 ms", "packet p99 ms", "event loop, most ms"]
    table = Table("A storm of log-ins", ["", "CPU ms a log-in", "seconds", f"of {FIGURE:g} s", *late])
    took, cpu = median(lasted), median(spent)
    share = took / FIGURE * COUNT / words.count
    storm = [f"{cpu:.1f}", f"{took:.1f}", f"{share:.2f}"]
    table.rows = [
        ["nobody logs in", "–", "–", "–", *_late(calm)],
        [f"{words.count:,} log-ins, {AT_ONCE} at once", *storm, *_late(stormy)],
    ]
    table.notes = [
        f"Rounds: {words.rounds}, medians. All from one address; argon2id with 19 MiB and two passes. CPU of the",
        "server's process, user and system, with what else it was asked. It has one core together with its media",
        f"process, the load another. Meanwhile one room of 1 → {ROOM['subs']:g} at {ROOM['pps']:g} packets/s, and",
        f"`GET /api/me` {1 / EVERY:g} times a second.",
    ]
    return table


def _late(found: list[_Meanwhile]) -> list[str]:
    names = ("me_p50", "me_p99", "packet_p99")
    shown = [f"{median(getattr(one, name) for one in found):.1f}" for name in names]
    return [*shown, f"≤ {median(one.loop_most for one in found):g}"]


@contextmanager
def _on_a_core_of_its_own() -> Iterator[None]:
    """What is started within has the first core alone."""
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        raise CannotDo("this needs two cores: one for the server, one for the load")
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _elsewhere() -> None:
    """This process, and what it starts from now on, leaves the server's core alone."""
    os.sched_setaffinity(0, set(range(os.cpu_count() or 1)) - os.sched_getaffinity(0))


async def _calm(server: Server) -> _Meanwhile:
    async with _session(server) as http:
        return await _watch(server, http)


async def _storm(server: Server, count: int) -> tuple[float, _Meanwhile]:
    """Seconds it took."""
    async with _session(server) as http:
        storm = asyncio.create_task(_log_in(http, count))
        meanwhile = await _watch(server, http)
        if storm.done():
            print("  the storm was over before the room was", file=sys.stderr)
        return await storm, meanwhile


def _session(server: Server) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(server.base, connector=aiohttp.TCPConnector(limit=AT_ONCE + 2))


async def _log_in(http: aiohttp.ClientSession, count: int) -> float:
    left, began = iter(range(count)), time.monotonic()

    async def one_after_another() -> None:
        for number in left:
            body = {"login": LOGINS[number % len(LOGINS)], "password": PASSWORD}
            async with http.post("/api/log-in", json=body) as answer:
                if answer.status != 200:
                    raise CannotDo(f"a log-in was refused: {answer.status} {(await answer.text())[:300]}")

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return time.monotonic() - began


async def _watch(server: Server, http: aiohttp.ClientSession) -> _Meanwhile:
    """While a room lasts."""
    before = await _delays(http)
    room = asyncio.ensure_future(asyncio.to_thread(wload.run, server.doors(1), server.processes(), **ROOM))
    waits = await _ask_until(server, http, room)
    said: dict[str, Any] = room.result()
    after = await _delays(http)
    late = {edge: count - before.get(edge, 0) for edge, count in after.items()}
    loop = next(edge for edge, count in sorted(late.items()) if count == max(late.values()))
    waits.sort()
    return _Meanwhile(
        waits[len(waits) // 2] * 1000, waits[-len(waits) // 100] * 1000, said["lat_us"]["p99"] / 1000, loop * 1000
    )


async def _ask_until(server: Server, http: aiohttp.ClientSession, room: "asyncio.Future[Any]") -> list[float]:
    waits: list[float] = []
    while not room.done():
        began = time.monotonic()
        async with http.get("/api/me", headers={"Authorization": f"Bearer {server.token}"}) as answer:
            await answer.read()
        waits.append(time.monotonic() - began)
        await asyncio.sleep(EVERY)
    return waits


async def _delays(http: aiohttp.ClientSession) -> dict[float, float]:
    """How often the event loop was late by no more than so many seconds."""
    async with http.get("/metrics") as answer:
        return {float(edge): float(count) for edge, count in _BUCKET.findall(await answer.text())}
