"""A network and a wire in memory, in virtual time: for tests, and for stories of whole rooms.

The wire is the real packet path, sealing and all; only its socket and its clock are made up. So whatever stands
above it, up to a whole plane, runs unchanged, and a minute of call takes as long as its work does.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from typing import Any, Protocol

from . import Address, Command, Notify, Reception, Tap
from .connection import NOWHERE, Connection
from .forwarder import ASK_EVERY, TICK_EVERY, Forwarder
from .sending import Outlet, Ways

Take = Callable[[Address, bytes], None]
Drop = Callable[[Address, Address, bytes], bool]
"""Whether the network loses this datagram (source, target, bytes)."""


class Network:
    """Carries datagrams between addresses. `now` are its seconds; they pass in `run` only.

    An address of three parts is one end of a TCP connection: what is carried there and from there are pieces of a
    stream, never lost.
    """

    def __init__(self, delay: float = 0.01, drop: Drop | None = None) -> None:
        self.now = 1000.0
        self.delay = delay
        self.drop = drop
        self.lost = 0
        self._takers: dict[Address, Take] = {}
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def attach(self, address: Address, take: Take) -> None:
        """Whatever is sent to `address` is given to `take`, with its source."""
        self._takers[address] = take

    def detach(self, address: Address) -> None:
        self._takers.pop(address, None)

    def send(self, source: Address, target: Address, data: bytes) -> None:
        is_stream = len(source) > 2 or len(target) > 2
        if not is_stream and self.drop is not None and self.drop(source, target, data):
            self.lost += 1
        else:
            self.at(self.now + self.delay, lambda: self._deliver(source, target, data))

    def at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), act))

    def every(self, seconds: float, act: Callable[[], None]) -> None:
        """Again and again, as long as the network runs."""

        def again() -> None:
            act()
            self.at(self.now + seconds, again)

        self.at(self.now + seconds, again)

    async def run(self, seconds: float) -> None:
        """Let time pass. Tasks of the event loop get their turns between the network's moments."""
        end = self.now + seconds
        while self._events and self._events[0][0] <= end:
            self.now = self._events[0][0]
            while self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        self.now = end

    def _deliver(self, source: Address, target: Address, data: bytes) -> None:
        if take := self._takers.get(target):
            take(source, data)


_TURNS = 5
"""A datagram for a handshake wakes a task, which wakes another; a few turns of the loop settle it."""


PUSH_EVERY = 0.02
"""Seconds after which a slow TCP connection takes more."""


class PacketPath(Protocol):
    """A packet path without sockets, as `Forwarder` is one."""

    @property
    def inbox(self) -> memoryview: ...
    def receive(self, size: int, address: Address, now: float) -> None: ...
    def flush(self) -> None: ...
    def filled(self, address: Address) -> None: ...
    def emptied(self, address: Address) -> None: ...
    def closed(self, address: Address) -> None: ...
    def perform(self, command: Command, now: float) -> None: ...
    def tap(self, publication: str, tap: Tap | None) -> None: ...
    def ask(self, now: float) -> None: ...
    def tick(self, now: float) -> None: ...
    def receptions(self, peer: str, now: float) -> list[Reception]: ...
    def dump(self) -> dict[str, Any]: ...


Engine = Callable[[Ways, Notify], PacketPath]


class FakeWire:
    """A `media.wire.Wire` on a network in memory. `rates` are bytes a second that TCP connections take.

    `engine` makes the packet path: `Forwarder`, or `native.NativeForwarder`.
    """

    def __init__(self, network: Network, address: Address, notify: Notify, engine: Engine = Forwarder) -> None:
        self.network, self.address = network, address
        self.rates: dict[Address, int] = {}
        self._connections: dict[Address, Connection] = {}
        self._forwarder = engine(self, notify)
        self._flushing = False
        network.attach(address, self._take)
        network.every(ASK_EVERY, lambda: self._forwarder.ask(network.now))
        network.every(TICK_EVERY, lambda: self._forwarder.tick(network.now))

    @property
    def port(self) -> int:
        return self.address[1]

    def perform(self, command: Command) -> None:
        self._forwarder.perform(command, self.network.now)

    def tap(self, publication: str, tap: Tap | None) -> None:
        self._forwarder.tap(publication, tap)

    def receptions(self, peer: str) -> list[Reception]:
        return self._forwarder.receptions(peer, self.network.now)

    def dump(self) -> dict[str, Any]:
        talks = self._connections.values()
        tcp = {"waiting_bytes": sum(each.waiting for each in talks), "left_out": sum(each.dropped for each in talks)}
        return {"maker": "fake", "tcp": tcp, **self._forwarder.dump()}

    def close(self) -> None:
        self.network.detach(self.address)

    def hang_up(self, address: Address) -> None:
        """The TCP connection of this address ends."""
        if self._connections.pop(address, None):
            self._forwarder.closed(address)

    def way(self, address: Address) -> Outlet:
        """As the forwarder's ways."""
        return self if len(address) == 2 else self._connections.get(address, NOWHERE)

    def send(self, address: Address, data: memoryview | bytes) -> None:
        """As an outlet, of datagrams."""
        self.network.send(self.address, address, bytes(data))

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        """As an outlet, of datagrams."""
        for start in range(0, len(data), size):
            self.send(address, data[start : start + size])

    def _take(self, source: Address, data: bytes) -> None:
        if len(source) == 2:
            self._receive(source, data)
            return
        connection = self._connections.get(source) or self._accept(source)
        try:
            packets = connection.take(data, self.network.now)
        except ValueError:
            self.hang_up(source)
            return
        for packet in packets:
            self._receive(source, packet)

    def _accept(self, source: Address) -> Connection:
        """A connection begins with its first bytes."""

        def push(data: memoryview | bytes) -> int:
            rate = self.rates.get(source)
            size = len(data) if rate is None else min(len(data), int(rate * PUSH_EVERY))
            if size:
                self.network.send(self.address, source, bytes(data[:size]))
            if size < len(data):
                self.network.at(self.network.now + PUSH_EVERY, push_on)
            return size

        def push_on() -> None:
            if connection.wants_push:
                connection.pushed_on()

        forwarder = self._forwarder
        connection = Connection(source, push, forwarder.filled, forwarder.emptied, self.network.now)
        self._connections[source] = connection
        return connection

    def _receive(self, source: Address, data: bytes) -> None:
        size = min(len(data), len(self._forwarder.inbox))
        self._forwarder.inbox[:size] = data[:size]
        self._forwarder.receive(size, source, self.network.now)
        if not self._flushing:  # after what else comes in this moment
            self._flushing = True
            self.network.at(self.network.now, self._flush)

    def _flush(self) -> None:
        self._flushing = False
        self._forwarder.flush()
