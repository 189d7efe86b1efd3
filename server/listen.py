"""Listening, with hard bounds on what a stranger's connection may cost.

A connection is cut that is slow with a request's head or body, sends more than a body may hold, or does not
read its answer. One too many is told so and closed. All connections are looked at once a second: cheaper than
a timer for each, and none is kept when one ends.
"""

import asyncio
import resource
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from lms_core.kernel.clock import Clock

from .http import MAX_BODY

BACKLOG = 1024
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Cache-Control: no-store\r\n\r\n"
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one listening process. Times in seconds, sizes in bytes, rates in bytes a second."""

    connections: int = 10_000
    of_one_address: int = 2_000
    """A school may stand behind one. Trusted proxies have no such bound."""
    head: float = 15.0
    """For a request's line and headers, from its first byte; for the first one, from the connection on."""
    body_rate: int = 1024
    body_grace: float = 15.0
    """A body may be that late behind `body_rate`."""
    idle: float = 75.0
    """Between requests."""
    unread: float = 60.0
    """How long an answer may wait without a byte of it being taken."""
    handshake: float = 10.0
    line: int = 8190
    field: int = 8190
    fields: int = 100
    received: int = 2 * MAX_BODY
    """With one request; past what a body may hold, so that a sender just beyond it still reads the refusal."""


@dataclass(slots=True)
class Counts:
    """What the bounds did since the start, and what is open now."""

    open: int = 0
    full: int = 0
    slow_head: int = 0
    slow_body: int = 0
    oversized: int = 0
    unread: int = 0


class Connection(RequestHandler):
    """One client's connection, watched."""

    __slots__ = ("address", "awaited", "body_since", "door", "heard", "left", "left_since", "streams", "turned_away")

    def __init__(self, door: "Door", manager: Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self.door = door
        self.address = ""
        self.awaited: float | None = None
        """Since when a head is awaited; None while none has begun."""
        self.body_since = 0.0
        self.heard = 0
        self.left, self.left_since = 0, 0.0
        self.turned_away = False
        self.streams = False
        """Its handler counts for itself what is sent."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast(asyncio.Transport, transport)
        peer = stream.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        if not self.door.admit(self):
            self.turned_away = True
            stream.write(_FULL)
            stream.close()
            return
        self.awaited = self.door.now()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        if not self.turned_away:
            self.door.release(self)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.turned_away:
            return
        before = self._request_count
        super().data_received(data)
        if self._upgraded or self._payload_parser is not None:
            self.awaited = None
            return
        self.heard += len(data)
        if self._request_count != before:
            self.awaited, self.body_since, self.heard = None, self.door.now(), len(data)
        elif self.is_idle and self.awaited is None and data:
            self.awaited = self.door.now()
        if self.heard > self.door.bounds.received and not self.streams:
            self.door.cut(self, "oversized")

    @property
    def is_idle(self) -> bool:
        """Nothing is being answered."""
        return self._current_request is None and not self._messages

    @property
    def left_unread(self) -> int:
        """Bytes that the client has not taken yet."""
        return self.transport.get_write_buffer_size() if self.transport else 0

    def fault(self, now: float, bounds: Bounds) -> str | None:
        """Why it is to be cut."""
        if self.transport is None:
            return None
        waiting = self.left_unread
        if waiting == 0 or waiting != self.left:
            self.left, self.left_since = waiting, now
        elif now - self.left_since > bounds.unread:
            return "unread"
        if self.is_idle:
            return "slow_head" if self.awaited is not None and now - self.awaited > bounds.head else None
        request = self._current_request
        if request is None or request.content.is_eof() or self._upgraded or self._buffer_paused or self._reading_paused:
            return None
        late = now - self.body_since - bounds.body_grace
        return "slow_body" if late > 0 and self.heard < late * bounds.body_rate else None


class _Server(Server):
    """Makes watched connections."""

    def __init__(self, door: "Door", *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._door = door

    def __call__(self) -> RequestHandler:
        return Connection(self._door, self, loop=self._loop, **self._kwargs)


class _Runner(web.AppRunner):
    def __init__(self, door: "Door", app: web.Application, **options: Any) -> None:
        super().__init__(app, **options)
        self._door = door

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        server = _Server(
            self._door, made.request_handler, request_factory=made.request_factory, loop=made._loop, **made._kwargs
        )
        server.handler_cancellation = made.handler_cancellation
        return server


class Door:
    """All listening sockets of a process. `trusts(address)`: whether that is a proxy of ours."""

    def __init__(self, clock: Clock, bounds: Bounds | None = None, trusts: Callable[[str], bool] | None = None) -> None:
        self.bounds = bounds or Bounds()
        self.counts = Counts()
        self._clock = clock
        self._trusts = trusts or (lambda _: False)
        self._open: set[Connection] = set()
        self._of: Counter[str] = Counter()
        self._said = -1.0

    @property
    def connections(self) -> list[Connection]:
        return list(self._open)

    def now(self) -> float:
        return self._clock.monotonic()

    def runner(self, app: web.Application, **options: Any) -> web.AppRunner:
        """Serves `app` within the bounds."""
        bounds = self.bounds
        return _Runner(
            self,
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=bounds.idle,
            lingering_time=1.0,
            max_line_size=bounds.line,
            max_field_size=bounds.field,
            max_headers=bounds.fields,
            auto_decompress=False,
            **options,
        )

    async def open(self, runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen; the port taken. Raises OSError."""
        site = _Site(runner, host, port, tls, self.bounds.handshake)
        await site.start()
        return site.port

    async def run(self) -> None:
        """Until cancelled: cut whom the bounds forbid."""
        while True:
            await self._clock.sleep(1.0)
            self.sweep()

    def sweep(self) -> None:
        now = self.now()
        for connection in self.connections:
            if why := connection.fault(now, self.bounds):
                self.cut(connection, why)

    def cut(self, connection: Connection, why: str) -> None:
        setattr(self.counts, why, getattr(self.counts, why) + 1)
        log.info("cut", why=why, peer=connection.address)
        if transport := connection.transport:
            transport.abort()

    def admit(self, connection: Connection) -> bool:
        here = connection.address
        bound = self.bounds.connections if self._trusts(here) else self.bounds.of_one_address
        if len(self._open) >= self.bounds.connections or self._of[here] >= bound:
            self.counts.full += 1
            self._say_full(here)
            return False
        self._open.add(connection)
        self._of[here] += 1
        self.counts.open = len(self._open)
        return True

    def release(self, connection: Connection) -> None:
        self._open.discard(connection)
        self.counts.open = len(self._open)
        self._of[connection.address] -= 1
        if self._of[connection.address] <= 0:
            del self._of[connection.address]

    def dump(self) -> dict[str, Any]:
        return {name: getattr(self.counts, name) for name in Counts.__slots__} | {"addresses": len(self._of)}

    def _say_full(self, address: str) -> None:
        """Once a minute: a flood of connections is no flood of lines."""
        if self._said < 0 or self.now() - self._said > 60:
            self._said = self.now()
            log.warning("connections_full", open=len(self._open), peer=address)


class _Site(web.TCPSite):
    """A TCP site that bounds TLS handshakes and knows its port."""

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None, handshake: float
    ) -> None:
        super().__init__(runner, host, port, ssl_context=tls, backlog=BACKLOG, reuse_address=True)
        self._handshake = handshake

    @property
    def port(self) -> int:
        server = cast(asyncio.Server, self._server)
        return server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        await web.BaseSite.start(self)
        loop = asyncio.get_running_loop()
        assert self._runner.server is not None
        self._server = await loop.create_server(
            self._runner.server,
            self._host,
            self._port,
            ssl=self._ssl_context,
            backlog=self._backlog,
            reuse_address=self._reuse_address,
            ssl_handshake_timeout=self._handshake if self._ssl_context else None,
        )


def raise_open_files() -> None:
    """A connection is a file; take as many as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
