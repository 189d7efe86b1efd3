"""Reminders as people choose them, and a browser that is woken while its page is closed.

Chromium without a head has no push service behind it, so `PushManager.subscribe` alone is put aside in the page: it
answers an address at a push service of this test, as the browser would. All else is real: the server signs and sends,
the worker of the page wakes (as DevTools lets it), asks the server what there is, and shows it.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.test_locks import ADMIN, ADMIN_PASSWORD, FRESH, School, _enters, _heading, _school, _visitor
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.mailbox import Mailbox, a_mailbox
from tests.support.push_service import PushService, a_push_service
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
USUAL = {"page": True, "letter": False, "minutes": 10, "quiet_from": "", "quiet_to": ""}
SUBSCRIBES = """(endpoint) => {
  let there = null
  PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    const key = btoa(String.fromCharCode(...applicationServerKey))
    window.givenKey = key.replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '')
    return (there = { endpoint, unsubscribe: async () => ((there = null), true) })
  }
  PushManager.prototype.getSubscription = async () => there
}"""


@dataclass
class Site:
    school: School
    services: PushService
    box: Mailbox


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_mailbox() as box, a_push_service() as services:
        smtp = {"host": "127.0.0.1", "port": box.port, "sender": "sabaq@school.example", "security": "none"}
        server = Running(tmp_path, planes=1)
        server.environ |= {"SABAQ_SMTP": json.dumps(smtp), "SABAQ_PUBLIC_URL": server.url}
        server.environ |= {"SABAQ_PUSH_SERVICES": services.origin}
        await asyncio.to_thread(server.start)
        async with _school(server) as school:
            yield Site(school, services, box)
        await asyncio.to_thread(server.kill)


async def _look(visitor: Visitor, name: str) -> None:
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name
    await visitor.page.screenshot(path=picture(f"reminders-{name}-{visitor.language}"), full_page=True)


async def test_push_is_turned_on_chosen_and_wakes_a_browser(site: Site, crowd: Crowd) -> None:
    school = site.school
    admin = await _visitor(school, crowd, "ru", DESK)
    await admin.go(f"/school/{school.id}/organisation")
    await _enters(admin, ADMIN, ADMIN_PASSWORD)
    rule = admin.page.get_by_role("switch", name=admin.say("pushRule.on"))
    await expect(rule).not_to_be_checked()
    await rule.click()
    await expect(rule).to_be_checked()
    await _look(admin, "rule")
    learner, _, teacher = await school.learner_and_teacher()
    one = await _visitor(school, crowd, "kk", PHONE)
    await one.context.grant_permissions(["notifications"], origin=school.server.url)
    await one.context.add_init_script(f"({SUBSCRIBES})({json.dumps(site.services.subscribe('phone', ''))})")
    await one.go("/settings")
    await _enters(one, "gulnaz.imanova", FRESH)
    await _heading(one, "nav.settings")
    await one.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    state = one.page.locator("[data-push]")
    await expect(state).to_have_attribute("data-push", "off")
    await _look(one, "settings-phone")
    await one.button("reminders.pushBegin").click()
    await expect(state).to_have_attribute("data-push", "on")
    site.services.keys["phone"] = await one.page.evaluate("window.givenKey")
    await _books(school, learner, teacher)
    async with asyncio.timeout(60):
        while not site.services.woken:  # noqa: ASYNC110 the server sends when it comes to it
            await asyncio.sleep(0.05)
    assert site.services.taken[0][2] == b"", "not a word goes through the push service"
    shown = await _woken(one)
    assert [note["title"].split(":")[0] for note in shown] == ["Кеңесіңізге жазылды"]
    assert shown[0]["body"] == "Теңдеулер"
    await one.button("settings.logOut").click()
    await one.page.wait_for_url("**/log-in*")
    [*_, last] = await _woken(one)
    assert last["body"].startswith("Жаңалық бар"), "who is out is told no more than that"


async def _books(school: School, learner: str, teacher: Caller) -> None:
    """The learner books the teacher's consultation of tomorrow."""
    day = str(datetime.now(UTC).date() + timedelta(days=2))
    opening = {"day": day, "begins": "15:30", "minutes": 20, "title": "Теңдеулер"}
    [slot] = (await teacher("POST", "/api/consultations", opening))["items"]
    made = await school("slips", {"person_ids": [learner], "group_id": None})
    login, password = made["items"][0]["login"], made["items"][0]["password"]
    pupil = await Caller(school.server, teacher.http).log_in(login, password)
    await pupil("POST", "/api/me/password", {"old": password, "new": FRESH})
    await pupil("POST", f"/api/consultations/{slot['lesson_id']}/book", {})


async def _woken(visitor: Visitor) -> list[dict[str, Any]]:
    """Deliver a push without content to the page's worker; what is shown then."""
    session = await visitor.context.new_cdp_session(visitor.page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(said: dict[str, Any]) -> None:
        for one in said["registrations"]:
            if not known.done():
                known.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", heard)
    await session.send("ServiceWorker.enable")
    origin = visitor.server.url
    before = await _shown(visitor)
    message = {"origin": origin, "registrationId": await known, "data": ""}
    await session.send("ServiceWorker.deliverPushMessage", message)
    async with asyncio.timeout(20):
        while (now := await _shown(visitor)) == before:  # noqa: ASYNC110 a notice is no event of the page
            await asyncio.sleep(0.05)
    await session.detach()
    return now


async def _shown(visitor: Visitor) -> list[dict[str, Any]]:
    return await visitor.page.evaluate(
        "navigator.serviceWorker.ready.then((worker) => worker.getNotifications())"
        ".then((notes) => notes.map(({ title, body, tag }) => ({ title, body, tag })))"
    )


async def test_each_chooses_how_and_when_in_three_languages(site: Site, crowd: Crowd) -> None:
    for language, size in (("kk", DESK), ("ru", PHONE), ("en", PHONE)):
        await _chooses(site, await _visitor(site.school, crowd, language, size), size)
        await site.school.admin("PUT", "/api/me/reminders", USUAL)


async def _chooses(site: Site, one: Visitor, size: tuple[int, int]) -> None:
    await one.go("/settings")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    part = one.page.locator("[data-part=reminders]")
    page = part.get_by_role("switch", name=one.say("reminders.page"))
    await expect(page).to_be_checked()
    await expect(part.get_by_role("switch", name=one.say("reminders.letter"))).to_be_disabled()
    await expect(part.get_by_role("link", name=one.say("reminders.addAddress"))).to_be_visible()
    await expect(part.locator("[data-push]")).to_have_count(0)
    await page.click()
    await expect(page).not_to_be_checked()
    await part.get_by_label(one.say("reminders.minutes")).select_option("30")
    await part.get_by_role("switch", name=one.say("reminders.quiet")).click()
    until = part.get_by_label(one.say("reminders.quietTo"), exact=True)
    await until.fill("08:15")
    async with one.page.expect_response("**/api/me/reminders"):
        await until.blur()
    await _look(one, f"settings-{size[0]}")
    await one.page.reload()
    await expect(until).to_have_value("08:15")
    await expect(page).not_to_be_checked()
    kept = await site.school.admin("GET", "/api/me/reminders")
    wish = {"page": False, "letter": False, "minutes": 30, "quiet_from": "22:00", "quiet_to": "08:15"}
    assert kept["wish"] == wish
