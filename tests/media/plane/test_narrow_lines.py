"""A whole plane and a camera of three layers: what viewers get when their lines are what lines are."""

import os
from collections.abc import AsyncIterator

import pytest

from media.plane import seam
from media.wire import rtcp, twcc
from media.wire.fake import Link
from tests.media.plane.conftest import opened
from tests.media.plane.house import House
from tests.media.wire.layered import Source
from tests.wire.browser import Browser, Media
from tests.wire.makers import ENGINES
from tests.wire.rig import packet

RIDS = ("q", "h", "f")
PACKETS = (1, 2, 6)
"""Of 1,000 bytes in a picture of each layer, 24 a second: 190, 380 and 1,150 kbit/s."""
EVERY = 1 / 24


class Camera:
    """Sends what is needed of its layers, and keyframes where they are asked for; and sound."""

    def __init__(self, house: House, up: Browser) -> None:
        self.house, self.up = house, up
        self.layers = [Source(layer, "VP8", 0, layer * 70_000, 10, 10) for layer in range(3)]
        self.keyframes = [0, 0, 0]
        self._asked = [True, True, True]
        self._sounds = 0
        house.network.every(EVERY, self._picture)
        house.network.every(0.02, self._sound)

    def _picture(self) -> None:
        for part in self.up.peer.parts(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI):
            self._asked[int.from_bytes(part.body[4:8], "big") - 0xA0] = True
        self.up.peer.rtcp.clear()
        needed = [each.layers for each in self.house.told(seam.Needed)]
        for layer in range(needed[-1] if needed else 3):
            is_key, self._asked[layer] = self._asked[layer], False
            self.keyframes[layer] += is_key
            drawn = self.layers[layer].draw(PACKETS[layer] * (3 if is_key else 1), is_key, int(EVERY * 90_000))
            for index, timestamp, payload in drawn:
                told = ((3, b"1"), (10, RIDS[layer].encode()))
                body = payload + os.urandom(980) + bytes([layer])
                self.up.peer.play(packet(96, index, timestamp, 0xA0 + layer, body, int(index == drawn[-1][0]), told))

    def _sound(self) -> None:
        self._sounds += 1
        self.up.peer.play(packet(111, self._sounds, self._sounds * 960, 0xC0, os.urandom(80)))


class Watcher:
    """Reports what comes every 100 ms, and notes when which layer, and sound, came."""

    def __init__(self, house: House, down: Browser) -> None:
        self.house, self.down = house, down
        self.pictures: list[tuple[float, int]] = []
        self.sounds: list[float] = []
        self.gaps = 0
        self._last = -1
        self._told = self._count = 0
        self._came: dict[int, int] = {}
        house.network.every(0.01, self._look)
        house.network.every(0.1, self._tell)

    def _look(self) -> None:
        for each in self.down.peer.rtp:
            number = int.from_bytes(dict(each.elements)[3], "big")
            self._came[number] = round(self.house.network.now / twcc.TICK)
            if each.type == 96:
                self.sounds.append(self.house.network.now)
            elif each.type == 97:
                self.pictures.append((self.house.network.now, each.payload[-1]))
                self.gaps += self._last >= 0 and (each.sequence - self._last) & 0xFFFF != 1
                self._last = each.sequence
        self.down.peer.rtp.clear()

    def _tell(self) -> None:
        if self._came:
            span = max((number - self._told) & 0xFFFF for number in self._came) + 1
            arrivals = tuple(self._came.get((self._told + each) & 0xFFFF) for each in range(span))
            report = twcc.build(9, 0xB0, twcc.Report(self._told, self._count & 0xFF, arrivals))
            self.down.peer.report(rtcp.build_receiver_report(9, ()) + report)
            self._told, self._count = (self._told + span) & 0xFFFF, self._count + 1
            self._came.clear()

    def layers(self, since: float, until: float) -> set[int]:
        return {layer for at, layer in self.pictures if since <= at < until}

    def last(self, layer: int, before: float) -> float:
        return max((at for at, each in self.pictures if each == layer and at < before), default=0.0)


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """Over each wire."""
    async for made in opened(House(ENGINES[request.param])):
        yield made


CAMERA = (Media("0", "audio", ssrc=0xC0), Media("1", "video", rids=RIDS))


async def _seen(house: House, size: int) -> tuple[Camera, Watcher]:
    up = await house.publisher("up", CAMERA)
    camera = Camera(house, up)
    await house.until(lambda: len(house.told(seam.Started)) == 2)
    down = await house.receiver("down", "up:0", "up:1")
    house.order(seam.Want("down", "up:1", size))
    house.network.every(5, up.check)
    house.network.every(5, down.check)
    return camera, Watcher(house, down)


async def test_a_large_picture_is_the_full_layer_and_a_small_one_the_smallest(house: House) -> None:
    camera, watcher = await _seen(house, 720)
    await house.network.run(5)
    now = house.network.now
    assert watcher.layers(now - 1, now) == {2}
    house.order(seam.Want("down", "up:1", 180))
    await house.network.run(4)
    now = house.network.now
    assert watcher.layers(now - 2, now) == {0}
    assert house.told(seam.Needed)[-1] == seam.Needed("up:1", 1)
    house.order(seam.Want("down", "up:1", 720))
    await house.network.run(1.5)
    now = house.network.now
    assert watcher.layers(now - 0.5, now) == {2}
    assert watcher.gaps == 0
    assert sum(camera.keyframes) <= 9
    assert house.told(seam.Limited, "down") == []


async def test_a_line_that_falls_and_comes_back_carries_what_it_can(house: House) -> None:
    camera, watcher = await _seen(house, 720)
    begin = house.network.now
    house.network.links[watcher.down.address] = Link([(begin, 2e6), (begin + 10, 300e3), (begin + 40, 2e6)])
    await house.network.run(10)
    assert watcher.layers(begin + 8, begin + 10) == {2}
    before = sum(camera.keyframes)
    await house.network.run(30)
    assert watcher.last(2, begin + 40) <= begin + 12.5 + 0.5, "the queue was half a second"
    assert watcher.layers(begin + 15, begin + 40) == {0}
    assert house.told(seam.Limited, "down") == [seam.Limited("down", (("up:1", "small"),))]
    assert sum(camera.keyframes) - before <= 4
    await house.network.run(10)
    assert watcher.layers(begin + 46, begin + 50) == {2}
    assert house.told(seam.Limited, "down")[1:] == [seam.Limited("down", ())]
    assert sum(camera.keyframes) - before <= 10
    silences = [later - at for at, later in zip(watcher.sounds, watcher.sounds[1:], strict=False)]
    assert max(silences) < 1.0, "sound is never paused"
