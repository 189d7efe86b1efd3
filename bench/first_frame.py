"""A person's wait: from pressing "enter" to the first decoded frame of somebody else, in a real Chromium."""

import argparse
import os
import shutil
import sys
from statistics import median
from typing import Any

from bench.server import PASSWORD, Server
from bench.table import Table
from server.setup_env import ROOT, SetUp

ROUNDS = 5
FIGURE = 1000.0  # ms that Sabaq means to stay below
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
LOG_IN = """async ([login, password]) => {
  const headers = {'Content-Type': 'application/json', 'X-Sabaq': '1'}
  const answer = await fetch('/api/log-in', {method: 'POST', headers, body: JSON.stringify({login, password})})
  if (!answer.ok) throw new Error(await answer.text())
}"""
PRESS = """() => new Promise(resolve => {
  const others = () => [...document.querySelectorAll('video[data-publication]')].filter(v => !v.style.transform)
  const look = () => others().some(v => v.getVideoPlaybackQuality().totalVideoFrames > 0)
    ? resolve(performance.now() - pressed) : requestAnimationFrame(look)
  const pressed = performance.now()
  document.querySelector('[data-enter]').click()
  look()
})"""


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (%(default)s)")


def measure(words: argparse.Namespace) -> Table:
    from playwright.sync_api import sync_playwright

    if not shutil.which(words.chromium):
        SetUp(ROOT).debian("chromium", "fonts-dejavu-core", why="the first frame is one that Chromium shows")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    waits: list[float] = []
    with Server() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=words.chromium, args=FLAGS)
        lesson = server.call("POST", "/api/lessons", {"title": "Bench"})["id"]
        teacher = _before(browser, server, "teacher", lesson)
        teacher.click("[data-enter]")
        teacher.wait_for_selector('[data-room="in"]')
        for number in range(words.rounds):
            page = _before(browser, server, f"student{number % 25 + 1}", lesson)
            waits.append(page.evaluate(PRESS))
            print(f"▸ round {number + 1} of {words.rounds}: {waits[-1]:.0f} ms", file=sys.stderr, flush=True)
            page.context.close()
        browser.close()
    wait = median(waits)
    table = Table("First frame", ["", "ms", f"of {FIGURE:g} ms", "least", "most"])
    table.rows = [["enter → frame", f"{wait:.0f}", f"{wait / FIGURE:.2f}", f"{min(waits):.0f}", f"{max(waits):.0f}"]]
    table.notes = [f"Rounds: {words.rounds}, median. Two pages of one Chromium beside the server, fake cameras on."]
    return table


def _before(browser: Any, server: Server, login: str, lesson: str) -> Any:
    """A page of this person's, before the lesson, its own camera showing."""
    context = browser.new_context(permissions=["camera", "microphone"])
    page = context.new_page()
    page.goto(f"{server.base}/log-in")
    page.evaluate(LOG_IN, [login, PASSWORD])
    page.goto(f"{server.base}/lessons/{lesson}")
    page.wait_for_selector("[data-enter]")
    page.wait_for_function("[...document.querySelectorAll('video')].some(v => v.videoWidth > 0)")
    return page
