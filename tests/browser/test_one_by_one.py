"""A learner sits a test in which one question is open at a time: none is seen before, none is come back to."""

import asyncio
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.test_exam import SITTING, line_is_cut, line_is_whole, look, read, saved
from tests.browser.test_surviving import forgive
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
KINDS = ("single", "short", "true_false")


async def _published(server: Running, title: str, learners: list[str]) -> str:
    """The id of a test of three questions, by the demo's teacher, for some of the demo's learners."""
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        banks = (await teacher("GET", "/api/banks"))["items"]
        found: dict[str, Any] = {}
        for bank in banks:
            rows = (await teacher("GET", f"/api/banks/{bank['id']}/items?state=approved"))["items"]
            found |= {row["kind"]: row["id"] for row in rows if {"kk", "ru"} <= set(row["languages"])}
        known = {_words(one["name"]): one["id"] for one in (await teacher("GET", "/api/exam-choices"))["learners"]}
        names = [await _name(server, one) for one in learners]
        data = {
            "title": title,
            "sections": [{"items": [{"item_id": found[kind]} for kind in KINDS]}],
            "shuffle": False,
            "seconds": 1800,
            "navigation": "question",
            "languages": ["kk", "ru"],
            "takers": {"persons": [known[_words(one)] for one in names]},
        }
        exam = (await teacher("POST", "/api/exams", data))["id"]
        await teacher("POST", f"/api/exams/{exam}/publish", {})
        return exam


def _words(name: str) -> frozenset[str]:
    """Families come first in lists."""
    return frozenset(name.split())


async def _name(server: Running, login: str) -> str:
    async with aiohttp.ClientSession() as http:
        return (await (await Caller(server, http).log_in(login))("GET", "/api/me"))["name"]


@pytest.mark.req("S456-27.14")
async def test_one_question_at_a_time(server: Running, crowd: Crowd) -> None:
    exam = await _published(server, "Бір сұрақтан", ["student8", "student9"])
    phone = await crowd.visitor(server, language="kk", size=PHONE)
    desk = await crowd.visitor(server, language="ru", size=DESK)
    await asyncio.gather(_goes_through(phone, "student8", exam), _goes_through(desk, "student9", exam))


async def _goes_through(visitor: Visitor, login: str, exam: str) -> None:
    page, say = visitor.page, visitor.say
    await visitor.log_in(login, opens="/exams")
    await page.locator(f"[data-exam='{exam}']").get_by_role("link", name=say("exam.begin")).click()
    await expect(page.get_by_text(say("exam.rule.question"))).to_be_visible()
    await page.locator("[data-begin]").click()
    await page.wait_for_url(SITTING)

    await expect(page.locator("[data-question='1']")).to_be_visible()
    await expect(page.locator("[data-place]")).to_have_count(0)
    assert [one["place"] for one in (await read(visitor))["questions"]] == [1]
    await expect(page.get_by_text(say("exam.noWayBack"))).to_be_visible()
    await look(visitor, "one-first")
    onward = page.get_by_role("button", name=say("exam.next"), exact=True)
    await onward.click()
    await expect(page.locator("[data-leaving]")).to_be_visible()
    await look(visitor, "one-leaving")
    await page.get_by_role("button", name=say("exam.leaveNot")).click()
    await expect(page.locator("[data-leaving]")).to_have_count(0)
    await page.keyboard.press("2")
    await onward.click()
    second = page.locator("[data-question='2']")
    await expect(second.get_by_role("heading").first).to_be_focused()

    await page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    await second.get_by_role("textbox").fill("12")
    await saved(visitor)
    await line_is_cut(visitor)
    await second.get_by_role("textbox").fill("13")
    await onward.click()
    await expect(page.locator("[data-turn-waits]")).to_be_visible()
    await look(visitor, "one-waits")
    await page.reload()
    await expect(second.get_by_role("textbox")).to_have_value("13")
    await onward.click()
    await expect(page.locator("[data-turn-waits]")).to_be_visible()
    await line_is_whole(visitor)
    await expect(page.locator("[data-question='3']")).to_be_visible()
    assert (await read(visitor))["section"] == 2

    await page.keyboard.press("1")
    await saved(visitor)
    await look(visitor, "one-last")
    await page.locator("[data-hand-in]").click()
    await expect(page.locator("[data-ending]")).to_contain_text(say("exam.lastAnswered"))
    await look(visitor, "one-ending")
    await page.locator("[data-ending]").get_by_role("button", name=say("exam.handInDo")).click()
    await expect(page.locator("[data-end=handed]")).to_be_visible()
    forgive(visitor)
