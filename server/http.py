"""Routes of the kernel as aiohttp handlers: who asks, parse, transaction, answer or refusal."""

import asyncio
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import structlog
from aiohttp import web

from lms_core.access import policy
from lms_core.access.service import actor_of_token
from lms_core.kernel.actor import NOBODY
from lms_core.kernel.api import Browser, Content, Context, Limits, NoWitness, Route, Sealer, Witness
from lms_core.kernel.blobs import Blobs, Links
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Forbidden, Refusal
from lms_core.kernel.text import clean
from lms_core.kernel.turns import Turns

from . import logs
from .metrics import Metrics
from .proxies import Proxies
from .tracing import NoTracing, Tracing

COOKIE = "sabaq"
COOKIE_AGE = 30 * 24 * 3600
DEVICE_COOKIE, DEVICE_AGE = "sabaq_device", 90 * 24 * 3600
MAX_BODY = 1024 * 1024
MAX_BROWSER = 200
CHUNK = 64 * 1024
STREAMED = frozenset(
    {
        *("/api/rooms/{room_id}/files", "/api/banks/{bank_id}/media", "/api/banks/{bank_id}/import"),
        "/api/sittings/{sitting_id}/files",
    }
)
"""Routes that take more than MAX_BODY, piece by piece."""
ID, OPERATION = web.RequestKey("id", str), web.RequestKey("operation", str)
_SAFE = {"GET", "HEAD", "OPTIONS"}
HSTS_SECONDS = 365 * 24 * 3600

SLOW_NICENESS = 10


def _step_back() -> None:
    """Log-ins wait for live rooms, not the other way round: elsewhere than on Linux this thread is as any other."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), SLOW_NICENESS)


_SLOW = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1), thread_name_prefix="slow", initializer=_step_back)

log = structlog.get_logger(__name__)


class CrossSite(Forbidden):
    """A browser's request that did not come from our own page."""

    code = "cross_site"


class TooLarge(Refusal):
    """More bytes than `limit` were sent."""

    code, status = "too_large", 413


@dataclass(frozen=True, slots=True)
class Doors:
    """What every handler needs. `hsts`: browsers are told to come by https from now on."""

    db: Database
    clock: Clock
    limits: Limits
    proxies: Proxies = field(default_factory=Proxies)
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=NoTracing)
    hsts: bool = False
    turns: Turns = field(default_factory=Turns)
    witness: Witness = field(default_factory=NoWitness)
    sealer: Sealer | None = None
    links: Links | None = None
    blobs: Blobs | None = None

    @web.middleware
    async def guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """What holds for every answer: counted, a line's id, and a bug is a logged 500 without details."""
        began = self.clock.monotonic()
        trusted = self.proxies.trusts(request.remote or "")
        request[ID] = logs.request_id(request.headers.get(logs.REQUEST_ID), trusted)
        logs.bind(request[ID])
        status = 500
        try:
            response = await self._guarded(request, handler)
            status = response.status
            return response
        except web.HTTPException as answer:
            status = answer.status
            raise
        finally:
            operation = _operation(request)
            lasts = status == HTTPStatus.SWITCHING_PROTOCOLS or operation == "/socket.io/"
            self.metrics.request(operation, status, None if lasts else self.clock.monotonic() - began)

    async def headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Signal handler for `on_response_prepare`."""
        for name, value in _SECURE_HEADERS.items():
            response.headers.setdefault(name, value)
        if ID in request:
            response.headers[logs.REQUEST_ID] = request[ID]
        if self.hsts and self.proxies.is_secure(request):
            response.headers["Strict-Transport-Security"] = f"max-age={HSTS_SECONDS}"

    def token_of(self, request: web.Request) -> str | None:
        """The bearer token, or the cookie's when the request is our own page's.

        A page of another site can make a browser send the cookie, but neither our header nor our Origin.
        """
        if token := bearer_of(request):
            return token
        if request.method not in _SAFE:
            self.check_origin(request)
            if COOKIE in request.cookies and "X-Sabaq" not in request.headers:
                raise CrossSite
        return request.cookies.get(COOKIE)

    def check_origin(self, request: web.Request) -> None:
        """Raises CrossSite for a browser's request from another site."""
        origin = request.headers.get("Origin")
        if origin is not None and not self.proxies.is_ours(request, origin):
            raise CrossSite

    def context(self, request: web.Request) -> Context:
        """For who is not known yet."""
        kind = _browser(request.headers.get("User-Agent", "")[:MAX_BROWSER])
        return Context(
            NOBODY,
            self.db,
            self.clock,
            self.limits,
            self.proxies.peer(request),
            _in_thread,
            browser=Browser(request.cookies.get(DEVICE_COOKIE), kind),
            turns=self.turns,
            witness=self.witness,
            sealer=self.sealer,
            links=self.links,
            blobs=self.blobs,
        )

    def refuse(self, operation: str, no: Refusal, **more: Any) -> web.Response:
        """The answer to a refusal, which is counted and leaves a line."""
        self.metrics.refused(no.code)
        log.info("refused", op=logs.brief(operation), code=no.code, **more)
        return problem(no)

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        say = log.debug if route.method in _SAFE or route.often else log.info

        async def handle(request: web.Request) -> web.Response:
            began = self.clock.monotonic()
            request[OPERATION] = route.operation_id
            ctx = self.context(request)
            try:
                with self.tracing.span("route", route.operation_id):
                    token = self.token_of(request)
                    if not route.streams:
                        args = route.parse(request.match_info, request.query, await request.read())
                        answer = await self._perform(route, ctx, token, args)
                    else:
                        args = route.parse(request.match_info, request.query, b"")
                        with _streaming(request) as content:
                            answer = await self._perform(route, ctx, token, args | {"content": content})
                response = web.Response(body=route.result.dump_json(answer), content_type="application/json")
            except Refusal as no:
                response = self.refuse(route.operation_id, no, who=ctx.actor.person, peer=ctx.peer.address)
                self.witness.refused(route.operation_id, no.code, ctx.actor, ctx.peer.address)
                if route.streams:
                    response.force_close()  # what follows is not read
            else:
                took = round((self.clock.monotonic() - began) * 1000, 1)
                say("done", op=route.operation_id, who=ctx.actor.person, ms=took)
            if ctx.new_token:
                self.metrics.logins.labels(route.operation_id).inc()
            set_cookies(response, ctx)
            return response

        return handle

    async def _perform(self, route: Route, ctx: Context, token: str | None, args: dict[str, Any]) -> Any:
        async def within(tx: Tx) -> Any:
            ctx.actor = tx.actor = await _actor(tx, token)
            policy.check_route(tx.actor, route.needs)
            return None if route.own_transactions else await route.handler(tx=tx, **args)

        answer = await self.db.run(NOBODY, within)
        return await route.handler(ctx=ctx, **args) if route.own_transactions else answer

    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        try:
            if (request.content_length or 0) > MAX_BODY and not _streams(request):
                raise TooLarge(limit=MAX_BODY)
            return await handler(request)
        except web.HTTPRequestEntityTooLarge:
            response = self.refuse(
                _operation(request), TooLarge(limit=MAX_BODY), peer=self.proxies.peer(request).address
            )
            response.force_close()
        except (web.HTTPException, asyncio.CancelledError, ConnectionError):
            raise
        except Refusal as no:
            response = self.refuse(_operation(request), no, peer=self.proxies.peer(request).address)
            self.witness.refused(_operation(request), no.code, NOBODY, self.proxies.peer(request).address)
            if isinstance(no, TooLarge):
                response.force_close()  # what follows is not read
        except Exception:
            log.exception("bug", method=logs.brief(request.method), op=_operation(request))
            response = problem(_Bug())
        return response


@contextmanager
def _streaming(request: web.Request) -> Iterator[Content]:
    """`X-File-Name` is percent-encoded UTF-8, for a header has no other letters. What watches the connection leaves
    its size to the handler (listen.Connection)."""
    name = unquote(request.headers.get("X-File-Name", ""), errors="replace")
    watched: Any = request.protocol if hasattr(request.protocol, "streams") else None
    try:
        if watched:
            watched.streams = True
        yield Content(name, request.content_length, request.content.iter_chunked(CHUNK))
    finally:
        if watched:
            watched.streams, watched.heard = False, 0  # a sender who went too far still reads the refusal


def _streams(request: web.Request) -> bool:
    """Whether the route counts for itself what it is sent."""
    resource = request.match_info.route.resource
    return request.method == "POST" and bool(resource) and resource.canonical in STREAMED


async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Slow work, in the order of asking, on all cores but one and only while nobody else needs them."""
    return await asyncio.get_running_loop().run_in_executor(_SLOW, work, *args)


async def _actor(tx: Tx, token: str | None) -> Any:
    return (token and await actor_of_token(tx, token)) or NOBODY


def problem(no: Refusal) -> web.Response:
    """RFC 9457. The title is for people who read logs; pages translate the code."""
    body = {
        "type": f"urn:sabaq:{no.code}",
        "title": no.code.replace("_", " "),
        "status": no.status,
        "code": no.code,
        "params": no.params,
    }
    headers = {}
    if no.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in no.params:
        headers["Retry-After"] = str(no.params["retry_after"])
    return web.Response(
        status=no.status,
        body=json.dumps(body, default=str).encode(),
        content_type="application/problem+json",
        headers=headers,
    )


@lru_cache(1024)
def _browser(said: str) -> str:
    """Few kinds of browsers ask again and again."""
    return clean(said)


def bearer_of(request: web.Request) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def set_cookies(response: web.Response, ctx: Context) -> None:
    """What the function wants the browser to keep from now on, or to forget."""
    if ctx.new_token:
        _set(response, COOKIE, ctx.new_token, COOKIE_AGE)
    elif ctx.new_token is not None:
        response.del_cookie(COOKIE, **_FLAGS)
    if ctx.browser.new_device:
        _set(response, DEVICE_COOKIE, ctx.browser.new_device, DEVICE_AGE)


def _set(response: web.Response, name: str, value: str, age: int) -> None:
    response.set_cookie(name, value, max_age=age, **_FLAGS)


def _operation(request: web.Request) -> str:
    """One of a bounded set: the route's id, else the template that was met."""
    if named := request.get(OPERATION):
        return named
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"


class _Bug(Refusal):
    code, status = "internal", 500


_FLAGS: dict[str, Any] = {"path": "/", "httponly": True, "secure": True, "samesite": "Lax"}
_SECURE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
