"""Recording: what it costs to receive, open, tap, hash and keep one stream for a minute."""

import argparse
import sys
import threading
import time
from contextlib import suppress
from statistics import median

from bench.load import wload
from bench.processes import cpu_seconds
from bench.server import Server
from bench.table import Table
from server.setup_steps import CannotDo

ROUNDS = 1
FIGURES = (70, 300)
"""ms of CPU a stream-minute: the recorder's own, and the whole way."""
_WARM = 4.0


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--streams", type=int, default=20, help="recorded at once, one a room (20)")
    parser.add_argument("--secs", type=float, default=40, help="measured seconds a round (40)")


def measure(words: argparse.Namespace) -> Table:
    wload.build()
    off: list[float] = []
    on: list[tuple[float, float]] = []
    for number in range(words.rounds):
        print(f"▸ round {number + 1} of {words.rounds}", file=sys.stderr, flush=True)
        off.append(_once(words, recorded=False)[0])
        on.append(_once(words, recorded=True))
    return _table(words, off, on)


def _once(words: argparse.Namespace, *, recorded: bool) -> tuple[float, float]:
    """ms of CPU and megabytes a stream-minute, of streams that nobody watches."""
    with Server() as server:
        lessons = [server.call("POST", "/api/lessons", {"title": f"Bench {n}"}) for n in range(words.streams)]
        if recorded:
            for lesson in lessons:
                server.call("POST", f"/api/rooms/{lesson['room_id']}/recording", {})
        joined = [server.call("POST", f"/api/lessons/{lesson['id']}/join", {}) for lesson in lessons]
        doors = [(one["whip_url"], one["whep_url"], one["grant"]) for one in joined]
        pids = server.processes()
        secs = words.secs + 2 * _WARM
        sender = threading.Thread(target=_send, args=(doors, pids, secs), daemon=True)
        sender.start()
        time.sleep(_WARM)
        before, began = cpu_seconds(pids), time.monotonic()
        time.sleep(words.secs)
        spent, took = cpu_seconds(pids) - before, time.monotonic() - began
        kept = sum(file.stat().st_size for file in (server.data / "blobs").rglob("*-*") if file.is_file())
        sender.join()
        if recorded and not kept:
            raise CannotDo("nothing was recorded")
        minutes = words.streams * took / 60
        return spent * 1000 / minutes, kept / 1e6 / (words.streams * _whole_segments(took) / 60)


def _whole_segments(seconds: float) -> float:
    """Of so many seconds of sending so many are in whole segments."""
    return max(10.0, (seconds + _WARM) // 10 * 10)


def _send(doors: list[tuple[str, str, str]], pids: list[int], secs: float) -> None:
    with suppress(CannotDo, ValueError):  # what viewers got is no number where there are none
        wload.run(doors, pids, subs=0, pps=170, burst=3, size=1100, secs=secs)


def _table(words: argparse.Namespace, off: list[float], on: list[tuple[float, float]]) -> Table:
    whole, bare = median(one[0] for one in on), median(off)
    head = ["streams", "whole way, ms", f"of {FIGURES[1]} ms", "recorder, ms", f"of {FIGURES[0]} ms", "MB"]
    table = Table("Recording, a stream-minute", head)
    own = whole - bare
    table.rows.append(
        [
            str(words.streams),
            f"{whole:.0f}",
            f"{whole / FIGURES[1]:.2f}",
            f"{own:.0f}",
            f"{own / FIGURES[0]:.2f}",
            f"{median(one[1] for one in on):.1f}",
        ]
    )
    table.notes = [
        f"Rounds: {words.rounds}, medians. Streams of 170 packets/s of 1,100 B (1.5 Mbit/s), watched by nobody; user "
        "and system time of all the server's processes, divided by streams and minutes. The recorder's own share: "
        f"less what the same streams cost unrecorded ({bare:.0f} ms)."
    ]
    return table
