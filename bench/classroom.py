"""A class of thirty: each sends a picture and a sound, and receives nine pictures and five sounds."""

import argparse
import sys
from statistics import median
from typing import Any

from bench.load import wload
from bench.processes import memory_megabytes, sendto_microseconds
from bench.server import CLASS, Server
from bench.table import Table

ROUNDS = 3
SIZE, SOUND = 1000, 92
"""Bytes of a packet of a picture, and of one of sound."""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=30, help=f"in the lesson, at most {len(CLASS)} (%(default)s)")
    parser.add_argument("--tiles", type=int, default=9, help="pictures that each receives (%(default)s)")
    parser.add_argument("--sounds", type=int, default=5, help="sounds that each receives (%(default)s)")
    parser.add_argument("--pps", type=int, default=40, help="packets a second of a picture (%(default)s: 320 kbit/s)")
    parser.add_argument("--secs", type=float, default=10, help="measured seconds a round (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    wload.build()
    said: list[dict[str, Any]] = []
    with Server("--planes", "1") as server:
        tokens = server.whole_class()[: words.people]
        for number in range(words.rounds):
            lesson = server.call("POST", "/api/lessons", {"title": f"Class {number}"})["id"]
            said.append(_once(server, server.doors_of(lesson, tokens), words))
            cores = said[-1]["server_cores"]
            print(f"▸ round {number + 1} of {words.rounds}: {cores:.2f} cores", file=sys.stderr, flush=True)
    return _table(said, words)


def _once(server: Server, doors: list[tuple[str, str, str]], words: argparse.Namespace) -> dict[str, Any]:
    sendto, pids = sendto_microseconds(SIZE), server.processes()
    shape = {"pubs": words.people, "subs": words.people, "tiles": words.tiles, "sounds": words.sounds}
    media = {"pps": words.pps, "burst": 2, "fps": words.pps / 2, "size": SIZE}
    said = wload.run(doors, pids, rooms=1, **shape, **media, secs=words.secs)
    lat = said["lat_us"]
    return said | {"sendto": sendto, "p50": lat["p50"], "p99": lat["p99"], "memory": memory_megabytes(pids)}


def _table(said: list[dict[str, Any]], words: argparse.Namespace) -> Table:
    mid = {key: median(one[key] for one in said) for key in said[0] if isinstance(said[0][key], int | float)}
    head = ["people", "each receives", "cores", "µs/packet", "user", "system", "× sendto", "lost %", "p50 ms", "p99 ms"]
    table = Table("A class", [*head, "packets/s in", "out", "streams out", "memory MB"])
    table.rows.append(
        [
            str(words.people),
            f"{words.tiles} pictures, {words.sounds} sounds",
            f"{mid['server_cores']:.2f}",
            f"{mid['us_per_fwd']:.1f}",
            f"{mid['us_user']:.1f}",
            f"{mid['us_sys']:.1f}",
            f"{median(one['us_per_fwd'] / one['sendto'] for one in said):.2f}",
            f"{mid['loss_pct']:.2f}",
            f"{mid['p50'] / 1000:.2f}",
            f"{mid['p99'] / 1000:.2f}",
            f"{mid['in_pps']:,.0f}",
            f"{mid['fwd_pps']:,.0f}",
            f"{mid['streams']:,.0f}",
            f"{mid['memory']:.0f}",
        ]
    )
    table.notes = [
        f"Rounds: {words.rounds}, medians. Each sends one picture of {words.pps} packets/s of {SIZE:,} B and one sound "
        f"of 50 packets/s of {SOUND} B, all the time; CPU of all the server's processes, receiving included, in cores "
        "and divided by the packets that viewers got. One layer a picture, as pages send it; each page asks for what "
        "it shows, so the other pictures are received and not forwarded."
    ]
    return table
