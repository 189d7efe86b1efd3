"""A camera of three layers, and who watches it and reports what comes, on a network of virtual time."""

import os

from media.plane import seam
from media.wire import rtcp, twcc
from tests.media.plane.house import House
from tests.media.plane.spread_house import SpreadHouse
from tests.media.wire.layered import Source
from tests.wire.browser import Browser, Media
from tests.wire.rig import packet

RIDS = ("q", "h", "f")
PACKETS = (1, 2, 6)
"""Of 1,000 bytes in a picture of each layer, 24 a second: 190, 380 and 1,150 kbit/s."""
EVERY = 1 / 24
LAYERED = (Media("0", "audio", ssrc=0xC0), Media("1", "video", rids=RIDS))


class Camera:
    """Sends what is needed of its layers, and keyframes where they are asked for; and sound."""

    def __init__(self, house: House | SpreadHouse, up: Browser) -> None:
        self.house, self.up = house, up
        self.layers = [Source(layer, "VP8", 0, layer * 70_000, 10, 10) for layer in range(3)]
        self.keyframes = [0, 0, 0]
        self._asked = [True, True, True]
        self._sounds = 0
        self.most = 3
        """Layers it can send now."""
        house.network.every(EVERY, self._picture)
        house.network.every(0.02, self._sound)

    def _picture(self) -> None:
        for part in self.up.peer.parts(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI):
            self._asked[int.from_bytes(part.body[4:8], "big") - 0xA0] = True
        self.up.peer.rtcp.clear()
        needed = [each.layers for each in self.house.told(seam.Needed)]
        for layer in range(min(needed[-1] if needed else 3, self.most)):
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

    def __init__(self, house: House | SpreadHouse, down: Browser) -> None:
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
