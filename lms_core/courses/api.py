from dataclasses import dataclass
from datetime import date as Day

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import CourseId, GroupId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import service
from .service import CourseView

api = Api()


@dataclass(frozen=True, slots=True)
class SubjectView:
    """`own`: added by the organisation."""

    code: str
    names: Names
    own: bool


@dataclass(frozen=True, slots=True)
class SubjectList:
    items: list[SubjectView]


@dataclass(frozen=True, slots=True)
class AddSubject:
    names: Names


@dataclass(frozen=True, slots=True)
class CourseList:
    """`position`: of the organisation's stream, read before the items. `names`: of the teachers."""

    position: int
    items: list[CourseView]
    names: dict[PersonId, str]


@dataclass(frozen=True, slots=True)
class AddCourse:
    subject_code: str
    group_ids: list[GroupId]
    teacher_ids: list[PersonId]
    year: int


@dataclass(frozen=True, slots=True)
class ChangeCourse:
    version: int
    subject_code: str
    group_ids: list[GroupId]
    teacher_ids: list[PersonId]


@dataclass(frozen=True, slots=True)
class EndCourse:
    """`day`: the first without it."""

    version: int
    day: Day


_COURSES = "/api/organisations/{organisation_id}/courses"


@api.route("GET", "/api/organisations/{organisation_id}/subjects", needs=Permission.PLAN_READ)
async def list_subjects(tx: Tx, organisation_id: UnitId) -> SubjectList:
    """What may be taught: a common directory, and what the organisation added."""
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_READ)
    own = await service.own_subjects(tx, organisation_id)
    found = await service.directory(tx, organisation_id)
    return SubjectList([SubjectView(code, names, code in own) for code, names in found.items()])


@api.route("POST", "/api/organisations/{organisation_id}/subjects", needs=Permission.PLAN_WRITE)
async def add_subject(tx: Tx, organisation_id: UnitId, body: AddSubject) -> SubjectView:
    """Add an own subject to the directory.

    Refusals: subject_taken.
    """
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    code = await service.add_own_subject(tx, organisation_id, body.names)
    service.announce(tx, organisation_id)
    return SubjectView(code, orgs.clean_names(body.names), own=True)


@api.route("GET", _COURSES, needs=Permission.PLAN_READ)
async def list_courses(
    tx: Tx,
    organisation_id: UnitId,
    year: int | None = None,
    group_id: GroupId | None = None,
    teacher_id: PersonId | None = None,
) -> CourseList:
    """Courses, of a year, a group, a teacher."""
    await orgs.organisation_for(tx, organisation_id, Permission.PLAN_READ)
    position = await tx.position(organisation_id)
    items = await service.of_organisation(tx, organisation_id, year=year, taking=group_id, teacher=teacher_id)
    names = await people.names(tx, {teacher for view in items for teacher in view.teachers})
    return CourseList(position, items, names)


@api.route("POST", _COURSES, needs=Permission.PLAN_WRITE)
async def add_course(tx: Tx, organisation_id: UnitId, body: AddCourse) -> CourseView:
    """Add a course: a subject, taught by teachers to groups in a school year.

    Refusals: course_empty, not_a_teacher, group_closed.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    made = await service.add_course_for(
        tx, organisation, body.subject_code, body.group_ids, body.teacher_ids, body.year
    )
    service.announce(tx, organisation_id)
    return await service.one_of(tx, organisation_id, made)


@api.route("PATCH", _COURSES + "/{course_id}", needs=Permission.PLAN_WRITE)
async def change_course(tx: Tx, organisation_id: UnitId, course_id: CourseId, body: ChangeCourse) -> CourseView:
    """Change who takes it and who teaches it. Lessons to come go over to the first teacher where theirs leaves.

    Refusals: stale, course_empty, course_ended, not_a_teacher, group_closed.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    await service.change_course(
        tx,
        organisation,
        course_id,
        body.version,
        subject=body.subject_code,
        taking=body.group_ids,
        teachers=body.teacher_ids,
    )
    service.announce(tx, organisation_id)
    await tx.flush()
    return await service.one_of(tx, organisation_id, course_id)


@api.route("POST", _COURSES + "/{course_id}/end", needs=Permission.PLAN_WRITE)
async def end_course(tx: Tx, organisation_id: UnitId, course_id: CourseId, body: EndCourse) -> CourseView:
    """No more lessons from a day on: those planned go.

    Refusals: stale.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    await service.end_course(tx, organisation, course_id, body.version, body.day)
    service.announce(tx, organisation_id)
    return await service.one_of(tx, organisation_id, course_id)
