"""A lesson from the timetable to its end, as its people live it."""

import pytest

from tests.support import golden
from tests.support.story import refused
from tests.support.world import World


@pytest.mark.req("S456-27.10")
async def test_a_lesson_from_opening_to_end(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    lesson = world.school.algebra.id
    for person in (anna, misha, dina):
        await person.watches_lessons()
    with refused("lesson_not_open", 409):
        await misha.joins(lesson)
    led, joined = await anna.joins(lesson), await misha.joins(lesson)
    assert led["room_id"] == joined["room_id"] == world.school.algebra.room_id
    assert [await person.lesson(lesson) for person in (anna, misha)] == [led["lesson"], joined["lesson"]]
    assert (led["lesson"]["my_part"], joined["lesson"]["my_part"]) == ("lead", "join")
    assert (await misha.lesson(lesson))["state"] == "open"
    await anna.ends(lesson)
    with refused("lesson_ended", 409):
        await dina.joins(lesson)
    await anna.joins(lesson)  # opens it again
    await dina.joins(lesson)
    golden.check("sync/lessons", golden.with_plain_ids(misha.watches[0].triple()))
