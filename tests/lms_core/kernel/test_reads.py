"""Reads written down once give what the mapper gives, on either database."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, select, update

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.failures import AlreadyThere
from lms_core.kernel.ids import EventId, UnitId
from lms_core.kernel.reads import Read, Write, among
from lms_core.kernel.tables import Outbox, Spelled
from tests.support.world import a_database

NOW = datetime(2026, 9, 1, 3, 30, tzinfo=UTC)
SCHOOL = UnitId("unit_00000000000000000000000001")
WHOLE = select(Outbox.__table__).where(Outbox.stream == bindparam("stream")).order_by(Outbox.id)
SOME = Read(WHOLE.where(Outbox.id.in_(among("ids")), Outbox.waiting.is_(True)))
ROW = Write.row(Outbox)
STAMP = Write(
    update(Outbox)
    .where(Outbox.stream == bindparam("of"), Outbox.id == bindparam("event"))
    .values(position=bindparam("stamp"))
)


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    with a_database(tmp_path, ManualClock(NOW), Outbox) as database:
        yield database
        await database.close()


def event(number: int) -> EventId:
    return EventId(f"event_{number:026}")


async def fill(tx: Tx) -> None:
    for number in range(1, 4):
        body = {"text": "сәлем", "number": number}
        tx.add(Outbox(stream=SCHOOL, id=event(number), topic=None, name="n", at=tx.now, body=body))


@pytest.mark.parametrize("asked", [[], [1], [3, 1], [1, 2, 3, 9]])
async def test_rows_are_what_the_mapper_says(db: Database, asked: list[int]) -> None:
    ids = [event(number) for number in asked]
    await db.run(SYSTEM, fill)

    async def compare(tx: Tx) -> None:
        read = await tx.read(SOME, stream=SCHOOL, ids=ids)
        mapped = await tx.all(select(Outbox).where(Outbox.id.in_(ids)).order_by(Outbox.id))
        assert [(row.id, row.stream, row.at, row.body, row.topic, row.waiting) for row in read] == [
            (row.id, row.stream, row.at, row.body, row.topic, row.waiting) for row in mapped
        ]
        assert len(read) == len(set(asked) & {1, 2, 3})

    await db.run(SYSTEM, compare)


async def test_what_was_added_in_the_same_command_is_read(db: Database) -> None:
    async def work(tx: Tx) -> int:
        await fill(tx)
        return len(await tx.read(SOME, stream=SCHOOL, ids=[event(1), event(2)]))

    assert await db.run(SYSTEM, work) == 2


@pytest.mark.parametrize("values", [{"stream": SCHOOL}, {"stream": SCHOOL, "ids": [], "more": 1}])
async def test_values_that_do_not_fit_the_query_are_a_bug(db: Database, values: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        await db.run(SYSTEM, lambda tx: tx.read(SOME, **values))


async def test_a_row_is_written_with_its_defaults_and_changed(db: Database) -> None:
    async def work(tx: Tx) -> list[tuple[Any, ...]]:
        body = {"text": "сәлем"}
        assert tx.write(ROW, stream=SCHOOL, id=event(1), name="n", at=tx.now, body=body) == 1
        assert tx.write(STAMP, of=SCHOOL, event=event(1), stamp=7) == 1
        assert tx.write(STAMP, of=SCHOOL, event=event(2), stamp=7) == 0
        [row] = await tx.all(select(Outbox))
        return [(row.id, row.position, row.topic, row.at, row.body == body, row.waiting)]

    assert await db.run(SYSTEM, work) == [(event(1), 7, None, NOW, True, True)]


async def test_many_rows_are_written_at_once_as_each_alone_would_be(db: Database) -> None:
    texts = ["сәлем", 'a "b" \\ \u2028', "Ω"]

    async def work(tx: Tx) -> list[Any]:
        spelt = Spelled(json.dumps({"text": texts[0]}, ensure_ascii=False))
        rows = ({"id": event(n), "body": spelt if n == 0 else {"text": text}} for n, text in enumerate(texts))
        tx.write_all(ROW, rows, stream=SCHOOL, name="n", at=tx.now, waiting=False)
        tx.write_all(ROW, [], stream=SCHOOL, name="n", at=tx.now)
        return [*await tx.all(select(Outbox).order_by(Outbox.id))]

    found = await db.run(SYSTEM, work)
    assert [(row.id, row.body["text"]) for row in found] == [(event(n), text) for n, text in enumerate(texts)]
    assert {(row.stream, row.position, row.topic, row.at, row.waiting) for row in found} == {
        (SCHOOL, None, None, NOW, False)
    }


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([{"id": event(1), "body": {}}, {"id": event(1), "body": {}}], AlreadyThere),
        ([{"id": event(1), "body": {}}, {"id": event(2)}], KeyError),
        ([{"id": event(1), "body": {}, "more": 1}], KeyError),
    ],
    ids=["there already", "missing", "more"],
)
async def test_many_rows_are_written_all_or_none(
    db: Database, rows: list[dict[str, Any]], error: type[Exception]
) -> None:
    async def work(tx: Tx) -> None:
        tx.write_all(ROW, rows, stream=SCHOOL, name="n", at=tx.now)

    with pytest.raises(error):
        await db.run(SYSTEM, work)
    assert await db.run(SYSTEM, lambda tx: tx.all(select(Outbox))) == []


@pytest.mark.parametrize(
    ("ids", "refused"), [([1, 1], AlreadyThere), ([1, "\ud800"], Malformed)], ids=["there already", "unfit"]
)
async def test_what_the_database_refuses_is_refused_as_ever_and_undone(
    db: Database, ids: list[Any], refused: type[Refusal]
) -> None:
    async def work(tx: Tx) -> None:
        for one in ids:
            number, name = (one, "n") if isinstance(one, int) else (9, one)
            tx.write(ROW, stream=SCHOOL, id=event(number), name=name, at=tx.now, body={})

    with pytest.raises(refused):
        await db.run(SYSTEM, work)
    assert await db.run(SYSTEM, lambda tx: tx.all(select(Outbox))) == []
