"""Recording: what it costs to receive, open, tap, hash and keep one stream for a minute."""

import argparse
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import wload
from bench.processes import cpu_seconds
from bench.server import Server
from bench.table import Table
from media import segments
from server.setup_steps import CannotDo

ROUNDS = 1
FIGURES = (70, 300)
"""ms of CPU a stream-minute: the recorder's own, and the whole way."""
_WARM = 4.0
_IDLE = 10.0
_SEGMENT = 10.0
_RATE = 170
"""Packets a second of each stream."""


@dataclass(frozen=True, slots=True)
class Round:
    """ms of CPU a stream-minute: received and dropped; received and recorded. MB and packets a stream-minute, and
    packets that were left out."""

    bare: float
    whole: float
    megabytes: float
    packets: float
    dropped: int


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--streams", type=int, default=20, help="recorded at once, one a room (20)")
    parser.add_argument("--secs", type=float, default=30, help="measured seconds, without and with recording (30)")


def measure(words: argparse.Namespace) -> Table:
    wload.build()
    rounds: list[Round] = []
    for number in range(words.rounds):
        print(f"▸ round {number + 1} of {words.rounds}", file=sys.stderr, flush=True)
        rounds.append(_round(words.streams, words.secs))
    return _table(words, rounds)


def _round(streams: int, secs: float) -> Round:
    """On one server: nothing is sent; the streams come and nobody watches; the same, recorded."""
    with Server() as server:
        lessons = [server.call("POST", "/api/lessons", {"title": f"Bench {n}"}) for n in range(streams)]
        joined = [server.call("POST", f"/api/lessons/{lesson['id']}/join", {}) for lesson in lessons]
        doors = [(one["whip_url"], one["whep_url"], one["grant"]) for one in joined]
        pids = server.processes()
        time.sleep(_WARM)
        idle = _spent(pids, _IDLE)
        sender = threading.Thread(target=_send, args=(doors, pids, 2 * secs + 4 * _WARM + _SEGMENT), daemon=True)
        sender.start()
        time.sleep(2 * _WARM)
        bare = _spent(pids, secs) - idle
        for lesson in lessons:
            server.call("POST", f"/api/rooms/{lesson['room_id']}/recording", {})
        time.sleep(_WARM)
        whole = _spent(pids, secs) - idle
        sender.join()
        kept = list(_headers((server.data / "blobs").rglob("track_*-*")))
    if len({header["track"] for header, _ in kept}) < streams:
        raise CannotDo("not every stream was recorded")
    full = [(header, size) for header, size in kept if not header["final"]]
    minutes = sum(header["ends"] - header["starts"] for header, _ in full) / 60
    return Round(
        bare * 60_000 / streams,
        whole * 60_000 / streams,
        sum(size for _, size in full) / 1e6 / minutes,
        sum(header["packets"] for header, _ in full) / minutes,
        sum(header["dropped"] for header, _ in kept),
    )


def _spent(pids: list[int], secs: float) -> float:
    """Seconds of CPU a second."""
    before, began = cpu_seconds(pids), time.monotonic()
    time.sleep(secs)
    return (cpu_seconds(pids) - before) / (time.monotonic() - began)


def _headers(files: Iterable[Path]) -> Iterator[tuple[dict[str, Any], int]]:
    for file in files:
        with suppress(segments.Unfit):
            data = file.read_bytes()
            yield segments.read_header(data)[0], len(data)


def _send(doors: list[tuple[str, str, str]], pids: list[int], secs: float) -> None:
    with suppress(CannotDo, ValueError):  # what viewers got is no number where there are none
        wload.run(doors, pids, subs=0, pps=_RATE, burst=3, size=1100, secs=secs)


def _table(words: argparse.Namespace, rounds: list[Round]) -> Table:
    whole, bare = median(one.whole for one in rounds), median(one.bare for one in rounds)
    head = ["streams", "whole way, ms", f"of {FIGURES[1]} ms", "recorder, ms", f"of {FIGURES[0]} ms", "MB", "packets"]
    table = Table("Recording, a stream-minute", head)
    own = median(one.whole - one.bare for one in rounds)
    table.rows.append(
        [
            str(words.streams),
            f"{whole:.0f}",
            f"{whole / FIGURES[1]:.2f}",
            f"{own:.0f}",
            f"{own / FIGURES[0]:.2f}",
            f"{median(one.megabytes for one in rounds):.1f}",
            f"{median(one.packets for one in rounds):,.0f}",
        ]
    )
    table.notes = [
        f"Rounds: {words.rounds} of {words.secs:g} s, medians. Streams of {_RATE} packets/s of 1,100 B (1.5 Mbit/s), "
        "watched by nobody; user and system time of all the server's processes, less what they take when nothing is "
        f"sent, divided by streams and minutes. The recorder's own share: less what the same streams cost on the same "
        f"server before they were recorded ({bare:.0f} ms). Packets left out: {sum(one.dropped for one in rounds)}."
    ]
    return table
