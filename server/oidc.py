"""Logging in by a provider elsewhere (OpenID Connect): the way there, the way back, and links to accounts.

What the way back needs travels sealed in a cookie of ten minutes: so it is bound to the browser that started,
and nothing is kept here for people who never come back. Logging out stays our own.
"""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from lms_core.access import links, passkeys, passwords, steps
from lms_core.access.service import actor_of_token
from lms_core.kernel.actor import NOBODY, Actor
from lms_core.kernel.api import PUBLIC, SELF, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, NotLoggedIn, Refusal
from lms_core.kernel.ids import UnitId

from .config import Oidc
from .http import COOKIE, Doors, set_cookies
from .oidc_client import OidcFailed, Provider
from .plain_page import language_of, page, paragraph

STATE = "sabaq_oidc"
STATE_SECONDS = 600
STARTS = "60/minute"
"""Of one address: each may make us ask the provider."""
_WORDS = json.loads((Path(__file__).parent / "oidc_words.json").read_text("utf-8"))
_HEADER = {"alg": "dir", "enc": "A256GCM"}

log = structlog.get_logger(__name__)


class SecondFactorHere(Refusal):
    """The account has a second factor here: it logs in with password and code."""

    code, status = "oidc_second_factor", 403


@dataclass(frozen=True, slots=True)
class Way:
    """A provider; `GET /api/oidc/{id}/start` leads there."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Ways:
    """How one may log in here. `passkeys`: browsers make and show some at this address; `mail`: letters are sent,
    so a forgotten password is no call to the school."""

    password: bool
    oidc: list[Way]
    passkeys: bool
    mail: bool


@dataclass(frozen=True, slots=True)
class MyLink:
    id: str
    name: str
    linked: bool


@dataclass(frozen=True, slots=True)
class MyLinks:
    items: list[MyLink]


@dataclass(frozen=True, slots=True)
class LinkProvider:
    """The password again: so that a screen left open opens no second door."""

    password: str


@dataclass(frozen=True, slots=True)
class Leave:
    """Go there; it comes back by itself."""

    address: str


@dataclass(frozen=True, slots=True)
class Unlinked:
    pass


class OidcDoors:
    def __init__(self, doors: Doors, providers: tuple[Oidc, ...], key: bytes, *, mail: bool = False) -> None:
        self._doors, self._mail = doors, mail
        self._providers = {each.id: Provider(each, doors.clock) for each in providers}
        self._key = OctKey.import_key(key)
        self.api = self._make_api()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/oidc/{id}/start", self._guarded("start_oidc", self._start))
        app.router.add_get("/api/oidc/{id}/return", self._guarded("return_from_oidc", self._return))

    async def _start(self, request: web.Request, ctx: Context) -> web.Response:
        await steps.limited(ctx, STARTS, "oidc", ctx.peer.address)
        await ctx.limits.count(STARTS, "oidc", ctx.peer.address)
        provider = self._provider(request.match_info["id"])
        if "link" in request.query:
            ctx.actor = await self._who(request, ctx)
            await ctx.run(lambda tx: _use_ticket(tx, request.query["link"]))
        address, sealed = await self._leave(provider, ctx)
        response = web.Response(status=303, headers={"Location": address})
        _set_state(response, sealed)
        return response

    async def _return(self, request: web.Request, ctx: Context) -> web.Response:
        provider = self._provider(request.match_info["id"])
        kept = self._open(request.cookies.get(STATE, ""), provider)
        given, code = request.query.get("state", ""), request.query.get("code", "")
        if not secrets.compare_digest(given.encode(), kept["state"].encode()) or not 0 < len(code) <= 4096:
            raise OidcFailed(provider=provider.settings.id)
        claims = await provider.claims(self._back(provider, ctx), code, kept["nonce"], kept["verifier"])
        own = provider.settings
        if kept.get("person"):
            await self._link(request, ctx, kept, own.issuer, claims.subject)
            return web.Response(status=303, headers={"Location": "/settings/locks"})
        said = links.Said(own.issuer, claims.subject, claims.login, UnitId(own.organisation) or None)
        known = await ctx.run(lambda tx: links.find(tx, said, ctx.browser.device))
        if known.second_factor and not known.trusted:
            raise SecondFactorHere
        _, ctx.actor = await steps.enter(ctx, known.person, "oidc")
        self._doors.metrics.logins.labels("return_from_oidc").inc()
        response = web.Response(status=303, headers={"Location": "/"})
        set_cookies(response, ctx)
        return response

    async def _link(self, request: web.Request, ctx: Context, kept: dict[str, Any], issuer: str, subject: str) -> None:
        """The log-in that set out must be the one that comes back."""
        ctx.actor = await self._who(request, ctx)
        if ctx.actor.person != kept["person"] or ctx.actor.login != kept["login"]:
            raise OidcFailed
        await ctx.run(lambda tx: links.link(tx, ctx.actor.id, issuer, subject))

    async def _who(self, request: web.Request, ctx: Context) -> Actor:
        """Whose log-in the browser has."""
        token = request.cookies.get(COOKIE, "")
        actor = await ctx.run(lambda tx: actor_of_token(tx, token))
        if actor is None:
            raise NotLoggedIn
        return actor

    async def _leave(self, provider: Provider, ctx: Context) -> tuple[str, str]:
        """Where to, and what the browser must bring back."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        anew = ctx.actor is not NOBODY
        address = await provider.address(self._back(provider, ctx), state, nonce, verifier, anew=anew)
        kept = {
            "provider": provider.settings.id,
            "state": state,
            "nonce": nonce,
            "verifier": verifier,
            "until": self._doors.clock.now().timestamp() + STATE_SECONDS,
            "person": ctx.actor.person,
            "login": ctx.actor.login,
        }
        return address, jwe.encrypt_compact(_HEADER, json.dumps(kept), self._key)

    def _open(self, sealed: str, provider: Provider) -> dict[str, Any]:
        """What was kept in the browser. Raises OidcFailed for what is not ours, not of here, or too old."""
        try:
            kept = json.loads(jwe.decrypt_compact(sealed, self._key).plaintext or b"")
        except (JoseError, ValueError, TypeError, KeyError):
            raise OidcFailed(provider=provider.settings.id) from None
        if kept["provider"] != provider.settings.id or kept["until"] < self._doors.clock.now().timestamp():
            raise OidcFailed(provider=provider.settings.id)
        return kept

    def _back(self, provider: Provider, ctx: Context) -> str:
        return f"{ctx.peer.origin}/api/oidc/{provider.settings.id}/return"

    def _provider(self, name: str) -> Provider:
        if name not in self._providers:
            raise NotFound(kind="oidc")
        return self._providers[name]

    def _guarded(
        self, operation: str, handler: Callable[[web.Request, Context], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            ctx = self._doors.context(request)
            try:
                with self._doors.tracing.span("route", operation):
                    response = await handler(request, ctx)
            except Refusal as no:
                self._doors.refuse(operation, no, peer=ctx.peer.address)
                self._doors.witness.refused(operation, no.code, NOBODY, ctx.peer.address)
                response = _refusal(request, no)
            if operation == "return_from_oidc":
                response.del_cookie(STATE, path="/api/oidc", httponly=True, secure=True, samesite="Lax")
            return response

        return handle

    def _make_api(self) -> Api:
        api = Api()

        @api.route("GET", "/api/log-in/ways", needs=PUBLIC)
        async def ways_to_log_in(ctx: Context) -> Ways:
            """How one may log in here, for the page that greets."""
            known = [Way(each.settings.id, each.settings.name) for each in self._providers.values()]
            return Ways(True, known, passkeys.relying(ctx.peer.origin) is not None, self._mail)

        @api.route("GET", "/api/me/oidc", needs=SELF)
        async def my_oidc_links(ctx: Context) -> MyLinks:
            """Each provider, and whether I may log in by it."""
            linked = await ctx.run(lambda tx: links.issuers_of(tx, ctx.actor.id))
            own = [each.settings for each in self._providers.values()]
            return MyLinks([MyLink(each.id, each.name, each.issuer in linked) for each in own])

        @api.route("POST", "/api/me/oidc/{provider}/link", needs=SELF)
        async def link_oidc(ctx: Context, provider: str, body: LinkProvider) -> Leave:
            """Let me log in by a provider: go to the address, log in there, and come back to the settings.

            Refusals: wrong_credentials, too_many_attempts, not_found.
            """
            chosen = self._provider(provider)
            await passwords.prove(ctx, body.password)
            ticket = await ctx.run(_make_ticket)
            return Leave(f"/api/oidc/{chosen.settings.id}/start?link={ticket}")

        @api.route("POST", "/api/me/oidc/{provider}/unlink", needs=SELF)
        async def unlink_oidc(ctx: Context, provider: str, body: LinkProvider) -> Unlinked:
            """I log in by this provider no more.

            Refusals: wrong_credentials, too_many_attempts, not_found.
            """
            chosen = self._provider(provider)
            await passwords.prove(ctx, body.password)
            await ctx.run(lambda tx: links.unlink(tx, chosen.settings.issuer))
            return Unlinked()

        return api


async def _make_ticket(tx: Tx) -> str:
    return steps.make_ticket(tx, "oidc", tx.actor.id)


async def _use_ticket(tx: Tx, secret: str) -> None:
    """It is good once, and in the browser of the person it was made for: nobody is lured into another's link."""
    await tx.delete(await steps.ticket(tx, secret, "oidc", tx.actor.id))


def _set_state(response: web.Response, sealed: str) -> None:
    flags: dict[str, Any] = {"path": "/api/oidc", "httponly": True, "secure": True, "samesite": "Lax"}
    response.set_cookie(STATE, sealed, max_age=STATE_SECONDS, **flags)


def _refusal(request: web.Request, no: Refusal) -> web.Response:
    """A page for a person who is in the middle of logging in, not JSON."""
    language = language_of(request)
    words = _WORDS[language]
    parts = [
        paragraph(words["why"].get(no.code, words["why"]["oidc_failed"])),
        f'<p><a class="go" href="/">{escape(words["back"])}</a></p>',
        paragraph(f"{words['code']}: {no.code}", "muted"),
    ]
    return page(request, language, words["title"], parts, status=no.status)
