"""A stroke on the whiteboard, told to a class: how late the others have it, and what a change costs the server."""

import argparse
import asyncio
import base64
import sys
import time
from statistics import median, quantiles
from typing import Any

import aiohttp
import socketio

from bench.processes import cpu_seconds
from bench.server import PASSWORD, Server
from bench.table import Table

ROUNDS = 3
FIGURE = 150.0  # ms until the others have a stroke
PEOPLE, CHANGES, EVERY = 30, 150, 0.06
POINTS = 220  # bytes of new points in a change, with what describes the stroke
LOGINS = ("teacher", *(f"student{number}" for number in range(1, 26)))
Json = dict[str, Any]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=PEOPLE, help="in the lesson, one of whom draws (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    header = ["", "p50 ms", "p99 ms", "most ms", f"p99 of {FIGURE:g} ms", "answered p50 ms", "CPU ms a change"]
    table = Table("A whiteboard of a class", header)
    with Server("--planes", "1") as server:
        for drawing in (1, 5):
            rounds = [asyncio.run(_round(server, words.people, drawing)) for _ in range(words.rounds)]
            p50, p99, most, answered, cpu = (median(column) for column in zip(*rounds, strict=True))
            name = f"{words.people} people, {drawing} drawing"
            table.rows.append(
                [
                    name,
                    f"{p50:.0f}",
                    f"{p99:.0f}",
                    f"{most:.0f}",
                    f"{p99 / FIGURE:.2f}",
                    f"{answered:.0f}",
                    f"{cpu:.1f}",
                ]
            )
            print(f"▸ {name}", file=sys.stderr, flush=True)
    table.notes = [
        f"Rounds: {words.rounds} of {CHANGES} changes of a hand, {1 / EVERY:.0f} a second, medians. From sending a",
        "change to another's having it, all clients in one process whose own turn is in it. A browser adds at most",
        "50 ms of gathering before, and a frame after. CPU of the server's process. On SQLite, each change committed.",
    ]
    return table


async def _round(server: Server, people: int, drawing: int) -> tuple[float, ...]:
    lesson = server.call("POST", "/api/lessons", {"title": "Board"})["id"]
    sent: dict[str, float] = {}
    late: list[float] = []
    async with aiohttp.ClientSession() as http:
        tokens = {login: await _log_in(http, server, login) for login in LOGINS[:people]}
        everybody = [_Hand(server, tokens[LOGINS[n % len(LOGINS)]], sent, late) for n in range(people)]
        for hand in everybody:
            await hand.enter(http, lesson)
    board = (await everybody[0].ask("board_find", {"kind": "board"}))["id"]
    for hand in everybody:
        await hand.ask("board_open", {"board_id": board})
    before = cpu_seconds([server.pid])
    answered = await asyncio.gather(*(hand.draw(board, n) for n, hand in enumerate(everybody[:drawing])))
    expected = drawing * CHANGES * (people - 1)
    async with asyncio.timeout(30):
        while len(late) < expected:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    cpu = (cpu_seconds([server.pid]) - before) * 1000 / (drawing * CHANGES)
    for hand in everybody:
        await hand.io.disconnect()
    cuts = quantiles(late, n=100)
    took = [one for many in answered for one in many]
    return cuts[49] * 1000, cuts[98] * 1000, max(late) * 1000, median(took) * 1000, cpu


async def _log_in(http: aiohttp.ClientSession, server: Server, login: str) -> str:
    body = {"login": login, "password": PASSWORD}
    async with http.post(f"{server.base}/api/log-in", json=body) as answer:
        return (await answer.json())["token"]


class _Hand:
    def __init__(self, server: Server, token: str, sent: dict[str, float], late: list[float]) -> None:
        self._server, self._token, self._sent, self._late = server, token, sent, late
        self.io = socketio.AsyncClient(reconnection=False)
        self.io.on("signal", self._hear)

    async def enter(self, http: aiohttp.ClientSession, lesson: str) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        async with http.post(f"{self._server.base}/api/lessons/{lesson}/join", json={}, headers=headers) as answer:
            grant = (await answer.json())["grant"]
        await self.io.connect(self._server.base, auth={"token": self._token}, transports=["websocket"])
        await self.ask("enter", {"grant": grant})

    async def ask(self, name: str, body: Json) -> Any:
        answer: Any = await self.io.call("command", (name, body), timeout=20)
        return answer["ok"]

    async def draw(self, board: str, number: int) -> list[float]:
        """Changes at a steady pace; how long the answer to each took."""
        took, began = list[float](), time.perf_counter()
        for place in range(CHANGES):
            await asyncio.sleep(max(0.0, began + place * EVERY - time.perf_counter()))
            update = base64.b64encode(_change(number + 1, place)).decode()
            self._sent[update] = time.perf_counter()
            await self.ask("board_update", {"board_id": board, "update": update})
            took.append(time.perf_counter() - self._sent[update])
        return took

    def _hear(self, signal: Json) -> None:
        if signal["name"] == "board_update":
            self._late.append(time.perf_counter() - self._sent[signal["body"]["update"]])


def _change(client: int, place: int) -> bytes:
    """A Yjs update (version 1): one more text of one client."""
    text = f"{place:04d}".ljust(POINTS, ".").encode()
    head = bytes([1, 1, client]) + _number(place * POINTS) + bytes([4, 1, 3]) + b"ink"
    return head + _number(len(text)) + text + b"\0"


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
