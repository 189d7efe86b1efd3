"""Transport-wide feedback and REMB as bytes: pure, nothing kept.

draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1 and draft-alvestrand-rmcat-remb-03 §2.2. Times are whole ticks
of 250 µs on the receiver's clock, so nothing is rounded on the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack, unpack_from

from .rtcp import PAYLOAD_FEEDBACK, TRANSPORT_FEEDBACK, Malformed, Part

TRANSPORT_WIDE, APPLICATION = 15, 15
"""The feedback formats (count) of both, of types 205 and 206."""
TICK = 250e-6
"""Seconds."""
WRAP = 1 << 32
"""Ticks after which a receiver's clock begins anew: 24 bits of 64 ms, about 12 days."""
MOST = 4096
"""Packets in one report: so a few bytes cannot ask for much work. A browser tells of a few hundred at most."""

_REFERENCE = 256
"""Ticks of one step of the reference time."""
_MOST_RUN = 0x1FFF


@dataclass(frozen=True, slots=True)
class Report:
    """What came of the packets `base`, `base` + 1, … (16 bits, wrapping): the tick of arrival, None for not yet."""

    base: int
    counter: int
    arrivals: tuple[int | None, ...]


def parse(part: Part) -> Report | None:
    """The transport-wide feedback in `part`; None when it is something else. Raises Malformed."""
    if part.type != TRANSPORT_FEEDBACK or part.count != TRANSPORT_WIDE:
        return None
    body = part.body
    if len(body) < 18:
        raise Malformed("short feedback")
    base, count, packed = unpack_from("!HHI", body, 8)
    if not 0 < count <= MOST:
        raise Malformed("feedback of nothing, or of too much")
    symbols, offset = _symbols(body, count)
    arrivals: list[int | None] = []
    tick = (packed >> 8) * _REFERENCE
    for symbol in symbols:
        if symbol == 0:
            arrivals.append(None)
            continue
        if symbol > 2 or offset + symbol > len(body):
            raise Malformed("bad arrival")
        tick = (tick + unpack_from("!B" if symbol == 1 else "!h", body, offset)[0]) % WRAP
        offset += symbol
        arrivals.append(tick)
    return Report(base, packed & 0xFF, tuple(arrivals))


def build(sender: int, media: int, report: Report) -> bytes:
    """A whole RTCP packet. Raises ValueError when nothing came, or two arrivals are more than 8 s apart."""
    first = next((tick for tick in report.arrivals if tick is not None), None)
    if first is None or len(report.arrivals) > MOST:
        raise ValueError("nothing to tell, or too much")
    tick = first % WRAP - first % _REFERENCE
    head = pack("!IIHHI", sender, media, report.base, len(report.arrivals), tick // _REFERENCE << 8 | report.counter)
    symbols, deltas = [], bytearray()
    for arrival in report.arrivals:
        if arrival is None:
            symbols.append(0)
            continue
        delta = signed(arrival - tick)
        tick = arrival
        small = 0 <= delta <= 0xFF
        if not -0x8000 <= delta <= 0x7FFF:
            raise ValueError("arrivals too far apart")
        symbols.append(1 if small else 2)
        deltas += pack("!B" if small else "!h", delta)
    body = head + _chunks(symbols) + deltas
    missing = -len(body) % 4
    if missing:
        body += bytes(missing - 1) + bytes([missing])
    first_byte = 0x80 | (0x20 if missing else 0) | TRANSPORT_WIDE
    return pack("!BBH", first_byte, TRANSPORT_FEEDBACK, len(body) // 4) + body


def signed(ticks: int) -> int:
    """The difference of two times, which may have wrapped between them."""
    return (ticks + WRAP // 2) % WRAP - WRAP // 2


def remb(part: Part) -> int | None:
    """The most a receiver wants, bit/s; None when `part` says nothing of it."""
    if part.type != PAYLOAD_FEEDBACK or part.count != APPLICATION or len(part.body) < 16 or part.body[8:12] != b"REMB":
        return None
    packed = unpack_from("!I", part.body, 12)[0]
    return (packed & 0x3FFFF) << (packed >> 18 & 0x3F)


def build_remb(sender: int, rate: int, ssrcs: Sequence[int]) -> bytes:
    """`rate` bit/s (rounded down to 18 bits) for all of `ssrcs`, at most 255."""
    exponent = max(rate.bit_length() - 18, 0)
    body = pack("!II4sI", sender, 0, b"REMB", len(ssrcs) << 24 | exponent << 18 | rate >> exponent)
    body += b"".join(pack("!I", ssrc) for ssrc in ssrcs)
    return pack("!BBH", 0x80 | APPLICATION, PAYLOAD_FEEDBACK, len(body) // 4) + body


def _symbols(body: bytes, count: int) -> tuple[list[int], int]:
    """0 did not come, 1 and 2 how many bytes its time has; and where the times begin."""
    symbols: list[int] = []
    offset = 16
    while len(symbols) < count:
        if offset + 2 > len(body):
            raise Malformed("short feedback")
        chunk = unpack_from("!H", body, offset)[0]
        offset += 2
        if not chunk & 0x8000:
            symbols += [chunk >> 13] * min(chunk & _MOST_RUN, count - len(symbols))
        elif not chunk & 0x4000:
            symbols += [chunk >> bit & 1 for bit in range(13, -1, -1)]
        else:
            symbols += [chunk >> bit & 3 for bit in range(12, -1, -2)]
    del symbols[count:]
    return symbols, offset


def _chunks(symbols: Sequence[int]) -> bytes:
    """Runs where they are longer than what a vector holds, else vectors."""
    chunks = bytearray()
    at = 0
    while at < len(symbols):
        run = 1
        while at + run < len(symbols) and symbols[at + run] == symbols[at] and run < _MOST_RUN:
            run += 1
        piece = list(symbols[at : at + 14])
        if run >= min(14, len(symbols) - at):
            chunks += pack("!H", symbols[at] << 13 | run)
            at += run
        elif max(piece) < 2:
            chunks += pack("!H", 0x8000 | _packed(piece, 14, 1))
            at += 14
        elif run >= 7:
            chunks += pack("!H", symbols[at] << 13 | run)
            at += run
        else:
            chunks += pack("!H", 0xC000 | _packed(piece[:7], 7, 2))
            at += 7
    return bytes(chunks)


def _packed(symbols: Sequence[int], room: int, bits: int) -> int:
    word = 0
    for at in range(room):
        word = word << bits | (symbols[at] if at < len(symbols) else 0)
    return word
