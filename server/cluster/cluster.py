"""This process among the others: everything of this package, built and wired."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

import structlog
from aiohttp import web

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from media.rooms import Rooms

from . import serving
from .common_clock import CommonClock
from .keeper import Keeper, Lessons
from .links import Links
from .model import Common, ProcessId
from .planes import ClusterPlanes
from .registry import Neighbour, Registry
from .rooms import ClusterRooms

KEYS: Final = "keys"
HANDED_OVER_AT_ONCE: Final = 8
DRAIN_SECONDS: Final = 6.0
"""For handing over all rooms; those that are left then are taken over as from the dead."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = structlog.get_logger(__name__)


class KeysDiffer(Exception):
    """This process's keys are not those of the others; the message says so in one line."""


class Cluster:
    """`rooms` are to be used in place of `here`. With `alone` no other process can be there (SQLite)."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        here: Rooms,
        planes: ClusterPlanes,
        lessons: Lessons,
        *,
        key: bytes,
        fingerprint: str,
        url: str,
        version: str,
        alone: bool,
    ) -> None:
        self._db, self._clock, self._key, self._alone = db, clock, key, alone
        self._fingerprint, self._here = fingerprint, here
        self.registry = Registry(
            db,
            clock,
            kind="server",
            url=url,
            version=version,
            load=lambda: here.count,
            answering=lambda: self._links.answering(),
        )
        self.keeper = Keeper(db, clock, self.registry, here, lessons)
        self.rooms = ClusterRooms(here, self.registry, self.keeper, clock)
        self._planes = planes
        self._links = Links(self.registry, clock, key, self.rooms.signal, self._lost, planes.far_said)
        self.rooms.use(self._links)
        planes.use(self.registry, self._links)
        self.draining = False

    @property
    def loops(self) -> list[Callable[[], Awaitable[None]]]:
        """To be run until the end."""
        clock = [partial(self._clock.keep, self._db)] if isinstance(self._clock, CommonClock) else []
        return [self.registry.run, self.keeper.run, *clock]

    def leads(self) -> bool:
        """Whether this process does what one does for all."""
        return self.registry.leads()

    def add_to(self, app: web.Application) -> None:
        @web.middleware
        async def leaving(request: web.Request, handler: Handler) -> web.StreamResponse:
            """Who connects now is better off elsewhere."""
            if self.draining and request.path.startswith("/socket.io/") and "sid" not in request.query:
                raise web.HTTPServiceUnavailable(headers={"Retry-After": "1"})
            return await handler(request)

        app.middlewares.append(leaving)
        serving.add_to(app, self.registry, self.keeper, self._here, self._planes, self._clock, self._key)

    async def start(self) -> None:
        """Be one of them, and take up what the dead have left. Raises KeysDiffer."""
        if isinstance(self._clock, CommonClock):
            await self._clock.agree(self._db)
        if not await self._db.run(SYSTEM, self._agree):
            raise KeysDiffer("keys: not those of this database's other servers; copy their folder `keys` into `data`")
        await self.registry.join(alone=self._alone)

    async def drain(self) -> None:
        """Take no new room and hand those that are here to others, if there are any. People of other processes are
        told `moved`; those of this one are to be sent away afterwards. Viewers of others' rooms on the planes here are
        sent elsewhere."""
        self.draining = True
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.registry.drain()
                await self.registry.look()
                self._links.tell_all("leaving")
                await self._hand_over()
        except Exception as no:
            log.warning("not_all_handed_over", rooms=len(self.keeper.owned), why=type(no).__name__)
        self._planes.hang_up()

    async def stop(self) -> None:
        """Rooms that are still here are kept for whoever comes next."""
        await self._links.stop()
        try:
            await self.keeper.save()
            await (self.registry.beat() if self.keeper.owned else self.registry.leave())
        except Exception as no:
            log.warning("left_without_a_word", why=type(no).__name__)

    def dump(self) -> dict[str, Any]:
        parts = {"keeper": self.keeper, "links": self._links, "planes": self._planes}
        return {**self.registry.dump(), **{name: part.dump() for name, part in parts.items()}}

    def _lost(self, process: ProcessId) -> None:
        self.rooms.lost(process)
        self._planes.process_lost(process)

    async def _hand_over(self) -> None:
        servers = self.registry.servers
        if not servers:
            return
        turn = asyncio.Semaphore(HANDED_OVER_AT_ONCE)
        loads = {one.id: one.load for one in servers}
        work = []
        for room_id in self.keeper.owned:
            to = min(servers, key=lambda one: (loads[one.id], one.id))
            loads[to.id] += 1
            work.append(self._give(turn, room_id, to))
        outcomes = await asyncio.gather(*work, return_exceptions=True)
        log.info("rooms_handed_over", rooms=sum(outcome is True for outcome in outcomes), of=len(work))

    async def _give(self, turn: asyncio.Semaphore, room_id: str, to: Neighbour) -> bool:
        async with turn:
            given = await self.keeper.hand_over(room_id, to.id)
            if given is None:
                return False
            if link := self._links.to(to.id):
                await link.call("adopt", self._clock, room=room_id)
            for connection, send in given.sends.items():
                if "/" in connection:  # of another process (serving.Served); our own are about to be sent away
                    send("moved", {})
            return True

    async def _agree(self, tx: Tx) -> bool:
        row = await tx.get(Common, KEYS)
        if row is None:
            tx.add(Common(name=KEYS, value=self._fingerprint))
        elif self._alone:
            row.value = self._fingerprint
        return row is None or row.value == self._fingerprint
