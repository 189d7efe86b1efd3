"""Subjects and courses."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, or_, select

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import CourseId, GroupId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation

from . import core
from .model import Course, CourseGroup, CourseTeacher, Subject


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course as other features see it."""

    id: CourseId
    organisation_id: UnitId
    path: str
    subject_code: str
    subject: Names
    groups: tuple[GroupView, ...]
    teachers: tuple[PersonId, ...]


def school_year(day: date) -> int:
    """The year in which the school year of a day began."""
    return core.school_year(day)


async def add_subject(tx: Tx, code: str, names: Names) -> None:
    """Put a subject into the directory, unless it is there."""
    if await tx.get(Subject, code) is None:
        tx.add(Subject(code=code, name_kk=names.kk, name_ru=names.ru, name_en=names.en))


async def add_course(
    tx: Tx,
    organisation: Organisation,
    subject: str,
    taking: Sequence[GroupId],
    teachers: Sequence[PersonId],
    year: int,
) -> CourseId:
    """A course of the school year that begins in `year`. Raises CourseEmpty."""
    core.check_members(len(taking), len(teachers))
    course = CourseId(tx.new_id("course"))
    path = f"{organisation.path}{course}/"
    tx.add(Course(id=course, organisation_id=organisation.id, path=path, subject_code=subject, year=year))
    await tx.flush()
    tx.add(*(CourseGroup(course_id=course, group_id=group) for group in taking))
    tx.add(*(CourseTeacher(course_id=course, person_id=teacher) for teacher in teachers))
    return course


async def make_teacher(tx: Tx, organisation: Organisation, person: PersonId, role: Role = Role.TEACHER) -> None:
    """The role of who teaches there: it covers the courses that are theirs."""
    await access.assign(tx, person, role, organisation.path, subject=person)


async def views(tx: Tx, courses: Collection[CourseId]) -> dict[CourseId, CourseView]:
    if not courses:
        return {}
    query = select(Course, Subject).join(Subject).where(Course.id.in_(set(courses)))
    found = await tx.rows(query)
    taking, teaching = defaultdict(list), defaultdict(list)
    for row in await tx.all(select(CourseGroup).where(CourseGroup.course_id.in_(set(courses)))):
        taking[row.course_id].append(row.group_id)
    for row in await tx.all(select(CourseTeacher).where(CourseTeacher.course_id.in_(set(courses)))):
        teaching[row.course_id].append(row.person_id)
    known = await groups.views(tx, {group for of_one in taking.values() for group in of_one})
    return {
        course.id: CourseView(
            course.id,
            course.organisation_id,
            course.path,
            subject.code,
            Names.of(subject),
            tuple(known[group] for group in taking[course.id]),
            tuple(teaching[course.id]),
        )
        for course, subject in found
    }


async def of_organisation(tx: Tx, organisation: UnitId) -> list[CourseView]:
    """All courses of an organisation, the oldest first."""
    ids = await tx.all(select(Course.id).where(Course.organisation_id == organisation).order_by(Course.id))
    known = await views(tx, ids)
    return [known[course] for course in ids]


async def of_members(tx: Tx, taking: Collection[GroupId], teachers: Collection[PersonId]) -> set[CourseId]:
    """The courses that any of these groups takes or any of these persons teaches."""
    by_group = select(CourseGroup.course_id).where(CourseGroup.group_id.in_(taking))
    by_teacher = select(CourseTeacher.course_id).where(CourseTeacher.person_id.in_(teachers))
    return set(await tx.all(select(Course.id).where(or_(Course.id.in_(by_group), Course.id.in_(by_teacher)))))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    own = select(Course.id).where(Course.organisation_id == organisation)
    await tx.execute(delete(CourseGroup).where(CourseGroup.course_id.in_(own)))
    await tx.execute(delete(CourseTeacher).where(CourseTeacher.course_id.in_(own)))
    await tx.execute(delete(Course).where(Course.organisation_id == organisation))


@orgs.names_places("course")
async def _names(tx: Tx, ids: Collection[CourseId]) -> dict[CourseId, Names]:
    return {view.id: _name(view) for view in (await views(tx, ids)).values()}


def _name(view: CourseView) -> Names:
    of = ", ".join(group.name for group in view.groups)
    return Names(f"{view.subject.kk}, {of}", f"{view.subject.ru}, {of}", f"{view.subject.en}, {of}")
