"""Subjects and courses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, or_, select

from lms_core.access import accounts, policy
from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, check_version
from lms_core.kernel.ids import CourseId, GroupId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Read, among
from lms_core.kernel.text import match_key
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation

from . import core
from .events import CourseEnded, CoursesChanged, TeachersChanged
from .model import Course, CourseGroup, CourseTeacher, Subject

_COURSES = Read(
    select(Course.__table__, Subject.name_kk, Subject.name_ru, Subject.name_en)
    .add_columns(CourseGroup.group_id, CourseTeacher.person_id)
    .join(Subject)
    .outerjoin(CourseGroup, CourseGroup.course_id == Course.id)
    .outerjoin(CourseTeacher, CourseTeacher.course_id == Course.id)
    .where(Course.id.in_(among("courses")))
    .order_by(Course.id, CourseGroup.group_id, CourseTeacher.person_id)
)
"""A row for each pair of a group that takes a course and a person who teaches it: few have more than one of both."""


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
    year: int
    ended: date | None
    version: int

    @property
    def group_ids(self) -> set[GroupId]:
        return {group.id for group in self.groups}


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
    rows = await tx.read(_COURSES, courses=list(set(courses)))
    found = {row.id: row for row in rows}
    taking, teaching = ({course: dict[Any, None]() for course in found} for _ in range(2))
    for row in rows:
        if row.group_id:
            taking[row.id][row.group_id] = None
        if row.person_id:
            teaching[row.id][row.person_id] = None
    known = await groups.views(tx, {group for of_one in taking.values() for group in of_one})
    return {
        course.id: CourseView(
            course.id,
            course.organisation_id,
            course.path,
            course.subject_code,
            Names.of(course),
            tuple(known[group] for group in taking[course.id]),
            tuple(teaching[course.id]),
            course.year,
            course.ended,
            course.version,
        )
        for course in found.values()
    }


async def of_organisation(
    tx: Tx,
    organisation: UnitId,
    *,
    year: int | None = None,
    taking: GroupId | None = None,
    teacher: PersonId | None = None,
) -> list[CourseView]:
    """The courses of an organisation, or those of a year, of a group, of a teacher; the oldest first."""
    query = select(Course.id).where(Course.organisation_id == organisation).order_by(Course.id)
    if year is not None:
        query = query.where(Course.year == year)
    if taking:
        query = query.where(Course.id.in_(select(CourseGroup.course_id).where(CourseGroup.group_id == taking)))
    if teacher:
        query = query.where(Course.id.in_(select(CourseTeacher.course_id).where(CourseTeacher.person_id == teacher)))
    ids = await tx.all(query)
    known = await views(tx, ids)
    return [known[course] for course in ids]


async def one_of(tx: Tx, organisation: UnitId, course: CourseId) -> CourseView:
    """Raises NotFound."""
    found = (await views(tx, [course])).get(course)
    if found is None or found.organisation_id != organisation:
        raise NotFound(kind="course")
    return found


async def add_course_for(
    tx: Tx,
    organisation: Organisation,
    subject: str,
    taking: Sequence[GroupId],
    teachers: Sequence[PersonId],
    year: int,
) -> CourseId:
    """`add_course` with what somebody chose. Raises NotFound, GroupClosed, NotATeacher, CourseEmpty."""
    await _check_subject(tx, organisation.id, subject)
    await _check_taking(tx, organisation.id, taking)
    await _check_teachers(tx, organisation, teachers)
    made = await add_course(tx, organisation, subject, list(dict.fromkeys(taking)), list(dict.fromkeys(teachers)), year)
    await tx.flush()
    return made


async def change_course(
    tx: Tx,
    organisation: Organisation,
    course: CourseId,
    version: int,
    *,
    subject: str,
    taking: Sequence[GroupId],
    teachers: Sequence[PersonId],
) -> None:
    """Who takes it and who teaches it from now on; lessons to come go over to the first teacher where theirs
    teaches it no more. Raises NotFound, Stale, NotATeacher, CourseEmpty, CourseEnded."""
    row = await _row(tx, organisation.id, course)
    check_version(row.version, version)
    if row.ended:
        raise core.CourseEnded
    core.check_members(len(taking), len(teachers))
    await _check_subject(tx, organisation.id, subject)
    before = (await views(tx, [course]))[course]
    await _check_taking(tx, organisation.id, [group for group in taking if group not in before.group_ids])
    await _check_teachers(tx, organisation, [one for one in teachers if one not in before.teachers])
    row.subject_code, row.version = subject, row.version + 1
    await tx.execute(delete(CourseGroup).where(CourseGroup.course_id == course))
    await tx.execute(delete(CourseTeacher).where(CourseTeacher.course_id == course))
    tx.add(*(CourseGroup(course_id=course, group_id=group) for group in dict.fromkeys(taking)))
    tx.add(*(CourseTeacher(course_id=course, person_id=teacher) for teacher in dict.fromkeys(teachers)))
    if set(before.teachers) - set(teachers):
        tx.emit(TeachersChanged(organisation_id=organisation.id, course_id=course, teacher_ids=list(teachers)))


async def end_course(tx: Tx, organisation: Organisation, course: CourseId, version: int, day: date) -> None:
    """No more lessons from a day on: those planned go. Raises NotFound, Stale."""
    row = await _row(tx, organisation.id, course)
    check_version(row.version, version)
    row.ended, row.version = day, row.version + 1
    tx.emit(CourseEnded(organisation_id=organisation.id, course_id=course, day=day))


async def directory(tx: Tx, organisation: UnitId) -> dict[str, Names]:
    """Code → names: of the directory to begin with, of what all have, and of what the organisation added."""
    rows = await tx.all(
        select(Subject).where(or_(Subject.organisation_id.is_(None), Subject.organisation_id == organisation))
    )
    return {**core.SUBJECTS, **{row.code: Names.of(row) for row in rows}}


async def own_subjects(tx: Tx, organisation: UnitId) -> set[str]:
    """The codes that the organisation added for itself."""
    return set(await tx.all(select(Subject.code).where(Subject.organisation_id == organisation)))


async def add_own_subject(tx: Tx, organisation: UnitId, names: Names) -> str:
    """Its new code. Raises SubjectTaken, Malformed."""
    names = orgs.clean_names(names)
    keys = {match_key(one) for one in (names.kk, names.ru, names.en)}
    for known in (await directory(tx, organisation)).values():
        if keys & {match_key(one) for one in (known.kk, known.ru, known.en)}:
            raise core.SubjectTaken
    code = tx.new_id("subject").replace("subject_", "own_")
    tx.add(Subject(code=code, name_kk=names.kk, name_ru=names.ru, name_en=names.en, organisation_id=organisation))
    return code


async def may_teach(tx: Tx, organisation: Organisation, persons: Collection[PersonId]) -> set[PersonId]:
    """Those of these persons who hold a role there by which one teaches."""
    held = await accounts.roles_of(tx, persons, organisation.path)
    return {person for person, roles in held.items() if any(policy.teaches(one.role) for one in roles)}


def announce(tx: Tx, organisation: UnitId) -> None:
    """Say that courses or subjects changed."""
    tx.emit(CoursesChanged(organisation_id=organisation))


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
    await tx.execute(delete(Subject).where(Subject.organisation_id == organisation))


async def _row(tx: Tx, organisation: UnitId, course: CourseId) -> Course:
    row = await tx.get(Course, course)
    if row is None or row.organisation_id != organisation:
        raise NotFound(kind="course")
    return row


async def _check_subject(tx: Tx, organisation: UnitId, code: str) -> None:
    """One of the directory to begin with becomes a row when it is first taught."""
    row = await tx.get(Subject, code)
    if row is None and code in core.SUBJECTS:
        await add_subject(tx, code, core.SUBJECTS[code])
        await tx.flush()
    elif row is None or row.organisation_id not in (None, organisation):
        raise NotFound(kind="subject")


async def _check_taking(tx: Tx, organisation: UnitId, taking: Sequence[GroupId]) -> None:
    known = await groups.views(tx, taking)
    for group in taking:
        if group not in known or known[group].organisation_id != organisation:
            raise NotFound(kind="group")
        groups.check_open(known[group])


async def _check_teachers(tx: Tx, organisation: Organisation, teachers: Collection[PersonId]) -> None:
    if missing := set(teachers) - await may_teach(tx, organisation, teachers):
        raise core.NotATeacher(persons=sorted(missing))


@orgs.names_places("course")
async def _names(tx: Tx, ids: Collection[CourseId]) -> dict[CourseId, Names]:
    return {view.id: _name(view) for view in (await views(tx, ids)).values()}


def _name(view: CourseView) -> Names:
    of = ", ".join(group.name for group in view.groups)
    return Names(f"{view.subject.kk}, {of}", f"{view.subject.ru}, {of}", f"{view.subject.en}, {of}")
