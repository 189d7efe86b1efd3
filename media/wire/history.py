"""What was forwarded lately, so that a viewer's loss is answered without asking the publisher."""

from collections import deque
from typing import NamedTuple

from .rtp import Elements

MAX_PACKETS = 1024
MAX_BYTES = 1_000_000
MAX_AGE = 3.0
"""Seconds; a packet later than this is of no use to a jitter buffer."""


class Packet(NamedTuple):
    """One RTP packet in the clear, without its fixed header's numbers for any one viewer.

    `flags` is the first header byte with version and padding bit only, `type` the second (marker and the
    publisher's payload type), `index` the extended sequence number, `elements` its header extensions.
    """

    flags: int
    type: int
    index: int
    timestamp: int
    payload: bytes
    elements: Elements


class History:
    """The latest packets of one publication by extended sequence number; bounded three ways."""

    __slots__ = ("_arrivals", "_packets", "max_age", "max_bytes", "max_packets", "size")

    def __init__(self, max_packets: int = MAX_PACKETS, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE) -> None:
        self.max_packets, self.max_bytes, self.max_age = max_packets, max_bytes, max_age
        self._packets: dict[int, Packet] = {}
        self._arrivals: deque[tuple[float, int]] = deque()
        self.size = 0

    def __len__(self) -> int:
        return len(self._packets)

    def __contains__(self, index: int) -> bool:
        return index in self._packets

    def add(self, packet: Packet, now: float) -> None:
        """Keep a packet that is not kept yet."""
        self._packets[packet.index] = packet
        self._arrivals.append((now, packet.index))
        self.size += len(packet.payload)
        if len(self._packets) > self.max_packets or self.size > self.max_bytes:
            self._drop_oldest()
            while self.size > self.max_bytes:
                self._drop_oldest()

    def get(self, index: int) -> Packet | None:
        return self._packets.get(index)

    def expire(self, now: float) -> None:
        """Forget what is too old; to be called about once a second."""
        oldest = now - self.max_age
        while self._arrivals and self._arrivals[0][0] < oldest:
            self._drop_oldest()

    def clear(self) -> None:
        self._packets.clear()
        self._arrivals.clear()
        self.size = 0

    def _drop_oldest(self) -> None:
        packet = self._packets.pop(self._arrivals.popleft()[1])
        self.size -= len(packet.payload)
