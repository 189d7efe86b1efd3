"""The database: one transaction a command, and the outbox that travels with it.

Services are written `async` once. A whole command is stepped on one thread, without ever suspending: on
SQLite the one that owns the connection, on PostgreSQL one of a few. A service that waits for something else
inside a transaction fails at once (`SuspendedInTransaction`).

Commands do not see each other: on SQLite they never overlap, on PostgreSQL they are SERIALIZABLE, and one that
met another is run again from its beginning, at last with no other beside it. So a command may run more than once before
it is answered.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, TypeVarTuple

import structlog
from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    Executable,
    Row,
    Select,
    bindparam,
    create_engine,
    event,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from .actor import Actor
from .alone import Alone
from .clock import Clock
from .errors import Refusal
from .events import name_of, topic_of
from .failures import Busy, DatabaseGone, failure, refusal, runs_again
from .ids import EventId, Ids, JobId, UnitId
from .jobs import Job
from .plain import to_plain
from .reads import Read, Write
from .tables import JobRow, Outbox, StreamPosition, spell
from .threads import Threads

T = TypeVar("T")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")
Left = Literal["fact", "job", "letter"]
"""What a command may leave behind for others to see to."""

CONNECTIONS = 8
WAITING = 400
"""Commands that may wait for a thread."""
TURNS_BESIDE = 2
"""A command that met others so often is run alone, as far as this process goes."""
PATIENCE = 5.0
"""Seconds a command may wait for a thread."""
AFTER_LOSS = 1.0
"""Seconds in which nobody asks a database that was found gone; then one command asks whether it is back."""
SYNCHRONOUS = "FULL"
"""SQLite's. With NORMAL a power cut may take back what was answered; FULL costs one fsync a writing command."""
STATEMENT_SECONDS, LOCK_SECONDS, IDLE_SECONDS = 8, 3, 10
LONG_WORK_SECONDS = 600

_FACT, _JOB = Write.row(Outbox), Write.row(JobRow)
_POSITION = Read(select(StreamPosition.position).where(StreamPosition.stream == bindparam("stream")))

log = structlog.get_logger(__name__)


class SuspendedInTransaction(RuntimeError):
    """A service awaited something other than its transaction while holding it."""


class Tx:
    """One command's transaction: who acts, the one moment it happens at, and the rows."""

    def __init__(self, connection: Connection, actor: Actor, now: datetime, ids: Ids) -> None:
        self._connection, self._ids = connection, ids
        self._mapper: Session | None = None
        self.actor, self.now = actor, now
        self.announced: set[Left] = set()

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

    async def read(self, query: Read, **values: Any) -> Sequence[Any]:
        """The rows of a query that was written down once, as named tuples; `values` of its parameters."""
        self._flush()
        return query.run(self._connection, values)

    def write(self, statement: Write, **values: Any) -> int:
        """Insert or update now, before what was added and waits; how many rows it met."""
        return statement.run(self._connection, values)

    def write_all(self, statement: Write, rows: Iterable[Mapping[str, Any]], **same: Any) -> None:
        """As `write`, once for each of many rows; `same`: values that are alike in all of them."""
        statement.run_all(self._connection, rows, same)

    async def execute(self, statement: Executable) -> int:
        """Run an update or delete; how many rows it met."""
        return await self._do(lambda session: session.execute(statement).rowcount)  # type: ignore[attr-defined]

    async def delete(self, row: Any) -> None:
        await self._do(lambda session: session.delete(row))

    async def take_time(self) -> None:
        """This is no request but long work: its statements may take minutes."""
        if self._connection.dialect.name == "postgresql":
            await self.execute(text(f"SET LOCAL statement_timeout = '{LONG_WORK_SECONDS}s'"))

    async def flush(self) -> None:
        """Send pending rows now: so that a broken rule of the database shows here."""
        self._flush()

    def emit(self, fact: Any) -> None:
        """Write a fact to the outbox; it exists exactly when this transaction's data does."""
        self.announced.add("fact")
        self.write(
            _FACT,
            stream=fact.organisation_id,
            id=EventId(self.new_id("event")),
            topic=topic_of(fact),
            name=name_of(fact),
            at=self.now,
            body=to_plain(fact),
        )

    async def position(self, stream: UnitId) -> int:
        """The newest stamped position of a stream. Read it before the data of a snapshot."""
        found = await self.read(_POSITION, stream=stream)
        return found[0].position if found else 0

    def enqueue(self, job: Job, **args: Any) -> None:
        """Run a job soon after this transaction commits."""
        self.at(self.now, job, **args)

    def at(self, when: datetime, job: Job, **args: Any) -> None:
        """Run a job at or after a moment. It may run twice; its row stays until it is done."""
        self.announced.add("job")
        self.write(_JOB, id=JobId(self.new_id("job")), name=job.name, args=args, due=when, attempts=0)

    def end(self) -> None:
        """Rows that were taken along are nobody's from now on."""
        if self._mapper:
            self._mapper.close()

    async def _do(self, work: Callable[[Session], T]) -> T:
        return work(self._session)

    @property
    def _session(self) -> Session:
        """The mapper; what is only read or written as it was written down needs none."""
        if self._mapper is None:
            self._mapper = Session(self._connection, expire_on_commit=False, join_transaction_mode="rollback_only")
        return self._mapper

    def _flush(self) -> None:
        if self._mapper:
            self._mapper.flush()


class Database(Protocol):
    engine: Engine

    async def run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        """One transaction: returning commits, raising rolls back. `work` may run more than once.

        Raises what `work` raises, DatabaseUnavailable, Busy, AlreadyThere, and Malformed for a value that no
        column can hold.
        """
        ...

    def on_announcement(self, listener: Callable[[], None], of: Left | None = None) -> None:
        """Call `listener` (in the event loop) after a commit that left something behind, or something of a kind."""
        ...

    async def close(self) -> None: ...


class _SteppedDatabase:
    """What both databases share: commands wait in one queue for a few threads, one connection each."""

    def __init__(self, engine: Engine, threads: int, clock: Clock) -> None:
        self.engine = engine
        self._clock, self._ids = clock, Ids()
        self._threads = Threads(threads, engine.dialect.name)
        self._alone = Alone()
        self._listeners: list[tuple[Left | None, Callable[[], None]]] = []
        self._waiting = 0
        self._gone_until: float | None = None
        self.again: Counter[str] = Counter()
        """How often commands were run again, by reason."""

    def on_announcement(self, listener: Callable[[], None], of: Left | None = None) -> None:
        self._listeners.append((of, listener))

    async def run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        self._check_there()
        if self._waiting >= WAITING:
            raise Busy(retry_after=1)
        self._waiting += 1
        asked = self._clock.monotonic()
        try:
            answer, announced = await self._threads.run(self._perform, actor, work, asked)
        except DatabaseGone as no:
            self._lost(no)
            raise
        finally:
            self._waiting -= 1
        if self._gone_until is not None:
            self._gone_until = None
            log.warning("database_is_back")
        if announced:
            for kind, listener in self._listeners:
                if kind is None or kind in announced:
                    listener()
        return answer

    async def close(self) -> None:
        """Waits for commands whose caller has gone: only then no connection is in use, and all can be closed."""
        await asyncio.get_running_loop().run_in_executor(None, self._threads.end)
        self.engine.dispose()

    def dump(self) -> dict[str, Any]:
        return {"waiting": self._waiting, "gone": self._gone_until is not None, "run_again": dict(self.again)}

    def _check_there(self) -> None:
        if self._gone_until is None:
            return
        now = self._clock.monotonic()
        if now < self._gone_until:
            raise DatabaseGone(retry_after=5)
        self._gone_until = now + PATIENCE  # this command asks; the others wait for what it finds

    def _lost(self, no: DatabaseGone) -> None:
        if self._gone_until is None:
            log.error("database_is_gone", why=str(no.__cause__).strip())
        self._gone_until = self._clock.monotonic() + AFTER_LOSS

    def _perform(self, actor: Actor, work: Callable[[Tx], Any], asked: float) -> tuple[Any, set[Left]]:
        if self._clock.monotonic() - asked > PATIENCE:
            raise Busy(retry_after=1)
        for turn in count(1):
            attempt = _Attempt(self.engine, actor, self._clock.now(), self._ids)
            try:
                with self._alone.beside() if turn <= TURNS_BESIDE else self._alone.alone():
                    return attempt.run(work)
            except Exception as error:
                found = failure(error)
                if not runs_again(error, found, turn, attempt.ending):
                    if no := refusal(found):
                        raise no from _bare(error)
                    raise
                self.again[found.name] += 1
                _pause(turn)
        raise AssertionError("unreachable")


class EmbeddedDatabase(_SteppedDatabase):
    """SQLite in one file, owned by one thread; WAL, foreign keys on."""

    def __init__(self, file: Path, clock: Clock) -> None:
        super().__init__(sqlite_engine(file), 1, clock)


class PostgresDatabase(_SteppedDatabase):
    """PostgreSQL, spoken to by a few threads; `url` as in `database_url`."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(postgres_engine(url), CONNECTIONS, clock)


class _Attempt:
    """One run of a command."""

    def __init__(self, engine: Engine, actor: Actor, now: datetime, ids: Ids) -> None:
        self._engine, self._actor, self._now, self._ids = engine, actor, now, ids
        self.ending = False

    def run(self, work: Callable[[Tx], Any]) -> tuple[Any, set[Left]]:
        with self._engine.connect() as connection:
            tx = Tx(connection, self._actor, self._now, self._ids)
            try:
                with connection.begin():
                    answer = self._answer(tx, work)
                    self.ending = True
            finally:
                tx.end()
            return answer, tx.announced

    def _answer(self, tx: Tx, work: Callable[[Tx], Any]) -> Any:
        try:
            answer = step(self._whole(tx, work))
        except StatementError as wrapped:
            if isinstance(wrapped.orig, Refusal):
                raise wrapped.orig from None
            raise
        return answer

    @staticmethod
    async def _whole(tx: Tx, work: Callable[[Tx], Any]) -> Any:
        answer = await work(tx)
        await tx.flush()
        return answer


def step(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    work.close()
    raise SuspendedInTransaction("a transaction waited for something that is not the database")


def sqlite_engine(file: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{file}",
        hide_parameters=True,  # errors are logged; rows hold names
        json_serializer=spell,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy begins; the driver must not
        for setting in ("journal_mode=WAL", f"synchronous={SYNCHRONOUS}", "foreign_keys=ON", "busy_timeout=5000"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.connection.driver_connection.execute("BEGIN IMMEDIATE")

    return engine


def postgres_engine(url: str) -> Engine:
    """An engine whose connections never wait long: for a host that is gone, a lock, a statement."""
    parsed = make_url(url).set(drivername="postgresql+psycopg")
    settings = {
        "timezone": "UTC",
        "jit": "off",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    }
    network = {
        "connect_timeout": 3,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
        "application_name": "sabaq",
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }
    engine = create_engine(
        parsed,
        isolation_level="SERIALIZABLE",
        pool_size=CONNECTIONS,
        max_overflow=2,  # migrations, and who looks from outside of a command
        pool_timeout=PATIENCE,
        pool_use_lifo=True,
        connect_args={name: value for name, value in network.items() if name not in parsed.query},
        hide_parameters=True,
        json_serializer=spell,
    )
    event.listen(engine, "handle_error", _hide_values)
    return engine


def _hide_values(context: ExceptionContext) -> None:
    """PostgreSQL tells the values of the row that broke a rule; errors are logged, and rows hold names."""
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary:
        context.original_exception.args = (primary,)
        if context.sqlalchemy_exception:
            context.sqlalchemy_exception.args = (f"{type(context.original_exception).__name__}: {primary}",)


def _pause(turn: int) -> None:
    """Up to 4, 8, 16 … 512 ms, on the command's own thread: those who met do not meet again."""
    time.sleep(random.random() * 0.002 * 2 ** min(turn, 8))  # noqa: S311


def _bare(error: Exception) -> Exception:
    """The driver's own error, whose text holds no values."""
    return error.orig if isinstance(error, StatementError) and isinstance(error.orig, Exception) else error
