"""The ports a server listens on: pages and API, by TLS when there is a certificate, and the plain one beside it."""

import asyncio
import ssl
import sys

from aiohttp import web

from . import trust
from .app import House
from .listen import raise_open_files
from .tls import Shown

DRAIN_SECONDS = 5.0


class Ports:
    """`open` after `build`; `close` ends connections, and with them everything that `house.web` started."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._runners: list[web.AppRunner] = []
        self._looking: asyncio.Task[None] | None = None
        self.port = 0
        self.http_port = 0
        """0: none."""

    async def open(self) -> None:
        """Raises PairUnfit for a certificate that cannot be served; a port that cannot be used ends the process."""
        raise_open_files()
        settings, authority = self._house.settings, self._house.authority
        shown = self._shown()
        self.port = await self._listen(self._house.web, settings.port, shown.context if shown else None)
        if shown:
            self._looking = asyncio.create_task(shown.run())
        if settings.http_port:
            plain = trust.plain_app(authority, self.port, settings.data / "acme", settings.public_url)
            self.http_port = await self._listen(plain, settings.http_port)

    async def close(self) -> None:
        if self._looking:
            self._looking.cancel()
        for runner in reversed(self._runners):
            await runner.cleanup()

    def address(self, host: str | None = None) -> str:
        """How the server is reached, by the operator's word or by `host`."""
        settings = self._house.settings
        if settings.public_url:
            return settings.public_url.rstrip("/")
        scheme, usual = ("https", 443) if settings.tls else ("http", 80)
        return f"{scheme}://{_shown_host(host or self._host())}{_shown_port(self.port, usual)}"

    def trust_address(self) -> str:
        """Where the page stands that explains the local authority, readable before it is trusted."""
        if not self.http_port:
            return f"{self.address()}/trust"
        return f"http://{_shown_host(self._host())}{_shown_port(self.http_port, 80)}/trust"

    def _host(self) -> str:
        settings = self._house.settings
        if settings.local_tls:
            return settings.local_tls[0].removeprefix("*.")
        return "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host  # noqa: S104

    def _shown(self) -> Shown | None:
        settings, authority = self._house.settings, self._house.authority
        if authority:
            return Shown(authority.server_file, authority.server_file, self._house.doors.clock)
        if settings.tls_cert and settings.tls_key:
            return Shown(settings.tls_cert, settings.tls_key, self._house.doors.clock)
        return None

    async def _listen(self, app: web.Application, port: int, tls: ssl.SSLContext | None = None) -> int:
        host = self._house.settings.host
        runner = self._house.door.runner(app, shutdown_timeout=DRAIN_SECONDS)
        self._runners.append(runner)
        await runner.setup()
        try:
            return await self._house.door.open(runner, host, port, tls)
        except OSError as no:
            await self.close()
            sys.exit(f"sabaq: {host}:{port} cannot be used: {no.strerror}")


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _shown_port(port: int, usual: int) -> str:
    return "" if port == usual else f":{port}"
