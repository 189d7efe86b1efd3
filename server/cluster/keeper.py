"""Which rooms are this process's own: claimed by one row each, kept in durable snapshots, taken over from the dead.

An owner that cannot reach the database keeps its rooms; one that reads that a room's epoch moved on gives it up.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from sqlalchemy import delete, select, update

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.failures import AlreadyThere
from lms_core.kernel.ids import RoomId
from media.rooms import Rooms, Surrendered

from .model import Process, ProcessId, RoomOwner
from .registry import Registry, orphaned

SAVE_AFTER: Final = 0.2
"""Seconds from a change to its snapshot; what changes meanwhile goes with it."""
AGAIN_AFTER: Final = 1.0
BATCH: Final = 20
VERIFY_EVERY: Final = 10.0
KEEP_BARS: Final = timedelta(days=1)

log = structlog.get_logger(__name__)


class Lessons(Protocol):
    """What is known above of rooms."""

    async def may_go_on(self, tx: Tx, room_id: str) -> bool:
        """Whether a room may be taken up again."""
        ...

    async def taken_over(self, tx: Tx, room_id: str, present: Collection[str], seen: datetime) -> None:
        """Only `present` (participants) may still be there; the others left when last `seen`."""
        ...


@dataclass(slots=True)
class _Held:
    epoch: int
    written: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Claim:
    owner: ProcessId | None
    epoch: int = 0
    snapshot: dict[str, Any] = field(default_factory=dict)
    seen: float | None = None


class Keeper:
    def __init__(self, db: Database, clock: Clock, registry: Registry, rooms: Rooms, lessons: Lessons) -> None:
        self._db, self._clock, self._registry, self._rooms = db, clock, registry, rooms
        self._lessons = lessons
        self._held: dict[str, _Held] = {}
        self._given: set[str] = set()
        self._dirty: set[str] = set()
        self._writes = True
        self._news = asyncio.Event()
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._verified_at = clock.monotonic()
        rooms.on_change(self._changed)
        rooms.on_fact(lambda room_id, _: self._changed(room_id))
        registry.on_look(self._look)
        registry.on_return(self.verify)

    def owns(self, room_id: str) -> bool:
        return room_id in self._held

    @property
    def owned(self) -> list[str]:
        return list(self._held)

    async def find(self, room_id: str, *, claim: bool) -> ProcessId | None:
        """Who owns a room; with `claim` this process, if nobody who lives does. What it got is there then."""
        if room_id in self._held:
            return self._registry.me
        async with self._locks[room_id]:
            if room_id in self._held:
                return self._registry.me
            found = await self._claim(room_id, claim)
            if found.owner == self._registry.me:
                self._take_up(room_id, found)
        return found.owner

    async def hand_over(self, room_id: str, to: ProcessId) -> Surrendered | None:
        """Give a room to another process. None when it is not there; on failure it stays here."""
        async with self._locks[room_id]:
            held = self._held.pop(room_id, None)
            given = self._rooms.surrender(room_id, linger=True)
            if held is None or given is None:
                return None
            try:
                await self._db.run(SYSTEM, lambda tx: _give(tx, room_id, self._registry.me, held, to, given.snapshot))
            except BaseException:
                self._held[room_id] = held
                self._rooms.restore(room_id, given.snapshot)
                raise
            self._given.add(room_id)
            return given

    async def was_taken(self, tx: Tx, room_id: str) -> bool:
        """Whether another process took a room over as from the dead: what happened in it here is no longer so."""
        row = await tx.get(RoomOwner, RoomId(room_id))
        return row is not None and row.owner not in (None, self._registry.me) and room_id not in self._given

    async def run(self) -> None:
        """Until cancelled: writes what changed."""
        while True:
            await self._news.wait()
            await self._clock.sleep(SAVE_AFTER)
            self._news.clear()
            began = self._clock.monotonic()
            if not await self.save():
                await self._clock.sleep(AGAIN_AFTER)
            await self._clock.sleep(min(1.0, 4 * (self._clock.monotonic() - began)))  # large rooms more rarely

    async def save(self) -> bool:
        """Write the snapshots of what changed since they were written; False when the database is away."""
        dirty, self._dirty = self._dirty, set()
        over = {room_id for room_id in dirty if room_id in self._held and not self._rooms.holds(room_id)}
        new: dict[str, tuple[_Held, dict[str, Any]]] = {}
        for room_id in dirty - over:
            held, kept = self._held.get(room_id), self._rooms.durable(room_id)
            if held and kept and kept != held.written:
                new[room_id] = held, kept
        try:
            lost = await self._db.run(SYSTEM, lambda tx: self._write(tx, new)) if new else []
            for room_id in over:
                await self._release(room_id)
        except Exception as no:
            if self._writes:
                log.warning("snapshots_not_written", rooms=len(dirty), why=type(no).__name__)
            self._writes = False
            self._dirty |= dirty
            self._news.set()
            return False
        self._writes = True
        for held, kept in new.values():
            held.written = kept
        for room_id in lost:
            self._lose(room_id)
        return True

    async def take_over(self) -> int:
        """Take up rooms of the dead; how many there were."""
        count = 0
        while not self._registry.draining:
            taken, closed = await self._db.run(SYSTEM, self._orphans)
            for room_id, claim in taken.items():
                self._take_up(room_id, claim)
            count += len(taken)
            if len(taken) + closed < BATCH:
                break
        if count:
            log.info("rooms_taken_over", rooms=count)
        return count

    async def verify(self) -> None:
        """Give up what another process has taken meanwhile."""
        self._verified_at = self._clock.monotonic()
        before = {room_id: held.epoch for room_id, held in self._held.items()}
        query = select(RoomOwner.room_id, RoomOwner.epoch).where(RoomOwner.owner == self._registry.me)
        rows = {room_id: epoch for room_id, epoch in await self._db.run(SYSTEM, lambda tx: tx.rows(query))}
        for room_id, epoch in before.items():
            held = self._held.get(room_id)
            if rows.get(RoomId(room_id)) != epoch and held and held.epoch == epoch:
                self._lose(room_id)

    def dump(self) -> dict[str, Any]:
        return {"rooms": {room_id: held.epoch for room_id, held in self._held.items()}, "unsaved": len(self._dirty)}

    # ---- inside

    async def _look(self) -> None:
        await self.take_over()
        if self._clock.monotonic() - self._verified_at >= VERIFY_EVERY:
            await self.verify()
            await self._db.run(SYSTEM, _forget_bars)

    def _changed(self, room_id: str) -> None:
        if room_id in self._held:
            self._dirty.add(room_id)
            self._news.set()

    def _take_up(self, room_id: str, claim: _Claim) -> None:
        self._given.discard(room_id)
        self._held[room_id] = _Held(claim.epoch)
        try:
            self._rooms.restore(room_id, claim.snapshot, claim.seen)
        except Exception:
            log.exception("snapshot_not_readable", room_id=room_id)  # people enter an empty room, and go on
        self._changed(room_id)

    def _lose(self, room_id: str) -> None:
        log.warning("room_lost_to_another_process", room_id=room_id)
        self._held.pop(room_id, None)
        if given := self._rooms.surrender(room_id):
            for send in given.sends.values():
                send("moved", {})

    async def _release(self, room_id: str) -> None:
        async with self._locks[room_id]:
            if self._rooms.holds(room_id) or (held := self._held.pop(room_id, None)) is None:
                return
            bars = self._rooms.durable(room_id)
            try:
                await self._db.run(SYSTEM, lambda tx: _give(tx, room_id, self._registry.me, held, None, bars))
            except BaseException:
                self._held[room_id] = held
                raise
        self._locks.pop(room_id, None)

    async def _claim(self, room_id: str, claim: bool) -> _Claim:
        work: Callable[[Tx], Awaitable[_Claim]] = lambda tx: self._claimed(tx, RoomId(room_id), claim)  # noqa: E731
        try:
            return await self._db.run(SYSTEM, work)
        except AlreadyThere:  # another was first
            return await self._db.run(SYSTEM, work)

    async def _claimed(self, tx: Tx, room_id: RoomId, claim: bool) -> _Claim:
        me = self._registry.me
        row = await tx.get(RoomOwner, room_id)
        may = claim and not self._registry.draining
        if row is None and not may:
            return _Claim(None)
        if row is None:
            tx.add(RoomOwner(room_id=room_id, owner=me, epoch=1, snapshot={}, written=tx.now))
            return _Claim(me, 1)
        if row.owner != me and row.owner is not None and await tx.get(Process, row.owner) is not None:
            return _Claim(row.owner)
        if (row.owner is None and not may) or self._registry.draining:
            return _Claim(None)
        return await self._turn(tx, row)

    async def _turn(self, tx: Tx, row: RoomOwner) -> _Claim:
        """The room changes hands. Who died with its owner's last words unwritten has left."""
        if row.owner not in (None, self._registry.me):
            seen = row.seen or tx.now
            present = [one["grant"]["sub"] for one in row.snapshot.get("participants", [])]
            await self._lessons.taken_over(tx, row.room_id, present, seen)
        row.owner, row.epoch = self._registry.me, row.epoch + 1
        seen, row.seen = row.seen, None
        return _Claim(self._registry.me, row.epoch, row.snapshot, seen and seen.timestamp())

    async def _orphans(self, tx: Tx) -> tuple[dict[str, _Claim], int]:
        taken, closed = {}, 0
        for row in await tx.all(select(RoomOwner).where(orphaned()).order_by(RoomOwner.room_id).limit(BATCH)):
            if await self._lessons.may_go_on(tx, row.room_id):
                taken[row.room_id] = await self._turn(tx, row)
            else:
                await self._lessons.taken_over(tx, row.room_id, [], row.seen or tx.now)
                await tx.delete(row)
                closed += 1
        return taken, closed

    async def _write(self, tx: Tx, new: dict[str, tuple[_Held, dict[str, Any]]]) -> list[str]:
        """Rooms that are another's by now."""
        lost = []
        for room_id, (held, kept) in sorted(new.items()):
            mine = _mine(room_id, self._registry.me, held)
            if not await tx.execute(update(RoomOwner).where(*mine).values(snapshot=kept, written=tx.now)):
                lost.append(room_id)
        return lost


async def _give(
    tx: Tx, room_id: str, me: ProcessId, held: _Held, to: ProcessId | None, snapshot: dict[str, Any] | None
) -> None:
    """The room is another's from now on, or (None) nobody's; without anything to keep it is forgotten."""
    mine = _mine(room_id, me, held)
    if snapshot is None:
        await tx.execute(delete(RoomOwner).where(*mine))
    else:
        changes = {"owner": to, "epoch": held.epoch + 1, "snapshot": snapshot, "written": tx.now, "seen": None}
        await tx.execute(update(RoomOwner).where(*mine).values(**changes))


def _mine(room_id: str, me: ProcessId, held: _Held) -> tuple[Any, ...]:
    return RoomOwner.room_id == RoomId(room_id), RoomOwner.owner == me, RoomOwner.epoch == held.epoch


async def _forget_bars(tx: Tx) -> None:
    await tx.execute(delete(RoomOwner).where(RoomOwner.owner.is_(None), RoomOwner.written < tx.now - KEEP_BARS))
