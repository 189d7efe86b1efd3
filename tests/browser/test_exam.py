"""A learner sits a test in a real browser: by hand, without a line for forty seconds, in two tabs, to its end."""

import asyncio
import re
import time
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from tests.browser.test_surviving import forgive
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
CUT_SECONDS = 40
SITTING = re.compile("/sittings/[^/]+$")
READ = (
    "async () => (await fetch(`/api${location.pathname}?device=${localStorage.getItem('sabaq.device')}`,"
    "{headers: {'X-Sabaq': '1'}})).json()"
)


async def exam_of(server: Running, login: str, kind: str) -> str:
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in(login)
        return next(one["id"] for one in (await caller("GET", "/api/exams"))["items"] if one["kind"] == kind)


async def begins(visitor: Visitor, login: str, kind: str = "exam") -> None:
    """From the list of one's tests by the exam's rules into its first question."""
    await visitor.log_in(login, opens="/exams")
    exam = visitor.page.locator(f"[data-exam='{await exam_of(visitor.server, login, kind)}']")
    await expect(exam).to_have_attribute("data-way", "begin")
    await look(visitor, "list")
    await exam.get_by_role("link", name=visitor.say("exam.begin")).click()
    await expect(visitor.page.locator("[data-begin]")).to_be_visible()
    await look(visitor, f"rules-{kind}")
    await visitor.page.locator("[data-begin]").click()
    await visitor.page.wait_for_url(SITTING)
    await expect(visitor.page.locator("[data-question]")).to_be_visible()


async def look(visitor: Visitor, name: str) -> None:
    """Kept for people to look at; axe finds nothing, and nothing is wider than the window."""
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name
    width = "phone" if (await visitor.page.evaluate("innerWidth")) < 500 else "desk"
    await visitor.page.screenshot(path=picture(f"exam-{name}-{visitor.language}-{width}"), full_page=True)


async def goes_to(visitor: Visitor, place: int) -> Locator:
    """Through the list of questions, which a narrow page opens first."""
    button = visitor.page.locator(f"[data-place='{place}']")
    listed = visitor.page.locator("footer button").first
    await expect(visitor.page.locator("footer")).to_be_visible()
    if await listed.is_visible():
        await listed.click()
    await button.locator("visible=true").click()
    question = visitor.page.locator(f"[data-question='{place}']")
    await expect(question).to_be_visible()
    await expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    return question


async def saved(visitor: Visitor) -> None:
    await expect(visitor.page.locator("[data-save=saved]")).to_be_visible()


async def places_of(visitor: Visitor) -> dict[str, int]:
    """Where each kind is asked."""
    return {one["shown"]["kind"]: one["place"] for one in reversed((await read(visitor))["questions"])}


async def read(visitor: Visitor) -> Any:
    """The sitting as the server gives it to this browser."""
    return await visitor.page.evaluate(READ)


async def answers_of(visitor: Visitor) -> dict[str, Any]:
    return {one["shown"]["kind"]: one["answer"] for one in (await read(visitor))["questions"]}


async def choose_nth(question: Locator, nth: int) -> None:
    await question.get_by_role("radio").nth(nth).check()


async def line_is_cut(visitor: Visitor) -> None:
    await visitor.context.set_offline(True)
    await expect(visitor.page.locator("[data-band=cut]")).to_be_visible()


async def line_is_whole(visitor: Visitor) -> None:
    await visitor.context.set_offline(False)
    await expect(visitor.page.locator("[data-band]")).to_have_count(0)
    await saved(visitor)


@pytest.mark.req("S456-27.14")
async def test_answers_written_while_the_line_was_cut_are_there(server: Running, crowd: Crowd) -> None:
    """Also those before a page that was opened anew meanwhile; then the work is handed in."""
    looks = (("kk", PHONE), ("ru", DESK), ("ru", PHONE), ("kk", DESK))
    visitors = [await crowd.visitor(server, language=language, size=size) for language, size in looks]
    await asyncio.gather(*(_is_cut_off(one, f"student{nth}") for nth, one in enumerate(visitors, 1)))


async def _is_cut_off(visitor: Visitor, login: str) -> None:
    await begins(visitor, login)
    places = await places_of(visitor)
    await choose_nth(await goes_to(visitor, places["single"]), 1)
    await saved(visitor)
    await look(visitor, "open")
    await visitor.page.evaluate("navigator.serviceWorker.ready.then(() => null)")

    cut = time.monotonic()
    await line_is_cut(visitor)
    await (await goes_to(visitor, places["short"])).get_by_role("textbox").fill("қысқа")
    await choose_nth(await goes_to(visitor, places["true_false"]), 0)
    await expect(visitor.page.locator("[data-save=kept]")).to_be_visible()
    await look(visitor, "cut")
    await visitor.page.reload()
    await expect(visitor.page.locator("[data-band=cut]")).to_be_visible()
    question = visitor.page.locator(f"[data-question='{places['true_false']}']")
    await expect(question.get_by_role("radio").first).to_be_checked()
    await expect((await goes_to(visitor, places["short"])).get_by_role("textbox")).to_have_value("қысқа")
    essay = (await goes_to(visitor, places["essay"])).get_by_role("textbox")
    await essay.fill("Екі сөз")
    await visitor.page.get_by_role("button", name=visitor.say("exam.mark"), exact=True).click()
    await asyncio.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - cut)))
    await essay.press_sequentially(" енді")
    await line_is_whole(visitor)

    held = await answers_of(visitor)
    assert held["short"] == {"kind": "typed", "text": "қысқа"}
    assert held["true_false"] == {"kind": "truth", "value": True}
    assert held["essay"] == {"kind": "written", "text": "Екі сөз енді"}
    assert held["single"] == {"kind": "chosen", "ids": ["2"]}
    view = await read(visitor)
    assert [one["place"] for one in view["questions"] if one["marked"]] == [places["essay"]]
    assert view["state"] == "running"

    await visitor.page.locator("[data-hand-in]").click()
    await expect(visitor.page.locator("[data-ending]")).to_be_visible()
    await look(visitor, "handing-in")
    await visitor.page.locator("[data-ending]").get_by_role("button", name=visitor.say("exam.handInDo")).click()
    await expect(visitor.page.locator("[data-end=handed]")).to_be_visible()
    await expect(visitor.page.locator("[data-review=untold]")).to_be_visible()
    await look(visitor, "handed-in")
    forgive(visitor)


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("login", "language", "size"), [("student5", "kk", PHONE), ("student6", "ru", DESK)])
async def test_questions_of_every_kind_are_answered_and_come_back(
    server: Running, crowd: Crowd, login: str, language: str, size: tuple[int, int]
) -> None:
    visitor = await crowd.visitor(server, language=language, size=size)
    await begins(visitor, login)
    places = await places_of(visitor)
    assert len(places) == 15
    for kind, place in places.items():
        question = await goes_to(visitor, place)
        await ANSWERS[kind](visitor, question)
        await expect(question.locator("[data-answered]")).to_have_attribute("data-answered", "true")
        await look(visitor, f"kind-{kind}")
    await saved(visitor)
    held = await answers_of(visitor)
    held["multiple"]["ids"].sort()  # the server keeps them in the order of the question
    assert {kind: EXPECTED[kind] for kind in EXPECTED} == {kind: held[kind] for kind in EXPECTED}
    assert [kind for kind in places if not held[kind]] == []
    await visitor.page.reload()
    for place in places.values():
        question = await goes_to(visitor, place)
        await expect(question.locator("[data-answered]")).to_have_attribute("data-answered", "true")


async def _single(visitor: Visitor, _: Locator) -> None:
    await visitor.page.keyboard.press("3")


async def _multiple(visitor: Visitor, _: Locator) -> None:
    await visitor.page.keyboard.press("1")
    await visitor.page.keyboard.press("3")


async def _true_false(_: Visitor, question: Locator) -> None:
    await choose_nth(question, 1)


async def _typed(_: Visitor, question: Locator) -> None:
    await question.get_by_role("textbox").fill("12")


async def _numeric(_: Visitor, question: Locator) -> None:
    await question.get_by_role("textbox").fill("2,5")
    units = question.get_by_role("combobox")
    if await units.count():
        await units.select_option(index=1)


async def _formula(_: Visitor, question: Locator) -> None:
    await question.get_by_role("textbox").fill("3x^2+2")
    await expect(question.locator("[data-preview=true] .katex")).to_be_visible()


async def _chosen_in_lists(_: Visitor, question: Locator) -> None:
    lists = question.get_by_role("combobox")
    for nth in range(await lists.count()):
        await lists.nth(nth).select_option(index=nth + 1)


async def _ordering(_: Visitor, question: Locator) -> None:
    """By keys alone; the button that was pressed keeps the focus."""
    button = question.locator("[data-way=down]").first
    await button.focus()
    await button.press("Enter")
    await expect(question.locator("[data-row]").nth(1).locator("[data-way=down]")).to_be_focused()


async def _gaps(_: Visitor, question: Locator) -> None:
    for gap in await question.locator("[data-gap]").all():
        if await gap.evaluate("one => one.tagName") == "SELECT":
            await gap.select_option(index=1)
        else:
            await gap.fill("7")


async def _hotspot(visitor: Visitor, question: Locator) -> None:
    """By keys: from the middle a step to the left and one up."""
    await question.get_by_role("application").focus()
    for key in ("ArrowLeft", "ArrowUp", "Enter"):
        await visitor.page.keyboard.press(key)
    await expect(question.locator("[data-spots='1']")).to_be_visible()


async def _file(_: Visitor, question: Locator) -> None:
    sent = {"name": "work.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 work"}
    await question.locator("input[type=file]").set_input_files(sent)  # type: ignore[arg-type]
    await expect(question.locator("[data-files='1']")).to_be_visible()


async def _spoken(visitor: Visitor, question: Locator) -> None:
    await question.get_by_role("button", name=visitor.say("questions.record")).click()
    await expect(question.locator("[data-recording=true]")).to_be_visible()
    await asyncio.sleep(1.5)  # somebody speaks
    await question.get_by_role("button", name=visitor.say("questions.stopRecording")).click()
    await expect(question.locator("[data-recorded=true]")).to_be_visible()


ANSWERS = {
    "single": _single, "multiple": _multiple, "true_false": _true_false, "short": _typed, "numeric": _numeric,
    "formula": _formula, "matching": _chosen_in_lists, "drag_onto": _chosen_in_lists, "ordering": _ordering,
    "cloze": _gaps, "table": _gaps, "hotspot": _hotspot, "essay": _typed, "file": _file, "spoken": _spoken,
}  # fmt: skip
EXPECTED: dict[str, Any] = {
    "single": {"kind": "chosen", "ids": ["3"]},
    "multiple": {"kind": "chosen", "ids": ["1", "3"]},
    "true_false": {"kind": "truth", "value": False},
    "short": {"kind": "typed", "text": "12"},
    "formula": {"kind": "typed", "text": "3x^2+2"},
    "essay": {"kind": "written", "text": "12"},
    "ordering": {"kind": "ordered", "ids": ["2", "1", "3", "4"]},
}


@pytest.mark.req("S456-27.14")
async def test_one_page_and_one_device_at_a_time(server: Running, crowd: Crowd) -> None:
    """Who comes second is told, brings it over, and finds every answer; the first one says where it went."""
    desk = await crowd.visitor(server, language="ru", size=DESK)
    await begins(desk, "student7")
    places = await places_of(desk)
    await choose_nth(await goes_to(desk, places["single"]), 0)
    await saved(desk)
    tab = await desk.context.new_page()
    await tab.goto(desk.page.url)
    await expect(tab.locator("[data-sitting=other_tab]")).to_be_visible()
    await tab.get_by_role("button", name=desk.say("exam.rest.bring")).click()
    await expect(tab.locator("[data-question]")).to_be_visible()
    await expect(desk.page.locator("[data-sitting=other_tab]")).to_be_visible()
    await look(desk, "other-tab")
    await tab.close()
    await desk.page.get_by_role("button", name=desk.say("exam.rest.bring")).click()
    await expect(desk.page.locator("[data-question]")).to_be_visible()

    phone = await crowd.visitor(server, language="kk", size=PHONE)
    await phone.log_in("student7", opens=None)
    await phone.page.goto(desk.page.url)
    await expect(phone.page.locator("[data-sitting=elsewhere]")).to_be_visible()
    await look(phone, "elsewhere")
    await phone.page.get_by_role("button", name=phone.say("exam.rest.bring")).click()
    question = await goes_to(phone, places["single"])
    await expect(question.get_by_role("radio").first).to_be_checked()
    await (await goes_to(phone, places["short"])).get_by_role("textbox").fill("телефоннан")
    await saved(phone)
    await expect(desk.page.locator("[data-sitting=elsewhere]")).to_be_visible()
    await desk.page.get_by_role("button", name=desk.say("exam.rest.bring")).click()
    await expect((await goes_to(desk, places["short"])).get_by_role("textbox")).to_have_value("телефоннан")
    await expect(phone.page.locator("[data-sitting=elsewhere]")).to_be_visible()
