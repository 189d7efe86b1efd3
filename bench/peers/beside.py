"""Ours and others, by turns, under the same load in one run: only ratios of one run are worth anything."""

import argparse
import sys
from contextlib import ExitStack, nullcontext
from itertools import product
from statistics import median
from typing import Any

from bench.load import wload
from bench.peers.start import PEERS, Load, alone, ours
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 3
SHAPES: dict[str, dict[str, float]] = {
    "50": {"rooms": 1, "subs": 50, "pps": 1000, "burst": 5},
    "20": {"rooms": 1, "subs": 20, "pps": 1000, "burst": 5},
    "small": {"rooms": 20, "subs": 5, "pps": 170, "burst": 3},
}
TITLES = {"50": "1 → 50, 1,000 packets/s", "20": "1 → 20, the same", "small": "20 rooms of 1 → 5, 170 packets/s"}


def options(parser: argparse.ArgumentParser) -> None:
    names = lambda text: text.split(",")  # noqa: E731
    parser.add_argument("--peers", type=names, default=list(PEERS), help=f"which of {','.join(PEERS)} (all)")
    parser.add_argument("--wires", type=names, default=["auto"], help="of ours: auto, or python,native (auto)")
    parser.add_argument("--cases", type=names, default=list(SHAPES), help=f"which of {','.join(SHAPES)} (all)")
    parser.add_argument("--secs", type=float, default=5, help="measured seconds a round (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    wload.build()
    programs, missing = {}, []
    for name in words.peers:
        try:
            programs[name] = PEERS[name].fetch()
        except CannotDo as why:
            missing.append(f"Without {PEERS[name].title}: {why}")
            print(f"✗ {missing[-1]}", file=sys.stderr)
    alone()
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        own = {wire: stack.enter_context(ours(wire)) for wire in words.wires}
        for number in range(words.rounds):
            for case, name in product(words.cases, [*own, *programs]):
                with nullcontext(own[name]) if name in own else PEERS[name].start(programs[name]) as load:
                    said = _once(load, case, words.secs)
                found.setdefault((case, name), []).append(said)
                told = f"{said['us_per_fwd']:.1f} µs a packet, {said['loss_pct']:.2f} % lost"
                print(f"▸ round {number + 1} of {words.rounds}: {case}, {name}: {told}", file=sys.stderr, flush=True)
    return _table(found, words, missing)


def _once(load: Load, case: str, secs: float) -> dict[str, Any]:
    shape = dict(SHAPES[case])
    said = load(int(shape.pop("rooms")), size=1100, secs=secs, **shape)
    return said | {
        "p50": said["lat_us"]["p50"] / 1000,
        "p99": said["lat_us"]["p99"] / 1000,
        "memory": said["rss_kb"][2] / 1024,
    }


def _table(found: dict[tuple[str, str], list[dict[str, Any]]], words: argparse.Namespace, missing: list[str]) -> Table:
    table = Table("Beside others", ["case", "server", "µs/packet", "× ours", "lost %", "p50 ms", "p99 ms", "memory MB"])
    for case in words.cases:
        own = min(_mid(found[case, wire], "us_per_fwd") for wire in words.wires)
        for name in [*words.wires, *(name for name in PEERS if (case, name) in found)]:
            said = found[case, name]
            table.rows.append(
                [
                    TITLES[case],
                    PEERS[name].title if name in PEERS else f"Sabaq, {name}",
                    f"{_mid(said, 'us_per_fwd'):.1f}",
                    f"{_mid(said, 'us_per_fwd') / own:.2f}",
                    f"{_mid(said, 'loss_pct'):.2f}",
                    f"{_mid(said, 'p50'):.2f}",
                    f"{_mid(said, 'p99'):.2f}",
                    f"{_mid(said, 'memory'):.0f}",
                ]
            )
    table.notes = [
        f"Rounds: {words.rounds}, by turns, medians; others are started anew each time. User and system time of the "
        "process that moves packets, and for ours of all the server's, divided by the packets that viewers got; what "
        "they hold in memory.",
        *missing,
    ]
    return table


def _mid(said: list[dict[str, Any]], key: str) -> float:
    return median(one[key] for one in said)
