"""The stories of a lesson in Firefox, and a call between Firefox and Chromium."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.browser.firefox import FirefoxCrowd, firefox
from tests.browser.test_lesson import unplanned
from tests.browser.visitor import Crowd
from tests.support.running import Running, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On every address: Firefox offers no loopback candidates on a machine that has others."""
    with running(tmp_path_factory.mktemp("firefox"), environ={"SABAQ_HOST": "0.0.0.0"}) as started:
        yield started


@pytest.fixture
async def foxes() -> AsyncIterator[FirefoxCrowd]:
    async with firefox() as made:
        yield made


async def test_two_people_meet_in_firefox_and_mute_and_unmute(server: Running, foxes: FirefoxCrowd) -> None:
    lesson = await unplanned(server)
    people = [
        await (await foxes.visitor(server, language="kk")).log_in("teacher"),
        await (await foxes.visitor(server, language="ru")).log_in("student1"),
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
    server: Running, foxes: FirefoxCrowd, crowd: Crowd
) -> None:
    lesson = await unplanned(server)
    teacher = await (await crowd.visitor(server, language="kk")).log_in("teacher")
    pupil = await (await foxes.visitor(server, language="en")).log_in("student2")
    await teacher.enter(lesson)
    await pupil.enter(lesson)
    await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in (teacher, pupil)))
    await pupil.write("Hello from Firefox")
    await teacher.page.locator("[data-message]").get_by_text("Hello from Firefox").wait_for()
    assert server.process
    for plane in set(server.group()) - {server.process.pid}:
        os.kill(plane, signal.SIGKILL)
    await asyncio.gather(*(one.receives(videos=1, sounds=1, within=30) for one in (teacher, pupil)))
