"""Chromium sends three layers through a plane, over each maker of the wire; its viewer sees no freeze at a switch."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page

from media.plane import seam
from tests.browser.visitor import PATIENCE, Crowd
from tests.wire.makers import MAKERS
from tests.wire.test_browsers import CLEAN, Studio

HEIGHTS = (144, 288, 576)
WANTS = (180, 360, 720)
"""How high a viewer shows what they are to get as each of the layers."""
FEW, STAY = 5, 40
"""Pictures of a layer after which a switch is over, and after which the next is asked for."""
CLOCK = 90_000

PUBLISH = """async (codec) => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1024, height: 576 })
  const pen = canvas.getContext('2d')
  let number = 0
  setInterval(() => {
    number += 1
    pen.fillStyle = `hsl(${number * 3} 60% 50%)`; pen.fillRect(0, 0, 1024, 576)
    pen.fillStyle = '#fff'; pen.fillRect((number * 11) % 960, (number * 7) % 510, 60, 60)
  }, 80)
  const [track] = canvas.captureStream(12).getVideoTracks()
  const peer = window.peer = new RTCPeerConnection()
  const rates = [['q', 4, 100e3], ['h', 2, 250e3], ['f', 1, 600e3]]
  const sendEncodings = rates.map(([rid, scaleResolutionDownBy, maxBitrate]) =>
    ({ rid, scaleResolutionDownBy, maxBitrate, scalabilityMode: 'L1T1' }))
  const line = peer.addTransceiver(track, { direction: 'sendonly', sendEncodings })
  const known = RTCRtpReceiver.getCapabilities('video').codecs
  line.setCodecPreferences(known.filter(({ mimeType }) => [`video/${codec}`, 'video/rtx'].includes(mimeType)))
  await peer.setLocalDescription(await peer.createOffer())
  return peer.localDescription.sdp
}"""
ANSWERED = "(sdp) => window.peer.setRemoteDescription({ type: 'answer', sdp })"
RECEIVE = """async (sdp) => {
  const peer = window.peer = new RTCPeerConnection()
  const video = document.body.appendChild(Object.assign(document.createElement('video'), { muted: true }))
  window.seen = []
  const look = (_, { rtpTimestamp, height }) => {
    window.seen.push([rtpTimestamp, height])
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  peer.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); video.play() }
  await peer.setRemoteDescription({ type: 'offer', sdp })
  await peer.setLocalDescription(await peer.createAnswer())
  return peer.localDescription.sdp
}"""
NOTHING_OF_LINES = r"(?m)^(?!a=rtcp-fb:\d+ (?:transport-cc|goog-remb))(?!a=extmap:.*transport-wide).*$"
"""Of an offer, what is left to a viewer who cannot report on their line, and so is sent what they want."""
INBOUND = """async () => [...(await window.peer.getStats()).values()].find(({ type }) => type === 'inbound-rtp')"""


class Seen(NamedTuple):
    """A picture as it was shown; `timestamp` is its RTP time."""

    timestamp: int
    height: int


class Watcher:
    """A page that shows one publication, as layer after layer of it comes. `frozen`: freezes at switches."""

    def __init__(self, studio: Studio, page: Page) -> None:
        self.studio, self.page = studio, page
        self.publication, self.frozen = "", 0

    async def open(self, publication: str) -> None:
        self.publication = publication
        self.studio.plane.order(seam.OpenReceiver("down"))
        self.studio.plane.order(seam.Subscribe("down", publication))
        offer = await self.studio.told(seam.Offered, transport="down", revision=1)
        answer = await self.page.evaluate(RECEIVE, "\n".join(re.findall(NOTHING_OF_LINES, offer.sdp)))
        self.studio.plane.order(seam.TakeAnswer("down", 1, answer))
        await self.studio.told(seam.Connected, transport="down")

    async def gets(self, layer: int) -> None:
        """Ask for a layer; wait until it has been shown for a while."""
        before = (await self.stats()).get("freezeCount", 0)
        self.studio.plane.order(seam.Want("down", self.publication, WANTS[layer]))
        await self._shown(HEIGHTS[layer], FEW)
        self.frozen += (await self.stats())["freezeCount"] - before
        await self._shown(HEIGHTS[layer], STAY)

    async def seen(self) -> list[Seen]:
        return [Seen(*each) for each in await self.page.evaluate("window.seen")]

    async def stats(self) -> dict[str, Any]:
        return await self.page.evaluate(INBOUND) or {}

    async def _shown(self, height: int, pictures: int) -> None:
        heights, until = list[int](), time.monotonic() + PATIENCE
        while heights != [height] * pictures:
            assert time.monotonic() < until, f"wanted {height} lines, came {heights}"
            await asyncio.sleep(0.1)
            heights = [picture.height for picture in (await self.seen())[-pictures:]]


@pytest.fixture(params=MAKERS)
async def studio(request: pytest.FixtureRequest) -> AsyncIterator[Studio]:
    made = Studio()
    await made.open(request.param, CLEAN)
    yield made
    await made.close()


@pytest.fixture(params=["VP8", "VP9"])
async def watcher(request: pytest.FixtureRequest, studio: Studio, crowd: Crowd) -> Watcher:
    """Of a page that publishes with a codec."""
    sender, receiver = [await (await crowd.browser.new_context()).new_page() for _ in range(2)]
    studio.plane.order(seam.OpenPublisher("up", await sender.evaluate(PUBLISH, request.param)))
    answer = await studio.told(seam.Answered, transport="up")
    await sender.evaluate(ANSWERED, answer.sdp)
    await studio.told(seam.Started, publication="up:0")
    made = Watcher(studio, receiver)
    await made.open("up:0")
    return made


@pytest.mark.complaint(8)
async def test_layers_are_switched_without_a_frozen_picture(watcher: Watcher) -> None:
    await watcher.gets(0)
    watcher.frozen = 0
    first, before = len(await watcher.seen()), await watcher.stats()
    for layer in (1, 2, 1, 0, 2, 0):
        await watcher.gets(layer)
    seen, after = (await watcher.seen())[first - 1 :], await watcher.stats()
    grown = {key: after[key] - before[key] for key in ("keyFramesDecoded", "pliCount", "framesDecoded")}
    steps = [((two.timestamp - one.timestamp) & 0xFFFFFFFF, one, two) for one, two in pairwise(seen)]
    switches = [step for step, one, two in steps if one.height != two.height]
    assert all(0 < step < 1 << 31 for step, _, _ in steps), "pictures never go back"
    assert all(step < CLOCK / 2 for step in switches), "and go on over each switch"
    assert watcher.frozen <= 1, "a switch is not seen, unless the machine itself stood still"
    assert grown["pliCount"] == 0, "nothing could not be decoded"
    assert len(switches) <= grown["keyFramesDecoded"] <= 2 * len(switches), (
        "of all layers comes one when it is asked for of one"
    )
    assert grown["framesDecoded"] >= 6 * STAY
