"""A network and a wire in memory, in virtual time: for tests, and for stories of whole rooms.

The wire is the real packet path, sealing and all; only its socket and its clock are made up. So whatever stands
above it, up to a whole plane, runs unchanged, and a minute of call takes as long as its work does.
"""

import asyncio
import heapq
import itertools
import math
import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from . import Address, Captured, Command, Notify, Reception, Tap
from .connection import NOWHERE, Connection
from .forwarder import ASK_EVERY, TICK_EVERY, Forwarder
from .sending import Outlet, Ways

Take = Callable[[Address, bytes], None]
Drop = Callable[[Address, Address, bytes], bool]
"""Whether the network loses this datagram (source, target, bytes)."""


class Link:
    """A line of which not everything comes out, one way, as the bench's link between network namespaces has it.

    `rates` are (since second, bit/s) in order; `queue` seconds of that rate, then tail drop; `delay`, `jitter` seconds
    (uniform, the order is kept); `loss` a part of 1, in bursts of `burst` packets on average.
    """

    def __init__(
        self,
        rates: Sequence[tuple[float, float]],
        queue: float = 0.5,
        delay: float = 0.02,
        jitter: float = 0.0,
        loss: float = 0.0,
        burst: float = 1.0,
        seed: int = 1,
    ) -> None:
        self.rates = list(rates)
        self.queue, self.delay, self.jitter, self.loss, self.burst = queue, delay, jitter, loss, burst
        self.dropped = self.lost = 0
        self._random = random.Random(seed)  # noqa: S311 (no secret)
        self._busy_until = self._last_out = 0.0
        self._in_burst = False

    def rate(self, now: float) -> float:
        return next((rate for since, rate in reversed(self.rates) if since <= now), self.rates[0][1])

    def carry(self, size: int, now: float) -> float | None:
        """When a packet that enters now comes out, None if never. Times must not fall."""
        if self._is_lost():
            self.lost += 1
            return None
        if self.waiting(now) > self.queue:
            self.dropped += 1
            return None
        self._busy_until = self._served(max(self._busy_until, now), 8.0 * size)
        out = self._busy_until + self.delay + self._random.uniform(0.0, self.jitter)
        self._last_out = max(out, self._last_out)
        return self._last_out

    def waiting(self, now: float) -> float:
        """Seconds of queue."""
        return max(self._busy_until - now, 0.0)

    def _served(self, start: float, bits: float) -> float:
        while True:
            rate = self.rate(start)
            turns = next((since for since, _ in self.rates if since > start), float("inf"))
            if start + bits / rate <= turns:
                return start + bits / rate
            bits -= (turns - start) * rate
            start = turns

    def _is_lost(self) -> bool:
        if self.burst <= 1.0:
            return self._random.random() < self.loss
        leave = 1.0 / self.burst
        enter = leave * self.loss / (1.0 - self.loss)
        chance = self._random.random()
        self._in_burst = chance >= leave if self._in_burst else chance < enter
        return self._in_burst


class Network:
    """Carries datagrams between addresses. `now` are its seconds; they pass in `run` only.

    An address of three parts is one end of a TCP connection: what is carried there and from there are pieces of a
    stream, never lost. `links` are the lines to addresses that are worse than the rest of it.
    """

    def __init__(self, delay: float = 0.01, drop: Drop | None = None) -> None:
        self.now = 1000.0
        self.delay = delay
        self.drop = drop
        self.lost = 0
        self.links: dict[Address, Link] = {}
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
        link = None if is_stream else self.links.get(target)
        when = self.now + self.delay if link is None else link.carry(len(data), self.now)
        if when is None or (not is_stream and self.drop is not None and self.drop(source, target, data)):
            self.lost += 1
        else:
            self.at(when, lambda: self._deliver(source, target, data))

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
    def flush(self, now: float) -> None: ...
    @property
    def due_at(self) -> float | None: ...
    def send_due(self, now: float) -> None: ...
    def filled(self, address: Address) -> None: ...
    def emptied(self, address: Address) -> None: ...
    def closed(self, address: Address) -> None: ...
    def perform(self, command: Command, now: float) -> None: ...
    def tap(self, publication: str, tap: Tap | None) -> None: ...
    def ask(self, now: float) -> None: ...
    def tick(self, now: float) -> None: ...
    def receptions(self, peer: str, now: float) -> list[Reception]: ...
    def captured(self) -> list[Captured]: ...
    def counts(self, peer: str) -> dict[str, Any]: ...
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
        self._due_at = math.inf
        network.attach(address, self._take)
        network.every(ASK_EVERY, lambda: self._forwarder.ask(network.now))
        network.every(TICK_EVERY, self._tick)

    @property
    def port(self) -> int:
        return self.address[1]

    def perform(self, command: Command) -> None:
        self._forwarder.perform(command, self.network.now)

    def tap(self, publication: str, tap: Tap | None) -> None:
        self._forwarder.tap(publication, tap)

    def receptions(self, peer: str) -> list[Reception]:
        return self._forwarder.receptions(peer, self.network.now)

    def captured(self) -> list[Captured]:
        return self._forwarder.captured()

    def counts(self, peer: str) -> dict[str, Any]:
        return self._forwarder.counts(peer)

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
        self._forwarder.flush(self.network.now)
        self._send_later()

    def _tick(self) -> None:
        self._forwarder.tick(self.network.now)
        self._send_later()

    def _send_later(self) -> None:
        due = self._forwarder.due_at
        if due is not None and due < self._due_at:
            self._due_at = due = max(due, self.network.now)
            self.network.at(due, lambda: self._send_due(due))

    def _send_due(self, due: float) -> None:
        if due == self._due_at:  # else something else was due before
            self._due_at = math.inf
            self._forwarder.send_due(self.network.now)
            self._send_later()
