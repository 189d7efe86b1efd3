"""Routes of reminders that need to know what this installation offers: letters, and web push."""

from dataclasses import dataclass

from lms_core.access import letters
from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api, Nothing
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import UnitId
from lms_core.orgs import service as orgs
from lms_core.people import service as people
from lms_core.reminders import service
from lms_core.reminders.service import Wish

from .config import Settings


@dataclass(frozen=True, slots=True)
class MyReminders:
    """`letters`: `offered`, `address_missing` (none was confirmed) or `off` (no letters are sent here). `push_key`:
    what a browser subscribes with (RFC 8292 §3.2), empty where web push is off. `zone`: of the quiet hours."""

    wish: Wish
    letters: str
    push_key: str
    zone: str


@dataclass(frozen=True, slots=True)
class Wake:
    """`endpoint`: the browser's address at its push service."""

    endpoint: str


@dataclass(frozen=True, slots=True)
class PushRule:
    push: bool


@dataclass(frozen=True, slots=True)
class PushRuleView:
    """`possible`: this installation has a `public_url`, which push services want to know. `services`: hosts that it
    would talk to."""

    push: bool
    possible: bool
    services: list[str]


def offers_api(settings: Settings, push_key: str) -> Api:
    api = Api()
    possible = bool(settings.public_url)

    async def mine(tx: Tx) -> MyReminders:
        home = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
        on = possible and await service.push_allowed(tx, home.id)
        there = settings.smtp is not None
        address = await letters.address_of(tx, tx.actor.id) if there else None
        by_letter = "off" if not there else "offered" if address else "address_missing"
        return MyReminders(await service.wish_of(tx), by_letter, push_key if on else "", home.zone)

    @api.route("GET", "/api/me/reminders", needs=SELF)
    async def read_reminders(tx: Tx) -> MyReminders:
        """How I am reminded, and how I could be."""
        return await mine(tx)

    @api.route("PUT", "/api/me/reminders", needs=SELF)
    async def set_reminders(tx: Tx, body: Wish) -> MyReminders:
        """Choose how I am reminded, and when not.

        Refusals: reminder_unfit, letters_not_offered.
        """
        if body.letter and settings.smtp is None:
            raise service.no_letters()
        await service.set_wish(tx, body)
        return await mine(tx)

    @api.route("POST", "/api/me/push", needs=SELF)
    async def wake_browser(tx: Tx, body: Wake) -> Nothing:
        """Wake this browser for reminders, until I end it or log out.

        Refusals: push_not_offered, push_service_unknown.
        """
        if not possible:
            raise service.no_push()
        await service.subscribe(tx, body.endpoint, settings.push_services)
        return Nothing()

    @api.route("POST", "/api/me/push/end", needs=SELF)
    async def let_browser_sleep(tx: Tx, body: Wake) -> Nothing:
        """Wake this browser no more."""
        await service.unsubscribe(tx, body.endpoint)
        return Nothing()

    @api.route("GET", "/api/organisations/{organisation_id}/push", needs=Permission.ORGANISATION_CHANGE)
    async def read_push_rule(tx: Tx, organisation_id: UnitId) -> PushRuleView:
        """Whether web push is on for an organisation."""
        push = await service.push_allowed_for(tx, organisation_id)
        return PushRuleView(push, possible, list(settings.push_services))

    @api.route("PUT", "/api/organisations/{organisation_id}/push", needs=Permission.ORGANISATION_CHANGE)
    async def set_push_rule(tx: Tx, organisation_id: UnitId, body: PushRule) -> PushRuleView:
        """Turn web push on or off. Off, all browsers' addresses are forgotten at once.

        Refusals: push_not_offered.
        """
        if body.push and not possible:
            raise service.no_push()
        await service.allow_push(tx, organisation_id, push=body.push)
        return PushRuleView(body.push, possible, list(settings.push_services))

    return api
