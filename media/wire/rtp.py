"""RTP as bytes (RFC 3550 §5.1) and its header extensions (RFC 8285): pure, nothing kept."""

from collections.abc import Iterable, Mapping
from struct import Struct

HEADER = Struct("!BBHII")
"""V/P/X/CC, marker and payload type, sequence, timestamp, SSRC."""

ONE_BYTE, TWO_BYTE = 0xBEDE, 0x1000
Elements = tuple[tuple[int, bytes], ...]

_EXTENSION = Struct("!HH")


class Malformed(ValueError):
    """Not RTP."""


def payload_start(data: memoryview | bytes, size: int) -> tuple[int, int, int]:
    """Where the payload begins, and where the header extension's elements begin and its profile (0: none).

    Raises Malformed when header, CSRCs, extension or padding do not fit into `size` bytes.
    """
    first = data[0]
    start = 12 + 4 * (first & 0x0F)
    profile = 0
    elements = start
    if first & 0x10:
        if start + 4 > size:
            raise Malformed("short extension")
        profile, words = _EXTENSION.unpack_from(data, start)
        elements = start + 4
        start = elements + 4 * words
    if start > size:
        raise Malformed("short packet")
    if first & 0x20 and not (start < size and 0 < data[size - 1] <= size - start):
        raise Malformed("bad padding")
    return start, elements, profile


def read_elements(block: bytes, profile: int) -> Elements:
    """The (id, value) pairs of an extension block, one-byte or two-byte form; what is cut off is left out."""
    if profile == ONE_BYTE:
        return tuple(_one_byte(block))
    if profile & 0xFFF0 == TWO_BYTE:
        return tuple(_two_byte(block))
    return ()


def write_elements(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """A whole extension, profile and length included; b"" when there is nothing to say.

    One-byte form where ids and values allow it (ids 1–14, values of 1–16 bytes), else two-byte.
    """
    listed = [(key, value) for key, value in elements if 0 < key < 256 and len(value) < 256]
    if not listed:
        return b""
    short = all(key < 15 and 1 <= len(value) <= 16 for key, value in listed)
    if short:
        body = b"".join(bytes([key << 4 | len(value) - 1]) + value for key, value in listed)
    else:
        body = b"".join(bytes([key, len(value)]) + value for key, value in listed)
    body += bytes(-len(body) % 4)
    return _EXTENSION.pack(ONE_BYTE if short else TWO_BYTE, len(body) // 4) + body


def map_elements(elements: Elements, ids: Mapping[int, int], fixed: Elements, leading: Elements = ()) -> bytes:
    """The extension a viewer gets: what leads, what it knows under its own ids, then what is fixed for it."""
    return write_elements([*leading, *((ids[key], value) for key, value in elements if key in ids), *fixed])


def _one_byte(block: bytes) -> Iterable[tuple[int, bytes]]:
    offset, end = 0, len(block)
    while offset < end:
        key, size = block[offset] >> 4, (block[offset] & 0x0F) + 1
        if block[offset] == 0:
            offset += 1
            continue
        if key == 15 or offset + 1 + size > end:  # 15 ends the list (RFC 8285 §4.2)
            return
        if key:
            yield key, block[offset + 1 : offset + 1 + size]
        offset += 1 + size


def _two_byte(block: bytes) -> Iterable[tuple[int, bytes]]:
    offset, end = 0, len(block)
    while offset < end:
        key = block[offset]
        if key == 0:
            offset += 1
            continue
        if offset + 2 > end or offset + 2 + block[offset + 1] > end:
            return
        size = block[offset + 1]
        yield key, block[offset + 2 : offset + 2 + size]
        offset += 2 + size
