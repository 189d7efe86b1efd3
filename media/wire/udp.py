"""The UDP sockets: opening them, and sending runs of equal packets in one call where the kernel can (GSO)."""

import errno
import ipaddress
import socket
import struct
from collections.abc import Sequence

from . import Address

UDP_SEGMENT = getattr(socket, "UDP_SEGMENT", 103)
SOL_UDP = 17
MAX_SEGMENTS = 60
"""Packets in one segmented send; the kernel takes 64 (older ones) or 128."""
MAX_RUN_BYTES = 60_000
MAX_SOCKETS = 32
"""Own addresses that get a socket each; a machine with more answers from where its routes say."""

_BUFFER = 8 * 1024 * 1024
_NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOPROTOOPT}


def open_socket(host: str, port: int) -> socket.socket:
    """A bound, non-blocking socket with large buffers. `::` takes IPv4 too. Raises OSError."""
    return _open(host, port, shared=False)


def open_beside(first: socket.socket, addresses: Sequence[str]) -> list[socket.socket]:
    """Where one socket takes what comes to any own address: a socket for each of `addresses`, if that is needed.

    The kernel answers from the address its routes choose; with several that may not be the one that was asked, and
    a firewall between then lets no answer through. A socket bound to the address answers from it, and costs nothing
    a packet. The first stays for addresses that come later.
    """
    host, port = first.getsockname()[:2]
    if not ipaddress.ip_address(host).is_unspecified:
        return []
    usable = [each for each in addresses if ":" not in each or first.family == socket.AF_INET6]
    several = {version for version in (4, 6) if sum(_version(each) == version for each in usable) > 1}
    made: list[socket.socket] = []
    first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        for address in [each for each in usable if _version(each) in several][:MAX_SOCKETS]:
            try:
                made.append(_open(address, port, shared=True))
            except OSError:
                continue  # the address has gone, or is another program's
    finally:
        for each in (first, *made):  # from now on the port is taken, as it was
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    return made


def _version(address: str) -> int:
    return 6 if ":" in address else 4


def _open(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, shared)
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        for forced, plain in (("SO_RCVBUFFORCE", "SO_RCVBUF"), ("SO_SNDBUFFORCE", "SO_SNDBUF")):
            _grow(udp, _FORCED.get(forced), getattr(socket, plain))
        udp.setblocking(False)
        udp.bind((host, port))
    except OSError:
        udp.close()
        raise
    return udp


_FORCED = {"SO_RCVBUFFORCE": 33, "SO_SNDBUFFORCE": 32} if hasattr(socket, "SO_MARK") else {}


def _grow(udp: socket.socket, forced: int | None, plain: int) -> None:
    if forced is not None:
        try:
            udp.setsockopt(socket.SOL_SOCKET, forced, _BUFFER)
        except PermissionError:
            pass  # beyond the system's limit only for root; the plain way below takes what is allowed
        else:
            return
    udp.setsockopt(socket.SOL_SOCKET, plain, _BUFFER)


class Outlet:
    """Sends on a socket; never raises for what the network does. `segments` tells whether GSO is in use."""

    def __init__(self, udp: socket.socket) -> None:
        self._udp = udp
        self._extras: dict[int, list[tuple[int, int, bytes]]] = {}
        self.segments = _has_segments(udp)
        self.failed = 0

    def send(self, address: Address, data: memoryview | bytes) -> None:
        try:
            self._udp.sendto(data, address[:2])
        except OSError:  # full buffer, no route, filtered: the network lost a packet
            self.failed += 1

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        """Send `data` as packets of `size` bytes, the last may be shorter."""
        if self.segments:
            extra = self._extras.get(size)
            if extra is None:
                extra = self._extras[size] = [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", size))]
            try:
                self._udp.sendmsg((data,), extra, 0, address[:2])
            except OSError as error:
                if error.errno in _NO_SEGMENTS:
                    self.segments = False  # the network card cannot, though the kernel can
                elif error.errno != errno.EMSGSIZE:
                    self.failed += 1
                    return
            else:
                return
        for start in range(0, len(data), size):
            self.send(address, data[start : start + size])


def to_wire(address: Address) -> Address:
    """An address as an IPv6 socket must be given it: IPv4 mapped into IPv6 (RFC 4291 §2.5.5.2)."""
    return (f"::ffff:{address[0]}", address[1]) if ":" not in address[0] else address


def from_wire(address: Address) -> Address:
    host = address[0]
    return (host[7:] if host.startswith("::ffff:") and "." in host else host, address[1])


def _has_segments(udp: socket.socket) -> bool:
    try:
        udp.setsockopt(SOL_UDP, UDP_SEGMENT, 0)
    except OSError:
        return False
    return True
