"""Sound with what came before it repeated in each packet (RED, RFC 2198): the part that is new, taken out. Pure."""

from collections.abc import Mapping

from .history import Packet

MAX_BLOCKS = 8
"""Repeated blocks of one packet; Chromium sends one, and two at most."""

_PADDED = 0x20


def primary(payload: bytes, padded: bool, wraps: int) -> tuple[int, int] | None:
    """Where the new part of a RED payload begins and ends; None when that is empty, not there, or of another type
    than `wraps`. `padded`: the last bytes are RTP's padding, which is left out."""
    end = len(payload)
    if padded and payload:
        if not 1 <= payload[-1] <= end:
            return None
        end -= payload[-1]
    at = repeated = 0
    while at < end and payload[at] & 0x80:
        if at + 4 > end or at == 4 * MAX_BLOCKS:
            return None
        repeated += (payload[at + 2] & 0x03) << 8 | payload[at + 3]
        at += 4
    start = at + 1 + repeated
    return (start, end) if start < end and payload[at] == wraps else None


def unwrapped(packet: Packet, wrapped: Mapping[int, int], named: bool = False) -> Packet | None:
    """The packet with the new part alone, as it is where its type is none of RED's; None when it is malformed.

    `wrapped` tells what RED's types are around; with `named` the packet bears that type and no longer RED's.
    """
    flags, kind, index, timestamp, payload, elements, at = packet
    wraps = wrapped.get(kind & 0x7F)
    if wraps is None:
        return packet
    found = primary(payload, bool(flags & _PADDED), wraps)
    if found is None:
        return None
    kind = kind & 0x80 | wraps if named else kind
    return flags & ~_PADDED, kind, index, timestamp, payload[found[0] : found[1]], elements, at


def all_unwrapped(packets: list[Packet], wrapped: Mapping[int, int], named: bool = False) -> list[Packet]:
    """What is left of them, without the malformed ones."""
    found = [unwrapped(packet, wrapped, named) for packet in packets]
    return [packet for packet in found if packet is not None]
