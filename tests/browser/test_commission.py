"""A commission at work: an oral part held in a call."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from tests.browser.visitor import PHONE, Crowd, Visitor, picture
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
