"""What lies around lessons: consultations, the report of a lesson, the calendar."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.visitor import PHONE, Crowd, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages


@pytest.mark.req("S141-26-1.T4")
async def test_a_teacher_keeps_time_free_and_a_pupil_books_it_on_a_phone(server: Running, crowd: Crowd) -> None:
    teacher = await (await crowd.visitor(server, language="kk")).log_in("teacher", "/consultations")
    await teacher.button("consultations.open").click()
    dialog = teacher.page.get_by_role("dialog")
    await dialog.get_by_label(teacher.say("consultations.day")).fill(str(datetime.now(UTC).date() + timedelta(days=1)))
    await dialog.get_by_label(teacher.say("consultations.from")).fill("23:30")
    await dialog.get_by_label(teacher.say("consultations.count")).fill("1")
    assert await teacher.accessible() == []
    await teacher.button("consultations.openAction").click()
    await expect(teacher.page.locator("[data-mine=leads]")).to_have_count(1)
    await teacher.page.screenshot(path=picture("7-consultations-kk-desk"))
    pupil = await crowd.visitor(server, language="ru", size=PHONE)
    await pupil.log_in("student1", "/consultations")
    await expect(pupil.page.locator("[data-mine=free]")).to_have_count(1)
    assert await pupil.accessible() == []
    await pupil.button("consultations.book").click()
    await expect(pupil.page.locator("[data-mine=booked]")).to_have_count(1)
    await pupil.page.screenshot(path=picture("7-consultations-ru-phone"))
    assert await pupil.wide() <= 0
    await teacher.page.reload()
    await expect(teacher.page.locator("[data-mine=leads]")).to_contain_text("1 / 1")
    await pupil.button("consultations.giveBack").click()
    await expect(pupil.page.locator("[data-mine=free]")).to_have_count(1)
    await teacher.button("consultations.callOff").click()
    await expect(teacher.page.get_by_text(teacher.say("consultations.calledOff"))).to_be_visible()


async def test_a_report_is_read_after_the_lesson_and_a_calendar_is_given_an_address(
    server: Running, crowd: Crowd
) -> None:
    teacher = await crowd.visitor(server, language="en")
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in("teacher")
        lesson = next(one for one in (await caller("GET", "/api/lessons"))["items"] if one["planned"])
    await teacher.log_in("teacher", f"/lessons/{lesson['id']}/report")
    await expect(teacher.page.get_by_role("table")).to_be_visible()
    await teacher.page.screenshot(path=picture("8-report-en-desk"))
    assert await teacher.accessible() == []
    await teacher.go("/settings")
    await teacher.button("calendar.make").click()
    address = await teacher.page.get_by_label(teacher.say("calendar.address")).input_value()
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        assert answer.status == 200
        assert "BEGIN:VEVENT" in await answer.text()
    assert await teacher.accessible() == []


async def test_a_guardian_agrees_once_for_a_child(server: Running, crowd: Crowd) -> None:
    parent = await (await crowd.visitor(server, language="kk", size=PHONE)).log_in("parent1", "/settings")
    child = parent.page.locator("[data-consent]:not([data-consent=mine])").first
    await expect(child).to_contain_text(parent.say("consents.unsaid"))
    await child.get_by_role("button", name=parent.say("consents.agree"), exact=True).click()
    await expect(child).to_contain_text(parent.say("consents.agreed"))
    await parent.page.reload()
    await expect(child).to_contain_text(parent.say("consents.agreed"))
    assert await parent.accessible() == []
    assert await parent.wide() <= 0
    await parent.page.screenshot(path=picture("9-consents-kk-phone"), full_page=True)
