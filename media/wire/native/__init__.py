"""The wire in Rust: all packets on a thread of its own, off the interpreter.

`_core` is built from this folder by the set-up, where there is a cargo; without it importing this raises
ImportError. What stands here only translates: commands go down as they are, notes come up in batches.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import structlog

from media.wire import (
    Address,
    Captured,
    Closed,
    Command,
    Datagram,
    DropPublication,
    Levels,
    Line,
    Note,
    Notify,
    PacketsLost,
    Rates,
    Reception,
    Rtcp,
    Started,
    Tap,
)
from media.wire.sending import MAX_DATAGRAM, Ways

from . import _core

_NOTES: dict[str, Callable[..., Note]] = {
    each.__name__: each for each in (Datagram, Rtcp, Started, Levels, PacketsLost, Closed, Line, Rates)
}
_FOR_TAPS = ("packets", "report")
_FALLEN = 70
"""Exit code of a process whose wire has died (EX_SOFTWARE)."""

_log = structlog.get_logger("wire")


def fall(why: str) -> None:
    """No packet moves any more: end this process, so that its parent starts another."""
    _log.critical("wire_died", why=why)
    os._exit(_FALLEN)


class NativeWire:
    """A `media.wire.Wire`. Raises OSError when the port is taken, for UDP or TCP; port 0 finds a free one.

    `own` are this machine's addresses, of use where `host` stands for all of them. `died` is told why when the thread
    has ended by a fault of its own; `patience` and `idle` are seconds that TCP connections have (see `listener.py`).
    """

    def __init__(
        self,
        host: str,
        port: int,
        notify: Notify,
        own: Sequence[str] = (),
        *,
        died: Callable[[str], None] = fall,
        **limits: float,
    ) -> None:
        self._core = _core.Wire(host, port, list(own), **limits)
        self._taps = _Taps(notify)
        self._died = died
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._core.bell, self._noted)
        self._open = True
        self._waiting: list[tuple[Any, ...]] = []

    @property
    def port(self) -> int:
        return self._core.port

    def perform(self, command: Command) -> None:
        """Raises RuntimeError when the wire has ended."""
        if isinstance(command, DropPublication):
            self._taps.drop(command.publication)
        self._core.perform(command)

    def tap(self, publication: str, tap: Tap | None) -> None:
        self._core.tap(publication, tap is not None)
        if tap is None and self._taps.knows(publication):
            self._gather()
        self._taps.put(publication, tap)

    def receptions(self, peer: str) -> list[Reception]:
        return [Reception(*fields) for fields in self._core.receptions(peer)]

    def captured(self) -> list[Captured]:
        return [Captured(*fields) for fields in self._core.captured()]

    def counts(self, peer: str) -> dict[str, Any]:
        return self._core.counts(peer) or {}

    def dump(self) -> dict[str, Any]:
        return self._core.dump() or {"maker": "native", "error": self._core.died or "no answer"}

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._core.bell)
            self._core.close()

    def _gather(self) -> None:
        """Taps get what was gathered for them until now; other notes wait for their turn."""
        self._core.receptions("")  # answered after what was said before
        while words := self._core.notes():
            for each in words:
                if each[0] in _FOR_TAPS:
                    self._taps.tell(each)
                else:
                    self._waiting.append(each)
        if self._waiting:
            self._loop.call_soon(self._noted)

    def _noted(self) -> None:
        if not self._open:
            return
        waiting, self._waiting = self._waiting, []
        for words in [*waiting, *self._core.notes()]:
            try:
                self._taps.tell(words)
            except Exception as fault:  # of ours, in following one note; it must not lose the others
                self._loop.call_exception_handler({"message": f"{words[0]} was not followed", "exception": fault})
        if self._open and (why := self._core.died) is not None:
            self._open = False
            self._loop.remove_reader(self._core.bell)
            self._died(why)


class NativeForwarder:
    """The same packet path as `forwarder.Forwarder`'s, and used like it, without sockets and without a thread."""

    def __init__(self, ways: Ways, notify: Notify) -> None:
        self.inbox = memoryview(bytearray(MAX_DATAGRAM))
        self._ways, self._taps = ways, _Taps(notify)
        self._core = _core.Engine()
        self._full: dict[Address, None] = {}
        self._now = 0.0

    @property
    def asking(self) -> bool:
        return self._core.asking

    def receive(self, size: int, address: Address, now: float) -> None:
        self._now = now
        self._put(self._core.receive(bytes(self.inbox[:size]), address, now))

    @property
    def due_at(self) -> float | None:
        return self._core.due_at

    def send_due(self, now: float) -> None:
        self._put(self._core.send_due(now))

    def flush(self, now: float) -> None:
        self._put(self._core.flush(now))
        while self._full:
            self._put(self._core.hold(self._full.popitem()[0], True))

    def filled(self, address: Address) -> None:
        self._full[address] = None

    def emptied(self, address: Address) -> None:
        self._full.pop(address, None)
        self._put(self._core.hold(address, False))

    def closed(self, address: Address) -> None:
        self._full.pop(address, None)
        self._put(self._core.closed(address))

    def perform(self, command: Command, now: float) -> None:
        if isinstance(command, DropPublication):
            self._taps.drop(command.publication)
        self._put(self._core.perform(command, now))

    def tap(self, publication: str, tap: Tap | None) -> None:
        self._put(self._core.tap(publication, tap is not None, self._now))
        self._taps.put(publication, tap)

    def ask(self, now: float) -> None:
        self._put(self._core.ask(now))

    def tick(self, now: float) -> None:
        self._put(self._core.tick(now))

    def receptions(self, peer: str, now: float) -> list[Reception]:
        return [Reception(*fields) for fields in self._core.receptions(peer, now)]

    def captured(self) -> list[Captured]:
        return [Captured(*fields) for fields in self._core.captured()]

    def counts(self, peer: str) -> dict[str, Any]:
        return self._core.counts(peer) or {}

    def dump(self) -> dict[str, Any]:
        return self._core.dump()

    def _put(self, said: Iterable[tuple[Any, ...]]) -> None:
        for words in said:
            if words[0] != "send":
                self._taps.tell(words)
                continue
            _, address, data, size = words
            way = self._ways.way(address)
            if size:
                way.send_run(address, memoryview(data), size)
            else:
                way.send(address, data)


class _Taps:
    """Takes what comes up, and hands each tap what is its own."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._taps: dict[str, Tap] = {}

    def put(self, publication: str, tap: Tap | None) -> None:
        if tap is None:
            self.drop(publication)
        else:
            self._taps[publication] = tap

    def knows(self, publication: str) -> bool:
        return publication in self._taps

    def drop(self, publication: str) -> None:
        self._taps.pop(publication, None)

    def tell(self, words: tuple[Any, ...]) -> None:
        match words:
            case ("packets", publication, packets):
                if tap := self._taps.get(publication):
                    tap.packets(packets)
            case ("report", publication, ntp, timestamp, at):
                if tap := self._taps.get(publication):
                    tap.report(ntp, timestamp, at)
            case (kind, *fields):
                self._notify(_NOTES[kind](*fields))
            case ():
                pass
