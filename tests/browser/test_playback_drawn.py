"""What was drawn and written together is seen in the recording as it was at each second."""

import asyncio
import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from lms_core.boards.model import Board, BoardUpdate
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.ids import BoardId, MomentId, RecordingId
from lms_core.recordings.model import Moment, Recording
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running, running

SECONDS = 60.0
# As Yjs writes them: a red rectangle, then a green ellipse.
RECTANGLE = base64.b64decode(
    "AQIHACcBCnBhZ2U6Zmlyc3QBYQEoAAcAAml0AXeFA3siYW5nbGUiOjAsInN0cm9rZUNvbG9yIjoiIzFlMWUxZSIsImJhY2tncm91"
    "bmRDb2xvciI6IiNmZmM5YzkiLCJmaWxsU3R5bGUiOiJzb2xpZCIsInN0cm9rZVdpZHRoIjoyLCJzdHJva2VTdHlsZSI6InNvbGlk"
    "Iiwicm91Z2huZXNzIjowLCJvcGFjaXR5IjoxMDAsImdyb3VwSWRzIjpbXSwiZnJhbWVJZCI6bnVsbCwicm91bmRuZXNzIjpudWxs"
    "LCJzZWVkIjoxLCJ2ZXJzaW9uIjoxLCJ2ZXJzaW9uTm9uY2UiOjEsImlzRGVsZXRlZCI6ZmFsc2UsImJvdW5kRWxlbWVudHMiOm51"
    "bGwsInVwZGF0ZWQiOjEsImxpbmsiOm51bGwsImxvY2tlZCI6ZmFsc2UsImlkIjoiYSIsInR5cGUiOiJyZWN0YW5nbGUiLCJpbmRl"
    "eCI6ImEwIiwieCI6MCwieSI6MCwid2lkdGgiOjQwMCwiaGVpZ2h0IjoyMDB9AA=="
)
ELLIPSE = base64.b64decode(
    "AQIHAicBCnBhZ2U6Zmlyc3QBYgEoAAcCAml0AXeHA3siYW5nbGUiOjAsInN0cm9rZUNvbG9yIjoiIzFlMWUxZSIsImJhY2tncm91"
    "bmRDb2xvciI6IiNiMmYyYmIiLCJmaWxsU3R5bGUiOiJzb2xpZCIsInN0cm9rZVdpZHRoIjoyLCJzdHJva2VTdHlsZSI6InNvbGlk"
    "Iiwicm91Z2huZXNzIjowLCJvcGFjaXR5IjoxMDAsImdyb3VwSWRzIjpbXSwiZnJhbWVJZCI6bnVsbCwicm91bmRuZXNzIjpudWxs"
    "LCJzZWVkIjoxLCJ2ZXJzaW9uIjoxLCJ2ZXJzaW9uTm9uY2UiOjEsImlzRGVsZXRlZCI6ZmFsc2UsImJvdW5kRWxlbWVudHMiOm51"
    "bGwsInVwZGF0ZWQiOjEsImxpbmsiOm51bGwsImxvY2tlZCI6ZmFsc2UsImlkIjoiYiIsInR5cGUiOiJlbGxpcHNlIiwiaW5kZXgi"
    "OiJhMSIsIngiOjQ1MCwieSI6MjUwLCJ3aWR0aCI6MzAwLCJoZWlnaHQiOjE1MH0A"
)

# "Бірінші ереже.", then " Екінші <b>." after it.
FIRST_RULE = base64.b64decode("AQEJAAQBBW5vdGVzGtCR0ZbRgNGW0L3RiNGWINC10YDQtdC20LUuAA==")
SECOND_RULE = base64.b64decode("AQEJDoQJDRIg0JXQutGW0L3RiNGWIDxiPi4A")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("drawn")) as started:
        yield started


@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK)])
async def test_boards_and_notes_are_as_they_were(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    recording = await _recorded(server)
    watcher = await (await crowd.visitor(server, language=language, size=size)).log_in("teacher")
    page, name = watcher.page, "phone" if size == PHONE else "desk"
    await watcher.go(f"/recordings/{recording}")
    await page.locator("input[data-line]").wait_for()
    await _jump(watcher, 12)
    board = page.locator('[data-drawn="board"]')
    await expect(board.locator("canvas")).to_be_visible()
    one = await _colours(watcher)
    assert one["red"] > 0
    assert one["green"] == 0
    await _jump(watcher, 25)
    await page.wait_for_function("() => document.querySelector('[data-drawn]')?.dataset.step === '2'")
    await _until(watcher, red=True, green=True)
    await _looks(watcher, f"board-{name}")
    await _jump(watcher, 12)
    await _until(watcher, red=True, green=False)
    notes = page.locator('[data-drawn="notes"] pre')
    await _jump(watcher, 45)
    await expect(notes).to_have_text("Бірінші ереже. Екінші <b>.")
    await _looks(watcher, f"notes-{name}")
    await _jump(watcher, 35)
    await expect(notes).to_have_text("Бірінші ереже.")
    await page.locator("#tab-contents").click()
    await page.get_by_role("button", name="Қорытынды").click()
    await page.wait_for_function("() => Math.abs(sabaqPlayback.told().at - 50) < 1")
    assert watcher.hosts <= {server.url.partition("//")[2]}, watcher.hosts


async def _jump(watcher: Visitor, to: float) -> None:
    await watcher.page.evaluate(
        """(to) => {
          const line = document.querySelector('input[data-line]')
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(line, to)
          line.dispatchEvent(new Event('input', {bubbles: true}))
        }""",
        to,
    )


async def _colours(watcher: Visitor) -> dict[str, int]:
    """Pixels of the board by colour."""
    return await watcher.page.evaluate(
        """() => {
          const canvas = document.querySelector('[data-drawn] canvas')
          if (!canvas) return {red: 0, green: 0}
          // From a copy made for it: read often, a page's own canvas makes Chromium warn.
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true})
          copy.drawImage(canvas, 0, 0)
          const {data} = copy.getImageData(0, 0, canvas.width, canvas.height)
          let [red, green] = [0, 0]
          for (let at = 0; at < data.length; at += 4) {
            if (data[at] > 240 && data[at + 1] < 220 && data[at + 2] < 220) red += 1
            if (data[at] < 200 && data[at + 1] > 225 && data[at + 2] < 210) green += 1
          }
          return {red, green}
        }"""
    )


async def _until(watcher: Visitor, *, red: bool, green: bool) -> None:
    async with asyncio.timeout(20):
        while True:
            seen = await _colours(watcher)
            if (seen["red"] > 0, seen["green"] > 0) == (red, green):
                return
            await asyncio.sleep(0.1)


async def _looks(watcher: Visitor, name: str) -> None:
    assert await watcher.accessible() == [], name
    assert await watcher.wide() <= 0, name
    await watcher.page.screenshot(path=picture(f"playback-{name}-{watcher.language}"))


async def _recorded(server: Running) -> str:
    """A minute in which a board and notes were shown, once for this server; nobody was heard in it."""
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        if known := (await teacher("GET", "/api/recordings"))["items"]:
            return known[0]["id"]
        lesson = await teacher("POST", "/api/lessons", {"title": "11 «А» · Алгебра"})
        me = (await teacher("GET", "/api/me"))["id"]
    return await _written(server.data, lesson, me)


async def _written(data: Path, lesson: dict[str, Any], me: str) -> str:
    db = EmbeddedDatabase(data / "sabaq.sqlite", SystemClock())
    try:
        return await db.run(SYSTEM, lambda tx: _write(tx, lesson, me))
    finally:
        await db.close()


async def _write(tx: Tx, lesson: dict[str, Any], me: Any) -> str:
    unit, recording, began = lesson["organisation_id"], RecordingId(tx.new_id("recording")), _minutes_ago()
    row = Recording(
        organisation_id=unit, id=recording, room_id=lesson["room_id"], lesson_id=lesson["id"], started_by=me,
        started_at=began, ended_at=began + timedelta(seconds=SECONDS), ended_by="stopped", state="ready",
        keep_until=began + timedelta(days=180), leased=None,
    )  # fmt: skip
    tx.add(row)
    await tx.flush()
    shown: list[tuple[float, dict[str, Any]]] = []
    changes = {
        "board": [(10.0, RECTANGLE), (20.0, ELLIPSE)],
        "notes": [(-5.0, FIRST_RULE), (40.0, SECOND_RULE)],
    }
    for at, (kind, updates) in zip((5.0, 30.0), changes.items(), strict=True):
        board = BoardId(tx.new_id("board"))
        tx.add(
            Board(
                organisation_id=unit,
                id=board,
                room_id=lesson["room_id"],
                place="main",
                kind=kind,
                title="",
                made_by=me,
                made_at=began,
                head=len(updates),
                size=sum(len(one) for _, one in updates),
            )
        )
        await tx.flush()
        for number, (second, update) in enumerate(updates, 1):
            when = began + timedelta(seconds=second)
            tx.add(BoardUpdate(organisation_id=unit, board_id=board, number=number, by=me, at=when, data=update))
        shown.append((at, {"kind": kind, "id": board, "page": 0}))
    moments = [(at, "showing", body) for at, body in shown] + [(50.0, "chapter", {"title": "Қорытынды"})]
    for at, kind, body in moments:
        id_ = MomentId(tx.new_id("moment"))
        tx.add(
            Moment(organisation_id=unit, recording_id=recording, id=id_, at_s=at, kind=kind, person_id=None, body=body)
        )
    await tx.flush()
    return recording


def _minutes_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=10)
