"""Second factors: time-based codes (RFC 6238) and the recovery codes beside them; passkeys stand in `passkeys`."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import segno
from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import delete, select

from lms_core.audit import service as audit
from lms_core.kernel.actor import Actor
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import ALPHABET, FactorId, PersonId, UnitId

from . import core, letters, steps
from .model import AccessRules, Account, Factor, Ticket
from .service import hash_of

Rule = Literal["none", "staff", "administrators", "never"]
_SEAL = "totp"


@dataclass(frozen=True, slots=True)
class FactorView:
    """`kind`: `totp`, `passkey`."""

    id: FactorId
    kind: str
    name: str
    created: datetime
    used: datetime | None


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """For an authenticator: `secret` to type, `uri` to open, `qr` (SVG) to scan; `ticket` for the next step."""

    ticket: str
    secret: str
    uri: str
    qr: str


async def take_second(ctx: Context, ticket: str, code: str, *, trust: bool) -> tuple[str, Actor]:
    """The step behind the password: by a code of the authenticator, or by a recovery code.

    Raises TicketInvalid, WrongCode, TooMany.
    """
    async with ctx.turns.of("second", ticket[:64]):
        person = await ctx.run(lambda tx: _person_of(tx, ticket))
        await steps.limited(ctx, core.FAILURES_OF_SECOND, "second", person)
        kind = await ctx.run(lambda tx: _spend(tx, ctx, person, ticket, code))
        if kind is None:
            await ctx.limits.count(core.FAILURES_OF_SECOND, "second", person)
            raise core.WrongCode
    return await steps.enter(ctx, person, kind, trust=trust)


async def offer_totp(ctx: Context) -> TotpOffer:
    """A fresh secret for the person who acts; it counts once `set_up_totp` shows that it arrived."""
    assert ctx.sealer
    secret = random_base32()
    sealed = ctx.sealer.seal(secret.encode(), _SEAL)

    async def note(tx: Tx) -> tuple[str, str]:
        account = await own_account(tx)
        if await rule_of(tx, account) == "never":
            raise core.SecondFactorNotOffered
        return steps.make_ticket(tx, "totp", account.person_id, {"sealed": sealed.hex()}), account.login

    ticket, login = await ctx.run(note)
    uri = TOTP(secret, name=login, issuer="Sabaq").provisioning_uri()
    return TotpOffer(ticket, secret, uri, segno.make(uri, error="m").svg_inline(scale=4, light="#fff"))


async def set_up_totp(ctx: Context, ticket: str, code: str) -> list[str]:
    """From now on codes of this authenticator are asked for; new recovery codes. Raises TicketInvalid, WrongCode."""
    sealer = ctx.sealer
    assert sealer

    async def keep(tx: Tx) -> list[str] | None:
        row = await steps.ticket(tx, ticket, "totp", tx.actor.id)
        sealed = bytes.fromhex(row.data["sealed"])
        step = core.totp_step(sealer.open(sealed, _SEAL).decode(), code, tx.now.timestamp(), 0)
        if step is None:
            return None
        await tx.delete(row)
        account = await own_account(tx)
        await tx.execute(delete(Factor).where(Factor.person_id == account.person_id, Factor.kind == "totp"))
        add_factor(tx, account, "totp", "", None, sealed, step)
        await letters.tell(tx, [account.person_id], "factor_added")
        return await codes_anew(tx, account)

    return _given(await ctx.run(keep))


async def new_codes(tx: Tx) -> list[str]:
    """Recovery codes anew; the earlier ones are void. Raises NotFound for who has no second factor."""
    account = await own_account(tx)
    if not account.second_factor:
        raise NotFound(kind="factor")
    return await codes_anew(tx, account)


async def remove(tx: Tx, factor: FactorId) -> None:
    """Remove a factor of one's own. Raises NotFound, SecondFactorRequired."""
    account = await own_account(tx)
    rows = await tx.all(select(Factor).where(Factor.person_id == account.person_id, Factor.kind != "code"))
    row = next((one for one in rows if one.id == factor), None)
    if row is None:
        raise NotFound(kind="factor")
    roles = [held.role for held in tx.actor.roles]
    if len(rows) == 1 and core.requires(await rule_of(tx, account), roles):
        raise core.SecondFactorRequired
    if len(rows) == 1:
        await remove_all(tx, account.person_id)
        return
    await tx.delete(row)
    audit.note(tx, "lock_changed", code=f"{row.kind}_removed", subject=account.person_id)
    await letters.tell(tx, [account.person_id], "factor_removed")


async def remove_all(tx: Tx, person: PersonId) -> None:
    """The person logs in by password alone again, until a second factor is set up anew."""
    account = await tx.get(Account, person)
    if account is None:
        return
    await tx.execute(delete(Factor).where(Factor.person_id == person))
    account.second_factor = False
    audit.note(tx, "lock_changed", organisation=account.organisation_id, code="factors_removed", subject=person)
    await letters.tell(tx, [person], "factor_removed")


async def views(tx: Tx, person: PersonId) -> tuple[list[FactorView], int]:
    """The factors of a person, and how many recovery codes are left."""
    rows = await tx.all(select(Factor).where(Factor.person_id == person).order_by(Factor.id))
    shown = [FactorView(row.id, row.kind, row.name, row.created, row.used) for row in rows if row.kind != "code"]
    return shown, len(rows) - len(shown)


async def set_rule(tx: Tx, organisation: UnitId, rule: Rule) -> None:
    """Who of an organisation must have a second factor: they are asked to set one up when they next come."""
    row = await tx.get(AccessRules, organisation)
    if row is None:
        tx.add(AccessRules(organisation_id=organisation, second_factor=rule))
    else:
        row.second_factor = rule
    audit.note(tx, "lock_changed", organisation=organisation, code=f"second_factor_{rule}")


async def rule_of(tx: Tx, account: Account) -> str:
    row = await tx.get(AccessRules, account.organisation_id)
    return row.second_factor if row else "none"


async def own_account(tx: Tx) -> Account:
    account = await tx.get(Account, tx.actor.id)
    if account is None:
        raise NotFound(kind="account")
    return account


def add_factor(
    tx: Tx, account: Account, kind: str, name: str, handle: bytes | None, secret: bytes, counter: int
) -> None:
    account.second_factor = True
    row = Factor(
        organisation_id=account.organisation_id,
        id=FactorId(tx.new_id("factor")),
        person_id=account.person_id,
        kind=kind,
        name=name,
        handle=handle,
        secret=secret,
        counter=counter,
        created=tx.now,
    )
    tx.add(row)
    if kind != "code":
        audit.note(tx, "lock_changed", code=f"{kind}_added", subject=account.person_id)


async def _person_of(tx: Tx, ticket: str) -> PersonId:
    row = await steps.ticket(tx, ticket, "second")
    assert row.person_id
    return row.person_id


async def _spend(tx: Tx, ctx: Context, person: PersonId, ticket: str, code: str) -> Literal["totp", "code"] | None:
    """The kind of factor that a code was of, which is used up with its ticket."""
    kind: Literal["totp", "code"] | None = None
    for way, spend in _WAYS:
        if kind is None and await spend(tx, ctx, person, code):
            kind = way
    if kind:
        await tx.execute(delete(Ticket).where(Ticket.token_hash == hash_of(ticket)))
    return kind


async def _spend_totp(tx: Tx, ctx: Context, person: PersonId, code: str) -> bool:
    assert ctx.sealer
    row = await tx.one(select(Factor).where(Factor.person_id == person, Factor.kind == "totp"))
    if row is None:
        return False
    secret = ctx.sealer.open(row.secret, _SEAL).decode()
    step = core.totp_step(secret, code, tx.now.timestamp(), row.counter)
    if step is None:
        return False
    row.counter, row.used = step, tx.now
    return True


async def _spend_code(tx: Tx, _: Context, person: PersonId, code: str) -> bool:
    handle = _code_hash(person, code)
    here = (Factor.person_id == person) & (Factor.kind == "code") & (Factor.handle == handle)
    return await tx.execute(delete(Factor).where(here)) == 1


_Spend = Callable[[Tx, Context, PersonId, str], Awaitable[bool]]
_WAYS: tuple[tuple[Literal["totp", "code"], _Spend], ...] = (("totp", _spend_totp), ("code", _spend_code))


async def codes_anew(tx: Tx, account: Account) -> list[str]:
    """Recovery codes in place of the earlier ones."""
    person = account.person_id
    await tx.execute(delete(Factor).where(Factor.person_id == person, Factor.kind == "code"))
    codes = [new_code() for _ in range(core.RECOVERY_CODES)]
    for code in codes:
        add_factor(tx, account, "code", "", _code_hash(person, code), b"", 0)
    return codes


def new_code() -> str:
    """Sixty random bits to be typed: `k3vq-9xpa-72mc`."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return "-".join(letters[at : at + 4] for at in (0, 4, 8))


def _code_hash(person: PersonId, code: str) -> bytes:
    return hash_of(f"{person}:{core.normal_code(code)}")


def _given(codes: list[str] | None) -> list[str]:
    if codes is None:
        raise core.WrongCode
    return codes
