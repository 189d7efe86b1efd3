"""Those who help others back in, and who looks after their data: teachers and administrators at their pages."""

import json

import pytest
from playwright.async_api import expect

from tests.browser.test_locks import ADMIN, ADMIN_PASSWORD, FRESH, School, _enters, _heading, _visitor, school
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture

pytestmark = pytest.mark.pages
__all__ = ["school"]


async def _look(visitor: Visitor, name: str) -> None:
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name
    await visitor.page.screenshot(path=picture(f"keeping-{name}-{visitor.language}"), full_page=True)


@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK)])
async def test_a_teacher_finds_a_learner_and_hands_out_a_code(
    school: School, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    learner, login, teacher = await school.learner_and_teacher()
    one = await _visitor(school, crowd, language, size)
    await one.go("/learners")
    await _enters(one, teacher.login, FRESH)
    await _heading(one, "learners.title")
    await expect(one.page.locator("nav [aria-current=page]")).to_contain_text(one.say("nav.learners"))
    line = one.page.locator(f'[data-learner="{learner}"]')
    await expect(line).to_contain_text("Оспан Әлия")
    await _look(one, "learners")
    search = one.page.get_by_label(one.say("learners.search"), exact=True)
    await search.fill("Жоқ")
    await expect(line).to_have_count(0)
    await search.fill("әли")
    await line.get_by_role("button").click()
    await one.button("locks.paperMake").click()
    code = one.page.get_by_role("dialog").locator("[data-code]")
    await expect(code).to_be_visible()
    await expect(one.page.get_by_role("dialog").locator("[data-login]")).to_have_text(login)
    await _look(one, "learners-code")
    given = await code.get_attribute("data-code")
    await one.page.emulate_media(media="print")
    await expect(one.page.locator(".printed")).to_contain_text(given or "no code")
    await one.page.emulate_media(media="screen")
    await one.button("locks.paperDone").click()
    pupil = await _visitor(school, crowd, language, size)
    await pupil.go(f"/log-in/code#{login}:{given}")
    await pupil.page.get_by_label(pupil.say("locks.newPassword"), exact=True).fill(FRESH)
    await pupil.button("login.codeSubmit").click()
    await expect(pupil.page.locator("nav")).to_be_visible()
    await expect(pupil.page.get_by_role("link", name=pupil.say("nav.learners"), exact=True)).to_have_count(0)


@pytest.mark.req("S234-10")
@pytest.mark.parametrize(("language", "size"), [("ru", PHONE), ("kk", DESK)])
async def test_an_administrator_takes_and_erases_a_persons_data(
    school: School, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    learner, login, teacher = await school.learner_and_teacher()
    await teacher("POST", f"/api/people/{learner}/paper-code", {})
    one = await _visitor(school, crowd, language, size)
    await one.go(f"/school/{school.id}/people/{learner}")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await expect(one.page.get_by_text(one.say("personal.removeFirst"), exact=True)).to_be_visible()
    await expect(one.button("personal.erase")).to_have_count(0)
    await _look(one, "person")
    async with one.page.expect_download() as told:
        await one.button("personal.export").click()
    file = await told.value
    assert file.suggested_filename == f"sabaq-{login}.json"
    tables = json.loads((await file.path()).read_text("utf-8"))["tables"]
    assert {"persons", "accounts", "enrolments"} <= {table["table"] for table in tables}

    await _removes(one)
    await one.button("personal.erase").click()
    typed = one.page.get_by_label(one.say("personal.typeName").replace("{{name}}", "Оспан Әлия"), exact=True)
    await typed.fill("Оспан Дина")
    await one.button("personal.eraseAction").click()
    await expect(one.page.get_by_text(one.say("personal.otherName"), exact=True)).to_be_visible()
    await _look(one, "erase")
    await typed.fill("оспан әлия")
    await one.button("personal.eraseAction").click()
    await expect(one.page.get_by_text(one.say("personal.erasedText"), exact=True)).to_be_visible()
    await _heading(one, "personal.nobody")
    await _look(one, "erased")


async def test_whose_power_the_log_must_name_is_not_erased_yet(school: School, crowd: Crowd) -> None:
    learner, _, teacher = await school.learner_and_teacher()
    await teacher("POST", f"/api/people/{learner}/paper-code", {})
    me = (await teacher("GET", "/api/me"))["id"]
    one = await _visitor(school, crowd, "en", PHONE)
    await one.go(f"/school/{school.id}/people/{me}")
    await _enters(one, ADMIN, ADMIN_PASSWORD)
    await _removes(one)
    await one.button("personal.erase").click()
    await expect(one.page.get_by_text(one.say("personal.kept.lessons"), exact=True)).to_be_visible()
    await one.page.get_by_label(one.say("personal.typeName").replace("{{name}}", "Иманова Гүлназ")).fill(
        "иманова гүлназ"
    )
    await one.button("personal.eraseAction").click()
    begins = one.say("personal.keptByLaw").partition("{{")[0]
    await expect(one.page.get_by_role("alert")).to_contain_text(begins)
    await _look(one, "kept")


async def _removes(one: Visitor) -> None:
    await one.button("roll.remove").click()
    await one.page.get_by_role("dialog").get_by_role("button", name=one.say("roll.remove"), exact=True).click()
    await expect(one.button("personal.erase")).to_be_visible()
