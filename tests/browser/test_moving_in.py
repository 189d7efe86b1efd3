"""A school moves in by its pages: from an invitation to lessons, with nothing made up anywhere."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
import xlsxwriter
from playwright.async_api import Page, expect

from tests.browser.visitor import PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
ZONE = ZoneInfo("Asia/Almaty")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DESK_1280 = (1280, 800)
PEOPLE = """Аты-жөні;Сынып;Рөлі
Нұрланова Айгүл Серікқызы;;мұғалім
Әбілов Мирас;7 «А»;оқушы
Оспан Дина;7 «А»;оқушы
Жоқ Біреу;9 «Я»;оқушы
Сапар Ерлан;7 «А»;оқушы
"""


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("moving-in"), planes=1)
    server.start()
    yield server
    server.kill()


def excel(*rows: tuple[str, ...]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return made.getvalue()


class Keeper:
    """Somebody who keeps a school, at its pages."""

    def __init__(self, visitor: Visitor) -> None:
        self.at, self.page, self.say = visitor, visitor.page, visitor.say

    async def sets_up(self) -> None:
        await self.page.goto(self.at.server.invitation())
        values = {"setup.kk": "№ 7 мектеп", "setup.ru": "Школа № 7", "setup.family": "Сейітқызы"}
        values |= {"setup.given": "Айша", "setup.login": "aisha", "setup.password": "ұзын құпиясөз"}
        for key, value in values.items():
            await self.page.get_by_label(self.say(key), exact=True).fill(value)
        await self.at.button("setup.submit").click()
        await expect(self.page.get_by_role("heading", name=self.say("today.empty"))).to_be_visible()

    async def opens(self, part: str) -> None:
        """By the navigation, then by the list of parts."""
        await self.page.get_by_role("link", name=self.say("nav.school"), exact=True).last.click()
        await self.headed("nav.school")
        await (
            self.page.get_by_role("main").get_by_role("link", name=self.say(f"school.{part}"), exact=True).last.click()
        )

    async def headed(self, key: str) -> None:
        await expect(self.page.get_by_role("heading", level=1, name=self.say(key), exact=True)).to_be_visible()

    async def presses(self, key: str) -> None:
        await self.at.button(key).click()

    async def whole(self, name: str) -> None:
        """The page is accessible and no wider than its window; a picture of it is kept."""
        assert await self.at.accessible() == [], name
        assert await self.at.wide() <= 0, name
        await self.page.screenshot(path=picture(name), full_page=True)

    async def adds_class(self, name: str) -> None:
        await self.presses("classes.add")
        window = self.page.get_by_role("dialog")
        await expect(window.get_by_label(self.say("classes.name"))).to_be_focused()
        await self.page.keyboard.press("Escape")
        await expect(self.at.button("classes.add")).to_be_focused()
        await self.page.keyboard.press("Enter")
        await window.get_by_label(self.say("classes.name")).fill(name)
        await expect(window.get_by_label(self.say("classes.grade"))).to_have_value(name.split()[0])
        await window.get_by_role("button", name=self.say("classes.addAction"), exact=True).click()
        await expect(self.page.locator(f"[data-class='{name}']")).to_be_visible()

    async def imports(self, kind: str) -> None:
        await self.opens("import")
        await self.headed("import.title")
        await self.presses(f"import.kind.{kind}")

    async def brings(self, kind: str, *rows: tuple[str, ...]) -> None:
        """Choose an Excel file, check it, take it."""
        await self.imports(kind)
        file: Any = {"name": f"{kind}.xlsx", "mimeType": "application/octet-stream", "buffer": excel(*rows)}
        await self.page.locator("input[type=file]").set_input_files(file)
        await self.presses("import.check")
        added = len(rows) - 1
        await expect(self.page.locator("[data-report=checked] [data-outcome=add]")).to_have_count(added)
        await self.page.locator("[data-report=checked] button").first.click()
        await expect(self.page.locator("[data-report=taken] [data-outcome=add]")).to_have_count(added)


@pytest.mark.req("S456-27.3", "S456-27.7", "S503-13.1")
@pytest.mark.parametrize(("language", "size"), [("kk", DESK_1280), ("ru", PHONE)], ids=["desk", "phone"])
async def test_a_school_moves_in_by_its_pages(
    empty: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    look = f"{language}-{'phone' if size == PHONE else 'desk'}"
    aisha = Keeper(await crowd.visitor(empty, language=language, size=size))
    page, say = aisha.page, aisha.say
    await aisha.sets_up()
    await page.get_by_role("link", name=say("nav.school"), exact=True).last.click()
    await expect(page.get_by_role("heading", name=say("school.begin"))).to_be_visible()
    await aisha.whole(f"20-school-{look}")

    await aisha.opens("classes")
    await aisha.headed("school.classes")
    await expect(page.get_by_role("heading", name=say("classes.empty"))).to_be_visible()
    await aisha.whole(f"21-classes-empty-{look}")
    await aisha.adds_class("7 «А»")
    await aisha.adds_class("7 «Б»")

    await aisha.imports("people")
    await page.get_by_label(say("import.paste")).fill(PEOPLE)
    await aisha.presses("import.check")
    bad = page.locator("[data-outcome=refused]")
    await expect(bad).to_have_count(1)
    await expect(bad).to_contain_text("Жоқ Біреу")
    await expect(bad).to_contain_text(say("import.cell.class"))
    assert await bad.get_attribute("data-line") == "5"
    await aisha.whole(f"22-import-{look}")
    await page.locator("[data-report=checked] button").first.click()
    await expect(page.locator("[data-report=taken]")).to_be_visible()

    await aisha.brings("courses", ("Пән", "Сынып", "Мұғалім"), ("Алгебра", "7 «А»", "Нұрланова Айгүл Серікқызы"))
    now = datetime.now(UTC).astimezone(ZONE)
    soon = now + timedelta(minutes=40)
    hour = ("Апта күні", "Басталуы", "Минут", "Сынып", "Пән"), (WEEKDAYS[soon.weekday()], f"{soon:%H:%M}", "45")
    await aisha.brings("lessons", hour[0], (*hour[1], "7 «А»", "Алгебра"))
    await aisha.opens("timetable")
    lesson = page.locator(f"[data-planned='{soon:%H:%M}']").first
    if soon.date().isocalendar()[1] != now.date().isocalendar()[1]:
        await aisha.presses("timetable.weekAfter")
    await expect(lesson).to_be_visible()
    await aisha.whole(f"23-timetable-{look}")

    await aisha.opens("classes")
    await page.get_by_role("link", name="7 «А»").click()
    await expect(page.locator("[data-person]")).to_have_count(3)
    await aisha.whole(f"24-class-{look}")
    await aisha.presses("slips.ofClass")
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.locator("[data-slip]")).to_have_count(3)
    await aisha.whole(f"25-slips-{look}")
    slip = page.locator("[data-slip='miras.abilov']")
    await expect(slip).to_contain_text(empty.url)
    password = await slip.locator("[data-password]").inner_text()
    assert [await _sheets(page, slips) for slips in (8, 9)] == [1, 2]
    await page.emulate_media(media="print")
    await page.screenshot(path=picture(f"26-slips-print-{look}"), full_page=True)
    await page.emulate_media(media="screen")

    miras = await crowd.visitor(empty, language=language, size=size)  # the list was taken in it
    await _comes(miras, "miras.abilov", password)
    if soon.date() == now.date():
        await expect(miras.page.locator("[data-lesson]:visible").first).to_contain_text("Алгебра")

    await aisha.opens("people")
    await expect(page.locator("[data-person]")).to_have_count(5)
    await aisha.whole(f"27-people-{look}")
    await page.get_by_label(say("roll.search")).fill("оспан")
    await expect(page.locator("[data-person]")).to_have_count(1)
    await page.get_by_role("checkbox", name="Оспан Дина").check()
    await aisha.presses("roll.moveAction")
    window = page.get_by_role("dialog")
    await window.get_by_label(say("roll.class")).select_option(label="7 «Б»")
    await aisha.whole(f"28-move-{look}")
    await window.locator("button[type=submit]").click()
    await expect(page.locator("[data-person='dina.ospan']")).to_contain_text("7 «Б»")

    await page.get_by_label(say("roll.search")).fill("сапар")
    await page.get_by_role("link", name=re.compile("Сапар")).click()
    await expect(page.get_by_role("heading", level=1, name="Сапар Ерлан")).to_be_visible()
    await aisha.whole(f"29-person-{look}")
    await aisha.presses("roll.remove")
    await page.get_by_role("dialog").locator("button[type=submit]").click()
    await expect(page.get_by_role("button", name=say("roll.bringBack"), exact=True)).to_be_visible()


async def _comes(visitor: Visitor, login: str, password: str) -> None:
    """With a slip; a password of one's own is asked for first."""
    await visitor.go("/log-in")
    await visitor.page.get_by_label(visitor.say("login.login")).fill(login)
    await visitor.page.get_by_label(visitor.say("login.password"), exact=True).fill(password)
    await visitor.button("login.submit").click()
    held = visitor.page.get_by_role("heading", name=visitor.say("locks.heldPassword"))
    await expect(held).to_be_visible()
    await visitor.page.get_by_label(visitor.say("locks.givenPassword"), exact=True).fill(password)
    await visitor.page.get_by_label(visitor.say("locks.newPassword"), exact=True).fill("жаңа ұзын сөз 7")
    await visitor.page.locator("button[type=submit]").click()
    await expect(
        visitor.page.get_by_role("heading", level=1, name=re.compile(visitor.say("nav.today")))
    ).to_be_visible()


async def test_courses_lessons_and_organisations_by_form(empty: Running, crowd: Crowd) -> None:
    aisha = Keeper(await crowd.visitor(empty, language="en", size=DESK_1280))
    page, say = aisha.page, aisha.say
    await aisha.sets_up()
    async with aiohttp.ClientSession() as http:
        by_hand = await Caller(empty, http).log_in("aisha", "ұзын құпиясөз")
        [school] = (await by_hand("GET", "/api/organisations"))["items"]
        here = f"/api/organisations/{school['id']}"
        await by_hand("POST", f"{here}/groups", {"name": "7 «А»", "grade": 7, "year": _school_year()})
        for family, given in (("Нұрланова", "Айгүл"), ("Омаров", "Серік")):
            await by_hand("POST", f"{here}/people", {"data": {"family": family, "given": given}, "role": "teacher"})

        await aisha.opens("courses")
        await expect(page.get_by_role("heading", name=say("courses.empty"))).to_be_visible()
        for subject, teacher in (("Algebra", "Нұрланова Айгүл"), ("Physics", "Омаров Серік")):
            await aisha.presses("courses.add")
            window = page.get_by_role("dialog")
            await window.get_by_label(say("courses.subject"), exact=True).select_option(label=subject)
            await window.get_by_role("checkbox", name="7 «А»").check()
            await window.get_by_role("checkbox", name=teacher).check()
            await aisha.whole(f"30-course-{subject}")
            await window.get_by_role("button", name=say("courses.addAction"), exact=True).click()
            await expect(page.get_by_role("main").get_by_text(f"{subject} · 7 «А»")).to_be_visible()
        await aisha.whole("31-courses")

        await aisha.opens("timetable")
        await aisha.presses("timetable.weekAfter")
        for subject in ("Algebra", "Physics"):
            await aisha.presses("timetable.add")
            window = page.get_by_role("dialog")
            await window.get_by_label(say("timetable.course"), exact=True).select_option(label=f"{subject} · 7 «А»")
            await window.get_by_role("button", name=say("timetable.addAction"), exact=True).click()
            if subject == "Physics":
                await expect(window.get_by_text(say("timetable.conflict"))).to_be_visible()
                await aisha.whole("32-conflict")
                await window.get_by_role("button", name=say("timetable.anyway"), exact=True).click()
            await expect(page.locator("[data-planned='08:30']").filter(has_text=subject)).to_be_visible()
        physics = page.locator("[data-planned='08:30']").filter(has_text="Physics")
        await physics.click()
        await aisha.whole("33-lesson")
        await page.get_by_role("dialog").get_by_role("button", name=say("timetable.cancel"), exact=True).click()
        await expect(physics).to_contain_text(say("today.cancelled"))
        await aisha.whole("34-week")
        await physics.click()
        window = page.get_by_role("dialog")
        [meant] = [one for one in await _week(by_hand, here) if one["state"] == "cancelled"]
        await by_hand("POST", f"{here}/timetable/{meant['id']}/cancel", {"version": meant["version"], "restore": True})
        await expect(page.locator("[data-planned='08:30']").filter(has_text=say("today.cancelled"))).to_have_count(0)
        await window.get_by_role("button", name=say("school.save"), exact=True).click()
        await window.get_by_role("button", name=say("school.reload"), exact=True).click()
        await expect(window).to_have_count(0)

        await aisha.opens("organisation")
        await page.get_by_label(say("school.en")).fill("School No. 7")
        await aisha.presses("school.save")
        await expect(page.get_by_role("main").get_by_text("School No. 7", exact=True)).to_be_visible()
        await aisha.whole("35-organisation")
        await aisha.presses("below.add")
        window = page.get_by_role("dialog")
        await window.get_by_label(say("setup.kk"), exact=True).fill("№ 8 мектеп")
        await window.get_by_label(say("setup.ru"), exact=True).fill("Школа № 8")
        await window.get_by_role("button", name=say("below.addAction"), exact=True).click()
        window = page.get_by_role("dialog", name=say("below.appoint"))
        await window.get_by_label(say("roll.family"), exact=True).fill("Бекова")
        await window.get_by_label(say("roll.given"), exact=True).fill("Жанар")
        await aisha.whole("36-appoint")
        await window.get_by_role("button", name=say("below.appointAction"), exact=True).click()
        await expect(page.locator("[data-slip]")).to_contain_text("Бекова Жанар")


@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK_1280), ("en", PHONE)])
async def test_the_school_speaks_each_language(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    keeper = Keeper(await (await crowd.visitor(server, language=language, size=size, dark=True)).log_in("admin"))
    for part, there in (
        ("people", "[data-person]"),
        ("classes", "[data-class]"),
        ("courses", "[data-course]"),
        ("timetable", "[data-planned]"),
        ("import", "textarea"),
        ("organisation", "select"),
    ):
        await keeper.opens(part)
        await expect(keeper.page.locator(there).first).to_be_visible()
        await keeper.whole(f"40-{part}-{language}")


async def test_who_keeps_nothing_sees_no_school(server: Running, crowd: Crowd) -> None:
    teacher = await (await crowd.visitor(server, language="ru")).log_in("teacher")
    await expect(teacher.page.get_by_role("link", name=teacher.say("nav.today"), exact=True)).to_be_visible()
    await expect(teacher.page.get_by_role("link", name=teacher.say("nav.school"), exact=True)).to_have_count(0)


async def _sheets(page: Page, slips: int) -> int:
    """Sheets of A4 that so many slips take."""
    await page.evaluate(
        "slips => { const list = document.querySelector('[data-slip]').parentElement;"
        " while (list.children.length < slips) list.append(list.lastElementChild.cloneNode(true)) }",
        slips,
    )
    return len(re.findall(rb"/Type\s*/Page\b", await page.pdf(prefer_css_page_size=True)))


def _school_year() -> int:
    today = datetime.now(UTC).astimezone(ZONE)
    return today.year if today.month >= 8 else today.year - 1


async def _week(by_hand: Caller, here: str) -> list[dict[str, Any]]:
    today = datetime.now(UTC).astimezone(ZONE).date()
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    return (await by_hand("GET", f"{here}/timetable?first={monday}"))["items"]
