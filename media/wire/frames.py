"""Packets on a stream, each behind its length in two bytes (RFC 4571). Pure."""

from struct import Struct

_LENGTH = Struct("!H")


class TooLong(ValueError):
    """A packet longer than any of ours: whoever sends it speaks of something else."""


class Frames:
    """Cuts what comes on a stream into packets, however it was torn on the way."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The packets that are whole now; empty ones are left out. Raises TooLong."""
        rest = self._rest
        rest += data
        packets: list[bytes] = []
        at, end = 0, len(rest)
        while end - at >= 2:
            size = rest[at] << 8 | rest[at + 1]
            if size > self._longest:
                raise TooLong(size)
            if end - at - 2 < size:
                break
            if size:
                packets.append(bytes(rest[at + 2 : at + 2 + size]))
            at += 2 + size
        del rest[:at]
        return packets


def framed(data: memoryview | bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


def framed_run(data: memoryview, size: int) -> bytes:
    """Packets of `size` bytes, the last may be shorter."""
    return b"".join([framed(data[start : start + size]) for start in range(0, len(data), size)])
