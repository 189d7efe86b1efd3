"""Passkeys (WebAuthn Level 2): a key of a device that its owner opens by finger, face or PIN. It logs in alone, for
it is both factors: something one has, and what opens it.

The key answers only to the page of this origin, so a page that looks like ours gets nothing. What a browser sends
is a stranger's: the library reads it, and whatever it makes of it but a proof is one refusal.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
import webauthn
from sqlalchemy import func, select
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier as Cose
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from lms_core.audit import service as audit
from lms_core.kernel.actor import Actor
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, id_to_int
from lms_core.kernel.text import clean

from . import core, factors, letters, steps
from .model import Factor, Ticket

ALGORITHMS = [Cose.ECDSA_SHA_256, Cose.EDDSA, Cose.RSASSA_PKCS1_v1_5_SHA_256]
FORMATS = ("none", "packed")
"""No maker is asked to vouch for its device; `packed` is what some send all the same."""
MOST = 10
LONGEST_NAME = 60
LARGEST = 16 * 1024
"""Characters of a credential; a real one has about a thousand."""
LARGEST_KEY, LARGEST_ID = 1024, 1023
TIMEOUT_MS = int(core.TICKET_LIFE.total_seconds() * 1000)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PasskeyOffer:
    """`options`: for `navigator.credentials`, as WebAuthn's JSON. `ticket`: for the next step."""

    ticket: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Relying:
    """The page that passkeys are for: its origin, and the name they are kept under."""

    origin: str
    id: str


def relying(origin: str) -> Relying | None:
    """None where browsers offer no passkeys: on an address that is no name, or without https."""
    try:
        at = urlsplit(origin)
        name, port = at.hostname or "", at.port
    except ValueError:
        return None
    is_name = any(letter.isalpha() for letter in name.rpartition(".")[2]) and ":" not in name
    if not is_name or not (at.scheme == "https" or (at.scheme == "http" and name == "localhost")):
        return None
    shown = f":{port}" if port not in (None, 80 if at.scheme == "http" else 443) else ""
    return Relying(f"{at.scheme}://{name}{shown}", name)


async def offer_log_in(ctx: Context) -> PasskeyOffer:
    """A challenge for whichever passkey the person chooses. Raises PasskeyRefused, TooMany."""
    here = _here(ctx)
    key = ("passkey_offers", ctx.peer.address)
    await steps.limited(ctx, core.OFFERS_OF_ADDRESS, *key)
    await ctx.limits.count(core.OFFERS_OF_ADDRESS, *key)
    options = webauthn.generate_authentication_options(
        rp_id=here.id, timeout=TIMEOUT_MS, user_verification=UserVerificationRequirement.REQUIRED
    )

    async def note(tx: Tx) -> str:
        return _ticket(tx, "passkey", None, options.challenge)

    return PasskeyOffer(await ctx.run(note), options_to_json_dict(options))


async def log_in(ctx: Context, ticket: str, credential: dict[str, Any]) -> tuple[str, Actor]:
    """In, by a passkey alone. Raises PasskeyRefused, TicketInvalid, TooMany."""
    here, address = _here(ctx), ctx.peer.address
    await steps.limited(ctx, core.FAILURES_OF_ADDRESS, "log_in", address)

    async def spend(tx: Tx) -> PersonId | None:
        challenge = await _challenge(tx, ticket, "passkey", None)
        return await _prove(tx, here, challenge, credential, address)

    person = await ctx.run(spend)
    if person is None:
        await ctx.limits.count(core.FAILURES_OF_ADDRESS, "log_in", address)
        raise core.PasskeyRefused
    return await steps.enter(ctx, person, "passkey")


async def offer(ctx: Context) -> PasskeyOffer:
    """A challenge to make a passkey with. Raises SecondFactorNotOffered, TooManyFactors."""
    here = relying(ctx.peer.origin)

    async def note(tx: Tx) -> tuple[str, dict[str, Any]]:
        account = await factors.own_account(tx)
        if here is None or await factors.rule_of(tx, account) == "never":
            raise core.SecondFactorNotOffered
        known = await tx.all(_of(account.person_id))
        if len(known) >= MOST:
            raise core.TooManyFactors(most=MOST)
        options = webauthn.generate_registration_options(
            rp_id=here.id,
            rp_name="Sabaq",
            user_name=account.login,
            user_id=_handle(account.person_id),
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(row.handle) for row in known if row.handle],
            supported_pub_key_algs=ALGORITHMS,
        )
        made = _ticket(tx, "new_passkey", account.person_id, options.challenge)
        return made, options_to_json_dict(options)

    return PasskeyOffer(*await ctx.run(note))


async def add(ctx: Context, ticket: str, credential: dict[str, Any], name: str) -> list[str]:
    """From now on this passkey logs in; recovery codes, if it is the first factor. Raises PasskeyRefused,
    TicketInvalid, TooManyFactors."""
    here = _here(ctx)

    async def keep(tx: Tx) -> list[str] | None:
        challenge = await _challenge(tx, ticket, "new_passkey", tx.actor.id)
        made = _registered(here, challenge, credential)
        if made is None or await tx.one(select(Factor).where(Factor.handle == made.credential_id)):
            return None
        account = await factors.own_account(tx)
        if (await tx.one(select(func.count()).select_from(_of(account.person_id).subquery())) or 0) >= MOST:
            raise core.TooManyFactors(most=MOST)
        first = not account.second_factor
        row = (made.credential_id, made.credential_public_key, made.sign_count)
        factors.add_factor(tx, account, "passkey", clean(name)[:LONGEST_NAME], *row)
        await letters.tell(tx, [account.person_id], "factor_added")
        return await factors.codes_anew(tx, account) if first else []

    codes = await ctx.run(keep)
    if codes is None:
        raise core.PasskeyRefused
    return codes


async def _prove(tx: Tx, here: Relying, challenge: bytes, credential: dict[str, Any], address: str) -> PersonId | None:
    """Whose passkey signed the challenge; None for anything else. A counter that does not grow means that the key
    was copied: that is written down for its owner."""
    row = await _known(tx, credential)
    if row is None:
        return None
    try:
        shown = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.id,
            expected_origin=here.origin,
            credential_public_key=row.secret,
            credential_current_sign_count=0,  # compared below, once the signature is known to be true
            require_user_verification=True,
        )
    except Exception as no:  # whatever a stranger's bytes make the library say
        log.info("passkey_refused", why=type(no).__name__)
        return None
    if shown.new_sign_count <= row.counter and (shown.new_sign_count or row.counter):
        organisation, subject = row.organisation_id, row.person_id
        told = {"organisation": organisation, "subject": subject, "address": address}
        audit.note(tx, "refused", op="log_in_with_passkey", code="passkey_copied", **told)
        return None
    row.counter, row.used = shown.new_sign_count, tx.now
    return row.person_id


async def _known(tx: Tx, credential: dict[str, Any]) -> Factor | None:
    """The passkey that a credential says it is, of the person it says it is of."""
    response = credential.get("response")
    said = response.get("userHandle") if isinstance(response, dict) else None
    named = credential.get("id")
    if not isinstance(named, str) or not isinstance(said, str | None) or not _fits(credential):
        return None
    try:
        handle, owner = base64url_to_bytes(named), said and base64url_to_bytes(said)
    except ValueError:
        return None
    row = await tx.one(select(Factor).where(Factor.handle == handle, Factor.kind == "passkey"))
    return row if row and (not owner or owner == _handle(row.person_id)) else None


def _registered(here: Relying, challenge: bytes, credential: dict[str, Any]) -> Any:
    """What is to be kept of a new passkey; None for what is none."""
    if not _fits(credential):
        return None
    try:
        sent = base64url_to_bytes(credential["response"]["attestationObject"])
        if parse_attestation_object(sent).fmt not in FORMATS:
            return None
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=here.id,
            expected_origin=here.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except Exception as no:  # as above
        log.info("passkey_refused", why=type(no).__name__)
        return None
    small = len(made.credential_id) <= LARGEST_ID and len(made.credential_public_key) <= LARGEST_KEY
    return made if small else None


def _fits(credential: dict[str, Any]) -> bool:
    return len(repr(credential)) <= LARGEST


def _here(ctx: Context) -> Relying:
    here = relying(ctx.peer.origin)
    if here is None:
        raise core.PasskeyRefused
    return here


def _handle(person: PersonId) -> bytes:
    """What a passkey knows its owner by: it says nothing to anybody else."""
    return id_to_int("person", person).to_bytes(16, "big")


def _of(person: PersonId) -> Any:
    return select(Factor).where(Factor.person_id == person, Factor.kind == "passkey")


def _ticket(tx: Tx, kind: str, person: PersonId | None, challenge: bytes) -> str:
    return steps.make_ticket(tx, kind, person, {"challenge": challenge.hex()})


async def _challenge(tx: Tx, ticket: str, kind: str, person: PersonId | None) -> bytes:
    """Of a ticket, which is good for one try. Raises TicketInvalid."""
    row: Ticket = await steps.ticket(tx, ticket, kind, person)
    await tx.delete(row)
    return bytes.fromhex(row.data["challenge"])
