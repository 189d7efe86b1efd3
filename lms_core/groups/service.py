"""Groups and enrolments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, true

from lms_core.access import accounts
from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, check_version
from lms_core.kernel.ids import EnrolmentId, GroupId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Part, Read, among
from lms_core.kernel.text import name_key, sort_key
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Kind, Organisation

from . import core
from .events import GroupsChanged
from .model import Enrolment, Group

_COLUMNS = (Enrolment.group_id, Enrolment.person_id, Enrolment.valid_from, Enrolment.valid_to, Enrolment.order)
_GROUPS = Read(select(Group.__table__).where(Group.id.in_(among("groups"))))
_LEARNING = Read(
    select(Enrolment.id, *_COLUMNS)
    .where(Enrolment.organisation_id == bindparam("organisation"))
    .where(Enrolment.person_id.in_(among("persons")))
    .order_by(Enrolment.id)
)


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as other features see it."""

    id: GroupId
    organisation_id: UnitId
    path: str
    name: str
    grade: int
    year: int
    closed: bool
    version: int


@dataclass(frozen=True, slots=True)
class Learning:
    """One enrolment: from a day up to and without another."""

    id: EnrolmentId
    group: GroupId
    person: PersonId
    first: date
    after: date | None
    order: str | None


async def add_group(tx: Tx, organisation: Organisation, name: str, grade: int, year: int) -> GroupView:
    """A group of the school year that begins in `year`. Raises GradeOutOfRange, GroupNameUnfit, GroupTaken."""
    core.check_grade(organisation.kind or Kind.SCHOOL, grade)
    await _check_free(tx, organisation.id, year, core.clean_name(name))
    group = GroupId(tx.new_id("group"))
    row = Group(
        id=group,
        organisation_id=organisation.id,
        path=f"{organisation.path}{group}/",
        name=core.clean_name(name),
        grade=grade,
        year=year,
        closed=False,
        version=1,
    )
    tx.add(row)
    return _view(row)


async def change_group(
    tx: Tx, organisation: Organisation, group: GroupId, version: int, *, name: str, grade: int, closed: bool
) -> GroupView:
    """Another name or grade; closed: nobody is enrolled there any more, who learns there does so until they
    leave. Raises NotFound, Stale, GradeOutOfRange, GroupNameUnfit, GroupTaken."""
    row = await _row(tx, organisation.id, group)
    check_version(row.version, version)
    core.check_grade(organisation.kind or Kind.SCHOOL, grade)
    name = core.clean_name(name)
    if name_key(name) != name_key(row.name):
        await _check_free(tx, organisation.id, row.year, name)
    row.name, row.grade, row.closed = name, grade, closed
    row.version += 1
    return _view(row)


async def enrol(
    tx: Tx, group: GroupView, person: PersonId, first: date, after: date | None = None, *, order: str | None = None
) -> EnrolmentId:
    """The person learns in the group from a day on. Raises AlreadyEnrolled, DatesTurned.

    Being enrolled says which rows belong to the learner; the role `learner` says what they may do with them.
    """
    here = (Enrolment.organisation_id == group.organisation_id) & (Enrolment.group_id == group.id)
    known = await tx.all(select(Enrolment).where(here, Enrolment.person_id == person))
    core.check_span(core.Span(first, after), [core.Span(row.valid_from, row.valid_to) for row in known])
    return _add(tx, group, person, first, after, order)


async def enrol_all(
    tx: Tx, group: GroupView, persons: Sequence[PersonId], first: date, *, order: str | None = None
) -> list[PersonId]:
    """Persons of the organisation learn in the group from a day on; who does already is left as they are. Each
    becomes a learner. Answers whom it met. Raises GroupClosed, AlreadyEnrolled (would overlap later days)."""
    check_open(group)
    known: dict[PersonId, list[core.Span]] = {}
    for one in await of_persons(tx, group.organisation_id, persons):
        if one.group == group.id:
            known.setdefault(one.person, []).append(core.Span(one.first, one.after))
    met: list[PersonId] = []
    for person in dict.fromkeys(persons):
        spans = known.get(person, [])
        if any(span.first <= first and (span.after is None or first < span.after) for span in spans):
            continue
        core.check_span(core.Span(first), spans)
        _add(tx, group, person, first, None, order)
        met.append(person)
    organisation = await orgs.unit(tx, group.organisation_id)
    await accounts.give(tx, persons, Role.LEARNER, organisation.path, own=True)
    return met


async def leave_all(
    tx: Tx, organisation: UnitId, persons: Collection[PersonId], after: date, *, group: GroupId | None = None
) -> int:
    """From a day on these persons learn in that group (without one: in none) no more. What would have begun
    later never does. How many enrolments ended."""
    rows = await tx.all(
        select(Enrolment)
        .where(Enrolment.organisation_id == organisation, Enrolment.person_id.in_(set(persons)))
        .where(or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > after))
        .where(Enrolment.group_id == group if group else true())
    )
    for row in rows:
        if row.valid_from >= after:
            await tx.delete(row)
        else:
            row.valid_to = after
    return len(rows)


async def move_all(
    tx: Tx,
    source: GroupView,
    target: GroupView,
    persons: Sequence[PersonId],
    day: date,
    *,
    order: str | None = None,
) -> None:
    """From a day on these persons learn in another group. Raises NotEnrolled, GroupClosed, AlreadyEnrolled."""
    here = await of_persons(tx, source.organisation_id, persons)
    if missing := set(persons) - {one.person for one in here if one.group == source.id and _lasts(one, day)}:
        raise core.NotEnrolled(persons=sorted(missing))
    await leave_all(tx, source.organisation_id, persons, day, group=source.id)
    await tx.flush()
    await enrol_all(tx, target, persons, day, order=order)


async def promote(tx: Tx, organisation: Organisation, year: int, day: date, last: int | None = None) -> list[GroupView]:
    """The next year's groups of the open groups of a year, which close: a grade higher, with the same learners
    from a day on. Of grade `last` (by default the highest of its kind) and above all leave. Raises GroupTaken."""
    last = last or core.HIGHEST[organisation.kind or Kind.SCHOOL]
    made: list[GroupView] = []
    for view in await of_organisation(tx, organisation.id, year):
        if view.closed:
            continue
        row = await _row(tx, organisation.id, view.id)
        row.closed, row.version = True, row.version + 1
        learners = [one.person for one in await of_group(tx, view, day)]
        await leave_all(tx, organisation.id, learners, day, group=view.id)
        if view.grade < last and learners:
            name = core.next_name(view.name, view.grade)
            made.append(await add_group(tx, organisation, name, view.grade + 1, year + 1))
            await tx.flush()
            await enrol_all(tx, made[-1], learners, day)
    return made


def grade_in(name: str) -> int | None:
    """The number a name begins with: 11 of `11 «А»`."""
    return core.grade_in(name)


def check_open(group: GroupView) -> None:
    """Raises GroupClosed."""
    if group.closed:
        raise core.GroupClosed


async def of_organisation(tx: Tx, organisation: UnitId, year: int | None = None) -> list[GroupView]:
    """The groups of an organisation, or of one of its school years; the lowest grade first."""
    query = select(Group).where(Group.organisation_id == organisation)
    rows = await tx.all(query.where(Group.year == year) if year is not None else query)
    return [_view(row) for row in sorted(rows, key=lambda row: (-row.year, row.grade, sort_key(name_key(row.name))))]


async def one_of(tx: Tx, organisation: UnitId, group: GroupId) -> GroupView:
    """Raises NotFound."""
    return _view(await _row(tx, organisation, group))


async def of_group(tx: Tx, group: GroupView, day: date) -> list[Learning]:
    """Who learns in a group on a day or will, by when they came."""
    here = (Enrolment.organisation_id == group.organisation_id) & (Enrolment.group_id == group.id)
    lasting = or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > day)
    return [_learning(row) for row in await tx.all(select(Enrolment).where(here, lasting).order_by(Enrolment.id))]


async def learning_in(tx: Tx, organisation: UnitId, groups: Collection[GroupId], day: date) -> list[Learning]:
    """Who learns in which of these groups on a day."""
    here = (Enrolment.organisation_id == organisation) & Enrolment.group_id.in_(groups)
    return [_learning(row) for row in await tx.all(select(Enrolment).where(here, _on(day)).order_by(Enrolment.id))]


async def of_persons(tx: Tx, organisation: UnitId, persons: Collection[PersonId]) -> list[Learning]:
    """All enrolments of these persons in an organisation, past ones too."""
    return [Learning(*row) for row in await tx.read(_LEARNING, organisation=organisation, persons=persons)]


async def places_of(
    tx: Tx, organisation: UnitId, persons: Collection[PersonId], day: date
) -> list[tuple[PersonId, GroupId, str]]:
    """In which groups of an organisation these persons learn on a day, with the groups' names."""
    return list(await tx.read(_PLACES, organisation=organisation, persons=persons, day=day))


def learners(organisation: UnitId, group: GroupId, day: date) -> Part:
    """Those who learn in a group on a day."""
    return Part(_LEARNERS, {"organisation": organisation, "group": group, "day": day})


def announce(tx: Tx, organisation: UnitId) -> None:
    """Say that groups changed, or who learns in them."""
    tx.emit(GroupsChanged(organisation_id=organisation))


async def leave(tx: Tx, organisation: UnitId, enrolment: EnrolmentId, after: date) -> None:
    """From `after` on the person learns in that group no more."""
    row = await tx.get(Enrolment, (organisation, enrolment))
    if row is None:
        raise NotFound(kind="enrolment")
    core.check_span(core.Span(row.valid_from, after), [])
    row.valid_to = after


async def make_learner(tx: Tx, organisation: Organisation, person: PersonId) -> None:
    """The role of who learns there: it covers what belongs to them."""
    await access.assign(tx, person, Role.LEARNER, organisation.path, subject=person)


async def views(tx: Tx, groups: Collection[GroupId]) -> dict[GroupId, GroupView]:
    if not groups:
        return {}
    return {row.id: _view(row) for row in await tx.read(_GROUPS, groups=groups)}


async def learning(
    tx: Tx, organisations: Collection[UnitId], persons: Collection[PersonId], day: date
) -> set[tuple[GroupId, PersonId]]:
    """In which groups these persons learn on a day."""
    if not persons or not organisations:
        return set()
    found = await tx.read(_LEARNS, organisations=organisations, persons=persons, day=day)
    return {(group, person) for group, person in found}


async def sizes(
    tx: Tx, organisations: Collection[UnitId], groups: Collection[GroupId], day: date
) -> dict[GroupId, int]:
    """How many learn in each of these groups on a day."""
    if not groups:
        return {}
    query = (
        select(Enrolment.group_id, func.count())
        .where(Enrolment.organisation_id.in_(organisations), Enrolment.group_id.in_(groups), _on(day))
        .group_by(Enrolment.group_id)
    )
    return {group: count for group, count in await tx.rows(query)}


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Enrolment).where(Enrolment.organisation_id == organisation))
    await tx.execute(delete(Group).where(Group.organisation_id == organisation))


@orgs.names_places("group")
async def _names(tx: Tx, ids: Collection[GroupId]) -> dict[GroupId, Names]:
    return {view.id: Names(view.name, view.name, view.name) for view in (await views(tx, ids)).values()}


async def _row(tx: Tx, organisation: UnitId, group: GroupId) -> Group:
    row = await tx.get(Group, group)
    if row is None or row.organisation_id != organisation:
        raise NotFound(kind="group")
    return row


async def _check_free(tx: Tx, organisation: UnitId, year: int, name: str) -> None:
    if name_key(name) in {name_key(view.name) for view in await of_organisation(tx, organisation, year)}:
        raise core.GroupTaken(name=name)


def _add(tx: Tx, group: GroupView, person: PersonId, first: date, after: date | None, order: str | None) -> EnrolmentId:
    enrolment = EnrolmentId(tx.new_id("enrolment"))
    tx.add(
        Enrolment(
            organisation_id=group.organisation_id,
            id=enrolment,
            group_id=group.id,
            person_id=person,
            valid_from=first,
            valid_to=after,
            order=order,
        )
    )
    return enrolment


def _lasts(one: Learning, day: date) -> bool:
    return one.after is None or one.after > day


def _learning(row: Enrolment) -> Learning:
    return Learning(row.id, row.group_id, row.person_id, row.valid_from, row.valid_to, row.order)


def _on(day: Any) -> ColumnElement[bool]:
    return (Enrolment.valid_from <= day) & or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > day)


_LEARNERS = (
    select(Enrolment.person_id)
    .where(Enrolment.organisation_id == bindparam("organisation"), Enrolment.group_id == bindparam("group"))
    .where(_on(bindparam("day")))
)
_PLACES = Read(
    select(Enrolment.person_id, Enrolment.group_id, Group.name)
    .join(Group, Group.id == Enrolment.group_id)
    .where(Enrolment.organisation_id == bindparam("organisation"), Enrolment.person_id.in_(among("persons")))
    .where(_on(bindparam("day")))
    .order_by(Enrolment.id)
)
_LEARNS = Read(
    select(Enrolment.group_id, Enrolment.person_id).where(
        Enrolment.organisation_id.in_(among("organisations")),
        Enrolment.person_id.in_(among("persons")),
        _on(bindparam("day")),
    )
)


def _view(row: Any) -> GroupView:
    return GroupView(row.id, row.organisation_id, row.path, row.name, row.grade, row.year, row.closed, row.version)
