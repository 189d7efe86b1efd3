"""Accounts, log-ins and roles."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import ceil
from typing import Literal

from sqlalchemy import ColumnElement, delete, or_, select, update

from lms_core.kernel.actor import Actor, Held
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, TooMany
from lms_core.kernel.ids import LoginId, PersonId, RoleId, UnitId

from . import core
from .events import LoginEnded, LoginsEnded
from .model import Account, Assignment, Invitation, Login
from .policy import Role

Kind = Literal["password", "demo", "set_up"]


@dataclass(frozen=True, slots=True)
class _Known:
    person: PersonId
    password_hash: str


async def actor_of_token(tx: Tx, token: str) -> Actor | None:
    """Who a token speaks for, with the roles held now; None when it speaks for nobody any more."""
    query = (
        select(Login.id, Login.last_seen, Account.person_id, Assignment)
        .join(Account, Account.person_id == Login.person_id)
        .outerjoin(Assignment, (Assignment.person_id == Account.person_id) & _valid(tx.now))
        .where(Login.token_hash == _hash(token), Login.ended.is_(None), Login.expires > tx.now, Account.active)
        .order_by(Assignment.id)
    )
    rows = await tx.rows(query)
    if not rows:
        return None
    login, seen, person, _ = rows[0]
    if seen <= tx.now - core.SEEN_EVERY:
        await tx.execute(update(Login).where(Login.id == login).values(last_seen=tx.now))
    return Actor(person, login=login, roles=_held(row[3] for row in rows if row[3]))


async def actor_of(tx: Tx, person: PersonId) -> Actor:
    """The person with the roles held now, without a log-in."""
    query = select(Assignment).where(Assignment.person_id == person, _valid(tx.now)).order_by(Assignment.id)
    return Actor(person, roles=_held(await tx.all(query)))


async def log_in(ctx: Context, login: str, password: str) -> tuple[str, Actor]:
    """A new token and whom it speaks for; the browser's cookie becomes it too.

    Raises WrongCredentials, and TooMany after 10 failures in 5 minutes of one log-in from one address, or
    500 of one address (a school may stand behind one). Asked again behind the slow check, so that guesses
    sent at once learn nothing.
    """
    name = core.normal_login(login)
    key = name[: core.LONGEST_LOGIN]
    _check_failures(ctx, key)
    known = await ctx.run(lambda tx: _known(tx, name))

    def guess() -> bool:
        _check_failures(ctx, key)  # again: of guesses sent at once, most stand in the queue of the slow check
        return core.matches(known and known.password_hash, password)

    fits = await ctx.in_thread(guess)
    _check_failures(ctx, key)
    if known is None or not fits:
        ctx.limits.count(core.FAILURES_OF_LOGIN, "log_in", key, ctx.peer.address)
        ctx.limits.count(core.FAILURES_OF_ADDRESS, "log_in", ctx.peer.address)
        raise core.WrongCredentials
    if core.outdated(known.password_hash):
        fresh = await ctx.in_thread(new_hash, password)
        await ctx.run(lambda tx: _set_hash(tx, known.person, fresh))
    return await enter(ctx, known.person, "password")


async def enter(ctx: Context, person: PersonId, kind: Kind) -> tuple[str, Actor]:
    """Log a person in whose right to it was checked; sets the browser's cookie."""
    token, actor = await ctx.run(lambda tx: start_login(tx, person, kind))
    ctx.new_token = token
    return token, actor


async def start_login(tx: Tx, person: PersonId, kind: Kind) -> tuple[str, Actor]:
    """A new token and whom it speaks for. Raises WrongCredentials for who was removed meanwhile."""
    account = await tx.get(Account, person)
    if account is None or not account.active:
        raise core.WrongCredentials
    token = secrets.token_urlsafe(32)
    login = LoginId(tx.new_id("login"))
    row = Login(
        id=login,
        token_hash=_hash(token),
        person_id=person,
        kind=kind,
        created=tx.now,
        last_seen=tx.now,
        expires=tx.now + core.LOGIN_LIFE,
    )
    tx.add(row)
    actor = await actor_of(tx, person)
    return token, Actor(person, login=login, roles=actor.roles)


async def log_out(tx: Tx) -> None:
    """End the log-in that acts now."""
    here = (Login.id == tx.actor.login) & Login.ended.is_(None)
    await tx.execute(update(Login).where(here).values(ended=tx.now))
    account = await tx.get(Account, tx.actor.id)
    if account and tx.actor.login:
        tx.emit(
            LoginEnded(organisation_id=account.organisation_id, person_id=account.person_id, login_id=tx.actor.login)
        )


async def log_out_everywhere(tx: Tx) -> None:
    """End all log-ins of the person who acts now."""
    account = await tx.get(Account, tx.actor.id)
    if account is None:
        raise NotFound(kind="person")
    await _end_all(tx, account)


async def deactivate(tx: Tx, person: PersonId) -> None:
    """A removed person's log-ins end, and no new one begins."""
    if account := await tx.get(Account, person):
        account.active = False
        await _end_all(tx, account)


async def still_stands(tx: Tx, person: PersonId, issued_at: float) -> bool:
    """Whether what was issued to a person at a moment (seconds since 1970, UTC) holds: the person was not
    removed, and did not log out everywhere since."""
    account = await tx.get(Account, person)
    if account is None or not account.active:
        return False
    return account.cut_at is None or account.cut_at.timestamp() <= issued_at


async def open_account(tx: Tx, person: PersonId, organisation: UnitId, login: str, password_hash: str) -> None:
    """Let a person log in. `password_hash` comes from `new_hash`. Raises LoginInvalid, LoginTaken."""
    name = core.check_login(login)
    if await tx.one(select(Account.person_id).where(Account.login == name)):
        raise core.LoginTaken(login=name)
    account = Account(
        person_id=person, organisation_id=organisation, login=name, password_hash=password_hash, active=True
    )
    tx.add(account)


async def set_password(tx: Tx, person: PersonId, password_hash: str) -> None:
    await _set_hash(tx, person, password_hash)


def new_hash(password: str) -> str:
    """Slow on purpose: call it in a thread."""
    return core.password_hash(password, secrets.token_bytes(16))


def check_password(password: str) -> None:
    """Raises PasswordUnfit for a new password that is too short or too long."""
    core.check_password(password)


async def logins_of(tx: Tx, organisation: UnitId) -> Mapping[str, PersonId]:
    """Log-in name → person, of an organisation's active accounts."""
    query = select(Account.login, Account.person_id).where(Account.organisation_id == organisation, Account.active)
    return {login: person for login, person in await tx.rows(query)}


async def login_name(tx: Tx, person: PersonId) -> str:
    return await tx.one(select(Account.login).where(Account.person_id == person)) or ""


async def assign(
    tx: Tx,
    person: PersonId,
    role: Role,
    path: str,
    *,
    subject: PersonId | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> RoleId:
    """Give a role at a place, from now or `valid_from` up to `valid_to`; with `subject`, for that person."""
    made = Assignment(
        id=RoleId(tx.new_id("role")),
        person_id=person,
        role=str(role),
        path=path,
        subject_id=subject,
        valid_from=valid_from or tx.now,
        valid_to=valid_to,
    )
    tx.add(made)
    return made.id


async def withdraw(tx: Tx, role: RoleId) -> None:
    """A role ends now."""
    if await tx.execute(update(Assignment).where(Assignment.id == role).values(valid_to=tx.now)) == 0:
        raise NotFound(kind="role")


async def make_invitation(tx: Tx) -> str:
    """A new code to set up the installation with; earlier ones are void."""
    code = secrets.token_urlsafe(24)
    await tx.execute(delete(Invitation))
    tx.add(Invitation(code_hash=_hash(code), made_at=tx.now))
    return code


async def check_invitation(tx: Tx, code: str) -> None:
    """Raises InvitationInvalid."""
    if await tx.get(Invitation, _hash(code)) is None:
        raise core.InvitationInvalid


async def use_invitation(tx: Tx, code: str) -> None:
    """Raises InvitationInvalid; a good code is good once."""
    if await tx.execute(delete(Invitation).where(Invitation.code_hash == _hash(code))) != 1:
        raise core.InvitationInvalid


async def forget_organisation(tx: Tx, organisation: UnitId, path: str) -> None:
    """Remove the accounts of an organisation, and the roles held in it."""
    here = Account.organisation_id == organisation
    for account in await tx.all(select(Account).where(here)):
        await _end_all(tx, account)
    persons = select(Account.person_id).where(here)
    await tx.execute(delete(Login).where(Login.person_id.in_(persons)))
    await tx.execute(delete(Assignment).where(Assignment.path.startswith(path, autoescape=True)))
    await tx.execute(delete(Account).where(here))


async def _known(tx: Tx, login: str) -> _Known | None:
    account = await tx.one(select(Account).where(Account.login == login, Account.active))
    return account and _Known(account.person_id, account.password_hash)


def _check_failures(ctx: Context, key: str) -> None:
    waits = (
        ctx.limits.spent(core.FAILURES_OF_LOGIN, "log_in", key, ctx.peer.address),
        ctx.limits.spent(core.FAILURES_OF_ADDRESS, "log_in", ctx.peer.address),
    )
    if any(wait is not None for wait in waits):
        raise TooMany(retry_after=ceil(max(wait or 0 for wait in waits)))


async def _set_hash(tx: Tx, person: PersonId, password_hash: str) -> None:
    await tx.execute(update(Account).where(Account.person_id == person).values(password_hash=password_hash))


async def _end_all(tx: Tx, account: Account) -> None:
    account.cut_at = tx.now
    here = (Login.person_id == account.person_id) & Login.ended.is_(None)
    await tx.execute(update(Login).where(here).values(ended=tx.now))
    tx.emit(LoginsEnded(organisation_id=account.organisation_id, person_id=account.person_id))


def _valid(now: datetime) -> ColumnElement[bool]:
    return (Assignment.valid_from <= now) & or_(Assignment.valid_to.is_(None), Assignment.valid_to > now)


def _held(rows: Iterable[Assignment]) -> tuple[Held, ...]:
    return tuple(Held(row.role, row.path, row.subject_id) for row in rows)


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
