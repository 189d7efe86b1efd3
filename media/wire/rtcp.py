"""RTCP as bytes (RFC 3550 §6, RFC 4585 §6): pure, nothing kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from struct import Struct, pack, unpack_from

SENDER_REPORT, RECEIVER_REPORT, SOURCE, BYE = 200, 201, 202, 203
TRANSPORT_FEEDBACK, PAYLOAD_FEEDBACK = 205, 206
NACK = 1
PLI, FIR = 1, 4

_HEADER = Struct("!BBH")


class Malformed(ValueError):
    """Not RTCP."""


@dataclass(frozen=True, slots=True)
class Part:
    """One packet of a compound: type, count (or feedback format), and what follows its 4-byte header."""

    type: int
    count: int
    body: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """NTP time (64 bits) and RTP time of the same moment at the sender."""

    ssrc: int
    ntp: int
    rtp: int


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one stream is received; `fraction` of 256, `jitter` in clock units, `delay` in 1/65536 s."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


def split(data: bytes) -> list[Part]:
    """The packets of a compound. Raises Malformed (RFC 3550 appendix A.2)."""
    parts = []
    offset = 0
    while offset < len(data):
        if len(data) - offset < 4:
            raise Malformed("short header")
        first, kind, words = _HEADER.unpack_from(data, offset)
        end = offset + 4 * (words + 1)
        if first >> 6 != 2 or end > len(data) or not 192 <= kind <= 223:
            raise Malformed("bad header")
        body_end = end
        if first & 0x20:
            padding = data[end - 1]
            if padding == 0 or padding > 4 * words:
                raise Malformed("bad padding")
            body_end -= padding
        parts.append(Part(kind, first & 0x1F, data[offset + 4 : body_end], data[offset:end]))
        offset = end
    return parts


def sender_info(part: Part) -> SenderInfo | None:
    """What a sender report says of time; None when too short."""
    if len(part.body) < 24:
        return None
    ssrc, ntp, rtp = unpack_from("!IQI", part.body)
    return SenderInfo(ssrc, ntp, rtp)


def report_blocks(part: Part) -> list[ReportBlock]:
    """The reception reports inside a sender or receiver report; as many as are whole."""
    offset = 24 if part.type == SENDER_REPORT else 4
    blocks = []
    for _ in range(part.count):
        if offset + 24 > len(part.body):
            break
        ssrc, loss, highest, jitter, last, delay = unpack_from("!IIIIII", part.body, offset)
        lost = loss & 0xFFFFFF
        lost -= (lost & 0x800000) << 1
        blocks.append(ReportBlock(ssrc, loss >> 24, lost, highest, jitter, last, delay))
        offset += 24
    return blocks


def nacked(part: Part) -> tuple[int, list[int]]:
    """Media SSRC and the sequence numbers a generic NACK asks for (RFC 4585 §6.2.1)."""
    if len(part.body) < 8:
        return 0, []
    numbers = []
    for offset in range(8, len(part.body) - 3, 4):
        first, mask = unpack_from("!HH", part.body, offset)
        numbers.append(first)
        bit = 1
        while mask:
            if mask & 1:
                numbers.append((first + bit) & 0xFFFF)
            mask >>= 1
            bit += 1
    return unpack_from("!I", part.body, 4)[0], numbers


def keyframes_wanted(part: Part) -> list[int]:
    """The media SSRCs of a PLI (RFC 4585 §6.3.1) or FIR (RFC 5104 §4.3.1); empty for anything else."""
    if part.type != PAYLOAD_FEEDBACK or len(part.body) < 8:
        return []
    if part.count == PLI:
        return [unpack_from("!I", part.body, 4)[0]]
    if part.count == FIR:
        return [unpack_from("!I", part.body, offset)[0] for offset in range(8, len(part.body) - 7, 8)]
    return []


def build_nack(sender: int, media: int, numbers: Iterable[int]) -> bytes:
    """One generic NACK for 16-bit sequence numbers given in rising order (wrapping allowed)."""
    entries: list[list[int]] = []
    for number in numbers:
        distance = (number - entries[-1][0]) & 0xFFFF if entries else 0
        if entries and 1 <= distance <= 16:
            entries[-1][1] |= 1 << (distance - 1)
        else:
            entries.append([number, 0])
    body = b"".join(pack("!HH", first, mask) for first, mask in entries)
    return _HEADER.pack(0x80 | NACK, TRANSPORT_FEEDBACK, 2 + len(entries)) + pack("!II", sender, media) + body


def build_pli(sender: int, media: int) -> bytes:
    return pack("!BBHII", 0x80 | PLI, PAYLOAD_FEEDBACK, 2, sender, media)


def build_sender_report(ssrc: int, ntp: int, rtp: int, packets: int, octets: int) -> bytes:
    return pack("!BBHIQIII", 0x80, SENDER_REPORT, 6, ssrc, ntp, rtp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)


def build_receiver_report(sender: int, blocks: Sequence[ReportBlock]) -> bytes:
    """At most 31 blocks (RFC 3550 §6.4.2)."""
    body = b"".join(
        pack(
            "!IIIIII",
            block.ssrc,
            block.fraction << 24 | max(-0x800000, min(0x7FFFFF, block.lost)) & 0xFFFFFF,
            block.highest & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_report,
            block.delay & 0xFFFFFFFF,
        )
        for block in blocks
    )
    return _HEADER.pack(0x80 | len(blocks), RECEIVER_REPORT, 1 + 6 * len(blocks)) + pack("!I", sender) + body


def build_source(ssrc: int, cname: str) -> bytes:
    """SDES with a CNAME (RFC 3550 §6.5.1), cut to 255 bytes."""
    name = cname.encode()[:255]
    chunk = pack("!IBB", ssrc, 1, len(name)) + name + b"\0"
    chunk += bytes(-len(chunk) % 4)
    return _HEADER.pack(0x81, SOURCE, len(chunk) // 4) + chunk
