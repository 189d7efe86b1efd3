"""Forwarding: one publisher to many viewers in one room, and many small rooms."""

import argparse
import sys
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.load import wload
from bench.processes import memory_megabytes, sendto_microseconds
from bench.server import Server
from bench.table import Table

ROUNDS = 3
FIGURE = 12.0  # µs of CPU a packet that Sabaq means to stay below with its Python wire


@dataclass(frozen=True, slots=True)
class Shape:
    """`viewers` in each of `rooms`, `pps` packets a second from each publisher in bursts."""

    viewers: int
    rooms: int = 1
    pps: int = 1000
    burst: int = 5

    def __str__(self) -> str:
        many = f"{self.rooms} rooms of " if self.rooms > 1 else ""
        return f"{many}1 → {self.viewers}, {self.pps} packets/s"


def options(parser: argparse.ArgumentParser) -> None:
    numbers = lambda text: [int(n) for n in text.split(",") if n]  # noqa: E731
    parser.add_argument("--viewers", type=numbers, default=[20, 50], help="one room each (20,50)")
    parser.add_argument("--rooms", type=int, default=20, help="small rooms of 1 → 5 at 170 packets/s; 0: none (20)")
    parser.add_argument("--secs", type=float, default=8, help="measured seconds a round (8)")


def measure(words: argparse.Namespace) -> Table:
    shapes = [Shape(n) for n in words.viewers]
    if words.rooms:
        shapes.append(Shape(5, words.rooms, 170, 3))
    results: dict[Shape, list[dict[str, Any]]] = {shape: [] for shape in shapes}
    wload.build()
    with Server() as server:
        doors = server.doors(max(shape.rooms for shape in shapes))
        for number in range(words.rounds):
            for shape in shapes:
                print(f"▸ round {number + 1} of {words.rounds}: {shape}", file=sys.stderr, flush=True)
                results[shape].append(_once(server, doors[: shape.rooms], shape, words))
    return _table(results, words.rounds)


def _once(server: Server, doors: list[Any], shape: Shape, words: argparse.Namespace) -> dict[str, Any]:
    sendto = sendto_microseconds()
    pids = server.processes()
    said = wload.run(doors, pids, subs=shape.viewers, pps=shape.pps, burst=shape.burst, size=1100, secs=words.secs)
    lat = said["lat_us"]
    return said | {"sendto": sendto, "p50": lat["p50"], "p99": lat["p99"], "memory": memory_megabytes(pids)}


def _table(results: dict[Shape, list[dict[str, Any]]], rounds: int) -> Table:
    head = ["shape", "µs/packet", "user", "system", f"of {FIGURE:g} µs", "× sendto", "lost %", "p50 ms", "p99 ms"]
    table = Table("Forwarding", [*head, "packets/s", "first media ms", "memory MB"])
    for shape, said in results.items():
        mid = {key: median(one[key] for one in said) for key in said[0] if isinstance(said[0][key], int | float)}
        cost = mid["us_per_fwd"]
        table.rows.append(
            [
                str(shape),
                f"{cost:.1f}",
                f"{mid['us_user']:.1f}",
                f"{mid['us_sys']:.1f}",
                f"{cost / FIGURE:.2f}",
                f"{median(one['us_per_fwd'] / one['sendto'] for one in said):.2f}",
                f"{mid['loss_pct']:.2f}",
                f"{mid['p50'] / 1000:.2f}",
                f"{mid['p99'] / 1000:.2f}",
                f"{mid['fwd_pps']:,.0f}",
                f"{mid['first_media_ms_p50']:.0f}",
                f"{mid['memory']:.0f}",
            ]
        )
    table.notes = [
        f"Rounds: {rounds}, medians. 1,100 B packets, loopback; CPU of all the server's processes, user and "
        "system, divided by the packets that viewers got; their memory together. × sendto: against one bare "
        "`sendto` from Python here."
    ]
    return table
