"""Routes of the kernel as aiohttp handlers: who asks, parse, transaction, answer or refusal."""

import asyncio
import ipaddress
import json
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from lms_core.access import policy
from lms_core.access.service import actor_of_token
from lms_core.kernel.actor import NOBODY
from lms_core.kernel.api import Context, Limits, Peer, Route
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Forbidden, Refusal

COOKIE = "sabaq"
COOKIE_AGE = 30 * 24 * 3600
MAX_BODY = 1024 * 1024
_SAFE = {"GET", "HEAD", "OPTIONS"}
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")

_SLOW = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="slow")

log = structlog.get_logger(__name__)


class CrossSite(Forbidden):
    """A browser's request that did not come from our own page."""

    code = "cross_site"


@dataclass(frozen=True, slots=True)
class Doors:
    """What every handler needs."""

    db: Database
    clock: Clock
    limits: Limits

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            began = self.clock.monotonic()
            ctx = Context(NOBODY, self.db, self.clock, self.limits, peer_of(request), _in_thread)
            try:
                token = token_of(request)
                args = route.parse(request.match_info, request.query, await request.read())
                answer = await self._perform(route, ctx, token, args)
                response = web.Response(body=route.result.dump_json(answer), content_type="application/json")
            except Refusal as no:
                response = problem(no)
                log.info(
                    "refused",
                    op=route.operation_id,
                    code=no.code,
                    who=ctx.actor.person,
                    peer=ctx.peer.address,
                )
            else:
                took = round((self.clock.monotonic() - began) * 1000, 1)
                log.debug("done", op=route.operation_id, who=ctx.actor.person, ms=took)
            _set_cookie(response, ctx.new_token)
            return response

        return handle

    async def _perform(self, route: Route, ctx: Context, token: str | None, args: dict[str, Any]) -> Any:
        async def within(tx: Tx) -> Any:
            ctx.actor = tx.actor = await _actor(tx, token)
            policy.check_route(tx.actor, route.needs)
            return None if route.own_transactions else await route.handler(tx=tx, **args)

        answer = await self.db.run(NOBODY, within)
        return await route.handler(ctx=ctx, **args) if route.own_transactions else answer


async def _in_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Slow work, a core at a time, in the order of asking."""
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


def bearer_of(request: web.Request) -> str | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def token_of(request: web.Request) -> str | None:
    """The bearer token, or the cookie's when the request is our own page's.

    A page of another site can make a browser send the cookie, but neither our header nor our Origin.
    """
    if token := bearer_of(request):
        return token
    if request.method not in _SAFE:
        check_origin(request)
        if COOKIE in request.cookies and "X-Sabaq" not in request.headers:
            raise CrossSite
    return request.cookies.get(COOKIE)


def check_origin(request: web.Request) -> None:
    """Raises CrossSite for a browser's request from another site."""
    origin = request.headers.get("Origin")
    if origin is not None and _netloc(origin) != request.host:
        raise CrossSite


def peer_of(request: web.Request) -> Peer:
    address = request.remote or ""
    host = _hostname(request.host)
    forwarded = any(name in request.headers for name in _FORWARDED)
    loopback_name = host == "localhost" or _is_loopback(host)
    local = _is_loopback(address) and loopback_name and not forwarded
    return Peer(address, local, f"{request.scheme}://{request.host}")


def _netloc(url: str) -> str | None:
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def _hostname(netloc: str) -> str:
    try:
        return urlsplit(f"//{netloc}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _set_cookie(response: web.Response, token: str | None) -> None:
    if token is None:
        return
    flags: dict[str, Any] = {"path": "/", "httponly": True, "secure": True, "samesite": "Lax"}
    if token:
        response.set_cookie(COOKIE, token, max_age=COOKIE_AGE, **flags)
    else:
        response.del_cookie(COOKIE, **flags)


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What holds for every answer: a bug is a logged 500 without details, and nothing is sniffed or framed."""
    try:
        response = await handler(request)
    except web.HTTPException:
        raise
    except asyncio.CancelledError:
        raise
    except Refusal as no:
        log.info("refused", op=request.path, code=no.code, peer=request.remote)
        response = problem(no)
    except Exception:
        log.exception("bug", method=request.method, path=request.path)
        response = problem(_Bug())
    return response


class _Bug(Refusal):
    code, status = "internal", 500


async def secure_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Signal handler for `on_response_prepare`."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cache-Control", "no-store")
    if "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
