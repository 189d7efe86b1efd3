"""The UDP socket: opening it, and sending runs of equal packets in one call where the kernel can (GSO)."""

import errno
import socket
import struct

from . import Address

UDP_SEGMENT = getattr(socket, "UDP_SEGMENT", 103)
SOL_UDP = 17
MAX_SEGMENTS = 60
"""Packets in one segmented send; the kernel takes 64 (older ones) or 128."""
MAX_RUN_BYTES = 60_000

_BUFFER = 8 * 1024 * 1024
_NO_SEGMENTS = {errno.EIO, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOPROTOOPT}


def open_socket(host: str, port: int) -> socket.socket:
    """A bound, non-blocking socket with large buffers. `::` takes IPv4 too. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
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
        self._ipv6 = udp.family == socket.AF_INET6
        self._extras: dict[int, list[tuple[int, int, bytes]]] = {}
        self.segments = _has_segments(udp)
        self.failed = 0

    def send(self, address: Address, data: memoryview | bytes) -> None:
        try:
            self._udp.sendto(data, address)
        except OSError:  # full buffer, no route, filtered: the network lost a packet
            self.failed += 1

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        """Send `data` as packets of `size` bytes, the last may be shorter."""
        if self.segments:
            extra = self._extras.get(size)
            if extra is None:
                extra = self._extras[size] = [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", size))]
            try:
                self._udp.sendmsg((data,), extra, 0, address)
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
