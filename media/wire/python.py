"""The wire in Python: the forwarder on sockets and an event loop. Works everywhere."""

import asyncio
import itertools
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from . import (
    AddPeer,
    Address,
    Captured,
    Command,
    Datagram,
    HearPeer,
    MovePeer,
    Note,
    Notify,
    Reception,
    SendDatagram,
    Tap,
)
from .connection import NOWHERE
from .forwarder import ASK_EVERY, TICK_EVERY, Forwarder
from .listener import Listener, open_listener
from .sending import MAX_DATAGRAM
from .sending import Outlet as Way
from .udp import Outlet, from_wire, open_beside, open_socket, to_wire

BATCH = 64
"""Datagrams read before what they bring is sent on."""
_SWEEP_EVERY = 1.0
_TRIES = 20
"""Free UDP ports to look at for one whose TCP twin is free too."""


class PythonWire:
    """A `media.wire.Wire`. Raises OSError when the port is taken, for UDP or TCP; port 0 finds a free one.

    `own` are this machine's addresses, of use where `host` stands for all of them.
    """

    def __init__(self, host: str, port: int, notify: Notify, own: Sequence[str] = ()) -> None:
        first, listening = _open_both(host, port)
        self._sockets = [first, *open_beside(first, own)]
        self._outlets = [Outlet(each) for each in self._sockets]
        self._ipv6 = first.family == socket.AF_INET6
        self._notify = notify
        self._forwarder = Forwarder(self, self._tell)
        self._loop = asyncio.get_running_loop()
        numbers = itertools.count(len(self._sockets))
        self._listener = Listener(listening, self, numbers, time.monotonic)
        self._asking: asyncio.TimerHandle | None = None
        self._probing: asyncio.TimerHandle | None = None
        self._ticking = self._loop.call_later(TICK_EVERY, self._tick)
        self._sweep_at = 0.0
        self._loop.add_reader(first.fileno(), self._readable)
        for number, beside in enumerate(self._sockets[1:], 1):
            self._loop.add_reader(beside.fileno(), self._readable_beside, beside, number)

    @property
    def port(self) -> int:
        return self._sockets[0].getsockname()[1]

    def perform(self, command: Command) -> None:
        if (
            self._ipv6
            and isinstance(command, SendDatagram | AddPeer | MovePeer | HearPeer)
            and len(command.address) == 2
        ):
            command = replace(command, address=to_wire(command.address))
        self._forwarder.perform(command, time.monotonic())

    def tap(self, publication: str, tap: Tap | None) -> None:
        self._forwarder.tap(publication, tap)

    def receptions(self, peer: str) -> list[Reception]:
        return self._forwarder.receptions(peer, time.monotonic())

    def captured(self) -> list[Captured]:
        return self._forwarder.captured()

    def counts(self, peer: str) -> dict[str, Any]:
        return self._forwarder.counts(peer)

    def dump(self) -> dict[str, Any]:
        return {
            "maker": "python",
            "segments": self._outlets[0].segments,
            "unsent": sum(each.failed for each in self._outlets),
            "sockets": len(self._sockets),
            "tcp": self._listener.dump(),
            **self._forwarder.dump(),
        }

    def close(self) -> None:
        self._listener.close()
        self._ticking.cancel()
        for handle in (self._asking, self._probing):
            if handle is not None:
                handle.cancel()
        for each in self._sockets:
            self._loop.remove_reader(each.fileno())
            each.close()

    # ---- sending.Ways

    def way(self, address: Address) -> Way:
        if len(address) == 2:
            return self._outlets[0]
        number = address[2]
        if number < len(self._outlets):
            return self._outlets[number]
        return self._listener.way(address) or NOWHERE

    # ---- listener.Mouth

    def packets(self, address: Address, packets: list[bytes]) -> None:
        forwarder, now = self._forwarder, time.monotonic()
        for packet in packets:
            forwarder.inbox[: len(packet)] = packet
            forwarder.receive(len(packet), address, now)
        self._received()

    def filled(self, address: Address) -> None:
        self._forwarder.filled(address)

    def emptied(self, address: Address) -> None:
        self._forwarder.emptied(address)

    def closed(self, address: Address) -> None:
        self._forwarder.closed(address)

    # ---- inside

    def _readable(self) -> None:
        forwarder, receive_into = self._forwarder, self._sockets[0].recvfrom_into
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
        self._received()

    def _readable_beside(self, beside: socket.socket, number: int) -> None:
        forwarder, now = self._forwarder, time.monotonic()
        try:
            for _ in range(BATCH):
                size, address = beside.recvfrom_into(forwarder.inbox, MAX_DATAGRAM)
                forwarder.receive(size, (address[0], address[1], number), now)
        except OSError:
            pass
        self._received()

    def _received(self) -> None:
        forwarder = self._forwarder
        forwarder.flush(time.monotonic())
        self._probe_later()
        if forwarder.asking and self._asking is None:
            self._asking = self._loop.call_later(ASK_EVERY, self._ask)

    def _ask(self) -> None:
        self._forwarder.ask(time.monotonic())
        again = self._forwarder.asking
        self._asking = self._loop.call_later(ASK_EVERY, self._ask) if again else None

    def _probe_later(self) -> None:
        due = self._forwarder.due_at
        if due is not None and self._probing is None:
            self._probing = self._loop.call_later(max(due - time.monotonic(), 0.0), self._probe)

    def _probe(self) -> None:
        self._probing = None
        self._forwarder.send_due(time.monotonic())
        self._probe_later()

    def _tick(self) -> None:
        now = time.monotonic()
        self._forwarder.tick(now)
        self._probe_later()
        if now >= self._sweep_at:
            self._sweep_at = now + _SWEEP_EVERY
            self._listener.sweep()
        self._ticking = self._loop.call_later(TICK_EVERY, self._tick)

    def _tell(self, note: Note) -> None:
        if self._ipv6 and isinstance(note, Datagram) and len(note.address) == 2:
            note = Datagram(from_wire(note.address), note.data)
        self._notify(note)


def _open_both(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """UDP and TCP on one port number."""
    for _ in range(_TRIES):
        udp = open_socket(host, port)
        try:
            return udp, open_listener(host, udp.getsockname()[1])
        except OSError:
            udp.close()
            if port:
                raise
    raise OSError(f"no port of {host} is free for both UDP and TCP")
