"""The layers of one publication: which of them come, and what was asked of their sender. Pure: time is given."""

from typing import TYPE_CHECKING

from . import descriptors, keyframes
from .descriptors import Descriptor
from .history import Packet
from .layers import Arrived, Placed, Splice

if TYPE_CHECKING:
    from .incoming import Publication

STOPPED = 0.5
"""Seconds without a picture after which a layer comes no more, while others do."""
MOST_LAYERS = 4

MOST_MEASURED = 256
"""Packets, the latest, by which a rate is parted."""

_WITH_TEMPORAL = ("VP8", "VP9")
_NEVER = float("-inf")


class Layers:
    """`inner` are the publications of the layers, the smallest first; `comes` tells which of them come.

    `reports` is as a Splice takes it. `until` are the newest packets, by layer, that somebody got or waited for.
    `tapped` splices for a receiver inside the server. `is_due`: a keyframe is wanted as soon as one may be asked for.
    """

    __slots__ = ("asked_at", "came_at", "comes", "inner", "is_due", "missed", "reports", "tapped", "until")

    def __init__(self, inner: "list[Publication]") -> None:
        many = len(inner)
        self.inner = inner
        self.reports: dict[int, tuple[int, int]] = {}
        self.tapped: Splice | None = None
        self.comes, self.missed = [False] * many, [0] * many
        self.came_at, self.asked_at = [_NEVER] * many, [_NEVER] * many
        self.until = [-1] * many
        self.is_due = False

    def came(self, layer: int, at: float) -> bool:
        """The newest picture of a layer came at `at`; whether the layer has begun with it."""
        if at == self.came_at[layer]:
            return False
        self.missed = [each + 1 for each in self.missed]
        self.came_at[layer], self.missed[layer] = at, 0
        has_begun, self.comes[layer] = not self.comes[layer], True
        return has_begun

    def stopped(self, now: float) -> bool:
        """Note which layers come no more while others do: a camera of one picture a second has not stopped."""
        found = [
            layer
            for layer, at in enumerate(self.came_at)
            if self.comes[layer] and now - at >= STOPPED and self.missed[layer] > 2 * (len(self.inner) - 1)
        ]
        for layer in found:
            self.comes[layer] = False
            self.inner[layer].rate = self.inner[layer].octets = 0
        return bool(found)

    def best(self, wish: int) -> int:
        """What is sent to one who is to get `wish`: the highest up to it that comes, else the lowest that does."""
        coming = [layer for layer, comes in enumerate(self.comes) if comes]
        return max((layer for layer in coming if layer <= wish), default=coming[0] if coming else wish)

    def top(self) -> int:
        return len(self.inner) - 1

    def may_ask(self, layer: int, every: float, now: float) -> bool:
        """Whether a keyframe may be asked for, which it thereby is."""
        if now - self.asked_at[layer] < every:
            return False
        self.asked_at[layer] = now
        return True

    def asked_for(self, splice: Splice, sequence: int) -> Packet | None:
        """What a viewer got, or should have got, under a number of its own (16 bits)."""
        found = splice.find(sequence)
        packet = self.inner[found[0]].history.get(found[1]) if found else None
        return again(self.inner[found[0]], splice, packet) if found and packet else None


def has_temporal(publication: "Publication") -> bool:
    """Whether its temporal layers, if it has any, are known."""
    return publication.codec in _WITH_TEMPORAL or publication.dependencies is not None


def arrived(publication: "Publication", packet: Packet) -> Arrived:
    """A packet of a layer as a Splice takes it."""
    codec, payload = publication.codec, packet[4]
    begins = codec not in keyframes.CODECS or keyframes.begins(codec, payload)
    return Arrived(publication.layer, packet[2], packet[3], begins, _told(publication, packet), packet[6])


def _told(publication: "Publication", packet: Packet) -> Descriptor | None:
    told = descriptors.read(publication.codec, packet[4])
    if told is None and publication.dependencies is not None:
        told = publication.dependencies.of(packet[2])
    return told


def base_rate(publication: "Publication", since: float) -> int:
    """What of the rate is the lowest temporal layer, bit/s, by the packets that came since then; 0 where there are no
    others."""
    if not publication.rate or not has_temporal(publication):
        return 0
    octets, base, newest = 0, 0, publication.history.newest
    picture, is_base = -1, True
    for index in range(newest, newest - MOST_MEASURED, -1):
        packet = publication.history.get(index)
        if packet is None:
            continue
        if packet[6] < since:
            break
        size = len(packet[4])
        if packet[3] != picture:
            told = _told(publication, packet)
            picture, is_base = packet[3], told is None or not told.temporal
        octets += size
        base += size if is_base else 0
    return publication.rate * base // octets if base < octets else 0


def renumbered(packet: Packet, placed: Placed) -> Packet:
    """As the viewer gets it: index, timestamp and payload are its own."""
    flags, kind, _, _, payload, elements, at = packet
    flags &= 0xDF if placed.is_empty else 0xFF
    return (flags, kind, placed.sequence, placed.timestamp, placed.payload(payload), elements, at)


def again(publication: "Publication", splice: Splice, packet: Packet) -> Packet | None:
    """A kept packet of a layer as the viewer got it, or should have; None when it never was for it."""
    placed = splice.place_again(arrived(publication, packet))
    return renumbered(packet, placed) if placed is not None else None
