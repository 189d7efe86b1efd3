"""A person's mail address: set, confirmed by a code, and the way back in for who forgot the password."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from lms_core.audit import service as audit
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId

from . import core, factors, letters, passwords, steps
from .letters import Waiting
from .model import Account, MailAddress, Ticket
from .service import hash_of

LONGEST = 254
"""Characters of an address (RFC 5321 §4.5.3.1.3)."""
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class MailView:
    """`confirmed`: a code sent there came back. Only then letters go there."""

    address: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """What a letter says. `login` and `code`: for its link, or the code alone."""

    to: str
    person: PersonId
    login: str = ""
    code: str = ""


def check_address(address: str) -> str:
    """One address and nothing else: no name, no line break, no second one; a domain of other letters as it is
    sent (IDNA). Raises MailAddressUnfit."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode() if at else ""
    except UnicodeError:
        domain = ""
    made = f"{local}@{domain}"
    if len(made) > LONGEST or not 0 < len(local) <= 64 or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise core.MailAddressUnfit
    return made


async def view(tx: Tx) -> MailView | None:
    row = await _own(tx)
    return row and MailView(row.address, row.confirmed is not None)


async def set_address(ctx: Context, address: str) -> None:
    """A letter with a code goes there; the address counts once the code came back. An earlier one is told.
    Raises MailAddressUnfit, TooMany, SecondFactorNotOffered."""
    address = check_address(address)
    for key in (("mail_of", ctx.actor.id), ("mail_to", address.casefold())):
        await steps.limited(ctx, core.LETTERS_ASKED, *key)
        await ctx.limits.count(core.LETTERS_ASKED, *key)

    async def keep(tx: Tx) -> None:
        account = await factors.own_account(tx)
        if await factors.rule_of(tx, account) == "never":
            raise core.SecondFactorNotOffered
        row = await _own(tx)
        if row is None:
            row = MailAddress(organisation_id=account.organisation_id, person_id=tx.actor.id)
            tx.add(row)
        elif row.confirmed:
            letters.queue(tx, "mail_changed", person=tx.actor.id, address=row.address)
        row.address, row.confirmed, row.created = address, None, tx.now
        letters.queue(tx, "confirm", person=tx.actor.id, address=address)

    await ctx.run(keep)


async def confirm(ctx: Context, code: str) -> None:
    """Raises WrongCode, TicketInvalid, TooMany."""
    await steps.limited(ctx, core.FAILURES_OF_SECOND, "mail", ctx.actor.id)

    async def check(tx: Tx) -> bool:
        row = await steps.ticket(tx, _secret(tx.actor.id), "mail", tx.actor.id)
        fits = secrets.compare_digest(row.data["code"], _hash(tx.actor.id, "".join(code.split())))
        if not fits:
            return False
        await tx.delete(row)
        if not await letters.confirm(tx, tx.actor.id, row.data["address"]):
            raise core.TicketInvalid
        audit.note(tx, "lock_changed", code="mail_confirmed", subject=tx.actor.id)
        return True

    if not await ctx.run(check):
        await ctx.limits.count(core.FAILURES_OF_SECOND, "mail", ctx.actor.id)
        raise core.WrongCode


async def remove(tx: Tx) -> None:
    """No letters any more. Raises NotFound."""
    row = await _own(tx)
    if row is None:
        raise NotFound(kind="mail")
    if row.confirmed:
        letters.queue(tx, "mail_changed", person=tx.actor.id, address=row.address)
    await tx.delete(row)
    audit.note(tx, "lock_changed", code="mail_removed", subject=tx.actor.id)


async def ask_recovery(ctx: Context, login: str) -> None:
    """A letter for who forgot the password, if there is such a person and they confirmed an address. The same
    is done for every login, here and now: neither answer nor time tells one from another. Raises TooMany for
    who asks too often."""
    await steps.limited(ctx, core.RECOVERIES_OF_ADDRESS, "recover", ctx.peer.address)
    await ctx.limits.count(core.RECOVERIES_OF_ADDRESS, "recover", ctx.peer.address)
    name = core.normal_login(login)[: core.LONGEST_LOGIN]
    if await ctx.limits.spent(core.RECOVERIES_OF_LOGIN, "recover_login", name) is not None:
        return
    await ctx.limits.count(core.RECOVERIES_OF_LOGIN, "recover_login", name)

    async def ask(tx: Tx) -> None:
        letters.queue(tx, "recover", login=name)

    await ctx.run(ask)


async def ready(tx: Tx, letter: Waiting) -> Ready | None:
    """What a letter is to say now, with the code it brings; None where there is nobody to send it to."""
    if letter.kind == "recover":
        return await _recovery(tx, letter.login)
    account = await tx.get(Account, letter.person) if letter.person else None
    if account is None:
        return None
    if letter.kind == "confirm":
        return Ready(letter.address, account.person_id, account.login, await _confirmation(tx, account, letter.address))
    if letter.kind in letters.REMINDED and not account.active:
        return None
    to = letter.address or await letters.address_of(tx, account.person_id)
    return Ready(to, account.person_id, account.login) if to else None


async def _recovery(tx: Tx, login: str) -> Ready | None:
    account = await tx.one(select(Account).where(Account.login == login, Account.active))
    to = account and await letters.address_of(tx, account.person_id)
    if not account or not to:
        return None
    made = await passwords.make_code(tx, account, "mailed")
    return Ready(to, account.person_id, made.login, made.code)


async def _confirmation(tx: Tx, account: Account, address: str) -> str:
    code = f"{secrets.randbelow(10**6):06d}"
    person = account.person_id
    if row := await tx.get(Ticket, hash_of(_secret(person))):
        await tx.delete(row)
        await tx.flush()
    data = {"address": address, "code": _hash(person, code)}
    steps.add_ticket(tx, _secret(person), "mail", person, data, tx.now + core.MAIL_CODE_LIFE)
    return code


async def _own(tx: Tx) -> MailAddress | None:
    return await tx.one(select(MailAddress).where(MailAddress.person_id == tx.actor.id))


def _secret(person: PersonId) -> str:
    """Each person confirms one address at a time."""
    return f"mail:{person}"


def _hash(person: PersonId, code: str) -> str:
    return hash_of(f"mail:{person}:{code}").hex()
