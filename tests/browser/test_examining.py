"""A test from its making to its results, as its teacher works: at a desk and on a phone, in Kazakh and in Russian."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
LOOKS = [("kk", DESK), ("ru", PHONE)]
ESSAY = "Квадрат теңдеудің түбірлер саны дискриминантқа байланысты. " * 6
SECTIONS = {"set-up": "setUp", "takers": "takers", "now": "now", "marking": "marking", "results": "results"}
Json = dict[str, Any]


@asynccontextmanager
async def _caller(server: Running, login: str) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield await Caller(server, http).log_in(login)


async def _look(visitor: Visitor, name: str) -> None:
    size = "phone" if visitor.page.viewport_size == {"width": PHONE[0], "height": PHONE[1]} else "desk"
    await visitor.page.screenshot(path=picture(f"exams-{name}-{visitor.language}-{size}"), full_page=True)
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name


async def _tab(visitor: Visitor, name: str) -> None:
    await visitor.page.get_by_role("link", name=visitor.say(f"exams.tab.{SECTIONS[name]}"), exact=True).click()
    await visitor.page.wait_for_url(f"**/{name}")


async def _makes(visitor: Visitor, title: str) -> str:
    """The teacher makes a test of three questions that are drawn and an essay that is picked; its id."""
    page, say = visitor.page, visitor.say
    await visitor.go("/exams")
    await expect(page.locator("[data-shelf]").first).to_be_visible()
    await _look(visitor, "1-list")
    await page.get_by_role("link", name=say("exams.new"), exact=True).click()
    await expect(page.get_by_label(say("exams.name"), exact=True)).to_be_visible()
    await visitor.button("exams.publish").click()
    lacks = page.get_by_role("alert")
    await expect(lacks).to_contain_text(say("exams.lacks.title"))
    await _look(visitor, "2-new")
    await lacks.get_by_role("link").first.click()
    await page.keyboard.type(title)
    await page.get_by_label(say("exams.bank"), exact=True).select_option(index=1)
    await page.get_by_label(say("exams.count"), exact=True).fill("3")
    await expect(page.locator("[data-has]")).to_be_visible()
    await visitor.button("exams.byPlan").click()
    await visitor.button("exams.pick").click()
    window = page.get_by_role("dialog")
    await window.get_by_role("checkbox", name=re.compile(say("exams.kinds.essay"))).check()
    await _look(visitor, "3-pick")
    await window.get_by_role("button", name=re.compile("1")).last.click()
    await expect(window).to_have_count(0)
    classes = page.get_by_role("group", name=say("exams.classes"), exact=True)
    await classes.get_by_role("checkbox", name=re.compile("11 «А»")).check()
    for details in await page.locator("details").all():
        await details.locator("summary").first.click()
    await _look(visitor, "4-set-up")
    await visitor.button("exams.publish").click()
    await page.wait_for_url(re.compile(r"/exams/exam_\w+/takers"))
    await expect(page.locator("[data-taker]").first).to_be_visible()
    await _look(visitor, "5-takers")
    return page.url.split("/")[-2]


async def _sits(learner: Caller, exam: str, language: str) -> Json:
    """The learner begins, and answers what can be answered by choosing and by writing."""
    body = {"device": "desk", "language": language}
    sitting = await learner("POST", f"/api/exams/{exam}/sittings", body)
    for question in sitting["questions"]:
        shown = question["shown"]
        answer: Json | None = None
        if shown["kind"] in ("single", "multiple"):
            answer = {"kind": "chosen", "ids": [shown["options"][0]["id"]]}
        elif shown["kind"] == "essay":
            answer = {"kind": "written", "text": ESSAY}
        if answer:
            said = {"place": question["place"], "revision": 1, "answer": answer, "device": "desk"}
            await learner("POST", f"/api/sittings/{sitting['id']}/answers", said)
    return sitting


async def _watches(visitor: Visitor, sitting: str) -> None:
    """The teacher sees the learner write, and gives five minutes more."""
    page, say = visitor.page, visitor.say
    await _tab(visitor, "now")
    row = page.locator(f"[data-sitting={sitting}]")
    await expect(row.locator("[data-state=running]")).to_be_visible()
    await _look(visitor, "6-now")
    await row.get_by_role("combobox").select_option("add_time")
    window = page.get_by_role("dialog")
    send = window.get_by_role("button", name=say("exams.act.add_time"), exact=True)
    await send.click()
    await expect(window.get_by_text(say("common.fillIn"))).to_be_visible()
    await window.get_by_label(say("exams.why"), exact=True).fill("Жарық сөніп қалды")
    await _look(visitor, "7-time")
    await send.click()
    await expect(window).to_have_count(0)


async def _marks(visitor: Visitor, sitting: str) -> None:
    """The essay, by keys alone: a level for each criterion, a comment, kept."""
    page, say = visitor.page, visitor.say
    await _tab(visitor, "marking")
    work = page.locator(f"[data-task={sitting}]")
    await expect(work).to_contain_text("дискриминантқа")
    criteria = page.locator("fieldset:has([type=radio])")
    await _look(visitor, "8-marking")
    for nth in range(await criteria.count()):
        await page.keyboard.press("2")
        await expect(criteria.nth(nth).get_by_role("radio").nth(1)).to_be_checked()
    await page.get_by_label(say("exams.comment"), exact=True).fill("Мысал қосыңыз")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-marked]")).to_be_visible()
    await _look(visitor, "9-marked")


async def _releases(visitor: Visitor) -> None:
    page, say = visitor.page, visitor.say
    await _tab(visitor, "results")
    await expect(page.locator("[data-result]").first).to_be_visible()
    await _look(visitor, "10-results")
    await visitor.button("exams.release").click()
    window = page.get_by_role("dialog")
    await expect(window).to_contain_text(say("exams.releaseWhats.answers"))
    await window.get_by_role("button", name=say("exams.release"), exact=True).click()
    await expect(window).to_have_count(0)
    await expect(page.locator("[data-exam-state=released]")).to_be_visible()


@pytest.mark.req("S456-27.14", "S456-34.10", "S141-15.4")
@pytest.mark.parametrize(("language", "size"), LOOKS, ids=["kk-desk", "ru-phone"])
async def test_a_teacher_makes_a_test_marks_it_and_tells_the_results(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    teacher = await crowd.visitor(server, language=language, size=size)
    await teacher.log_in("teacher", opens=None)
    exam = await _makes(teacher, "Квадрат теңдеу")
    login = {"kk": "student2", "ru": "student3"}[language]
    async with _caller(server, login) as learner:
        sitting = (await _sits(learner, exam, language))["id"]
        await _watches(teacher, sitting)
        left = (await learner("GET", f"/api/sittings/{sitting}?device=desk"))["left"]["whole"]
        assert left > 20 * 60, "five minutes more than the twenty of all"
        await learner("POST", f"/api/sittings/{sitting}/hand-in", {"device": "desk"})
    await _scored(server, exam)
    await _marks(teacher, sitting)
    await _releases(teacher)
    reader = await crowd.visitor(server, language="kk", size=PHONE)
    await reader.log_in(login, opens=f"/sittings/{sitting}")
    await expect(reader.page.get_by_text("Мысал қосыңыз")).to_be_visible()
    await teacher.go(f"/sittings/{sitting}/review")
    await expect(teacher.page.locator("[data-result]")).to_be_visible()
    await _look(teacher, "11-review")
    for name, there in (("preview", "[data-place]"), ("sheet", "[data-place]"), ("protocol", "article")):
        await teacher.go(f"/exams/{exam}/{name}")
        await expect(teacher.page.locator(there).first).to_be_visible()
        await _look(teacher, f"12-{name}")


async def _scored(server: Running, exam: str) -> None:
    """Wait until answers are scored by their keys: a job does it."""
    async with _caller(server, "teacher") as teacher, asyncio.timeout(60):
        while not (await teacher("GET", f"/api/exams/{exam}/marking"))["questions"]:  # noqa: ASYNC110 a job comes to it when it can
            await asyncio.sleep(0.1)


async def test_places_that_do_not_fit_below_a_phone_wait_behind_the_last_one(server: Running, crowd: Crowd) -> None:
    teacher = await crowd.visitor(server, language="kk", size=PHONE)
    await teacher.log_in("teacher", opens="/exams")
    places = teacher.page.get_by_role("navigation", name=teacher.say("nav.label"))
    settings = places.get_by_role("link", name=teacher.say("nav.settings"), exact=True)
    await expect(places.locator("[aria-current=page]")).to_contain_text(teacher.say("nav.exams"))
    await expect(settings).to_have_count(0)
    more = places.get_by_role("button", name=teacher.say("nav.more"), exact=True)
    await more.click()
    await expect(settings).to_be_visible()
    await _look(teacher, "13-more")
    await teacher.page.keyboard.press("Escape")
    await expect(settings).to_have_count(0)
    await more.click()
    await settings.click()
    await expect(places.locator("[aria-current=page]")).to_contain_text(teacher.say("nav.settings"))
