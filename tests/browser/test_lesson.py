"""The stories of a lesson that must never break: people meet, hear and see each other, show and write."""

import asyncio
import os
import signal

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.visitor import PHONE, Crowd, Visitor
from tests.support.running import Caller, Running


async def unplanned(server: Running) -> str:
    """A lesson of `teacher`, open already; its id."""
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        return (await teacher("POST", "/api/lessons", {"title": "Браузер"}))["id"]


async def two(server: Running, crowd: Crowd, lesson: str, language: str) -> tuple[Visitor, Visitor]:
    """The teacher, who reads Kazakh, and a pupil in a lesson."""
    teacher, pupil = await crowd.visitor(server), await crowd.visitor(server, language=language)
    await asyncio.gather(teacher.joins("teacher", lesson), pupil.joins("student1", lesson))
    return teacher, pupil


@pytest.mark.req("S456-27.10")
async def test_three_people_meet_and_all_see_and_hear_each_other(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    people = [
        await (await crowd.visitor(server, language="kk")).log_in_by_form("teacher"),
        await crowd.visitor(server, language="ru"),
        await crowd.visitor(server, language="en", size=PHONE),
    ]
    await people[0].enter(lesson)
    await asyncio.gather(people[1].joins("student1", lesson), people[2].joins("student2", lesson))
    await asyncio.gather(*(one.receives(videos=2, sounds=2) for one in people))
    await _looks_at_the_line(people[2])
    await people[1].page.keyboard.press("m")
    await people[1].page.keyboard.press("v")
    await asyncio.gather(people[0].receives(videos=1, sounds=1), people[2].receives(videos=1, sounds=1))
    await people[1].page.keyboard.press("m")
    await people[1].page.keyboard.press("v")
    await people[0].receives(videos=2, sounds=2)
    await people[2].page.close()
    await people[0].receives(videos=1, sounds=1)


async def _looks_at_the_line(one: Visitor) -> None:
    """By keyboard: figures of both ways, those of the way down from the server."""
    word = one.page.locator("header button[aria-haspopup=dialog]")
    size = await word.bounding_box()
    assert size and min(size["width"], size["height"]) >= 44
    await word.focus()
    await one.page.keyboard.press("Enter")
    window = one.page.get_by_role("dialog", name=one.say("line.title"))
    figures = window.locator("dd")
    await expect(figures).to_have_count(6)
    for figure in range(6):
        await expect(figures.nth(figure)).not_to_have_text(one.say("line.unknown"))
    await window.get_by_text(one.say("line.helper")).click()
    await expect(window.locator("pre")).to_contain_text(one.say("line.counts.repaired"))
    assert await one.accessible() == []
    assert await one.wide() <= 0
    await one.page.keyboard.press("Escape")
    await expect(window).to_have_count(0)
    await expect(word).to_be_focused()


async def test_who_is_early_waits_and_is_let_in_when_the_teacher_comes(server: Running, crowd: Crowd) -> None:
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in("teacher")
        lessons = (await caller("GET", "/api/lessons"))["items"]
        lesson = next(lesson["id"] for lesson in lessons if lesson["planned"])
    pupil = await crowd.visitor(server, language="ru")
    await pupil.log_in("student3", opens=f"/lessons/{lesson}")
    await pupil.press_enter()
    await expect(pupil.page.get_by_text(pupil.say("before.waiting"), exact=True)).to_be_visible()
    teacher = await (await crowd.visitor(server)).log_in("teacher")
    await teacher.page.locator(f'[data-lesson="{lesson}"]').get_by_role("link", name=teacher.say("today.enter")).click()
    await teacher.press_enter()
    await asyncio.gather(teacher.inside(), pupil.inside())
    await pupil.receives(videos=1, sounds=1)


@pytest.mark.req("S141-26-1.L1")
async def test_what_was_written_is_read_by_all_and_after_a_reload(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    teacher, pupil = await two(server, crowd, lesson, "ru")
    for writer, text in ((teacher, "Сәлем, 11 «А»!"), (pupil, "Здравствуйте <b>все</b>")):
        box = writer.page.get_by_label(writer.say("chat.write"))
        await box.fill(text)
        await box.press("Enter")
        for reader in (teacher, pupil):
            await expect(reader.page.locator("[data-message]").get_by_text(text)).to_be_visible()
        await expect(box).to_have_value("")
    await pupil.page.reload()
    await pupil.inside()
    await expect(pupil.page.locator("[data-message]")).to_have_count(2)
    await asyncio.gather(pupil.receives(videos=1, sounds=1), teacher.receives(videos=1, sounds=1))
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in("student1")
        room = (await caller("GET", f"/api/lessons/{lesson}"))["lesson"]["room_id"]
        kept = await caller("GET", f"/api/rooms/{room}/messages")
    assert [message["text"] for message in kept["items"]] == ["Сәлем, 11 «А»!", "Здравствуйте <b>все</b>"]


async def test_a_shown_screen_becomes_the_stage_of_all(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    teacher, pupil = await two(server, crowd, lesson, "en")
    await pupil.receives(videos=1, sounds=1)
    await teacher.button("room.screen").click()
    await expect(pupil.page.locator('[data-stage="screen"]')).to_be_visible()
    late = await (await crowd.visitor(server, language="ru")).joins("student2", lesson)
    await expect(late.page.locator('[data-stage="screen"]')).to_be_visible()
    await pupil.page.wait_for_function(
        "document.querySelector('[data-stage=screen] video[data-publication]')?.videoWidth > 0"
    )
    await teacher.button("room.screen").click()
    await expect(pupil.page.locator('[data-stage="screen"]')).to_have_count(0)
    await pupil.receives(videos=2, sounds=2)


async def test_a_media_process_may_die_and_the_lesson_goes_on(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    people = await two(server, crowd, lesson, "kk")
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in people))
    await people[1].page.keyboard.press("m")
    await people[0].receives(videos=1, sounds=0)
    assert server.process
    for plane in set(server.group()) - {server.process.pid}:
        os.kill(plane, signal.SIGKILL)
    await asyncio.gather(people[0].receives(videos=1, sounds=0), people[1].receives(videos=1, sounds=1))


async def test_who_has_no_camera_may_listen_and_write(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    teacher = await (await crowd.visitor(server)).joins("teacher", lesson)
    pupil = await crowd.visitor(server, language="ru")
    await pupil.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError') }"
    )
    await pupil.joins("student4", lesson)
    await pupil.receives(videos=1, sounds=1)
    box = pupil.page.get_by_label(pupil.say("chat.write"))
    await box.fill("слышу вас")
    await box.press("Enter")
    await expect(teacher.page.locator("[data-message]").get_by_text("слышу вас")).to_be_visible()


async def test_the_teacher_ends_the_lesson_for_all(server: Running, crowd: Crowd) -> None:
    lesson = await unplanned(server)
    teacher, pupil = await two(server, crowd, lesson, "ru")
    await teacher.button("room.leave").click()
    await teacher.button("room.endForAll").click()
    await expect(pupil.page.get_by_role("heading", name=pupil.say("after.closed.title"))).to_be_visible()
