"""Rooms on real planes: what the machine orders, the real process understands, also after its death.

Only signalling is checked here; packets are the plane's own tests' business.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from lms_core.kernel.clock import SystemClock
from media.planes import Planes
from media.room_io import Wish
from media.room_state import MayNotPublish, SdpRefused
from media.rooms import Rooms
from tests.media.given import grant

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
ICE = (
    f"a=ice-ufrag:abcd\r\na=ice-pwd:{'p' * 22}\r\na=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\na=setup:actpass\r\n"
)


def offer(direction: str) -> str:
    """What a browser would offer: sound and picture, each sent or each received."""
    audio = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
    video = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtpmap:96 VP8/90000\r\n"
    ends = [f"a={direction}\r\na=rtcp-mux\r\n{ICE}"] * 2
    if direction == "sendonly":
        ends = [f"{end}a=msid:s t{n}\r\na=ssrc:{n + 1} cname:x\r\n" for n, end in enumerate(ends)]
    return f"{HEAD}{audio}{ends[0]}{video}{ends[1]}"


class Room:
    def __init__(self) -> None:
        self.planes = Planes(count=1, host="127.0.0.1", udp_port=0, clock=SystemClock())
        self.rooms = Rooms(self.planes, SystemClock())
        self.heard: asyncio.Queue[tuple[str, dict]] = asyncio.Queue()

    async def until(self, name: str) -> dict:
        async with asyncio.timeout(20):
            while True:
                told, body = await self.heard.get()
                if told == name:
                    return body


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    await room.planes.start()
    await room.planes.until_ready()
    yield room
    await room.rooms.stop()
    await room.planes.stop()


async def test_the_whole_signalling_and_again_on_the_next_plane(room: Room) -> None:
    rooms = room.rooms
    (before,) = await room.planes.dump()
    await rooms.enter(grant("misha"), "misha", lambda name, body: room.heard.put_nowait((name, body)))
    for _ in range(2):
        await rooms.receive("misha")
        made = await rooms.open_publisher(grant("anna"), offer("sendonly"))
        assert f" {before['port']} typ host" in made.sdp
        told = await room.until("offer")
        assert {s["publication_id"] for s in told["streams"]} == {f"{made.id}:0", f"{made.id}:1"}
        viewer = await rooms.open_viewer(grant("anna"), offer("recvonly"))
        assert viewer.sdp.count("a=sendonly") == 2
        new = await rooms.restart_ice(grant("anna"), viewer.id, "efgh", "q" * 22)
        assert new.ufrag
        assert new.etag != viewer.etag
        await rooms.close_resource(grant("anna"), viewer.id)
        up = await rooms.publish("misha", None, offer("sendonly"), (Wish("0", "microphone"), Wish("1", "camera")))
        assert "a=recvonly" in up["sdp"]
        (plane,) = await room.planes.dump()
        known = {t["id"] for t in rooms.dump()[0]["transports"]}
        assert set(plane["own"]["transports"]) == known
        os.kill(plane["pid"], signal.SIGKILL)
        await room.until("transport_lost")
        assert rooms.dump()[0]["publications"] == []


async def test_what_was_not_declared_or_cannot_be_read_is_refused_and_leaves_nothing(room: Room) -> None:
    rooms = room.rooms
    await rooms.enter(grant("misha"), "misha", lambda *_: None)
    with pytest.raises(SdpRefused):
        await rooms.publish("misha", None, "rubbish", ())
    with pytest.raises(MayNotPublish):
        await rooms.open_publisher(grant("anna", publish=frozenset({"microphone"})), offer("sendonly"))
    (plane,) = await room.planes.dump()
    assert plane["own"]["transports"] == {}
    assert rooms.dump()[0]["transports"] == []
