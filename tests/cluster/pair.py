"""Two real server processes with the same keys on one database, and people on each."""

import asyncio
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import socketio

from tests.support.running import Caller, Running

T = TypeVar("T")


class Tab:
    """A browser's socket as one person, at one of the servers (or at whichever is behind an address)."""

    def __init__(self, url: str, caller: Caller, grant: str) -> None:
        self.url, self.caller, self.grant = url, caller, grant
        self.io = socketio.AsyncClient(reconnection=False)
        self.signals: list[tuple[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self._news = asyncio.Event()
        self.io.on("signal", self._signal)
        self.io.on("event", self._event)
        self.io.on("disconnect", self._gone)

    async def open(self) -> "Tab":
        await self.io.connect(self.url, auth={"token": self.caller.token}, transports=["websocket"])
        return self

    async def __call__(self, name: str, body: Any = None) -> dict[str, Any]:
        answer: Any = await self.io.call("command", (name, body or {}), timeout=12)
        return answer

    async def enter(self) -> dict[str, Any]:
        answer = await self("enter", {"grant": self.grant})
        assert "ok" in answer, answer
        return answer["ok"]

    def names(self) -> list[str]:
        return [name for name, _ in self.signals]

    async def until(self, there: Callable[[], Any], within: float = 15.0) -> Any:
        async with asyncio.timeout(within):
            while not (found := there()):
                self._news.clear()
                await self._news.wait()
        return found

    async def until_told(self, name: str, within: float = 15.0) -> Any:
        return await self.until(lambda: [body for known, body in self.signals if known == name], within)

    async def _signal(self, told: dict[str, Any]) -> None:
        self.signals.append((told["name"], told["body"]))
        self._news.set()

    async def _event(self, told: dict[str, Any]) -> None:
        self.events.append(told)
        self._news.set()

    async def _gone(self, *_: Any) -> None:
        self.gone.set()


class Pair:
    def __init__(self, folder: Path, database: str, redis: str) -> None:
        self.database = database
        # Of a lesson's viewers the first are on its owner's plane, the next on the other's.
        environ = {"SABAQ_DATABASE_URL": database, "SABAQ_REDIS_URL": redis, "SABAQ_MOST_ON_PLANE": "2"}
        self.a, self.b = (Running(folder / name, planes=1, environ=dict(environ)) for name in ("a", "b"))
        for one in (self.a, self.b):
            one.data.mkdir(parents=True)
        self.tabs: list[Tab] = []
        self.http: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        await aside(self.a.fill)
        await aside(self.a.start)
        shutil.copytree(self.a.data / "keys", self.b.data / "keys")
        await aside(self.b.start)
        self.http = aiohttp.ClientSession()

    async def stop(self) -> None:
        for tab in self.tabs:
            await tab.io.disconnect()
        if self.http:
            await self.http.close()
        for one in (self.a, self.b):
            await aside(one.kill)

    async def person(self, server: Running, login: str) -> Caller:
        assert self.http
        return await Caller(server, self.http).log_in(login)

    async def lesson(self, teacher: Caller) -> dict[str, Any]:
        return await teacher("POST", "/api/lessons", {"title": "Two processes"})

    async def tab(self, caller: Caller, lesson: dict[str, Any], url: str = "", grant: str = "") -> Tab:
        grant = grant or (await caller("POST", f"/api/lessons/{lesson['id']}/join", {}))["grant"]
        self.tabs.append(await Tab(url or caller.server.url, caller, grant).open())
        return self.tabs[-1]

    def kill(self, server: Running) -> float:
        """`kill -9`, and when that was."""
        at = time.monotonic()
        server.end(signal.SIGKILL, 5.0)
        return at


async def entered_again(tab: Tab, within: float = 10.0) -> tuple[dict[str, Any], float]:
    """Enter until it succeeds, as the page does; the room, and when that was."""
    async with asyncio.timeout(within):
        while True:
            answer = await tab("enter", {"grant": tab.grant})
            if "ok" in answer:
                return answer["ok"], time.monotonic()
            assert answer["problem"]["status"] == 503, answer
            await asyncio.sleep(0.1)


async def aside(work: Callable[[], T]) -> T:
    """Do what blocks in a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, work)
