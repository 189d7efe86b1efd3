"""Accounts, log-ins and roles."""

import secrets
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update

from lms_core.audit import service as audit
from lms_core.kernel.actor import Actor, Held
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import LoginId, PersonId, RoleId, UnitId
from lms_core.kernel.reads import Read

from . import core
from .events import LoginEnded, LoginsEnded, RolesChanged
from .model import (
    AccessRules,
    Account,
    Assignment,
    Device,
    Factor,
    Invitation,
    Letter,
    Login,
    MailAddress,
    OidcLink,
    Ticket,
)
from .policy import Role

Kind = Literal["password", "totp", "code", "passkey", "paper", "oidc", "demo", "set_up"]


async def actor_of_token(tx: Tx, token: str) -> Actor | None:
    """Who a token speaks for, with the roles held now; None when it speaks for nobody any more."""
    rows = await tx.read(_SPEAKER, token=hash_of(token), now=tx.now)
    if not rows:
        return None
    login, seen, person, organisation, must_change, second_factor, rule, *_ = rows[0]
    if seen <= tx.now - core.SEEN_EVERY:
        await tx.execute(update(Login).where(Login.id == login).values(last_seen=tx.now))
    roles = tuple(Held(role, path, subject) for *_, role, path, subject in rows if role)
    held_up = core.held_up(must_change, second_factor, rule, [held.role for held in roles])
    return Actor(person, login=login, roles=roles, organisation=organisation, held_up=held_up)


async def actor_of(tx: Tx, person: PersonId) -> Actor:
    """The person with the roles held now, without a log-in."""
    query = select(Assignment).where(Assignment.person_id == person, _valid(tx.now)).order_by(Assignment.id)
    return Actor(person, roles=_held(await tx.all(query)))


async def actor_of_issued(tx: Tx, person: PersonId, issued_at: float) -> Actor | None:
    """The person with the roles held now, where what was issued to them at a moment still holds (`still_stands`)."""
    rows = await tx.read(_ISSUED, person=person, now=tx.now)
    if not rows or (rows[0].cut_at is not None and rows[0].cut_at.timestamp() > issued_at):
        return None
    return Actor(person, roles=tuple(Held(row.role, row.path, row.subject_id) for row in rows if row.role))


async def standing_logins(tx: Tx, logins: Collection[LoginId]) -> set[LoginId]:
    """Those that are neither ended nor run out, of persons who were not removed."""
    here = Login.id.in_(logins) & Login.ended.is_(None) & (Login.expires > tx.now) & Account.active
    query = select(Login.id).join(Account, Account.person_id == Login.person_id).where(here)
    return set(await tx.all(query)) if logins else set()


async def start_login(
    tx: Tx, person: PersonId, kind: Kind, *, browser: str = "", address: str = ""
) -> tuple[str, Actor]:
    """A new token and whom it speaks for. Raises WrongCredentials for who was removed meanwhile."""
    account = await tx.get(Account, person)
    if account is None or not account.active:
        raise core.WrongCredentials
    token = secrets.token_urlsafe(32)
    login = LoginId(tx.new_id("login"))
    row = Login(
        id=login,
        token_hash=hash_of(token),
        person_id=person,
        kind=kind,
        browser=browser,
        created=tx.now,
        last_seen=tx.now,
        expires=tx.now + core.LOGIN_LIFE,
    )
    tx.add(row)
    actor = await actor_of(tx, person)
    organisation = account.organisation_id
    audit.note(tx, "logged_in", organisation=organisation, code=kind, actor=person, address=address)
    return token, Actor(person, login=login, roles=actor.roles, organisation=organisation)


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
    await end_all(tx, account)


async def deactivate(tx: Tx, person: PersonId) -> None:
    """A removed person's log-ins end, and no new one begins."""
    if account := await tx.get(Account, person):
        account.active = False
        await end_all(tx, account)


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
    made = assignment(tx, person, role, path, subject)
    made.valid_from, made.valid_to = valid_from or tx.now, valid_to
    tx.add(made)
    note_role(tx, "role_given", made)
    if await tx.read(_LOGGED_IN, person=person):
        tx.emit(RolesChanged(organisation_id=organisation_of(path), person_id=person))
    return made.id


def assignment(tx: Tx, person: PersonId, role: Role, path: str, subject: PersonId | None) -> Assignment:
    """A role from now on, not yet added."""
    return Assignment(
        id=RoleId(tx.new_id("role")),
        person_id=person,
        role=str(role),
        path=path,
        subject_id=subject,
        valid_from=tx.now,
        valid_to=None,
    )


async def withdraw(tx: Tx, role: RoleId) -> None:
    """A role ends now."""
    row = await tx.get(Assignment, role)
    if row is None:
        raise NotFound(kind="role")
    row.valid_to = tx.now
    note_role(tx, "role_ended", row)
    tx.emit(RolesChanged(organisation_id=organisation_of(row.path), person_id=row.person_id))


def note_role(tx: Tx, what: Literal["role_given", "role_ended"], row: Assignment) -> None:
    details = {"role": row.role, "path": row.path}
    audit.note(tx, what, organisation=organisation_of(row.path), subject=row.person_id, details=details)


def organisation_of(path: str) -> UnitId:
    """The lowest unit of a place."""
    units = [part for part in path.split("/") if part.startswith("unit_")]
    return UnitId(units[-1]) if units else audit.NOWHERE


async def make_invitation(tx: Tx) -> str:
    """A new code to set up the installation with; earlier ones are void."""
    code = secrets.token_urlsafe(24)
    await tx.execute(delete(Invitation))
    tx.add(Invitation(code_hash=hash_of(code), made_at=tx.now))
    return code


async def check_invitation(tx: Tx, code: str) -> None:
    """Raises InvitationInvalid."""
    if await tx.get(Invitation, hash_of(code)) is None:
        raise core.InvitationInvalid


async def use_invitation(tx: Tx, code: str) -> None:
    """Raises InvitationInvalid; a good code is good once."""
    if await tx.execute(delete(Invitation).where(Invitation.code_hash == hash_of(code))) != 1:
        raise core.InvitationInvalid


async def forget_organisation(tx: Tx, organisation: UnitId, path: str) -> None:
    """Remove the accounts of an organisation, and the roles held in it."""
    here = Account.organisation_id == organisation
    for account in await tx.all(select(Account).where(here)):
        await end_all(tx, account)
    persons = select(Account.person_id).where(here)
    for table in (Login, Factor, Device, Ticket, OidcLink, MailAddress, Letter):
        await tx.execute(delete(table).where(table.person_id.in_(persons)))
    await tx.execute(delete(AccessRules).where(AccessRules.organisation_id == organisation))
    await tx.execute(delete(Assignment).where(Assignment.path.startswith(path, autoescape=True)))
    await tx.execute(delete(Account).where(here))


async def _set_hash(tx: Tx, person: PersonId, password_hash: str) -> None:
    await tx.execute(update(Account).where(Account.person_id == person).values(password_hash=password_hash))


async def end_every_login(tx: Tx) -> None:
    """Everybody is out, in all organisations, and so are the grants given before now."""
    await tx.execute(update(Account).values(cut_at=tx.now))
    await tx.execute(update(Login).where(Login.ended.is_(None)).values(ended=tx.now))


async def end_all(tx: Tx, account: Account) -> None:
    """All log-ins of an account end, and grants issued before now stand no more."""
    account.cut_at = tx.now
    here = (Login.person_id == account.person_id) & Login.ended.is_(None)
    await tx.execute(update(Login).where(here).values(ended=tx.now))
    tx.emit(LoginsEnded(organisation_id=account.organisation_id, person_id=account.person_id))


def _speaker() -> Read:
    """One row for each role held `now` by whom a `token` speaks for, or one without a role."""
    now: Any = bindparam("now")
    return Read(
        select(Login.id, Login.last_seen)
        .add_columns(Account.person_id, Account.organisation_id, Account.must_change, Account.second_factor)
        .add_columns(AccessRules.second_factor, Assignment.role, Assignment.path, Assignment.subject_id)
        .join(Account, Account.person_id == Login.person_id)
        .outerjoin(AccessRules, AccessRules.organisation_id == Account.organisation_id)
        .outerjoin(Assignment, (Assignment.person_id == Account.person_id) & _valid(now))
        .where(Login.token_hash == bindparam("token"), Login.ended.is_(None), Login.expires > now, Account.active)
        .order_by(Assignment.id)
    )


def _issued() -> Read:
    """One row for each role held `now` by a `person` who was not removed, or one without a role."""
    now: Any = bindparam("now")
    return Read(
        select(Account.cut_at, Assignment.role, Assignment.path, Assignment.subject_id)
        .outerjoin(Assignment, (Assignment.person_id == Account.person_id) & _valid(now))
        .where(Account.person_id == bindparam("person"), Account.active)
        .order_by(Assignment.id)
    )


def _valid(now: Any) -> ColumnElement[bool]:
    return (Assignment.valid_from <= now) & or_(Assignment.valid_to.is_(None), Assignment.valid_to > now)


_SPEAKER = _speaker()
_ISSUED = _issued()
_LOGGED_IN = Read(select(Login.id).where(Login.person_id == bindparam("person"), Login.ended.is_(None)).limit(1))


def _held(rows: Iterable[Assignment]) -> tuple[Held, ...]:
    return tuple(Held(row.role, row.path, row.subject_id) for row in rows)


def hash_of(token: str) -> bytes:
    """What is kept of a secret that is long enough not to be guessed."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
