"""Every page, in three languages, on a phone and a desk, light and dark: whole, accessible, by itself."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.test_lesson import unplanned
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.running import Running

LOOKS = [("kk", DESK, False), ("ru", PHONE, False), ("en", DESK, True), ("kk", PHONE, True)]


def _name(language: str, size: tuple[int, int], dark: bool) -> str:
    return f"{language}-{'phone' if size == PHONE else 'desk'}-{'dark' if dark else 'light'}"


async def _look(visitor: Visitor, page: str, look: tuple[str, tuple[int, int], bool]) -> None:
    assert await visitor.accessible() == [], page
    assert await visitor.wide() <= 0, page
    await visitor.page.screenshot(path=picture(f"{page}-{_name(*look)}"))


@pytest.mark.req("S234-9")
@pytest.mark.parametrize("look", LOOKS, ids=[_name(*look) for look in LOOKS])
async def test_every_page_is_whole(server: Running, crowd: Crowd, look: tuple[str, tuple[int, int], bool]) -> None:
    language, size, dark = look
    visitor = await crowd.visitor(server, language=language, size=size, dark=dark)
    await visitor.go("/log-in")
    await visitor.button("login.submit").click()
    await expect(visitor.page.get_by_text(visitor.say("login.loginMissing"))).to_be_visible()
    await _look(visitor, "1-log-in", look)
    await visitor.go("/devices")
    await expect(visitor.page.get_by_role("heading", name=visitor.say("devices.title"))).to_be_visible()
    await expect(visitor.page.locator("video")).to_be_visible()
    await _look(visitor, "2-devices", look)
    await visitor.log_in("teacher")
    await expect(visitor.page.locator("[data-lesson]:visible").first).to_be_visible()
    assert await visitor.page.evaluate("document.documentElement.lang") == language
    await _look(visitor, "3-today", look)
    lesson = await unplanned(server)
    await visitor.go(f"/lessons/{lesson}")
    await expect(visitor.page.locator("video")).to_be_visible()
    await _look(visitor, "4-before", look)
    await (await crowd.visitor(server, language="kk")).joins("student1", lesson)
    await visitor.press_enter()
    await visitor.inside()
    await visitor.receives(videos=1, sounds=1)
    await _look(visitor, "5-lesson", look)
    await visitor.go("/nothing-here")
    await expect(visitor.page.get_by_role("heading", name=visitor.say("lost.title"))).to_be_visible()
    await _look(visitor, "6-lost", look)


async def test_the_language_changes_without_a_reload(server: Running, crowd: Crowd) -> None:
    visitor = await crowd.visitor(server)
    await visitor.go("/log-in")
    await visitor.page.get_by_label(visitor.say("login.login")).fill("typed already")
    await visitor.page.evaluate("window.stays = true")
    for label, language, title in (("Рус", "ru", "Вход"), ("Eng", "en", "Log in"), ("Қаз", "kk", "Кіру")):
        await visitor.page.get_by_role("button", name=label, exact=True).click()
        await expect(visitor.page.get_by_role("heading", name=title, exact=True)).to_be_visible()
        assert await visitor.page.evaluate("document.documentElement.lang") == language
    assert await visitor.page.evaluate("window.stays") is True
    await expect(visitor.page.get_by_label(visitor.say("login.login"))).to_have_value("typed already")


async def test_the_whole_way_into_a_lesson_by_keyboard(server: Running, crowd: Crowd) -> None:
    visitor = await crowd.visitor(server)
    lesson = await unplanned(server)
    await visitor.log_in("teacher", opens=f"/lessons/{lesson}")
    await expect(visitor.page.locator("[data-enter]")).to_be_visible()
    for _ in range(40):
        await visitor.page.keyboard.press("Tab")
        if await visitor.page.evaluate("document.activeElement?.hasAttribute('data-enter') ?? false"):
            break
    await visitor.page.keyboard.press("Enter")
    await visitor.inside()
    microphone = visitor.page.get_by_role("button", name=visitor.say("devices.microphone"))
    await expect(microphone).to_have_attribute("aria-pressed", "true")
    await visitor.page.keyboard.press("m")
    await expect(microphone).to_have_attribute("aria-pressed", "false")


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("empty"), planes=1)
    server.start()
    yield server
    server.kill()


async def test_a_first_start_offers_a_demo_school_or_ones_own(empty: Running, crowd: Crowd) -> None:
    look = ("ru", PHONE, False)
    visitor = await crowd.visitor(empty, language="ru", size=PHONE)
    await visitor.go("/")
    await expect(visitor.page.get_by_role("heading", name=visitor.say("welcome.title"))).to_be_visible()
    await _look(visitor, "7-welcome", look)
    await visitor.page.get_by_role("link", name=visitor.say("welcome.demoAction"), exact=True).click()
    await expect(visitor.page.get_by_role("heading", name=visitor.say("demo.title"))).to_be_visible()
    await expect(visitor.page.locator('[data-login="teacher"]')).to_be_visible()
    await _look(visitor, "8-demo", look)
    await visitor.page.locator('[data-login="teacher"]').click()
    await expect(visitor.page.locator("[data-lesson]:visible").first).to_be_visible()
    await visitor.context.clear_cookies()
    link = empty.invitation()
    await visitor.go("/nothing-here")
    await visitor.page.goto(link)
    await expect(visitor.page.get_by_role("heading", name=visitor.say("setup.title"))).to_be_visible()
    await _look(visitor, "9-set-up", look)
    values = {"setup.kk": "Мектеп", "setup.ru": "Школа", "setup.family": "Ахметова", "setup.given": "Сәуле"}
    for key, value in {**values, "setup.login": "saule", "setup.password": "a long password"}.items():
        await visitor.page.get_by_label(visitor.say(key), exact=True).fill(value)
    await visitor.button("setup.submit").click()
    await expect(visitor.page.get_by_role("heading", name=visitor.say("today.empty"))).to_be_visible()
    again = await crowd.visitor(empty, language="kk")
    await again.go("/")
    await expect(again.page.get_by_role("heading", name=again.say("login.title"))).to_be_visible()
    await expect(again.page.get_by_text(again.say("welcome.demo"))).to_have_count(0)
