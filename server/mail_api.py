"""Routes that send letters: one's own address, the way back in, and invitations."""

from dataclasses import dataclass
from datetime import datetime

from lms_core.access import letters, mail, passwords
from lms_core.access.passwords import PaperCode
from lms_core.access.policy import Permission
from lms_core.desk import service as desk
from lms_core.kernel.api import ENTERING, PUBLIC, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import PersonId

from .config import Settings
from .mail import SEAL, link_of


class MailNotOffered(Refusal):
    """This installation sends no letters."""

    code, status = "mail_not_offered", 409


@dataclass(frozen=True, slots=True)
class SetMail:
    """The password again: so that a screen left open changes no locks."""

    password: str
    address: str


@dataclass(frozen=True, slots=True)
class ConfirmMail:
    code: str


@dataclass(frozen=True, slots=True)
class RemoveMail:
    password: str


@dataclass(frozen=True, slots=True)
class Recover:
    login: str


@dataclass(frozen=True, slots=True)
class Invite:
    """With `address`, the invitation is mailed too, where letters are sent."""

    address: str | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """`link` leads to the page on which `code` is spent: once, before `expires`. Shown now and never again."""

    link: str
    login: str
    code: str
    expires: datetime
    mailed: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """Nothing more to say."""


def mail_api(settings: Settings) -> Api:
    api = Api()
    offered = settings.smtp is not None

    @api.route("POST", "/api/me/mail", needs=ENTERING)
    async def set_mail(ctx: Context, body: SetMail) -> Taken:
        """Send a code of six digits to this address; it counts once the code came back.

        Refusals: mail_not_offered, wrong_credentials, too_many_attempts, mail_address_unfit,
        second_factor_not_offered.
        """
        if not offered:
            raise MailNotOffered
        await passwords.prove(ctx, body.password)
        await mail.set_address(ctx, body.address)
        return Taken()

    @api.route("POST", "/api/me/mail/confirm", needs=ENTERING)
    async def confirm_mail(ctx: Context, body: ConfirmMail) -> Taken:
        """The code that came by letter.

        Refusals: wrong_code, ticket_invalid, too_many_attempts.
        """
        await mail.confirm(ctx, body.code)
        return Taken()

    @api.route("POST", "/api/me/mail/remove", needs=ENTERING)
    async def remove_mail(ctx: Context, body: RemoveMail) -> Taken:
        """No letters any more.

        Refusals: wrong_credentials, too_many_attempts, not_found.
        """
        await passwords.prove(ctx, body.password)
        await ctx.run(mail.remove)
        return Taken()

    @api.route("POST", "/api/log-in/recover", needs=PUBLIC)
    async def recover(ctx: Context, body: Recover) -> Taken:
        """Send a letter with a link to who forgot the password. Whether there is such a person is not said.

        Refusals: too_many_attempts.
        """
        if offered:
            await mail.ask_recovery(ctx, body.login)
        return Taken()

    @api.route("POST", "/api/people/{person_id}/invite", needs=Permission.SLIP_MAKE)
    async def invite(ctx: Context, person_id: PersonId, body: Invite) -> Invited:
        """A code by which somebody chooses a password, once, within seven days.

        Refusals: not_found, person_above, mail_address_unfit.
        """
        sealer = ctx.sealer
        assert sealer
        address = mail.check_address(body.address) if body.address and offered else None

        async def make(tx: Tx) -> PaperCode:
            made = await desk.invite(tx, person_id)
            if address:
                sealed = sealer.seal(made.code.encode(), SEAL).hex()
                letters.queue(tx, "invite", person=person_id, address=address, sealed=sealed)
            return made

        made = await ctx.run(make)
        link = link_of(settings.public_url or ctx.peer.origin, made.login, made.code)
        return Invited(link, made.login, made.code, made.expires, address is not None)

    return api
