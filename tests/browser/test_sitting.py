"""A sitting as others move it and as its time goes on, and what is told of it afterwards: in a real browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, Route, expect

from server.demo_exams import EXAM
from tests.browser.test_exam import goes_to, look, read, saved
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
Json = dict[str, Any]
SECTION_SECONDS = 12
LOOKS = [("kk", PHONE), ("ru", DESK)]
AS_DEVICE = "try { localStorage.setItem('sabaq.device', 'desk') } catch {}"
HEARS_KEYS = "document.addEventListener('input', (event) => { window.typed = event.target.value }, true)"
WORDS = "Түбір саны дискриминантқа байланысты болады, өйткені ол түбір астында тұр. "


@asynccontextmanager
async def callers(server: Running, *logins: str) -> AsyncIterator[list[Caller]]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield [await Caller(server, http).log_in(login) for login in logins]


async def items_of(teacher: Caller, *kinds: str) -> tuple[str, list[Json]]:
    """The school's bank, and of its exam a question of each kind."""
    demo = next(one["id"] for one in (await teacher("GET", "/api/exams"))["items"] if one["title"] == EXAM)
    data = (await teacher("GET", f"/api/exams/{demo}"))["data"]
    there, bank = {one["item_id"] for one in data["sections"][0]["items"]}, data["banks"][0]
    rows = [(await teacher("GET", f"/api/banks/{bank}/items?kind={kind}"))["items"] for kind in kinds]
    return bank, [{"item_id": next(one["id"] for one in few if one["id"] in there), "points": "1"} for few in rows]


async def published(teacher: Caller, bank: str, sections: list[Json], *learners: Caller, **more: Any) -> str:
    """The id of an exam of the teacher's that these learners may sit now."""
    persons = [(await one("GET", "/api/me"))["id"] for one in learners]
    takers = {"groups": [], "persons": persons}
    data = {"title": "Бақылау", "banks": [bank], "sections": sections, "shuffle": False, "takers": takers, **more}
    exam = (await teacher("POST", "/api/exams", data))["id"]
    await teacher("POST", f"/api/exams/{exam}/publish", {})
    return exam


async def begun(learner: Caller, exam: str, language: str) -> str:
    """On the device that `opens` makes of a browser."""
    return (await learner("POST", f"/api/exams/{exam}/sittings", {"device": "desk", "language": language}))["id"]


async def opens(visitor: Visitor, login: str, path: str) -> None:
    await visitor.context.add_init_script(AS_DEVICE)
    await visitor.log_in(login, opens=path)


async def move(who: Caller, sitting: str, act: str, why: str = "", seconds: int | None = None) -> None:
    await who("POST", f"/api/sittings/{sitting}/moves", {"act": act, "why": why, "added_seconds": seconds})


async def is_at_rest(visitor: Visitor, phase: str) -> None:
    await expect(visitor.page.locator(f"[data-sitting={phase}]")).to_be_visible()


@pytest.mark.req("S456-27.14")
async def test_when_the_time_of_a_section_is_up_the_next_one_opens(server: Running, crowd: Crowd) -> None:
    """By itself, with a word of it; what was written is taken, and the section before is closed."""
    async with callers(server, "teacher", "student11", "student12") as (teacher, *learners):
        bank, (essay, single, short) = await items_of(teacher, "essay", "single", "short")
        first = {"name": "Алгебра", "seconds": SECTION_SECONDS, "items": [essay, single]}
        second = {"name": "Геометрия", "seconds": 600, "items": [short]}
        exam = await published(teacher, bank, [first, second], *learners)
        visitors = [await crowd.visitor(server, language=language, size=size) for language, size in LOOKS]
        each = zip(visitors, learners, strict=True)
        await asyncio.gather(*(_is_turned(visitor, teacher, learner, exam) for visitor, learner in each))
        answered = {one["answered"] for one in (await teacher("GET", f"/api/exams/{exam}/sittings"))["items"]}
        assert answered == {2}


async def _is_turned(visitor: Visitor, teacher: Caller, learner: Caller, exam: str) -> None:
    sitting = await begun(learner, exam, visitor.language)
    await move(teacher, sitting, "pause")  # the clock stands until the page is there
    await opens(visitor, learner.login, f"/sittings/{sitting}")
    await is_at_rest(visitor, "paused")
    await look(visitor, "paused")
    await move(teacher, sitting, "resume")
    page = visitor.page
    await page.locator("[data-question='1']").get_by_role("textbox").fill("Екі түбір")
    await saved(visitor)
    await expect(page.locator("[data-question='3']")).to_be_visible()
    await expect(page.locator("[data-message=turn]")).to_contain_text("Геометрия")
    await expect(page.locator("[data-place='1']")).to_have_count(0)
    assert [one["place"] for one in (await read(visitor))["questions"]] == [3]
    await look(visitor, "turned")
    await (await goes_to(visitor, 3)).get_by_role("textbox").fill("синус")
    await saved(visitor)


def _answer(place: int, revision: int, answer: Json | None) -> Json:
    return {"place": place, "revision": revision, "answer": answer, "device": "desk"}


@pytest.mark.req("S456-27.14", "S141-26.3")
async def test_who_is_paused_or_stopped_while_writing_loses_no_letter(server: Running, crowd: Crowd) -> None:
    """A proctor does it; the page hears of it at once, though its signs of life say nothing new."""
    async with callers(server, "teacher", "proctor", "student13", "student14") as (teacher, proctor, *learners):
        bank, essay = await items_of(teacher, "essay")
        watching = {"person_id": (await proctor("GET", "/api/me"))["id"], "part": "proctor"}
        exam = await published(teacher, bank, [{"items": essay}], *learners, seconds=1800, commission=[watching])
        visitors = [await crowd.visitor(server, language=language, size=size) for language, size in LOOKS]
        each = zip(visitors, learners, strict=True)
        await asyncio.gather(*(_is_stopped(visitor, teacher, proctor, learner, exam) for visitor, learner in each))


async def _is_stopped(visitor: Visitor, teacher: Caller, proctor: Caller, learner: Caller, exam: str) -> None:
    sitting = await begun(learner, exam, visitor.language)
    page = visitor.page
    await page.route("**/beat", _says_nothing_new)
    await page.add_init_script(HEARS_KEYS)
    await opens(visitor, learner.login, f"/sittings/{sitting}")
    box = page.locator("[data-question='1']").get_by_role("textbox")

    await _while_typing(visitor, box, move(proctor, sitting, "pause", "Өрт дабылы"))
    await is_at_rest(visitor, "paused")
    await expect(page.get_by_text("Өрт дабылы")).to_be_visible()
    await move(proctor, sitting, "resume")
    await expect(page.locator("[data-message=resume]")).to_be_visible()
    written = await page.evaluate("typed")
    assert written
    await expect(box).to_have_value(written)

    await _while_typing(visitor, box, move(proctor, sitting, "terminate", "Телефон"))
    await is_at_rest(visitor, "over")
    await expect(page.locator("[data-end=terminated]")).to_contain_text("Телефон")
    await expect(page.locator("[data-waiting]")).to_have_count(0)
    await look(visitor, "terminated")
    written = await page.evaluate("typed")
    review = await teacher("GET", f"/api/sittings/{sitting}/review")
    assert [one["answer"] for one in review["questions"]] == [{"kind": "written", "text": written}]

    await move(proctor, sitting, "reactivate", "Қате болды")
    await expect(page.locator("[data-message=reactivate]")).to_contain_text("Қате болды")
    await expect(box).to_have_value(written)
    await page.unroute("**/beat")
    await move(proctor, sitting, "add_time", "Кешіктік", 300)
    await expect(page.locator("[data-message=add_time]")).to_contain_text("Кешіктік")
    assert int(await page.locator("[data-left]").get_attribute("data-left") or 0) > 1800
    await look(visitor, "added")
    await box.press("End")
    await box.press_sequentially("!")
    await saved(visitor)
    assert [one["answer"]["text"] for one in (await read(visitor))["questions"]] == [f"{written}!"]


async def _says_nothing_new(route: Route) -> None:
    left = {"whole": 1500, "section": None, "deadline": None, "stands": False}
    now = "2026-01-01T00:00:00Z"
    await route.fulfill(json={"state": "running", "section": 0, "left": left, "now": now, "holds": True})


async def _while_typing(visitor: Visitor, box: Locator, moved: Any) -> None:
    """`moved` is done in the middle of a word, and its keys go on for a while."""
    await box.press("End")
    before = await box.input_value()
    typing = asyncio.create_task(visitor.page.keyboard.type(WORDS, delay=25))
    await expect(box).not_to_have_value(before)
    await moved
    await typing


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("what", "sizes"), [("answers", (PHONE, DESK)), ("points", (DESK, PHONE))])
async def test_an_appeal_for_one_question_is_granted_and_its_points_change(
    server: Running, crowd: Crowd, what: str, sizes: tuple[tuple[int, int], tuple[int, int]]
) -> None:
    """The learner sees what the exam lets be seen, and the new points as soon as the chair has decided."""
    login, languages = {"answers": ("student15", ("kk", "ru")), "points": ("student16", ("ru", "kk"))}[what]
    async with callers(server, "teacher", login) as (teacher, learner):
        bank, two = await items_of(teacher, "true_false", "short")
        release = {"what": what, "when": "by_hand"}
        exam = await published(teacher, bank, [{"items": two}], learner, seconds=1800, release=release)
        sitting = await begun(learner, exam, languages[0])
        await learner("POST", f"/api/sittings/{sitting}/answers", _answer(2, 1, {"kind": "typed", "text": "sinus"}))
        await learner("POST", f"/api/sittings/{sitting}/hand-in", {"device": "desk"})
        await teacher("POST", f"/api/exams/{exam}/release", {})
    reader = await crowd.visitor(server, language=languages[0], size=sizes[0])
    await opens(reader, login, f"/sittings/{sitting}")
    await _appeals(reader, what)
    chair = await crowd.visitor(server, language=languages[1], size=sizes[1])
    await chair.log_in("teacher", opens=f"/exams/{exam}/marking")
    await _grants(chair)
    asked = reader.page.locator("[data-reviewed='2']")
    await expect(asked.locator("[data-appeal=granted]")).to_contain_text("Латынша да дұрыс")
    await expect(asked.get_by_role("heading")).to_contain_text("1 / 1")
    await expect(reader.page.locator(f"[data-review={what}] dl")).to_contain_text("1 / 2")
    await look(reader, f"appealed-{what}")


async def _appeals(reader: Visitor, what: str) -> None:
    page, say = reader.page, reader.say
    await expect(page.locator(f"[data-review={what}]")).to_be_visible()
    asked = page.locator("[data-reviewed='2']")
    await expect(asked.get_by_role("heading")).to_contain_text("0 / 1")
    await expect(asked.get_by_role("textbox")).to_have_count(1 if what == "answers" else 0)
    await look(reader, f"review-{what}")
    await page.locator("[data-appeal-of='2']").click()
    window = page.get_by_role("dialog")
    await window.get_by_role("textbox").fill("Бұл да синус")
    await look(reader, f"appealing-{what}")
    await window.get_by_role("button", name=say("exam.appeal.send"), exact=True).click()
    await expect(window).to_have_count(0)
    await expect(asked.locator("[data-appeal=open]")).to_be_focused()
    await expect(page.locator("[data-appeal-of='2']")).to_have_count(0)
    await expect(page.locator("[data-appeal-of='1'], [data-appeal-of=whole]")).to_have_count(2)


async def _grants(chair: Visitor) -> None:
    page, say = chair.page, chair.say
    waiting = page.locator("[data-appeal=open]")
    await expect(waiting).to_contain_text(say("exams.questionNth").replace("{{nth}}", "2"))
    await expect(waiting).to_contain_text("гипотенуз")
    await look(chair, "appeals")
    await waiting.get_by_role("button", name=say("exams.decide"), exact=True).click()
    window = page.get_by_role("dialog")
    await window.get_by_label(say("exams.pointsSince"), exact=True).fill("1")
    await window.get_by_label(say("exams.answerToLearner"), exact=True).fill("Латынша да дұрыс")
    await look(chair, "deciding")
    await window.get_by_role("button", name=say("exams.decideDo"), exact=True).click()
    await expect(page.locator("[data-appeal=granted]")).to_contain_text("0 → 1")
