"""One publication as it comes in: its numbering, statistics, gaps and history. Time is given.

A publication has a timeline of its own, indices and timestamps, which goes on when its sender starts anew under
another SSRC; viewers are forwarded from that timeline and never see the break.
"""

from . import AddPublication, Reception, Tap, rtp
from .gaps import Gaps
from .history import History, Packet
from .outgoing import Stream
from .rtcp import SenderInfo

_ALL = 0xFFFFFFFF
_read_header = rtp.HEADER.unpack_from


class Publication:
    """What the wire knows of one track. `key` is its id, `peer` its sender's; `streams` are its viewers."""

    __slots__ = (
        "base",
        "clock",
        "clocks",
        "duplicates",
        "first",
        "gaps",
        "highest",
        "history",
        "jitter",
        "kept",
        "key",
        "kind",
        "last_arrival",
        "last_timestamp",
        "level_extension",
        "loud_count",
        "loud_sum",
        "mid",
        "mid_extension",
        "muted",
        "nack",
        "peer",
        "pending",
        "received",
        "repair_ssrc",
        "repaired_types",
        "report",
        "report_at",
        "sent_timestamp",
        "shift",
        "ssrc",
        "streams",
        "tap",
        "told_ssrc",
        "transit",
        "unknown_types",
    )  # fmt: skip

    def __init__(self, command: AddPublication) -> None:
        self.key, self.peer = command.publication, command.peer
        self.muted = False
        self.streams: list[Stream] = []
        self.tap: Tap | None = None
        self.kept: frozenset[int] = frozenset()
        self.pending: list[Packet] = []
        self.history, self.gaps = History(), Gaps()
        self.highest, self.base, self.shift = -1, 0, 0
        self.last_timestamp, self.last_arrival = 0, 0.0
        self.duplicates = self.unknown_types = 0
        self.loud_sum = self.loud_count = 0
        self.told_ssrc: int | None = None
        self.begin(None)
        self.change(command)

    def change(self, command: AddPublication) -> None:
        """Take what signalling says of it, anew or for the first time."""
        self.kind = command.kind
        self.clocks = {payload.number: payload.clock for payload in command.payloads}
        self.clock = command.payloads[0].clock if command.payloads else 90_000
        self.repaired_types = {
            payload.retransmission: payload.number for payload in command.payloads if payload.retransmission is not None
        }
        self.mid, self.mid_extension = command.mid.encode(), command.mid_extension
        self.level_extension = command.level_extension
        self.nack = command.nack
        self.repair_ssrc = command.retransmission_ssrc
        if command.ssrc is not None and command.ssrc != self.told_ssrc:
            self.told_ssrc = command.ssrc
            self.begin(command.ssrc)

    def begin(self, ssrc: int | None) -> None:
        """A stream under another SSRC: its first packet will follow the last one of the former."""
        self.ssrc = ssrc
        self.first = -1
        self.received = 0
        self.jitter = self.transit = 0.0
        self.sent_timestamp = 0
        self.report: SenderInfo | None = None
        self.report_at = 0.0
        self.gaps.clear()

    def take(self, inbox: memoryview, size: int, now: float) -> None:
        """A packet in the clear. Raises rtp.Malformed."""
        first, kind, sequence, timestamp, _ = _read_header(inbox)
        if kind & 0x7F not in self.clocks:
            self.unknown_types += 1
            return
        start, elements = 12, ()
        if first != 0x80:
            start, elements = self._beyond_header(inbox, size)
        index = self._place(sequence, timestamp, kind, now)
        if index is None:
            self.duplicates += 1
            return
        self.received += 1
        self._keep(first, kind, index, timestamp, bytes(inbox[start:size]), elements, now)

    def take_repaired(self, inbox: memoryview, size: int, now: float) -> None:
        """A retransmission: the original's number leads its payload (RFC 4588 §4). Raises Malformed.

        It does not count as received, so that reports tell what the network really lost.
        """
        first, kind, _, timestamp, _ = _read_header(inbox)
        start, elements = self._beyond_header(inbox, size)
        original = self.repaired_types.get(kind & 0x7F)
        padding = inbox[size - 1] if first & 0x20 else 0
        if original is None or size - start - padding < 2 or self.first < 0:
            return  # nothing but padding (a probe), or a repair of what never was
        kind = kind & 0x80 | original
        index = self._place(inbox[start] << 8 | inbox[start + 1], timestamp, kind, now)
        if index is None:
            self.duplicates += 1
            return
        self._keep(first, kind, index, timestamp, bytes(inbox[start + 2 : size]), elements, now)

    def asked_again(self, now: float) -> tuple[list[int], int]:
        """The sender's sequence numbers to ask for now, and how many packets were given up."""
        if not self.nack:
            self.gaps.expire(now)
            return [], 0
        wanted, lost = self.gaps.due(now)
        return [(index - self.base) & 0xFFFF for index in wanted], lost

    def loudness(self) -> int:
        """The mean since the last call, 0–127; 0 when nothing was heard."""
        mean = self.loud_sum // self.loud_count if self.loud_count else 0
        self.loud_sum = self.loud_count = 0
        return mean

    def reception(self, now: float) -> Reception | None:
        """None while there is no stream."""
        if self.ssrc is None or self.first < 0:
            return None
        middle = self.report.ntp >> 16 & _ALL if self.report else 0
        age = now - self.report_at if self.report else 0.0
        expected = self.highest - self.first + 1
        highest = self.highest - self.base
        return Reception(
            self.key, self.ssrc, self.received, expected, highest, int(self.jitter), middle, age
        )  # fmt: skip

    def _keep(
        self, first: int, kind: int, index: int, timestamp: int, payload: bytes, elements: rtp.Elements, now: float
    ) -> None:
        packet = (first & 0xA0, kind, index, (timestamp + self.shift) & _ALL, payload, elements, now)
        self.history.add(packet)
        self.pending.append(packet)

    def _place(self, sequence: int, timestamp: int, kind: int, now: float) -> int | None:
        """The index of a packet on our timeline; None for one that was there, or comes too late."""
        highest = self.highest
        step = (sequence + self.base - highest) & 0xFFFF
        if self.first < 0:
            self._start(sequence, timestamp, kind, now)
        elif step == 1:
            self.highest = highest + 1
        elif 0 < step < 0x8000:
            self.gaps.skipped(highest + 1, highest + step, now)
            self.highest = highest + step
        else:
            late = highest + step - (0x10000 if step else 0)
            return late if self.gaps.arrived(late, now) else None
        if timestamp != self.sent_timestamp or not self.transit:
            self._measure(timestamp, kind, now)
        return self.highest

    def _start(self, sequence: int, timestamp: int, kind: int, now: float) -> None:
        if self.highest < 0:
            self.base = 0x10000
        else:
            self.base = self.highest + 1 - sequence
            gone = int((now - self.last_arrival) * self.clocks[kind & 0x7F])
            self.shift = (self.last_timestamp + max(gone, 1) - timestamp) & _ALL
        self.first = self.highest = sequence + self.base

    def _measure(self, timestamp: int, kind: int, now: float) -> None:
        """Jitter (RFC 3550 §6.4.1), of the first packet of each picture only."""
        clock = self.clock = self.clocks[kind & 0x7F]
        transit = now * clock - timestamp
        difference = abs(transit - self.transit)
        if self.transit and difference < 5 * clock:
            self.jitter += (difference - self.jitter) / 16
        self.transit = transit
        self.sent_timestamp = timestamp
        self.last_timestamp = (timestamp + self.shift) & _ALL
        self.last_arrival = now

    def _beyond_header(self, inbox: memoryview, size: int) -> tuple[int, rtp.Elements]:
        """Where the payload begins, and the header extensions that some viewer gets."""
        start, block, profile = rtp.payload_start(inbox, size)
        return start, self._elements(inbox, block, start, profile) if profile else ()

    def _elements(self, inbox: memoryview, block: int, end: int, profile: int) -> rtp.Elements:
        elements = rtp.read_elements(bytes(inbox[block:end]), profile)
        for key, value in elements:
            if key == self.level_extension and value:
                self.loud_sum += 127 - (value[0] & 0x7F)
                self.loud_count += 1
        return tuple(element for element in elements if element[0] in self.kept)


def element_of(inbox: memoryview, size: int, wanted: int) -> bytes | None:
    """The value of one header extension of a packet in the clear. Raises rtp.Malformed."""
    start, block, profile = rtp.payload_start(inbox, size)
    for key, value in rtp.read_elements(bytes(inbox[block:start]), profile) if profile else ():
        if key == wanted:
            return value
    return None
