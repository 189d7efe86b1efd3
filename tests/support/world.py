"""A school on the whole app, in this process: real database, real HTTP and sockets, a clock that stands still.

On SQLite, or with `SABAQ_TEST_DATABASE=postgresql` on PostgreSQL: the same stories (`python3 -m tests postgres`).
Nothing runs by itself: the relay is drained, and jobs are run, when a story says so.
"""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from aiohttp.test_utils import TestClient, TestServer

from lms_core.access import service as access
from lms_core.kernel.actor import SYSTEM, Actor
from lms_core.kernel.api import Route
from lms_core.kernel.clock import Clock, ManualClock
from lms_core.kernel.db import EmbeddedDatabase, PostgresDatabase, Tx
from lms_core.kernel.ids import PersonId
from lms_core.kernel.jobs import JOBS
from lms_core.kernel.tables import Table
from media.ways import Place
from server.app import House, build
from server.config import Settings
from tests.support import postgres
from tests.support.factories import NOW, PASSWORD, School, build_school
from tests.support.story import Person

T = TypeVar("T")


class NullPlanes:
    """Planes that move nothing: rooms open, and nobody is seen or heard."""

    ready = True

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def dump(self) -> list[Any]:
        return []

    async def look(self, transport: str) -> dict[str, Any] | None:
        return None

    async def capture(self, transport: str, seconds: float) -> dict[str, Any] | None:
        """Of `tr_busy` somebody else looks at the heads already, of `tr_known` there is one."""
        heads = [[0.5, True, 1200, "80600001000000020000000a"]]
        return {"tr_known": {"heads": heads}, "tr_busy": {"error": "busy"}}.get(transport)

    def listen(self, listener: Any) -> None: ...
    def release(self, plane: int) -> None: ...
    def order(self, plane: int, order: Any) -> None: ...
    def place(self) -> int:
        return 0

    def is_up(self, plane: int) -> bool:
        return True

    def loads(self) -> dict[int, int]:
        return {0: 0}

    def place_of(self, plane: int) -> Place:
        return Place("", 0, ())

    def leg(self, one: int, other: int, streams: int) -> str:
        return ""


@dataclass
class World:
    house: House
    clock: ManualClock
    http: TestClient[Any, Any]
    persons: list[Person] = field(default_factory=list)
    known: School | None = None

    @property
    def school(self) -> School:
        assert self.known
        return self.known

    @property
    def routes(self) -> dict[str, Route]:
        """By operation id."""
        return {route.operation_id: route for api in self.house.apis for route in api.routes}

    async def run(self, work: Callable[[Tx], Awaitable[T]], actor: Actor = SYSTEM) -> T:
        """One transaction behind everybody's back."""
        return await self.house.db.run(actor, work)

    async def job(self, name: str) -> None:
        await self.run(JOBS[name].work)
        await self.settle()

    async def enters(self, *names: str) -> list[Person]:
        """People of the school who have just logged in."""
        return [await self.logged_in(name, self.school.persons[name]) for name in names]

    async def logged_in(self, name: str, person: PersonId) -> Person:
        token, _ = await self.run(lambda tx: access.start_login(tx, person, "password"))
        self.persons.append(Person(self, name, person, token))
        return self.persons[-1]

    def stranger(self) -> Person:
        """Somebody who is not logged in."""
        return Person(self, "stranger", None, None)

    async def settle(self) -> None:
        """Every fact is told, and whoever watches something knows what a newcomer would be told."""
        while await self.house.relay.drain():
            pass
        for person in self.persons:
            await person.catch_up()


@asynccontextmanager
async def a_world(folder: Path, *, empty: bool = False, now: datetime = NOW, **settings: Any) -> AsyncIterator[World]:
    """With the school of `factories`, or with no data at all; `settings` beside the usual ones, or instead."""
    clock = ManualClock(now)
    template = await _template()
    if not empty:
        shutil.copytree(template.folder, folder, dirs_exist_ok=True)
    with _database("template1" if empty else template.database) as url:
        usual: dict[str, Any] = {"data": folder, "planes": 1, "database_url": url}
        house = build(Settings(**usual | settings), clock=clock, planes=NullPlanes())
        house.web.cleanup_ctx.clear()
        async with TestClient(TestServer(house.web)) as http:
            world = World(house, clock, http, known=None if empty else template.school)
            yield world
            for person in world.persons:
                await person.hangs_up()
        await house.db.close()


@asynccontextmanager
async def a_world_at(url: str, folder: Path, **settings: Any) -> AsyncIterator[World]:
    """With the school of `factories` in an empty PostgreSQL database of the caller's."""
    async with a_world(folder, empty=True, database_url=url, **settings) as world:
        world.known = await world.run(lambda tx: build_school(tx, _hash()))
        yield world


def on_postgres() -> bool:
    """Which database the stories of this run are told on."""
    return os.environ.get("SABAQ_TEST_DATABASE") == "postgresql"


@contextmanager
def a_database(folder: Path, clock: Clock, *tables: type[Table]) -> Iterator[EmbeddedDatabase | PostgresDatabase]:
    """A database with these tables alone; the caller closes it."""
    with _database("template1") as url:
        made = PostgresDatabase(url, clock) if url else EmbeddedDatabase(folder / "test.sqlite", clock)
        Table.metadata.create_all(made.engine, tables=[table.__table__ for table in tables])  # type: ignore[misc]
        yield made


def _database(template: str) -> AbstractContextManager[str]:
    """The `database_url` of a copy of a template."""
    return postgres.a_database(template) if on_postgres() else nullcontext("")


@dataclass(frozen=True)
class _Template:
    kept: TemporaryDirectory[str]
    database: str
    school: School

    @property
    def folder(self) -> Path:
        return Path(self.kept.name)


@cache
def _made() -> list[_Template]:
    return []


async def _template() -> _Template:
    """The school, built once the day before and copied for each story."""
    if not _made():
        kept = TemporaryDirectory(prefix="sabaq-school-")
        url = postgres.shared().create() if on_postgres() else ""
        settings = Settings(data=Path(kept.name), planes=1, database_url=url)
        house = build(settings, clock=ManualClock(NOW - timedelta(days=1)), planes=NullPlanes())
        school = await house.db.run(SYSTEM, lambda tx: build_school(tx, _hash()))
        await house.db.close()
        _made().append(_Template(kept, url.rpartition("/")[2], school))
    return _made()[0]


@cache
def _hash() -> str:
    return access.new_hash(PASSWORD)
