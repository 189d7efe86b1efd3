"""Jobs on workers: handed over while one lives, done here while none does, never lost. All of it real."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import PostgresDatabase, Tx
from lms_core.kernel.jobs import JOBS, job
from lms_core.kernel.tables import JobRow
from server import keys, migrate
from server.app import keys_of
from server.cluster.cluster import KEYS
from server.cluster.model import Common
from server.config import Settings
from server.jobs import JobRunner
from server.worker import ALIVE_SECONDS, Handover
from tests.support.postgres import a_database
from tests.support.redis import Redis, a_redis
from tests.support.running import ROOT

MAIN = """
import sys
from pathlib import Path
from sqlalchemy import text
from lms_core.kernel.jobs import job
from server import worker
from server.config import Settings

@job("test.mark")
async def mark(tx, name, seconds):
    Path(sys.argv[4], name).touch()
    await tx.execute(text(f"SELECT pg_sleep({float(seconds)})"))
    await tx.execute(text("INSERT INTO marks VALUES (:name)").bindparams(name=name))

worker.work(Settings(data=Path(sys.argv[1]), database_url=sys.argv[2], redis_url=sys.argv[3]))
"""
"""The verb, with a job of ours."""


class House:
    def __init__(self, folder: Path, url: str, redis: Redis) -> None:
        self.settings = Settings(data=folder / "data", database_url=url, redis_url=redis.url)
        self.clock, self.redis, self.folder = SystemClock(), redis, folder
        self.db = PostgresDatabase(url, self.clock)
        self.done_here: list[str] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    async def begin(self) -> None:
        self.settings.data.mkdir()
        migrate.upgrade(self.db.engine)

        async def agree(tx: Tx) -> None:
            tx.add(Common(name=KEYS, value=keys_of(self.settings)))

        await self.db.run(SYSTEM, agree)
        with psycopg.connect(self.settings.database_url, autocommit=True) as own:
            own.execute("CREATE TABLE marks (name text)")
        self.hand_over = Handover(self.redis.url, keys.key(self.settings.data / "keys", "link"), self.clock)
        self.runner = JobRunner(self.db, self.clock, hand_over=self.hand_over)

    async def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        await self.hand_over.close()
        await self.db.close()

    def start_worker(self) -> subprocess.Popen[bytes]:
        words = [str(self.settings.data), self.settings.database_url, self.redis.url, str(self.folder)]
        with (self.folder / "log.txt").open("ab") as log:
            made = subprocess.Popen(
                [sys.executable, "-c", MAIN, *words], cwd=ROOT, env=dict(os.environ), stdout=log, stderr=log
            )
        self.workers.append(made)
        return made

    async def worker(self) -> subprocess.Popen[bytes]:
        """A worker that can be handed jobs."""
        made = self.start_worker()
        await until(lambda: self.redis.ask("KEYS", "sabaq:jobs:*:living").startswith(b"*1"))
        return made

    async def promise(self, name: str, seconds: float = 0) -> None:
        async def enqueue(tx: Tx) -> None:
            tx.enqueue(JOBS["test.mark"], name=name, seconds=seconds)

        await self.db.run(SYSTEM, enqueue)
        assert await self.runner.drain() == 1

    def marks(self) -> list[str]:
        with psycopg.connect(self.settings.database_url) as own:
            return sorted(name for [name] in own.execute("SELECT name FROM marks").fetchall())

    def has_begun(self, name: str) -> bool:
        return (self.folder / name).exists()

    async def lease_ends(self) -> None:
        async def end(tx: Tx) -> None:
            for row in await tx.all(select(JobRow)):
                row.due = tx.now

        await self.db.run(SYSTEM, end)


async def until(condition: Callable[[], bool]) -> None:
    """Other processes tell nobody here when they are done."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with a_redis() as started:
        yield started


@pytest.fixture
async def house(tmp_path: Path, redis: Redis) -> AsyncIterator[House]:
    redis.go_on()
    redis.ask("FLUSHALL")
    with a_database() as url:
        made = House(tmp_path, url, redis)

        @job("test.mark")
        async def mark(tx: Tx, name: str, seconds: float) -> None:
            made.done_here.append(name)

        await made.begin()
        try:
            yield made
        finally:
            await made.end()
            JOBS.pop("test.mark")


async def test_a_job_is_done_by_a_worker_while_one_lives_and_here_otherwise(house: House) -> None:
    await house.promise("alone")
    assert house.done_here == ["alone"]
    worker = await house.worker()
    await house.promise("together")
    await until(lambda: house.marks() == ["together"])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    await until(lambda: house.redis.ask("KEYS", "sabaq:jobs:*:living").startswith(b"*0"))
    await house.promise("alone again")
    assert house.done_here == ["alone", "alone again"]


async def test_a_job_of_a_killed_worker_is_done_by_another(house: House) -> None:
    first = await house.worker()
    await house.promise("long", 20)
    await until(lambda: house.has_begun("long"))
    first.kill()
    first.wait()
    (house.folder / "long").unlink()
    # PostgreSQL sees that its client is gone when the statement ends: now, and not in 20 s.
    asleep = "pid <> pg_backend_pid() AND query ~ 'pg_sleep'"
    with psycopg.connect(house.settings.database_url, autocommit=True) as own:
        own.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {asleep}")  # type: ignore[arg-type]
    assert await house.runner.drain() == 0, "it is leased"
    assert house.marks() == []
    second = await house.worker()
    await shorten(house, "long")
    await house.lease_ends()
    assert await house.runner.drain() == 1
    await until(lambda: house.marks() == ["long"])
    assert second.poll() is None
    assert house.done_here == []


async def shorten(house: House, name: str) -> None:
    async def change(tx: Tx) -> None:
        [row] = await tx.all(select(JobRow))
        row.args = {"name": name, "seconds": 0}

    await house.db.run(SYSTEM, change)


async def test_a_worker_that_is_told_to_end_does_the_job_at_hand(house: House) -> None:
    worker = await house.worker()
    await house.promise("at hand", 2)
    await until(lambda: house.has_begun("at hand"))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert house.marks() == ["at hand"]


async def test_a_job_handed_over_twice_is_done_once(house: House) -> None:
    await house.worker()
    await house.promise("once", 1)
    await until(lambda: house.has_begun("once"))
    await house.lease_ends()
    assert await house.runner.drain() <= 1
    await until(lambda: house.marks() == ["once"])
    await house.promise("after")
    await until(lambda: "after" in house.marks())
    assert house.marks() == ["after", "once"]


async def test_while_redis_is_gone_jobs_are_done_here_and_the_worker_comes_back(house: House) -> None:
    worker = await house.worker()
    house.redis.kill()
    await house.promise("without")
    assert house.done_here == ["without"]
    house.redis.start()
    await until(lambda: house.redis.ask("KEYS", "sabaq:jobs:*:living").startswith(b"*1"))
    await house.promise("with")
    await until(lambda: house.marks() == ["with"])
    assert worker.poll() is None


async def test_a_redis_that_answers_nobody_is_not_waited_for_long(house: House) -> None:
    await house.worker()
    house.redis.stall()
    began = time.monotonic()
    await house.promise("here")
    assert house.done_here == ["here"]
    assert time.monotonic() - began < ALIVE_SECONDS
    house.redis.go_on()


async def test_a_worker_with_other_keys_ends_at_once_and_says_why(house: House) -> None:
    (house.settings.data / "keys" / "link").unlink()
    worker = house.start_worker()
    await asyncio.get_running_loop().run_in_executor(None, worker.wait, 30)
    assert worker.returncode == 1
    assert "are not the server's" in (house.folder / "log.txt").read_text()


def test_a_worker_needs_both_databases(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "server", "worker", "--data", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "needs database_url and redis_url" in said.stderr
