"""How many statements each route and topic asks of the database: tests/golden/statements.json.

And that pages ask as few when there is more on them.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.server.test_roles_golden import ROLES, _answer, _questions
from tests.support import golden
from tests.support.story import Person
from tests.support.world import World, a_world

ROWS = 4


@contextmanager
def _statements(world: World) -> Iterator[list[str]]:
    """What is asked meanwhile, of whichever database; not where a transaction begins."""
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.startswith("BEGIN"):
            asked.append(statement)

    event.listen(world.house.db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(world.house.db.engine, "before_cursor_execute", note)


async def test_statements_of_each_route_and_topic(tmp_path: Path) -> None:
    """Asked, one after another in one school, by the last role that tests/golden/roles.json lets in: `op` →
    `answer` → statements.

    None that writes a fact reads how far its stream was stamped: the two would clash with each stamping.
    """
    roles = json.loads((golden.FOLDER / "roles.json").read_text("utf-8"))
    counts: dict[str, dict[str, int]] = {}
    clashing: list[str] = []
    async with a_world(tmp_path) as world:
        for asked in _questions(world):
            allowed = [role for role, answer in roles.get(asked, {}).items() if answer == "200"]
            name = ROLES[allowed[-1] if allowed else "administrator"]
            person = (await world.enters(name))[0] if name else world.stranger()
            if asked not in world.routes:
                await person.connects()
            with _statements(world) as said:
                answer = await _answer(world, person, asked)
            counts[asked] = {answer: len(said)}
            if all(any(part in one for one in said) for part in ("INTO outbox", "FROM stream_positions")):
                clashing.append(asked)
    assert clashing == []
    golden.check("statements", {asked: counts[asked] for asked in sorted(counts)})


Adds = Callable[[Person, int], Awaitable[None]]


async def _people(admin: Person, number: int) -> None:
    data = {"family": "Нұрланова", "given": "Әсел" + chr(ord("а") + number)}
    await admin.asks("add_person", {"data": data, "role": "learner", "group_id": _group(admin)}, **_there(admin))


async def _groups(admin: Person, number: int) -> None:
    await admin.asks("add_group", {"name": f"9 «{number}»", "grade": 9, "year": 2026}, **_there(admin))


async def _courses(admin: Person, _: int) -> None:
    await _course(admin)


async def _lessons(admin: Person, number: int) -> None:
    """One more course's lesson on Friday."""
    hours = [{"weekday": 4, "begins": f"{8 + number}:00", "minutes": 40}]
    days = {"first": "2026-10-22", "until": "2026-10-28"}
    body = {"course_id": await _course(admin), "hours": hours, "allow_conflicts": True, **days}
    await admin.asks("plan_lessons", body, **_there(admin))


async def _course(admin: Person) -> str:
    teacher = admin.world.school.persons["anna"]
    body = {"subject_code": "biology", "group_ids": [_group(admin)], "teacher_ids": [teacher], "year": 2026}
    return (await admin.asks("add_course", body, **_there(admin)))["id"]


def _group(admin: Person) -> str:
    return admin.world.school.eleven.id


def _there(admin: Person) -> dict[str, str]:
    return {"organisation_id": admin.world.school.school.id}


@pytest.mark.parametrize(
    ("operation", "who", "query", "adds"),
    [
        ("list_people", "administrator", {}, _people),
        ("list_groups", "administrator", {"day": "2026-10-22"}, _groups),
        ("list_courses", "administrator", {}, _courses),
        ("read_timetable", "administrator", {"first": "2026-10-19"}, _lessons),
        ("list_lessons", "anna", {"date": "2026-10-23"}, _lessons),
        ("list_lessons", "misha", {"date": "2026-10-23"}, _lessons),
        ("list_lessons", "director", {"date": "2026-10-23"}, _lessons),
    ],
)
async def test_more_rows_take_no_more_statements(
    world: World, operation: str, who: str, query: dict[str, str], adds: Adds
) -> None:
    admin, reader = await world.enters("administrator", who)
    there = _there(admin) if "organisation_id" in world.routes[operation].path_params else {}
    found: list[tuple[int, int]] = []
    for numbers in (range(ROWS), range(ROWS, 3 * ROWS)):
        for number in numbers:
            await adds(admin, number)
        with _statements(world) as said:
            page = await reader.asks(operation, query=query, **there)
        found.append((len(page["items"]), len(said)))
    (few, first), (many, second) = found
    assert many == few + 2 * ROWS
    assert first == second, f"{first} statements for {few} rows, {second} for {many}"
