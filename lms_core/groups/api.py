from dataclasses import dataclass
from datetime import date as Day

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import GroupId, PersonId, UnitId
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import service
from .service import GroupView

api = Api()


@dataclass(frozen=True, slots=True)
class GroupLine:
    group: GroupView
    learners: int


@dataclass(frozen=True, slots=True)
class GroupList:
    """`position`: of the organisation's stream, read before the items. `learners`: on `day`."""

    position: int
    day: Day
    items: list[GroupLine]


@dataclass(frozen=True, slots=True)
class AddGroup:
    """`year`: in which the school year begins."""

    name: str
    grade: int
    year: int


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    version: int
    name: str
    grade: int
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Enrol:
    """`order`: number of the order it rests on."""

    person_ids: list[PersonId]
    first: Day
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """From `day` on in `to`; without `to`, in this group no more."""

    person_ids: list[PersonId]
    day: Day
    to: GroupId | None = None
    order: str | None = None


@dataclass(frozen=True, slots=True)
class Met:
    count: int


_GROUPS = "/api/organisations/{organisation_id}/groups"


@api.route("GET", _GROUPS, needs=Permission.PLAN_READ)
async def list_groups(tx: Tx, organisation_id: UnitId, day: Day, year: int | None = None) -> GroupList:
    """Classes and groups, of one school year, with how many learn there on a day."""
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_READ)
    position = await tx.position(organisation_id)
    found = await service.of_organisation(tx, organisation_id, year)
    sizes = await service.sizes(tx, [organisation_id], [view.id for view in found], day)
    return GroupList(position, day, [GroupLine(view, sizes.get(view.id, 0)) for view in found])


@api.route("POST", _GROUPS, needs=Permission.PLAN_WRITE)
async def add_group(tx: Tx, organisation_id: UnitId, body: AddGroup) -> GroupView:
    """Add a class or group.

    Refusals: grade_out_of_range, group_name_unfit, group_taken.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    service.announce(tx, organisation_id)
    return await service.add_group(tx, organisation, body.name, body.grade, body.year)


@api.route("PATCH", _GROUPS + "/{group_id}", needs=Permission.PLAN_WRITE)
async def change_group(tx: Tx, organisation_id: UnitId, group_id: GroupId, body: ChangeGroup) -> GroupView:
    """Rename a class, change its grade, close it or open it again.

    Refusals: stale, grade_out_of_range, group_name_unfit, group_taken.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    service.announce(tx, organisation_id)
    return await service.change_group(
        tx, organisation, group_id, body.version, name=body.name, grade=body.grade, closed=body.closed
    )


@api.route("POST", _GROUPS + "/{group_id}/enrol", needs=Permission.PLAN_WRITE)
async def enrol(tx: Tx, organisation_id: UnitId, group_id: GroupId, body: Enrol) -> Met:
    """These persons learn there from a day on; who does already is left as they are.

    Refusals: group_closed, already_enrolled.
    """
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    group = await service.one_of(tx, organisation_id, group_id)
    await people.check_those_of(tx, organisation_id, body.person_ids)
    service.announce(tx, organisation_id)
    return Met(len(await service.enrol_all(tx, group, body.person_ids, body.first, order=body.order)))


@api.route("POST", _GROUPS + "/{group_id}/move", needs=Permission.PLAN_WRITE)
async def move_learners(tx: Tx, organisation_id: UnitId, group_id: GroupId, body: Move) -> Met:
    """These persons learn in another class from a day on, or leave this one.

    Refusals: not_enrolled, group_closed, already_enrolled.
    """
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    group = await service.one_of(tx, organisation_id, group_id)
    await people.check_those_of(tx, organisation_id, body.person_ids)
    service.announce(tx, organisation_id)
    if body.to is None:
        return Met(await service.leave_all(tx, organisation_id, body.person_ids, body.day, group=group_id))
    target = await service.one_of(tx, organisation_id, body.to)
    await service.move_all(tx, group, target, body.person_ids, body.day, order=body.order)
    return Met(len(body.person_ids))


@dataclass(frozen=True, slots=True)
class Promote:
    """The groups of the school year that began in `year` go up on `day`. Those of grade `last` and above leave;
    without it, of the highest there may be."""

    year: int
    day: Day
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Promoted:
    items: list[GroupView]


@api.route("POST", _GROUPS + "/promote", needs=Permission.PLAN_WRITE)
async def promote_groups(tx: Tx, organisation_id: UnitId, body: Promote) -> Promoted:
    """Make next year's classes of this year's: a grade higher, with the same learners. The old ones close.

    Refusals: group_taken.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    service.announce(tx, organisation_id)
    return Promoted(await service.promote(tx, organisation, body.year, body.day, body.last))
