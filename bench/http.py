"""Asking over HTTP: what one request costs the server's process, logged in by a cookie as a browser is."""

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

import aiohttp

from bench.processes import cpu_seconds
from bench.server import PASSWORD, Server
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 3
CONNECTIONS = 8
ROWS = 20
WARM = 100
TELLING, IDLE = 0.5, 3.0  # seconds: in which what was written is told, and in which nothing is asked
PAGE_FIGURE, WRITE_FIGURE = 800.0, 1800.0  # µs of CPU a request that Sabaq means to stay below
DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request by the cookie of `token`, whose answer `fits`."""

    token: str
    name: str
    figure: float
    method: str
    path: str
    body: dict[str, Any] | None
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class _Round:
    """µs of CPU a request: of the server's process, and of PostgreSQL's; requests a second; ms of the 99th."""

    cpu: float
    database: float
    rate: float
    p99: float


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--requests", type=int, default=2000, help="of each kind in a round (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    header = ["", "database", "CPU µs a request", "figure", "of it", "PostgreSQL's own µs", "requests/s", "p99 ms"]
    table = Table("Asking over HTTP", header)
    for database in DATABASES:
        with _served(database) as (server, beside):
            for asked in _kinds(server):
                print(f"▸ {asked.name}, {database}", file=sys.stderr, flush=True)
                rounds = asyncio.run(_rounds(server, beside, asked, words))
                table.rows.append(_row(asked, database, rounds))
    table.notes = [
        f"Rounds: {words.rounds} of {words.requests} requests on {CONNECTIONS} connections, medians. CPU of the",
        "server's process, user and system, with the telling of what was written, less what it takes when nothing is",
        "asked. The administrator lists a class, the teacher writes into the lesson's chat. PostgreSQL waits for its",
        "disk as it comes (`fsync`).",
    ]
    return table


def _row(asked: _Asked, database: str, rounds: list[_Round]) -> list[str]:
    cpu, own, rate, p99 = (median(getattr(one, name) for one in rounds) for name in ("cpu", "database", "rate", "p99"))
    beside = f"{own:,.0f}" if own else "–"
    figures = [f"{cpu:,.0f}", f"≤ {asked.figure:,.0f}", f"{cpu / asked.figure:.2f}"]
    return [asked.name, database, *figures, beside, f"{rate:,.0f}", f"{p99:.0f}"]


@contextmanager
def _served(database: str) -> Iterator[tuple[Server, Callable[[], list[int]]]]:
    """A server on a database, and that database's own processes."""
    if database == "SQLite":
        with Server() as server:
            yield server, list
        return
    from tests.support.postgres import a_postgres

    durable = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
    with a_postgres(*durable) as postgres, Server(SABAQ_DATABASE_URL=postgres.create("sabaq")) as server:
        yield server, postgres.processes


def _kinds(server: Server) -> list[_Asked]:
    admin = server.call("POST", "/api/log-in", {"login": "admin", "password": PASSWORD})["token"]
    lesson = server.call("GET", f"/api/lessons/{server.lesson_now()}")["lesson"]
    server.call("POST", f"/api/lessons/{lesson['id']}/join", {})
    chat, text = f"/api/rooms/{lesson['room_id']}/messages", {"text": "Түсінікті ме?"}
    write = _Asked(server.token, "write: a message", WRITE_FIGURE, "POST", chat, text, lambda said: said["text"])
    server.token = admin
    return [_Asked(admin, f"list page of {ROWS} people", PAGE_FIGURE, "GET", _page(server), None, _is_full), write]


def _page(server: Server) -> str:
    """The people of the class that has so many."""
    for home in server.call("GET", "/api/organisations")["items"]:
        there = f"/api/organisations/{home['id']}"
        for line in server.call("GET", f"{there}/groups?day={date.today()}")["items"]:  # noqa: DTZ011
            if line["learners"] == ROWS:
                return f"{there}/people?group_id={line['group']['id']}"
    raise CannotDo(f"no class of the demo school has {ROWS} learners")


def _is_full(page: Any) -> bool:
    return len(page["items"]) == ROWS


async def _rounds(
    server: Server, beside: Callable[[], list[int]], asked: _Asked, words: argparse.Namespace
) -> list[_Round]:
    headers = {"Cookie": f"sabaq={asked.token}", "X-Sabaq": "1", "Origin": server.base}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(server.base, headers=headers, connector=connector) as http:
        await _ask(http, asked, WARM)
        idle = await _idle(server)
        return [await _round(server, beside(), http, asked, words.requests, idle) for _ in range(words.rounds)]


async def _idle(server: Server) -> float:
    """Seconds of CPU that a second costs in which nothing is asked."""
    await asyncio.sleep(TELLING)
    before = cpu_seconds([server.pid])
    await asyncio.sleep(IDLE)
    return (cpu_seconds([server.pid]) - before) / IDLE


async def _round(
    server: Server, beside: list[int], http: aiohttp.ClientSession, asked: _Asked, requests: int, idle: float
) -> _Round:
    before, own, began = cpu_seconds([server.pid]), cpu_seconds(beside), time.monotonic()
    waits = await _ask(http, asked, requests)
    lasted = time.monotonic() - began
    await asyncio.sleep(TELLING)
    cpu, own = cpu_seconds([server.pid]) - before - idle * (lasted + TELLING), cpu_seconds(beside) - own
    return _Round(cpu * 1e6 / requests, own * 1e6 / requests, requests / lasted, sorted(waits)[-requests // 100] * 1000)


async def _ask(http: aiohttp.ClientSession, asked: _Asked, requests: int) -> list[float]:
    """Seconds that each request took."""
    waits: list[float] = []

    left = iter(range(requests))

    async def one_connection() -> None:
        for _ in left:
            began = time.monotonic()
            async with http.request(asked.method, asked.path, json=asked.body) as answer:
                said = await answer.json(content_type=None)
            if answer.status != 200 or not asked.fits(said):
                raise CannotDo(f"{asked.method} {asked.path}: {answer.status} {str(said)[:300]}")
            waits.append(time.monotonic() - began)

    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return waits
