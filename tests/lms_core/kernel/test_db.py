import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Database, SuspendedInTransaction, Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.tables import JobRow
from tests.support.world import a_database

NOW = datetime(2026, 9, 1, 3, tzinfo=UTC)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    with a_database(tmp_path, ManualClock(NOW), JobRow) as database:
        yield database
        await database.close()


def _row(tx: Tx) -> JobRow:
    return JobRow(id=tx.new_id("job"), name="x", args={"ә": 1}, due=tx.now, attempts=0)


async def _add(tx: Tx) -> str:
    row = _row(tx)
    tx.add(row)
    return row.id


async def _all(tx: Tx) -> list[JobRow]:
    return list(await tx.all(select(JobRow).order_by(JobRow.id)))


async def test_returning_commits(db: Database) -> None:
    made = await db.run(SYSTEM, _add)
    [row] = await db.run(SYSTEM, _all)
    assert (row.id, row.due, row.args) == (made, NOW, {"ә": 1})


async def test_raising_rolls_back(db: Database) -> None:
    async def refuse(tx: Tx) -> None:
        await _add(tx)
        await tx.flush()
        raise Refusal

    with pytest.raises(Refusal):
        await db.run(SYSTEM, refuse)
    assert await db.run(SYSTEM, _all) == []


async def test_waiting_for_something_else_inside_a_transaction_fails_at_once(db: Database) -> None:
    async def wait(tx: Tx) -> None:
        await _add(tx)
        await asyncio.sleep(0)

    with pytest.raises(SuspendedInTransaction):
        await db.run(SYSTEM, wait)
    assert await db.run(SYSTEM, _all) == []


async def test_later_ids_sort_behind_earlier_ones_within_the_same_moment(db: Database) -> None:
    made = [await db.run(SYSTEM, _add) for _ in range(50)]
    assert made == sorted(made)
    assert [row.id for row in await db.run(SYSTEM, _all)] == made


@pytest.mark.parametrize(
    "text", ["", "job_", "lesson_" + "0" * 26, "job_" + "z" * 26, "job_" + "0" * 26 + "\n", "' or 1"]
)
async def test_an_id_that_cannot_exist_is_not_found(db: Database, text: str) -> None:
    with pytest.raises(NotFound):
        await db.run(SYSTEM, lambda tx: tx.get(JobRow, text))
    with pytest.raises(NotFound):
        await db.run(SYSTEM, lambda tx: tx.one(select(JobRow).where(JobRow.id == text)))


async def test_a_moment_without_a_zone_is_a_bug(db: Database) -> None:
    async def add(tx: Tx) -> None:
        row = _row(tx)
        row.due = datetime(2026, 9, 1)  # noqa: DTZ001
        tx.add(row)

    with pytest.raises(Exception, match="without a zone"):
        await db.run(SYSTEM, add)


async def test_many_commands_at_once_all_happen(db: Database) -> None:
    await asyncio.gather(*(db.run(SYSTEM, _add) for _ in range(100)))
    assert len(await db.run(SYSTEM, _all)) == 100


async def test_closing_waits_for_commands_whose_caller_has_gone(db: Database) -> None:
    db.engine.dispose()
    opened: list[object] = []
    begun, goes_on = threading.Event(), threading.Event()
    event.listen(db.engine, "connect", lambda connection, _: opened.append(connection))
    event.listen(db.engine, "close", lambda connection, _: opened.remove(connection))

    async def slow(tx: Tx) -> None:
        await _all(tx)
        begun.set()
        goes_on.wait(10)

    caller = asyncio.create_task(db.run(SYSTEM, slow))
    await asyncio.to_thread(begun.wait, 10)
    caller.cancel()
    closing = asyncio.create_task(db.close())
    await asyncio.sleep(0)
    assert opened
    goes_on.set()
    await closing
    assert not opened
