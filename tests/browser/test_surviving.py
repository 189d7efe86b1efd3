"""What breaks, and what it must not cost: the same person, hand, silence and place come back by themselves."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import expect

from tests.browser.test_leading import class_of, my_id, panel
from tests.browser.visitor import Crowd, Visitor
from tests.support.running import Running

BACK_WITHIN = 2.0
"""Seconds after the network is back within which sound must be heard again."""
NETWORK_NOISE = ("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION", "WebSocket connection", "503 (Service", "net::ERR")


async def silent_with_raised_hand(teacher: Visitor, pupil: Visitor) -> str:
    """The pupil is muted, has no picture and a raised hand; their id."""
    await pupil.page.keyboard.press("m")
    await pupil.page.keyboard.press("v")
    await pupil.page.keyboard.press("h")
    await expect(teacher.page.locator("[data-calls]")).to_have_text("1")
    await teacher.receives(videos=1, sounds=1)
    return await my_id(pupil)


async def unchanged(teacher: Visitor, pupil: Visitor, me: str) -> None:
    """The pupil still is who they were: silent, unseen, hand raised, and there once."""
    await pupil.inside()
    assert await my_id(pupil) == me
    await expect(teacher.page.locator(f'[data-tile="{me}"] [data-hand]').first).to_be_visible()
    await expect(teacher.page.locator("section li [data-tile]")).to_have_count(3)
    for key in ("devices.microphone", "devices.camera"):
        await expect(pupil.page.get_by_role("button", name=pupil.say(key))).to_have_attribute("aria-pressed", "false")
    await expect(pupil.page.locator("[data-trouble]")).to_have_count(0)


@asynccontextmanager
async def stopped(server: Running) -> AsyncIterator[None]:
    """For as long as it lasts nothing passes between the server and anybody, as with a cable pulled out."""
    processes = server.group()
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in processes:
            os.kill(one, signal.SIGCONT)


async def heard_again(one: Visitor, within: float) -> float:
    """Seconds until sound comes in again; fails when it does not within `within`."""
    began, last = time.monotonic(), await energy(one)
    while (now := await energy(one)) <= last:
        assert time.monotonic() - began < within, f"no sound after {within} s"
        last = now  # a path that was opened anew counts from nothing
        await asyncio.sleep(0.05)
    print(f"sound again after {time.monotonic() - began:.2f} s")
    return time.monotonic() - began


async def energy(one: Visitor) -> float:
    return sum(stat["totalAudioEnergy"] for stat in (await one.stats()).values())


def forgive(*people: Visitor) -> None:
    """A browser complains of a network that is away; that is no fault of the page."""
    for one in people:
        one.complaints[:] = [text for text in one.complaints if not any(noise in text for noise in NETWORK_NOISE)]


@pytest.mark.complaint(6)
async def test_a_reload(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, _) = await class_of(server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    await panel(pupil, "people")
    await pupil.page.reload()
    await unchanged(teacher, pupil, me)
    await expect(pupil.page.locator("[data-panel=people]")).to_have_attribute("aria-selected", "true")
    await asyncio.gather(teacher.receives(videos=1, sounds=1), pupil.receives(videos=2, sounds=2))


@pytest.mark.complaint(5)
async def test_a_network_that_is_away_for_five_seconds(own_server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(own_server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    await pupil.receives(videos=2, sounds=2)
    async with stopped(own_server):
        await asyncio.sleep(5)
    await asyncio.gather(*(heard_again(one, BACK_WITHIN) for one in (teacher, pupil, other)))
    await unchanged(teacher, pupil, me)
    await asyncio.gather(teacher.receives(videos=1, sounds=1), pupil.receives(videos=2, sounds=2))
    forgive(teacher, pupil, other)


@pytest.mark.complaint(5)
async def test_a_page_that_is_offline_says_so_and_comes_back(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    await pupil.receives(videos=2, sounds=2)
    await pupil.context.set_offline(True)
    await expect(pupil.page.locator("[data-trouble=cut]")).to_be_visible()
    await asyncio.sleep(3)
    await pupil.context.set_offline(False)
    await expect(pupil.page.locator("[data-trouble]")).to_have_count(0, timeout=5_000)
    await heard_again(pupil, BACK_WITHIN)
    await unchanged(teacher, pupil, me)
    await asyncio.gather(teacher.receives(videos=1, sounds=1), pupil.receives(videos=2, sounds=2))
    forgive(teacher, pupil, other)


@pytest.mark.complaint(6)
async def test_media_processes_that_die(own_server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(own_server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    assert own_server.process
    for first in (1, 0):  # the one of its later viewers, then both
        for plane in sorted(set(own_server.group()) - {own_server.process.pid})[first:]:
            os.kill(plane, signal.SIGKILL)
        await asyncio.gather(teacher.receives(videos=1, sounds=1), pupil.receives(videos=2, sounds=2))
    await unchanged(teacher, pupil, me)
    forgive(teacher, pupil, other)


@pytest.mark.complaint(6)
async def test_a_server_that_is_killed_and_started_again(own_server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(own_server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    await panel(teacher, "lead")
    await teacher.button("room.all.mute").click()
    await teacher.receives(videos=1, sounds=0)
    await asyncio.to_thread(own_server.kill)
    await expect(pupil.page.locator("[data-trouble=cut]")).to_be_visible()
    await pupil.page.locator("[data-trouble=cut]").get_by_role("button").click()
    await asyncio.to_thread(own_server.start)
    await asyncio.gather(teacher.receives(videos=1, sounds=0), pupil.receives(videos=2, sounds=1))
    await unchanged(teacher, pupil, me)
    forgive(teacher, pupil, other)


@pytest.mark.complaint(6)
async def test_a_lid_that_is_closed_and_opened(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, other) = await class_of(server, crowd, "student1", "student2")
    me = await silent_with_raised_hand(teacher, pupil)
    devtools = await pupil.context.new_cdp_session(pupil.page)
    await devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    await asyncio.sleep(6)
    await devtools.send("Page.setWebLifecycleState", {"state": "active"})
    await heard_again(pupil, 5)
    await unchanged(teacher, pupil, me)
    await asyncio.gather(teacher.receives(videos=1, sounds=1), pupil.receives(videos=2, sounds=2))
    forgive(teacher, pupil, other)


@pytest.mark.complaint(5)
async def test_nobody_stays_as_a_ghost(server: Running, crowd: Crowd) -> None:
    teacher, (pupil, _) = await class_of(server, crowd, "student1", "student2")
    me = await my_id(pupil)
    await pupil.context.close()
    crowd.visitors.remove(pupil)
    tile = teacher.page.locator(f'li [data-tile="{me}"]')
    await expect(tile.get_by_text("0:0")).to_be_visible(timeout=3_000)
    await expect(tile).to_have_count(0, timeout=15_000)
