"""A teacher leads: hands, rights, silence, the lobby, groups, the timer. Pupils keep theirs over a reload."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.visitor import PATIENCE, PHONE, Crowd, Visitor
from tests.support.running import Caller, Running


async def lesson_of(server: Running) -> str:
    """A lesson of `teacher`, open already; its id."""
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        return (await teacher("POST", "/api/lessons", {"title": "Басқару"}))["id"]


async def class_of(server: Running, crowd: Crowd, *pupils: str) -> tuple[Visitor, list[Visitor]]:
    """A teacher and pupils in one room; the second pupil has a phone."""
    lesson = await lesson_of(server)
    teacher = await crowd.visitor(server, language="en")
    looks = zip(("ru", "kk"), ((1440, 900), PHONE), strict=True)
    people = [
        await crowd.visitor(server, language=one, size=size) for (one, size), _ in zip(looks, pupils, strict=False)
    ]
    await teacher.joins("teacher", lesson)
    await asyncio.gather(*(one.joins(login, lesson) for one, login in zip(people, pupils, strict=True)))
    return teacher, people


async def panel(one: Visitor, name: str) -> None:
    """Open a tab of the side panel."""
    tab = one.page.locator(f"[data-panel={name}]")
    await tab.click()
    await expect(tab).to_have_attribute("aria-selected", "true")


async def row_of(teacher: Visitor, person: Visitor) -> Any:
    """The opened row of a person in the teacher's list."""
    me = await my_id(person)
    row = teacher.page.locator(f'[data-person="{me}"]')
    if not await row.locator("[data-deed]").count():
        await row.locator("button[aria-expanded]").click()
    return row


async def my_id(one: Visitor) -> str:
    text = one.say("room.you")
    tile = one.page.locator("[data-tile]").filter(has_text=text).first
    return str(await tile.get_attribute("data-tile"))


async def test_hands_stand_in_order_and_outlive_a_reload(server: Running, crowd: Crowd) -> None:
    teacher, (first, second) = await class_of(server, crowd, "student1", "student2")
    await first.page.keyboard.press("h")
    await expect(teacher.page.locator("[data-calls]")).to_have_text("1")
    await second.button("room.hand.own").click()
    await teacher.page.keyboard.press("h")
    hands = teacher.page.locator("[data-raised]")
    order = [await my_id(first), await my_id(second)]
    await expect(hands).to_have_count(2)
    assert [await hand.get_attribute("data-raised") for hand in await hands.all()] == order
    await first.page.reload()
    await first.inside()
    await expect(first.page.get_by_role("button", name=first.say("room.hand.own"))).to_have_attribute(
        "aria-pressed", "true"
    )
    await expect(hands).to_have_count(2)
    assert [await hand.get_attribute("data-raised") for hand in await hands.all()] == order
    await hands.first.get_by_role("button", name=teacher.say("room.hand.give")).click()
    await expect(hands).to_have_count(1)
    await expect(first.page.locator("[data-asked-yes]")).to_be_visible()
    await first.page.keyboard.press("Escape")
    assert await teacher.accessible() == []


async def test_who_was_muted_stays_so_and_is_asked_before_anything_turns_on(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(server, crowd, "student1", "student2")
    await asyncio.gather(*(one.receives(videos=2, sounds=2) for one in (teacher, pupil)))
    await panel(teacher, "lead")
    await teacher.button("room.all.mute").click()
    await teacher.receives(videos=2, sounds=0)
    await panel(teacher, "people")
    row = await row_of(teacher, pupil)
    await row.locator("[data-right=speak]").click()
    await expect(pupil.page.get_by_role("button", name=pupil.say("devices.microphone"))).to_have_attribute(
        "aria-disabled", "true"
    )
    await pupil.page.keyboard.press("m")
    await pupil.page.reload()
    await pupil.inside()
    await teacher.receives(videos=2, sounds=0)
    row = await row_of(teacher, pupil)
    await row.locator("[data-right=speak]").click()
    await expect(pupil.page.locator("[aria-disabled]")).to_have_count(0)
    await teacher.receives(videos=2, sounds=0)
    await row.locator("[data-deed=askToSpeak]").click()
    await pupil.page.locator("[data-asked-yes]").click()
    await teacher.receives(videos=2, sounds=1)
    await row.locator("[data-deed=remove]").click()
    await expect(pupil.page.get_by_role("heading", name=pupil.say("after.removed.title"))).to_be_visible()
    await other.receives(videos=1, sounds=1)


@pytest.mark.complaint(1)
async def test_the_lobby_holds_those_who_come_until_they_are_let_in(server: Running, crowd: Crowd) -> None:
    teacher, (pupil,) = await class_of(server, crowd, "student1")
    await panel(teacher, "lead")
    await teacher.page.get_by_label(teacher.say("room.lobby.switch")).click(force=True)
    lesson = pupil.page.url.rpartition("/")[2]
    late = await (await crowd.visitor(server, language="kk", size=PHONE)).log_in("student2", opens=None)
    await late.go(f"/lessons/{lesson}")
    await late.press_enter()
    await expect(late.page.locator("[data-door]")).to_be_visible()
    await panel(teacher, "people")
    await expect(teacher.page.locator("[data-waiting]")).to_have_count(1)
    await expect(pupil.page.locator("section li [data-tile]")).to_have_count(2)
    word = teacher.page.get_by_label(teacher.say("room.lobby.word"))
    await word.fill("Бес минуттан кейін")
    await word.press("Enter")
    await expect(late.page.locator("[data-word]")).to_contain_text("Бес минуттан кейін")
    assert await late.accessible() == []
    assert await late.wide() == 0
    await teacher.button("room.lobby.admitAll").click()
    await late.inside()
    await asyncio.gather(late.receives(videos=2, sounds=2), teacher.receives(videos=2, sounds=2))
    row = await row_of(teacher, late)
    await row.locator("[data-deed=toLobby]").click()
    await expect(late.page.locator("[data-door]")).to_be_visible()
    await teacher.receives(videos=1, sounds=1)
    await teacher.page.locator("[data-waiting]").get_by_role("button").click()
    await late.inside()
    await teacher.receives(videos=2, sounds=2)


@pytest.mark.complaint(4)
async def test_groups_hear_only_themselves_and_all_come_back(server: Running, crowd: Crowd) -> None:
    teacher, (first, second) = await class_of(server, crowd, "student1", "student2")
    await asyncio.gather(*(one.receives(videos=2, sounds=2) for one in (teacher, first, second)))
    await panel(teacher, "lead")
    await teacher.page.locator("[data-breakouts]").click()
    await teacher.page.locator("[data-open-breakouts]").click()
    for one in (first, second):
        await expect(one.page.locator("[data-breakout]")).to_be_visible()
    await expect(teacher.page.locator("[data-closes]")).to_be_visible()
    await asyncio.gather(*(one.receives(videos=0, sounds=0) for one in (first, second)))
    await first.page.locator("[data-help]").click()
    place = await first.page.locator("[data-breakout]").get_attribute("data-breakout")
    group = teacher.page.locator(f'[data-place="{place}"]')
    await expect(group.get_by_text(teacher.say("room.help.called"))).to_be_visible()
    await group.get_by_role("button").click()
    await asyncio.gather(first.receives(videos=1, sounds=1), second.receives(videos=0, sounds=0))
    await first.page.reload()
    await first.inside()
    assert await first.page.locator("[data-breakout]").get_attribute("data-breakout") == place
    call = teacher.page.get_by_label(teacher.say("room.breakouts.word"))
    await call.fill("Екі минут қалды")
    await call.press("Enter")
    await expect(second.page.locator("[data-banner=called]")).to_contain_text("Екі минут қалды")
    await teacher.page.locator("[data-bring-back]").click()
    await expect(first.page.locator("[data-breakout]")).to_have_count(0)
    await asyncio.gather(*(one.receives(videos=2, sounds=2) for one in (teacher, first, second)))


async def test_the_timer_runs_reactions_fly_and_chance_picks(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(server, crowd, "student1", "student2")
    await panel(teacher, "lead")
    await teacher.button("room.timer.start").click()
    for one in (teacher, pupil, other):
        await expect(one.page.locator("[data-timer]")).to_be_visible()
    await pupil.button("room.more").click()
    await pupil.page.locator("[data-react=clap]").click()
    for one in (teacher, pupil, other):
        await expect(one.page.locator("[data-reaction=clap]")).to_be_visible()
    await teacher.button("room.all.pick").click()
    for one in (teacher, pupil, other):
        await expect(one.page.locator("[data-banner=picked]")).to_be_visible()
    await teacher.button("room.timer.stop").click()
    await expect(other.page.locator("[data-timer]")).to_have_count(0)
    assert await other.wide() == 0


SMALL, LARGE = (180, 180), (360, 720)
"""Lines of the layers of a camera; how many there are is for its machine to say."""


async def shown_as(one: Visitor, lines: tuple[int, int]) -> None:
    """Wait until the only picture that comes has so many lines, and goes on."""
    seen, until = set[int](), time.monotonic() + PATIENCE
    while not any(lines[0] <= height <= lines[1] for height in seen):
        assert time.monotonic() < until, f"wanted {lines} lines, came {seen}"
        await asyncio.sleep(0.2)
        seen = {each["frameHeight"] for each in (await one.stats()).values()}
    await one.receives(videos=1, sounds=1)


async def freezes(one: Visitor) -> int:
    return sum(each["freezeCount"] for each in (await one.stats()).values())


@pytest.mark.complaint(8)
async def test_a_page_asks_only_for_the_pictures_it_shows(server: Running, crowd: Crowd) -> None:
    _, (pupil,) = await class_of(server, crowd, "student1")
    await pupil.receives(videos=1, sounds=1)
    for mode, videos in (("sound", 0), ("all", 1)):
        await pupil.button("room.more").click()
        await pupil.page.get_by_role("menuitem", name=pupil.say("room.seeing.title")).click()
        await pupil.page.get_by_label(pupil.say("room.saving.title")).select_option(mode)
        await pupil.page.keyboard.press("Escape")
        await pupil.receives(videos=videos, sounds=1)
    await shown_as(pupil, LARGE)
    still = await freezes(pupil)
    await pupil.page.set_viewport_size({"width": 280, "height": 500})
    await shown_as(pupil, SMALL)
    await pupil.page.set_viewport_size({"width": 1440, "height": 900})
    await shown_as(pupil, LARGE)
    assert await freezes(pupil) - still <= 1, "a switch is not seen, unless the machine itself stood still"
    await pupil.page.keyboard.press("g")
    await pupil.page.reload()
    await pupil.inside()
    await expect(pupil.page.locator("[data-stage]")).to_have_count(0)
    await pupil.receives(videos=1, sounds=1)


async def test_a_recording_is_shown_to_all_and_nobody_is_in_it_who_does_not_agree(
    server: Running, crowd: Crowd
) -> None:
    teacher, (pupil, other) = await class_of(server, crowd, "student1", "student2")
    await panel(teacher, "lead")
    await teacher.page.locator("[data-recording-button]").click()
    for one in (teacher, pupil, other):
        await expect(one.page.locator("[data-recording]")).to_be_visible()
    for one in (pupil, other):
        dialog = one.page.locator("[data-consent=no]")
        if await dialog.count():
            await dialog.click()
        await expect(dialog).to_have_count(0)
    await asyncio.gather(*(one.receives(videos=2, sounds=2) for one in (teacher, pupil, other)))
    await teacher.page.locator("[data-recording-button]").click()
    for one in (teacher, pupil, other):
        await expect(one.page.locator("[data-recording]")).to_have_count(0)


async def test_a_background_is_blurred_by_this_computer_alone(server: Running, crowd: Crowd) -> None:
    lesson = await lesson_of(server)
    pupil = await crowd.visitor(server, language="ru")
    await pupil.log_in("student1", opens=f"/lessons/{lesson}")
    await pupil.page.get_by_label(pupil.say("devices.blur")).click(force=True)
    video = pupil.page.get_by_label(pupil.say("devices.picture"))
    for _ in range(120):
        await asyncio.sleep(0.5)
        if await video.count() and await video.evaluate("(one) => one.currentTime > 0.5") and await blurs(pupil):
            break
    assert await blurs(pupil)
    assert await pupil.accessible() == []
    await pupil.press_enter()
    await pupil.inside()
    teacher = await (await crowd.visitor(server)).joins("teacher", lesson)
    await teacher.receives(videos=1, sounds=1)
    pupil.complaints[:] = [text for text in pupil.complaints if "GL" not in text]


async def blurs(one: Visitor) -> bool:
    """Whether the page has read the model that tells a person from what is behind them."""
    names = "performance.getEntriesByType('resource').map(({name}) => new URL(name).pathname)"
    return "/blur/selfie_segmentation.binarypb" in await one.page.evaluate(names)
