"""The stories of a lesson in Firefox, and a call between Firefox and Chromium."""

import asyncio
import os
import signal

from tests.browser.firefox import FirefoxCrowd
from tests.browser.test_lesson import unplanned
from tests.browser.visitor import Crowd
from tests.support.running import Running


async def test_two_people_meet_in_firefox_and_mute_and_unmute(open_server: Running, foxes: FirefoxCrowd) -> None:
    lesson = await unplanned(open_server)
    people = [
        await (await foxes.visitor(open_server, language="kk")).log_in_by_form("teacher"),
        await (await foxes.visitor(open_server, language="ru")).log_in("student1"),
    ]
    for one in people:
        await one.enter(lesson)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in people))
    await people[1].press("m")
    await people[1].press("v")
    await people[0].receives(videos=0, sounds=0)
    await people[1].press("m")
    await people[1].press("v")
    await people[0].receives(videos=1, sounds=1)


async def test_firefox_and_chromium_meet_write_and_survive_a_media_process(
    open_server: Running, foxes: FirefoxCrowd, crowd: Crowd
) -> None:
    lesson = await unplanned(open_server)
    teacher = await (await crowd.visitor(open_server, language="kk")).log_in("teacher")
    pupil = await (await foxes.visitor(open_server, language="en")).log_in("student2")
    await teacher.enter(lesson)
    await pupil.enter(lesson)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in (teacher, pupil)))
    await pupil.write("Hello from Firefox")
    await teacher.page.locator("[data-message]").get_by_text("Hello from Firefox").wait_for()
    assert open_server.process
    for plane in set(open_server.group()) - {open_server.process.pid}:
        os.kill(plane, signal.SIGKILL)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in (teacher, pupil)))
