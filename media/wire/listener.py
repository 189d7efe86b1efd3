"""Takes TCP connections on the wire's port, and sees to it that strangers cannot use them up.

Sockets are read and written when the loop says so; nothing is awaited and nothing here raises for what the other
side does. A connection that was not answered yet is a stranger's: there are few of those, and not for long. When
there are too many, the oldest goes, so that who comes next and knows a password still gets in.
"""

import asyncio
import errno
import ipaddress
import socket
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, Protocol

from . import Address
from .connection import Connection, Push
from .udp import from_wire

MAX_CONNECTIONS = 4096
MAX_FROM_ONE = 2048
"""From one address (of IPv6: one /64), behind which a whole school may be."""
MAX_STRANGERS = 256
MAX_STRANGERS_FROM_ONE = 32
STRANGERS_PATIENCE = 10.0
"""Seconds within which a connection must have said something right."""
IDLE = 40.0
"""Seconds without a byte after which it is closed; browsers send checks every few."""

_AT_ONCE = 64 * 1024
_ACCEPTS = 32
_UNSENT = 32 * 1024
"""Bytes the kernel may hold unsent: what waits here can still be left out, what waits there cannot."""
_BREATH = 1.0
_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25)


class Mouth(Protocol):
    """What becomes of the listener's doings (`Forwarder` has the last three)."""

    def packets(self, address: Address, packets: list[bytes]) -> None: ...
    def filled(self, address: Address) -> None: ...
    def emptied(self, address: Address) -> None: ...
    def closed(self, address: Address) -> None: ...


def open_listener(host: str, port: int) -> socket.socket:
    """A listening, non-blocking socket. `::` takes IPv4 too. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    tcp = socket.socket(family, socket.SOCK_STREAM)
    try:
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            tcp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        tcp.setblocking(False)
        tcp.bind((host, port))
        tcp.listen(256)
    except OSError:
        tcp.close()
        raise
    return tcp


class Listener:
    """`numbers` names the connections; `clock` tells monotonic seconds."""

    def __init__(
        self, listening: socket.socket, mouth: Mouth, numbers: "count[int]", clock: Callable[[], float]
    ) -> None:
        self._listening, self._mouth, self._numbers, self._clock = listening, mouth, numbers, clock
        self._loop = asyncio.get_running_loop()
        self._open: dict[Address, _Open] = {}
        self._strangers: dict[Address, _Open] = {}
        self._from: Counter[str] = Counter()
        self._again: asyncio.TimerHandle | None = None
        self.counters = dict.fromkeys(("accepted", "refused", "cut_off", "left_out"), 0)
        self._loop.add_reader(listening.fileno(), self._acceptable)

    def way(self, address: Address) -> Connection | None:
        opened = self._open.get(address)
        return opened.connection if opened else None

    def sweep(self) -> None:
        """Close what has been silent; to be called about once a second."""
        now = self._clock()
        for each in list(self._open.values()):
            talk = each.connection
            if now - talk.heard > IDLE or (not talk.answered and now - talk.began > STRANGERS_PATIENCE):
                self._cut(each)

    def dump(self) -> dict[str, Any]:
        return {
            "open": len(self._open),
            "strangers": sum(not each.connection.answered for each in self._strangers.values()),
            "waiting_bytes": sum(each.connection.waiting for each in self._open.values()),
            **self.counters,
            "left_out": self.counters["left_out"] + sum(each.connection.dropped for each in self._open.values()),
        }

    def close(self) -> None:
        if self._again is not None:
            self._again.cancel()
        self._loop.remove_reader(self._listening.fileno())
        self._listening.close()
        for each in list(self._open.values()):
            self._hang_up(each)

    def _acceptable(self) -> None:
        for _ in range(_ACCEPTS):
            try:
                made, where = self._listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self._rest()
                    return
                continue  # it has gone again already
            self._accept(made, from_wire(where[:2]))

    def _rest(self) -> None:
        """No more sockets are to be had; asking on would keep this thread busy with nothing else."""
        self._loop.remove_reader(self._listening.fileno())
        self._again = self._loop.call_later(
            _BREATH, lambda: self._loop.add_reader(self._listening.fileno(), self._acceptable)
        )

    def _accept(self, made: socket.socket, where: Address) -> None:
        origin = _origin(where[0])
        self._make_room(origin)
        if len(self._open) >= MAX_CONNECTIONS or self._from[origin] >= MAX_FROM_ONE:
            self.counters["refused"] += 1
            made.close()
            return
        try:
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, _UNSENT)
        except OSError:
            pass  # it is gone, or the system has no such bound: then the kernel's buffer is part of the delay
        address = (where[0], where[1], next(self._numbers))
        opened = _Open(made, origin)
        opened.connection = Connection(
            address, self._push(opened), self._mouth.filled, self._mouth.emptied, self._clock()
        )
        self._open[address] = self._strangers[address] = opened
        self._from[origin] += 1
        self.counters["accepted"] += 1
        self._loop.add_reader(made.fileno(), self._readable, opened)

    def _make_room(self, origin: str) -> None:
        for address, each in list(self._strangers.items()):
            if each.connection.answered or each.is_closed:
                del self._strangers[address]
        mine = [each for each in self._strangers.values() if each.origin == origin]
        if len(mine) >= MAX_STRANGERS_FROM_ONE:
            self._cut(mine[0])
        elif len(self._strangers) >= MAX_STRANGERS:
            self._cut(next(iter(self._strangers.values())))

    def _readable(self, opened: "_Open") -> None:
        connection = opened.connection
        try:
            data = opened.socket.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(opened)
            return
        try:
            packets = connection.take(data, self._clock())
        except ValueError:
            self._cut(opened)
            return
        self._mouth.packets(connection.address, packets)

    def _push(self, opened: "_Open") -> Push:
        def push(data: memoryview | bytes) -> int:
            if opened.is_closed:
                return len(data)
            try:
                sent = opened.socket.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                self._hang_up(opened)
                return len(data)
            if sent < len(data) and not opened.writing:
                opened.writing = True
                self._loop.add_writer(opened.socket.fileno(), self._writable, opened)
            return sent

        return push

    def _writable(self, opened: "_Open") -> None:
        opened.connection.pushed_on()
        if not opened.connection.wants_push and not opened.is_closed:
            opened.writing = False
            self._loop.remove_writer(opened.socket.fileno())

    def _cut(self, opened: "_Open") -> None:
        self.counters["cut_off"] += 1
        self._hang_up(opened)

    def _hang_up(self, opened: "_Open") -> None:
        if opened.is_closed:
            return
        opened.is_closed = True
        self._loop.remove_reader(opened.socket.fileno())
        if opened.writing:
            self._loop.remove_writer(opened.socket.fileno())
        opened.socket.close()
        address = opened.connection.address
        self._open.pop(address, None)
        self._strangers.pop(address, None)
        self._from[opened.origin] -= 1
        if not self._from[opened.origin]:
            del self._from[opened.origin]
        self.counters["left_out"] += opened.connection.dropped
        self._loop.call_soon(self._mouth.closed, address)  # this may be in the midst of sending


class _Open:
    """A connection with its socket."""

    connection: Connection

    def __init__(self, made: socket.socket, origin: str) -> None:
        self.socket, self.origin = made, origin
        self.writing = self.is_closed = False


def _origin(host: str) -> str:
    """Whom an address counts for: a household or a school has one of IPv4, or a /64 of IPv6."""
    if ":" not in host:
        return host
    return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
