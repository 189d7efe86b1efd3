"""Writing more than words, and asking a class: a teacher and two pupils."""

import asyncio

import pytest
from playwright.async_api import Locator, expect

from tests.browser.test_lesson import unplanned
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.lms_core.files.samples import PNG
from tests.support.running import Running

PROGRAM = b"MZ\x90\0" + b"\0" * 100


async def a_class(server: Running, crowd: Crowd, *languages: str) -> list[Visitor]:
    """A teacher and two pupils in a lesson; the last one has a phone."""
    lesson = await unplanned(server)
    logins = ("teacher", "student1", "student2")
    sizes = (DESK, DESK, PHONE)
    looks = zip(languages, sizes, strict=True)
    people = [await crowd.visitor(server, language=language, size=size) for language, size in looks]
    await asyncio.gather(*(one.joins(login, lesson) for one, login in zip(people, logins, strict=True)))
    return people


def message(reader: Visitor, text: str) -> Locator:
    return reader.page.locator("[data-message]").filter(has_text=text)


async def writes(writer: Visitor, text: str, label: str = "chat.write") -> None:
    box = writer.page.get_by_label(writer.say(label), exact=True)
    await box.fill(text)
    await box.press("Enter")
    await expect(box).to_have_value("")


@pytest.mark.req("S456-27.16")
async def test_a_talk_with_files_answers_pictures_and_a_word_aside(server: Running, crowd: Crowd) -> None:
    teacher, pupil, other = await a_class(server, crowd, "kk", "ru", "en")
    await teacher.page.locator("input[data-attach]").set_input_files(
        {"name": "№ 5 есеп.png", "mimeType": "image/png", "buffer": PNG}
    )
    await expect(teacher.page.get_by_label(teacher.say("chat.attached"))).to_contain_text("№ 5 есеп.png")
    await writes(teacher, "№ 5 есепті шығарыңдар")
    for one in (pupil, other):
        await expect(message(one, "№ 5 есеп.png")).to_be_visible()
    async with pupil.context.expect_page() as opened:
        await message(pupil, "№ 5").get_by_role("button", name="№ 5 есеп.png").click()
    shown = await opened.value
    await shown.wait_for_url("**/files/**")
    await shown.close()

    await message(pupil, "№ 5").get_by_label(pupil.say("chat.deeds")).click()
    await pupil.page.locator("[data-react=clap]").click()
    await expect(message(teacher, "№ 5").locator("[data-reaction=clap]")).to_contain_text("1")
    await message(pupil, "№ 5").get_by_label(pupil.say("chat.deeds")).click()
    await pupil.page.locator("[data-message]").get_by_role("button", name=pupil.say("chat.reply"), exact=True).click()
    await writes(pupil, "Готово")
    await expect(message(teacher, "Готово")).to_contain_text("№ 5 есепті шығарыңдар")

    await pupil.page.get_by_label(pupil.say("chat.onlyTeacher")).check()
    await writes(pupil, "Я не понял", "chat.writeTeacher")
    await expect(message(teacher, "Я не понял")).to_be_visible()
    await writes(teacher, "Бәрі түсінді ме?")
    await expect(message(other, "Бәрі түсінді ме?")).to_be_visible()
    await expect(message(other, "Я не понял")).to_have_count(0)

    await message(teacher, "Готово").get_by_label(teacher.say("chat.deeds")).click()
    await message(teacher, "Готово").get_by_role("button", name=teacher.say("chat.takeBack")).click()
    await expect(message(other, other.say("chat.deleted"))).to_be_visible()
    await expect(message(other, "Готово")).to_have_count(0)
    for one, name in ((teacher, "chat-kk"), (pupil, "chat-ru"), (other, "chat-en-phone")):
        await one.page.screenshot(path=picture(name))
        assert await one.accessible() == []
        assert await one.wide() <= 0

    await teacher.page.get_by_label(teacher.say("chat.rule.title")).select_option("leaders")
    await expect(other.page.get_by_text(other.say("chat.closed"))).to_be_visible()
    await expect(other.page.get_by_label(other.say("chat.write"), exact=True)).to_have_count(0)
    await teacher.page.get_by_label(teacher.say("chat.rule.title")).select_option("all")
    await expect(other.page.get_by_label(other.say("chat.write"), exact=True)).to_be_visible()


async def test_a_program_is_refused_in_words_and_the_talk_goes_on(server: Running, crowd: Crowd) -> None:
    _, pupil, _ = await a_class(server, crowd, "kk", "ru", "en")
    await pupil.page.locator("input[data-attach]").set_input_files(
        {"name": "игра.png", "mimeType": "image/png", "buffer": PROGRAM}
    )
    await expect(pupil.page.get_by_text(pupil.say("error.file_type_refused"))).to_be_visible()
    await writes(pupil, "без файла")
    await expect(message(pupil, "без файла")).to_be_visible()
    pupil.complaints = [one for one in pupil.complaints if "422" not in one]


@pytest.mark.req("S456-27.16")
async def test_a_class_is_asked_in_two_taps_and_answers_in_one(server: Running, crowd: Crowd) -> None:
    teacher, pupil, other = await a_class(server, crowd, "kk", "ru", "en")
    await teacher.page.get_by_role("tab", name=teacher.say("polls.title")).click()
    await teacher.button("polls.abcd").click()
    for one in (pupil, other):
        await expect(one.page.locator("[data-poll]")).to_be_visible()
    await pupil.page.keyboard.press("2")
    await other.page.locator("[data-poll] [data-option='2']").click()
    for one in (pupil, other):
        await expect(one.page.locator("[data-poll] [data-voted]")).to_be_visible()
    assert await other.accessible() == []
    assert await other.wide() <= 0
    bars = teacher.page.locator("[role=tabpanel] [data-bars] li")
    await expect(bars.nth(1)).to_contain_text("1 (50 %)")
    await expect(bars.nth(2)).to_contain_text("1 (50 %)")
    await expect(pupil.page.locator("[data-bars]")).to_have_count(0)
    await pupil.page.screenshot(path=picture("poll-ru"))
    await other.page.screenshot(path=picture("poll-en-phone"))
    await teacher.page.screenshot(path=picture("poll-teacher-kk"))
    assert await teacher.accessible() == []

    await other.page.locator("[data-poll] [data-option='1']").click()
    await expect(bars.nth(1)).to_contain_text("2 (100 %)")
    await teacher.page.get_by_role("button", name=teacher.say("polls.answers"), exact=True).click()
    await expect(teacher.page.locator("[role=tabpanel] article li").filter(has_text=": B")).to_have_count(2)
    async with teacher.page.expect_download() as taken:
        await teacher.page.get_by_role("button", name="Excel", exact=True).click()
    assert (await taken.value).suggested_filename == "poll.xlsx"
    await teacher.page.locator("[role=tabpanel]").get_by_role("button", name=teacher.say("polls.closeAndShow")).click()
    for one in (pupil, other):
        await expect(one.page.locator("[data-poll]")).to_have_count(0)
        await one.page.get_by_role("tab", name=one.say("polls.title")).click()
        await expect(one.page.locator("[data-bars] li").nth(1)).to_contain_text("2 (100")
    await other.page.screenshot(path=picture("poll-closed-en-phone"))


async def test_a_quiz_of_ones_own(server: Running, crowd: Crowd) -> None:
    teacher, pupil, other = await a_class(server, crowd, "ru", "kk", "en")
    await teacher.page.get_by_role("tab", name=teacher.say("polls.title")).click()
    await teacher.button("polls.own").click()
    await teacher.page.get_by_label(teacher.say("polls.question"), exact=True).fill("Столица Казахстана?")
    for number, text in enumerate(("Алматы", "Астана"), 1):
        await teacher.page.get_by_label(teacher.say("polls.option").replace("{{number}}", str(number))).fill(text)
    await teacher.page.get_by_label(teacher.say("polls.right")).nth(1).check()
    assert await teacher.accessible() == []
    await teacher.page.screenshot(path=picture("poll-own-ru"))
    await teacher.button("polls.ask").click()
    card = pupil.page.locator("[data-poll]")
    await expect(card).to_contain_text("Столица Казахстана?")
    await card.get_by_role("button", name="Астана").click()
    await other.page.locator("[data-poll]").get_by_role("button", name="Алматы").click()
    await asyncio.gather(*(expect(one.page.locator("[data-voted]")).to_be_visible() for one in (pupil, other)))
    await (
        teacher.page.locator("[role=tabpanel]")
        .get_by_role("button", name=teacher.say("polls.close"), exact=True)
        .click()
    )
    for one, right in ((pupil, "true"), (other, "false")):
        await one.page.get_by_role("tab", name=one.say("polls.title")).click()
        await expect(one.page.locator(f"[data-right={right}]")).to_be_visible()


async def test_the_talk_of_a_class_goes_on_after_the_lesson(server: Running, crowd: Crowd) -> None:
    teacher = await (await crowd.visitor(server, language="kk")).log_in("teacher")
    pupil = await (await crowd.visitor(server, language="ru", size=PHONE)).log_in("student1")
    for one in (teacher, pupil):
        await one.page.get_by_role("link", name=one.say("nav.threads")).click()
        await one.page.wait_for_url("**/threads")
    where = pupil.page.locator("main li a[href^='/threads/']").first
    address = await where.get_attribute("href")
    await where.click()
    await teacher.go(str(address))
    await writes(pupil, "А что задали?")
    await expect(message(teacher, "А что задали?")).to_be_visible()
    await writes(teacher, "№ 5, 6")
    await expect(message(pupil, "№ 5, 6")).to_be_visible()
    for one, name in ((teacher, "threads-kk"), (pupil, "threads-ru-phone")):
        await one.page.screenshot(path=picture(name))
        assert await one.accessible() == []
        assert await one.wide() <= 0
