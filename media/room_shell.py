"""One room with what it is tied to: connections, those who wait for a reply, its planes, its next deadline."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog

from lms_core.kernel.clock import Clock

from . import room_io
from .plane import seam
from .room import Room
from .room_state import PlaneUnavailable
from .spread import Spread

Send = Callable[[str, dict[str, Any]], None]
"""Carries a signal (name, body) to one connection, in order; it does not wait."""
Fact = room_io.Entered | room_io.Left | room_io.Stood | room_io.Closed

_FAREWELLS: Final = ("replaced", "removed")
"""After these signals a connection is in no room."""
_PASSING: Final = (seam.Levels, seam.Limited, seam.Needed)
"""Reports that change nothing of a room that is kept."""
_SHORTEST_SLEEP: Final = 0.001
"""Seconds; a timer that comes a hair early does not spin."""

log = structlog.get_logger(__name__)


class Home(Protocol):
    """What a live room tells to those who keep it."""

    def fact(self, live: "Live", fact: Fact) -> None: ...
    def changed(self, live: "Live") -> None: ...
    def told(self, live: "Live", name: str, body: dict[str, Any]) -> None: ...
    def opens(self, live: "Live", transport: str) -> None: ...
    def ended(self, transport: str) -> None: ...
    def detach(self, connection: str) -> Any: ...


class Live:
    def __init__(self, room: Room, spread: Spread, clock: Clock, home: Home) -> None:
        self.room = room
        self.spread = spread
        self.sends: dict[str, Send] = {}
        self._clock = clock
        self._home = home
        self._asked: dict[str, asyncio.Future[room_io.Reply | room_io.Refuse]] = {}
        self._count = 0
        self._inputs: deque[room_io.Input] = deque()
        self._handling = False
        self._transports: set[str] = set()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_at = 0.0
        self._stopped = False
        self._arm()

    def give(self, given: room_io.Input) -> None:
        """Handle it and perform what follows; from within a performance, as soon as that is done."""
        self._inputs.append(given)
        if self._handling:
            return
        self._handling, changed = True, False
        try:
            while self._inputs:
                given = self._inputs.popleft()
                for output in self.room.handle(given, self._clock.monotonic()):
                    self._perform(output)
                self._forget_transports()
                changed = changed or not isinstance(given, _PASSING)
        finally:
            self._handling = False
        self._arm()
        if changed and not self._stopped and not self.room.closed:
            self._guarded(lambda: self._home.changed(self))

    async def ask(self, make: Callable[[str], room_io.Asking], *, opens: str | None = None) -> dict[str, Any]:
        """Give what needs a reply, and wait for it. `opens` is the new transport it is to make."""
        self._count += 1
        request = str(self._count)
        future = self._asked[request] = asyncio.get_running_loop().create_future()
        if opens is not None:
            self._transports.add(opens)
            self._home.opens(self, opens)
        self.give(make(request))
        try:
            answer = future.result() if future.done() else await future
        finally:
            self._asked.pop(request, None)
        if isinstance(answer, room_io.Refuse):
            raise answer.refusal
        return answer.value

    def stop(self) -> None:
        """No more timers, and nobody is kept waiting."""
        self._stopped = True
        self._quiet()
        for request in list(self._asked):
            self._perform(room_io.Refuse(request, PlaneUnavailable()))

    # ---- outputs

    def _perform(self, output: room_io.Output) -> None:
        match output:
            case room_io.Tell(connection, name, body):
                self._send(connection, name, body)
                if name in _FAREWELLS:
                    self._home.detach(connection)
            case room_io.TellAll(name, body, but, outside):
                self._guarded(lambda: self._home.told(self, name, body))
                for connection in [c for c in self.sends if c != but and c not in outside]:
                    self._send(connection, name, body)
            case room_io.TellSome(connections, name, body):
                self._guarded(lambda: self._home.told(self, name, body))
                for connection in connections:
                    self._send(connection, name, body)
            case room_io.Reply() | room_io.Refuse():
                waiting = self._asked.get(output.request)
                if waiting and not waiting.done():
                    waiting.set_result(output)
            case room_io.Entered() | room_io.Left() | room_io.Stood():
                self._guarded(lambda: self._home.fact(self, output))
            case room_io.Closed():
                for connection in list(self.sends):
                    self._home.detach(connection)
                self._guarded(lambda: self._home.fact(self, output))
            case order:
                self.spread.order(order)

    def _send(self, connection: str, name: str, body: dict[str, Any]) -> None:
        if send := self.sends.get(connection):
            self._guarded(lambda: send(name, body))

    def _guarded(self, call: Callable[[], None]) -> None:
        """A bug in who listens is said; the others hear all the same."""
        try:
            call()
        except Exception:
            log.exception("listener_failed", room_id=self.room.id)

    def _forget_transports(self) -> None:
        if len(self._transports) > len(self.room.transports):
            for gone in self._transports - set(self.room.transports):
                self._transports.discard(gone)
                self._home.ended(gone)

    # ---- deadlines

    def _arm(self) -> None:
        """See to it that a Tick comes at the deadline; an alarm that rings too early looks again."""
        due = self.room.deadline()
        if self._stopped or self.room.closed:
            self._quiet()
        elif due is not None and (self._alarm is None or due < self._alarm_at):
            self._quiet()
            self._alarm_at = due
            self._alarm = asyncio.create_task(self._ring(due), name=f"room {self.room.id}")

    async def _ring(self, due: float) -> None:
        await self._clock.sleep(max(due - self._clock.monotonic(), _SHORTEST_SLEEP))
        self._alarm = None
        self.give(room_io.Tick())

    def _quiet(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
