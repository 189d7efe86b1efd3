"""Tells the others that this process lives, sees who else does, buries the dead, and leads if nobody else does."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import structlog
from sqlalchemy import delete, exists, select, update

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.ids import new_id

from .model import Lease, Process, ProcessId, RoomOwner
from .watching import BEAT, Watch

LEADERSHIP: Final = "relay"
PROBE_PATIENCE: Final = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another living process."""

    id: ProcessId
    kind: str
    url: str
    load: int
    draining: bool
    beat: int


class Registry:
    """`load` is how many rooms are here; `answering` names processes that answer on a link; `probe` tells whether
    a connection to an address is refused."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        kind: Literal["server", "worker"],
        url: str,
        version: str,
        load: Callable[[], int] = lambda: 0,
        answering: Callable[[], Collection[str]] = tuple,
        probe: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        self.me = ProcessId(new_id("process", int(clock.now().timestamp() * 1000)))
        self.others: Mapping[ProcessId, Neighbour] = {}
        self.draining = False
        self.sees = True
        """Whether the table could be read when it was looked at last."""
        self._db, self._clock = db, clock
        self._kind, self.url, self._version, self._load = kind, url, version, load
        self._answering, self._probe = answering, probe or is_refused
        self._watch = Watch()
        self._leads = False
        self._on_look: list[Callable[[], Awaitable[None]]] = []
        self._on_return: list[Callable[[], Awaitable[None]]] = []
        self._wake = asyncio.Event()

    def on_look(self, hear: Callable[[], Awaitable[None]]) -> None:
        """Call `hear()` after each look at the table."""
        self._on_look.append(hear)

    def on_return(self, hear: Callable[[], Awaitable[None]]) -> None:
        """Call `hear()` when this process had been taken for dead."""
        self._on_return.append(hear)

    def leads(self) -> bool:
        """Whether this process stamps the outbox and runs periodic jobs. Two may think so for a moment."""
        return self._leads

    @property
    def servers(self) -> list[Neighbour]:
        """Other servers that take rooms, the least loaded first."""
        found = [one for one in self.others.values() if one.kind == "server" and not one.draining]
        return sorted(found, key=lambda one: (one.load, one.id))

    async def join(self, *, alone: bool = False) -> None:
        """Be known from now on. Who had this address before is dead; with `alone`, so is everybody."""
        free = alone or await self._probe(self.url)

        async def arrive(tx: Tx) -> None:
            before = select(Process) if alone else select(Process).where(Process.internal_url == self.url)
            for row in await tx.all(before) if free else ():
                await _bury(tx, row.id, row.beat)
            await self._appear(tx)

        await self._db.run(SYSTEM, arrive)
        await self.look()

    async def leave(self) -> None:
        """Be known no more, and lead no more."""

        async def depart(tx: Tx) -> None:
            await tx.execute(delete(Lease).where(Lease.owner == self.me))
            await tx.execute(delete(Process).where(Process.id == self.me))

        self._leads = False
        await self._db.run(SYSTEM, depart)

    async def drain(self) -> None:
        """Say that no room is to come here any more, and give the lead away."""
        self.draining, self._leads = True, False

        async def say(tx: Tx) -> None:
            await tx.execute(update(Process).where(Process.id == self.me).values(draining=True))
            await tx.execute(delete(Lease).where(Lease.owner == self.me))

        await self._db.run(SYSTEM, say)

    def hurry(self) -> None:
        """Look soon: something happened to another process."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.beat()
                await self.look()
            except Exception as no:
                self._watch.blind()
                if self.sees:
                    log.warning("processes_not_seen", why=type(no).__name__)
                self.sees = False
            await self._rest()

    async def beat(self) -> None:
        async def say(tx: Tx) -> bool:
            mine = update(Process).where(Process.id == self.me)
            found = await tx.execute(mine.values(beat=Process.beat + 1, seen=tx.now, load=self._load()))
            if not found:
                await self._appear(tx)
            return bool(found)

        if not await self._db.run(SYSTEM, say):
            log.warning("was_taken_for_dead", process=self.me)
            for hear in self._on_return:
                await hear()

    async def look(self) -> None:
        """See who lives, bury who does not, and lead if nobody does."""
        rows, leader = await self._db.run(SYSTEM, _read)
        self.sees = True
        now = self._clock.monotonic()
        others = {row.id: _neighbour(row) for row in rows if row.id != self.me}
        self._watch.look({who: one.beat for who, one in others.items()}, now)
        doubtful = self._watch.doubtful(now)
        answers = await asyncio.gather(*(self._probe(others[ProcessId(who)].url) for who in doubtful))
        refused = {who for who, no in zip(doubtful, answers, strict=True) if no}
        for who, beat in self._watch.dead(self._clock.monotonic(), refused, self._answering()).items():
            if await self._db.run(SYSTEM, lambda tx, who=who, beat=beat: _bury(tx, ProcessId(who), beat)):
                log.warning("process_died", process=who, refused=who in refused)
            others.pop(ProcessId(who), None)
        self.others = others
        if self._kind == "server" and not self.draining:
            self._leads = leader == self.me or (leader not in others and await self._take_lead())
        for hear in self._on_look:
            await hear()

    async def _take_lead(self) -> bool:
        async def take(tx: Tx) -> bool:
            row = await tx.get(Lease, LEADERSHIP)
            if row is None:
                tx.add(Lease(name=LEADERSHIP, owner=self.me))
                return True
            if row.owner != self.me and await tx.get(Process, row.owner) is None:
                row.owner = self.me
            return row.owner == self.me

        return await self._db.run(SYSTEM, take)

    async def _appear(self, tx: Tx) -> None:
        tx.add(
            Process(
                id=self.me, kind=self._kind, internal_url=self.url, beat=0, started=tx.now, seen=tx.now,
                draining=self.draining, load=self._load(), version=self._version,
            )
        )  # fmt: skip

    async def _rest(self) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(BEAT)), asyncio.ensure_future(self._wake.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def dump(self) -> dict[str, Any]:
        return {"id": self.me, "leads": self._leads, "draining": self.draining, "others": sorted(self.others)}


async def is_refused(url: str) -> bool:
    """Whether nobody listens there. Not being answered is no proof."""
    place = urlsplit(url)
    try:
        async with asyncio.timeout(PROBE_PATIENCE):
            _, writer = await asyncio.open_connection(place.hostname, place.port or 80)
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    writer.close()
    return False


async def _read(tx: Tx) -> tuple[list[Process], str | None]:
    rows = list(await tx.all(select(Process)))
    lease = await tx.get(Lease, LEADERSHIP)
    return rows, lease.owner if lease else None


async def _bury(tx: Tx, who: ProcessId, beat: int) -> bool:
    """Strike a process off unless it has beaten since; its rooms say until when it was seen."""
    row = await tx.get(Process, who)
    if row is None or row.beat != beat:
        return False
    await tx.execute(update(RoomOwner).where(RoomOwner.owner == who).values(seen=row.seen))
    await tx.execute(delete(Process).where(Process.id == who, Process.beat == beat))
    return True


def orphaned() -> Any:
    """The condition that a room's owner is no more."""
    return RoomOwner.owner.is_not(None) & ~exists().where(Process.id == RoomOwner.owner)


def _neighbour(row: Process) -> Neighbour:
    return Neighbour(row.id, row.kind, row.internal_url, row.load, row.draining, row.beat)
