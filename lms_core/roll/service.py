"""The people of an organisation, for who keeps its roll."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from lms_core.access import accounts
from lms_core.access import service as access
from lms_core.access.policy import Permission, Role
from lms_core.audit import service as audit
from lms_core.groups import service as groups
from lms_core.kernel.api import Context
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import GroupId, PersonId, RoleId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Part
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people
from lms_core.people.service import PersonData, PersonView

from . import core


@dataclass(frozen=True, slots=True)
class Place:
    id: GroupId
    name: str


@dataclass(frozen=True, slots=True)
class HeldRole:
    """`place`: the organisation or the class where it is held; `child`: of a parent."""

    id: RoleId
    role: Role
    place: Names
    child: PersonId | None


@dataclass(frozen=True, slots=True)
class OnRoll:
    """One line of the roll. `login` is empty without an account; `log_in`: has no password yet, has one from a
    slip that is to be changed, or an own one."""

    id: PersonId
    version: int
    family: str
    given: str
    patronymic: str | None
    has_iin: bool
    language: people.Language
    active: bool
    login: str
    log_in: str
    roles: list[HeldRole]
    groups: list[Place]


@dataclass(frozen=True, slots=True)
class Slip:
    """To be cut out and handed over; the password is shown now and never again."""

    person_id: PersonId
    name: str
    groups: list[str]
    login: str
    password: str


async def page(
    tx: Tx,
    organisation: Organisation,
    *,
    search: str,
    group: GroupId | None,
    role: Role | None,
    active: bool,
    after: PersonId | None,
) -> tuple[list[OnRoll], PersonId | None]:
    """People in the order of the alphabet, and whom to give as `after`."""
    within: list[Part] = []
    if group:
        within.append(groups.learners(organisation.id, group, orgs.today(tx, organisation)))
    if role:
        within.append(accounts.holders(tx, role, organisation.path))
    found, following = await people.page(
        tx, organisation.id, search=search, active=active, within=within, after=after, limit=core.PAGE
    )
    return await _views(tx, organisation, found), following


async def one(tx: Tx, organisation: Organisation, person: PersonId) -> tuple[OnRoll, str | None]:
    """The line of a person, and the IIN. Raises NotFound."""
    found = await people.of_organisation(tx, organisation.id, person)
    audit.note(tx, "looked", organisation=organisation.id, op="read_person", subject=person)
    return (await _views(tx, organisation, [found]))[0], found.iin


async def add(
    tx: Tx,
    organisation: Organisation,
    data: PersonData,
    *,
    login: str | None,
    role: Role | None,
    group: GroupId | None,
) -> OnRoll:
    """Raises NameUnfit, IinInvalid, IinTaken, LoginInvalid, LoginTaken, RoleMisplaced, NotFound, GroupClosed."""
    person = await people.add_person(
        tx,
        organisation.id,
        data.family,
        data.given,
        patronymic=data.patronymic,
        iin=data.iin,
        language=data.language,
    )
    name = login or (await accounts.free_logins(tx, [people.login_of(data.given, data.family)]))[0]
    await tx.flush()
    await accounts.open_accounts(tx, organisation.id, {person: name})
    await tx.flush()
    if group:
        view = await groups.one_of(tx, organisation.id, group)
        await groups.enrol_all(tx, view, [person], orgs.today(tx, organisation))
        groups.announce(tx, organisation.id)
    if role and not (group and role is Role.LEARNER):
        await give_role(tx, organisation, person, role, None, None)
    people.announce(tx, organisation.id, person)
    await tx.flush()
    return (await _views(tx, organisation, [await people.of_organisation(tx, organisation.id, person)]))[0]


async def change(
    tx: Tx, organisation: Organisation, person: PersonId, version: int, data: PersonData, login: str | None
) -> OnRoll:
    """Raises NotFound, Stale, PersonAbove, NameUnfit, IinInvalid, IinTaken, LoginInvalid, LoginTaken."""
    await people.of_organisation(tx, organisation.id, person)
    await accounts.check_within(tx, [person], Permission.ROLL_WRITE)
    view = await people.change(tx, organisation.id, person, version, data)
    if login:
        if not await accounts.views(tx, [person]):
            await accounts.open_accounts(tx, organisation.id, {person: login})
        else:
            await accounts.rename(tx, person, login)
    people.announce(tx, organisation.id, person)
    await tx.flush()
    return (await _views(tx, organisation, [view]))[0]


async def remove(tx: Tx, organisation: Organisation, person: PersonId) -> None:
    """They come in no more and learn nowhere; what they did stays. Raises NotFound, NotOneself, PersonAbove."""
    if person == tx.actor.person:
        raise core.NotOneself
    await people.set_active(tx, organisation.id, person, active=False)
    await accounts.check_within(tx, [person], Permission.ROLL_WRITE)
    await access.deactivate(tx, person)
    await groups.leave_all(tx, organisation.id, [person], orgs.today(tx, organisation))
    people.announce(tx, organisation.id, person)


async def bring_back(tx: Tx, organisation: Organisation, person: PersonId) -> None:
    """Who was removed may come in again, with the roles of before; a class is to be chosen anew. Raises
    NotFound, PersonAbove, PersonErased."""
    if (await people.set_active(tx, organisation.id, person, active=True)).erased:
        raise core.PersonErased
    await accounts.check_within(tx, [person], Permission.ROLL_WRITE)
    await accounts.reactivate(tx, person)
    people.announce(tx, organisation.id, person)


async def give_role(
    tx: Tx,
    organisation: Organisation,
    person: PersonId,
    role: Role,
    group: GroupId | None,
    child: PersonId | None,
) -> None:
    """A parent's for a child; a tutor's for a class; others in the whole organisation, teachers' and learners'
    over what is theirs. Raises NotFound, RoleMisplaced, RoleHeld."""
    await people.of_organisation(tx, organisation.id, person)
    if (role is Role.PARENT) != (child is not None) or (group and role is not Role.TUTOR):
        raise core.RoleMisplaced
    path = (await groups.one_of(tx, organisation.id, group)).path if group else organisation.path
    if child:
        await people.of_organisation(tx, organisation.id, child)
    own = person if role in (Role.TEACHER, Role.LEARNER) else child
    await accounts.check_not_held(tx, person, role, path, own)
    await access.assign(tx, person, role, path, subject=own)
    people.announce(tx, organisation.id, person)


async def end_role(tx: Tx, organisation: Organisation, person: PersonId, role: RoleId) -> None:
    """Raises NotFound, NotOneself."""
    await people.of_organisation(tx, organisation.id, person)
    held = (await accounts.roles_of(tx, [person], organisation.path)).get(person, [])
    if role not in {one.id for one in held}:
        raise NotFound(kind="role")
    if person == tx.actor.person:
        raise core.NotOneself
    await access.withdraw(tx, role)
    people.announce(tx, organisation.id, person)


async def make_slips(
    ctx: Context, organisation_id: UnitId, persons: Sequence[PersonId], group: GroupId | None
) -> list[Slip]:
    """New passwords for these persons, or for those who learn in a class, good until they choose their own;
    their log-ins of before end. Raises NotFound, TooManySlips, PersonAbove."""

    async def find(tx: Tx) -> list[Slip]:
        organisation = await orgs.organisation_for(tx, organisation_id, Permission.SLIP_MAKE)
        return await _to_slip(tx, organisation, persons, group)

    slips = await ctx.run(find)
    hashes = {slip.person_id: await ctx.in_thread(access.new_hash, slip.password) for slip in slips}

    async def keep(tx: Tx) -> None:
        organisation = await orgs.organisation_for(tx, organisation_id, Permission.SLIP_MAKE)
        await _to_slip(tx, organisation, list(hashes), None)
        await accounts.give_passwords(tx, hashes)
        for person in hashes:
            audit.note(tx, "code_made", organisation=organisation_id, op="make_slips", subject=person)
        people.announce(tx, organisation_id, None)

    await ctx.run(keep)
    return slips


async def appoint(ctx: Context, organisation_id: UnitId, data: PersonData, login: str | None) -> Slip:
    """The first administrator of an organisation that the actor may have added. Raises NotFound,
    AdministeredAlready, NameUnfit, IinInvalid, LoginInvalid, LoginTaken."""
    password = core.password(secrets.choice)
    hashed = await ctx.in_thread(access.new_hash, password)

    async def work(tx: Tx) -> Slip:
        organisation = await orgs.added_by(tx, organisation_id)
        if await tx.one(accounts.holders(tx, Role.ADMINISTRATOR, organisation.path).alone()):
            raise core.AdministeredAlready
        line = await add(tx, organisation, data, login=login, role=Role.ADMINISTRATOR, group=None)
        await accounts.give_passwords(tx, {line.id: hashed})
        audit.note(tx, "code_made", organisation=organisation_id, op="appoint_administrator", subject=line.id)
        return Slip(line.id, f"{line.family} {line.given}".strip(), [], line.login, password)

    return await ctx.run(work)


async def _to_slip(
    tx: Tx, organisation: Organisation, persons: Sequence[PersonId], group: GroupId | None
) -> list[Slip]:
    day = orgs.today(tx, organisation)
    if group:
        view = await groups.one_of(tx, organisation.id, group)
        persons = [*persons, *(one.person for one in await groups.of_group(tx, view, day))]
    wanted = list(dict.fromkeys(persons))
    if not 1 <= len(wanted) <= core.MOST_SLIPS:
        raise core.TooManySlips(most=core.MOST_SLIPS)
    found = await people.those_of(tx, organisation.id, wanted)
    if len(found) < len(wanted):
        raise NotFound(kind="person")
    await accounts.check_within(tx, wanted, Permission.SLIP_MAKE)
    lines = await _views(tx, organisation, sorted(found.values(), key=lambda view: view.name))
    return [
        Slip(
            line.id,
            found[line.id].name,
            [place.name for place in line.groups],
            line.login,
            core.password(secrets.choice),
        )
        for line in lines
        if line.login and line.active
    ]


async def _views(tx: Tx, organisation: Organisation, found: Sequence[PersonView]) -> list[OnRoll]:
    ids = [view.id for view in found]
    known = await accounts.views(tx, ids)
    held = await accounts.roles_of(tx, ids, organisation.path)
    learning: dict[PersonId, list[Place]] = {}
    for person, group, name in await groups.places_of(tx, organisation.id, ids, orgs.today(tx, organisation)):
        learning.setdefault(person, []).append(Place(group, name))
    paths = {one.path for roles in held.values() for one in roles}
    places = await orgs.name_places(tx, paths, known=organisation)
    lines = []
    for view in found:
        account = known.get(view.id)
        log_in = "none" if account is None or not account.ready else "slip" if account.must_change else "own"
        roles = [
            HeldRole(one.id, one.role, places[one.path][2], one.subject if one.role is Role.PARENT else None)
            for one in held.get(view.id, [])
        ]
        lines.append(
            OnRoll(
                view.id,
                view.version,
                view.family,
                view.given,
                view.patronymic,
                view.iin is not None,
                view.language,
                view.active,
                account.login if account else "",
                log_in,
                roles,
                learning.get(view.id, []),
            )
        )
    return lines
