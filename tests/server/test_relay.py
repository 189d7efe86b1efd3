"""The outbox and its relay: nothing lost, nothing twice, one failing reaction stops nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.events import REACTIONS, event, on
from lms_core.kernel.ids import UnitId, new_id
from lms_core.kernel.tables import JobRow, Outbox, ReactionDone, StreamPosition
from server.relay import TRIES, Relay, Told, after
from tests.support.world import a_database

SCHOOL, COLLEGE = (UnitId(new_id("unit", n)) for n in (1, 2))


@event("test.rang", topic="bell:{organisation_id}")
class Rang:
    organisation_id: UnitId
    count: int


class House:
    def __init__(self, db: Database, clock: ManualClock) -> None:
        self.db, self.clock, self.told = db, clock, list[Told]()
        self.relay = Relay(db, clock, self._push)

    async def _push(self, told: Told) -> None:
        self.told.append(told)

    async def ring(self, *counts: int, at: UnitId = SCHOOL) -> None:
        async def work(tx: Tx) -> None:
            for count in counts:
                tx.emit(Rang(organisation_id=at, count=count))

        await self.db.run(SYSTEM, work)

    async def drain(self) -> None:
        while await self.relay.drain():
            pass


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
    with a_database(tmp_path, clock, Outbox, StreamPosition, ReactionDone, JobRow) as db:
        yield House(db, clock)
        await db.close()


@pytest.fixture
def reacts() -> Iterator[Callable[..., None]]:
    def register(reaction: Callable[..., None]) -> None:
        on(Rang)(reaction)  # type: ignore[arg-type]

    yield register
    REACTIONS.pop(Rang, None)


async def test_positions_are_dense_in_each_stream_and_in_the_order_of_the_facts(house: House) -> None:
    await house.ring(1, 2)
    await house.ring(7, at=COLLEGE)
    await house.ring(3)
    await house.drain()
    school = [told for told in house.told if told.stream == SCHOOL]
    assert [(told.position, told.body["count"]) for told in school] == [(1, 1), (2, 2), (3, 3)]
    assert [told.position for told in house.told if told.stream == COLLEGE] == [1]
    assert house.told[0].topic == f"bell:{SCHOOL}"


async def test_what_rolled_back_was_never_a_fact(house: House) -> None:
    async def fail(tx: Tx) -> None:
        tx.emit(Rang(organisation_id=SCHOOL, count=1))
        await tx.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await house.db.run(SYSTEM, fail)
    await house.drain()
    assert house.told == []


async def test_a_reaction_runs_once_though_the_event_is_told_again(house: House, reacts: Callable) -> None:
    ran = []

    async def react(tx: Tx, rang: Rang) -> None:
        ran.append(rang.count)

    reacts(react)
    await house.ring(1)
    await house.drain()

    async def as_if_killed_before_the_end(tx: Tx) -> None:
        [row] = await tx.all(select(Outbox))
        row.waiting = True

    await house.db.run(SYSTEM, as_if_killed_before_the_end)
    await house.drain()
    assert ran == [1]
    assert [told.position for told in house.told] == [1, 1]


async def test_a_failing_reaction_is_tried_again_and_holds_up_nobody(
    house: House, reacts: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    failures, ran = 3, []

    async def react(tx: Tx, rang: Rang) -> None:
        ran.append(rang.count)
        tx.emit(Rang(organisation_id=COLLEGE, count=99)) if rang.count < 50 else None
        if rang.count == 1 and ran.count(1) <= failures:
            raise RuntimeError("not yet")

    reacts(react)
    await house.ring(1, 2)
    for _ in range(6):
        await house.relay.drain()
    assert ran.count(1) == failures + 1
    assert ran.count(2) == 1
    counts = [told.body["count"] for told in house.told if told.stream == COLLEGE]
    assert counts == [99, 99], "a reaction's own facts exist only when it succeeded"
    assert [told.body["count"] for told in house.told if told.stream == SCHOOL] == [1, 2]


async def test_a_reaction_that_never_succeeds_is_given_up(house: House, reacts: Callable) -> None:
    tries = []

    async def react(tx: Tx, rang: Rang) -> None:
        tries.append(rang)
        raise RuntimeError("never")

    reacts(react)
    await house.ring(1)
    for _ in range(TRIES + 5):
        await house.relay.drain()
    assert len(tries) == TRIES


async def test_a_reader_catches_up_from_its_position(house: House) -> None:
    await house.ring(1, 2, 3)
    await house.drain()
    topic = f"bell:{SCHOOL}"
    missed = await house.db.run(SYSTEM, lambda tx: after(tx, topic, SCHOOL, 1))
    assert missed is not None
    assert [told.body["count"] for told in missed] == [2, 3]
    assert await house.db.run(SYSTEM, lambda tx: after(tx, "bell:other", SCHOOL, 0)) == []


@pytest.mark.parametrize("position", [0, 4])
async def test_a_reader_from_before_what_is_kept_or_from_the_future_starts_anew(house: House, position: int) -> None:
    await house.ring(1, 2, 3)
    await house.drain()

    async def prune(tx: Tx) -> None:
        head = await tx.get(StreamPosition, SCHOOL)
        assert head is not None
        head.pruned = 1

    await house.db.run(SYSTEM, prune)
    assert await house.db.run(SYSTEM, lambda tx: after(tx, f"bell:{SCHOOL}", SCHOOL, position)) is None


async def test_a_commit_wakes_the_relay(house: House) -> None:
    task = asyncio.create_task(house.relay.run())
    await asyncio.sleep(0.05)
    await house.ring(1)
    for _ in range(200):
        if house.told:
            break
        await asyncio.sleep(0.01)
    task.cancel()
    assert [told.body["count"] for told in house.told] == [1], "without the clock moving"
