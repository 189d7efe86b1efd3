"""The connection check as people see it; the net tests see to it that it is right behind firewalls."""

import pytest
from playwright.async_api import expect

from tests.browser.visitor import LOCALES, PHONE, Crowd
from tests.support.running import Running


@pytest.mark.complaint(7)
async def test_the_check_says_what_works_and_what_to_ask_for_in_each_language(server: Running, crowd: Crowd) -> None:
    for language in LOCALES:
        one = await (await crowd.visitor(server, language=language, size=PHONE)).log_in("teacher", "/settings")
        await one.page.get_by_role("link", name=one.say("connection.title")).click()
        await expect(one.page.get_by_role("heading", level=1)).to_have_text(one.say("connection.title"))
        told = one.page.get_by_role("status").filter(has_text=one.say("connection.verdict.good"))
        await expect(told).to_be_visible()
        for check, outcome in (("udp", "works"), ("tcp", "works"), ("relay", "absent")):
            assert await one.page.locator(f'[data-check="{check}"]').get_attribute("data-outcome") == outcome
        assert await one.accessible() == []
        assert await one.wide() <= 0
        await one.button("connection.copy").focus()
        await one.page.keyboard.press("Enter")
        await expect(one.page.get_by_text(one.say("connection.copied"), exact=True)).to_be_visible()
        assert str(server.port) in await one.page.evaluate("navigator.clipboard.readText()")
        await one.button("common.again").click()
        await expect(told).to_be_visible()
