"""The heads of one peer's packets, kept for a while for whoever looks for a fault: never what is in them."""

from collections import deque
from collections.abc import Sequence

from . import Address, Captured, rtcp
from .sending import Outlet

MOST = 20_000
"""Heads that are kept at once, whatever is asked for."""
RTP, RTCP = 12, 8
"""Bytes of a head: the fixed header, or of each part of a compound its header and who says it."""


class Heads:
    """The latest of a peer's, both ways. `now` is to be told before packets are sent."""

    def __init__(self, peer: str, most: int, now: float) -> None:
        self.peer, self.now = peer, now
        self._kept: deque[Captured] = deque(maxlen=min(most, MOST))

    def rtp(self, is_sent: bool, data: bytes | memoryview, size: int) -> None:
        """A packet of `size` bytes as it is on the line; `data` begins with its header, which is never sealed."""
        self._kept.append(Captured(self.now, is_sent, size, bytes(data[:RTP])))

    def rtcp(self, is_sent: bool, parts: Sequence[rtcp.Part]) -> None:
        for part in parts:
            self._kept.append(Captured(self.now, is_sent, len(part.raw), part.raw[:RTCP]))

    def kept(self) -> list[Captured]:
        return list(self._kept)


class NotingOutlet:
    """The same way out; what goes there is noted. Reports are noted before they are sealed."""

    def __init__(self, outlet: Outlet, heads: Heads) -> None:
        self._outlet, self._heads = outlet, heads

    def send(self, address: Address, data: memoryview | bytes) -> None:
        if not 191 < data[1] < 224:
            self._heads.rtp(True, data, len(data))
        self._outlet.send(address, data)

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        for start in range(0, len(data), size):
            self._heads.rtp(True, data[start : start + RTP], min(size, len(data) - start))
        self._outlet.send_run(address, data, size)
