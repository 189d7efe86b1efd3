from dataclasses import dataclass

from lms_core.access import service as access
from lms_core.kernel.api import PUBLIC, SELF, Api, Context
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
class ChangeMe:
    language: Language


@api.route("POST", "/api/log-in", needs=PUBLIC)
async def log_in(ctx: Context, body: LogIn) -> LoggedIn:
    """Log in with a password.

    Refusals: wrong_credentials, too_many_attempts.
    """
    token, actor = await access.log_in(ctx, body.login, body.password)
    return LoggedIn(token, await ctx.run(lambda tx: service.me(tx, actor)))


@api.route("GET", "/api/me", needs=SELF)
async def who_am_i(tx: Tx) -> Me:
    """The person who is logged in."""
    return await service.me(tx, tx.actor)


@api.route("PATCH", "/api/me", needs=SELF)
async def change_me(tx: Tx, body: ChangeMe) -> Me:
    """Choose my language."""
    return await service.speak(tx, body.language)
