"""Accounts at providers elsewhere that people log in by (OpenID Connect), linked to accounts here.

A link is made by the person (logged in, with the password again), or at the first log-in by a claim that is
the login here, where the operator said that this provider's claim may be believed. Administrators are never
linked by a claim: whoever could name himself anything there would be one here.
"""

from dataclasses import dataclass

from sqlalchemy import select

from lms_core.audit import service as audit
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import PersonId, UnitId

from . import core, letters, service, steps
from .model import Account, OidcLink
from .policy import Role
from .steps import Known

LONGEST_SUBJECT = 255
"""ASCII characters (OpenID Connect Core §2)."""


class NoAccount(Refusal):
    """The provider knows the person, and nobody here is linked to them."""

    code, status = "oidc_no_account", 403


class LinkedElsewhere(Refusal):
    """That account at the provider is another person's here, or this person has another one there."""

    code, status = "oidc_linked_elsewhere", 409


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider said of who logged in there. `login`: the believed claim, or None."""

    issuer: str
    subject: str
    login: str | None = None
    organisation: UnitId | None = None
    """Only accounts of this one may be linked by the claim."""


async def find(tx: Tx, said: Said, device: str | None) -> Known:
    """Whose account it is; linked now, if the claim may be believed. Raises NoAccount."""
    row = await tx.one(select(OidcLink).where(OidcLink.issuer == said.issuer, OidcLink.subject == said.subject))
    account = await tx.get(Account, row.person_id) if row else await _by_claim(tx, said)
    if account is None or not account.active:
        raise NoAccount
    return await steps.known_of(tx, account, device)


async def link(tx: Tx, person: PersonId, issuer: str, subject: str) -> None:
    """Raises LinkedElsewhere; linking again what is linked changes nothing."""
    known = await tx.one(select(OidcLink).where(OidcLink.issuer == issuer, OidcLink.subject == subject))
    if known and known.person_id == person:
        return
    account = await tx.get(Account, person)
    if account is None:
        raise NotFound(kind="person")
    if known or await tx.get(OidcLink, (account.organisation_id, person, issuer)):
        raise LinkedElsewhere
    _add(tx, account, issuer, subject)
    await letters.tell(tx, [person], "factor_added")


async def unlink(tx: Tx, issuer: str) -> None:
    """Whoever acts logs in there no more. Raises NotFound."""
    account = await tx.get(Account, tx.actor.id)
    row = account and await tx.get(OidcLink, (account.organisation_id, account.person_id, issuer))
    if row is None:
        raise NotFound(kind="oidc_link")
    await tx.delete(row)
    audit.note(tx, "lock_changed", code="oidc_removed", subject=tx.actor.id)


async def issuers_of(tx: Tx, person: PersonId) -> set[str]:
    return set(await tx.all(select(OidcLink.issuer).where(OidcLink.person_id == person)))


async def _by_claim(tx: Tx, said: Said) -> Account | None:
    if not said.login:
        return None
    account = await tx.one(select(Account).where(Account.login == core.normal_login(said.login), Account.active))
    if account is None or said.organisation not in (None, account.organisation_id):
        return None
    held = (await service.actor_of(tx, account.person_id)).roles
    if any(role.role == Role.ADMINISTRATOR for role in held):
        return None
    if await tx.get(OidcLink, (account.organisation_id, account.person_id, said.issuer)):
        return None
    _add(tx, account, said.issuer, said.subject)
    return account


def _add(tx: Tx, account: Account, issuer: str, subject: str) -> None:
    row = OidcLink(
        organisation_id=account.organisation_id,
        person_id=account.person_id,
        issuer=issuer,
        subject=subject,
        created=tx.now,
    )
    tx.add(row)
    audit.note(tx, "lock_changed", organisation=account.organisation_id, code="oidc_added", subject=account.person_id)
