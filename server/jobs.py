"""Runs jobs: in this process, by taskiq's in-memory broker, unless they are handed over to another one.

A job's row stays until it is done, so one that a dying process left behind is due again. Several processes may
take jobs from one database: each row is leased to one of them, and locked while it is worked at.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import select
from taskiq import InMemoryBroker

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import JobId
from lms_core.kernel.jobs import JOBS
from lms_core.kernel.tables import JobRow

from .tracing import NoTracing, Tracing

PAUSE = 1.0
TRIES = 5
LEASE = timedelta(minutes=5)
BATCH = 20

log = structlog.get_logger(__name__)


HandOver = Callable[[str], Awaitable[bool]]
"""Gives a leased job, by its id, to a worker, which calls `perform`; False when there is none."""


class JobRunner:
    """`leads`: whether this process is the one that runs what runs by itself. `failed` hears the names of jobs."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        leads: Callable[[], bool] = lambda: True,
        hand_over: HandOver | None = None,
        *,
        tracing: Tracing | None = None,
        failed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._tracing, self._failed = tracing or NoTracing(), failed
        self._db, self._clock, self._leads, self._hand_over = db, clock, leads, hand_over
        self._news = asyncio.Event()
        self._waits = False
        self._broker = InMemoryBroker(await_inplace=True)

        @self._broker.task(task_name="sabaq.job")
        async def perform(job_id: str) -> None:
            await self.perform(JobId(job_id))

        self._task = perform
        db.on_announcement(self._news.set, "job")

    async def run(self) -> None:
        """Until cancelled: what is due, and what runs by itself."""
        next_time = {name: self._clock.monotonic() for name, job in JOBS.items() if job.every}
        while True:
            self._news.clear()
            for name, when in next_time.items():
                if when <= self._clock.monotonic() and self._leads():
                    next_time[name] = when + JOBS[name].every.total_seconds()  # type: ignore[union-attr]
                    await self._by_itself(name)
            if not await self.drain():
                await self._wait()

    def wake(self) -> None:
        """Something was left behind by another process."""
        self._news.set()

    async def drain(self) -> int:
        """Run what is due now; how many were taken."""
        due = await self._db.run(SYSTEM, _take)
        for row in due:
            if self._hand_over is None or not await self._hand_over(row.id):
                await self._task.kiq(row.id)
        return len(due)

    async def perform(self, job_id: JobId) -> None:
        """Do a job that was taken; one that is done, or being done elsewhere, is left alone. Never raises: a
        job that fails is due again after its lease."""

        name = "unknown"

        async def work(tx: Tx) -> None:
            nonlocal name
            mine = select(JobRow).where(JobRow.id == job_id).with_for_update(skip_locked=True)
            if row := await tx.one(mine):
                name = row.name
                await tx.take_time()
                await JOBS[row.name].work(tx, **row.args)
                await tx.delete(row)

        await self._do("queued", work, lambda: name, job_id=job_id)

    async def _by_itself(self, name: str) -> None:
        async def work(tx: Tx) -> None:
            await tx.take_time()
            await JOBS[name].work(tx)

        await self._do(name, work, lambda: name, job=name)

    async def _wait(self) -> None:
        waits = [asyncio.ensure_future(self._clock.sleep(PAUSE)), asyncio.ensure_future(self._news.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _do(
        self, span: str, work: Callable[[Tx], Awaitable[None]], name: Callable[[], str], **which: str
    ) -> None:
        try:
            with self._tracing.span("job", span):
                await self._db.run(SYSTEM, work)
        except (DatabaseUnavailable, Busy) as no:
            if not self._waits:  # one line until the database is back
                log.warning("job_waits", why=no.code, **which)
            self._waits = True
            return
        except Exception:
            self._failed(name())
            log.exception("job_failed", **which)
        if self._waits:
            log.info("jobs_go_on")
        self._waits = False


async def _take(tx: Tx) -> list[JobRow]:
    """Due rows, leased: their due moment moves on, so that only a failure makes them due again.

    Those of names that are not known here are left to a process of another version.
    """
    due = select(JobRow).where(JobRow.due <= tx.now, JobRow.name.in_(JOBS)).order_by(JobRow.due).limit(BATCH)
    taken = []
    for row in await tx.all(due.with_for_update(skip_locked=True)):
        if row.attempts < TRIES:
            row.due, row.attempts = tx.now + LEASE, row.attempts + 1
            taken.append(row)
        else:
            log.error("job_given_up", job=row.name, job_id=row.id)
            await tx.delete(row)
    return taken
