"""The dependency descriptor, a header extension of AV1 that H264 may bear, too: the temporal layer of a packet's
picture (AV1 RTP specification 1.0, annex A). Pure.

Most packets bring three bytes, which point at one of the templates that came with a keyframe. Viewers are not sent the
extension: without it they go by sequence numbers, which have no gap where pictures are left out.
"""

from typing import NamedTuple

from .descriptors import Descriptor
from .history import MAX_PACKETS

MOST_SPATIAL, MOST_TEMPORAL = 3, 7
MOST_BYTES, MOST_INDICATIONS = 128, 256
"""Nine layers need some 95, and 135 as templates times decode targets. What a stranger sends costs no more."""
STRUCTURES = 2
"""The latest, and the one before it: packets that are older than a keyframe may come after it."""

_SWITCH = 2
_MASK = MAX_PACKETS - 1
_BITS = 22
"""A picture as it is kept: frame number (16), temporal layer (3), `rises`, `key`, `starts`; above them the index."""


class _Torn(ValueError):
    pass


class _Template(NamedTuple):
    """`above` are the decode targets of its spatial layer and higher temporal ones, each the lower of its two bits in a
    row of indications."""

    temporal: int
    rises: bool
    above: int


class _Structure(NamedTuple):
    """Templates for so many decode targets, the first of which is number `offset`."""

    offset: int
    templates: tuple[_Template, ...]
    many: int


class Dependencies:
    """What one publication's descriptors said, of its latest packets."""

    __slots__ = ("_kept", "_structures")

    def __init__(self) -> None:
        self._structures: list[_Structure] = []
        self._kept = [-1] * MAX_PACKETS

    def begin(self) -> None:
        """Another stream: its templates are its own."""
        self._structures.clear()

    def take(self, index: int, value: bytes) -> None:
        """A packet has come with these bytes, b"" where it has none."""
        told = self.read(value)
        kept = -1
        if told is not None and told.frame is not None:
            flags = told.temporal << 3 | told.rises << 2 | told.key << 1 | told.starts
            kept = (index << 16 | told.frame) << _BITS - 16 | flags
        self._kept[index & _MASK] = kept

    def of(self, index: int) -> Descriptor | None:
        """What the descriptor of a packet said; None when it is not known."""
        kept = self._kept[index & _MASK]
        if kept >> _BITS != index:
            return None
        starts, key, rises = bool(kept & 1), bool(kept & 2), bool(kept & 4)
        return _descriptor(starts, key, kept >> 3 & 7, rises, kept >> 6 & 0xFFFF)

    def read(self, value: bytes) -> Descriptor | None:
        """None when it is torn, or its template has not come."""
        if not 3 <= len(value) <= MOST_BYTES:
            return None
        try:
            return self._picture(value[0], value[1] << 8 | value[2], _Bits(value[3:]))
        except _Torn:
            return None

    def _picture(self, first: int, frame: int, more: "_Bits") -> Descriptor | None:
        starts, structure, has_dtis = bool(first & 0x80), None, 0
        if more.left:
            has_structure, has_targets, has_dtis = more.take(1), more.take(1), more.take(1)
            more.take(2)  # frame differences and chains of its own, which come last
            if has_structure:
                structure = self._adopt(_structure(more))
            found = structure or self._structure_of(first & 0x3F)
            if found is not None and has_targets:
                more.take(found.many)
        else:
            found = self._structure_of(first & 0x3F)
        if found is None or (first - found.offset) & 0x3F >= len(found.templates):
            return None
        temporal, rises, above = found.templates[(first - found.offset) & 0x3F]
        if has_dtis:
            rises = _rises(above, more.take(2 * found.many))
        return _descriptor(starts, starts and structure is not None, temporal, rises, frame)

    def _adopt(self, structure: _Structure) -> _Structure:
        others = [each for each in self._structures if each.offset != structure.offset]
        self._structures = [structure, *others][:STRUCTURES]
        return structure

    def _structure_of(self, number: int) -> _Structure | None:
        fit = (each for each in self._structures if (number - each.offset) & 0x3F < len(each.templates))
        return next(fit, None)


class _Bits:
    """Raises _Torn where there are no more."""

    __slots__ = ("_number", "left")

    def __init__(self, data: bytes) -> None:
        self._number, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self.left -= count
        if self.left < 0:
            raise _Torn
        return self._number >> self.left & (1 << count) - 1

    def take_below(self, many: int) -> int:
        """One of so many numbers, those below a power of two in a bit less: `ns(n)`."""
        width = many.bit_length()
        short = (1 << width) - many
        number = self.take(width - 1)
        return number if number < short else (number << 1) - short + self.take(1)


def _structure(bits: _Bits) -> _Structure:
    """`template_dependency_structure`, of which differences, chains and sizes are passed over."""
    offset, many = bits.take(6), bits.take(5) + 1
    layers = _layers(bits, MOST_INDICATIONS // many)
    rows = [bits.take(2 * many) for _ in layers]
    for _ in layers:
        follows = bits.take(1)
        while follows:
            follows = bits.take(5) & 1  # a difference, and whether another follows
    chains = bits.take_below(many + 1)
    if chains:
        for _ in range(many):
            bits.take_below(chains)
        bits.take(4 * chains * len(layers))
    if bits.take(1):
        bits.take(32 * (layers[-1][0] + 1))
    every = ((1 << 2 * many) - 1) // 3
    present = [(row | row >> 1) & every for row in rows]
    wide = [every, *_reached([each[0] for each in layers], present)[1:]]
    deep = _reached([each[1] for each in layers], present)
    templates = []
    for (spatial, temporal), row in zip(layers, rows, strict=True):
        above = wide[spatial] & ~wide[spatial + 1] & deep[temporal + 1]
        templates.append(_Template(temporal, _rises(above, row), above))
    return _Structure(offset, tuple(templates), many)


def _layers(bits: _Bits, most: int) -> list[tuple[int, int]]:
    """The spatial and temporal layer of each template."""
    layers = [(0, 0)]
    while (step := bits.take(2)) != 3:
        spatial, temporal = layers[-1]
        layers.append((spatial, temporal + (step == 1)) if step < 2 else (spatial + 1, 0))
        if len(layers) > min(most, 64) or layers[-1][0] > MOST_SPATIAL or layers[-1][1] > MOST_TEMPORAL:
            raise _Torn
    return layers


def _reached(layers: list[int], present: list[int]) -> list[int]:
    """By layer, the decode targets that go as high; `present` are those that each template is of."""
    found = [0] * (MOST_TEMPORAL + 2)
    for layer, targets in zip(layers, present, strict=True):
        found[layer] |= targets
    for layer in reversed(range(MOST_TEMPORAL + 1)):
        found[layer] |= found[layer + 1]
    return found


def _rises(above: int, row: int) -> bool:
    """Whether who can decode this picture can decode all that follows in higher temporal layers."""
    return above & ~(row >> 1 & ~row) == 0


def _descriptor(starts: bool, key: bool, temporal: int, rises: bool, frame: int) -> Descriptor:
    return Descriptor("AV1", starts, key, None, 0, False, None, 0, temporal, rises, frame)
