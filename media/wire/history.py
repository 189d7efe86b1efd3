"""What was forwarded lately, so that a viewer's loss is answered without asking the publisher."""

from .rtp import Elements

MAX_PACKETS = 1024
"""A power of two."""
MAX_BYTES = 1_000_000
MAX_AGE = 3.0
"""Seconds; a packet later than this is of no use to a jitter buffer."""

Packet = tuple[int, int, int, int, bytes, Elements, float]
"""One RTP packet in the clear, without its header's numbers for any one viewer:

flags (first header byte: version and padding bit only), type (the second: marker and the publisher's payload
type), index (extended sequence number), timestamp, payload, header extensions, time of arrival.
A plain tuple, because the collector forgets those that hold no containers; a publication keeps a thousand.
"""

_MASK = MAX_PACKETS - 1


class History:
    """The latest packets of one publication by index, in a ring; bounded in packets, bytes and age."""

    __slots__ = ("_oldest", "_ring", "max_age", "max_bytes", "newest", "size")

    def __init__(self, max_bytes: int = MAX_BYTES, max_age: float = MAX_AGE) -> None:
        self.max_bytes, self.max_age = max_bytes, max_age
        self._ring: list[Packet | None] = [None] * MAX_PACKETS
        self._oldest = 0
        self.newest = -1
        self.size = 0

    def __len__(self) -> int:
        return sum(packet is not None for packet in self._ring)

    def add(self, packet: Packet) -> None:
        """Keep a packet. One that is further behind than the ring is long is not kept."""
        index = packet[2]
        if index > self.newest:
            if index > self.newest + 1:
                self._skip(index)
            self.newest = index
        elif index <= self.newest - MAX_PACKETS:
            return
        self._put(index, packet)
        if self.size > self.max_bytes:
            self._forget_oldest()

    def get(self, index: int) -> Packet | None:
        packet = self._ring[index & _MASK]
        return packet if packet is not None and packet[2] == index else None

    def expire(self, now: float) -> None:
        """Forget what is too old; to be called about once a second."""
        before = now - self.max_age
        for index in range(max(self._oldest, self.newest - MAX_PACKETS + 1), self.newest + 1):
            self._oldest = index
            packet = self.get(index)
            if packet is not None and packet[6] >= before:
                return
            self._put(index, None)

    def _skip(self, index: int) -> None:
        """Numbers that did not come must not leave older packets in their places."""
        for missing in range(max(self.newest + 1, index - MAX_PACKETS), index):
            self._put(missing, None)

    def _forget_oldest(self) -> None:
        index = max(self._oldest, self.newest - MAX_PACKETS + 1)
        while self.size > self.max_bytes and index < self.newest:
            self._put(index, None)
            index += 1
        self._oldest = index

    def _put(self, index: int, packet: Packet | None) -> None:
        former = self._ring[index & _MASK]
        if former is not None:
            self.size -= len(former[4])
        if packet is not None:
            self.size += len(packet[4])
        self._ring[index & _MASK] = packet
