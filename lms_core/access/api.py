from dataclasses import dataclass
from typing import Any

from lms_core.kernel.api import ENTERING, Api, Context, Nothing
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import DeviceId, FactorId, LoginId

from . import factors, mail, passkeys, passwords, service
from .factors import FactorView, TotpOffer
from .mail import MailView
from .passkeys import PasskeyOffer
from .passwords import DeviceView, LoginView

api = Api()


@dataclass(frozen=True, slots=True)
class ChangePassword:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Prove:
    """The password again: so that a screen left open changes no locks."""

    password: str


@dataclass(frozen=True, slots=True)
class SetUpTotp:
    ticket: str
    code: str


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Each is good once in place of the authenticator; shown now and never again."""

    codes: list[str]


@dataclass(frozen=True, slots=True)
class AddPasskey:
    """`credential`: what `navigator.credentials.create` gave, as WebAuthn's JSON (RegistrationResponseJSON)."""

    ticket: str
    credential: dict[str, Any]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Locks:
    """`held_up`: what must be done first (`password_change_needed`, `second_factor_setup_needed`).
    `second_factor`: the organisation's rule (`none`, `staff`, `administrators`, `never`)."""

    login: str
    held_up: str | None
    second_factor: str
    factors: list[FactorView]
    codes_left: int
    logins: list[LoginView]
    devices: list[DeviceView]
    mail: MailView | None


@api.route("POST", "/api/log-out", needs=ENTERING)
async def log_out(ctx: Context, body: Nothing) -> Nothing:
    """End this log-in."""
    await ctx.run(service.log_out)
    ctx.new_token = ""
    return Nothing()


@api.route("POST", "/api/log-out-everywhere", needs=ENTERING)
async def log_out_everywhere(ctx: Context, body: Nothing) -> Nothing:
    """End all log-ins of mine, on every device, with their connections and places in rooms."""
    await ctx.run(service.log_out_everywhere)
    ctx.new_token = ""
    return Nothing()


@api.route("GET", "/api/me/locks", needs=ENTERING)
async def my_locks(tx: Tx) -> Locks:
    """How I log in, where I am logged in, and which browsers know me."""
    account = await factors.own_account(tx)
    shown, codes = await factors.views(tx, account.person_id)
    rule = await factors.rule_of(tx, account)
    logins, devices = await passwords.logins(tx), await passwords.devices(tx)
    address = await mail.view(tx)
    return Locks(account.login, tx.actor.held_up, rule, shown, codes, logins, devices, address)


@api.route("POST", "/api/me/password", needs=ENTERING)
async def change_password(ctx: Context, body: ChangePassword) -> Nothing:
    """Choose a new password; my other log-ins end.

    Refusals: wrong_credentials, too_many_attempts, password_unfit, password_common, password_same.
    """
    await passwords.change(ctx, body.old, body.new)
    return Nothing()


@api.route("POST", "/api/me/totp/offer", needs=ENTERING)
async def offer_totp(ctx: Context, body: Prove) -> TotpOffer:
    """A secret for an authenticator. It counts once `set_up_totp` was given a code of it.

    Refusals: wrong_credentials, too_many_attempts, second_factor_not_offered.
    """
    await passwords.prove(ctx, body.password)
    return await factors.offer_totp(ctx)


@api.route("POST", "/api/me/totp", needs=ENTERING)
async def set_up_totp(ctx: Context, body: SetUpTotp) -> RecoveryCodes:
    """From now on codes of this authenticator are asked for; it takes the place of an earlier one.

    Refusals: ticket_invalid, wrong_code.
    """
    return RecoveryCodes(await factors.set_up_totp(ctx, body.ticket, body.code))


@api.route("POST", "/api/me/passkeys/offer", needs=ENTERING)
async def offer_passkey(ctx: Context, body: Prove) -> PasskeyOffer:
    """A challenge to make a passkey with (PublicKeyCredentialCreationOptionsJSON).

    Refusals: wrong_credentials, too_many_attempts, second_factor_not_offered, too_many_factors.
    """
    await passwords.prove(ctx, body.password)
    return await passkeys.offer(ctx)


@api.route("POST", "/api/me/passkeys", needs=ENTERING)
async def add_passkey(ctx: Context, body: AddPasskey) -> RecoveryCodes:
    """From now on this passkey logs in, and a password alone no more. No codes where there are some already.

    Refusals: passkey_refused, ticket_invalid, too_many_factors.
    """
    return RecoveryCodes(await passkeys.add(ctx, body.ticket, body.credential, body.name))


@api.route("POST", "/api/me/recovery-codes", needs=ENTERING)
async def new_recovery_codes(ctx: Context, body: Prove) -> RecoveryCodes:
    """Recovery codes anew; the earlier ones are void.

    Refusals: wrong_credentials, too_many_attempts, not_found (no second factor).
    """
    await passwords.prove(ctx, body.password)
    return RecoveryCodes(await ctx.run(factors.new_codes))


@api.route("POST", "/api/me/factors/{factor_id}/remove", needs=ENTERING)
async def remove_factor(ctx: Context, factor_id: FactorId, body: Prove) -> Nothing:
    """Remove a second factor of mine; with the last go the recovery codes.

    Refusals: wrong_credentials, too_many_attempts, not_found, second_factor_required.
    """
    await passwords.prove(ctx, body.password)
    await ctx.run(lambda tx: factors.remove(tx, factor_id))
    return Nothing()


@api.route("POST", "/api/me/logins/{login_id}/end", needs=ENTERING)
async def end_login(tx: Tx, login_id: LoginId, body: Nothing) -> Nothing:
    """End one log-in of mine, with its connections."""
    await passwords.end_login(tx, login_id)
    return Nothing()


@api.route("POST", "/api/me/logins/end-others", needs=ENTERING)
async def end_other_logins(tx: Tx, body: Nothing) -> Nothing:
    """End my log-ins but this one."""
    await passwords.end_others(tx)
    return Nothing()


@api.route("POST", "/api/me/devices/{device_id}/forget", needs=ENTERING)
async def forget_device(tx: Tx, device_id: DeviceId, body: Nothing) -> Nothing:
    """That browser is a stranger's again: a second factor is asked for there."""
    await passwords.forget_device(tx, device_id)
    return Nothing()
