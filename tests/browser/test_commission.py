"""A commission at work: an oral part held in a call, markers who differ, a faulty question, an appeal refused."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running

Json = dict[str, Any]


def words(text: str) -> Json:
    one = {"blocks": [{"kind": "paragraph", "runs": [{"kind": "text", "text": text}]}]}
    return {"kk": one, "ru": one}


LEVELS = [
    {"id": name, "words": words(said), "points": points}
    for name, said, points in (
        ("no", "жоқ · нет", "0"),
        ("half", "жартылай · частично", "1"),
        ("all", "толық · да", "2"),
    )
]
TOLD = {
    "version": 1,
    "prompt": words("Туынды деген не? · Что такое производная?"),
    "body": {"kind": "spoken", "live": True, "rubric": [
        {"id": "knows", "words": words("Анықтамасын біледі · Знает определение"), "shown": True, "levels": LEVELS},
        {"id": "shows", "words": words("Мысал келтіреді · Приводит пример"), "shown": True, "levels": LEVELS},
    ]},
}  # fmt: skip
ESSAY = {"version": 1, "prompt": words("Туынды не үшін керек? · Зачем нужна производная?"), "body": {"kind": "essay"}}
FAULTY = {
    "version": 1,
    "prompt": words("(x²)′ = ?"),
    "body": {
        "kind": "single",
        "options": [{"id": one, "words": words(one)} for one in ("x", "2x")],
        "right": ["x"],
    },
    "shuffle": False,
}


@asynccontextmanager
async def called(server: Running, *logins: str) -> AsyncIterator[list[Caller]]:
    async with aiohttp.ClientSession() as http:
        yield [await Caller(server, http).log_in(one) for one in logins]


async def bank_of(author: Caller, reviewer: Caller, *items: Json) -> list[str]:
    """Questions that one teacher wrote and another passed."""
    banks = (await author("GET", "/api/banks"))["items"]
    shared = next(one["id"] for one in banks if one["shared"])
    ids = []
    for item in items:
        made = await author("POST", f"/api/banks/{shared}/items", {"item": item})
        assert made["faults"] == []
        ids.append(made["row"]["id"])
        for who, state in ((author, "review"), (reviewer, "approved")):
            await who("POST", f"/api/items/{ids[-1]}/state", {"version": 1, "state": state, "comment": ""})
    return ids


async def a_draft(server: Running, title: str, takers: list[str], *items: Json, **more: Any) -> str:
    """An exam of teacher's with these questions, each for ten points."""
    async with called(server, "teacher2", "teacher", "teacher2", "deputy", *takers) as (author, chair, *others):
        ids = await bank_of(author, chair, *items)
        me, *persons = [(await one("GET", "/api/me"))["id"] for one in (chair, *others)]
        parts = [(me, "chair"), *((one, "marker") for one in persons[:2])]
        data = {
            "title": title,
            "sections": [{"name": "", "items": [{"item_id": one, "points": "10"} for one in ids]}],
            "shuffle": False,
            "languages": ["kk", "ru"],
            "takers": {"groups": [], "persons": persons[2:]},
            "commission": [{"person_id": one, "part": part} for one, part in parts],
            **more,
        }
        return (await chair("POST", "/api/exams", data))["id"]


async def is_sat(server: Running, exam: str, answers: dict[str, Json]) -> list[str]:
    """Each learner answers the one question and hands in; their sittings, once they are scored."""
    made = []
    async with called(server, "teacher", *answers) as (chair, *learners):
        await chair("POST", f"/api/exams/{exam}/publish", {})
        for learner in learners:
            sitting = await learner("POST", f"/api/exams/{exam}/sittings", {"device": "desk", "language": "kk"})
            said = {"place": 1, "revision": 1, "answer": answers[learner.login], "device": "desk"}
            await learner("POST", f"/api/sittings/{sitting['id']}/answers", said)
            await learner("POST", f"/api/sittings/{sitting['id']}/hand-in", {"device": "desk"})
            made.append(sitting["id"])
        async with asyncio.timeout(60):
            while any(one["state"] != "planned" and one["most"] is None for one in await rows_of(chair, exam)):  # noqa: ASYNC110 a job comes to it when it can
                await asyncio.sleep(0.1)
    return made


async def rows_of(chair: Caller, exam: str) -> list[Json]:
    return (await chair("GET", f"/api/exams/{exam}/results"))["rows"]


async def look(visitor: Visitor, name: str) -> None:
    size = "phone" if visitor.page.viewport_size == {"width": PHONE[0], "height": PHONE[1]} else "desk"
    await visitor.page.screenshot(path=picture(f"commission-{name}-{visitor.language}-{size}"), full_page=True)
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name


async def in_call(visitor: Visitor, crowd: Crowd) -> Page:
    """By the way from where they are into the call, in a tab of its own."""
    async with visitor.page.expect_popup() as opened:
        await visitor.page.locator("[data-call]").click()
    page = await opened.value
    there = Visitor(visitor.server, visitor.context, page, visitor.language)
    crowd.visitors.append(there)
    await there.press_enter()
    await there.inside()
    return page


@pytest.mark.req("S141-15.2", "S456-27.14")
async def test_an_answer_is_told_in_a_call_marked_there_and_written_into_the_record(
    server: Running, crowd: Crowd
) -> None:
    """The examiner at a desk in Kazakh, the learner on a phone in Russian."""
    exam = await a_draft(server, "Ауызша емтихан", ["student7"], TOLD)
    teacher = await crowd.visitor(server, language="kk")
    await teacher.log_in("teacher", f"/exams/{exam}/set-up")
    page, say = teacher.page, teacher.say
    await page.get_by_text(say("exams.moreRules"), exact=True).click()
    await teacher.button("exams.beginCall").click()
    await expect(page.get_by_label(say("exams.call"), exact=True)).to_have_value(re.compile("^les"))
    await look(teacher, "1-call")
    await teacher.button("exams.publish").click()
    await expect(page.locator("[data-exam-state=published]")).to_be_visible()
    learner = await crowd.visitor(server, language="ru", size=PHONE)
    await learner.log_in("student7", f"/exams/{exam}/sit")
    await expect(learner.page.locator("[data-call]")).to_be_visible()
    await look(learner, "2-rules")
    await learner.page.locator("[data-begin]").click()
    await expect(learner.page.locator("p[data-live]")).to_be_visible()
    await look(learner, "3-question")
    await teacher.go(f"/exams/{exam}/marking")
    await expect(page.locator("[data-task]")).to_contain_text("Туынды деген не?")
    await asyncio.gather(in_call(learner, crowd), in_call(teacher, crowd))
    for criterion in range(2):
        await page.locator("fieldset:has([type=radio])").nth(criterion).get_by_role("radio").nth(1 + criterion).check()
    await page.get_by_label(say("exams.comment"), exact=True).fill("Мысалы жақсы")
    await look(teacher, "4-marking")
    await page.locator("[data-keep]").click()
    await expect(page.locator("[data-marked]")).to_be_visible()
    await learner.page.locator("[data-hand-in]").click()
    ending = learner.page.get_by_role("dialog")
    await expect(ending).to_contain_text(learner.say("exam.allAnswered"))
    await ending.get_by_role("button", name=learner.say("exam.handInDo"), exact=True).click()
    await expect(learner.page.locator("[data-end=handed]")).to_be_visible()
    await teacher.go(f"/exams/{exam}/protocol")
    record = page.locator("[data-aloud]")
    await expect(record).to_contain_text("Туынды деген не?")
    await expect(record).to_contain_text("7,5 / 10")
    await expect(record).to_contain_text("Мысалы жақсы")
    await look(teacher, "5-record")


async def unfold(page: Page, summary: str) -> None:
    """What stands behind a line, if it is not in sight yet."""
    line = page.locator("summary", has_text=summary.split("{{")[0])
    await expect(line).to_be_visible()
    if not await line.evaluate("one => one.parentElement.open"):
        await line.click()


async def gives(visitor: Visitor, points: str, kept: str) -> None:
    await visitor.page.locator("[data-points]").fill(points)
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.get_by_text(kept)).to_be_visible()


@pytest.mark.req("S456-27.14", "S141-15.4")
async def test_two_markers_differ_and_a_third_who_knows_neither_decides(server: Running, crowd: Crowd) -> None:
    """On phones in Kazakh and at a desk in Russian."""
    double = {"bound": "0.2", "step": "0.5", "third": True}
    exam = await a_draft(server, "Эссе", ["student8"], ESSAY, double=double, anonymous=True)
    written = {"kind": "written", "text": "Жылдамдықты табу үшін керек. " * 5}
    [sitting] = await is_sat(server, exam, {"student8": written})
    task = f"[data-task={sitting}]"
    looks = (("teacher", "kk", PHONE), ("teacher2", "ru", DESK), ("deputy", "kk", PHONE))
    first, second, third = [await crowd.visitor(server, language=language, size=size) for _, language, size in looks]
    await third.log_in("deputy", f"/exams/{exam}/marking")
    await first.log_in("teacher", f"/exams/{exam}/marking")
    await expect(first.page.locator(task)).to_contain_text("Жылдамдықты")
    await gives(first, "8", first.say("exams.keptWants.second"))
    await second.log_in("teacher2", f"/exams/{exam}/marking")
    await expect(second.page.locator(task)).to_be_visible()
    await expect(second.page.get_by_text(second.say("exams.wants.second"))).to_be_visible()
    await expect(second.page.locator("[data-points]")).to_have_value("")
    await expect(second.page.locator("main")).not_to_contain_text("8")
    await look(second, "6-second")
    await gives(second, "2", second.say("exams.keptWants.third"))
    await third.page.reload()
    await expect(third.page.get_by_text(third.say("exams.wants.third"))).to_be_visible()
    await look(third, "7-third")
    await gives(third, "3", third.say("exams.kept").replace("{{points}}", "2,5"))
    await look(third, "8-agreed")
    await first.go(f"/exams/{exam}/results")
    await expect(first.page.locator("[data-result]").first).to_contain_text("2,5 / 10")


@pytest.mark.req("S456-27.14")
async def test_a_faulty_question_is_marked_again_after_the_release_and_an_appeal_is_refused(
    server: Running, crowd: Crowd
) -> None:
    """The chair on a phone in Russian, the learner at a desk in Kazakh."""
    release = {"what": "answers", "when": "by_hand"}
    exam = await a_draft(server, "Туынды ережелері", ["student9", "student10"], FAULTY, release=release)
    wrong, right = {"kind": "chosen", "ids": ["1"]}, {"kind": "chosen", "ids": ["2"]}
    by_key, by_sense = await is_sat(server, exam, {"student9": wrong, "student10": right})
    async with called(server, "teacher", "student9") as (chair, learner):
        await chair("POST", f"/api/exams/{exam}/release", {})
        await learner("POST", f"/api/sittings/{by_key}/appeal", {"why": "Тағы бір ұпай керек", "place": None})
        assert {one["points"] for one in await rows_of(chair, exam) if one["sitting_id"]} == {"10", "0"}
    chair = await crowd.visitor(server, language="ru", size=PHONE)
    await chair.log_in("teacher", f"/exams/{exam}/marking")
    page, say = chair.page, chair.say
    await page.locator("[data-appeal=open]").get_by_role("button", name=say("exams.decide"), exact=True).click()
    window = page.get_by_role("dialog")
    await window.get_by_role("button", name=say("exams.refuse"), exact=True).click()
    send = window.get_by_role("button", name=say("exams.decideDo"), exact=True)
    await send.click()
    await expect(window.get_by_text(say("common.fillIn"))).to_be_visible()
    await window.get_by_label(say("exams.answerToLearner"), exact=True).fill("Максималды балл берілген")
    await look(chair, "9-appeal")
    await send.click()
    await expect(page.locator("[data-appeal=refused]")).to_contain_text("Максималды балл берілген")
    await chair.go(f"/exams/{exam}/results")
    await unfold(page, say("exams.questionFigures"))
    await page.get_by_role("button", name=say("exams.regradeOf").split("{{")[0]).click()
    await window.get_by_label(say("exams.why"), exact=True).fill("Кілті қате: (x²)′ = 2x")
    await look(chair, "10-regrade")
    await window.get_by_role("button", name=say("exams.regradeDo"), exact=True).click()
    await expect(window).to_have_count(0)
    await unfold(page, say("exams.regrades"))
    record = page.locator("[data-regrade=full]")
    await record.locator("summary").click()
    await expect(record).to_contain_text("0 / 10")
    await expect(record).to_contain_text("10 / 10")
    await look(chair, "11-regraded")
    await chair.go(f"/exams/{exam}/protocol")
    for said in ("Кілті қате", "Максималды балл берілген"):
        await expect(page.get_by_role("article")).to_contain_text(said)
    learner = await crowd.visitor(server, language="kk", size=DESK)
    await learner.log_in("student9", f"/sittings/{by_key}")
    await expect(learner.page.locator("[data-appeal=refused]")).to_contain_text("Максималды балл берілген")
    await look(learner, "12-refused")
    other = await crowd.visitor(server, language="kk", size=PHONE)
    await other.log_in("student10", f"/sittings/{by_sense}")
    await expect(other.page.locator("[data-reviewed='1']")).to_contain_text("10 / 10")
    await expect(other.page.get_by_text(other.say("exam.after.regraded.full"))).to_be_visible()
    await look(other, "13-told")
