"""Logging in, step by step; and which browsers are known.

Only failures count. Those of browsers a person is not known by count for the login and the address, for the
address, and for the login in all; a browser the person has logged in with before has a count of its own (the
device cookies of OWASP). So strangers who guess shut out strangers, never the person at their own browser.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any

from sqlalchemy import delete, select, update

from lms_core.kernel.actor import NOBODY, Actor
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import TooMany
from lms_core.kernel.ids import DeviceId, PersonId, UnitId

from . import core, letters, service
from .model import Account, Device, Factor, Ticket
from .service import Kind, hash_of


@dataclass(frozen=True, slots=True)
class Known:
    """An account as the door sees it. `device`: this browser, if the person logged in with it before."""

    person: PersonId
    organisation: UnitId
    login: str
    password_hash: str
    must_change: bool
    second_factor: bool
    device: DeviceId | None
    trusted: bool


async def log_in(ctx: Context, login: str, password: str) -> tuple[str, Actor]:
    """A new token and whom it speaks for; the browser's cookie becomes it too.

    Raises WrongCredentials, SecondFactorNeeded, and TooMany after too many failures.
    """
    known = await check_password(ctx, login, password)
    if core.outdated(known.password_hash):
        fresh = await ctx.in_thread(service.new_hash, password)
        await ctx.run(lambda tx: service.set_password(tx, known.person, fresh))
    return await next_step(ctx, known, "password")


async def check_password(ctx: Context, login: str, password: str) -> Known:
    """Whose login and password these are. Raises WrongCredentials, TooMany.

    One guess at a time for a login, and the limits are read when its turn has come: guesses sent at once learn
    no more than guesses sent one after another.
    """
    name = core.normal_login(login)
    async with ctx.turns.of("log_in", name[: core.LONGEST_LOGIN]):
        known = await ctx.run(lambda tx: find(tx, name, ctx.browser.device))
        rules = _rules(ctx, name[: core.LONGEST_LOGIN], known)
        async with ctx.turns.core():
            await _check(ctx, rules)
            fits = await ctx.in_thread(core.matches, known and known.password_hash, password)
            if known is None or not fits:
                await _count(ctx, rules)
                if known:
                    whose = Actor(known.person, organisation=known.organisation)
                    ctx.witness.refused("log_in", core.WrongCredentials.code, NOBODY, ctx.peer.address, whose)
                raise core.WrongCredentials
    return known


async def guarded(ctx: Context, name: str, attempt: Callable[[], Awaitable[Known | None]]) -> Known:
    """Another way to show whose login it is, under the same limits. Raises WrongCredentials, TooMany."""
    async with ctx.turns.of("log_in", name[: core.LONGEST_LOGIN]):
        rules = _rules(ctx, name[: core.LONGEST_LOGIN], await ctx.run(lambda tx: find(tx, name, ctx.browser.device)))
        await _check(ctx, rules)
        known = await attempt()
        if known is None:
            await _count(ctx, rules)
            raise core.WrongCredentials
    return known


async def next_step(ctx: Context, known: Known, kind: Kind) -> tuple[str, Actor]:
    """In, or first the second factor: unless the browser is trusted. Raises SecondFactorNeeded."""
    if not known.second_factor or known.trusted:
        return await enter(ctx, known.person, kind)

    async def ask(tx: Tx) -> tuple[str, list[str]]:
        found = set(await tx.all(select(Factor.kind).where(Factor.person_id == known.person)))
        return make_ticket(tx, "second", known.person), sorted(found)

    ticket, ways = await ctx.run(ask)
    raise core.SecondFactorNeeded(ticket=ticket, ways=ways)


async def enter(ctx: Context, person: PersonId, kind: Kind, *, trust: bool = False) -> tuple[str, Actor]:
    """Log a person in whose right to it was checked; sets the browser's cookies, by which it is known from now
    on. `trust`: it is asked for no second factor for a month."""
    secret = ctx.browser.device or secrets.token_urlsafe(32)

    async def begin(tx: Tx) -> tuple[str, Actor]:
        begun = await service.start_login(tx, person, kind, browser=ctx.browser.kind, address=ctx.peer.address)
        if await _meet(tx, begun[1], secret, ctx.browser.kind, trust) and kind not in ("demo", "set_up"):
            told = {"browser": ctx.browser.kind, "peer": ctx.peer.address}
            await letters.tell(tx, [person], "new_browser", **told)
        return begun

    token, actor = await ctx.run(begin)
    ctx.new_token, ctx.browser.new_device = token, secret
    return token, actor


async def find(tx: Tx, login: str, device: str | None) -> Known | None:
    """An active account by its login in normal form."""
    account = await tx.one(select(Account).where(Account.login == login, Account.active))
    return account and await known_of(tx, account, device)


async def known_of(tx: Tx, account: Account, device: str | None) -> Known:
    row = None
    if device:
        here = (Device.person_id == account.person_id) & (Device.token_hash == hash_of(device))
        row = await tx.one(select(Device).where(here, Device.last_seen > tx.now - core.DEVICE_LIFE))
    return Known(
        account.person_id,
        account.organisation_id,
        account.login,
        account.password_hash,
        account.must_change,
        account.second_factor,
        row and row.id,
        bool(row and row.trusted_until and row.trusted_until > tx.now),
    )


def make_ticket(tx: Tx, kind: str, person: PersonId | None, data: dict[str, Any] | None = None) -> str:
    """A secret for the next step."""
    secret = secrets.token_urlsafe(32)
    add_ticket(tx, secret, kind, person, data or {}, tx.now + core.TICKET_LIFE)
    return secret


def add_ticket(
    tx: Tx, secret: str, kind: str, person: PersonId | None, data: dict[str, Any], expires: datetime
) -> None:
    row = Ticket(token_hash=hash_of(secret), kind=kind, person_id=person, data=data, tries=0, expires=expires)
    tx.add(row)


async def ticket(tx: Tx, secret: str, kind: str, person: PersonId | None = None) -> Ticket:
    """A ticket that still holds; this was one try with it. Raises TicketInvalid."""
    row = await tx.get(Ticket, hash_of(secret))
    if row is None or row.kind != kind or row.expires <= tx.now or row.tries >= core.TICKET_TRIES:
        raise core.TicketInvalid
    if person and row.person_id != person:
        raise core.TicketInvalid
    row.tries += 1
    return row


async def limited(ctx: Context, rule: str, *key: str) -> None:
    """Raises TooMany when the rule is spent. Counts nothing."""
    await _check(ctx, [(rule, key)])


async def forget_tickets(tx: Tx) -> None:
    await tx.execute(delete(Ticket).where(Ticket.expires < tx.now - core.CODE_LIFE))
    await tx.execute(delete(Ticket).where(Ticket.expires < tx.now, Ticket.person_id.is_(None)))
    await tx.execute(delete(Device).where(Device.last_seen < tx.now - core.DEVICE_LIFE))


async def _meet(tx: Tx, actor: Actor, secret: str, browser: str, trust: bool) -> bool:
    """The browser is known by the person from now on; whether it was not."""
    here = (Device.person_id == actor.id) & (Device.token_hash == hash_of(secret))
    fresh: dict[str, Any] = {"last_seen": tx.now, "browser": browser}
    if trust:
        fresh["trusted_until"] = tx.now + core.TRUST
    if await tx.execute(update(Device).where(here).values(fresh)):
        return False
    assert actor.organisation
    device = Device(
        organisation_id=actor.organisation,
        id=DeviceId(tx.new_id("device")),
        person_id=actor.id,
        token_hash=hash_of(secret),
        created=tx.now,
        **fresh,
    )
    tx.add(device)
    return True


_Rules = list[tuple[str, tuple[str, ...]]]


def _rules(ctx: Context, login: str, known: Known | None) -> _Rules:
    if known and known.device:
        return [(core.FAILURES_OF_DEVICE, ("log_in", known.device))]
    address = ctx.peer.address
    return [
        (core.FAILURES_OF_LOGIN, ("log_in", login, address)),
        (core.FAILURES_OF_ADDRESS, ("log_in", address)),
        (core.FAILURES_OF_STRANGERS, ("log_in_strangers", login)),
    ]


async def _check(ctx: Context, rules: _Rules) -> None:
    waits = [await ctx.limits.spent(rule, *key) for rule, key in rules]
    if any(wait is not None for wait in waits):
        raise TooMany(retry_after=ceil(max(wait or 0 for wait in waits)))


async def _count(ctx: Context, rules: _Rules) -> None:
    for rule, key in rules:
        await ctx.limits.count(rule, *key)
