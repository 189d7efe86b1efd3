"""The demo school: whole, quick to fill, and its teacher never without a lesson."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.access import service as access
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId
from lms_core.lessons.service import Hour
from server import demo
from tests.support.factories import NOW
from tests.support.story import Person, refused
from tests.support.world import World, a_world

FIXED = {
    *("admin", "director", "deputy", "teacher", "teacher2", "parent1", "proctor"),
    *(f"student{number}" for number in range(1, 26)),
}


@pytest.fixture
async def demo_world(tmp_path: Path) -> Any:
    async with a_world(tmp_path, empty=True) as world:
        await demo.fill_database(world.house.db, world.house.blobs)
        yield world


async def _logins(world: World) -> dict[str, PersonId]:
    async def look(tx: Tx) -> dict[str, PersonId]:
        school = await demo.find_school(tx)
        assert school
        return dict(await access.logins_of(tx, school.id))

    return await world.run(look)


async def _be(world: World, *logins: str) -> list[Person]:
    known = await _logins(world)
    return [await world.logged_in(login, known[login]) for login in logins]


async def test_the_fixed_log_ins_and_no_others_have_the_password(demo_world: World) -> None:
    assert set(await _logins(demo_world)) == FIXED == set(demo.LOGINS)
    for login in FIXED:
        assert (await demo_world.stranger().logs_in(login, "demo"))["demo"]


async def test_the_password_can_be_chosen_and_changed(demo_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SABAQ_DEMO_PASSWORD", "өзгеше")
    await demo.fill_database(demo_world.house.db, demo_world.house.blobs)
    await demo_world.stranger().logs_in("teacher", "өзгеше")
    with refused("wrong_credentials"):
        await demo_world.stranger().logs_in("teacher", "demo")


async def test_filling_again_adds_nothing(demo_world: World) -> None:
    before, lessons = await _logins(demo_world), await _all_lessons(demo_world)
    await demo.fill_database(demo_world.house.db, demo_world.house.blobs)
    assert (await _logins(demo_world), await _all_lessons(demo_world)) == (before, lessons)


async def test_filling_takes_little_time(tmp_path: Path) -> None:
    """Measured by what the same machine takes, at the same moment, for a million small sums."""
    async with a_world(tmp_path, empty=True) as world:
        began = time.process_time()
        sum(number * number for number in range(1_000_000))
        measure = time.process_time() - began
        began = time.process_time()
        await demo.fill_database(world.house.db, world.house.blobs)
        took = time.process_time() - began
        assert took < 40 * measure


async def test_roles_are_what_the_log_ins_say(demo_world: World) -> None:
    expected = {
        "admin": "administrator",
        "director": "director",
        "deputy": "deputy",
        "teacher": "teacher",
        "teacher2": "teacher",
        "student1": "learner",
        "student25": "learner",
        "parent1": "parent",
        "proctor": "proctor",
    }
    for person in await _be(demo_world, *expected):
        assert [role["role"] for role in (await person.me())["roles"]] == [expected[person.name]]


async def test_the_teachers_lesson_is_on_and_the_whole_class_comes(demo_world: World) -> None:
    teacher, parent = await _be(demo_world, "teacher", "parent1")
    pupils = await _be(demo_world, *(f"student{number}" for number in range(1, 26)))
    for lesson in await teacher.lessons():
        assert (lesson["my_part"], lesson["learners"], lesson["group"]) == ("lead", 25, "11 «А»")
        with refused("lesson_not_open", 409):
            await pupils[0].joins(lesson["id"])
        await pupils[0].writes(lesson["room_id"], "апай?")
        await teacher.joins(lesson["id"])
        rooms = {(await pupil.joins(lesson["id"]))["room_id"] for pupil in pupils}
        assert rooms == {lesson["room_id"]}
        with refused("forbidden", 403):
            await parent.joins(lesson["id"])


async def test_pupils_see_the_teachers_lessons_and_parents_their_childs(demo_world: World) -> None:
    teacher, pupil, parent, director = await _be(demo_world, "teacher", "student7", "parent1", "director")
    own = {lesson["id"] for lesson in await teacher.lessons()}
    of_class = {lesson["id"] for lesson in await pupil.lessons()}
    assert own < of_class == {lesson["id"] for lesson in await parent.lessons()}
    everything = await director.lessons()
    assert of_class < {lesson["id"] for lesson in everything}
    assert {lesson["group"] for lesson in everything} == {f"{grade} «А»" for grade in range(5, 12)}


async def test_no_teacher_and_no_class_has_two_lessons_at_once(demo_world: World) -> None:
    """But for what is added so that `teacher` has a lesson now."""
    [director] = await _be(demo_world, "director")
    for day in range(19, 24):
        seen: set[tuple[str, str]] = set()
        for lesson in await director.lessons(f"2026-10-{day}"):
            if lesson["subject"]["en"] != "Consultation":
                keys = {(lesson["starts_at"], lesson["teacher"]["id"]), (lesson["starts_at"], lesson["group"])}
                assert not keys & seen
                seen |= keys
        assert len(seen) > 80


@pytest.mark.parametrize("wall", ["22T07:58", "22T13:22", "22T23:40", "24T11:03"])
async def test_there_is_a_lesson_at_every_moment(tmp_path: Path, wall: str) -> None:
    """A Thursday and a Saturday; the job comes once a minute."""
    async with a_world(tmp_path, empty=True) as world:
        start = datetime.fromisoformat(f"2026-10-{wall}:20+05:00")
        await world.clock.advance((start - NOW).total_seconds() % (7 * 24 * 3600))
        await demo.fill_database(world.house.db, world.house.blobs)
        [teacher] = await _be(world, "teacher")
        for minute in range(60):
            if minute % 4 == 0:
                assert await _on_now(world, teacher)
            await world.clock.advance(60)
            await world.job("demo.keep_timetable")


async def test_an_ended_lesson_is_followed_by_another(demo_world: World) -> None:
    [teacher] = await _be(demo_world, "teacher")
    [lesson] = await _on_now(demo_world, teacher)
    await teacher.joins(lesson["id"])
    await teacher.ends(lesson["id"])
    assert await _on_now(demo_world, teacher) == []
    await demo_world.job("demo.keep_timetable")
    assert len(await _on_now(demo_world, teacher)) == 1


async def test_the_next_week_is_planned_when_it_comes(demo_world: World) -> None:
    [director] = await _be(demo_world, "director")
    assert await director.lessons("2026-10-26") == []
    await demo_world.clock.advance(4 * 24 * 3600)
    await demo_world.job("demo.keep_timetable")
    assert len(await director.lessons("2026-10-26")) > 40


async def test_without_a_demo_school_nothing_is_kept(world: World) -> None:
    [director] = await world.enters("director")
    before = await director.lessons()
    await world.job("demo.keep_timetable")
    assert await director.lessons() == before


async def test_a_school_of_ones_own_has_no_demo_beside_it(world: World) -> None:
    with pytest.raises(demo.DemoNotOffered):
        await demo.fill_database(world.house.db, world.house.blobs)
    with refused("wrong_credentials"):
        await world.stranger().logs_in("teacher", "demo")


moments = st.integers(0, 200).map(lambda minutes: NOW + timedelta(minutes=minutes, seconds=minutes * 7 % 60))
hours = st.builds(
    lambda at, minutes, ended: Hour(at, at + timedelta(minutes=minutes), ended),
    moments,
    st.integers(1, 90),
    st.booleans(),
)


@given(moments, st.lists(hours, max_size=6))
def test_gaps_are_filled_and_no_more(now: datetime, known: list[Hour]) -> None:
    added = demo.missing(now, known)
    live = [(hour.starts_at, hour.ends_at) for hour in known if not hour.ended]
    step, at = timedelta(seconds=20), now
    while at < now + demo.AHEAD:
        assert any(begins <= at < ends for begins, ends in (*live, *added))
        at += step
    for begins, ends in added:
        assert timedelta(0) < ends - begins <= demo.LENGTH
        assert not any(max(begins, other) < min(ends, until) for other, until in live if until > now)
    assert demo.missing(now, [*known, *(Hour(begins, ends, False) for begins, ends in added)]) == []


def test_an_added_lesson_begins_at_the_last_full_five_minutes() -> None:
    now = datetime(2026, 10, 24, 16, 38, 12, tzinfo=UTC)
    assert demo.missing(now, [])[0] == (now.replace(minute=35, second=0), now.replace(hour=17, minute=20, second=0))


async def _on_now(world: World, teacher: Person) -> list[dict[str, Any]]:
    now = world.clock.now().isoformat().replace("+00:00", "Z")
    return [
        lesson
        for lesson in await teacher.lessons()
        if lesson["state"] != "ended" and lesson["starts_at"] <= now < lesson["ends_at"]
    ]


async def _all_lessons(world: World) -> list[str]:
    [director] = await _be(world, "director")
    return [lesson["id"] for lesson in await director.lessons()]
