"""A person's wait: from pressing "enter" to the first decoded frame of somebody else, in a real Chromium."""

import argparse
import os
import shutil
import sys
import time
from statistics import median
from typing import Any

from bench.server import PASSWORD, Server
from bench.table import Table
from server.http import COOKIE
from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

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
        teacher = before(browser, server, "teacher", lesson)
        teacher.click("[data-enter]")
        teacher.wait_for_selector('[data-room="in"]')
        for number in range(words.rounds):
            page = before(browser, server, f"student{number % 25 + 1}", lesson)
            waits.append(page.evaluate(PRESS))
            print(f"▸ round {number + 1} of {words.rounds}: {waits[-1]:.0f} ms", file=sys.stderr, flush=True)
            page.context.close()
        browser.close()
    wait = median(waits)
    table = Table("First frame", ["", "ms", f"of {FIGURE:g} ms", "least", "most"])
    table.rows = [["enter → frame", f"{wait:.0f}", f"{wait / FIGURE:.2f}", f"{min(waits):.0f}", f"{max(waits):.0f}"]]
    table.notes = [f"Rounds: {words.rounds}, median. Two pages of one Chromium beside the server, fake cameras on."]
    return table


def before(browser: Any, server: Server, login: str, lesson: str, script: str = "", base: str = "") -> Any:
    """A page of this person's, before the lesson, its own camera showing; `script` is run before the page's own, and
    `base` is the server's address from there, where it is another."""
    token = server.call("POST", "/api/log-in", {"login": login, "password": PASSWORD})["token"]
    base = base or server.base
    context = browser.new_context(permissions=["camera", "microphone"])
    context.add_cookies([{"name": COOKIE, "value": token, "url": base, "httpOnly": True}])
    page = context.new_page()
    if script:
        page.add_init_script(script)
    page.goto(f"{base}/lessons/{lesson}")
    page.wait_for_selector("[data-enter]")
    end = time.monotonic() + 30
    while not page.evaluate("() => [...document.querySelectorAll('video')].some(v => v.videoWidth > 0)"):
        if time.monotonic() > end:  # `wait_for_function` would be against the page's policy
            raise CannotDo("the page does not show its own camera")
        time.sleep(0.02)
    return page
