"""Teachers and their questions: written, tried, taken from a file, passed by another; and gone into a file again."""

import re
import struct
import zlib
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Locator, expect

from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Caller, Running

pytestmark = pytest.mark.pages
NARROW = (360, 740)
KINDS = (
    *("single", "multiple", "true_false", "short", "numeric", "matching", "ordering", "cloze"),
    *("essay", "file", "spoken", "formula", "table", "hotspot", "drag_onto"),
)
GIFT = """// Two good questions and a broken one
::Q1:: Қазақстанның астанасы? {=Астана ~Алматы ~Шымкент}

::Q2:: Broken {=only =braces

::Q3:: 2 + 2 = ? {#4:0}
"""


class Author:
    """A teacher at the bank's pages."""

    def __init__(self, visitor: Visitor, look: str) -> None:
        self.at, self.page, self.say, self.look = visitor, visitor.page, visitor.say, look

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def option(self, number: int) -> Locator:
        return self.field(self.said("bank.option", number=number))

    def said(self, key: str, **given: object) -> str:
        text = self.say(key)
        for name, value in given.items():
            text = text.replace("{{" + name + "}}", str(value))
        return text

    async def presses(self, key: str, within: Locator | None = None) -> None:
        await (within or self.page).get_by_role("button", name=self.say(key), exact=True).click()

    async def whole(self, name: str) -> None:
        """The page is accessible and no wider than its window; a picture of it is kept."""
        await self.page.screenshot(path=picture(f"bank-{name}-{self.look}"), full_page=True)
        assert await self.at.accessible() == [], name
        assert await self.at.wide() <= 0, name

    async def saves(self) -> None:
        await self.page.locator("[data-save]").click()
        await self.page.wait_for_url(re.compile("/items/item_"))
        await expect(self.page.locator("[data-state=saved]")).to_be_visible()


async def author(
    crowd: Crowd, server: Running, login: str, language: str, size: tuple[int, int], opens: str = "/bank"
) -> Author:
    visitor = await crowd.visitor(server, language=language, size=size)
    made = Author(visitor, f"{language}-{'phone' if size in (PHONE, NARROW) else 'desk'}")
    await visitor.log_in(login, opens=opens)
    return made


async def new_bank(server: Running, title: str) -> str:
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        return (await teacher("POST", "/api/banks", {"title": title, "shared": True, "organisation_id": None}))["id"]


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("ru", DESK)], ids=["kk-phone", "ru-desk"])
async def test_a_question_is_written_tried_and_passed_by_another(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    anna = await author(crowd, server, "teacher", language, size, "/")
    if size[0] < 760:
        await anna.page.get_by_role("button", name=anna.say("nav.more"), exact=True).click()
    await anna.page.get_by_role("link", name=anna.say("nav.bank"), exact=True).click()
    await anna.presses("bank.newBank")
    window = anna.page.get_by_role("dialog")
    title = f"География {language}"
    await window.get_by_label(anna.say("bank.bankTitle")).fill(title)
    await anna.whole("1-new-bank")
    await anna.presses("bank.makeBank", window)
    await expect(anna.page.get_by_role("heading", level=1, name=title)).to_be_visible()
    await anna.whole("2-empty")

    await _writes_by_keys(anna)
    await anna.whole("3-written")
    await _tries(anna)
    await anna.whole("4-tried")
    await anna.saves()
    item = anna.page.url.rpartition("/")[2]
    await anna.presses("bank.act.submit")
    await expect(anna.page.locator("[data-item-state=review]")).to_contain_text(anna.say("bank.waitsForOther"))
    await expect(anna.page.get_by_role("button", name=anna.say("bank.act.approve"), exact=True)).to_have_count(0)
    await anna.whole("5-in-review")

    await anna.page.get_by_role("link", name=title).click()
    await _imports(anna)
    await expect(anna.page.locator("[data-item]")).to_have_count(3)
    await anna.whole("7-list")

    bek = await author(crowd, server, "teacher2", language, size)
    await bek.page.get_by_role("link", name=title).click()
    await bek.field(bek.say("bank.search")).fill("өзен")
    await expect(bek.page.locator("[data-total='1']")).to_be_visible()
    await bek.page.locator(f"[data-item='{item}'] a").click()
    await bek.presses("bank.act.approve")
    window = bek.page.get_by_role("dialog")
    await window.get_by_label(bek.say("bank.comment")).fill("Жақсы сұрақ")
    await bek.whole("8-approve")
    await bek.presses("bank.act.approve", window)
    await expect(bek.page.locator("[data-item-state=approved]")).to_be_visible()

    await anna.at.go(f"/items/{item}")
    await expect(anna.page.locator("[data-verdict=approve]")).to_contain_text("Жақсы сұрақ")
    await anna.whole("9-approved")


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("language", "size"), [("kk", NARROW), ("ru", DESK)], ids=["kk-narrow", "ru-desk"])
async def test_imported_questions_are_led_on_at_once_and_passed_by_another(
    server: Running, crowd: Crowd, language: str, size: tuple[int, int]
) -> None:
    bank = await new_bank(server, f"Импорт {language}")
    anna = await author(crowd, server, "teacher", language, size, f"/bank/{bank}")
    await anna.presses("bank.import")
    text = "\n\n".join(f"::Q{n}:: {n} + {n} нешеге тең? {{={2 * n} ~{2 * n + 1}}}" for n in range(60))
    file: Any = {"name": "q.gift", "mimeType": "text/plain", "buffer": text.encode()}
    await anna.page.locator("[data-import-file]").set_input_files(file)
    await anna.presses("bank.report.done")

    await anna.field(anna.say("bank.many.chooseShown")).focus()
    await anna.page.keyboard.press("Space")
    await expect(anna.page.locator("[data-chosen='50']")).to_be_visible()
    await anna.whole("many-1-chosen")
    await anna.page.get_by_role("button", name=re.compile("60")).click()
    await expect(anna.page.locator("[data-chosen='60']")).to_be_visible()
    await _leads(anna, "submit", name="many-2-asked")
    await expect(anna.page.locator("[data-changed='60'][data-left='0'] h2")).to_be_focused()
    await anna.whole("many-3-sent")
    await _all_found(anna)
    await _leads(anna, "approve")
    own = anna.page.locator("[data-changed='0'][data-left='60'] [data-why=own_item]")
    await expect(own).to_contain_text(anna.say("bank.many.why.own_item"))
    await anna.whole("many-4-own")
    bek = await author(crowd, server, "teacher2", language, size, f"/bank/{bank}")
    await bek.page.get_by_role("checkbox", name="59 + 59", exact=False).check()
    await expect(bek.page.locator("[data-chosen='1']")).to_be_visible()
    await _leads(bek, "return", "Жауабын тексеріңіз")
    await expect(bek.page.locator("[data-changed='1']")).to_be_visible()
    await _all_found(bek)
    await _leads(bek, "approve")
    told = bek.page.locator("[data-changed='59'][data-left='1']")
    await expect(told.locator("[data-why=item_state_unfit]")).to_contain_text("1")
    await told.locator("summary").click()
    await expect(told.get_by_role("link")).to_contain_text("59 + 59")
    await bek.whole("many-5-approved")


async def test_a_bank_is_named_anew_closed_and_opened_again(server: Running, crowd: Crowd) -> None:
    bank = await new_bank(server, "Ескі")
    anna = await author(crowd, server, "teacher", "kk", NARROW, f"/bank/{bank}")
    await anna.presses("bank.changeBank")
    window = anna.page.get_by_role("dialog")
    await window.get_by_label(anna.say("bank.bankTitle")).fill("Жаңа атау")
    await anna.whole("bank-settings")
    await anna.presses("bank.save", window)
    await expect(anna.page.get_by_role("heading", level=1, name="Жаңа атау")).to_be_visible()
    await anna.presses("bank.changeBank")
    await anna.presses("bank.closeBank", window)
    await expect(anna.page.get_by_text(anna.say("bank.archived"))).to_be_visible()
    await expect(anna.page.get_by_role("button", name=anna.say("bank.import"), exact=True)).to_have_count(0)
    await anna.at.go("/bank")
    await anna.page.get_by_text(anna.said("bank.closedBanks", count=1), exact=True).click()
    await anna.whole("closed-banks")
    await anna.page.get_by_role("link", name="Жаңа атау").click()
    await anna.presses("bank.changeBank")
    await anna.presses("bank.openAgain", window)
    await expect(anna.page.get_by_role("button", name=anna.say("bank.import"), exact=True)).to_be_visible()


async def _all_found(who: Author) -> None:
    await who.field(who.say("bank.many.chooseShown")).check()
    await who.page.get_by_role("button", name=re.compile("60")).click()


async def _leads(who: Author, act: str, comment: str = "", *, name: str = "") -> None:
    await who.presses(f"bank.act.{act}", who.page.locator("[data-chosen]"))
    window = who.page.get_by_role("dialog")
    if comment:
        await window.get_by_label(who.say("bank.comment")).fill(comment)
    if name:
        await who.whole(name)
    await who.presses(f"bank.act.{act}", window)
    await expect(window).to_have_count(0)


async def _writes_by_keys(anna: Author) -> None:
    """A new question of single choice without the mouse: the prompt has the focus, Enter leads on."""
    await anna.page.get_by_role("link", name=anna.say("bank.newQuestion"), exact=True).first.click()
    prompt = anna.field(anna.say("bank.place.prompt"))
    await expect(prompt).to_be_focused()
    await anna.page.keyboard.type("Қазақстандағы ең ұзын өзен?")
    await anna.option(1).focus()
    for text in ("Ертіс", "Сырдария", "Іле"):
        await anna.page.keyboard.type(text)
        await anna.page.keyboard.press("Enter")
    await expect(anna.option(4)).to_be_focused()
    await anna.page.keyboard.press("Control+s")  # kept as it is, and told what is missing
    await anna.page.wait_for_url(re.compile("/items/item_"))
    await expect(anna.page.locator("[data-faults='1']")).to_contain_text(anna.say("bank.why.key_at_right"))
    await anna.page.get_by_role(
        "radio", name=anna.said("bank.rightIs", name=anna.said("bank.option", number=1))
    ).check()
    await expect(anna.page.locator("[data-faults]")).to_have_count(0)


async def _tries(anna: Author) -> None:
    shown = anna.page.locator("[data-preview=shown]")
    await expect(shown).to_be_visible()
    await shown.get_by_text("Іле", exact=True).click()
    await anna.presses("bank.try", shown)
    await expect(shown.locator("[data-points='0']")).to_contain_text(anna.say("bank.part.wrong"))
    await shown.get_by_text("Ертіс", exact=True).click()
    await anna.presses("bank.try", shown)
    await expect(shown.locator("[data-points='1']")).to_contain_text(anna.say("bank.part.right"))


async def _imports(anna: Author) -> None:
    await anna.presses("bank.import")
    file: Any = {"name": "тест.gift", "mimeType": "text/plain", "buffer": GIFT.encode()}
    await anna.page.locator("[data-import-file]").set_input_files(file)
    report = anna.page.locator("[data-report='2']")
    refused = report.locator("[data-notes=bad]")
    await expect(refused).to_contain_text("тест.gift:4")
    await expect(refused).to_contain_text(anna.say("bank.exchange.bracesUnbalanced"))
    await anna.whole("6-report")
    async with anna.page.expect_download() as started:
        await anna.presses("bank.report.download")
    kept = await (await started.value).path()
    lines = kept.read_text("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert anna.say("bank.exchange.bracesUnbalanced") in lines[1]
    await anna.presses("bank.report.done")


@pytest.mark.req("S456-27.14")
@pytest.mark.parametrize(("language", "size"), [("kk", NARROW), ("ru", DESK)], ids=["kk-narrow", "ru-desk"])
async def test_every_kind_has_its_fields(server: Running, crowd: Crowd, language: str, size: tuple[int, int]) -> None:
    bank = await new_bank(server, f"Түрлер {language}")
    anna = await author(crowd, server, "teacher", language, size)
    for kind in KINDS:
        await anna.at.go(f"/items/new?bank={bank}&kind={kind}")
        await expect(anna.field(anna.say("bank.kind.label"))).to_have_value(kind)
        await anna.whole(f"kind-{kind}")


@pytest.mark.req("S456-27.14")
async def test_a_question_in_two_languages_with_formula_picture_gaps_and_numbers(server: Running, crowd: Crowd) -> None:
    bank = await new_bank(server, "Математика")
    anna = await author(crowd, server, "teacher", "ru", DESK, f"/items/new?bank={bank}&kind=cloze")
    await anna.presses("bank.sideBySide")
    prompt = anna.page.locator("[data-where=prompt]")
    russian, kazakh = (prompt.locator(f"textarea[data-language={one}]") for one in ("ru", "kk"))
    await russian.fill("Сколько будет {{a}} + 2? ")
    await anna.presses("bank.addGap", prompt)
    await expect(russian).to_have_value("Сколько будет {{a}} + 2? [[1]]")
    await anna.presses("bank.formula", prompt)
    window = anna.page.get_by_role("dialog")
    await window.get_by_label(anna.say("bank.formulaSource")).fill("\\frac{1}{2}")
    await expect(window.locator(".katex").last).to_be_visible()
    await anna.whole("formula")
    await anna.presses("bank.insert", window)
    await expect(russian).to_have_value("Сколько будет {{a}} + 2? [[1]]$$\\frac{1}{2}$$")
    await (
        prompt.locator("[data-media-file]")
        .nth(1)
        .set_input_files({"name": "карта.png", "mimeType": "image/png", "buffer": png(120, 80)})
    )
    await expect(prompt.locator("[data-look] img")).to_be_visible()
    await prompt.get_by_label(anna.said("bank.alt", name="карта.png")).fill("Карта")
    await expect(anna.page.locator("[data-missing]")).to_have_count(0)
    await kazakh.fill("{{a}} + 2 нешеге тең? [[1]]")

    gap = anna.page.locator("[data-gap='1']")
    await gap.get_by_label(anna.said("bank.gapKind", name="1")).select_option("numeric")
    await gap.get_by_label(anna.say("bank.number")).fill("a + 2")
    await anna.page.get_by_text(anna.say("bank.parameters"), exact=True).click()
    await anna.presses("bank.addParameter")
    shown = anna.page.locator("[data-preview=shown]")
    await expect(shown).to_contain_text(re.compile(r"Сколько будет \d+ \+ 2"))
    first = await _asked(shown)
    await anna.presses("bank.drawAnew", shown)
    await expect(shown).not_to_contain_text(first)
    await shown.get_by_role("textbox").fill("1000")
    await anna.presses("bank.try", shown)
    await expect(shown.locator("[data-points='0']")).to_contain_text(anna.said("bank.gap", name="1"))
    await shown.get_by_role("button", name="Қазақша").click()
    await expect(shown).to_contain_text("нешеге тең")
    await anna.whole("cloze")
    await anna.saves()
    await anna.page.reload()
    await expect(russian).to_have_value(re.compile(r"!\[карта.png\]"))


@pytest.mark.req("S456-27.14")
async def test_areas_are_drawn_on_a_picture(server: Running, crowd: Crowd) -> None:
    bank = await new_bank(server, "Карталар")
    anna = await author(crowd, server, "teacher", "kk", DESK, f"/items/new?bank={bank}&kind=hotspot")
    await anna.field(anna.say("bank.place.prompt")).fill("Астананы көрсетіңіз")
    await anna.page.locator("[data-picture-file]").set_input_files(
        {"name": "карта.png", "mimeType": "image/png", "buffer": png(120, 80)}
    )
    await anna.presses("bank.addRegion")
    board = anna.page.locator("svg[role=img]")
    await board.scroll_into_view_if_needed()
    box = await board.bounding_box()
    assert box
    at = lambda x, y: (box["x"] + box["width"] * x, box["y"] + box["height"] * y)  # noqa: E731
    await anna.page.mouse.move(*at(0.1, 0.1))
    await anna.page.mouse.down()
    await anna.page.mouse.move(*at(0.5, 0.5))
    await anna.page.mouse.up()
    await expect(anna.field(anna.say("bank.side.right"))).to_have_value(re.compile("^(59|60|61)$"))
    await anna.field(anna.say("bank.side.left")).fill("20")
    await expect(board.locator("rect")).to_have_attribute("x", "20")
    await expect(anna.page.locator("[data-preview=shown]")).to_be_visible()
    await anna.whole("hotspot")
    await anna.saves()


async def test_a_bank_goes_into_a_file(server: Running, crowd: Crowd) -> None:
    bank = await new_bank(server, "Экспорт")
    anna = await author(crowd, server, "teacher", "ru", DESK, f"/bank/{bank}")
    await anna.presses("bank.import")
    file: Any = {"name": "q.gift", "mimeType": "text/plain", "buffer": GIFT.encode()}
    await anna.page.locator("[data-import-file]").set_input_files(file)
    await anna.presses("bank.report.done")
    await anna.presses("bank.export")
    window = anna.page.get_by_role("dialog")
    await anna.whole("export")
    await window.get_by_role("radio", name=re.compile("^Aiken")).check()
    await anna.presses("bank.makeFile", window)
    noted = window.locator("[data-notes=attn]")
    await expect(noted).to_contain_text(anna.say("bank.exchange.noPlaceInFormat"))
    await anna.whole("exported")
    async with anna.page.expect_download() as started:
        await window.get_by_role("link").click()
    kept = await (await started.value).path()
    assert "Қазақстанның астанасы?" in kept.read_text("utf-8")


async def _asked(shown: Locator) -> str:
    """What is drawn for its parameter, as the question says it."""
    found = re.search(r"будет \d+ ", await shown.inner_text())
    assert found
    return found[0]


def png(width: int, height: int) -> bytes:
    """A picture of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\xb9\xe1\xea" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
