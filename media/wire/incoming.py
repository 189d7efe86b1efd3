"""One publication as it comes in: its numbering, statistics, gaps and history. Time is given.

A publication has a timeline of its own, indices and timestamps, which goes on when its sender starts anew under
another SSRC; viewers are forwarded from that timeline and never see the break.
"""

from struct import Struct
from typing import TYPE_CHECKING

from . import AddPublication, Reception, Tap, rtp
from .dependencies import Dependencies
from .gaps import Gaps
from .history import History, Packet
from .outgoing import Stream
from .rtcp import SenderInfo

if TYPE_CHECKING:
    from .layering import Layers

_ALL = 0xFFFFFFFF
_read_header = rtp.HEADER.unpack_from
_read_one_word = Struct("!B11xIB").unpack_from
"""The first byte, and of a header extension of one word the header and the first element's."""


class Publication:
    """What the wire knows of one track. `key` is its id, `peer` its sender's; `streams` are its viewers, `newcomers`
    those of them that have got nothing yet and may begin with what came before them. `rate` is what came lately,
    bit/s, `base_rate` what of it was the lowest temporal layer where there were others; `octets` are the bytes that
    came `since`.

    One that is sent in layers takes nothing itself: each of its `layers` is a publication of its own, whose `outer` it
    is. A track that is sent once is its own outer where viewers get only some of its temporal layers.

    `wrapped` tells what its types of RED are around, `dependencies` what its dependency descriptors say.

    Of a sound with a `group`: `passing` while it is forwarded, up to index `passed` (−1: not known); `loudest` is the
    loudest of what is pending.
    """

    __slots__ = (
        "asked",
        "base",
        "base_rate",
        "clock",
        "clocks",
        "codec",
        "dependencies",
        "dependency_extension",
        "duplicates",
        "first",
        "gaps",
        "given_up",
        "group",
        "highest",
        "history",
        "jitter",
        "kept",
        "key",
        "keyframes",
        "kind",
        "last_arrival",
        "last_timestamp",
        "layer",
        "layers",
        "level_extension",
        "lone_number",
        "loud_count",
        "loud_sum",
        "loudest",
        "mid",
        "mid_extension",
        "muted",
        "nack",
        "newcomers",
        "octets",
        "outer",
        "passed",
        "passing",
        "peer",
        "pending",
        "rate",
        "received",
        "repair_ssrc",
        "repaired",
        "repaired_rid_extension",
        "repaired_types",
        "report",
        "report_at",
        "rid",
        "rid_extension",
        "sent_timestamp",
        "shift",
        "since",
        "ssrc",
        "streams",
        "tap",
        "told_ssrc",
        "transit",
        "unknown_types",
        "wrapped",
    )  # fmt: skip

    def __init__(self, command: AddPublication) -> None:
        self.key, self.peer = command.publication, command.peer
        self.muted = False
        self.streams: list[Stream] = []
        self.newcomers: list[Stream] = []
        self.layer = 0
        self.outer: Publication | None = None
        self.layers: Layers | None = None
        self.octets = self.rate = self.base_rate = 0
        self.since = 0.0
        self.repair_ssrc: int | None = None
        self.tap: Tap | None = None
        self.kept: frozenset[int] = frozenset()
        self.pending: list[Packet] = []
        self.history, self.gaps = History(), Gaps()
        self.highest, self.base, self.shift = -1, 0, 0
        self.last_timestamp, self.last_arrival = 0, 0.0
        self.duplicates = self.unknown_types = 0
        self.asked = self.given_up = self.repaired = self.keyframes = 0
        self.loud_sum = self.loud_count = 0
        self.group, self.loudest, self.passing, self.passed = "", -1, True, -1
        self.told_ssrc: int | None = None
        self.dependencies: Dependencies | None = None
        self.dependency_extension = 0
        self.begin(None)
        self.change(command)

    def change(self, command: AddPublication) -> None:
        """Take what signalling says of it, anew or for the first time."""
        self.kind = command.kind
        self.clocks = {payload.number: payload.clock for payload in command.payloads}
        self.wrapped = {payload.number: payload.wraps for payload in command.payloads if payload.wraps is not None}
        self.clock = command.payloads[0].clock if command.payloads else 90_000
        self.repaired_types = {
            payload.retransmission: payload.number for payload in command.payloads if payload.retransmission is not None
        }
        self.mid, self.mid_extension = command.mid.encode(), command.mid_extension
        self.level_extension = command.level_extension
        self.lone_number = (0x90, 0xBEDE0001, command.transport_extension << 4 | 1)
        self.nack = command.nack
        if command.group != self.group:
            self.group, self.passing, self.passed = command.group, True, -1
        self.codec = command.codec
        self.rid = command.rids[0].encode() if command.rids else b""
        self.rid_extension, self.repaired_rid_extension = command.rid_extension, command.repaired_rid_extension
        if command.dependency_extension != self.dependency_extension:
            self.dependency_extension = command.dependency_extension
            self.dependencies = Dependencies() if self.dependency_extension else None
        if not self.rid or command.retransmission_ssrc is not None:  # that of a browser's layer its packets tell
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
        if self.dependencies is not None:
            self.dependencies.begin()
        if self.outer is not None and self.outer.layers is not None:
            self.outer.layers.reports.pop(self.layer, None)

    @property
    def name(self) -> str:
        """The key under which the plane knows it."""
        return self.outer.key if self.outer is not None else self.key

    def has_begun(self) -> bool:
        """Whether packets came, of it or of another layer."""
        layers = self.outer.layers.inner if self.outer is not None and self.outer.layers is not None else [self]
        return any(each.highest >= 0 for each in layers)

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
        self.octets += size
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
        self.repaired += 1
        self.octets += size
        self._keep(first, kind, index, timestamp, bytes(inbox[start + 2 : size]), elements, now)

    def asked_again(self, now: float) -> tuple[list[int], int]:
        """The sender's sequence numbers to ask for now, and how many packets were given up."""
        if not self.nack:
            self.gaps.expire(now)
            return [], 0
        wanted, lost = self.gaps.due(now)
        self.asked += len(wanted)
        self.given_up += lost
        return [(index - self.base) & 0xFFFF for index in wanted], lost

    def loudness(self) -> int:
        """The mean since the last call, 0–127; 0 when nothing was heard."""
        mean = self.loud_sum // self.loud_count if self.loud_count else 0
        self.loud_sum = self.loud_count = 0
        return mean

    def measure_rate(self, is_due: bool, within: float, now: float) -> bool:
        """Note the rate of what came, when it is due; at once when something comes again, which is news. It has begun
        `within` the last seconds."""
        has_begun = not self.rate and self.octets > 0
        if has_begun:
            self.since = now - within
        if has_begun or is_due:
            self.rate = int(8 * self.octets / max(now - self.since, within))
        if is_due:
            self.octets, self.since = 0, now
        return has_begun

    def reception(self, now: float) -> Reception | None:
        """None while there is no stream."""
        if self.ssrc is None or self.first < 0:
            return None
        middle = self.report.ntp >> 16 & _ALL if self.report else 0
        age = now - self.report_at if self.report else 0.0
        expected = self.highest - self.first + 1
        highest = self.highest - self.base
        return Reception(
            self.name, self.ssrc, self.received, expected, highest, int(self.jitter), middle, age
        )  # fmt: skip

    def _keep(
        self, first: int, kind: int, index: int, timestamp: int, payload: bytes, elements: rtp.Elements, now: float
    ) -> None:
        if self.dependencies is not None:
            wanted = self.dependency_extension
            self.dependencies.take(index, next((value for key, value in elements if key == wanted), b""))
        kept = tuple(element for element in elements if element[0] in self.kept) if elements else ()
        packet = (first & 0xA0, kind, index, (timestamp + self.shift) & _ALL, payload, kept, now)
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
        """Where the payload begins, and the header extensions."""
        if size >= 20 and _read_one_word(inbox) == self.lone_number:
            return 20, ()
        start, block, profile = rtp.payload_start(inbox, size)
        return start, self._elements(inbox, block, start, profile) if profile else ()

    def _elements(self, inbox: memoryview, block: int, end: int, profile: int) -> rtp.Elements:
        elements = rtp.read_elements(bytes(inbox[block:end]), profile)
        for key, value in elements:
            if key == self.level_extension and value:
                loudness = 127 - (value[0] & 0x7F)
                self.loud_sum += loudness
                self.loud_count += 1
                if loudness > self.loudest:
                    self.loudest = loudness
        return elements


def elements_of(inbox: memoryview, size: int) -> dict[int, bytes]:
    """The header extensions of a packet in the clear. Raises rtp.Malformed."""
    start, block, profile = rtp.payload_start(inbox, size)
    return dict(reversed(rtp.read_elements(bytes(inbox[block:start]), profile))) if profile else {}
