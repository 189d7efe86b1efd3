"""Each process hears each event once and in order, whatever is lost on the way. Real database, real Redis."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock, ManualClock, SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.events import event
from lms_core.kernel.ids import UnitId, new_id
from lms_core.kernel.tables import JobRow, Outbox, ReactionDone, StreamPosition, Table
from server.bus import CHANNEL, Bus
from server.feed import PAUSE, Feed
from server.relay import Relay, Told
from tests.support.redis import Redis, a_redis

STREAMS = [UnitId(new_id("unit", n)) for n in (1, 2)]
KEY = b"k" * 32


@event("test.ticked", topic="tick:{organisation_id}")
class Ticked:
    organisation_id: UnitId
    count: int


class Process:
    """A process' feed, and what it heard."""

    def __init__(self, db: EmbeddedDatabase, clock: Clock, bus: Any = None) -> None:
        self.heard: list[tuple[str, int]] = []
        self.news = asyncio.Event()
        self.woken = 0
        self.bus = bus
        self.feed = Feed(db, clock, self._tell, bus=bus, shared=True)
        self.feed.on_news(self._wake)
        if isinstance(bus, Bus):
            bus.on_joined(self.news.set)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def hears(self, count: int) -> None:
        await self.until(lambda: len(self.heard) >= count)

    def of(self, stream: str) -> list[int]:
        return [position for one, position in self.heard if one == stream]

    async def _tell(self, told: Told) -> None:
        await asyncio.sleep(0)
        self.heard.append((told.stream, told.position))
        self.news.set()

    def _wake(self) -> None:
        self.woken += 1
        self.news.set()


class LossyBus:
    """Loses, doubles and delays what it is given, as told."""

    up = True

    def __init__(self, fates: list[int]) -> None:
        self._fates, self._late = iter(fates), list[Any]()
        self.others: list[Callable[[Any], Awaitable[None]]] = []
        self.sent: list[Any] = []

    def listen(self, listener: Any) -> None: ...
    def on_joined(self, listener: Any) -> None: ...

    def send(self, item: Any) -> None:
        self.sent.append(item)

    async def carry(self) -> None:
        """As the other side meets it."""
        for item in self.sent:
            fate = next(self._fates, 0)
            if fate == 3:
                self._late.append(item)
                continue
            for _ in range({0: 1, 1: 0, 2: 2}[fate]):
                await self._give(item)
            if self._late:
                await self._give(self._late.pop())
        self.sent.clear()

    async def _give(self, item: Any) -> None:
        for other in self.others:
            await other(json.loads(json.dumps(item)))


@asynccontextmanager
async def a_database(folder: Path, clock: Clock) -> AsyncIterator[EmbeddedDatabase]:
    db = EmbeddedDatabase(folder / "test.sqlite", clock)
    tables = [kind.__table__ for kind in (Outbox, StreamPosition, ReactionDone, JobRow)]
    Table.metadata.create_all(db.engine, tables=tables)  # type: ignore[arg-type]
    yield db
    await db.close()


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(process.feed.run()) for process in processes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def tick(db: EmbeddedDatabase, count: int, stream: UnitId = STREAMS[0]) -> None:
    async def work(tx: Tx) -> None:
        for number in range(count):
            tx.emit(Ticked(organisation_id=stream, count=number))

    await db.run(SYSTEM, work)


async def drain(relay: Relay) -> None:
    while await relay.drain():
        pass


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with a_redis() as started:
        yield started


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[EmbeddedDatabase]:
    async with a_database(tmp_path, SystemClock()) as made:
        yield made


async def test_every_process_hears_every_event_once_and_in_order(db: EmbeddedDatabase, redis: Redis) -> None:
    clock = SystemClock()
    leader, other = (Process(db, clock, Bus(redis.url, KEY, clock)) for _ in range(2))
    relay = Relay(db, clock, leader.feed.publish)
    async with running(leader, other):
        for number in range(10):
            await tick(db, 30, STREAMS[number % 2])
            await drain(relay)
        await other.hears(300)
    for process in (leader, other):
        assert [process.of(stream) for stream in STREAMS] == [list(range(1, 151))] * 2


async def test_a_commit_elsewhere_wakes_who_leads(db: EmbeddedDatabase, redis: Redis) -> None:
    clock = SystemClock()
    one, other = (Process(db, clock, Bus(redis.url, KEY, clock)) for _ in range(2))
    async with running(one, other):
        await one.until(lambda: one.bus.up)
        await other.until(lambda: other.bus.up)
        await tick(db, 1)
        await other.until(lambda: other.woken > 0)


async def test_nothing_is_lost_while_redis_is_gone_and_after(db: EmbeddedDatabase) -> None:
    clock = SystemClock()
    with a_redis() as redis:
        leader, other = (Process(db, clock, Bus(redis.url, KEY, clock)) for _ in range(2))
        relay = Relay(db, clock, leader.feed.publish)
        async with running(leader, other):
            await tick(db, 5)
            await drain(relay)
            await other.hears(5)
            redis.kill()
            await tick(db, 5)
            await drain(relay)
            await other.hears(10)
            redis.start()
            await leader.until(lambda: leader.bus.up)
            await other.until(lambda: other.bus.up)
            began = clock.monotonic()
            await tick(db, 5)
            await drain(relay)
            await other.hears(15)
            assert clock.monotonic() - began < PAUSE, "over Redis again"
    assert other.of(STREAMS[0]) == leader.of(STREAMS[0]) == list(range(1, 16))


async def test_a_redis_that_answers_nobody_stops_nobody(db: EmbeddedDatabase) -> None:
    clock = SystemClock()
    with a_redis() as redis:
        leader, other = (Process(db, clock, Bus(redis.url, KEY, clock)) for _ in range(2))
        relay = Relay(db, clock, leader.feed.publish)
        async with running(leader, other):
            await tick(db, 1)
            await drain(relay)
            await other.hears(1)
            redis.stall()
            began = clock.monotonic()
            await tick(db, 3)
            await drain(relay)
            assert clock.monotonic() - began < 0.5, "who leads waits for nobody"
            await other.hears(4)
            redis.go_on()
    assert other.of(STREAMS[0]) == [1, 2, 3, 4]


async def test_who_starts_hears_what_comes_from_now_on(db: EmbeddedDatabase) -> None:
    clock = SystemClock()
    leader = Process(db, clock)
    relay = Relay(db, clock, leader.feed.publish)
    await tick(db, 3)
    await drain(relay)
    late = Process(db, clock)
    await late.feed.begin()
    await tick(db, 2)
    await tick(db, 1, STREAMS[1])
    await drain(relay)
    await late.feed.look()
    assert (late.of(STREAMS[0]), late.of(STREAMS[1])) == ([4, 5], [1])


async def test_what_was_pruned_is_left_out(db: EmbeddedDatabase) -> None:
    clock = SystemClock()
    process = Process(db, clock)
    relay = Relay(db, clock, Process(db, clock).feed.publish)
    await process.feed.begin()
    await tick(db, 6)
    await drain(relay)

    async def prune(tx: Tx) -> None:
        await tx.execute(Outbox.__table__.delete().where(Outbox.position <= 4))  # type: ignore[attr-defined]

    await db.run(SYSTEM, prune)
    await process.feed.look()
    assert process.of(STREAMS[0]) == [5, 6]


async def test_one_that_cannot_be_told_holds_up_nobody(db: EmbeddedDatabase) -> None:
    heard: list[int] = []

    async def tell(told: Told) -> None:
        heard.append(told.position)
        if told.position == 2:
            raise RuntimeError

    relay = Relay(db, SystemClock(), Feed(db, SystemClock(), tell).publish)
    await tick(db, 3)
    await drain(relay)
    assert heard == [1, 2, 3]


async def test_who_has_not_the_key_is_not_believed(db: EmbeddedDatabase, redis: Redis) -> None:
    clock = SystemClock()
    process, stranger = Process(db, clock, Bus(redis.url, KEY, clock)), Bus(redis.url, b"x" * 32, clock)
    friend = Bus(redis.url, KEY, clock)
    async with running(process):
        await process.until(lambda: process.bus.up)
        await stranger._redis.publish(CHANNEL, stranger._sealed(["news"]))
        for rubbish in ("", "x" * 200, "[]"):
            redis.ask("PUBLISH", CHANNEL, rubbish)
        await friend._redis.publish(CHANNEL, friend._sealed(["news"]))
        await process.until(lambda: process.woken > 0)
        assert process.woken == 1
        for bus in (stranger, friend):
            await bus._redis.aclose()


@settings(max_examples=40, deadline=None)
@given(
    bursts=st.lists(st.tuples(st.integers(0, 1), st.integers(1, 5), st.booleans()), min_size=1, max_size=12),
    fates=st.lists(st.integers(0, 3), max_size=80),
)
def test_any_loss_is_made_good(bursts: list[tuple[int, int, bool]], fates: list[int]) -> None:
    async def story() -> None:
        clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
        with tempfile.TemporaryDirectory() as folder:
            async with a_database(Path(folder), clock) as db:
                bus = LossyBus(fates)
                leader, other = Process(db, clock, bus), Process(db, clock)
                bus.others.append(other.feed._hear)
                relay = Relay(db, clock, leader.feed.publish)
                await leader.feed.begin()
                await other.feed.begin()
                for stream, count, look in bursts:
                    await tick(db, count, STREAMS[stream])
                    await drain(relay)
                    if look:
                        await asyncio.gather(bus.carry(), other.feed.look())
                    else:
                        await bus.carry()
                await other.feed.look()
                for stream in STREAMS:
                    told = leader.of(stream)
                    assert told == list(range(1, len(told) + 1))
                    assert other.of(stream) == told

    asyncio.run(story())


async def test_many_at_once_are_few_messages(db: EmbeddedDatabase, redis: Redis) -> None:
    clock = SystemClock()
    bus = Bus(redis.url, KEY, clock)
    for number in range(1000):
        bus.send(number)
    published: list[Any] = []
    both = asyncio.Event()
    real = bus._redis.publish

    async def publish(channel: str, data: bytes) -> Any:
        published.append(data)
        both.set() if len(published) == 2 else None
        return await real(channel, data)

    bus._redis.publish = publish  # type: ignore[method-assign]
    task = asyncio.create_task(bus.run())
    async with asyncio.timeout(5):
        await both.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert len(published) == 2
