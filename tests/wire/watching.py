"""A camera with its sound, and a viewer behind a line who reports on it as browsers do. In memory, in virtual time."""

import os
from collections.abc import Callable
from dataclasses import replace

from media.wire import AddSubscription, rtcp, twcc
from tests.wire.given import HEAR, VIEW
from tests.wire.rig import MemoryRig, Peer, packet

NUMBER = 9
"""The viewer's id of the transport-wide sequence number."""
NUMBERED: tuple[AddSubscription, ...] = (
    replace(VIEW, transport_extension=NUMBER),
    replace(HEAR, transport_extension=NUMBER),
)


class Watching:
    """`parts` packets of `size` bytes 30 times a second, a sound every 20 ms, a report every 100 ms.

    `came` are the pictures' packets that came, and when; `late` how many seconds each sound that came was on its
    way. It reports those that it `claims` to have got.
    """

    def __init__(self, rig: MemoryRig, up: Peer, down: Peer, parts: int = 6, size: int = 1040) -> None:
        self.rig, self.up, self.down, self.parts, self.size = rig, up, down, parts, size
        self.came: dict[int, float] = {}
        self.late: dict[int, float] = {}
        self.claims: Callable[[int], bool] = lambda _: True
        self.sequence = 0
        self._pictures = self._told = self._count = 0
        self._sounds: list[float] = []
        self._arrived: dict[int, int] = {}
        down.take = self._take  # type: ignore[method-assign]
        rig.network.every(1 / 30, self._picture)
        rig.network.every(0.02, self._sound)
        rig.network.every(0.1, self._tell)

    def picture(self, parts: int) -> range:
        """The sequence numbers of its packets, as the viewer is to get them."""
        for part in range(parts):
            payload = os.urandom(self.size)
            self.up.play(packet(96, self.sequence + part, self._pictures * 3000, 0xA0, payload, int(part == parts - 1)))
        self._pictures += 1
        self.sequence += parts
        return range(VIEW.sequence + self.sequence - parts, VIEW.sequence + self.sequence)

    def _picture(self) -> None:
        self.picture(self.parts)

    def _sound(self) -> None:
        number = len(self._sounds)
        self._sounds.append(self.rig.network.now)
        self.up.play(packet(111, number, number * 960, 0xC0, os.urandom(80)))

    def _take(self, data: bytes) -> None:
        if 192 <= data[1] <= 223:
            return
        now = self.rig.network.now
        number = int.from_bytes(data[17:19], "big")  # the first element of its header extension, in the clear
        if self.claims(number):
            self._arrived[number] = round(now / twcc.TICK)
        sequence, ssrc = int.from_bytes(data[2:4], "big"), int.from_bytes(data[8:12], "big")
        if ssrc == VIEW.ssrc:
            self.came[sequence] = now
        elif ssrc == HEAR.ssrc:
            self.late[sequence - HEAR.sequence] = now - self._sounds[sequence - HEAR.sequence]

    def _tell(self) -> None:
        if self._arrived:
            span = max((number - self._told) & 0xFFFF for number in self._arrived) + 1
            arrivals = tuple(self._arrived.get((self._told + each) & 0xFFFF) for each in range(span))
            report = twcc.build(9, 0xB0, twcc.Report(self._told, self._count & 0xFF, arrivals))
            self.down.report(rtcp.build_receiver_report(9, ()) + report)
            self._told = (self._told + span) & 0xFFFF
            self._count += 1
            self._arrived.clear()
