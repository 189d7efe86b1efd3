"""A sitting for whoever has no mouse, needs large letters, or has more time than others."""

import asyncio

import pytest
from playwright.async_api import CDPSession, Locator, Page, expect

from tests.browser.test_exam import goes_to, read, saved
from tests.browser.test_sitting import callers, items_of, opens, published
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Running

pytestmark = pytest.mark.pages
KINDS = (
    "single", "multiple", "true_false", "short", "numeric", "formula", "matching", "drag_onto", "ordering", "cloze",
    "table", "hotspot", "essay", "file", "spoken",
)  # fmt: skip
MOST_STEPS = 60
LARGE = 32
"""Twice the letters that a browser has by itself, in pixels."""


async def comes_to(page: Page, wanted: Locator) -> None:
    """By the Tab key, as often as needed; wherever the focus is, it can be seen."""
    for _ in range(MOST_STEPS):
        if await wanted.evaluate("one => one === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"no way by keys to {wanted}")


async def presses(page: Page, wanted: Locator, key: str = "Enter") -> None:
    await comes_to(page, wanted)
    await page.keyboard.press(key)


@pytest.mark.req("S456-27.14")
async def test_a_whole_sitting_by_the_keyboard_alone(server: Running, crowd: Crowd) -> None:
    """From the list of tests to the word that it is handed in, with a question of every kind."""
    visitor = await crowd.visitor(server, language="kk", size=DESK)
    page = visitor.page
    page.on("filechooser", lambda _: None)  # from now on a choice of files is the test's
    async with callers(server, "teacher", "student17") as (teacher, learner):
        bank, items = await items_of(teacher, *KINDS)
        exam = await published(teacher, bank, [{"items": items}], learner, seconds=3600)
        await opens(visitor, "student17", "/exams")
        await presses(page, page.locator(f"[data-exam='{exam}'] a"))
        await presses(page, page.locator("[data-begin]"))
        for place, kind in enumerate(KINDS, 1):
            question = page.locator(f"[data-question='{place}']")
            await expect(question).to_be_visible()
            await _answers(visitor, question, kind)
            await expect(question.locator("[data-answered]")).to_have_attribute("data-answered", "true")
            assert await page.evaluate("document.activeElement !== document.body"), f"{kind} has lost the focus"
            if kind != KINDS[-1]:
                await presses(page, visitor.button("exam.next"))
        await saved(visitor)
        assert [one["place"] for one in (await read(visitor))["questions"] if not one["answer"]] == []
        await presses(page, page.locator("[data-hand-in]"))
        ending = page.locator("[data-ending]")
        await presses(page, ending.get_by_role("button", name=visitor.say("exam.handInDo"), exact=True))
        await expect(page.locator("[data-end=handed]")).to_be_visible()
        await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def _answers(visitor: Visitor, question: Locator, kind: str) -> None:
    page = visitor.page
    match kind:
        case "single" | "multiple" | "true_false":
            role = "checkbox" if kind == "multiple" else "radio"
            await presses(page, question.get_by_role(role).first, "Space")  # type: ignore[arg-type]
        case "matching" | "drag_onto":
            for one in await question.get_by_role("combobox").all():
                await presses(page, one, "ArrowDown")
        case "ordering":
            await presses(page, question.locator("[data-way=down]").first)
        case "cloze" | "table":
            for gap in await question.locator("[data-gap]").all():
                await comes_to(page, gap)
                await page.keyboard.press("ArrowDown" if await gap.evaluate("one => one.tagName") == "SELECT" else "7")
        case "hotspot":
            await presses(page, question.get_by_role("application"))
            await expect(question.locator("[data-spots='1']")).to_be_visible()
        case "file":
            await comes_to(page, question.get_by_role("button", name=visitor.say("questions.file.choose")))
            async with page.expect_file_chooser() as chooser:
                await page.keyboard.press("Enter")
            sent = {"name": "work.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 work"}
            await (await chooser.value).set_files(sent)  # type: ignore[arg-type]
            await expect(question.locator("[data-files='1']")).to_be_visible()
        case "spoken":
            await presses(page, question.get_by_role("button", name=visitor.say("questions.record")))
            await expect(question.locator("[data-recording=true]")).to_be_visible()
            await asyncio.sleep(1.2)  # somebody speaks
            await page.keyboard.press("Enter")
            await expect(question.locator("[data-recorded=true]")).to_be_visible()
        case _:
            await comes_to(page, question.get_by_role("textbox"))
            await page.keyboard.type("2")


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(
    ("login", "language", "size"), [("student18", "ru", PHONE), ("student19", "kk", DESK)], ids=["ru-phone", "kk-desk"]
)
async def test_letters_twice_as_large_and_half_as_much_time_again(
    server: Running, crowd: Crowd, login: str, language: str, size: tuple[int, int]
) -> None:
    visitor = await crowd.visitor(server, language=language, size=size)
    page = visitor.page
    devtools = await visitor.context.new_cdp_session(page)
    async with callers(server, "teacher", login) as (teacher, learner):
        bank, items = await items_of(teacher, *KINDS)
        exam = await published(teacher, bank, [{"items": items}], learner, seconds=3600)
        person = (await learner("GET", "/api/me"))["id"]
        await teacher("PUT", f"/api/exams/{exam}/takers/{person}", {"factor": "1.5"})
    await opens(visitor, login, f"/exams/{exam}/sit")
    await expect(page.locator("[data-begin]")).to_be_visible()
    await _is_large(visitor, devtools, "rules")
    await page.locator("[data-begin]").click()
    await expect(page.locator("[data-question='1']")).to_be_visible()
    assert int(await page.locator("[data-left]").get_attribute("data-left") or 0) > 5000
    for place, kind in enumerate(KINDS, 1):
        await goes_to(visitor, place)
        await _is_large(visitor, devtools, kind)
    await page.locator("[data-hand-in]").click()
    await expect(page.locator("[data-ending]")).to_be_visible()
    await _is_large(visitor, devtools, "ending")
    assert await visitor.accessible() == []


async def _is_large(visitor: Visitor, devtools: CDPSession, name: str) -> None:
    """All words fit. A picture of more than the window would make letters small again."""
    page, letters = visitor.page, {"fontSizes": {"standard": LARGE, "fixed": LARGE}}
    await devtools.send("Page.setFontSizes", letters)  # type: ignore[arg-type]
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    assert await page.evaluate(size) > 1.8 * 15, name
    width = "phone" if (await page.evaluate("innerWidth")) < 500 else "desk"
    await page.screenshot(path=picture(f"exam-large-{name}-{visitor.language}-{width}"))
    assert await page.evaluate(size) > 1.8 * 15, name
    assert await visitor.wide() <= 0, name
    assert "; ".join(await cut_off(page)) == "", name


async def cut_off(page: Page) -> list[str]:
    """Buttons and headings whose words do not fit into them."""
    return await page.evaluate(
        "() => [...document.querySelectorAll('button, h1, h2, h3, label, legend')]"
        ".filter((one) => one.checkVisibility() && one.clientWidth > 1"
        " && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 3)"
        " && getComputedStyle(one).overflow !== 'visible')"
        ".map((one) => `${one.outerHTML.slice(0, 120)} ${one.innerText}: ${one.scrollWidth} of ${one.clientWidth},"
        " ${one.scrollHeight} of ${one.clientHeight}`)"
    )
