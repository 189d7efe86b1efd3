"""A real Firefox with a fake camera and microphone, spoken to by WebDriver BiDi (W3C), which stock Playwright
cannot. One browser; each person has a container of cookies of their own."""

import asyncio
import json
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tests.browser.visitor import DESK, EXPECTED_NOISE, Watching, token_of, words
from tests.support.running import PASSWORD, Running

FIREFOX = "/usr/bin/firefox-esr"
PATIENCE = 60.0
ENTER = "\ue007"  # WebDriver's key
PREFERENCES: dict[str, Any] = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.search.update": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.accept_languages": "kk,ru,en",
    "media.autoplay.default": 0,
    "media.gmp-manager.updateEnabled": False,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class BiDi:
    """Commands and events over one WebSocket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._heard: list[Any] = []
        self._reader = asyncio.create_task(self._read())

    async def __call__(self, method: str, **params: Any) -> Any:
        number = len(self._asked) + 1
        self._asked[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async with asyncio.timeout(PATIENCE):
            return await self._asked[number]

    def listen(self, heard: Any) -> None:
        """Call `heard(method, params)` for each event."""
        self._heard.append(heard)

    async def close(self) -> None:
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if told["type"] == "event":
                for heard in self._heard:
                    heard(told["method"], told["params"])
            elif told["type"] == "error":
                self._asked[told["id"]].set_exception(AssertionError(f"{told['error']}: {told['message']}"))
            else:
                self._asked[told["id"]].set_result(told["result"])


class FirefoxVisitor(Watching):
    """One person at one page of Firefox."""

    def __init__(self, server: Running, bidi: BiDi, tab: str, language: str) -> None:
        self.server, self.language = server, language
        self.say = words(language)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self._bidi, self._tab = bidi, tab
        bidi.listen(self._hear)

    async def go(self, path: str) -> None:
        await self._bidi("browsingContext.navigate", context=self._tab, url=self.server.url + path, wait="complete")

    async def log_in(self, login: str, opens: str = "/") -> "FirefoxVisitor":
        """As the page's form would, and opens a page; the account speaks this visitor's language."""
        await token_of(self.server, login, self.language)
        await self.go("/log-in")
        body = json.dumps({"login": login, "password": PASSWORD})
        headers = "{'Content-Type': 'application/json', 'X-Sabaq': '1'}"
        await self.evaluate(f"fetch('/api/log-in', {{method: 'POST', headers: {headers}, body: {json.dumps(body)}}})")
        await self.go(opens)
        return self

    async def log_in_by_form(self, login: str) -> "FirefoxVisitor":
        await token_of(self.server, login, self.language)
        await self.go("/log-in")
        await self.type("[autocomplete~=username]", login)
        await self.type("[autocomplete~=current-password]", PASSWORD)
        await self.click("button[type=submit]")
        await self.until("location.pathname === '/'")
        return self

    async def enter(self, lesson_id: str) -> None:
        """From the lesson's own page into its room."""
        await self.go(f"/lessons/{lesson_id}")
        await self.click("[data-enter]")
        await self.until("!!document.querySelector('[data-room=in]')")

    async def write(self, text: str) -> None:
        """A message in the chat."""
        await self.type(f'[aria-label="{self.say("chat.write")}"]', text + ENTER)

    async def stats(self) -> dict[str, dict[str, Any]]:
        return await self.evaluate("window.sabaqTest ? window.sabaqTest.stats() : {}")

    async def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression, or of its promise."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        target = {"context": self._tab}
        answer = await self._bidi("script.evaluate", expression=wrapped, target=target, awaitPromise=True)
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not await self.evaluate(expression):  # noqa: ASYNC110 (a page is asked, not told)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            shown = await self.evaluate("location.pathname + ': ' + document.body.innerText.slice(0, 600)")
            raise AssertionError(f"not after {PATIENCE} s: {expression}\n{shown}\n{self.complaints}") from None

    async def click(self, selector: str) -> None:
        """With the mouse, once it can be pressed."""
        await self.until(f"document.querySelector({selector!r})?.matches(':enabled, a')")
        element = await self._element(selector)
        await self.evaluate(f"document.querySelector({selector!r}).scrollIntoView({{block: 'center'}})")
        press = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": element}},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        await self._bidi(
            "input.performActions", context=self._tab, actions=[{"type": "pointer", "id": "mouse", "actions": press}]
        )

    async def type(self, selector: str, text: str) -> None:
        """Into a field, with the keyboard."""
        await self.click(selector)
        keys = [{"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")]
        await self._bidi(
            "input.performActions", context=self._tab, actions=[{"type": "key", "id": "keys", "actions": keys}]
        )

    async def press(self, key: str) -> None:
        keys = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        await self._bidi(
            "input.performActions", context=self._tab, actions=[{"type": "key", "id": "keys", "actions": keys}]
        )

    async def _element(self, selector: str) -> Any:
        found = await self._bidi(
            "browsingContext.locateNodes", context=self._tab, locator={"type": "css", "value": selector}
        )
        return {"sharedId": found["nodes"][0]["sharedId"]}

    def _hear(self, method: str, told: dict[str, Any]) -> None:
        if (told.get("source") or told).get("context") != self._tab:
            return
        if method == "network.beforeRequestSent":
            parts = urlsplit(told["request"]["url"])
            if parts.scheme not in ("data", "blob"):
                self.hosts.add(parts.netloc)
        elif method == "log.entryAdded" and told["level"] == "error":
            text = told.get("text") or ""
            if not any(noise in text for noise in EXPECTED_NOISE):
                self.complaints.append(text)


class FirefoxCrowd:
    def __init__(self, bidi: BiDi) -> None:
        self._bidi = bidi
        self.visitors: list[FirefoxVisitor] = []

    async def visitor(self, server: Running, *, language: str = "kk") -> FirefoxVisitor:
        jar = (await self._bidi("browser.createUserContext"))["userContext"]
        tab = (await self._bidi("browsingContext.create", type="window", userContext=jar))["context"]
        view = {"width": DESK[0], "height": DESK[1]}
        await self._bidi("browsingContext.setViewport", context=tab, viewport=view)
        self.visitors.append(FirefoxVisitor(server, self._bidi, tab, language))
        return self.visitors[-1]

    def check(self) -> None:
        """Nobody's page complained, and nobody's asked another host."""
        for visitor in self.visitors:
            assert visitor.complaints == []
            assert visitor.hosts <= {f"127.0.0.1:{visitor.server.port}"}


@asynccontextmanager
async def firefox() -> AsyncIterator[FirefoxCrowd]:
    """A started browser, ended with all its processes."""
    with tempfile.TemporaryDirectory(prefix="sabaq-firefox-", ignore_cleanup_errors=True) as home:
        profile = Path(home) / "profile"
        profile.mkdir()
        lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines), "utf-8")
        process = await asyncio.create_subprocess_exec(
            *(FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"),
            env={"HOME": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        drain = None
        try:
            address = await _address(process)
            drain = asyncio.create_task(_drain(process))
            async with aiohttp.ClientSession() as http, http.ws_connect(f"{address}/session", max_msg_size=0) as socket:
                bidi = BiDi(socket)
                await bidi("session.new", capabilities={})
                await bidi("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])
                crowd = FirefoxCrowd(bidi)
                yield crowd
                await bidi("browser.close")
                await bidi.close()
            crowd.check()
        finally:
            if process.returncode is None:
                try:
                    async with asyncio.timeout(10):
                        await process.wait()
                except TimeoutError:
                    process.kill()
                    await process.wait()
            if drain:
                await drain


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async with asyncio.timeout(60):
        while line := await process.stderr.readline():
            if found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1].decode()
    raise AssertionError("Firefox ended before it could be spoken to")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr
    while await process.stderr.readline():
        pass
