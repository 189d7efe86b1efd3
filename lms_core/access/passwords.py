"""Choosing a password: one's own anew, or with a paper code that somebody in charge has handed over."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update

from lms_core.audit import service as audit
from lms_core.kernel.actor import Actor
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import DeviceId, LoginId, PersonId

from . import core, factors, letters, service, steps
from .events import LoginEnded
from .model import Account, Device, Login, Ticket

Way = Literal["paper", "mailed", "invited"]
WAYS: dict[Way, timedelta] = {
    "paper": core.CODE_LIFE,
    "mailed": core.MAILED_CODE_LIFE,
    "invited": core.INVITATION_LIFE,
}
"""How a code reached its person, and for how long it is good. One way makes no code of another void: else
whoever asks for a letter could undo what a teacher handed over."""


@dataclass(frozen=True, slots=True)
class PaperCode:
    """To be handed over on paper; shown once. With it the person chooses a new password, until `expires`."""

    login: str
    code: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class LoginView:
    """`kind`: how it began (`password`, `totp`, `code`, `paper`, `demo`, `set_up` …). `browser`:
    what the browser said of itself."""

    id: LoginId
    kind: str
    browser: str
    created: datetime
    last_seen: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A browser that is known. `trusted_until`: it is asked for no second factor before."""

    id: DeviceId
    browser: str
    created: datetime
    last_seen: datetime
    trusted_until: datetime | None


async def prove(ctx: Context, password: str) -> steps.Known:
    """The person who acts knows the password. Raises WrongCredentials, TooMany, as at the door."""
    login = await ctx.run(lambda tx: service.login_name(tx, ctx.actor.id))
    return await steps.check_password(ctx, login, password)


async def change(ctx: Context, old: str, new: str) -> None:
    """Other log-ins than this one end. Raises WrongCredentials, TooMany, PasswordUnfit, PasswordCommon,
    PasswordSame."""
    known = await prove(ctx, old)
    core.check_new_password(new, known.login)
    if new == old:
        raise core.PasswordSame
    fresh = await ctx.in_thread(service.new_hash, new)

    async def keep(tx: Tx) -> None:
        await _choose(tx, known.person, fresh)
        await end_others(tx)

    await ctx.run(keep)


async def make_paper_code(tx: Tx, person: PersonId, way: Way = "paper") -> PaperCode:
    """A code for somebody who forgot the password, or never had one (`invited`); an earlier one of the same way
    is void. Who may is the caller's to check. Raises NotFound for who has no account."""
    account = await tx.get(Account, person)
    if account is None or not account.active:
        raise NotFound(kind="account")
    return await make_code(tx, account, way)


async def let_in(tx: Tx, login: str) -> PaperCode:
    """For who lost all: the second factors go, and a code makes a new password. The operator's alone, at the
    machine. Raises NotFound."""
    account = await tx.one(select(Account).where(Account.login == core.normal_login(login), Account.active))
    if account is None:
        raise NotFound(kind="account")
    await factors.remove_all(tx, account.person_id)
    return await make_code(tx, account, "paper")


async def make_code(tx: Tx, account: Account, way: Way) -> PaperCode:
    """The same for an account that is there."""
    code, expires = factors.new_code(), tx.now + WAYS[way]
    await tx.execute(delete(Ticket).where(Ticket.person_id == account.person_id, Ticket.kind == way))
    steps.add_ticket(tx, _paper_secret(account.login, code), way, account.person_id, {}, expires)
    audit.note(tx, "code_made", organisation=account.organisation_id, code=way, subject=account.person_id)
    return PaperCode(account.login, code, expires)


async def use_paper_code(ctx: Context, login: str, code: str, password: str) -> tuple[str, Actor]:
    """A new password by a paper code; all earlier log-ins end. A second factor is asked for as ever.

    Raises WrongCredentials (no such code, or not of this login), TooMany, PasswordUnfit, PasswordCommon,
    SecondFactorNeeded.
    """
    name = core.normal_login(login)
    core.check_new_password(password, name)
    fresh = await ctx.in_thread(service.new_hash, password)

    async def spend(tx: Tx) -> steps.Known | None:
        secret = _paper_secret(name, code)
        row = await tx.get(Ticket, service.hash_of(secret))
        if row is None or row.kind not in WAYS or row.expires <= tx.now:
            return None
        account = await tx.get(Account, row.person_id)
        if account is None or not account.active:
            return None
        await tx.execute(delete(Ticket).where(Ticket.person_id == account.person_id, Ticket.kind.in_(WAYS)))
        await _choose(tx, account.person_id, fresh)
        await service.end_all(tx, account)
        return await steps.known_of(tx, account, ctx.browser.device)

    known = await steps.guarded(ctx, name, lambda: ctx.run(spend))
    return await steps.next_step(ctx, known, "paper")


async def logins(tx: Tx) -> list[LoginView]:
    """The person's log-ins that go on, the newest first."""
    here = (Login.person_id == tx.actor.id) & Login.ended.is_(None) & (Login.expires > tx.now)
    rows = await tx.all(select(Login).where(here).order_by(Login.id.desc()).limit(100))
    return [LoginView(r.id, r.kind, r.browser, r.created, r.last_seen, r.id == tx.actor.login) for r in rows]


async def end_login(tx: Tx, login: LoginId) -> None:
    """End one of one's own log-ins. Raises NotFound."""
    row = await tx.get(Login, login)
    if row is None or row.person_id != tx.actor.id or row.ended is not None:
        raise NotFound(kind="login")
    await _end(tx, row)


async def end_others(tx: Tx) -> None:
    """End one's log-ins but this one."""
    here = (Login.person_id == tx.actor.id) & Login.ended.is_(None) & (Login.id != tx.actor.login)
    for row in await tx.all(select(Login).where(here)):
        await _end(tx, row)


async def devices(tx: Tx) -> list[DeviceView]:
    """Browsers one is known by, the one used last first."""
    query = select(Device).where(Device.person_id == tx.actor.id, Device.last_seen > tx.now - core.DEVICE_LIFE)
    rows = await tx.all(query.order_by(Device.last_seen.desc()).limit(100))
    return [DeviceView(r.id, r.browser, r.created, r.last_seen, r.trusted_until) for r in rows]


async def forget_device(tx: Tx, device: DeviceId) -> None:
    """That browser is a stranger's again. Raises NotFound."""
    here = (Device.person_id == tx.actor.id) & (Device.id == device)
    if await tx.execute(delete(Device).where(here)) != 1:
        raise NotFound(kind="device")


async def _choose(tx: Tx, person: PersonId, password_hash: str) -> None:
    fresh = {"password_hash": password_hash, "must_change": False}
    await tx.execute(update(Account).where(Account.person_id == person).values(fresh))
    audit.note(tx, "lock_changed", code="password_changed", subject=person)
    await letters.tell(tx, [person], "password_changed")


async def _end(tx: Tx, row: Login) -> None:
    row.ended = tx.now
    assert tx.actor.organisation
    tx.emit(LoginEnded(organisation_id=tx.actor.organisation, person_id=row.person_id, login_id=row.id))


def _paper_secret(login: str, code: str) -> str:
    return f"paper:{login}:{core.normal_code(code)}"
