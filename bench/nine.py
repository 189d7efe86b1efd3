"""Nine tiles of thirty people: what our page of a lesson costs against a bare page with nine of the same pictures."""

import argparse
import json
import os
import shutil
import sys
import time
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.chromium import a_chromium, cookie_of
from bench.load import wload
from bench.processes import cpu_seconds, family
from bench.server import Server
from bench.table import Table
from server.setup_env import ROOT, SetUp
from server.setup_steps import CannotDo

ROUNDS = 3
FIGURE = 1.3
PEOPLE, TILES = 30, 9
SIZE, FPS, LOOP, RATE = (640, 360), 20, 6, 300_000
"""Of the picture that each sends: pixels, frames a second, seconds, bit/s."""
WINDOW = {"width": 1280, "height": 720}
NO_DEVICES = ("--use-fake-ui-for-media-stream",)
BARE = """<!doctype html><meta charset="utf-8"><title>bare</title>
<style>body { margin: 0; background: #0d1417 } video { position: absolute; object-fit: cover }</style><body></body>"""
SHOW = """async ({whep, grant, places}) => {
  const peer = new RTCPeerConnection()
  for (const place of places) {
    const {receiver} = peer.addTransceiver('video', {direction: 'recvonly'})
    const video = document.createElement('video')
    Object.assign(video, {autoplay: true, muted: true, playsInline: true, srcObject: new MediaStream([receiver.track])})
    for (const side of ['left', 'top', 'width', 'height']) video.style[side] = place[side] + 'px'
    document.body.append(video)
  }
  await peer.setLocalDescription()
  const headers = {'Content-Type': 'application/sdp', Authorization: 'Bearer ' + grant}
  const answer = await fetch(whep, {method: 'POST', headers, body: peer.localDescription.sdp})
  if (!answer.ok) throw new Error(await answer.text())
  await peer.setRemoteDescription({type: 'answer', sdp: await answer.text()})
  window.peer = peer
}"""
PLACES = """() => [...document.querySelectorAll('video[data-publication]')].map(video => {
  const {left, top, width, height} = video.getBoundingClientRect()
  return {left, top, width, height}
})"""
FRAMES = """() => [...document.querySelectorAll('video')].map(video => {
  const {totalVideoFrames: all, droppedVideoFrames: dropped} = video.getVideoPlaybackQuality()
  return all - dropped
})"""
Json = dict[str, Any]


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (%(default)s)")
    parser.add_argument("--secs", type=float, default=20, help="measured seconds of each page a round (%(default)s)")
    parser.add_argument("--profile", type=Path, help="write the script's CPU profile of our page into this file")


def measure(words: argparse.Namespace) -> Table:
    from playwright.sync_api import sync_playwright

    if not shutil.which(words.chromium):
        SetUp(ROOT).debian("chromium", "fonts-dejavu-core", why="the pages are shown by Chromium")
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = SetUp(ROOT).node().program
    ours: list[Json] = []
    bare: list[Json] = []
    with TemporaryDirectory(prefix="sabaq-nine-") as folder, Server("--planes", "1") as server:
        tokens = server.whole_class()
        lesson = server.call("POST", "/api/lessons", {"title": "Nine"})["id"]
        doors = server.doors_of(lesson, tokens)
        film = Path(folder) / "film.ivf"
        _film(film)
        with wload.sending(doors[:-1], ivf=str(film), fps=FPS), sync_playwright() as playwright:
            for number in range(words.rounds):
                ours.append(_ours(words, playwright, server, lesson, tokens[-1]))
                bare.append(_bare(words, playwright, server, doors[-1], ours[-1]["places"]))
                print(f"▸ round {number + 1}: {_said(ours[-1])} against {_said(bare[-1])}", file=sys.stderr, flush=True)
    return _table(words, ours, bare)


def _said(one: Json) -> str:
    return f"{one['cores']:.2f} cores at {one['frames']:.0f} frames/s"


def _ours(words: argparse.Namespace, playwright: Any, server: Server, lesson: str, token: str) -> Json:
    with a_chromium(words.chromium, *NO_DEVICES) as chromium:
        page = _page(playwright, chromium.port)
        page.context.add_cookies([cookie_of(server, token)])
        page.goto(f"{server.base}/lessons/{lesson}")
        page.click("[data-enter]")
        page.wait_for_selector('[data-room="in"]')
        page.click("section > ul + button")
        pages = -(-PEOPLE // TILES)
        _wait(page, f"() => document.querySelector('[data-page]')?.textContent.endsWith('/ {pages}')")
        _wait(page, f"() => document.querySelectorAll('video[data-publication]').length === {TILES}")
        _wait_for_pictures(page)
        found = _watched(words, page, chromium.pid, words.profile)
        return found | {"places": page.evaluate(PLACES)}


def _bare(words: argparse.Namespace, playwright: Any, server: Server, door: Any, places: list[Json]) -> Json:
    with a_chromium(words.chromium, *NO_DEVICES) as chromium:
        page = _page(playwright, chromium.port)
        page.route("**/bare", lambda route: route.fulfill(body=BARE, content_type="text/html"))
        page.goto(f"{server.base}/bare")
        page.evaluate(SHOW, {"whep": door[1], "grant": door[2], "places": places})
        _wait_for_pictures(page)
        return _watched(words, page, chromium.pid)


def _page(playwright: Any, port: int) -> Any:
    context = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}").contexts[0]
    page = context.pages[0]
    page.set_viewport_size(WINDOW)
    return page


def _wait_for_pictures(page: Any) -> None:
    _wait(page, "() => [...document.querySelectorAll('video')].every(one => one.videoWidth > 0)")
    time.sleep(4)  # until buffers, fonts and the first statistics are behind


def _wait(page: Any, what: str, seconds: float = 60) -> None:
    """Until it is so. Our page's policy allows no expression to be watched for."""
    end = time.monotonic() + seconds
    while not page.evaluate(what):
        if time.monotonic() > end:
            raise CannotDo(f"the page did not come to {what}")
        time.sleep(0.1)


def _watched(words: argparse.Namespace, page: Any, pid: int, profile: Path | None = None) -> Json:
    """Cores of all processes of the browser, and frames shown a second by all tiles together."""
    cdp = page.context.new_cdp_session(page) if profile else None
    if cdp:
        cdp.send("Profiler.enable")
        cdp.send("Profiler.start")
    frames, pids, began = sum(page.evaluate(FRAMES)), family(pid), time.monotonic()
    before = cpu_seconds(pids)
    time.sleep(words.secs)
    spent, took = cpu_seconds(pids) - before, time.monotonic() - began
    shown = sum(page.evaluate(FRAMES)) - frames
    if cdp and profile:
        profile.write_text(json.dumps(cdp.send("Profiler.stop")["profile"]))
    return {"cores": spent / took, "frames": shown / took}


def _film(path: Path) -> None:
    """Moving pictures in VP8, as a camera that is not still."""
    import av
    import numpy as np

    with av.open(str(path), "w", format="ivf") as out:
        stream = out.add_stream("libvpx", rate=FPS)
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.bit_rate, stream.time_base = "yuv420p", RATE, Fraction(1, FPS)
        stream.options = {"deadline": "realtime", "cpu-used": "8", "g": str(FPS * 2), "lag-in-frames": "0"}
        across, down = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
        for number in range(FPS * LOOP):
            turn = 2 * np.pi * number / (FPS * LOOP)
            light = 128 + 60 * np.sin(across / 60 + 4 * turn) + 50 * np.cos(down / 40 + 3 * turn)
            picture = np.stack([light, np.roll(light, number * 4, 1), 255 - light], 2).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        out.mux(stream.encode())


def _table(words: argparse.Namespace, ours: list[Json], bare: list[Json]) -> Table:
    head = ["", "cores", "frames/s", f"× bare, of {FIGURE:g}"]
    table = Table("Nine tiles of thirty", head)
    ratio = median(mine["cores"] / theirs["cores"] for mine, theirs in zip(ours, bare, strict=True))
    for name, found, times in (("a lesson's page", ours, f"{ratio:.2f}"), ("bare page", bare, "1.00")):
        cores, frames = (median(one[what] for one in found) for what in ("cores", "frames"))
        table.rows.append([name, f"{cores:.2f}", f"{frames:.0f}", times])
    table.notes = [
        f"Rounds: {words.rounds} of {words.secs:g} s, medians, the pages by turns, a fresh Chromium each. CPU of all "
        f"its processes; nothing is drawn by a graphics card. 29 people send {SIZE[0]} × {SIZE[1]} VP8 at {FPS} "
        "frames/s and the page is the thirtieth's, without devices of its own; the bare page shows nine of them by "
        "WHEP, in the same places and sizes."
    ]
    return table
