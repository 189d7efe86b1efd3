"""A real OpenID Connect provider (npm's `oidc-provider`, certified), as a child process; and a browser before it."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from server.setup_env import ROOT, SetUp, installed
from tests.support.running import free_port

FOLDER = ROOT / "tests" / "oidc"
SECRET = "a secret with : and +"


@contextmanager
def a_provider(redirect: str, port: int | None = None, kid: str = "first") -> Iterator[str]:
    """Runs one; its issuer. It knows the client `sabaq`, who may come back to `redirect`."""
    port, setup = port or free_port(), SetUp(ROOT)
    lock = FOLDER / "package-lock.json"
    if not installed(FOLDER).exists() or installed(FOLDER).stat().st_mtime < lock.stat().st_mtime:
        setup.npm_ci(FOLDER)
    command = [setup.node().program, "provider.mjs", str(port), kid, redirect]
    process = subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout
        assert any("ready" in line for line in process.stdout), "the provider ended"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.communicate()


class Visitor:
    """A browser: keeps cookies by host, sends a form, follows redirects."""

    def __init__(self, cookies: Mapping[str, str] | None = None) -> None:
        self.cookies: dict[str, dict[str, str]] = {}
        self._http = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        self._first = dict(cookies or {})

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, kind: type[BaseException] | None, no: BaseException | None, _: TracebackType | None):
        await self._http.close()

    async def get(self, address: str, *, follow: bool = True) -> tuple[int, str, str]:
        """Status, last address, text."""
        return await self._go("GET", address, None, follow)

    async def logs_in(self, address: str, name: str) -> tuple[int, str, str]:
        """From our start through the provider's forms until it comes back to us."""
        status, here, text = await self.get(address)
        while "/interaction/" in here:
            assert status == 200, text
            form = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="([^"]*)"', text)) | {
                "login": name,
                "password": "x",
            }
            action = re.search(r'<form[^>]*action="([^"]+)"', text)
            assert action, text
            status, here, text = await self._go("POST", urljoin(here, unescape(action[1])), form, follow=True)
        return status, here, text

    async def _go(self, method: str, address: str, form: dict[str, str] | None, follow: bool) -> tuple[int, str, str]:
        for _ in range(20):
            jar = self.cookies.setdefault(urlsplit(address).netloc, dict(self._first))
            headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in jar.items())} if jar else {}
            async with self._http.request(
                method, URL(address, encoded=True), data=form, headers=headers, allow_redirects=False
            ) as answer:
                text = await answer.text()
                for morsel in answer.cookies.values():
                    jar[morsel.key] = morsel.value
                    if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                        del jar[morsel.key]
                if not follow or answer.status not in (302, 303, 307, 308):
                    return answer.status, address, text if follow else answer.headers.get("Location", text)
                address, method, form = urljoin(address, answer.headers["Location"]), "GET", None
        raise AssertionError("too many redirects")
