"""A call over a line that is long and loses every tenth packet, with a real Chromium at each end."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from bench.first_frame import FLAGS
from bench.link import Away
from tests.browser.test_leading import lesson_of
from tests.browser.visitor import PATIENCE, Crowd, Visitor
from tests.support.running import Running

DELAY, LOSS = 75, 10
"""Milliseconds one way, and per cent."""
FRAMES = 160
"""Of 20 a second."""
KEEP = """(() => {
  const Real = RTCPeerConnection
  window.peers = []
  window.RTCPeerConnection = class extends Real {
    constructor(...words) {
      super(...words)
      window.peers.push(this)
    }
  }
})()"""
TOLD = """async () => {
  const told = {}
  for (const peer of window.peers.filter((one) => one.connectionState === 'connected')) {
    const holds = new Map(peer.getReceivers().map((one) => [one.track.id, one.jitterBufferTarget]))
    for (const [, one] of await peer.getStats())
      if (one.type === 'inbound-rtp') told[one.kind] = { ...one, hold: holds.get(one.trackIdentifier) }
      else if (one.type === 'outbound-rtp') told[`own ${one.kind}`] = one
  }
  return told
}"""
"""What comes in of one other person, and what goes out, by kind."""

pytestmark = pytest.mark.timeout(300)
Told = dict[str, dict[str, Any]]


class Open(Running):
    """A server on every address; browsers come by that of the line's near end."""

    host = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


@pytest.fixture
def away() -> Iterator[Away]:
    made = Away()
    yield made
    made.close()


@pytest.fixture
def server(away: Away, tmp_path: Path) -> Iterator[Open]:
    made = Open(tmp_path / "data", planes=1, environ={"SABAQ_HOST": "0.0.0.0"})
    made.host = away.here
    made.data.mkdir()
    made.fill()
    made.start()
    yield made
    made.kill()


@pytest.fixture
async def ends(server: Open, away: Away, tmp_path: Path) -> AsyncIterator[tuple[Visitor, Visitor]]:
    """A teacher beside the server and a pupil behind the line, in one lesson; the line is good as yet."""
    flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={server.url}"]
    lesson = await lesson_of(server)
    programs = ("/usr/bin/chromium", away.program(tmp_path / "chromium", "/usr/bin/chromium"))
    async with async_playwright() as playwright:
        browsers = await asyncio.gather(
            *(playwright.chromium.launch(executable_path=program, args=flags) for program in programs)
        )
        teacher, pupil = [await Crowd(each).visitor(server, language="en") for each in browsers]
        for person in (teacher, pupil):
            await person.page.add_init_script(KEEP)
        await asyncio.gather(teacher.joins("teacher", lesson), pupil.joins("student1", lesson))
        yield teacher, pupil
        for each in browsers:
            await each.close()


async def test_a_call_lives_through_ten_per_cent_of_loss(ends: tuple[Visitor, Visitor], away: Away) -> None:
    _, pupil = ends
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in ends))
    away.spoil(f"delay={DELAY},loss={LOSS}")
    before = await told(pupil, lambda now: (now["audio"]["hold"] or 0) > 2 * DELAY)
    assert before["audio"]["hold"] <= 1000
    assert before["video"]["hold"] == before["audio"]["hold"], "lips stay with voices"
    after = await told(pupil, lambda now: grown(before, now, "video", "framesDecoded") >= FRAMES)
    picture, sound = after["video"], after["audio"]
    seconds = (picture["timestamp"] - before["video"]["timestamp"]) / 1000
    assert grown(before, after, "video", "retransmittedPacketsReceived") > 0
    assert grown(before, after, "video", "freezeCount") <= seconds, picture
    assert grown(before, after, "video", "totalFreezesDuration") <= seconds / 2, picture
    assert grown(before, after, "audio", "totalAudioEnergy") > 0
    assert grown(before, after, "audio", "concealedSamples") <= 0.01 * grown(
        before, after, "audio", "totalSamplesReceived"
    )
    came = grown(before, after, "audio", "packetsReceived")
    assert grown(before, after, "audio", "packetsDiscarded") > came / 2, (
        "each sound comes twice, of which one is enough"
    )
    assert sound.get("nackCount", 0) > 0, "lost sound is asked for again, though nobody's browser offers that"
    assert sound["packetsLost"] <= 0.05 * sound["packetsReceived"], "and comes again"
    assert after["own audio"].get("retransmittedPacketsSent", 0) > 0, "and so is one's own"
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in ends))


async def told(person: Visitor, enough: Callable[[Told], bool]) -> Told:
    """What this person's page sends and receives, as soon as it is enough."""
    until = time.monotonic() + PATIENCE
    while True:
        now: Told = await person.page.evaluate(TOLD)
        if now.keys() >= {"audio", "video", "own audio"} and enough(now):
            return now
        assert time.monotonic() < until, now
        await asyncio.sleep(0.3)


def grown(before: Told, now: Told, kind: str, key: str) -> float:
    return (now[kind].get(key) or 0) - (before[kind].get(key) or 0)
