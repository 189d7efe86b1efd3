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


async def test_the_end_of_a_started_lesson_is_known_only_then(world: World) -> None:
    anna, director = await world.enters("anna", "director")
    lesson = await anna.starts("Олимпиада")
    watch = await director.watches_lessons()
    await world.clock.advance(1200)
    await anna.ends(lesson["id"])
    [seen] = [item for item in watch.state["items"] if item["id"] == lesson["id"]]
    assert (seen["state"], seen["ends_at"]) == ("ended", "2026-10-22T05:15:00Z")
    golden.check("sync/started_lesson", golden.with_plain_ids(watch.triple()))


async def test_who_comes_late_or_comes_back_reads_what_was_missed(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    room = world.school.algebra.room_id
    position = (await misha.asks("list_messages", room_id=room))["position"]
    await anna.joins(world.school.algebra.id)
    for text in ("бір", "екі"):
        await anna.writes(room, text)
    missed = await misha.commands("subscribe", {"topic": f"room:{room}", "position": position})
    assert [told["body"]["text"] for told in missed["events"]] == ["бір", "екі"]
    assert [told["topic"] for told in missed["events"]] == [f"room:{room}"] * 2
    again = await misha.commands("subscribe", {"topic": f"room:{room}", "position": missed["position"]})
    assert again == {"position": missed["position"], "events": []}
