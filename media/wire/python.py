"""The wire in Python: the forwarder on a UDP socket and an event loop. Works everywhere."""

import asyncio
import socket
import time
from dataclasses import replace
from typing import Any

from . import AddPeer, Command, Datagram, MovePeer, Note, Notify, Reception, SendDatagram
from .forwarder import ASK_EVERY, TICK_EVERY, Forwarder
from .sending import MAX_DATAGRAM
from .udp import Outlet, from_wire, open_socket, to_wire

BATCH = 64
"""Datagrams read before what they bring is sent on."""


class PythonWire:
    """A `media.wire.Wire`. Raises OSError when the port is taken."""

    def __init__(self, host: str, port: int, notify: Notify) -> None:
        self._socket = open_socket(host, port)
        self._ipv6 = self._socket.family == socket.AF_INET6
        self._notify = notify
        self._outlet = Outlet(self._socket)
        self._forwarder = Forwarder(self._outlet, self._tell)
        self._loop = asyncio.get_running_loop()
        self._asking: asyncio.TimerHandle | None = None
        self._ticking = self._loop.call_later(TICK_EVERY, self._tick)
        self._loop.add_reader(self._socket.fileno(), self._readable)

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    def perform(self, command: Command) -> None:
        if self._ipv6 and isinstance(command, SendDatagram | AddPeer | MovePeer):
            command = replace(command, address=to_wire(command.address))
        self._forwarder.perform(command, time.monotonic())

    def receptions(self, peer: str) -> list[Reception]:
        return self._forwarder.receptions(peer, time.monotonic())

    def dump(self) -> dict[str, Any]:
        return {
            "maker": "python",
            "segments": self._outlet.segments,
            "unsent": self._outlet.failed,
            **self._forwarder.dump(),
        }

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._ticking.cancel()
        if self._asking is not None:
            self._asking.cancel()
        self._socket.close()

    def _readable(self) -> None:
        forwarder, receive_into = self._forwarder, self._socket.recvfrom_into
        inbox, receive = forwarder.inbox, forwarder.receive
        now = time.monotonic()
        try:
            for _ in range(BATCH):
                size, address = receive_into(inbox, MAX_DATAGRAM)
                receive(size, address[:2], now)
        except BlockingIOError:
            pass
        except OSError:
            pass  # an ICMP error of somebody's address; the next read goes on
        forwarder.flush()
        if forwarder.asking and self._asking is None:
            self._asking = self._loop.call_later(ASK_EVERY, self._ask)

    def _ask(self) -> None:
        self._forwarder.ask(time.monotonic())
        again = self._forwarder.asking
        self._asking = self._loop.call_later(ASK_EVERY, self._ask) if again else None

    def _tick(self) -> None:
        self._forwarder.tick(time.monotonic())
        self._ticking = self._loop.call_later(TICK_EVERY, self._tick)

    def _tell(self, note: Note) -> None:
        if self._ipv6 and isinstance(note, Datagram):
            note = Datagram(from_wire(note.address), note.data)
        self._notify(note)
