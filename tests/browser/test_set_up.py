"""A teacher sets a test up: questions picked by hand, work that outlives the page, and two who change one test."""

import re

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.test_surviving import forgive
from tests.browser.visitor import DESK, Crowd, Visitor, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
NARROW = (360, 740)


async def _look(visitor: Visitor, name: str) -> None:
    size = "desk" if (await visitor.page.evaluate("innerWidth")) > 500 else "phone"
    await visitor.page.screenshot(path=picture(f"set-up-{name}-{visitor.language}-{size}"), full_page=True)
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("ru", NARROW), ("kk", NARROW)])
async def test_what_is_picked_and_written_is_not_lost(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    teacher = await crowd.visitor(server, language=language, size=size)
    page, say = teacher.page, teacher.say
    await teacher.log_in("teacher", opens=None)
    await teacher.go("/exams/new")
    name = page.get_by_label(say("exams.name"), exact=True)
    await name.fill("Туынды")
    await page.get_by_label(say("exams.bank"), exact=True).select_option(index=1)
    titles = await _picks(teacher)
    await page.reload()
    await expect(page.locator("[data-kept=restored]")).to_be_visible()
    await expect(name).to_have_value("Туынды")
    picked = page.locator("[data-picked]")
    await expect(picked.nth(0)).to_contain_text(titles[0])
    await _look(teacher, "restored")
    await teacher.button("exams.saveDraft").click()
    await page.wait_for_url(re.compile(r"/exams/exam_\w+"))
    await expect(picked.nth(1)).to_contain_text(titles[1])
    await page.reload()
    await expect(picked.first).to_be_visible()
    await expect(page.locator("[data-kept]")).to_have_count(0)

    exam = page.url.split("/")[4]
    items = await _somebody_saves(server, exam)
    await page.get_by_label(say("exams.minutes"), exact=True).fill("35")
    await teacher.button("exams.saveDraft").click()
    await expect(page.get_by_text(say("exams.keptHere"))).to_be_visible()
    await _look(teacher, "refused")
    await teacher.button("school.reload").click()
    await expect(page.locator("[data-kept=offered]")).to_contain_text(say("exams.time").lower())
    await expect(name).to_have_value("Туынды (2)")
    await _look(teacher, "offered")
    await teacher.button("exams.takeMine").click()
    await expect(name).to_have_value("Туынды")
    await teacher.button("exams.saveDraft").click()
    await expect(page.locator("[data-kept]")).to_have_count(0)
    data = (await _read(server, exam))["data"]
    assert (data["title"], data["seconds"]) == ("Туынды", 35 * 60)
    assert [one["item_id"] for one in data["sections"][0]["items"]] == items
    assert data["sections"][0]["items"][0]["points"] == "2.5"
    forgive(teacher)


async def _picks(visitor: Visitor) -> list[str]:
    """Three questions: found, looked at, ticked by keys; one brought up, one taken out. What is left, in its order."""
    page, say = visitor.page, visitor.say
    await visitor.button("exams.pick").click()
    window = page.get_by_role("dialog")
    rows = window.locator("[data-found]")
    await expect(rows.nth(2)).to_be_visible()
    await rows.first.locator("button[aria-expanded]").click()
    await expect(rows.first.locator("[data-look] [data-kind]")).to_be_visible()
    await _look(visitor, "picker")
    for nth in range(3):
        box = rows.nth(nth).get_by_role("checkbox")
        await box.focus()
        await page.keyboard.press("Space")
        await expect(box).to_be_checked()
    await window.get_by_role("searchbox").fill("яблоко которого нет")
    await expect(rows).to_have_count(3)  # what is ticked stays in sight
    await window.get_by_role("button", name=re.compile("3")).last.click()
    await expect(window).to_have_count(0)
    picked = page.locator("[data-picked]")
    await expect(picked).to_have_count(3)
    first = await picked.nth(0).get_attribute("data-picked")
    await picked.nth(0).locator("[data-way=down]").focus()
    await page.keyboard.press("Enter")
    moved = page.locator(f"[data-picked='{first}']")
    await expect(picked.nth(1)).to_have_attribute("data-picked", first or "")
    await expect(moved.locator("[data-way=down]")).to_be_focused()
    await picked.nth(2).get_by_role("button").last.click()
    await expect(picked).to_have_count(2)
    await picked.nth(0).get_by_role("textbox").fill("2,5")
    await expect(page.get_by_text(say("exams.pickedShuffled"))).to_be_visible()
    await _look(visitor, "picked")
    return [await one.locator("span").first.inner_text() for one in await picked.all()]


async def _somebody_saves(server: Running, exam: str) -> list[str]:
    """On another device of the chair's; the questions as they stand."""
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in("teacher")
        view = await caller("GET", f"/api/exams/{exam}")
        data = view["data"] | {"title": "Туынды (2)"}
        await caller("PUT", f"/api/exams/{exam}", {"version": view["version"], "data": data})
        return [one["item_id"] for one in data["sections"][0]["items"]]


async def _read(server: Running, exam: str) -> dict:
    async with aiohttp.ClientSession() as http:
        return await (await Caller(server, http).log_in("teacher"))("GET", f"/api/exams/{exam}")
