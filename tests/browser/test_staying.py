"""A lesson stays on the screen, whatever the server is busy with."""

import asyncio
import signal

from playwright.async_api import expect

from tests.browser.test_lesson import unplanned
from tests.browser.test_locks import FRESH, School, _enters, _heading, _visitor, own, own_school
from tests.browser.visitor import PHONE, Crowd, picture
from tests.support.running import Caller, Running

__all__ = ["own", "own_school"]


async def test_a_server_taken_down_for_a_moment_leaves_the_lesson_on_the_screen(
    own_server: Running, crowd: Crowd
) -> None:
    lesson = await unplanned(own_server)
    people = [
        await (await crowd.visitor(own_server)).joins("teacher", lesson),
        await (await crowd.visitor(own_server, language="ru", size=PHONE)).joins("student1", lesson),
    ]
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in people))
    await asyncio.to_thread(own_server.end, signal.SIGTERM, 60)
    for one in people:
        await expect(one.page.get_by_text(one.say("room.reconnecting"))).to_be_visible()
        await expect(one.page.locator('[data-room="in"]')).to_be_visible()
        await expect(one.page.get_by_role("heading", name=one.say("lost.unavailable"), exact=True)).to_have_count(0)
        await one.page.screenshot(path=picture(f"staying-{one.language}"))
    await asyncio.to_thread(own_server.start)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in people))
    for one in people:
        one.complaints = [text for text in one.complaints if "Failed to load" not in text and "WebSocket" not in text]


async def test_what_must_be_done_first_waits_until_the_lesson_is_over(own_school: School, crowd: Crowd) -> None:
    school = own_school
    _, login, slip = await school.person("Жұмабек", "Дана", role="teacher")
    caller = await Caller(school.server, school.admin.http).log_in(login, slip)
    await caller("POST", "/api/me/password", {"old": slip, "new": FRESH})
    lesson = (await caller("POST", "/api/lessons", {"title": "Ашық сабақ"}))["id"]
    one = await _visitor(school, crowd, "kk", PHONE)
    await one.go(f"/lessons/{lesson}")
    await _enters(one, login, FRESH)
    await one.press_enter()
    await one.inside()
    await school.admin("PUT", f"/api/organisations/{school.id}/locks", {"second_factor": "staff"})
    refused = await one.page.evaluate(f"fetch('/api/lessons/{lesson}').then(answer => answer.status)")
    assert refused == 403
    await one.page.get_by_label(one.say("chat.write")).fill("сәлем")
    await one.page.get_by_label(one.say("chat.write")).press("Enter")
    await expect(one.page.get_by_text(one.say("lesson.held.second_factor_setup_needed"), exact=True)).to_be_visible()
    await expect(one.page.locator('[data-room="in"]')).to_be_visible()
    await expect(one.page.get_by_text(one.say("room.reconnecting"))).to_have_count(0)
    await one.page.screenshot(path=picture("staying-held-kk"))
    await one.button("room.leave").click()
    await one.button("room.leaveAlone").click()
    await _heading(one, "locks.heldSecond")
    one.complaints = [text for text in one.complaints if "403" not in text]
