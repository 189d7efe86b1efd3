"""Where a decoder can begin: does this RTP payload begin a keyframe? Pure."""

from . import descriptors
from .history import History, Packet

CODECS = ("VP8", "VP9", "H264", "AV1")
MAX_AGE = 0.3
"""Seconds that what a new viewer is given may lie back."""

_IDR, _SPS, _STAP_A, _FU_A = 5, 7, 24, 28


def begins(codec: str, payload: bytes) -> bool:
    """Whether the payload holds the first byte of a keyframe; False for what is torn, or of another codec.

    VP8 RFC 7741, VP9 RFC 9628, H264 RFC 6184, AV1 the aggregation header of AOM's RTP specification §4.4.
    """
    match codec:
        case "VP8" | "VP9":
            told = descriptors.read(codec, payload)
            return told is not None and told.key
        case "H264":
            return _h264(payload)
        case "AV1":
            return len(payload) > 1 and payload[0] & 0x88 == 0x08  # a new sequence (N), not the rest of an OBU (Z)
        case _:
            return False


def recent(codec: str, history: History, now: float) -> list[Packet]:
    """The latest keyframe and all that came since, in order; nothing where some of it is missing or too old."""
    found: list[Packet] = []
    begin = -1
    index = history.newest
    while (packet := history.get(index)) is not None and packet[6] >= now - MAX_AGE:
        if begin >= 0 and packet[3] != found[begin][3]:
            break
        found.append(packet)
        if begins(codec, packet[4]):
            begin = len(found) - 1
        index -= 1
    return found[begin::-1] if begin >= 0 else []


def _h264(payload: bytes) -> bool:
    if len(payload) < 2:
        return False
    kind = payload[0] & 0x1F
    if kind == _STAP_A:
        return _aggregated(payload)
    if kind == _FU_A:
        return len(payload) > 2 and payload[1] & 0x80 != 0 and _is_first(payload[1] & 0x1F, payload[2])
    return _is_first(kind, payload[1])


def _aggregated(payload: bytes) -> bool:
    at = 1
    while at + 4 <= len(payload):
        size = payload[at] << 8 | payload[at + 1]
        if size > 1 and _is_first(payload[at + 2] & 0x1F, payload[at + 3]):
            return True
        at += 2 + size
    return False


def _is_first(kind: int, after: int) -> bool:
    """Parameters, or the first slice: its header begins with `first_mb_in_slice`, of which 0 is written as a 1."""
    return kind == _SPS or (kind == _IDR and after & 0x80 != 0)
