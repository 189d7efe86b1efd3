"""Reads the outbox in order: stamps positions, pushes events to sockets, runs reactions.

Positions are stamped here and not on insertion, because insertion order is not commit order. An event
waits until its reactions have run; after a crash it is pushed again, which readers bear: their reducers
are idempotent. One that nothing reacts to waits for its stamp alone: who missed its push sees the gap.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, select, update

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.events import EVENTS, REACTIONS, reaction_name
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import UnitId
from lms_core.kernel.plain import from_plain
from lms_core.kernel.reads import Read, Write
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
    def of(cls, row: Any) -> "Told":
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
        db.on_announcement(self._news.set, "fact")

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._news.clear()
            if not self._leads() or await self.drain() < BATCH:
                await self._wait()

    def wake(self) -> None:
        """Something was left behind by another process."""
        self._news.set()

    async def drain(self) -> int:
        """Deliver what waits now; how many events were finished."""
        finished, reacted = 0, []
        for row in await self._db.run(SYSTEM, _stamp):
            if row.id not in self._tries:
                await self._tell(Told.of(row))
            if not _reactions(row.name):
                finished += 1
            elif await self._react(row):
                reacted.append(row)
        if reacted:
            await self._db.run(SYSTEM, lambda tx: _finish(tx, reacted))
        return finished + len(reacted)

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

    async def _react(self, row: Any) -> bool:
        """Whether nothing is left to do for the event."""
        left = 0
        for reaction in _reactions(row.name):
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


async def _stamp(tx: Tx) -> Sequence[Any]:
    """What waits, as rows of the outbox with their positions."""
    rows, heads = [], dict[UnitId, int]()
    for row in await tx.read(_WAITING):
        if row.position is not None:
            rows.append(row)
            continue
        heads[row.stream] = heads.get(row.stream) or await tx.position(row.stream)
        heads[row.stream] += 1
        rows.append(row._replace(position=heads[row.stream]))
        waits = bool(_reactions(row.name))
        tx.write(_STAMP, of=row.stream, event=row.id, stamp=heads[row.stream], waits=waits)
    for stream, position in heads.items():
        if not tx.write(_HEAD, of=stream, head=position):
            tx.write(_NEW_HEAD, stream=stream, position=position)
    return rows


def _reactions(name: str) -> Sequence[Callable[..., Awaitable[None]]]:
    kind = EVENTS.get(name)
    return REACTIONS.get(kind, ()) if kind else ()


_WAITING = Read(select(Outbox.__table__).where(Outbox.waiting).order_by(Outbox.id).limit(BATCH))
_STAMP = Write(
    update(Outbox)
    .where(Outbox.stream == bindparam("of"), Outbox.id == bindparam("event"))
    .values(position=bindparam("stamp"), waiting=bindparam("waits"))
)
_HEAD = Write(update(StreamPosition).where(StreamPosition.stream == bindparam("of")).values(position=bindparam("head")))
_NEW_HEAD = Write.row(StreamPosition)


async def _react_once(tx: Tx, row: Any, reaction: Callable[..., Awaitable[None]]) -> None:
    key = (row.stream, row.id, reaction_name(reaction))
    if await tx.get(ReactionDone, key) is None:
        tx.add(ReactionDone(stream=key[0], event_id=key[1], reaction=key[2]))
        await reaction(tx, _event(row))


def _event(row: Any) -> Any:
    return from_plain(EVENTS[row.name], row.body)


async def _finish(tx: Tx, rows: list[Any]) -> None:
    for stream in {row.stream for row in rows}:
        here = (Outbox.stream == stream) & Outbox.id.in_([row.id for row in rows if row.stream == stream])
        await tx.execute(update(Outbox).where(here).values(waiting=False))
