"""Heads of packets as a file that Wireshark opens: libpcap's format with raw IP, the IP and UDP headers made up.

The server is 10.0.0.1, the browser 10.0.0.2; RTP is on port 5004 and RTCP on 5005, each part of a compound packet by
itself. Of every packet only the head is there, its length is told as it was.
"""

from collections.abc import Iterable
from struct import pack

_MAGIC, _RAW = 0xA1B2C3D4, 101
_SERVER, _BROWSER = bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2))
_RTP, _RTCP = 5004, 5005
_LONGEST = 65_535

Head = tuple[float, bool, int, bytes]
"""Seconds since 1970, whether the server sent it, the bytes of all of it, and its first ones."""


def pcap(heads: Iterable[Head]) -> bytes:
    """The whole file."""
    written = [pack("!IHHiIII", _MAGIC, 2, 4, 0, 0, _LONGEST, _RAW)]
    for at, is_sent, size, head in heads:
        packet, length = _headers(is_sent, size, head) + head, 28 + size
        seconds, micros = divmod(round(at * 1e6), 1_000_000)
        written += [pack("!IIII", seconds, micros, len(packet), length), packet]
    return b"".join(written)


def _headers(is_sent: bool, size: int, head: bytes) -> bytes:
    port = _RTCP if 192 <= head[1] <= 223 else _RTP
    source, target = (_SERVER, _BROWSER) if is_sent else (_BROWSER, _SERVER)
    ip = pack("!BBHHHBBH", 0x45, 0, 28 + size, 0, 0, 64, 17, 0) + source + target
    return ip[:10] + _checksum(ip) + ip[12:] + pack("!HHHH", port, port, 8 + size, 0)


def _checksum(data: bytes) -> bytes:
    """RFC 1071."""
    total = sum(int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2))
    total = (total & 0xFFFF) + (total >> 16)
    return pack("!H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF)
