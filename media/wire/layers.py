"""One viewer's stream over the layers of a publication: what each packet is to the viewer. Pure, time is given.

Each layer has a timeline of its own (indices, timestamps, picture ids). What the viewer gets is one stream: it goes
over to another layer at a keyframe only, and there sequence numbers, timestamps and picture ids go on. Pictures of
temporal layers that are not wanted are left out, and leave no gap. Where the numbers begin to differ otherwise, a new
epoch begins; the latest are kept, so that what comes late or is asked for again goes out under the numbers it has.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .descriptors import Descriptor

MOST_EPOCHS = 64
"""More than a viewer asks back for: at 60 pictures a second, half of them left out, two seconds."""
ALL = 7
"""No temporal layer is above this."""

Reports = Mapping[int, tuple[int, int]]
"""By layer, its sender's latest report: NTP time (64 bits), and that moment's timestamp on the layer's timeline."""

_OPEN = 1 << 62
_FRAMES = 30
"""Timestamps go forward by at least the thirtieth part of a second at a switch."""
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Arrived:
    """A packet of a layer; one for all viewers.

    `index` and `timestamp` on the layer's timeline, `begins` as `keyframes.begins` says (True where the codec is not
    known), `at` the time of arrival in seconds.
    """

    layer: int
    index: int
    timestamp: int
    begins: bool
    descriptor: Descriptor | None
    at: float


class Placed(NamedTuple):
    """What goes out: extended sequence number, timestamp, and the numbers to be written into the payload.

    With `is_empty` the payload is left away: the packet belongs to a picture that is left out, but its number cannot
    be taken back any more.
    """

    sequence: int
    timestamp: int
    picture: int | None
    base: int | None
    descriptor: Descriptor | None
    is_empty: bool

    def payload(self, of: bytes) -> bytes:
        """The payload for this viewer."""
        if self.is_empty:
            return b""
        told = self.descriptor
        if told is None or (self.picture == told.picture and self.base == told.base):
            return of
        data = bytearray(of)
        if self.picture is not None:
            number = self.picture | 0x8000 if told.wide else self.picture
            data[told.picture_at : told.picture_at + 1 + told.wide] = number.to_bytes(1 + told.wide, "big")
        if self.base is not None:
            data[told.base_at] = self.base
        return bytes(data)


@dataclass(slots=True)
class _Epoch:
    """Packets `first` to before `end` of a layer, which all go out under numbers that differ by the same.

    Those before `body` and from `tail` on had not come when their numbers were given away; one of them whose
    timestamp is `before`, or `after`, is of a picture that is left out.
    """

    layer: int
    first: int
    body: int
    delta: int
    shift: int
    picture: int
    base: int
    before: int | None = None
    tail: int = _OPEN
    end: int = _OPEN
    after: int | None = None

    def place(self, packet: Arrived) -> Placed:
        told, index = packet.descriptor, packet.index
        picture = base = None
        if told is not None and told.picture is not None:
            picture = (told.picture + self.picture) & (0x7FFF if told.wide else 0x7F)
        if told is not None and told.base is not None:
            base = (told.base + self.base) & 0xFF
        is_left_out = (index < self.body and packet.timestamp == self.before) or (
            index >= self.tail and packet.timestamp == self.after
        )
        timestamp = (packet.timestamp + self.shift) & _MASK
        return Placed(index + self.delta, timestamp, picture, base, told, is_left_out)


class Splice:
    """`layer` is what the viewer gets now, None before the first packet and after `leave_off`; `wanted` what it is to
    get. `temporal` is the highest temporal layer that goes out now, `wanted_temporal` that which may."""

    __slots__ = (
        "_base", "_clock", "_epochs", "_ideal", "_is_out", "_left_out", "_next", "_offset", "_picture", "_picture_time",
        "_seen", "_sent", "_sent_at", "layer", "temporal", "wanted", "wanted_temporal",
    )  # fmt: skip

    def __init__(self, sequence: int, clock: int = 90_000) -> None:
        self.layer: int | None = None
        self.wanted = 0
        self.temporal = self.wanted_temporal = ALL
        self._clock = clock
        self._epochs: deque[_Epoch] = deque(maxlen=MOST_EPOCHS)
        self._next = 0x10000 + sequence
        self._sent, self._sent_at, self._ideal = 0, 0.0, 0
        self._offset = 0
        self._picture: int | None = None
        self._base: int | None = None
        self._seen, self._picture_time, self._is_out = -1, 0, False
        self._left_out: Descriptor | None = None

    def want(self, layer: int, temporal: int = ALL) -> None:
        """Go over to `layer` at its next keyframe; fewer temporal layers from the next picture on, more of them
        where the sender allows it."""
        self.wanted, self.wanted_temporal = layer, temporal

    def adopt(self, newest: Arrived, first: int, delta: int) -> None:
        """Go on with what was sent without a splice until now: packets from `first` to `newest`, whose numbers are
        their index and `delta`."""
        self._epochs.append(_Epoch(newest.layer, first, first, delta, 0, 0, 0))
        self.layer = newest.layer
        self._saw(newest)

    def leave_off(self) -> None:
        """Send nothing until a keyframe comes again; there are no gaps then."""
        if self.layer is not None:
            self._close()
            self.layer = None

    def place(self, packet: Arrived, reports: Reports) -> Placed | None:
        """What the viewer gets of a packet, once it has come; None for nothing."""
        if packet.layer == self.layer and packet.index > self._seen:
            return self._leave_out(packet) if self._is_left_out(packet) else self._forward(packet)
        placed = self.place_again(packet)
        if placed is None and packet.layer == self.wanted != self.layer and packet.begins and self._is_new(packet):
            return self._begin(packet, reports)
        return placed

    def place_again(self, packet: Arrived) -> Placed | None:
        """What the viewer got of a packet, or gets now that it came late; None for nothing."""
        for epoch in reversed(self._epochs):
            if epoch.layer == packet.layer and epoch.first <= packet.index < epoch.end:
                return epoch.place(packet)
        return None

    def find(self, sequence: int) -> tuple[int, int] | None:
        """The layer and index of what went out, or will, under a sequence number (16 bits); None when forgotten."""
        if not self._epochs:
            return None
        last = self._epochs[-1]
        newest = (self._seen + 1 if last.end == _OPEN else last.end) + last.delta - 1
        number = newest - ((newest - sequence) & 0xFFFF)
        for epoch in reversed(self._epochs):
            if epoch.first <= number - epoch.delta < epoch.end:
                return epoch.layer, number - epoch.delta
        return None

    @property
    def shift(self) -> int:
        """Ours minus the timestamps of the layer that is sent now."""
        return self._epochs[-1].shift if self._epochs else 0

    def _begin(self, packet: Arrived, reports: Reports) -> Placed:
        shift = self._shift_for(packet, reports)
        self._close()
        number = self._epochs[-1].end + self._epochs[-1].delta if self._epochs else self._next
        told, base = packet.descriptor, 0
        self._offset = 0
        if told is not None and told.picture is not None and self._picture is not None:
            self._offset = self._picture + 1 - told.picture
        if told is not None and told.base is not None and self._base is not None:
            base = self._base + 1 - told.base
        index = packet.index
        self._epochs.append(_Epoch(packet.layer, index, index, number - index, shift, self._offset, base))
        self.layer, self.temporal, self._is_out = packet.layer, self.wanted_temporal, False
        self._saw(packet)
        return self._epochs[-1].place(packet)

    def _is_new(self, packet: Arrived) -> bool:
        """No packet gets a second number."""
        return all(epoch.end <= packet.index for epoch in self._epochs if epoch.layer == packet.layer)

    def _shift_for(self, packet: Arrived, reports: Reports) -> int:
        """What makes the packet come as long after the last one sent as it was taken after that."""
        if not self._epochs:
            return 0
        gone = max(0, int((packet.at - self._sent_at) * self._clock))
        told = self._told(packet, reports)
        if told is None or abs(told - gone) > self._clock:  # a sender may say what it likes
            told = None
        step = max(gone if told is None else told, self._clock // _FRAMES)
        shift = (self._sent + step - packet.timestamp) & _MASK
        self._ideal = shift if told is None else (self._sent + told - packet.timestamp) & _MASK
        return shift

    def _told(self, packet: Arrived, reports: Reports) -> int | None:
        """The same by the senders' clocks, in our timestamps; None when they have not said."""
        since = packet.timestamp + self._ideal - self._sent
        last = self._epochs[-1].layer
        if last == packet.layer:
            return _signed(since, 32)
        ours, theirs = reports.get(last), reports.get(packet.layer)
        if ours is None or theirs is None:
            return None
        apart = _signed(theirs[0] - ours[0], 64) * self._clock >> 32
        return _signed(since + ours[1] - theirs[1] + apart, 32)

    def _forward(self, packet: Arrived) -> Placed:
        if self._is_out:
            self._open(packet.index)
            self._is_out = False
        self._saw(packet)
        return self._epochs[-1].place(packet)

    def _saw(self, packet: Arrived) -> None:
        """Keep what the next picture must go beyond: a picture that is left out counts, others before it may come."""
        last, told = self._epochs[-1], packet.descriptor
        self._seen, self._picture_time = packet.index, packet.timestamp
        self._sent, self._sent_at = (packet.timestamp + last.shift) & _MASK, packet.at
        if told is not None and told.picture is not None:
            self._picture = (told.picture + self._offset) & (0x7FFF if told.wide else 0x7F)
        if told is not None and told.base is not None:
            self._base = (told.base + last.base) & 0xFF

    def _is_left_out(self, packet: Arrived) -> bool:
        """All packets of a picture share its fate."""
        if packet.timestamp == self._picture_time:
            return self._is_out
        told = packet.descriptor
        self.temporal = min(self.temporal, self.wanted_temporal)
        if told is None:
            return False
        if self.layer != self.wanted:
            return told.temporal > self.temporal
        if packet.begins or (told.codec != "VP8" and told.rises and told.temporal <= self.temporal):
            self.temporal = self.wanted_temporal
        elif told.codec == "VP8" and told.rises and told.temporal == self.temporal + 1 <= self.wanted_temporal:
            self.temporal = told.temporal
        return told.temporal > self.temporal

    def _leave_out(self, packet: Arrived) -> None:
        is_same = self._is_out and packet.timestamp == self._picture_time
        if not self._is_out:
            self._close(packet)
        elif not is_same and packet.index > self._seen + 1 and not self._follows(packet):
            self._open(packet.index)  # whole pictures are missing between two that are left out: they keep numbers
            self._close(packet)
        if not is_same:
            self._skip_picture(packet.descriptor)
        self._is_out = True
        self._saw(packet)

    def _skip_picture(self, told: Descriptor | None) -> None:
        self._left_out = told
        if told is not None and told.codec == "VP8" and told.picture is not None:
            self._offset -= 1  # VP9 says by differences of picture ids what a picture needs: they must stay

    def _follows(self, packet: Arrived) -> bool:
        """It is of the picture after the one that was left out last."""
        told, before = packet.descriptor, self._left_out
        return told is not None and before is not None and told.follows(before)

    def _open(self, body: int) -> None:
        """Forward again after what was left out; what did not come since, before `body`, has numbers too."""
        last, first = self._epochs[-1], self._seen + 1
        delta = last.end + last.delta - first
        epoch = _Epoch(last.layer, first, body, delta, last.shift, self._offset, last.base, self._picture_time)
        self._epochs.append(epoch)

    def _close(self, packet: Arrived | None = None) -> None:
        """Nothing more goes out in this epoch; from `packet` on pictures are left out."""
        if not self._epochs or self._epochs[-1].end != _OPEN:
            return
        last = self._epochs[-1]
        last.tail = last.end = self._seen + 1
        if packet is not None:
            last.end, last.after = packet.index, packet.timestamp


def _signed(number: int, bits: int) -> int:
    half = 1 << bits - 1
    return (number + half) % (2 * half) - half
