"""A device whose clock is wrong shows the school's time: what is due now, and what was written when."""

import pytest

from tests.browser.visitor import PHONE, Crowd
from tests.support.running import Running

pytestmark = pytest.mark.timeout(90)
WRONG = """(() => {
  const Right = Date, by = 25 * 3600e3
  globalThis.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + by) }
    static now() { return Right.now() + by }
  }
})()"""
HEADING = "document.querySelector('h1').textContent"


async def test_a_clock_that_is_a_day_and_an_hour_ahead_changes_no_day(server: Running, crowd: Crowd) -> None:
    right = await (await crowd.visitor(server, language="kk")).log_in("student2")
    wrong = await crowd.visitor(server, language="kk", size=PHONE)
    await wrong.context.add_init_script(WRONG)
    await wrong.log_in("student2")
    for one in (right, wrong):
        await one.page.locator("h1").wait_for()
    assert await wrong.page.evaluate(HEADING) == await right.page.evaluate(HEADING)
    assert await wrong.page.evaluate("new Date().getDate()") != await right.page.evaluate("new Date().getDate()")
