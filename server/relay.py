"""Reads the outbox in order: stamps positions, pushes events to sockets, runs reactions.

Positions are stamped here and not on insertion, because insertion order is not commit order. An event
waits until its reactions have run; after a crash it is pushed again, which readers bear: their reducers
are idempotent.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select, update

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.events import EVENTS, REACTIONS, reaction_name
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.plain import from_plain
from lms_core.kernel.tables import Outbox, ReactionDone, StreamPosition

BATCH = 200
TRIES = 10
PAUSE = 1.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as clients get it."""

    stream: str
    position: int
    topic: str | None
    name: str
    at: datetime
    body: dict[str, Any]

    @classmethod
    def of(cls, row: Outbox) -> "Told":
        return cls(row.stream, row.position or 0, row.topic, row.name, row.at, row.body)


class Relay:
    """`push` delivers an event to whoever listens now. Where several processes share a database, the one that
    `leads` tells; two at once stamp no position twice and run no reaction twice, but tell events twice."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        push: Callable[[Told], Awaitable[None]],
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        self._db, self._clock, self._push, self._leads = db, clock, push, leads
        self._news = asyncio.Event()
        self._tries: dict[str, int] = {}
        db.on_announcement(self._news.set)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._news.clear()
            if not self._leads() or not await self.drain():
                await self._wait()

    def wake(self) -> None:
        """Something was left behind by another process."""
        self._news.set()

    async def drain(self) -> int:
        """Deliver what waits now; how many events were finished."""
        waiting = await self._db.run(SYSTEM, _stamp)
        finished = []
        for row in waiting:
            if row.id not in self._tries:
                await self._tell(Told.of(row))
            if await self._react(row):
                finished.append(row)
        if finished:
            await self._db.run(SYSTEM, lambda tx: _finish(tx, finished))
        return len(finished)

    async def _tell(self, told: Told) -> None:
        """Readers who miss a push catch up by position; one that cannot be pushed holds up nobody."""
        try:
            await self._push(told)
        except Exception:
            log.exception("push_failed", event_name=told.name, position=told.position)

    async def _wait(self) -> None:
        pause = asyncio.ensure_future(self._clock.sleep(PAUSE))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait((pause, news), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            news.cancel()

    async def _react(self, row: Outbox) -> bool:
        """Whether nothing is left to do for the event."""
        kind = EVENTS.get(row.name)
        left = 0
        for reaction in REACTIONS.get(kind, ()) if kind else ():
            try:
                await self._db.run(SYSTEM, lambda tx, reaction=reaction: _react_once(tx, row, reaction))
            except (DatabaseUnavailable, Busy):
                raise  # not the reaction's failure: all that waits is told and tried again
            except Exception:
                log.exception("reaction_failed", reaction=reaction_name(reaction), event_id=row.id)
                left += 1
        if not left:
            self._tries.pop(row.id, None)
            return True
        self._tries[row.id] = self._tries.get(row.id, 0) + 1
        if self._tries[row.id] < TRIES:
            return False
        log.error("reaction_given_up", event_id=row.id, name=row.name)
        del self._tries[row.id]
        return True


async def after(tx: Tx, topic: str, stream: Any, position: int) -> Sequence[Told] | None:
    """Events of a topic after a position, oldest first; None when some were already pruned away."""
    known = await tx.get(StreamPosition, stream)
    if position > (known.position if known else 0) or position < (known.pruned if known else 0):
        return None
    query = (
        select(Outbox)
        .where(Outbox.stream == stream, Outbox.position > position, Outbox.topic == topic)
        .order_by(Outbox.position)
        .limit(BATCH + 1)
    )
    rows = await tx.all(query)
    return None if len(rows) > BATCH else [Told.of(row) for row in rows]


async def _stamp(tx: Tx) -> Sequence[Outbox]:
    rows = await tx.all(select(Outbox).where(Outbox.waiting).order_by(Outbox.id).limit(BATCH))
    heads: dict[str, StreamPosition] = {}
    for row in rows:
        if row.position is not None:
            continue
        if row.stream not in heads:
            heads[row.stream] = await _head(tx, row.stream)
        heads[row.stream].position += 1
        row.position = heads[row.stream].position
    return rows


async def _head(tx: Tx, stream: Any) -> StreamPosition:
    head = await tx.get(StreamPosition, stream)
    if head is None:
        head = StreamPosition(stream=stream, position=0, pruned=0)
        tx.add(head)
    return head


async def _react_once(tx: Tx, row: Outbox, reaction: Callable[..., Awaitable[None]]) -> None:
    key = (row.stream, row.id, reaction_name(reaction))
    if await tx.get(ReactionDone, key) is None:
        tx.add(ReactionDone(stream=key[0], event_id=key[1], reaction=key[2]))
        await reaction(tx, _event(row))


def _event(row: Outbox) -> Any:
    return from_plain(EVENTS[row.name], row.body)


async def _finish(tx: Tx, rows: list[Outbox]) -> None:
    for stream in {row.stream for row in rows}:
        here = (Outbox.stream == stream) & Outbox.id.in_([row.id for row in rows if row.stream == stream])
        await tx.execute(update(Outbox).where(here).values(waiting=False))
