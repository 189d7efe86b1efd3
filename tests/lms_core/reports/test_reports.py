"""The report of a lesson: minutes present, who may read it, and what it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from lms_core.kernel.ids import PersonId, RoomId
from lms_core.lessons import core
from lms_core.lessons import service as lessons
from tests.support.story import Person, refused
from tests.support.world import World

AT = datetime(2026, 10, 22, 5, tzinfo=UTC)


def minutes(*spans: tuple[float, float]) -> float:
    found = core.seconds_there((AT + timedelta(minutes=a), AT + timedelta(minutes=b)) for a, b in spans)
    return found / 60


@pytest.mark.complaint(1)
def test_minutes_are_counted_once() -> None:
    assert minutes() == 0
    assert minutes((0, 10)) == 10
    assert minutes((0, 10), (10, 15)) == 15
    assert minutes((5, 15), (0, 10)) == 15, "two devices at once"
    assert minutes((0, 40), (5, 10)) == 40
    assert minutes((0, 10), (20, 25)) == 15
    assert minutes((10, 5)) == 0, "clocks that ran backwards give nothing"


async def stay(world: World, person: Person, room: str, came: float, went: float | None, spoke: float = 0) -> None:
    presence, who = f"part-{person.name}-{came}", PersonId(str(person.id))
    here = RoomId(room)
    await world.run(lambda tx: lessons.record_entered(tx, here, presence, who, AT + timedelta(minutes=came)))
    if went is not None:
        left = AT + timedelta(minutes=went)
        await world.run(lambda tx: lessons.record_left(tx, here, presence, who, left, spoke))


@pytest.mark.req("S456-27.10")
@pytest.mark.complaint(3)
async def test_minutes_words_and_speech_of_each_are_kept_and_shown_to_the_teacher_only(world: World) -> None:
    anna, misha, dina, director = await world.enters("anna", "misha", "dina", "director")
    lesson, room = world.school.algebra.id, world.school.algebra.room_id
    await anna.joins(lesson)
    await stay(world, misha, room, 0, 20, spoke=61.4)
    await stay(world, misha, room, 25, 40, spoke=9)
    await misha.writes(room, "түсіндім")
    await anna.ends(lesson)
    report = await anna.asks("lesson_report", lesson_id=lesson)
    assert (report["expected"], report["present"]) == (2, 1)
    by_name = {line["name"]: line for line in report["lines"]}
    assert by_name["Misha Оспан"] | {"person_id": ""} == {
        "person_id": "", "name": "Misha Оспан", "expected": True, "minutes": 35, "spoke": 70, "times": 2,
        "came": "2026-10-22T05:00:00Z", "went": "2026-10-22T05:40:00Z", "messages": 1, "polls": 0,
    }  # fmt: skip
    absent = by_name["Dina Оспан"]
    assert (absent["minutes"], absent["times"], absent["came"]) == (0, 0, None)
    assert (await director.asks("lesson_report", lesson_id=lesson))["present"] == 1
    for pupil in (misha, dina):
        with refused("forbidden", 403):
            await pupil.asks("lesson_report", lesson_id=lesson)


@pytest.mark.complaint(3)
async def test_a_report_is_there_a_year_later_and_of_nobody_elses_lesson(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    lesson, room = world.school.algebra.id, world.school.algebra.room_id
    await anna.joins(lesson)
    await stay(world, misha, room, 0, 30)
    await anna.ends(lesson)
    await world.clock.advance(360 * 24 * 3600)
    await world.job("lessons.forget_visits")
    anna, boris = await world.enters("anna", "boris")
    assert (await anna.asks("lesson_report", lesson_id=lesson))["present"] == 1
    with refused("not_found", 404):
        await boris.asks("lesson_report", lesson_id=lesson)
