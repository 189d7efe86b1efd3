"""The list of benchmarks, and the options they share."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from bench import (
    answers,
    bad_line,
    board,
    classroom,
    fanout,
    first_frame,
    http,
    importing,
    join,
    lesson,
    lighthouse,
    login,
    nine,
    playback,
    record,
    sfu,
    start,
    takeover,
)
from bench.peers import beside
from bench.table import Table
from server.setup_steps import CannotDo


@dataclass(frozen=True, slots=True)
class Bench:
    """What it measures, and the module with its `options` and `measure`."""

    title: str
    module: ModuleType


BENCHES = {
    "sfu": Bench("CPU of forwarding one packet, its delay and loss: one room of many viewers, many small rooms", sfu),
    "peers": Bench("the same load on ours and on Janus, Pion and LiveKit, by turns in one run", beside),
    "class": Bench("a class of thirty, nine pictures and five sounds each: CPU, loss and delay", classroom),
    "join": Bench("CPU of one WHEP viewer joining", join),
    "line": Bench("sound and picture over a line that loses, or narrows and widens again, in Chromium", bad_line),
    "first-frame": Bench("time from pressing enter to the first decoded frame, in Chromium", first_frame),
    "record": Bench("CPU and bytes of recording one stream for a minute, and of the whole way", record),
    "lesson": Bench("a lesson of two hours of thirty, recorded, killed twice, finished and fetched whole", lesson),
    "playback": Bench("watching a recording of two hours: until it plays, and until it plays elsewhere", playback),
    "fanout": Bench(
        "CPU of telling one socket event to one client of many, against python-socketio as it comes", fanout
    ),
    "board": Bench("a stroke on the whiteboard of a class: how late the others have it, and its CPU", board),
    "http": Bench("CPU of a list page and of a write over HTTP, on SQLite and on PostgreSQL", http),
    "import": Bench("ten thousand questions into the bank of a running server: GIFT, Moodle XML, QTI", importing),
    "answers": Bench(
        "an exam: CPU of an answer and how soon it is acknowledged, while learners save and beat, after all began",
        answers,
    ),
    "login": Bench("a thousand log-ins in a minute, and how long a live server is held up by them", login),
    "lighthouse": Bench("Lighthouse's scores of home, lesson and playback, desktop and mobile", lighthouse),
    "nine": Bench("nine tiles of thirty people in Chromium: CPU of our page against that of a bare one", nine),
    "takeover": Bench("silence of a call in Chromium when one of two servers is killed or replaced", takeover),
    "start": Bench("time from the command to a served page: fresh clone with empty caches, and warm", start),
}


def main(argv: list[str]) -> int:
    """Exit code: 0, or 1 when the benchmark could not run, or found what must not be."""
    parser = argparse.ArgumentParser(prog="python3 -m bench", description="Benchmarks; each prints a table.")
    verbs = parser.add_subparsers(metavar="name")
    for name, bench in BENCHES.items():
        verb = verbs.add_parser(name, help=bench.title, description=bench.title)
        verb.add_argument("--rounds", type=int, default=bench.module.ROUNDS, help="medians of so many (%(default)s)")
        verb.add_argument("--markdown", action="store_true", help="print the table as Markdown")
        bench.module.options(verb)
        verb.set_defaults(measure=bench.module.measure)
    words = parser.parse_args(argv)
    if not argv:
        parser.print_help()
        return 0
    return _run(words.measure, words)


def _run(measure: Callable[[argparse.Namespace], Table], words: argparse.Namespace) -> int:
    try:
        table = measure(words)
    except CannotDo as why:
        print(f"✗ {why}", file=sys.stderr)
        return 1
    if getattr(words, "json", False):
        print(json.dumps(table.data))
    else:
        print(table.markdown() if words.markdown else table.plain())
    for fault in table.wrong:
        print(f"✗ {fault}", file=sys.stderr)
    return 1 if table.wrong else 0
