"""The calendar of a person, as their own program reads it."""

from typing import Any

from icalendar import Calendar

from tests.support.story import refused
from tests.support.world import World


async def fetched(world: World, token: str) -> tuple[int, Any]:
    async with world.http.get(f"/calendar/{token}.ics") as answer:
        return answer.status, Calendar.from_ical(await answer.text()) if answer.status == 200 else await answer.json()


async def test_the_address_is_read_without_logging_in_and_holds_ones_own_lessons(world: World) -> None:
    [misha] = await world.enters("misha")
    assert await misha.asks("read_calendar_link") == {"made": None, "token": None}
    token = (await misha.asks("make_calendar_link"))["token"]
    assert (await misha.asks("read_calendar_link"))["token"] is None, "shown once"
    status, calendar = await fetched(world, token)
    assert status == 200
    seen = {str(event["uid"]): event for event in calendar.walk("VEVENT")}
    school = world.school
    assert {f"{one.id}@sabaq" for one in (school.algebra, school.yesterday, school.tomorrow)} == seen.keys()
    event = seen[f"{school.algebra.id}@sabaq"]
    assert event["dtstart"].dt.isoformat() == "2026-10-22T04:50:00+00:00"
    assert str(event["url"]).endswith(f"/lessons/{school.algebra.id}")
    assert str(event["status"]) == "CONFIRMED"


async def test_an_address_ends_with_a_new_one_by_hand_and_with_all_log_ins(world: World) -> None:
    [misha] = await world.enters("misha")
    first = (await misha.asks("make_calendar_link"))["token"]
    second = (await misha.asks("make_calendar_link"))["token"]
    assert (await fetched(world, first))[0] == 404
    assert (await fetched(world, second))[0] == 200
    await misha.asks("end_calendar_link")
    status, problem = await fetched(world, second)
    assert (status, problem["code"]) == (404, "not_found")
    third = (await misha.asks("make_calendar_link"))["token"]
    await world.clock.advance(1)
    await misha.asks("log_out_everywhere")
    assert (await fetched(world, third))[0] == 404
    with refused("not_logged_in"):
        await misha.asks("make_calendar_link")


async def test_who_guesses_is_slowed_down(world: World) -> None:
    codes = {(await fetched(world, f"guess-{number}"))[0] for number in range(61)}
    assert codes == {404, 429}
