"""Runs jobs: in this process, by taskiq's in-memory broker.

A job's row stays until it is done, so one that a dying process left behind is due again.
"""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from taskiq import InMemoryBroker

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.ids import JobId
from lms_core.kernel.jobs import JOBS
from lms_core.kernel.tables import JobRow

PAUSE = 1.0
TRIES = 5
LEASE = timedelta(minutes=5)
BATCH = 20

log = structlog.get_logger(__name__)


class JobRunner:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._news = asyncio.Event()
        self._broker = InMemoryBroker(await_inplace=True)

        @self._broker.task(task_name="sabaq.job")
        async def perform(job_id: str) -> None:
            await self._perform(JobId(job_id))

        self._task = perform
        db.on_announcement(self._news.set)

    async def run(self) -> None:
        """Until cancelled: what is due, and what runs by itself."""
        next_time = {name: self._clock.monotonic() for name, job in JOBS.items() if job.every}
        while True:
            self._news.clear()
            for name, when in next_time.items():
                if when <= self._clock.monotonic():
                    next_time[name] = when + JOBS[name].every.total_seconds()  # type: ignore[union-attr]
                    await self._by_itself(name)
            if not await self.drain():
                await self._wait()

    async def drain(self) -> int:
        """Run what is due now; how many were taken."""
        due = await self._db.run(SYSTEM, _take)
        for row in due:
            await self._task.kiq(row.id)
        return len(due)

    async def _perform(self, job_id: JobId) -> None:
        async def work(tx: Tx) -> None:
            if row := await tx.get(JobRow, job_id):
                await JOBS[row.name].work(tx, **row.args)
                await tx.delete(row)

        try:
            await self._db.run(SYSTEM, work)
        except Exception:
            log.exception("job_failed", job_id=job_id)

    async def _by_itself(self, name: str) -> None:
        try:
            await self._db.run(SYSTEM, JOBS[name].work)
        except Exception:
            log.exception("job_failed", job=name)

    async def _wait(self) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(PAUSE)), asyncio.ensure_future(self._news.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _take(tx: Tx) -> list[JobRow]:
    """Due rows, leased: their due moment moves on, so that only a failure makes them due again."""
    rows = await tx.all(select(JobRow).where(JobRow.due <= tx.now).order_by(JobRow.due).limit(BATCH))
    taken = [row for row in rows if row.name in JOBS and row.attempts < TRIES]
    for row in taken:
        here = JobRow.id == row.id
        await tx.execute(update(JobRow).where(here).values(due=tx.now + LEASE, attempts=row.attempts + 1))
    for row in rows:
        if row not in taken:
            log.error("job_given_up", job=row.name, job_id=row.id)
            await tx.delete(row)
    return taken
