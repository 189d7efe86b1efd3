"""Groups and enrolments."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, delete, func, or_, select

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import EnrolmentId, GroupId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Kind, Organisation

from . import core
from .model import Enrolment, Group


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group as other features see it."""

    id: GroupId
    organisation_id: UnitId
    path: str
    name: str


async def add_group(tx: Tx, organisation: Organisation, name: str, grade: int, year: int) -> GroupView:
    """A group of the school year that begins in `year`. Raises GradeOutOfRange."""
    core.check_grade(organisation.kind or Kind.SCHOOL, grade)
    group = GroupId(tx.new_id("group"))
    row = Group(
        id=group,
        organisation_id=organisation.id,
        path=f"{organisation.path}{group}/",
        name=clean(name),
        grade=grade,
        year=year,
    )
    tx.add(row)
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
    row = Enrolment(
        organisation_id=group.organisation_id,
        id=EnrolmentId(tx.new_id("enrolment")),
        group_id=group.id,
        person_id=person,
        valid_from=first,
        valid_to=after,
        order=order,
    )
    tx.add(row)
    return row.id


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
    return {row.id: _view(row) for row in await tx.all(select(Group).where(Group.id.in_(set(groups))))}


async def learning(
    tx: Tx, organisations: Collection[UnitId], persons: Collection[PersonId], day: date
) -> set[tuple[GroupId, PersonId]]:
    """In which groups these persons learn on a day."""
    if not persons or not organisations:
        return set()
    query = select(Enrolment.group_id, Enrolment.person_id).where(
        Enrolment.organisation_id.in_(organisations), Enrolment.person_id.in_(persons), _on(day)
    )
    return {(group, person) for group, person in await tx.rows(query)}


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


def _on(day: date) -> ColumnElement[bool]:
    return (Enrolment.valid_from <= day) & or_(Enrolment.valid_to.is_(None), Enrolment.valid_to > day)


def _view(row: Group) -> GroupView:
    return GroupView(row.id, row.organisation_id, row.path, row.name)
