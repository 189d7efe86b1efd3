"""Who sees which lessons, may be in them, and what becomes of those that nobody ends."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from lms_core.access import service as access
from lms_core.courses import service as courses
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId, RoomId, new_id
from lms_core.lessons import core, service
from lms_core.lessons.model import Visit
from tests.support.factories import HOUR, NOW
from tests.support.story import Person, refused
from tests.support.world import World

NOWHERE = LessonId(new_id("lesson", 1))


async def ids(person: Person, day: str | None = None) -> list[str]:
    return [item["id"] for item in await person.lessons(day)]


async def test_everybody_sees_their_own_lessons(world: World) -> None:
    school = world.school
    algebra, physics = school.algebra.id, school.physics.id
    seen = {name: set(await ids((await world.enters(name))[0])) for name in school.persons}
    assert seen == {
        "anna": {algebra},
        "boris": {physics},
        "misha": {algebra},
        "dina": {algebra},
        "erlan": {physics},
        "parent": {algebra},
        "tutor": {algebra},
        "methodist": {algebra, physics},
        "director": {algebra, physics},
        "deputy": {algebra, physics},
        "proctor": set(),
        "administrator": set(),
        "inspector": set(),
        "victor": set(),
    }


async def test_each_day_has_its_lessons(world: World) -> None:
    [misha] = await world.enters("misha")
    school = world.school
    assert await ids(misha, "2026-10-21") == [school.yesterday.id]
    assert await ids(misha, "2026-10-22") == await ids(misha) == [school.algebra.id]
    assert await ids(misha, "2026-10-23") == [school.tomorrow.id]
    assert await ids(misha, "2026-10-24") == []


async def test_today_is_the_day_on_the_schools_wall(world: World) -> None:
    [misha] = await world.enters("misha")
    await world.clock.advance(timedelta(hours=14, minutes=4, seconds=59).total_seconds())
    assert await ids(misha) == [world.school.algebra.id]
    await world.clock.advance(1)
    assert await ids(misha) == [world.school.tomorrow.id]


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "", "2026-10-22T10:00"])
async def test_a_day_that_is_none_is_malformed(world: World, day: str) -> None:
    [misha] = await world.enters("misha")
    with refused("malformed", 422):
        await misha.asks("list_lessons", query={"date": day})


async def test_a_lesson_that_runs_over_midnight_is_of_both_days(world: World) -> None:
    school, [misha] = world.school, await world.enters("misha")

    async def plan(tx: Tx) -> LessonId:
        [course] = [c for c in await courses.of_organisation(tx, school.school.id) if c.subject.kk == "Алгебра"]
        late = datetime(2026, 10, 22, 23, 40)  # noqa: DTZ001
        return (await service.plan(tx, school.school, course.id, course.teachers[0], "", late, HOUR)).id

    late = await world.run(plan)
    assert late in await ids(misha, "2026-10-22")
    assert late in await ids(misha, "2026-10-23")


async def test_a_lesson_as_its_people_see_it(world: World) -> None:
    [anna] = await world.enters("anna")
    assert await anna.lesson(world.school.algebra.id) == {
        "id": world.school.algebra.id,
        "title": "Туынды",
        "subject": {"kk": "Алгебра", "ru": "Алгебра (ru)", "en": "Алгебра (en)"},
        "group": "11 «А»",
        "starts_at": "2026-10-22T04:50:00Z",
        "ends_at": "2026-10-22T05:35:00Z",
        "state": "planned",
        "teacher": {"id": world.school.persons["anna"], "name": "Anna Оспан"},
        "room_id": world.school.algebra.room_id,
        "organisation_id": world.school.school.id,
        "planned": True,
        "my_part": "lead",
        "may_join": True,
        "learners": 2,
    }


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("misha", "lesson_not_open"),
        ("tutor", "lesson_not_open"),
        ("director", "lesson_not_open"),
        ("methodist", "lesson_not_open"),
        ("parent", "forbidden"),
        ("erlan", "not_found"),
        ("boris", "not_found"),
        ("proctor", "not_found"),
        ("administrator", "not_found"),
        ("victor", "not_found"),
    ],
)
async def test_who_may_not_join_yet_or_ever(world: World, name: str, code: str) -> None:
    [person] = await world.enters(name)
    with refused(code):
        await person.joins(world.school.algebra.id)
    assert await world.run(lambda tx: tx.all(select(Visit))) == []


@pytest.mark.parametrize(
    ("name", "part", "publishes"),
    [("anna", "lead", True), ("misha", "join", True), ("tutor", "join", True), ("director", "see", False)],
)
async def test_what_one_may_do_in_the_room(world: World, name: str, part: str, publishes: bool) -> None:
    anna, person = await world.enters("anna", name)
    await anna.joins(world.school.algebra.id)
    joined = await person.joins(world.school.algebra.id)
    grant = await world.house.live.grant_for(joined["grant"], joined["room_id"])
    assert (grant.role, bool(grant.publish), grant.hear, grant.moderate) == (part, publishes, True, part == "lead")
    assert grant.name == (await person.me())["name"]


async def test_a_teacher_opens_lessons_of_today_alone(world: World) -> None:
    [anna] = await world.enters("anna")
    with refused("lesson_not_open", 409):
        await anna.joins(world.school.tomorrow.id)
    with refused("lesson_ended", 409):
        await anna.joins(world.school.yesterday.id)


async def test_only_who_leads_a_lesson_ends_it(world: World) -> None:
    anna, misha, director, victor = await world.enters("anna", "misha", "director", "victor")
    lesson = world.school.algebra.id
    with refused("lesson_not_open", 409):
        await anna.ends(lesson)
    await anna.joins(lesson)
    for person, code in ((misha, "forbidden"), (director, "forbidden"), (victor, "not_found")):
        with refused(code):
            await person.ends(lesson)
    assert (await anna.ends(lesson))["state"] == "ended"
    assert (await anna.ends(lesson))["state"] == "ended", "ending twice is ending once"


async def test_a_started_lesson_is_open_to_the_organisation_by_its_link(world: World) -> None:
    anna, erlan, director, parent, victor = await world.enters("anna", "erlan", "director", "parent", "victor")
    for person in (anna, erlan, director):
        await person.watches_lessons()
    lesson = await anna.starts("  Олимпиада\tесептері ")
    told = {key: lesson[key] for key in ("title", "state", "planned", "my_part", "group", "subject", "learners")}
    assert told == {
        "title": "Олимпиада есептері",
        "state": "open",
        "planned": False,
        "my_part": "lead",
        "group": "",
        "subject": None,
        "learners": 0,
    }
    assert lesson["id"] in await ids(anna)
    assert lesson["id"] in await ids(director)
    assert lesson["id"] not in await ids(erlan), "the link is given by people"
    assert (await erlan.joins(lesson["id"]))["room_id"] == lesson["room_id"]
    assert (await director.joins(lesson["id"]))["lesson"]["my_part"] == "see"
    with refused("forbidden", 403):
        await parent.joins(lesson["id"])
    with refused("not_found", 404):
        await victor.joins(lesson["id"])
    await world.clock.advance(600)
    ended = await anna.ends(lesson["id"])
    assert ended["ends_at"] == "2026-10-22T05:05:00Z"
    with refused("lesson_ended", 409):
        await erlan.joins(lesson["id"])


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("director", True),
        ("deputy", True),
        ("administrator", True),
        ("tutor", True),
        ("victor", True),
        ("misha", False),
        ("methodist", False),
        ("parent", False),
        ("proctor", False),
    ],
)
async def test_who_may_start_a_lesson_leads_it(world: World, name: str, may: bool) -> None:
    [person] = await world.enters(name)
    if not may:
        with refused("forbidden", 403):
            await person.starts()
        return
    lesson = await person.starts()
    assert lesson["my_part"] == "lead"
    assert lesson["organisation_id"] == (await person.me())["roles"][0]["organisation_id"]
    assert lesson["id"] in await ids(person)
    await person.joins(lesson["id"])
    await person.writes(lesson["room_id"], "бар ма?")
    assert (await person.ends(lesson["id"]))["state"] == "ended"


async def test_a_lesson_left_open_is_ended_half_an_hour_after_its_time(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    await misha.watches_lessons()
    await anna.joins(world.school.algebra.id)
    await world.clock.advance(timedelta(minutes=40 + 35).total_seconds() - 1)
    await world.job("lessons.end_left_open")
    assert (await misha.lesson(world.school.algebra.id))["state"] == "open"
    await world.clock.advance(1)
    await world.job("lessons.end_left_open")
    assert (await misha.lesson(world.school.algebra.id))["state"] == "ended"
    await anna.joins(world.school.algebra.id)
    await world.job("lessons.end_left_open")
    assert (await misha.lesson(world.school.algebra.id))["state"] == "open", "opened again, it gets its time again"


async def test_an_unplanned_lesson_left_open_is_ended_after_half_a_day(world: World) -> None:
    [anna] = await world.enters("anna")
    lesson = await anna.starts()
    await world.clock.advance(timedelta(hours=12).total_seconds() - 1)
    await world.job("lessons.end_left_open")
    assert lesson["id"] in await ids(anna)
    assert (await anna.lesson(lesson["id"]))["state"] == "open"
    await world.clock.advance(1)
    await world.job("lessons.end_left_open")
    assert (await anna.lesson(lesson["id"]))["state"] == "ended"


@pytest.mark.req("S456-27.10")
async def test_the_join_log_says_who_was_there_from_when_to_when(world: World) -> None:
    room, misha = world.school.algebra.room_id, world.school.persons["misha"]
    minute = lambda n: NOW + timedelta(minutes=n)  # noqa: E731
    for part, entered, left in (("part_1", 0, 5), ("part_1", 6, None), ("part_2", 7, 8)):
        for _ in range(2):  # said twice, written once
            await world.run(lambda tx, p=part, e=entered: service.record_entered(tx, room, p, misha, minute(e)))
        if left:
            await world.run(lambda tx, p=part, m=left: service.record_left(tx, room, p, misha, minute(m)))
            await world.run(lambda tx, p=part: service.record_left(tx, room, p, misha, minute(99)))
    assert await _visits(world) == [("part_1", 0, 5), ("part_1", 6, None), ("part_2", 7, 8)]
    [anna] = await world.enters("anna")
    await anna.joins(world.school.algebra.id)
    await world.clock.advance(1200)
    await anna.ends(world.school.algebra.id)
    assert (await _visits(world))[1] == ("part_1", 6, 20), "the end of the lesson is the end of all visits"


async def test_join_logs_are_forgotten_after_a_year(world: World) -> None:
    room, misha = world.school.algebra.room_id, world.school.persons["misha"]
    await world.run(lambda tx: service.record_entered(tx, room, "part_1", misha, NOW))
    await world.clock.advance(core.KEEP_VISITS.total_seconds())
    await world.job("lessons.forget_visits")
    assert len(await _visits(world)) == 1
    await world.clock.advance(1)
    await world.job("lessons.forget_visits")
    assert await _visits(world) == []


async def test_a_room_is_usable_while_its_lesson_is_open(world: World) -> None:
    [anna] = await world.enters("anna")
    room = world.school.algebra.room_id
    actor = await world.run(lambda tx: access.actor_of(tx, world.school.persons["anna"]))
    use = lambda tx: service.open_room(tx, room, "lead")  # noqa: E731
    with pytest.raises(core.LessonNotOpen):
        await world.run(use, actor)
    await anna.joins(world.school.algebra.id)
    assert (await world.run(use, actor)).id == world.school.algebra.id
    await anna.ends(world.school.algebra.id)
    with pytest.raises(core.LessonEnded):
        await world.run(use, actor)
    with pytest.raises(Exception, match="not_found"):
        await world.run(lambda tx: service.open_room(tx, RoomId(new_id("room", 1)), "lead"), actor)


@pytest.mark.parametrize("lesson_id", ["x", "lesson_", f"room_{'0' * 26}", "lesson_" + "z" * 26])
async def test_what_is_no_lessons_id_is_malformed(world: World, lesson_id: str) -> None:
    [anna] = await world.enters("anna")
    for operation in ("read_lesson", "join_lesson", "end_lesson"):
        with refused("malformed", 422):
            await anna.asks(operation, lesson_id=lesson_id)


async def test_a_lesson_that_is_not_there_is_not_found(world: World) -> None:
    [anna] = await world.enters("anna")
    for operation in ("read_lesson", "join_lesson", "end_lesson"):
        with refused("not_found", 404):
            await anna.asks(operation, lesson_id=NOWHERE)


@pytest.mark.parametrize("body", [[], {}, {"title": 7}, {"title": None}, "title", {"title": ["a"]}])
async def test_a_rubbish_body_is_malformed(world: World, body: object) -> None:
    [anna] = await world.enters("anna")
    with refused("malformed", 422):
        await anna.asks("start_lesson", body)


@pytest.mark.parametrize("name", ["anna", "misha", "director", "parent"])
async def test_more_lessons_are_no_more_questions_to_the_database(world: World, name: str) -> None:
    [person] = await world.enters(name)
    few = await _count_queries(world, person)
    school = world.school

    async def plan_many(tx: Tx) -> None:
        for course in await courses.of_organisation(tx, school.school.id):
            for _ in range(20):
                await service.plan(tx, school.school, course.id, course.teachers[0], "", NOW, HOUR)

    await world.run(plan_many)
    assert len(await person.lessons()) > 20
    assert await _count_queries(world, person) == few
    assert few <= 16


async def test_the_topic_of_an_organisation_is_for_its_people(world: World) -> None:
    topic = f"lessons:{world.school.school.id}"
    for name in world.school.persons:
        [person] = await world.enters(name)
        if name == "victor":
            with refused("not_found", 404):
                await person.commands("subscribe", {"topic": topic, "position": 0})
        else:
            assert await person.commands("subscribe", {"topic": topic, "position": 0}) == {"position": 0, "events": []}


async def test_the_seat_of_today_is_the_organisations_day(world: World) -> None:
    listed = await (await world.enters("inspector"))[0].asks("list_lessons")
    assert (listed["date"], listed["items"]) == (date(2026, 10, 22).isoformat(), [])


async def _visits(world: World) -> list[tuple[str, float, float | None]]:
    rows = await world.run(lambda tx: tx.all(select(Visit).order_by(Visit.id)))
    minutes = lambda at: at and (at - NOW).total_seconds() / 60  # noqa: E731
    return [(row.participant_id, minutes(row.entered), minutes(row.left)) for row in rows]


async def _count_queries(world: World, person: Person) -> int:
    asked: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    event.listen(world.house.db.engine, "before_cursor_execute", note)
    try:
        await person.lessons()
    finally:
        event.remove(world.house.db.engine, "before_cursor_execute", note)
    return len([statement for statement in asked if statement.startswith("SELECT")])
