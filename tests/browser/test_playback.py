"""A lesson is recorded by the real server and watched again: in step, from any place, on a phone, in Firefox."""

import asyncio
import time
from typing import Any

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser.firefox import FirefoxCrowd
from tests.browser.visitor import DESK, PHONE, Crowd, Visitor, picture
from tests.support.recorded import Long, long_recording
from tests.support.running import Caller, Running

LENGTH = 18.0
SAID = "Туынды дегеніміз не?"
WRITTEN = "Үй тапсырмасы: 42-бет"
START, SEEK, APART = 1.5, 0.5, 0.15
"""Seconds: until it plays, until it plays elsewhere, and by how much a picture or sound may be elsewhere."""
SLOW = 3.0
"""How many times longer it may take beside other work on the same machine."""
TOLD = "sabaqPlayback.told()"
STEP = f"(() => {{ const x = {TOLD}; return x.at > 1 && x.parts.every(p => Math.abs(p.at - p.wanted) < {APART}) }})()"
"""What began late is brought into step by its speed, and that takes seconds."""
PLAYS = f"(() => {{ const x = {TOLD}; return x.runs && x.parts.length > 0 && x.parts.every(p => !p.paused) }})()"


@pytest.mark.req("S456-27.16")
@pytest.mark.complaint(2)
@pytest.mark.complaint(10)
async def test_a_lesson_is_recorded_and_watched_again(open_server: Running, crowd: Crowd, foxes: FirefoxCrowd) -> None:
    async with aiohttp.ClientSession() as http:
        teacher, lesson = await _lesson(open_server, http)
        people = [await crowd.visitor(open_server, language="kk")]
        people.append(await crowd.visitor(open_server, language="ru", size=PHONE))
        logins = ("teacher", "student1")
        await asyncio.gather(*(one.joins(login, lesson["id"]) for one, login in zip(people, logins, strict=True)))
        await asyncio.gather(*(one.receives(videos=1, sounds=1) for one in people))
        began = await teacher("POST", f"/api/rooms/{lesson['room_id']}/recording", {})
        until = time.monotonic() + LENGTH
        await _caption(*people)
        await people[0].page.get_by_label(people[0].say("chat.write")).fill(WRITTEN)
        await people[0].page.keyboard.press("Enter")
        await people[1].button("room.hand.own").click()
        await asyncio.sleep(until - time.monotonic())  # what is recorded is time that goes by
        await teacher("POST", f"/api/lessons/{lesson['id']}/end", {})
        for one in people:
            await one.page.close()
    watcher = await (await crowd.visitor(open_server, language="kk")).log_in("teacher")
    await watcher.page.get_by_role("link", name=watcher.say("nav.recordings")).click()
    row = watcher.page.locator(f'[data-recording="{began["recording_id"]}"]')
    await expect(row).to_have_attribute("data-state", "ready", timeout=180_000)
    await row.get_by_role("link").click()
    await _plays_whole(watcher)
    pupil = await crowd.visitor(open_server, language="ru", size=PHONE)
    await pupil.log_in("student1", f"/recordings/{began['recording_id']}")
    await expect(pupil.page.locator("[data-playback]")).to_be_visible()
    await _looks(pupil, "recorded")
    fox = await foxes.visitor(open_server, language="en")
    await fox.log_in("teacher", f"/recordings/{began['recording_id']}")
    await fox.until("!!document.querySelector('[data-playback]')")
    await fox.click(f'[aria-label="{fox.say("playback.play")}"][class*=round]')
    await fox.until(f"{PLAYS} && {STEP} && {TOLD}.parts.length > 2")
    told = await fox.evaluate(TOLD)
    print("Firefox:", told)
    assert {part["kind"] for part in told["parts"]} == {"audio", "video"}


@pytest.mark.complaint(2)
async def test_two_hours_begin_at_once_and_jump_at_once(open_server: Running, crowd: Crowd) -> None:
    one = await _long(open_server)
    watcher = await (await crowd.visitor(open_server, language="en")).log_in("teacher")
    began = time.monotonic()
    await watcher.go(f"/recordings/{one.id}")
    await watcher.page.wait_for_function("() => document.querySelector('[data-picture] video')?.readyState >= 2")
    opened = time.monotonic() - began
    began = time.monotonic()
    await watcher.page.keyboard.press("k")
    await watcher.page.wait_for_function(f"() => {PLAYS} && {TOLD}.at > {TOLD}.parts[0].wanted - 1 && {TOLD}.at > 0.05")
    started = time.monotonic() - began
    seeks = [await _seek(watcher, to) for to in (3600, 650, 6900, 1234, 5400, 2)]
    print(f"two hours: page {opened:.2f} s, play {started:.2f} s, seeks {[round(s, 2) for s in seeks]} s")
    assert started < START * SLOW
    assert sorted(seeks)[len(seeks) // 2] < SEEK * SLOW
    await watcher.page.wait_for_function(f"() => {PLAYS} && {STEP} && {TOLD}.parts.length >= 2")
    asked = watcher.page.locator("video")
    assert await asked.count() <= 2


async def test_playback_is_the_same_at_every_speed_and_where_one_stopped(open_server: Running, crowd: Crowd) -> None:
    one = await _long(open_server)
    watcher = await (await crowd.visitor(open_server, language="ru")).log_in("teacher", f"/recordings/{one.id}")
    page = watcher.page
    await page.get_by_label(watcher.say("playback.speed")).select_option("2")
    await page.keyboard.press("Escape")
    await page.locator("h1").focus()
    await page.keyboard.press("k")
    await page.wait_for_function(f"() => {PLAYS} && {STEP}")
    await page.get_by_label(watcher.say("playback.picture")).select_option("sound")
    await expect(page.locator("video")).to_have_count(0)
    await page.get_by_role("searchbox").fill("тапсырма")
    await page.locator("[data-jump]").first.click()
    await page.wait_for_function(f"() => {TOLD}.at > 90 && {TOLD}.at < 200")
    stopped = await page.evaluate(f"{TOLD}.at")
    await page.reload()
    await expect(page.locator("[data-playback]")).to_be_visible()
    again = await page.evaluate(TOLD)
    assert abs(again["at"] - stopped) < 10
    assert [part["kind"] for part in again["parts"]] == ["audio"] * len(again["parts"])


@pytest.mark.complaint(4)
async def test_a_voice_is_heard_only_in_its_group_and_gaps_are_shown(open_server: Running, crowd: Crowd) -> None:
    one = await _long(open_server)
    watcher = await (await crowd.visitor(open_server, language="kk")).log_in("teacher", f"/recordings/{one.id}")
    page = watcher.page
    await page.get_by_label(watcher.say("playback.place")).select_option(one.breakout)
    await expect(page.get_by_text(watcher.say("playback.gap"))).to_be_visible()
    await page.get_by_role("button", name=watcher.say("playback.gapSkip").partition("{{")[0]).click()
    await page.wait_for_function(f"() => {TOLD}.parts.length === 1 && {TOLD}.parts[0].id === '{one.in_breakout}'")


@pytest.mark.parametrize(("language", "size"), [("kk", PHONE), ("en", DESK), ("ru", PHONE)])
async def test_playback_looks_right(open_server: Running, crowd: Crowd, language: str, size: tuple[int, int]) -> None:
    one = await _long(open_server)
    watcher = await (await crowd.visitor(open_server, language=language, size=size)).log_in("teacher", "/recordings")
    name = "phone" if size == PHONE else "desk"
    await expect(watcher.page.locator(f'[data-recording="{one.id}"]')).to_be_visible()
    await _looks(watcher, f"list-{name}")
    await watcher.go(f"/recordings/{one.id}")
    await watcher.page.wait_for_function("() => document.querySelector('[data-picture] video')?.readyState >= 2")
    await _seek(watcher, 650)
    await watcher.page.keyboard.press("c")
    for tab in ("contents", "chat", "captions"):
        await watcher.page.locator(f"#tab-{tab}").click()
        await _looks(watcher, f"{tab}-{name}")
    await watcher.button("playback.keep").click()
    await expect(watcher.page.get_by_role("dialog")).to_be_visible()
    await _looks(watcher, f"keep-{name}")


async def test_who_was_not_there_is_told_so(open_server: Running, crowd: Crowd) -> None:
    one = await _long(open_server)
    stranger = await (await crowd.visitor(open_server, language="ru")).log_in("parent1", f"/recordings/{one.id}")
    await expect(stranger.page.get_by_role("heading", name=stranger.say("lost.title"))).to_be_visible()
    assert all("404" in complaint for complaint in stranger.complaints)
    stranger.complaints.clear()


async def _lesson(open_server: Running, http: aiohttp.ClientSession) -> tuple[Caller, dict[str, Any]]:
    """An open lesson, and a pupil who agreed to be recorded, as did the parent."""
    teacher = await Caller(open_server, http).log_in("teacher")
    pupil = await Caller(open_server, http).log_in("student1")
    parent = await Caller(open_server, http).log_in("parent1")
    for one in (teacher, pupil):
        await one("PUT", "/api/me/consents", {"agrees": True})
    child = (await pupil("GET", "/api/me"))["id"]
    await parent("PUT", "/api/me/consents", {"agrees": True, "person_id": child})
    return teacher, await teacher("POST", "/api/lessons", {"title": "Жазба: 11 «А»"})


async def _caption(teacher: Visitor, pupil: Visitor) -> None:
    """The teacher types a caption, and the pupil reads it with a name."""
    await teacher.page.get_by_role("button", name=teacher.say("room.more")).click()
    await teacher.page.get_by_role("menuitem", name=teacher.say("captions.title")).click()
    dialog = teacher.page.get_by_role("dialog")
    await expect(dialog.locator("[data-offer]")).to_be_visible()  # this Chromium recognises nothing by itself
    await dialog.get_by_label(teacher.say("captions.type")).check()
    assert (wrong := await teacher.accessible()) == [], wrong
    await teacher.page.keyboard.press("Escape")
    box = teacher.page.get_by_label(teacher.say("captions.write"))
    await box.fill(SAID)
    await box.press("Enter")
    await expect(pupil.page.locator("[data-caption]:has(b:not(:empty))")).to_contain_text(SAID)
    await teacher.page.screenshot(path=picture("captions-desk-kk"))
    await pupil.page.screenshot(path=picture("captions-phone-ru"))


async def _plays_whole(watcher: Visitor) -> None:
    """Both pictures and sounds are there, in step, with what was said and written."""
    page = watcher.page
    await expect(page.locator("[data-playback]")).to_be_visible()
    began = time.monotonic()
    await watcher.button("playback.play").last.click()
    await page.wait_for_function(f"() => {PLAYS}")
    print(f"recorded {LENGTH} s: plays after {time.monotonic() - began:.2f} s")
    await page.wait_for_function(f"() => {PLAYS} && {STEP} && {TOLD}.parts.length > 2")
    told = await page.evaluate(TOLD)
    print("in step:", [round(part["at"] - part["wanted"], 3) for part in told["parts"]])
    assert sorted(part["kind"] for part in told["parts"]) == ["audio", "audio", "video"]
    await page.locator("#tab-captions").click()
    await expect(page.get_by_text(SAID)).to_be_visible()
    async with page.expect_download() as kept:
        await watcher.button("playback.saveCaptions").click()
    text = (await (await kept.value).path()).read_text("utf-8")
    assert text.startswith("WEBVTT")
    assert SAID in text
    await page.get_by_role("searchbox").fill("ТАПСЫРМАСЫ")
    await page.locator("[data-jump]").click()
    await page.get_by_role("searchbox").fill("")
    await page.locator("#tab-chat").click()
    await expect(page.get_by_text(WRITTEN)).to_be_visible()
    await _looks(watcher, "recorded")


async def _seek(watcher: Visitor, to: float) -> float:
    """Seconds from letting go of the time line until everything plays there."""
    return await watcher.page.evaluate(
        """async (to) => {
          const line = document.querySelector('input[data-line]')
          const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set
          const began = performance.now()
          set.call(line, to)
          line.dispatchEvent(new Event('input', {bubbles: true}))
          for (;;) {
            await new Promise((done) => setTimeout(done, 5))
            const {at, wanted, runs, waiting, parts} = sabaqPlayback.told()
            const there = Math.abs(at - to) < 3 && !waiting && runs === wanted
            if (there && parts.every((part) => Math.abs(part.at - part.wanted) < 0.3)) break
            if (performance.now() - began > 15_000) throw new Error(JSON.stringify(sabaqPlayback.told()))
          }
          return (performance.now() - began) / 1000
        }""",
        to,
    )


async def _looks(visitor: Visitor, name: str) -> None:
    assert await visitor.accessible() == [], name
    assert await visitor.wide() <= 0, name
    await visitor.page.screenshot(path=picture(f"playback-{name}-{visitor.language}"))


async def _long(open_server: Running) -> Long:
    """Two hours of a lesson of `teacher`, made once for this server."""
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(open_server, http).log_in("teacher")
        known = (await teacher("GET", "/api/recordings"))["items"]
        found = next((one for one in known if one["seconds"] > 3600), None)
        if found:
            return Long.of(found)
        lesson = await teacher("POST", "/api/lessons", {"title": "11 «А» · Алгебра: туындының анықтамасы"})
        me = await teacher("GET", "/api/me")
    return await long_recording(open_server.data, lesson, me)
