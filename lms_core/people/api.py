from dataclasses import dataclass
from typing import Any

from lms_core.access import factors, passkeys, passwords, steps
from lms_core.access.passkeys import PasskeyOffer
from lms_core.kernel.actor import Actor
from lms_core.kernel.api import ENTERING, PUBLIC, Api, Context
from lms_core.kernel.db import Tx

from . import service
from .service import Language, Me

api = Api()


@dataclass(frozen=True, slots=True)
class LogIn:
    login: str
    password: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`token` is for programs (`Authorization: Bearer`); a browser has it as its cookie."""

    token: str
    me: Me


@dataclass(frozen=True, slots=True)
class SecondStep:
    """`trust`: this browser is asked for no second factor for a month."""

    ticket: str
    code: str
    trust: bool = False


@dataclass(frozen=True, slots=True)
class UsePaperCode:
    login: str
    code: str
    password: str


@dataclass(frozen=True, slots=True)
class OfferPasskey:
    pass


@dataclass(frozen=True, slots=True)
class UsePasskey:
    """`credential`: what `navigator.credentials.get` gave, as WebAuthn's JSON (AuthenticationResponseJSON)."""

    ticket: str
    credential: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeMe:
    language: Language


@api.route("POST", "/api/log-in", needs=PUBLIC)
async def log_in(ctx: Context, body: LogIn) -> LoggedIn:
    """Log in with a password. Where there is a second factor, `second_factor_needed` brings a ticket for it.

    Refusals: wrong_credentials, too_many_attempts, second_factor_needed.
    """
    return await _logged_in(ctx, await steps.log_in(ctx, body.login, body.password))


@api.route("POST", "/api/log-in/second", needs=PUBLIC)
async def log_in_second(ctx: Context, body: SecondStep) -> LoggedIn:
    """The step behind the password: a code of the authenticator, or a recovery code.

    Refusals: ticket_invalid, wrong_code, too_many_attempts.
    """
    return await _logged_in(ctx, await factors.take_second(ctx, body.ticket, body.code, trust=body.trust))


@api.route("POST", "/api/log-in/paper", needs=PUBLIC)
async def log_in_with_paper_code(ctx: Context, body: UsePaperCode) -> LoggedIn:
    """Choose a new password with a paper code.

    Refusals: wrong_credentials, too_many_attempts, password_unfit, password_common, second_factor_needed.
    """
    return await _logged_in(ctx, await passwords.use_paper_code(ctx, body.login, body.code, body.password))


@api.route("POST", "/api/log-in/passkey/offer", needs=PUBLIC)
async def offer_passkey_log_in(ctx: Context, body: OfferPasskey) -> PasskeyOffer:
    """A challenge for a passkey (PublicKeyCredentialRequestOptionsJSON).

    Refusals: passkey_refused (browsers offer none here), too_many_attempts.
    """
    return await passkeys.offer_log_in(ctx)


@api.route("POST", "/api/log-in/passkey", needs=PUBLIC)
async def log_in_with_passkey(ctx: Context, body: UsePasskey) -> LoggedIn:
    """Log in with a passkey alone: it is both factors.

    Refusals: passkey_refused, ticket_invalid, too_many_attempts.
    """
    return await _logged_in(ctx, await passkeys.log_in(ctx, body.ticket, body.credential))


@api.route("GET", "/api/me", needs=ENTERING)
async def who_am_i(tx: Tx) -> Me:
    """The person who is logged in."""
    return await service.me(tx, tx.actor)


@api.route("PATCH", "/api/me", needs=ENTERING)
async def change_me(tx: Tx, body: ChangeMe) -> Me:
    """Choose my language."""
    return await service.speak(tx, body.language)


async def _logged_in(ctx: Context, entered: tuple[str, Actor]) -> LoggedIn:
    token, actor = entered
    return LoggedIn(token, await ctx.run(lambda tx: service.me(tx, actor)))
