"""People who use Sabaq in a real browser: they see the page as its roles and names, as a screen reader does."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from server.http import COOKIE
from tests.support.running import PASSWORD, ROOT, Caller, Running

PATIENCE = 60.0
"""Seconds for what comes in a moment on an idle machine: a guard, and no figure."""
expect.set_options(timeout=PATIENCE * 1000)
DESK, PHONE = (1440, 900), (390, 844)
LOCALES = {"kk": "kk-KZ", "ru": "ru-RU", "en": "en-GB"}
AXE = ROOT / "web_client" / "node_modules" / "axe-core" / "axe.min.js"
EXPECTED_NOISE = ("401 (Unauthorized)", "409 (Conflict)")


def words(language: str) -> Callable[[str], str]:
    """The catalogue of a language: `words("kk")("today.enter")`."""
    catalogue = json.loads((ROOT / "web_client" / "src" / "locales" / f"{language}.json").read_text("utf-8"))

    def say(key: str) -> str:
        value: Any = catalogue
        for part in key.split("."):
            value = value[part]
        return value

    return say


class Watching:
    """Somebody in a room, in whatever browser."""

    async def stats(self) -> dict[str, dict[str, Any]]:
        """What was received of each publication of others."""
        raise NotImplementedError

    async def receives(self, *, videos: int, sounds: int, within: float = PATIENCE) -> None:
        """Wait until so many pictures go on and so many sounds can be heard, no more and no less."""
        seen, until = deque([(time.monotonic(), await self.stats())]), time.monotonic() + within
        while True:
            await asyncio.sleep(0.3)
            now, at = await self.stats(), time.monotonic()
            while len(seen) > 1 and at - seen[1][0] > QUIET:
                seen.popleft()
            since, before = seen[0]
            moving = sum(1 for key, one in now.items() if _grew(before.get(key), one, "framesDecoded", 3))
            heard = sum(1 for key, one in now.items() if _grew(before.get(key), one, "totalAudioEnergy", 1e-9))
            if (moving, heard) == (videos, sounds) and (at - since > QUIET or moving + heard == len(now)):
                return
            if at > until:
                raise AssertionError(f"{moving} pictures and {heard} sounds, not {videos} and {sounds}: {now}")
            seen.append((at, now))


QUIET = 1.5
"""Seconds in which a picture must have gone on, and something been heard, not to count as still and silent."""
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame)
  await frame(), await frame()
  const ends = (one) => one.effect.getComputedTiming().endTime !== Infinity
  const moving = () => document.getAnimations().filter((one) => one.playState === 'running' && ends(one))
  while (moving().length > 0) await Promise.allSettled(moving().map((one) => one.finished))
}"""
"""Resolves when nothing moves any more, but for what never ends."""


class Visitor(Watching):
    """One person at one page."""

    def __init__(self, server: Running, context: BrowserContext, page: Page, language: str) -> None:
        self.server, self.context, self.page, self.language = server, context, page, language
        self.say = words(language)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    async def go(self, path: str) -> None:
        await self.page.goto(self.server.url + path)

    async def log_in(self, login: str, opens: str | None = "/") -> "Visitor":
        """With the cookie that the page's form would give, and `opens` a page; the account speaks this visitor's
        language."""
        token = await token_of(self.server, login, self.language)
        await self.context.add_cookies([{"name": COOKIE, "value": token, "url": self.server.url, "httpOnly": True}])
        if opens:
            await self.go(opens)
        return self

    async def log_in_by_form(self, login: str) -> "Visitor":
        await token_of(self.server, login, self.language)
        await self.go("/log-in")
        await self.page.get_by_label(self.say("login.login")).fill(login)
        await self.page.get_by_label(self.say("login.password"), exact=True).fill(PASSWORD)
        await self.button("login.submit").click()
        await self.page.wait_for_url(self.server.url + "/")
        return self

    def button(self, key: str) -> Any:
        return self.page.get_by_role("button", name=self.say(key), exact=True)

    async def enter(self, lesson_id: str) -> None:
        """From the lesson's own page into its room."""
        await self.go(f"/lessons/{lesson_id}")
        await self.press_enter()
        await self.inside()

    async def joins(self, login: str, lesson_id: str) -> "Visitor":
        """Logs in, and is in the lesson's room."""
        await self.log_in(login, opens=None)
        await self.enter(lesson_id)
        return self

    async def press_enter(self) -> None:
        await self.page.locator("[data-enter]").click()

    async def inside(self) -> None:
        await expect(self.page.locator('[data-room="in"]')).to_be_visible()

    async def stats(self) -> dict[str, dict[str, Any]]:
        return await self.page.evaluate("window.sabaqTest ? window.sabaqTest.stats() : {}")

    async def accessible(self, but: str = "") -> list[str]:
        """What axe finds wrong with the page, once what fades in is there: half of a colour has half a contrast.

        `but`: a part of it that others made.
        """
        if not await self.page.evaluate("'axe' in window"):
            await self.page.evaluate(AXE.read_text("utf-8"))
        await self.page.evaluate(SETTLED)
        found = await self.page.evaluate(
            "async (but) => (await axe.run(but ? {exclude: [but]} : document, {resultTypes: ['violations']}))"
            ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).join(' | '))",
            but,
        )
        return list(found)

    async def wide(self) -> int:
        """By how many pixels the page is wider than its window."""
        return await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(noise in message.text for noise in EXPECTED_NOISE):
            self.complaints.append(message.text)

    def _request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.netloc)


class Crowd:
    """Everybody in one browser; each with cookies of their own."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.visitors: list[Visitor] = []

    async def visitor(
        self, server: Running, *, language: str = "kk", size: tuple[int, int] = DESK, dark: bool = False
    ) -> Visitor:
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale=LOCALES[language],
            color_scheme="dark" if dark else "light",
            has_touch=size == PHONE,
            permissions=["camera", "microphone", "clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(PATIENCE * 1000)
        self.visitors.append(Visitor(server, context, await context.new_page(), language))
        return self.visitors[-1]

    def check(self) -> None:
        """Nobody's page complained, and nobody's asked another host."""
        for visitor in self.visitors:
            assert visitor.complaints == [], visitor.complaints
            assert visitor.hosts <= {f"127.0.0.1:{visitor.server.port}"}, visitor.hosts


async def token_of(server: Running, login: str, language: str) -> str:
    """A new log-in of an account, which from now on speaks a language."""
    async with aiohttp.ClientSession() as http:
        account = await Caller(server, http).log_in(login)
        await account("PATCH", "/api/me", {"language": language})
        return account.token


def picture(name: str) -> Path:
    """Where a screenshot is kept for people to look at."""
    folder = ROOT / "test-results" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


def _grew(before: dict[str, Any] | None, now: dict[str, Any], key: str, by: float) -> bool:
    return bool(before) and (now.get(key) or 0) - ((before or {}).get(key) or 0) >= by
