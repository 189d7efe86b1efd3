"""Every process hears every event: in the order of its stream, none twice, none left out.

The one that leads stamps events, hears them at once and sends them over the bus. What the bus loses is read in
the outbox: when a later event shows the gap, and once a second where the newest positions do.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import func, select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.ids import UnitId
from lms_core.kernel.plain import to_plain
from lms_core.kernel.tables import Outbox, StreamPosition

from .bus import Bus
from .relay import Told

PAUSE = 1.0
BATCH = 200
NEWS = "news"

log = structlog.get_logger(__name__)


class Feed:
    """`tell` is given each event. `shared`: other processes work on this database too."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        tell: Callable[[Told], Awaitable[None]],
        *,
        bus: Bus | None = None,
        shared: bool = False,
    ) -> None:
        self._db, self._clock, self._tell = db, clock, tell
        self._bus, self._shared = bus, shared
        self._heads: dict[str, int] = {}
        self._begun = self._seeing = False
        self._turn = asyncio.Lock()
        self._look = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._read = 0
        if bus:
            bus.listen(self._hear)
            bus.on_joined(self._look.set)
            db.on_announcement(lambda: bus.send(NEWS))

    def on_news(self, listener: Callable[[], None]) -> None:
        """Call `listener` when another process left events or jobs behind (it may be missed)."""
        self._listeners.append(listener)

    async def begin(self) -> None:
        """From the present positions on; before anybody can read a topic here."""
        self._heads = await self._db.run(SYSTEM, _positions)
        self._begun = self._seeing = True

    async def publish(self, told: Told) -> None:
        """An event that was just stamped: here at once, elsewhere soon."""
        if self._bus:
            self._bus.send(to_plain(told))
        await self._take(told)

    async def run(self) -> None:
        """Until cancelled: hears the other processes."""
        async with asyncio.TaskGroup() as tasks:
            if self._bus:
                tasks.create_task(self._bus.run())
            if self._shared:
                tasks.create_task(self._watch())
            else:
                await asyncio.Event().wait()

    def dump(self) -> dict[str, Any]:
        return {"streams": len(self._heads), "bus": bool(self._bus and self._bus.up), "read_in_outbox": self._read}

    async def look(self) -> None:
        """Tell what the outbox has beyond what was heard."""
        if await self._db.run(SYSTEM, _sum) == sum(self._heads.values()):
            return
        for stream, position in (await self._db.run(SYSTEM, _positions)).items():
            if position > self._heads.get(stream, 0):
                async with self._turn:
                    await self._fill(stream, position)

    async def _hear(self, item: Any) -> None:
        if item == NEWS:
            for listener in self._listeners:
                listener()
        else:
            await self._take(Told(**item | {"at": datetime.fromisoformat(item["at"])}))

    async def _take(self, told: Told) -> None:
        async with self._turn:
            head = self._heads.get(told.stream, 0 if self._begun else told.position - 1)
            if told.position > head + 1:
                await self._fill(told.stream, told.position - 1)
                head = self._heads.get(told.stream, 0)
            if told.position == head + 1:
                await self._pass_on(told)

    async def _fill(self, stream: str, until: int) -> None:
        """Tell what is missing of a stream, from the outbox. What was pruned already is left out."""
        while (head := self._heads.get(stream, 0)) < until:
            missing = await self._db.run(SYSTEM, lambda tx, h=head: _between(tx, UnitId(stream), h, until))
            self._read += len(missing)
            for told in missing:
                await self._pass_on(told)
            if len(missing) < BATCH:
                self._heads[stream] = max(self._heads.get(stream, 0), until)

    async def _pass_on(self, told: Told) -> None:
        """Who misses it catches up by position; one that cannot be told holds up nobody."""
        self._heads[told.stream] = told.position
        try:
            await self._tell(told)
        except Exception:
            log.exception("push_failed", event_name=told.name, position=told.position)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as why:
                if self._seeing:
                    log.warning("feed_blind", why=type(why).__name__)
                self._seeing = False
            else:
                if not self._seeing:
                    log.info("feed_sees")
                self._seeing = True
            await self._wait()

    async def _wait(self) -> None:
        pause, joined = asyncio.ensure_future(self._clock.sleep(PAUSE)), asyncio.ensure_future(self._look.wait())
        try:
            await asyncio.wait((pause, joined), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            joined.cancel()
        self._look.clear()


async def _sum(tx: Tx) -> int:
    return int(await tx.one(select(func.sum(StreamPosition.position))) or 0)


async def _positions(tx: Tx) -> dict[str, int]:
    return {
        stream: position for stream, position in await tx.rows(select(StreamPosition.stream, StreamPosition.position))
    }


async def _between(tx: Tx, stream: UnitId, head: int, until: int) -> list[Told]:
    here = (Outbox.stream == stream) & (Outbox.position > head) & (Outbox.position <= until)
    return [Told.of(row) for row in await tx.all(select(Outbox).where(here).order_by(Outbox.position).limit(BATCH))]
