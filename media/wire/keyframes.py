"""Where a decoder can begin: does this RTP payload begin a keyframe? Pure."""

from . import descriptors

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
