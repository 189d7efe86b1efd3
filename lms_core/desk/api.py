from dataclasses import dataclass

from lms_core.access import steps
from lms_core.access.factors import Rule
from lms_core.access.passwords import PaperCode
from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api, Context, Nothing
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import AuditId, PersonId, UnitId

from . import data, learners, service
from .data import PersonalData
from .learners import MyLearner
from .service import AuditPage

api = Api()
DATA_READS = "10/hour"
"""Of one's own data: each reads many tables."""


@dataclass(frozen=True, slots=True)
class SetRule:
    """Who must have a second factor; who has none is asked to set one up when they next come."""

    second_factor: Rule


@dataclass(frozen=True, slots=True)
class MyLearners:
    items: list[MyLearner]


@api.route("GET", "/api/me/learners", needs=Permission.CODE_MAKE)
async def my_learners(tx: Tx) -> MyLearners:
    """The learners of the courses I teach and of the classes I am a tutor of: whom I may help back in."""
    return MyLearners(await learners.mine(tx))


@api.route("POST", "/api/people/{person_id}/paper-code", needs=Permission.CODE_MAKE)
async def make_paper_code(tx: Tx, person_id: PersonId, body: Nothing) -> PaperCode:
    """A code by which somebody chooses a new password, once, within 24 hours.

    Refusals: not_found, forbidden (only learners, for who is not in charge of all), person_above.
    """
    return await service.make_paper_code(tx, person_id)


@api.route("POST", "/api/people/{person_id}/factors/remove", needs=Permission.LOCK_MANAGE)
async def remove_factors_of(tx: Tx, person_id: PersonId, body: Nothing) -> Nothing:
    """Take away somebody's lost second factors.

    Refusals: not_found, person_above.
    """
    await service.remove_factors(tx, person_id)
    return Nothing()


@api.route("PUT", "/api/organisations/{organisation_id}/locks", needs=Permission.LOCK_MANAGE)
async def set_lock_rule(tx: Tx, organisation_id: UnitId, body: SetRule) -> SetRule:
    """Choose who must have a second factor.

    Refusals: not_found, forbidden.
    """
    await service.set_rule(tx, organisation_id, body.second_factor)
    return body


@api.route("GET", "/api/organisations/{organisation_id}/audit", needs=Permission.AUDIT_READ)
async def read_audit(
    tx: Tx,
    organisation_id: UnitId,
    before: AuditId | None = None,
    what: str | None = None,
    person: PersonId | None = None,
) -> AuditPage:
    """Who logged in, was refused, was given or lost a role, changed a lock, looked at people.

    Refusals: not_found, forbidden.
    """
    return await service.read_audit(tx, organisation_id, before, what, person)


@api.route("GET", "/api/me/data", needs=SELF)
async def read_my_data(ctx: Context) -> PersonalData:
    """Everything that is kept about me.

    Refusals: too_many_attempts.
    """
    await steps.limited(ctx, DATA_READS, "data", ctx.actor.id)
    await ctx.limits.count(DATA_READS, "data", ctx.actor.id)
    return await ctx.run(data.read_own)


@api.route("GET", "/api/people/{person_id}/data", needs=Permission.ROLL_WRITE)
async def read_data_of(tx: Tx, person_id: PersonId) -> PersonalData:
    """Everything that is kept about somebody; that it was looked at is written down.

    Refusals: not_found, person_above.
    """
    return await data.read_of(tx, person_id)


@api.route("POST", "/api/people/{person_id}/erase", needs=Permission.ROLL_WRITE)
async def erase_person(tx: Tx, person_id: PersonId, body: Nothing) -> Nothing:
    """Forget who a removed person was. What others need stays, of an id that leads to nobody.

    Refusals: not_found, person_above, person_active, kept_by_law.
    """
    await data.erase(tx, person_id)
    return Nothing()
