"""Telling many: what one socket event costs the server for each client that hears it, and how late it comes."""

import argparse
import json
import subprocess
import sys
from statistics import median
from typing import Any

from bench.server import free_ports
from bench.table import Table
from server.setup_env import ROOT
from server.setup_steps import CannotDo

ROUNDS = 3
FIGURE = 20.0  # µs of CPU a delivery that Sabaq means to stay below, at 2,000 clients
EVENTS, PAUSE = 20, 0.25
MAKERS = {"plain": "python-socketio as it comes", "ours": "Sabaq"}


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, nargs="+", default=[500, 2000], help="so many clients (500 2000)")


def measure(words: argparse.Namespace) -> Table:
    header = ["", "clients", "CPU µs a delivery", f"of {FIGURE:g} µs", "of python-socketio's", "p50 ms", "p99 ms"]
    table = Table("Fan-out of one event over sockets", header)
    for count in words.clients:
        first = 0.0
        for maker, name in MAKERS.items():
            said = _measure(maker, count, words.rounds)
            cpu, p50, p99 = (median(one[key] for one in said) for key in ("cpu", "p50", "p99"))
            first = first or cpu
            row = [
                name,
                str(count),
                f"{cpu:.1f}",
                f"{cpu / FIGURE:.2f}",
                f"{cpu / first:.2f}",
                f"{p50:.1f}",
                f"{p99:.1f}",
            ]
            table.rows.append(row)
    table.notes = [
        f"Rounds: {words.rounds} of {EVENTS} events, medians. CPU of the server's process, user and system, less what",
        "it takes when nothing is sent. Both on uvloop, the same clients in one other process, whose own turn is in",
        "the delays. p50 and p99: from the event to a client's having it.",
    ]
    return table


def _measure(maker: str, count: int, rounds: int) -> list[dict[str, float]]:
    port = free_ports()[0]
    run = [sys.executable, "-m", "bench.load.fan"]
    print(f"▸ {MAKERS[maker]}, {count} clients", file=sys.stderr, flush=True)
    with (
        _Child([*run, "serve", maker, str(port)]) as server,
        _Child([*run, "clients", str(count), str(port)]) as clients,
    ):
        server.asked(f"send 5 {PAUSE}")  # warm
        clients.asked("report")
        return [_round(server, clients, count) for _ in range(rounds)]


def _round(server: "_Child", clients: "_Child", count: int) -> dict[str, float]:
    spent = server.asked(f"send {EVENTS} {PAUSE}")
    heard = clients.asked("report")
    if heard["count"] != EVENTS * count:
        raise CannotDo(f"{heard['count']} of {EVENTS * count} deliveries came")
    return heard | {"cpu": (spent["cpu"] - spent["idle"]) * 1e6 / heard["count"]}


class _Child:
    """A process that is asked in lines and answers in JSON."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def __enter__(self) -> "_Child":
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        if self._line() != "ready":
            raise CannotDo(f"{' '.join(self._command[2:])} did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def asked(self, words: str) -> Any:
        assert self._process.stdin
        self._process.stdin.write(words + "\n")
        self._process.stdin.flush()
        return json.loads(self._line() or "null")

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()
