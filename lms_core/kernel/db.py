"""The database: one transaction a command, and the outbox that travels with it.

Services are written `async` once. On SQLite a whole command is stepped on one thread that owns the
connection, without ever suspending: faster than an async driver, and a service that waits for something
else inside a transaction fails at once (`SuspendedInTransaction`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import Engine, Executable, Row, Select, create_engine, event, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from .actor import Actor
from .clock import Clock
from .errors import Refusal
from .events import name_of, topic_of
from .ids import EventId, Ids, JobId, UnitId
from .jobs import Job
from .plain import to_plain
from .tables import JobRow, Outbox, StreamPosition

T = TypeVar("T")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")


class SuspendedInTransaction(RuntimeError):
    """A service awaited something other than its transaction while holding it."""


class Tx:
    """One command's transaction: who acts, the one moment it happens at, and the rows."""

    def __init__(self, session: Session, actor: Actor, now: datetime, ids: Ids) -> None:
        self._session, self._ids = session, ids
        self.actor, self.now = actor, now
        self.announced = False

    def new_id(self, kind: str) -> Any:
        """An id that sorts behind all earlier ones."""
        return self._ids.new(kind, int(self.now.timestamp() * 1000))

    def add(self, *rows: Any) -> None:
        self._session.add_all(rows)

    async def get(self, table: type[R], key: Any) -> R | None:
        """The row with this primary key (a tuple where the key has several columns)."""
        return await self._do(lambda session: session.get(table, key))

    async def one(self, query: Select[R]) -> R | None:
        """The first row or value, or None."""
        return await self._do(lambda session: session.scalars(query.limit(1)).first())

    async def all(self, query: Select[R]) -> Sequence[R]:
        return await self._do(lambda session: session.scalars(query).all())

    async def rows(self, query: Select[*Ts]) -> Sequence[Row[*Ts]]:
        return await self._do(lambda session: session.execute(query).all())

    async def execute(self, statement: Executable) -> int:
        """Run an update or delete; how many rows it met."""
        return await self._do(lambda session: session.execute(statement).rowcount)  # type: ignore[attr-defined]

    async def delete(self, row: Any) -> None:
        await self._do(lambda session: session.delete(row))

    async def flush(self) -> None:
        """Send pending rows now: so that a broken rule of the database shows here."""
        await self._do(lambda session: session.flush())

    def emit(self, fact: Any) -> None:
        """Write a fact to the outbox; it exists exactly when this transaction's data does."""
        self.announced = True
        self.add(
            Outbox(
                stream=fact.organisation_id,
                id=EventId(self.new_id("event")),
                topic=topic_of(fact),
                name=name_of(fact),
                at=self.now,
                body=to_plain(fact),
            )
        )

    async def position(self, stream: UnitId) -> int:
        """The newest stamped position of a stream. Read it before the data of a snapshot."""
        return await self.one(select(StreamPosition.position).where(StreamPosition.stream == stream)) or 0

    def enqueue(self, job: Job, **args: Any) -> None:
        """Run a job soon after this transaction commits."""
        self.at(self.now, job, **args)

    def at(self, when: datetime, job: Job, **args: Any) -> None:
        """Run a job at or after a moment. It may run twice; its row stays until it is done."""
        self.announced = True
        self.add(JobRow(id=JobId(self.new_id("job")), name=job.name, args=args, due=when, attempts=0))

    async def _do(self, work: Callable[[Session], T]) -> T:
        return work(self._session)


class Database(Protocol):
    async def run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        """One transaction: returning commits, raising rolls back."""
        ...

    def on_announcement(self, listener: Callable[[], None]) -> None:
        """Call `listener` (in the event loop) after a commit that left events or jobs behind."""
        ...

    async def close(self) -> None: ...


class EmbeddedDatabase:
    """SQLite in one file, owned by one thread; WAL, foreign keys on."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self.engine = sqlite_engine(file)
        self._clock, self._ids = clock, Ids()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite")
        self._listeners: list[Callable[[], None]] = []

    def on_announcement(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    async def run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        loop = asyncio.get_running_loop()
        answer, announced = await loop.run_in_executor(self._thread, self._transact, actor, work)
        if announced:
            for listener in self._listeners:
                listener()
        return answer

    def _transact(self, actor: Actor, work: Callable[[Tx], Any]) -> tuple[Any, bool]:
        with Session(self.engine, expire_on_commit=False) as db, db.begin():
            tx = Tx(db, actor, self._clock.now(), self._ids)
            try:
                answer = step(work(tx))
                db.flush()
            except StatementError as wrapped:
                if isinstance(wrapped.orig, Refusal):
                    raise wrapped.orig from None
                raise
            return answer, tx.announced

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, self.engine.dispose)
        self._thread.shutdown()


def step(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise SuspendedInTransaction("a transaction waited for something that is not the database")


def sqlite_engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)  # errors are logged; rows hold names

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins; the driver must not
        for setting in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
