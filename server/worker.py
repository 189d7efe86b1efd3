"""`python3 -m server worker`: does jobs in place of the servers, on any host that reaches database and Redis.

The servers hand a job over only while Redis knows of a living worker. Redis may lose it, and a worker may die over
it: its row stays in the database, and is due again when its lease ends.
"""

import asyncio
import hashlib
import signal
import sys
from collections.abc import AsyncGenerator
from typing import Any

import structlog
from redis.asyncio import Redis
from taskiq.exceptions import SendTaskError
from taskiq.message import BrokerMessage
from taskiq.receiver import Receiver
from taskiq_redis import ListQueueBroker

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock, SystemClock
from lms_core.kernel.db import Database
from lms_core.kernel.ids import JobId

from . import VERSION, keys, logs
from .bus import Bus
from .cluster.cluster import KEYS
from .cluster.common_clock import CommonClock
from .cluster.model import Common
from .config import Settings
from .fanout import LOST, open_redis
from .feed import NEWS
from .jobs import JobRunner

TASK = "sabaq.job"
AT_ONCE = 4
BEAT, ALIVE_SECONDS = 1.0, 3
WAIT_SECONDS, PATIENCE = 2, 4.0
_PUSH = "return redis.call('EXISTS', KEYS[2]) == 1 and redis.call('LPUSH', KEYS[1], ARGV[1])"

log = structlog.get_logger(__name__)


class NoWorker(Exception):
    """Nobody lives who would take the job."""


class Queue(ListQueueBroker):
    """taskiq's list in Redis, one an installation. A job is put there only while a worker shows that it lives."""

    def __init__(self, url: str, key: bytes, clock: Clock) -> None:
        name = "sabaq:jobs:" + hashlib.blake2b(b"jobs" + key, digest_size=8).hexdigest()
        super().__init__(url, queue_name=name, max_connection_pool_size=8, timeout=1, socket_timeout=PATIENCE)
        self.living = f"{name}:living"
        self._clock = clock
        self._brief = open_redis(url, 0.5)
        self._sees = True

    async def kick(self, message: BrokerMessage) -> None:
        """Raises NoWorker, or what Redis raises."""
        if not await self._brief.eval(_PUSH, 2, self.queue_name, self.living, message.message):  # type: ignore[misc]
            raise NoWorker

    async def listen(self) -> AsyncGenerator[Any, None]:
        while True:
            try:
                async with Redis(connection_pool=self.connection_pool) as redis:
                    popped = await redis.brpop([self.queue_name], timeout=WAIT_SECONDS)  # type: ignore[misc]
            except LOST:
                await self._clock.sleep(BEAT)
                continue
            if popped:
                yield popped[1]

    async def live(self) -> None:
        """Until cancelled: show that a worker lives."""
        while True:
            try:
                await self._brief.set(self.living, b"1", ex=ALIVE_SECONDS)
                self._now_sees(True)
            except LOST as why:
                self._now_sees(False, type(why).__name__)
            await self._clock.sleep(BEAT)

    async def shutdown(self) -> None:
        await super().shutdown()
        await self._brief.aclose()

    def _now_sees(self, sees: bool, why: str = "") -> None:
        if sees != self._sees:
            self._sees = sees
            log.info("queue_is_back") if sees else log.warning("queue_is_gone", why=why)


class Handover:
    """The servers' side."""

    def __init__(self, url: str, key: bytes, clock: Clock) -> None:
        self._queue = Queue(url, key, clock)

        @self._queue.task(task_name=TASK)
        async def perform(job_id: str) -> None:
            raise AssertionError("workers do this")

        self._task = perform

    async def __call__(self, job_id: str) -> bool:
        """Whether a worker is to do it."""
        try:
            await self._task.kiq(job_id)
        except (SendTaskError, NoWorker, *LOST):
            return False
        return True

    async def close(self) -> None:
        await self._queue.shutdown()


class Worker:
    """Does what the servers hand over; `run` ends after the jobs at hand once `end` was called."""

    def __init__(self, db: Database, clock: Clock, url: str, key: bytes) -> None:
        self._queue, self._ended = Queue(url, key, clock), asyncio.Event()
        self._bus = Bus(url, key, clock)
        jobs = JobRunner(db, clock)
        db.on_announcement(lambda: self._bus.send(NEWS))

        @self._queue.task(task_name=TASK)
        async def perform(job_id: str) -> None:
            log.info("job_begun", job_id=job_id)
            await jobs.perform(JobId(job_id))

    def end(self) -> None:
        self._ended.set()

    async def run(self) -> None:
        self._queue.is_worker_process = True
        others = [asyncio.create_task(work()) for work in (self._queue.live, self._bus.run)]
        try:
            await Receiver(self._queue, max_async_tasks=AT_ONCE, run_startup=True).listen(self._ended)
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await self._queue.shutdown()


def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT."""
    if not settings.database_url or not settings.redis_url:
        sys.exit("sabaq: a worker needs database_url and redis_url")
    logs.configure(settings.log)
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from .app import keys_of, open_database  # declares every feature's jobs

    clock = CommonClock(SystemClock())
    db = open_database(settings, clock)
    await clock.agree(db)
    agreed = await db.run(SYSTEM, lambda tx: tx.get(Common, KEYS))
    if agreed is None or agreed.value != keys_of(settings):
        await db.close()
        sys.exit(f"sabaq: the keys in {settings.data / 'keys'} are not the server's: copy that folder from there")
    worker = Worker(db, clock, settings.redis_url, keys.key(settings.data / "keys", "link"))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, worker.end)
    print(f"Sabaq {VERSION}: a worker runs.", flush=True)
    keeping = asyncio.create_task(clock.keep(db))
    await worker.run()
    keeping.cancel()
    await db.close()
