"""Forwarding: what a packet costs, how late it comes and whether, case by case (bench/cases.py), on each wire."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from statistics import median
from typing import Any

from bench.cases import CASES, EXTRAS, SENT, Said
from bench.link import Away
from bench.processes import memory_megabytes, sendto_microseconds
from bench.server import Server
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 3
BRIEF = ("small", "20", "50")
WIRES = {"python": ("python",), "native": ("native",), "both": ("python", "native"), "auto": ("auto",)}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--wire", choices=WIRES, default="auto", help="whose packets; both: by turns (%(default)s)")
    known = f"{','.join(CASES)}; all ({','.join(BRIEF)})"
    parser.add_argument("--cases", type=_cases, default=list(BRIEF), metavar="A,B", help=known)
    parser.add_argument("--secs", type=float, default=8, help="measured seconds a round (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print a list of rows as JSON in place of the table")


def _cases(text: str) -> list[str]:
    names = list(CASES) if text == "all" else text.split(",")
    if unknown := [name for name in names if name not in CASES]:
        raise argparse.ArgumentTypeError(f"no such case: {', '.join(unknown)}")
    return names


def measure(words: argparse.Namespace) -> Table:
    found: dict[tuple[str, str], list[Said]] = {}
    failed: list[str] = []
    with ExitStack() as stack:
        servers = {wire: stack.enter_context(_server(wire)) for wire in WIRES[words.wire]}
        makers = {wire: server.wire() for wire, server in servers.items()}
        for number in range(words.rounds):
            for case in words.cases:
                for wire, server in servers.items():
                    if makers[wire] in CASES[case].wires:
                        print(f"▸ round {number + 1} of {words.rounds}: {case}, {makers[wire]}", file=sys.stderr)
                        try:
                            said = _once(case, wire, server, words.secs)
                        except CannotDo as why:  # the other cases are worth something without it
                            failed.append(f"{case}, {makers[wire]}: {why}")
                        else:
                            found.setdefault((case, makers[wire]), []).append(said)
    table = _table(found, words.rounds)
    table.wrong += failed
    return table


@contextmanager
def _server(wire: str, *options: str, program: str = "server") -> Iterator[Server]:
    environ = {} if wire == "auto" else {"SABAQ_WIRE": wire}
    with Server(*options, program=program, **environ) as server:
        if wire not in ("auto", server.wire()):
            raise CannotDo(f"the server was to take the {wire} wire and took the {server.wire()} one")
        yield server


def _once(name: str, wire: str, server: Server, secs: float) -> Said:
    case, sendto = CASES[name], sendto_microseconds()
    with ExitStack() as stack:
        if case.is_away:
            away = stack.enter_context(closing(Away()))  # before the server, which offers the addresses that there are
            server = stack.enter_context(_server(wire, "--host", "0.0.0.0"))
            said = case.load(server, secs, away)
        else:
            if case.fresh:
                server = stack.enter_context(_server(wire, program=case.program))
            said = case.load(server, secs)
        memory = memory_megabytes(server.processes())
    late = said["lat_us"]
    return said | {
        "p50_ms": late["p50"] / 1000,
        "p99_ms": late["p99"] / 1000,
        "sendto": said["us_per_fwd"] / sendto,
        "memory": memory,
    }


def _table(found: dict[tuple[str, str], list[Said]], rounds: int) -> Table:
    head = ["case", "wire", "viewers", "µs/packet", "of its figure", "user", "system", "× sendto", "lost %", "p50 ms"]
    table = Table("Forwarding", [*head, "p99 ms", "of its figure", "packets/s", "memory MB"])
    for (name, wire), said in found.items():
        case = CASES[name]
        mid = {key: median(one[key] for one in said) for key in said[0] if isinstance(said[0][key], int | float)}
        table.data.append(_row(name, wire, mid))
        table.wrong += [f"{name}, {wire}: {fault}" for fault in case.check(mid)]
        if mid.get("sent_share", 1) < SENT:
            table.wrong.append(
                f"{name}, {wire}: only {mid['sent_share']:.0%} was sent, this machine has no time for it"
            )
        table.rows.append(
            [
                case.title,
                wire,
                f"{mid['subs']:g}",
                f"{mid['us_per_fwd']:.1f}",
                _of(mid["us_per_fwd"], case.figures.get(wire)),
                f"{mid['us_user']:.1f}",
                f"{mid['us_sys']:.1f}",
                f"{mid['sendto']:.2f}",
                f"{mid['loss_pct']:.2f}",
                f"{mid['p50_ms']:.2f}",
                f"{mid['p99_ms']:.2f}",
                _of(mid["p99_ms"], case.p99.get(wire)),
                f"{mid['fwd_pps']:,.0f}",
                f"{mid['memory']:.0f}",
            ]
        )
        beside = [f"{title} {mid[key]:,.4g}" for key, title in EXTRAS.items() if key in mid]
        table.notes += [f"{case.title}, {wire}: {', '.join(beside)}.", ""] if beside else []
    table.notes.append(
        f"Rounds: {rounds}, medians. 1,100 B packets, loopback; CPU of all the server's processes, user and "
        "system, divided by the packets that viewers got; their memory together. × sendto: against one bare "
        "`sendto` from Python here."
    )
    return table


def _of(value: float, figure: float | None) -> str:
    return f"{value / figure:.2f} of {figure:g}" if figure else ""


def _row(name: str, wire: str, mid: dict[str, float]) -> dict[str, Any]:
    """`viewers` in all rooms together, `lost` in per cent; and what only this case says."""
    row = {
        "case": name,
        "wire": wire,
        "viewers": int(mid["subs"]),
        "us_per_packet": round(mid["us_per_fwd"], 2),
        "lost": round(mid["loss_pct"], 3),
        "p50_ms": round(mid["p50_ms"], 3),
        "p99_ms": round(mid["p99_ms"], 3),
    }
    return row | {key: round(mid[key], 3) for key in EXTRAS if key in mid}
