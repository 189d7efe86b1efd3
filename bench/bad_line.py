"""Sound and picture over a line that loses, or narrows and widens again: two Chromiums, one of them behind it."""

import argparse
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.first_frame import FLAGS, before
from bench.link import Away
from bench.server import Server
from bench.sfu import WIRES
from bench.table import Table
from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

ROUNDS = 1
EVERY = 0.1
"""Seconds between two looks at the link and at the pages."""
SETTLED = 15.0
"""Until a call has found out what its line carries, and the page has set itself to its loss."""
LONG = "delay=75"
BAD = 300_000
WIDE, NARROW = (f"delay=20,queue=500,rate={rate}" for rate in (2_000_000, BAD))
NARROW_SECS, AFTER_SECS = 30.0, 20.0
LEAST_GAP = 0.060
"""Seconds of concealed sound in one piece that are heard as a gap."""
KEEP = """(() => {
  const Real = RTCPeerConnection
  window.peers = []
  window.RTCPeerConnection = class extends Real {
    constructor(...words) { super(...words); window.peers.push(this) }
  }
})()"""
LOOK = """async () => {
  const told = {}
  for (const peer of window.peers.filter(one => one.connectionState === 'connected'))
    for (const [, one] of await peer.getStats())
      if (one.type === 'inbound-rtp') told[one.kind] = one
      else if (one.type === 'outbound-rtp') (told.sent ??= []).push(one)
  return told
}"""
Json = dict[str, Any]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (%(default)s)")
    parser.add_argument("--wire", choices=WIRES, default="auto", help="whose packets; both: by turns (%(default)s)")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES), help=",".join(CASES))
    parser.add_argument("--secs", type=float, default=300, help="of loss (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print a list of rows as JSON in place of the table")


def measure(words: argparse.Namespace) -> Table:
    if not shutil.which(words.chromium):
        SetUp(ROOT).debian("chromium", "fonts-dejavu-core", why="sound and picture are Chromium's")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    table = Table("Bad lines", ["case", "wire", "what", "found", "figure"])
    for case in words.cases:
        for wire in WIRES[words.wire]:
            rounds, maker = list[dict[str, float]](), wire
            for number in range(words.rounds):
                print(f"▸ round {number + 1} of {words.rounds}: {case}, {wire}", file=sys.stderr, flush=True)
                with _call(words.chromium, wire, CASES[case].line) as call:
                    rounds.append(CASES[case].watch(call, words.secs))
                    maker = call.server.wire()
                print(f"▸ {json.dumps(rounds[-1])}", file=sys.stderr, flush=True)
            _add(table, case, maker, {key: median(one[key] for one in rounds) for key in rounds[0]})
    table.notes = [
        f"Rounds: {words.rounds}, medians. Two people in a lesson, each a Chromium with a fake camera and microphone; "
        "the pupil's is behind `bench/link.py`, and what is told is the teacher's sound and picture there."
    ]
    return table


class Call:
    """A lesson of two; `pupil` behind the link `away`."""

    def __init__(self, server: Server, away: Away, teacher: Any, pupil: Any) -> None:
        self.server, self.away, self.teacher, self.pupil = server, away, teacher, pupil

    def now(self) -> Json:
        """What has come to the pupil so far, what the teacher sent, and what the wire thinks of the line."""
        came, went = self.pupil.evaluate(LOOK), self.teacher.evaluate(LOOK)
        if "video" not in came or "audio" not in came:
            raise CannotDo("the pupil lost the call")
        pictures = [one for one in went.get("sent", []) if one["kind"] == "video"]
        return {
            "at": time.monotonic(),
            "sound": came["audio"],
            "picture": came["video"],
            "sent": max((one.get("framesSent", 0) for one in pictures), default=0),
            "keys": sum(one.get("keyFramesEncoded", 0) for one in pictures),
        }

    def line(self) -> Json | None:
        """What the wire says of the pupil's line."""
        lines = [each["line"] for plane in self.server.planes() for each in plane["transports"].values()]
        return min((line for line in lines if line), key=lambda line: line["estimate"], default=None)


@contextmanager
def _call(chromium: str, wire: str, line: str) -> Iterator[Call]:
    from playwright.sync_api import sync_playwright

    environ = {} if wire == "auto" else {"SABAQ_WIRE": wire}
    with ExitStack() as stack:
        away = stack.enter_context(closing(Away()))  # before the server, which offers the addresses that there are
        away.spoil(line)
        folder = stack.enter_context(TemporaryDirectory(prefix="sabaq-line-"))
        server = stack.enter_context(Server("--host", "0.0.0.0", **environ))
        playwright = stack.enter_context(sync_playwright())
        outside = f"http://{away.here}:{server.port}"
        flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={outside}"]
        programs = (chromium, str(away.program(Path(folder) / "chromium", chromium)))
        near, far = (playwright.chromium.launch(executable_path=one, args=flags) for one in programs)
        lesson = server.call("POST", "/api/lessons", {"title": "Line"})["id"]
        teacher = before(near, server, "teacher", lesson, KEEP)
        pupil = before(far, server, "student1", lesson, KEEP, outside)
        for page in (teacher, pupil):
            page.click("[data-enter]")
            page.wait_for_selector('[data-room="in"]')
        _wait(lambda: (seen := pupil.evaluate(LOOK)).get("audio") and _frames(seen.get("video", {})))
        time.sleep(SETTLED)
        yield Call(server, away, teacher, pupil)
        near.close()
        far.close()


def _wait(what: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise CannotDo("no sound and picture came")
        time.sleep(EVERY)


def _frames(picture: Json) -> int:
    return picture.get("framesDecoded", 0) - picture.get("framesDropped", 0)


def _loss(call: Call, secs: float) -> dict[str, float]:
    """10 % of the packets, 150 ms there and back; measured from when the page has set itself to it."""
    call.away.spoil(f"{LONG},loss=10")
    time.sleep(SETTLED)
    first = last = call.now()
    gaps, longest = 0, 0.0
    while last["at"] < first["at"] + secs:
        time.sleep(EVERY)
        now = call.now()
        gap = _gap(last["sound"], now["sound"])
        gaps += gap > LEAST_GAP
        longest = max(longest, gap)
        last = now
    minutes = (last["at"] - first["at"]) / 60
    grown = lambda kind, key: last[kind].get(key, 0) - first[kind].get(key, 0)  # noqa: E731
    sent = last["sent"] - first["sent"]
    return {
        "concealed_pct": 100 * grown("sound", "concealedSamples") / max(1, grown("sound", "totalSamplesReceived")),
        "gaps": gaps * 5 / minutes,
        "longest_gap_ms": longest * 1000,
        "shown_pct": 100 * (_frames(last["picture"]) - _frames(first["picture"])) / max(1, sent),
        "freezes": grown("picture", "freezeCount") / minutes,
        "frozen_s": grown("picture", "totalFreezesDuration") / minutes,
        "resent": grown("picture", "retransmittedPacketsReceived") + grown("sound", "retransmittedPacketsReceived"),
        "asked": grown("picture", "nackCount"),
    }


def _gap(before: Json, now: Json) -> float:
    """Seconds of what was concealed between two looks, of each piece."""
    pieces = now.get("concealmentEvents", 0) - before.get("concealmentEvents", 0)
    return (now.get("concealedSamples", 0) - before.get("concealedSamples", 0)) / 48_000 / max(1, pieces)


def _falling(call: Call, _: float) -> dict[str, float]:
    """2 Mbit/s, for half a minute 300 kbit/s, and again 2 Mbit/s; a queue of 500 ms, 40 ms there and back."""
    full = call.now()
    call.away.counts()
    call.away.spoil(NARROW, WIDE)
    fall = _watched(call, NARROW_SECS)
    call.away.spoil(WIDE)
    rise = _watched(call, AFTER_SECS)
    height = full["picture"].get("frameHeight", 0)
    begin, last = fall[0]["at"], rise[-1]
    smaller = lambda one: one["picture"].get("frameHeight", 0) < height and one["moves"]  # noqa: E731
    again = lambda one: one["picture"].get("frameHeight", 0) >= height and one["moves"]  # noqa: E731
    return {
        "estimate_s": _first(fall, lambda one: one["line"] and one["line"]["estimate"] <= 1.2 * BAD),
        "queue_s": _since(fall, lambda one: one["queue_ms"] < 100),
        "smaller_s": _first(fall, smaller),
        "still_s": _longest_still(fall),
        "concealed_s": (last["sound"]["concealedSamples"] - full["sound"]["concealedSamples"]) / 48_000,
        "keyframes": last["keys"] - full["keys"],
        "full_s": _first(rise, again),
        "height": height,
        "least_height": min(one["picture"].get("frameHeight", 0) for one in fall),
        "narrow_s": last["at"] - begin,
    }


def _watched(call: Call, secs: float) -> list[Json]:
    looks: list[Json] = [call.now() | {"queue_ms": 0.0, "line": call.line(), "moves": False}]
    while looks[-1]["at"] < looks[0]["at"] + secs:
        time.sleep(EVERY)
        now = call.now()
        moves = _frames(now["picture"]) > _frames(looks[-1]["picture"])
        looks.append(now | {"queue_ms": call.away.counts()["ab"]["max_queue_ms"], "line": call.line(), "moves": moves})
    return looks


def _first(looks: list[Json], is_so: Callable[[Json], object]) -> float:
    """Seconds until it was so; of all of them when it never was."""
    return next((one["at"] for one in looks if is_so(one)), looks[-1]["at"]) - looks[0]["at"]


def _since(looks: list[Json], is_so: Callable[[Json], object]) -> float:
    """Seconds until it was so for three seconds and more."""
    wrong = looks[0]["at"]
    for one in looks:
        if not is_so(one):
            wrong = one["at"]
        elif one["at"] - wrong > 3:
            break
    return wrong - looks[0]["at"]


def _longest_still(looks: list[Json]) -> float:
    moved, longest = looks[0]["at"], 0.0
    for one in looks:
        longest = max(longest, one["at"] - moved)
        if one["moves"]:
            moved = one["at"]
    return longest


@dataclass(frozen=True, slots=True)
class Case:
    """`line`: as it is when the call begins, the same there and back."""

    line: str
    watch: Callable[[Call, float], dict[str, float]]


CASES = {"loss": Case(LONG, _loss), "falling": Case(WIDE, _falling)}
WORDS: dict[str, tuple[str, float | None]] = {
    "concealed_pct": ("% of the sound concealed", 1),
    "gaps": ("gaps over 60 ms in five minutes", 1),
    "longest_gap_ms": ("ms of the longest gap", None),
    "shown_pct": ("% of the frames sent are shown", -95),
    "freezes": ("freezes a minute", 3),
    "frozen_s": ("s frozen a minute", None),
    "resent": ("packets that came again", None),
    "asked": ("NACKs", None),
    "estimate_s": ("s until the estimate is there", 2),
    "queue_s": ("s until the queue stays under 100 ms", 2.5),
    "smaller_s": ("s until a smaller picture moves", 2.5),
    "still_s": ("s without a new picture, at most", 2.5),
    "concealed_s": ("s of sound concealed in all", 1.5),
    "keyframes": ("keyframes of the sender", None),
    "full_s": ("s until the full picture is back", 6),
    "height": ("lines of the full picture", None),
    "least_height": ("lines of the smallest", None),
    "narrow_s": ("s measured", None),
}
"""Titles, and what they should be at most; a negative one: at least."""


def _add(table: Table, case: str, wire: str, said: dict[str, float]) -> None:
    for key, value in said.items():
        title, figure = WORDS[key]
        meant = "" if figure is None else f"≤ {figure:g}" if figure > 0 else f"≥ {-figure:g}"
        table.rows.append([case, wire, title, f"{value:.4g}", meant])
    table.data.append({"case": case, "wire": wire, **{key: round(value, 3) for key, value in said.items()}})
