"""Joining: what one more WHEP viewer costs the server, from its POST to the end of its DTLS handshake."""

import argparse
import sys
from statistics import median
from typing import Any

from bench.load import wload
from bench.server import Server
from bench.table import Table

ROUNDS = 3
FIGURE = 8.0  # ms of CPU a join that Sabaq means to stay below


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--viewers", type=int, default=100, help="who join one room, one after another (100)")


def measure(words: argparse.Namespace) -> Table:
    said: list[dict[str, Any]] = []
    wload.build()
    with Server() as server:
        doors = server.doors(1)
        for number in range(words.rounds):
            print(f"▸ round {number + 1} of {words.rounds}", file=sys.stderr, flush=True)
            few = {"pps": 10, "burst": 1, "secs": 1, "warm": 0.5}  # so little media that its CPU hardly counts
            said.append(wload.run(doors, server.processes(), subs=words.viewers, **few))
    cpu, wall = (median(one[key] for one in said) for key in ("join_cpu_ms", "setup_ms_per_sub"))
    table = Table("Joining", ["viewers", "CPU ms a join", f"of {FIGURE:g} ms", "wall ms a join", "joins/s one by one"])
    table.rows = [[str(words.viewers), f"{cpu:.2f}", f"{cpu / FIGURE:.2f}", f"{wall:.1f}", f"{1000 / wall:.0f}"]]
    table.notes = [f"Rounds: {words.rounds}, medians. CPU of all the server's processes, user and system."]
    return table
