"""Watching a recording of two hours in Chromium: until it plays, and until it plays elsewhere."""

import argparse
import asyncio
import os
import shutil
import sys
import time
from statistics import median
from typing import Any

from bench.first_frame import FLAGS
from bench.server import PASSWORD, Server
from bench.table import Table
from server.setup_env import ROOT, SetUp

ROUNDS = 3
START, SEEK = 1500.0, 500.0
"""ms that Sabaq means to stay below."""
PLACES = (3600, 650, 6900, 1234, 5400, 2)
OPENED = "() => document.querySelector('[data-picture] video')?.readyState >= 2"
PLAY = """() => new Promise(resolve => {
  const began = performance.now()
  const plays = ({at, runs, waiting, parts}) => runs && !waiting && at > 0 && parts.every(part => !part.paused)
  const look = () => plays(sabaqPlayback.told()) ? resolve(performance.now() - began) : setTimeout(look, 5)
  document.querySelector('[aria-keyshortcuts="K"]').click()
  look()
})"""
JUMP = """to => new Promise((resolve, reject) => {
  const line = document.querySelector('input[data-line]')
  const began = performance.now()
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(line, to)
  line.dispatchEvent(new Event('input', {bubbles: true}))
  const look = () => {
    const {at, wanted, runs, waiting, parts} = sabaqPlayback.told()
    const there = Math.abs(at - to) < 3 && !waiting && runs === wanted
    if (there && parts.every(part => Math.abs(part.at - part.wanted) < 0.3)) resolve(performance.now() - began)
    else if (performance.now() - began > 20_000) reject(new Error(JSON.stringify(sabaqPlayback.told())))
    else setTimeout(look, 5)
  }
  setTimeout(look, 5)
})"""
LOG_IN = """async ([login, password]) => {
  const headers = {'Content-Type': 'application/json', 'X-Sabaq': '1'}
  const answer = await fetch('/api/log-in', {method: 'POST', headers, body: JSON.stringify({login, password})})
  if (!answer.ok) throw new Error(await answer.text())
}"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    from playwright.sync_api import sync_playwright

    if not shutil.which(words.chromium):
        SetUp(ROOT).debian("chromium", "fonts-dejavu-core", why="the recording is one that Chromium plays")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    opened: list[float] = []
    started: list[float] = []
    sought: list[float] = []
    with Server() as server:
        recording = _recorded(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=words.chromium, args=FLAGS)
            for number in range(words.rounds):
                page = _page(browser, server)
                opened.append(_open(page, f"{server.base}/recordings/{recording}"))
                started.append(page.evaluate(PLAY))
                sought += [page.evaluate(JUMP, place) for place in PLACES]
                told = f"{opened[-1]:.0f}, {started[-1]:.0f}, {median(sought[-len(PLACES) :]):.0f} ms"
                print(f"▸ round {number + 1} of {words.rounds}: {told}", file=sys.stderr, flush=True)
                page.context.close()
            browser.close()
    return _table(words.rounds, opened, started, sought)


def _recorded(server: Server) -> str:
    from tests.support.recorded import long_recording

    lesson = server.call("POST", "/api/lessons", {"title": "Bench"})
    made = long_recording(server.data, lesson, server.call("GET", "/api/me"))
    return asyncio.run(made).id


def _page(browser: Any, server: Server) -> Any:
    page = browser.new_context().new_page()
    page.goto(f"{server.base}/log-in")
    page.evaluate(LOG_IN, ["teacher", PASSWORD])
    return page


def _open(page: Any, url: str) -> float:
    """ms from asking for the page to the first picture, nothing of it cached."""
    began = time.monotonic()
    page.goto(url)
    page.wait_for_function(OPENED, polling=5)
    return (time.monotonic() - began) * 1000


def _table(rounds: int, opened: list[float], started: list[float], sought: list[float]) -> Table:
    table = Table("Watching a recording of two hours", ["", "ms", "figure", "of it", "least", "most"])
    whole = [a + b for a, b in zip(opened, started, strict=True)]
    for name, found, figure in (
        ("page → its first picture", opened, None),
        ("“play” → everything plays", started, START),
        ("both together", whole, START),
        ("jump → everything plays there", sought, SEEK),
    ):
        of = [f"≤ {figure:g}", f"{median(found) / figure:.2f}"] if figure else ["", ""]
        table.rows.append([name, f"{median(found):.0f}", *of, f"{min(found):.0f}", f"{max(found):.0f}"])
    table.notes = [
        f"Rounds: {rounds}, medians; {len(PLACES)} jumps in each while it plays. Thirty voices, three cameras and a "
        "screen, of which the page plays what is seen and the three that are heard. Chromium beside the server."
    ]
    return table
