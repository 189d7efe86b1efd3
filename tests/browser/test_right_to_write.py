"""Who has no right to write is told so in the chat, and writes to the teacher alone; a breakout's chat stays in it."""

import pytest
from playwright.async_api import expect

from tests.browser.test_leading import class_of, panel, row_of
from tests.browser.visitor import Crowd, Visitor, picture
from tests.support.running import Running

pytestmark = pytest.mark.timeout(300)


async def writes(one: Visitor, label: str, text: str) -> None:
    field = one.page.get_by_role("textbox", name=one.say(label))
    await field.fill(text)
    await field.press("Enter")
    await expect(field).to_have_value("")


async def test_the_right_to_write_is_seen_in_the_chat(server: Running, crowd: Crowd) -> None:
    teacher, (pupil,) = await class_of(server, crowd, "student1")
    await panel(teacher, "people")
    row = await row_of(teacher, pupil)
    await row.locator("[data-right=write]").click()
    quiet = pupil.page.locator("[data-quiet]")
    await expect(quiet).to_have_text(pupil.say("chat.noRight"))
    assert await pupil.accessible() == []
    await pupil.page.screenshot(path=picture("chat-no-right-desk-ru"))
    await writes(pupil, "chat.writeTeacher", "можно спросить?")
    await panel(teacher, "chat")
    await expect(teacher.page.get_by_text("можно спросить?", exact=True)).to_be_visible()
    await panel(teacher, "people")
    row = await row_of(teacher, pupil)
    await row.locator("[data-right=write]").click()
    await expect(quiet).to_have_count(0)
