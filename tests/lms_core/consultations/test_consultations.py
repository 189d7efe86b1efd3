"""Consultations as teachers and learners live them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from lms_core.consultations import core
from lms_core.kernel.errors import Refusal
from tests.support.story import refused
from tests.support.world import World

SLOTS = {"day": "2026-10-22", "begins": "15:30", "minutes": 20, "count": 2, "places": 1, "title": "Теңдеулер"}
NOW = datetime(2026, 10, 22, 5, tzinfo=UTC)


@pytest.mark.req("S141-26-1.T4")
async def test_a_slot_is_opened_booked_held_and_only_its_people_are_in_it(world: World) -> None:
    anna, misha, dina, erlan = await world.enters("anna", "misha", "dina", "erlan")
    first, second = (await anna.asks("open_consultations", SLOTS))["items"]
    assert [first["starts_at"], second["starts_at"]] == ["2026-10-22T10:30:00Z", "2026-10-22T10:50:00Z"]
    assert [one["mine"] for one in (await misha.asks("list_consultations"))["items"]] == ["free", "free"]
    assert (await erlan.asks("list_consultations"))["items"] == [], "anna does not teach 10 «Б»"
    booked = await misha.asks("book_consultation", lesson_id=first["lesson_id"])
    assert (booked["mine"], booked["booked"], booked["booked_by"]) == ("booked", 1, [])
    with refused("consultation_full", 409):
        await dina.asks("book_consultation", lesson_id=first["lesson_id"])
    with refused("not_found", 404):
        await erlan.asks("book_consultation", lesson_id=second["lesson_id"])
    [led, _] = (await anna.asks("list_consultations"))["items"]
    assert [one["name"] for one in led["booked_by"]] == ["Misha Оспан"]
    assert first["lesson_id"] in [one["id"] for one in await misha.lessons()]
    assert first["lesson_id"] not in [one["id"] for one in await dina.lessons()]
    await anna.joins(first["lesson_id"])
    assert (await misha.joins(first["lesson_id"]))["lesson"]["my_part"] == "join"
    with refused("not_found", 404):
        await dina.joins(first["lesson_id"])
    with refused("consultation_over", 409):
        await misha.asks("give_consultation_back", lesson_id=first["lesson_id"])
    with refused("lesson_begun", 409):
        await anna.asks("call_consultation_off", lesson_id=first["lesson_id"])


async def test_a_place_is_booked_once_given_back_and_taken_by_another(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    [slot] = (await anna.asks("open_consultations", SLOTS | {"count": 1}))["items"]
    booked = [await misha.asks("book_consultation", lesson_id=slot["lesson_id"]) for _ in range(2)]
    assert [one["booked"] for one in booked] == [1, 1]
    free = await misha.asks("give_consultation_back", lesson_id=slot["lesson_id"])
    assert (free["booked"], free["mine"]) == (0, "free")
    await dina.asks("book_consultation", lesson_id=slot["lesson_id"])
    await anna.asks("call_consultation_off", lesson_id=slot["lesson_id"])
    with refused("consultation_over", 409):
        await misha.asks("book_consultation", lesson_id=slot["lesson_id"])
    [seen] = (await dina.asks("list_consultations"))["items"]
    assert (seen["mine"], seen["state"]) == ("booked", "cancelled")
    assert (await misha.asks("list_consultations"))["items"] == []


async def test_everybody_booking_at_once_leaves_nobody_doubled(world: World) -> None:
    import asyncio

    anna, misha, dina = await world.enters("anna", "misha", "dina")
    [slot] = (await anna.asks("open_consultations", SLOTS | {"count": 1}))["items"]
    both = (misha.asks("book_consultation", lesson_id=slot["lesson_id"]) for _ in range(3))
    other = (dina.asks("book_consultation", lesson_id=slot["lesson_id"]) for _ in range(3))
    answers = await asyncio.gather(*both, *other, return_exceptions=True)
    winners = {one["booked"] for one in answers if isinstance(one, dict)}
    assert winners == {1}
    assert len([one for one in answers if isinstance(one, BaseException)]) == 3
    [led] = (await anna.asks("list_consultations"))["items"]
    assert len(led["booked_by"]) == 1


async def test_what_cannot_be_opened_is_refused(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    with refused("forbidden", 403):
        await misha.asks("open_consultations", SLOTS)
    with refused("teacher_busy", 409):
        await anna.asks("open_consultations", SLOTS | {"begins": "10:00", "minutes": 5})
    for wrong in ({"day": "2026-10-21"}, {"count": 0}, {"count": 41}, {"places": 31}, {"day": "2030-01-01"}):
        with refused("consultation_unfit", 422):
            await anna.asks("open_consultations", SLOTS | wrong)
    for wrong in ({"begins": "25:00"}, {"minutes": 0}, {"begins": "soon"}):
        with refused("hour_unfit", 422):
            await anna.asks("open_consultations", SLOTS | wrong)
    assert (await anna.asks("list_consultations"))["items"] == []


@contextmanager
def says(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as no:
        yield
    assert no.value.code == code


def test_slots_follow_each_other() -> None:
    first = NOW + timedelta(hours=1)
    assert core.check_slots(first, 15, 3, 1, NOW) == [first + timedelta(minutes=15 * at) for at in range(3)]
    with says("consultation_unfit"):
        core.check_slots(NOW - timedelta(seconds=1), 15, 1, 1, NOW)
    with says("consultation_over"):
        core.check_booking(True, NOW, NOW)
    with says("consultation_full"):
        core.check_place(2, 2)
