"""A Chromium of one's own that has seen nothing yet, spoken to over its debugging port."""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.server import Server
from server.http import COOKIE
from server.setup_steps import CannotDo

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0"),
    *("--autoplay-policy=no-user-gesture-required", "--allow-loopback-in-peer-connection"),
)
FAKES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@dataclass(frozen=True, slots=True)
class Chromium:
    """`folder` goes with it."""

    pid: int
    port: int
    folder: Path

    def log_in(self, server: Server, token: str) -> None:
        asyncio.run(_set_cookie(self.port, cookie_of(server, token)))


@contextmanager
def a_chromium(program: str, *flags: str) -> Iterator[Chromium]:
    with tempfile.TemporaryDirectory(prefix="sabaq-chromium-", ignore_cleanup_errors=True) as name:
        folder, told = Path(name), Path(name) / "profile" / "DevToolsActivePort"
        words = [program, *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}", "about:blank"]
        browser = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 30
            while not told.exists() or not (lines := told.read_text().split()):
                if browser.poll() is not None or time.monotonic() > end:
                    raise CannotDo(f"{program} did not start")
                time.sleep(0.05)
            yield Chromium(browser.pid, int(lines[0]), folder)
        finally:
            browser.terminate()
            browser.wait(20)


def cookie_of(server: Server, token: str) -> dict[str, Any]:
    """Of who is logged in, as a browser is told of it."""
    return {"name": COOKIE, "value": token, "url": server.base, "httpOnly": True, "sameSite": "Lax"}


async def _set_cookie(port: int, cookie: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://127.0.0.1:{port}/json/version") as answer:
            address = (await answer.json())["webSocketDebuggerUrl"]
        async with http.ws_connect(address) as wire:
            await wire.send_json({"id": 1, "method": "Storage.setCookies", "params": {"cookies": [cookie]}})
            if "error" in (said := await wire.receive_json()):
                raise CannotDo(f"no cookie could be set: {said['error']}")
