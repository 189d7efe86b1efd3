"""Two real WebRTC peers (aiortc) meet through a plane, over each maker of the wire that has a socket, on a bad line."""

import asyncio
import fractions
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aioice.ice
import av
import numpy
import pytest
from aiortc import (
    AudioStreamTrack,
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCSessionDescription,
    VideoStreamTrack,
)

from media.plane import seam
from media.plane.plane import TICK_EVERY, Plane
from media.plane.process import local_addresses
from media.plane.sdp_write import candidate_lines
from tests.wire.link import Link
from tests.wire.makers import MAKERS

EVERY_NINTH = "every ninth"
CLEAN = "clean"
LINES: dict[str, Callable[[int], bool]] = {CLEAN: lambda n: False, EVERY_NINTH: lambda n: n % 9 == 5}


class Picture(VideoStreamTrack):
    """Small pictures whose brightness rises, so that one knows which was seen."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 0

    async def recv(self) -> av.VideoFrame:
        await asyncio.sleep(1 / 30)
        self.number += 1
        shade = numpy.full((48, 64, 3), self.number * 2 % 256, numpy.uint8)
        frame = av.VideoFrame.from_ndarray(shade, format="rgb24")
        frame.pts, frame.time_base = self.number * 3000, fractions.Fraction(1, 90_000)
        return frame


class Studio:
    """A plane, the line before it, and peers."""

    def __init__(self) -> None:
        self.reports: list[seam.Report] = []
        self.news = asyncio.Event()
        self.peers: list[RTCPeerConnection] = []
        self.plane: Plane
        self.link: Link

    async def open(self, maker: str, line: str, host: str = "127.0.0.1") -> None:
        """The line stands before IPv4 alone."""
        loop = asyncio.get_running_loop()
        self.plane = Plane(
            lambda notify: MAKERS[maker](host, 0, notify),
            lambda port: candidate_lines(local_addresses(host), port),
            self._take,
            time.monotonic,
            loop.call_later,
        )
        self.link = await Link.open(("127.0.0.1", self.plane.wire.port), LINES[line])
        self._ticking = loop.create_task(self._tick())

    async def close(self) -> None:
        for peer in self.peers:
            await peer.close()
        for key in list(self.plane.dump()["transports"]):
            self.plane.order(seam.Close(key))
        await asyncio.sleep(0.05)
        self._ticking.cancel()
        self.plane.close()
        self.link.close()

    def peer(self) -> RTCPeerConnection:
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.peers.append(peer)
        return peer

    async def told(self, kind: type[seam.Report], **values: Any) -> Any:
        async with asyncio.timeout(10):
            while True:
                for report in self.reports:
                    if isinstance(report, kind) and all(getattr(report, k) == v for k, v in values.items()):
                        return report
                self.news.clear()
                await self.news.wait()

    def description(self, text: str, kind: str) -> RTCSessionDescription:
        """The plane's words, with the line's port in place of its own."""
        return RTCSessionDescription(re.sub(r"(127\.0\.0\.1) \d+ typ", rf"\1 {self.link.port} typ", text), kind)

    async def publish(self, key: str, *tracks: MediaStreamTrack) -> RTCPeerConnection:
        peer = self.peer()
        for track in tracks:
            peer.addTransceiver(track, "sendonly")
        await peer.setLocalDescription(await peer.createOffer())
        self.plane.order(seam.OpenPublisher(key, peer.localDescription.sdp))
        answer = await self.told(seam.Answered, transport=key)
        await peer.setRemoteDescription(self.description(answer.sdp, "answer"))
        await self.told(seam.Connected, transport=key)
        return peer

    async def view(self, key: str, *publications: str) -> list[MediaStreamTrack]:
        """By its own offer, as WHEP."""
        peer, tracks = self.peer(), []
        peer.on("track", tracks.append)
        for kind in ("audio", "video"):
            peer.addTransceiver(kind, "recvonly")
        await peer.setLocalDescription(await peer.createOffer())
        self.plane.order(seam.OpenViewer(key, peer.localDescription.sdp, publications))
        answer = await self.told(seam.Answered, transport=key)
        await peer.setRemoteDescription(self.description(answer.sdp, "answer"))
        await self.told(seam.Connected, transport=key)
        return tracks

    async def receive(self, key: str, *publications: str) -> tuple[RTCPeerConnection, list[MediaStreamTrack]]:
        """By the plane's offer."""
        peer, tracks = self.peer(), []
        peer.on("track", tracks.append)
        self.plane.order(seam.OpenReceiver(key))
        for publication in publications:
            self.plane.order(seam.Subscribe(key, publication))
        await self.answer(key, 1, peer)
        await self.told(seam.Connected, transport=key)
        return peer, tracks

    async def answer(self, key: str, revision: int, peer: RTCPeerConnection) -> seam.Offered:
        offer = await self.told(seam.Offered, transport=key, revision=revision)
        await peer.setRemoteDescription(self.description(offer.sdp, "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        self.plane.order(seam.TakeAnswer(key, revision, peer.localDescription.sdp))
        return offer

    def _take(self, report: seam.Report) -> None:
        self.reports.append(report)
        self.news.set()

    async def _tick(self) -> None:
        while True:
            self.plane.tick()
            await asyncio.sleep(TICK_EVERY)


async def frames(track: MediaStreamTrack, count: int) -> list[Any]:
    async with asyncio.timeout(20):
        return [await track.recv() for _ in range(count)]


def of_kind(tracks: list[MediaStreamTrack], kind: str) -> MediaStreamTrack:
    return next(track for track in tracks if track.kind == kind)


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=LINES)
async def studio(request: pytest.FixtureRequest, maker: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Studio]:
    # aioice leaves loopback out of its candidates; a machine without a network has nothing else
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    made = Studio()
    await made.open(maker, request.param)
    yield made
    await made.close()


async def test_pictures_and_sound_reach_viewers_of_both_kinds(studio: Studio) -> None:
    await studio.publish("up", AudioStreamTrack(), Picture())
    viewed = await studio.view("whep", "up:0", "up:1")
    _, received = await studio.receive("down", "up:0", "up:1")
    for tracks in (viewed, received):
        pictures = await frames(of_kind(tracks, "video"), 45)
        assert {(each.width, each.height) for each in pictures} == {(64, 48)}
        assert len({each.to_ndarray(format="gray")[0, 0] for each in pictures}) > 30
        sounds = await frames(of_kind(tracks, "audio"), 20)
        assert sum(each.samples for each in sounds) == 20 * 960
    if studio.link.lost:
        wire = studio.plane.dump()["wire"]
        assert wire["asked"] > 0
        assert wire["publications"]["up:1"]["repaired"] > 0


@pytest.mark.parametrize("studio", [CLEAN], indirect=True)
async def test_a_receiver_follows_publications_that_come_and_go(studio: Studio) -> None:
    await studio.publish("one", Picture())
    await studio.publish("two", Picture())
    peer, tracks = await studio.receive("down", "one:0")
    await frames(tracks[0], 5)
    studio.plane.order(seam.Subscribe("down", "two:0"))
    offer = await studio.answer("down", 2, peer)
    assert [stream.publication for stream in offer.streams] == ["one:0", "two:0"]
    await frames(tracks[1], 5)
    studio.plane.order(seam.Close("one"))
    offer = await studio.answer("down", 3, peer)
    assert [stream.publication for stream in offer.streams] == ["two:0"]
    await frames(tracks[1], 5)


@pytest.mark.parametrize("studio", [CLEAN], indirect=True)
async def test_a_peer_that_closes_is_lost_at_once(studio: Studio) -> None:
    peer = await studio.publish("up", Picture())
    await studio.told(seam.Started)  # so its side of the handshake is done too
    await peer.close()
    assert (await studio.told(seam.Lost, transport="up")).why == "closed"


@pytest.mark.parametrize("host", ["::1", "::"])
async def test_over_ipv6_too(host: str, maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["::1"])
    studio = Studio()
    await studio.open(maker, CLEAN, host)
    await studio.publish("up", AudioStreamTrack(), Picture())
    _, tracks = await studio.receive("down", "up:0", "up:1")
    assert len({each.to_ndarray(format="gray")[0, 0] for each in await frames(of_kind(tracks, "video"), 60)}) > 20
    await frames(of_kind(tracks, "audio"), 20)
    await studio.close()
