"""What two planes say to each other on a leg, beside what any peer says: an application's RTCP (RFC 3550 §6.7). Pure.

`need`, from who has the viewers: a counter of 32 bits that goes up from packet to packet, then for each picture its
SSRC on the leg (the smallest layer's) and a bit for each layer that is needed, bit 0 the smallest. `rate`, from who
relays: for each picture its SSRC and four numbers of 32 bits, bit/s of its layers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct, iter_unpack, pack, unpack_from

from media.wire import rtcp

_KIND, _NEED, _RATE = 204, b"need", b"rate"
_MOST_LAYERS = 4
_RATES = Struct("!I4I")

Layers = frozenset[int]


@dataclass(frozen=True, slots=True)
class Needed:
    """Layers of pictures, by the pictures' SSRC; at most 128 of them in one packet."""

    number: int
    layers: dict[int, Layers]


@dataclass(frozen=True, slots=True)
class Rated:
    """Bit/s of the layers of pictures, by the pictures' SSRC; at most 50 of them in one packet."""

    rates: dict[int, tuple[int, ...]]


def build(sender: int, told: Needed | Rated) -> bytes:
    """A compound packet, in the clear."""
    if isinstance(told, Needed):
        pairs = ((ssrc, sum(1 << layer for layer in layers)) for ssrc, layers in told.layers.items())
        return _packet(sender, _NEED, pack("!I", told.number), (pack("!II", *each) for each in pairs))
    rows = (_RATES.pack(ssrc, *_four(rates)) for ssrc, rates in told.rates.items())
    return _packet(sender, _RATE, b"", rows)


def read(part: rtcp.Part) -> Needed | Rated | None:
    """None for what is something else."""
    if part.type != _KIND or len(part.body) < 8:
        return None
    name, body = part.body[4:8], part.body[8:]
    if name == _NEED and len(body) % 8 == 4:
        pairs = iter_unpack("!II", body[4:])
        return Needed(unpack_from("!I", body)[0], {ssrc: _layers(bits) for ssrc, bits in pairs})
    if name == _RATE and len(body) % _RATES.size == 0:
        return Rated({ssrc: tuple(rates) for ssrc, *rates in _RATES.iter_unpack(body)})
    return None


def _packet(sender: int, name: bytes, head: bytes, rows: Iterable[bytes]) -> bytes:
    body = pack("!I4s", sender, name) + head + b"".join(rows)
    return rtcp.build_receiver_report(sender, ()) + pack("!BBH", 0x80, _KIND, len(body) // 4) + body


def _four(rates: Sequence[int]) -> tuple[int, ...]:
    """Of layers that there are not: 0."""
    return *(min(rate, 0xFFFFFFFF) for rate in rates[:_MOST_LAYERS]), *(0,) * (_MOST_LAYERS - len(rates))


def _layers(bits: int) -> Layers:
    return frozenset(layer for layer in range(bits.bit_length()) if bits >> layer & 1)
