"""A stroke on the whiteboard, told to a class: how late the others have it, and what a change costs the server."""

import argparse
import asyncio
import base64
import sys
import time
from statistics import median, quantiles

import uvloop

from bench.load.wire import Wire
from bench.processes import cpu_seconds
from bench.server import Server
from bench.table import Table

ROUNDS = 3
FIGURE = 150.0  # ms until the others have a stroke
PEOPLE, CHANGES, EVERY = 30, 150, 0.06
POINTS = 220  # bytes of new points in a change, with what describes the stroke


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=PEOPLE, help="in the lesson, one of whom draws (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    header = ["", "p50 ms", "p99 ms", "most ms", f"p99 of {FIGURE:g} ms", "answered p50 ms", "CPU ms a change"]
    table = Table("A whiteboard of a class", header)
    with Server("--planes", "1") as server:
        tokens = server.whole_class()[: words.people]
        for drawing in (1, 5):
            rounds = [uvloop.run(_round(server, tokens, drawing)) for _ in range(words.rounds)]
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
        "change to another's having it, all clients in one process, thin ones. A browser adds at most",
        "50 ms of gathering before, and a frame after. CPU of the server's process. On SQLite, each change committed.",
    ]
    return table


async def _round(server: Server, tokens: list[str], drawing: int) -> tuple[float, ...]:
    lesson = server.call("POST", "/api/lessons", {"title": "Board"})["id"]
    doors = server.doors_of(lesson, tokens)
    sent: dict[bytes, float] = {}
    late: list[float] = []
    heard = lambda update: late.append(time.perf_counter() - sent[update])  # noqa: E731
    everybody = [await Wire.open(server.base, token, heard) for token in tokens]
    for one, (_, _, grant) in zip(everybody, doors, strict=True):
        await one.ask("enter", {"grant": grant})
    board = (await everybody[0].ask("board_find", {"kind": "board"}))["id"]
    for one in everybody:
        await one.ask("board_open", {"board_id": board})
    before = cpu_seconds([server.pid])
    answered = await asyncio.gather(*(_draw(one, board, n, sent) for n, one in enumerate(everybody[:drawing])))
    expected = drawing * CHANGES * (len(tokens) - 1)
    async with asyncio.timeout(30):
        while len(late) < expected:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    cpu = (cpu_seconds([server.pid]) - before) * 1000 / (drawing * CHANGES)
    for one in everybody:
        one.close()
    cuts = quantiles(late, n=100)
    took = [one for many in answered for one in many]
    return cuts[49] * 1000, cuts[98] * 1000, max(late) * 1000, median(took) * 1000, cpu


async def _draw(one: Wire, board: str, number: int, sent: dict[bytes, float]) -> list[float]:
    """Changes at a steady pace; how long the answer to each took."""
    took, began = list[float](), time.perf_counter()
    for place in range(CHANGES):
        await asyncio.sleep(max(0.0, began + place * EVERY - time.perf_counter()))
        update = base64.b64encode(_change(number + 1, place))
        sent[update] = time.perf_counter()
        await one.ask("board_update", {"board_id": board, "update": update.decode()})
        took.append(time.perf_counter() - sent[update])
    return took


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
