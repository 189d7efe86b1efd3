"""A call through two servers: for how long it falls silent when the one that holds its room is killed or replaced."""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.table import Table
from server.setup_env import ROOT, SetUp

if TYPE_CHECKING:
    from tests.cluster.calls import Call

ROUNDS = 5
TAKEOVER, UPDATE = 5.0, 3.0  # seconds that Sabaq means to stay below

Round = tuple[float | None, float, float]
"""Seconds until another server had the room (None: it was handed over), and of silence and of a still picture."""


def options(_: argparse.ArgumentParser) -> None: ...


def measure(words: argparse.Namespace) -> Table:
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    killed, replaced = asyncio.run(_measure(words.rounds))
    table = Table("Taking over a call", ["the room's server", "", "seconds", "figure", "of it", "least", "most"])
    taken = [taken for taken, _, _ in killed if taken is not None]
    table.rows = [
        _row("killed by `kill -9`", "room taken over", taken, TAKEOVER),
        _row("killed by `kill -9`", "no sound", [sound for _, sound, _ in killed]),
        _row("killed by `kill -9`", "no new picture", [picture for *_, picture in killed]),
        _row("ended by SIGTERM", "no sound", [sound for _, sound, _ in replaced], UPDATE),
        _row("ended by SIGTERM", "no new picture", [picture for *_, picture in replaced]),
    ]
    table.notes = [
        f"Rounds: {words.rounds} of each, medians. Two servers on PostgreSQL and Redis behind one address, a teacher",
        "and a pupil in Chromium, one at each server; the longest gap that either had, of sound that is never silent.",
    ]
    return table


async def _measure(rounds: int) -> tuple[list[Round], list[Round]]:
    from tests.cluster.calls import a_call
    from tests.cluster.pair import Pair
    from tests.support.postgres import a_database
    from tests.support.redis import a_redis

    with tempfile.TemporaryDirectory(prefix="sabaq-bench-") as scratch, a_redis() as redis, a_database() as url:
        pair = Pair(Path(scratch), url, redis.url)
        try:
            await pair.start()
            async with a_call(pair) as call:
                killed = [await _round(call, signal.SIGKILL) for _ in range(rounds)]
                replaced = [await _round(call, signal.SIGTERM) for _ in range(rounds)]
        finally:
            await pair.stop()
    return killed, replaced


async def _round(call: "Call", number: signal.Signals) -> Round:
    """The room's server is sent a signal, and started again when the call stands at the other."""
    from tests.cluster.pair import aside

    owner = call.owner()
    assert owner
    began = time.time()
    ended = asyncio.ensure_future(aside(lambda: owner.end(number, 15.0)))
    taken = await call.taken_over(owner) - began if number == signal.SIGKILL else None
    await ended
    gaps = await call.gaps(began)
    print(f"▸ {number.name}: taken over {taken}, silent {gaps.sound:.2f} s", file=sys.stderr, flush=True)
    await aside(owner.start)
    return taken, gaps.sound, gaps.picture


def _row(how: str, what: str, seconds: list[float], figure: float | None = None) -> list[str]:
    middle = median(seconds)
    of = [f"≤ {figure:g}", f"{middle / figure:.2f}"] if figure else ["", ""]
    return [how, what, f"{middle:.2f}", *of, f"{min(seconds):.2f}", f"{max(seconds):.2f}"]
