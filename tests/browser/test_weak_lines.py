"""A weak line: its owner is told in words, the others see whose it is, and saving data lowers what one sends."""

import pytest
from playwright.async_api import expect

from tests.browser.test_leading import class_of, my_id
from tests.browser.test_surviving import forgive
from tests.browser.visitor import Crowd
from tests.support.running import Running

SPOILED = """(() => {
  const real = RTCPeerConnection.prototype.getStats
  RTCPeerConnection.prototype.getStats = async function (...words) {
    const report = await real.apply(this, words)
    const spoil = window.spoil
    if (!spoil) return report
    return new Map([...report].map(([id, one]) => [id, one.type === spoil.type ? { ...one, ...spoil.by } : one]))
  }
  const limit = RTCRtpSender.prototype.setParameters
  window.limits = []
  RTCRtpSender.prototype.setParameters = function (given) {
    const sent = given.encodings.filter((one) => one.active)
    if (this.track?.kind === 'video') window.limits.push(Math.max(...sent.map((one) => one.maxBitrate)))
    return limit.call(this, given)
  }
})()"""
"""A browser that measures what the test says: a real line cannot be spoiled on every machine."""

pytestmark = pytest.mark.timeout(300)


@pytest.mark.complaint(6)
@pytest.mark.complaint(7)
async def test_a_weak_line_is_told_to_its_owner_and_shown_to_the_others(server: Running, crowd: Crowd) -> None:
    teacher, (pupil,) = await class_of(server, crowd, "student1")
    for one in (teacher, pupil):
        await one.page.evaluate(SPOILED)
    await teacher.receives(videos=1, sounds=1)
    trouble = pupil.page.locator("[data-trouble=weak]")
    await expect(trouble).to_have_count(0)
    for which, by, word in (
        ("remote-inbound-rtp", {"fractionLost": 0.2}, "room.weak"),
        ("candidate-pair", {"currentRoundTripTime": 0.9}, "room.weakDown"),
    ):
        await pupil.page.evaluate("(spoil) => { window.spoil = spoil }", {"type": which, "by": by})
        await expect(trouble).to_contain_text(pupil.say(word), timeout=15_000)
    await pupil.page.evaluate("() => { window.spoil = null }")
    await expect(trouble).to_have_count(0, timeout=15_000)
    still = {"type": "inbound-rtp", "by": {"packetsReceived": 500, "packetsLost": 0}}
    await teacher.page.evaluate("(spoil) => { window.spoil = spoil }", still)
    tile = teacher.page.locator(f'[data-tile="{await my_id(pupil)}"]').first
    await expect(tile.locator("[data-line=lost]")).to_be_visible(timeout=15_000)
    await teacher.page.evaluate("() => { window.spoil = null }")
    await expect(tile.locator("[data-line]")).to_have_count(0, timeout=15_000)
    await pupil.context.set_offline(True)
    cut = pupil.page.locator("[data-trouble=cut]")
    await expect(cut).to_contain_text(pupil.say("room.stillHeard"), timeout=20_000)
    await pupil.context.set_offline(False)
    await expect(cut).to_have_count(0, timeout=15_000)
    forgive(teacher, pupil)


@pytest.mark.complaint(8)
async def test_saving_data_lowers_what_one_sends_and_is_taken_back(server: Running, crowd: Crowd) -> None:
    teacher, (pupil,) = await class_of(server, crowd, "student1")
    await pupil.page.evaluate(SPOILED)
    await teacher.receives(videos=1, sounds=1)
    await pupil.button("room.more").click()
    await pupil.page.get_by_role("menuitem", name=pupil.say("room.seeing.title")).click()
    choice = pupil.page.get_by_label(pupil.say("room.saving.title"))
    for mode, most in (("saving", "=== 150_000"), ("all", ">= 500_000")):
        await choice.select_option(mode)
        await pupil.page.wait_for_function(f"() => window.limits.at(-1) {most}")
    await teacher.receives(videos=1, sounds=1)
