"""Drawing, writing and showing together, in a real browser."""

import asyncio
import base64
import re
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Download, expect

from tests.browser.visitor import DESK, PATIENCE, PHONE, Crowd, Visitor
from tests.support.running import Caller, Running

PAGE = "BT /F1 48 Tf 80 400 Td ({}) Tj ET"


def pdf(*texts: str) -> bytes:
    """A small PDF with one text on each page."""
    kids = " ".join(f"{4 + at * 2} 0 R" for at in range(len(texts)))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, text in enumerate(texts):
        draw = PAGE.format(text)
        uses = "/Resources << /Font << /F1 3 0 R >> >>"
        bodies += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents {5 + at * 2} 0 R {uses} >>",
            f"<< /Length {len(draw)} >>\nstream\n{draw}\nendstream",
        ]
    out, offsets = b"%PDF-1.4\n", list[int]()
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{at:010d} 00000 n \n" for at in offsets)
    head = f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
    return out + f"{head}trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


async def in_lesson(server: Running, crowd: Crowd, *, phone: bool = False) -> tuple[Visitor, Visitor]:
    async with aiohttp.ClientSession() as http:
        caller = await Caller(server, http).log_in("teacher")
        lesson = (await caller("POST", "/api/lessons", {"title": "Тақта"}))["id"]
    teacher = await crowd.visitor(server)
    pupil = await crowd.visitor(server, language="ru", size=PHONE if phone else DESK)
    await asyncio.gather(teacher.joins("teacher", lesson), pupil.joins("student1", lesson))
    return teacher, pupil


async def shows(one: Visitor, what: str) -> None:
    await (
        one.page.get_by_role("region", name=one.say("room.controls"))
        .get_by_role("button", name=one.say("board.show"), exact=True)
        .click()
    )
    await one.page.get_by_role("menuitem", name=one.say(what), exact=True).click()


async def draws(one: Visitor, *points: tuple[int, int]) -> None:
    """By hand, over the board."""
    box = await one.page.locator("canvas.interactive").bounding_box()
    assert box
    await one.page.locator("canvas.interactive").click(position={"x": box["width"] / 2, "y": box["height"] * 0.8})
    await one.page.keyboard.press("p")
    await one.page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    await one.page.mouse.down()
    for x, y in points[1:]:
        await one.page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    await one.page.mouse.up()


async def given_out(one: Visitor, how: str) -> bytes:
    """The board as a file, by its menu."""
    await one.page.locator(".main-menu-trigger").click()
    async with one.page.expect_download() as download:
        await one.page.get_by_text(one.say(how), exact=True).click()
    return await saved(await download.value)


async def saved(download: Download) -> bytes:
    path = await download.path()
    return await asyncio.to_thread(path.read_bytes)


INK = """() => {
  const canvas = document.querySelector('canvas.static')
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
  copy.drawImage(canvas, 0, 0)
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
  let count = 0
  for (let at = 0; at < data.length; at += 4) if (data[at] < 128 && data[at + 3] > 128) count += 1
  return count
}"""
"""Dark points of the board's drawing."""
DARK = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0))
  const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
  const copy = new OffscreenCanvas(picture.width, picture.height).getContext('2d')
  copy.drawImage(picture, 0, 0)
  const { data } = copy.getImageData(0, 0, picture.width, picture.height)
  return data.filter((value, at) => at % 4 === 0 && value < 128 && data[at + 3] > 128).length
}"""
"""Dark points of a PNG."""


async def ink(one: Visitor) -> int:
    return await one.page.evaluate(INK)


async def until_inked(one: Visitor, more_than: int = 20) -> None:
    async with asyncio.timeout(PATIENCE):
        while await ink(one) <= more_than:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_two_people_draw_on_one_board_and_no_other_host_is_asked(server: Running, crowd: Crowd) -> None:
    teacher, pupil = await in_lesson(server, crowd)
    await shows(teacher, "board.showBoard")
    for one in (teacher, pupil):
        await expect(one.page.locator('[data-board="saved"]')).to_be_visible()
    await draws(teacher, (420, 200), (520, 260), (640, 200))
    await until_inked(pupil)
    before = await ink(teacher)
    await draws(pupil, (420, 320), (640, 320))
    await until_inked(teacher, before + 20)
    await expect(teacher.page.locator('[data-saved="saved"]')).to_be_visible()
    await pupil.page.reload()
    await pupil.inside()
    await expect(pupil.page.locator('[data-board="saved"]')).to_be_visible()
    await until_inked(pupil)
    for one in (teacher, pupil):
        assert one.hosts == {server.url.partition("//")[2]}
    assert await teacher.accessible(but=".excalidraw") == []
    file = await given_out(teacher, "board.savePdf")
    assert file.startswith(b"%PDF-1.4")
    assert b"/DCTDecode" in file
    file = await given_out(teacher, "board.savePng")
    assert file.startswith(b"\x89PNG") and await teacher.page.evaluate(DARK, base64.b64encode(file).decode()) > 20
    drawing = (await given_out(teacher, "board.saveSvg")).decode()
    assert drawing.startswith("<svg") and drawing.count("<path") >= 2
    assert not re.search(r"""(href|src)=["']https?:|url\(["']?https?:""", drawing), "it needs nobody else to be seen"


@pytest.mark.complaint(10)
async def test_two_people_type_at_once_and_each_reads_all_of_it(server: Running, crowd: Crowd) -> None:
    teacher, pupil = await in_lesson(server, crowd, phone=True)
    fields = []
    for one in (teacher, pupil):
        await one.page.locator("[data-panel=notes]").click()
        fields.append(one.page.get_by_role("textbox", name=one.say("board.notes")))
        await expect(one.page.locator('[data-notes="saved"]')).to_be_visible()
    await fields[0].press_sequentially("# Туынды\n")
    await expect(fields[1]).to_have_value("# Туынды\n")
    await fields[1].press("Control+End")
    await asyncio.gather(
        fields[0].press_sequentially("анықтама ", delay=15), fields[1].press_sequentially("пример ", delay=15)
    )
    await expect(fields[0]).to_have_value(re.compile(r"^[\s\S]{25}$"))
    whole = await fields[0].input_value()
    await expect(fields[1]).to_have_value(whole)
    assert sorted(whole.removeprefix("# Туынды\n")) == sorted("анықтама пример ")
    async with teacher.page.expect_download() as download:
        await teacher.button("board.saveNotes").click()
    given = await download.value
    assert given.suggested_filename.endswith(".md")
    assert (await saved(given)).decode() == whole
    assert await pupil.accessible() == []
    assert await pupil.wide() <= 0


async def test_all_follow_the_teachers_page_and_a_pupil_may_leaf(server: Running, crowd: Crowd) -> None:
    teacher, pupil = await in_lesson(server, crowd)
    async with teacher.page.expect_file_chooser() as chooser:
        await shows(teacher, "board.showSlides")
    file: Any = {"name": "Туынды.pdf", "mimeType": "application/pdf", "buffer": pdf("one", "two", "three")}
    await (await chooser.value).set_files(file)
    for one in (teacher, pupil):
        await expect(one.page.locator('[data-slides="open"][data-page="0"]')).to_be_visible()
        await expect(one.page.get_by_role("img", name="one")).to_be_visible()
    await teacher.page.locator("[data-slides]").focus()
    await teacher.page.keyboard.press("ArrowRight")
    await expect(pupil.page.get_by_role("img", name="two")).to_be_visible()
    await pupil.button("board.before").click()
    await expect(pupil.page.get_by_role("img", name="one")).to_be_visible()
    await expect(teacher.page.get_by_role("img", name="two")).to_be_visible()
    await pupil.page.get_by_role("button", name=pupil.say("board.back").replace("{{page}}", "2")).click()
    await expect(pupil.page.get_by_role("img", name="two")).to_be_visible()
    assert await pupil.accessible() == []
    assert pupil.hosts == {server.url.partition("//")[2]}
    await shows(teacher, "board.stop")
    await expect(pupil.page.locator("[data-slides]")).to_have_count(0)
