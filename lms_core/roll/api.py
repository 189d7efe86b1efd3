from dataclasses import dataclass, field

from lms_core.access.policy import Permission, Role
from lms_core.kernel.api import Api, Context, Nothing
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import GroupId, PersonId, RoleId, UnitId
from lms_core.orgs import service as orgs
from lms_core.people.service import PersonData

from . import service
from .service import OnRoll, Slip

api = Api()


@dataclass(frozen=True, slots=True)
class Roll:
    """`position`: of the organisation's stream, read before the items. `next`: give it as `after`."""

    position: int
    items: list[OnRoll]
    next: PersonId | None


@dataclass(frozen=True, slots=True)
class OneOnRoll:
    person: OnRoll
    iin: str | None


@dataclass(frozen=True, slots=True)
class AddPerson:
    """Without `login` one is made of the name. `role`: as a learner, a class is enough."""

    data: PersonData
    login: str | None = None
    role: Role | None = None
    group_id: GroupId | None = None


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """Without `login` it stays."""

    version: int
    data: PersonData
    login: str | None = None


@dataclass(frozen=True, slots=True)
class GiveRole:
    role: Role
    group_id: GroupId | None = None
    child_id: PersonId | None = None


@dataclass(frozen=True, slots=True)
class MakeSlips:
    """For these persons, and for those who learn in a class now."""

    person_ids: list[PersonId] = field(default_factory=list)
    group_id: GroupId | None = None


@dataclass(frozen=True, slots=True)
class Slips:
    items: list[Slip]


_PEOPLE = "/api/organisations/{organisation_id}/people"


@api.route("GET", _PEOPLE, needs=Permission.ROLL_READ)
async def list_people(
    tx: Tx,
    organisation_id: UnitId,
    search: str = "",
    group_id: GroupId | None = None,
    role: Role | None = None,
    active: bool = True,
    after: PersonId | None = None,
) -> Roll:
    """People in the order of the alphabet, a hundred a page. `search`: beginnings of names, or an IIN."""
    position, organisation = await orgs.stream_for(tx, organisation_id, Permission.ROLL_READ)
    items, following = await service.page(
        tx, organisation, search=search, group=group_id, role=role, active=active, after=after
    )
    return Roll(position, items, following)


@api.route("POST", _PEOPLE, needs=Permission.ROLL_WRITE)
async def add_person(tx: Tx, organisation_id: UnitId, body: AddPerson) -> OnRoll:
    """Add a person, who logs in with a slip.

    Refusals: name_unfit, iin_invalid, iin_taken, login_invalid, login_taken, role_misplaced, group_closed.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE)
    return await service.add(tx, organisation, body.data, login=body.login, role=body.role, group=body.group_id)


@api.route("GET", _PEOPLE + "/{person_id}", needs=Permission.ROLL_READ)
async def read_person(tx: Tx, organisation_id: UnitId, person_id: PersonId) -> OneOnRoll:
    """One person, with the IIN; that it was looked at is written down."""
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.ROLL_READ)
    return OneOnRoll(*await service.one(tx, organisation, person_id))


@api.route("PATCH", _PEOPLE + "/{person_id}", needs=Permission.ROLL_WRITE)
async def change_person(tx: Tx, organisation_id: UnitId, person_id: PersonId, body: ChangePerson) -> OnRoll:
    """Change names, IIN, language or log-in name.

    Refusals: stale, person_above, name_unfit, iin_invalid, iin_taken, login_invalid, login_taken.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE)
    return await service.change(tx, organisation, person_id, body.version, body.data, body.login)


@api.route("POST", _PEOPLE + "/{person_id}/remove", needs=Permission.ROLL_WRITE)
async def remove_person(tx: Tx, organisation_id: UnitId, person_id: PersonId, body: Nothing) -> Nothing:
    """They come in no more; what they did stays.

    Refusals: not_oneself, person_above.
    """
    await service.remove(tx, await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE), person_id)
    return Nothing()


@api.route("POST", _PEOPLE + "/{person_id}/bring-back", needs=Permission.ROLL_WRITE)
async def bring_back_person(tx: Tx, organisation_id: UnitId, person_id: PersonId, body: Nothing) -> Nothing:
    """Who was removed may come in again; a class is to be chosen anew.

    Refusals: person_above, person_erased.
    """
    await service.bring_back(tx, await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE), person_id)
    return Nothing()


@api.route("POST", _PEOPLE + "/{person_id}/roles", needs=Permission.ROLL_WRITE)
async def give_role(tx: Tx, organisation_id: UnitId, person_id: PersonId, body: GiveRole) -> Nothing:
    """Give a role: a parent's for a child, a tutor's for a class if need be, others in the whole organisation.

    Refusals: role_misplaced, role_held.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE)
    await service.give_role(tx, organisation, person_id, body.role, body.group_id, body.child_id)
    return Nothing()


@api.route("POST", _PEOPLE + "/{person_id}/roles/{role_id}/end", needs=Permission.ROLL_WRITE)
async def end_role(tx: Tx, organisation_id: UnitId, person_id: PersonId, role_id: RoleId, body: Nothing) -> Nothing:
    """End a role.

    Refusals: not_oneself.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.ROLL_WRITE)
    await service.end_role(tx, organisation, person_id, role_id)
    return Nothing()


@api.route("POST", "/api/organisations/{organisation_id}/slips", needs=Permission.SLIP_MAKE)
async def make_slips(ctx: Context, organisation_id: UnitId, body: MakeSlips) -> Slips:
    """New passwords to hand over on paper, shown once; to be changed at the first log-in.

    Refusals: too_many_slips, person_above.
    """
    return Slips(await service.make_slips(ctx, organisation_id, body.person_ids, body.group_id))


@dataclass(frozen=True, slots=True)
class Appoint:
    """Without `login` one is made of the name."""

    data: PersonData
    login: str | None = None


@api.route("POST", "/api/organisations/{organisation_id}/administrator", needs=Permission.ORGANISATION_ADD)
async def appoint_administrator(ctx: Context, organisation_id: UnitId, body: Appoint) -> Slip:
    """Give an organisation that I added its first administrator, who looks after it from then on.

    Refusals: administered_already, name_unfit, iin_invalid, login_invalid, login_taken.
    """
    return await service.appoint(ctx, organisation_id, body.data, body.login)
