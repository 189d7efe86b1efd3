"""Background work: done once it was promised, again if it failed, never with half a transaction."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.failures import DatabaseGone
from lms_core.kernel.jobs import JOBS, Job, job
from lms_core.kernel.tables import JobRow
from server.jobs import LEASE, TRIES, JobRunner
from tests.support.world import a_database


class House:
    def __init__(self, db: Database, clock: ManualClock, work: Job) -> None:
        self.db, self.clock, self.work = db, clock, work
        self.runner = JobRunner(db, clock)

    async def promise(self, after: timedelta = timedelta(), **args: object) -> None:
        async def enqueue(tx: Tx) -> None:
            tx.at(tx.now + after, self.work, **args)

        await self.db.run(SYSTEM, enqueue)

    async def left(self) -> int:
        async def count(tx: Tx) -> int:
            return len(await tx.all(select(JobRow)))

        return await self.db.run(SYSTEM, count)


done: list[str] = []


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    done.clear()

    @job("test.bell")
    async def bell(tx: Tx, name: str, fails: int = 0) -> None:
        done.append(name)
        if done.count(name) <= fails:
            raise RuntimeError(name)

    clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
    with a_database(tmp_path, clock, JobRow) as db:
        yield House(db, clock, bell)
        JOBS.pop("test.bell")
        await db.close()


async def test_a_promised_job_runs_once(house: House) -> None:
    await house.promise(name="a")
    assert await house.runner.drain() == 1
    assert await house.runner.drain() == 0
    assert (done, await house.left()) == (["a"], 0)


async def test_a_later_job_waits_for_its_moment(house: House) -> None:
    await house.promise(timedelta(minutes=1), name="a")
    assert await house.runner.drain() == 0
    await house.clock.advance(60)
    assert await house.runner.drain() == 1
    assert done == ["a"]


async def test_a_failed_job_is_due_again_after_its_lease(house: House) -> None:
    await house.promise(name="a", fails=1)
    await house.promise(name="b")
    await house.runner.drain()
    assert (sorted(done), await house.left()) == (["a", "b"], 1)
    assert await house.runner.drain() == 0
    await house.clock.advance(LEASE.total_seconds())
    await house.runner.drain()
    assert (done.count("a"), await house.left()) == (2, 0)


async def test_a_job_that_never_succeeds_is_given_up(house: House) -> None:
    await house.promise(name="a", fails=100)
    for _ in range(TRIES + 3):
        await house.runner.drain()
        await house.clock.advance(LEASE.total_seconds())
    assert (len(done), await house.left()) == (TRIES, 0)


async def test_what_rolled_back_promised_nothing(house: House) -> None:
    async def fail(tx: Tx) -> None:
        tx.enqueue(house.work, name="a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await house.db.run(SYSTEM, fail)
    assert await house.runner.drain() == 0


async def test_a_database_that_is_away_is_one_line_and_its_return_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.promise(name="a")
    [row] = await house.db.run(SYSTEM, lambda tx: tx.all(select(JobRow)))
    there = house.db.run

    async def away(*_: object) -> None:
        raise DatabaseGone(retry_after=5)

    with capture_logs() as lines:
        for run in (away, there, away):
            monkeypatch.setattr(house.db, "run", run)
            for _ in range(3):
                await house.runner.perform(row.id)
    assert done == ["a"]
    assert [line["event"] for line in lines] == ["job_waits", "jobs_go_on", "job_waits"]
