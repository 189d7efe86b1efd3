from dataclasses import dataclass
from datetime import date as Day

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import CourseId, GroupId, LessonId, PersonId, UnitId
from lms_core.orgs import service as orgs

from . import service, timetable
from .service import LessonView
from .timetable import HourOfWeek, PlannedLesson

api = Api()


@dataclass(frozen=True, slots=True)
class LessonList:
    """`position`: of the organisation's stream, read before the items."""

    position: int
    organisation_id: UnitId
    date: Day
    items: list[LessonView]


@dataclass(frozen=True, slots=True)
class OneLesson:
    position: int
    lesson: LessonView


@dataclass(frozen=True, slots=True)
class StartLesson:
    title: str


@dataclass(frozen=True, slots=True)
class EndLesson:
    pass


@api.route("GET", "/api/lessons", needs=SELF)
async def list_lessons(tx: Tx, date: Day | None = None) -> LessonList:
    """My lessons of a day (today's without `date`): on now, then coming, then past."""
    found = await service.list_for(tx, date)
    return LessonList(found.position, found.organisation_id, found.day, found.items)


@api.route("POST", "/api/lessons", needs=Permission.LESSON_CREATE)
async def start_lesson(tx: Tx, body: StartLesson) -> LessonView:
    """Start a lesson that is not in the timetable: open at once, to all of the organisation who have its link.

    Refusals: lesson_title_too_long.
    """
    return await service.start_unplanned(tx, body.title)


@api.route("GET", "/api/lessons/{lesson_id}", needs=Permission.LESSON_READ)
async def read_lesson(tx: Tx, lesson_id: LessonId) -> OneLesson:
    """One lesson."""
    position, lesson = await service.read_for(tx, lesson_id)
    return OneLesson(position, lesson)


@api.route("POST", "/api/lessons/{lesson_id}/end", needs=Permission.LESSON_LEAD)
async def end_lesson(tx: Tx, lesson_id: LessonId, body: EndLesson) -> LessonView:
    """End a lesson for everybody in it.

    Refusals: lesson_not_open.
    """
    return await service.end(tx, lesson_id)


@api.topic("lessons:{organisation_id}")
async def read_organisations_lessons(tx: Tx, organisation_id: UnitId) -> UnitId:
    return await service.check_organisation(tx, organisation_id)


@dataclass(frozen=True, slots=True)
class Week:
    """`position`: of the organisation's stream, read before the items."""

    position: int
    first: Day
    items: list[PlannedLesson]


@dataclass(frozen=True, slots=True)
class PlanLessons:
    """The same hours each week from `first` to `until` (both days within). Without `teacher_id`: the course's
    first teacher. `allow_conflicts`: also where teacher or group has another lesson."""

    course_id: CourseId
    hours: list[HourOfWeek]
    first: Day
    until: Day
    teacher_id: PersonId | None = None
    title: str = ""
    allow_conflicts: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    added: int


@dataclass(frozen=True, slots=True)
class ChangeLesson:
    version: int
    day: Day
    begins: str
    minutes: int
    teacher_id: PersonId
    title: str = ""
    allow_conflicts: bool = False


@dataclass(frozen=True, slots=True)
class CancelLesson:
    """`restore`: it will be after all. `following`: and the later ones at the same weekday and hour."""

    version: int
    restore: bool = False
    following: bool = False


@api.route("GET", "/api/organisations/{organisation_id}/timetable", needs=Permission.PLAN_READ)
async def read_timetable(
    tx: Tx, organisation_id: UnitId, first: Day, group_id: GroupId | None = None, teacher_id: PersonId | None = None
) -> Week:
    """The planned lessons of seven days from `first` on; of one group or teacher."""
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_READ)
    position = await tx.position(organisation_id)
    return Week(position, first, await timetable.week(tx, organisation, first, group_id, teacher_id))


@api.route("POST", "/api/organisations/{organisation_id}/timetable", needs=Permission.PLAN_WRITE)
async def plan_lessons(tx: Tx, organisation_id: UnitId, body: PlanLessons) -> Planned:
    """Plan a course's hours over weeks. What stands there already is not doubled.

    Refusals: lesson_conflict, too_many_lessons, hour_unfit, lesson_title_too_long.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    added = await timetable.plan_weeks(
        tx,
        organisation,
        body.course_id,
        body.hours,
        body.first,
        body.until,
        teacher=body.teacher_id,
        title=body.title,
        allow_conflicts=body.allow_conflicts,
    )
    return Planned(added)


@api.route("PATCH", "/api/organisations/{organisation_id}/timetable/{lesson_id}", needs=Permission.PLAN_WRITE)
async def change_lesson(tx: Tx, organisation_id: UnitId, lesson_id: LessonId, body: ChangeLesson) -> PlannedLesson:
    """Move a lesson, name it, or give it a substitute teacher.

    Refusals: stale, lesson_begun, lesson_conflict, hour_unfit, lesson_title_too_long.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    return await timetable.change(
        tx,
        organisation,
        lesson_id,
        body.version,
        day=body.day,
        begins=body.begins,
        minutes=body.minutes,
        teacher=body.teacher_id,
        title=body.title,
        allow_conflicts=body.allow_conflicts,
    )


@api.route("POST", "/api/organisations/{organisation_id}/timetable/{lesson_id}/cancel", needs=Permission.PLAN_WRITE)
async def cancel_lesson(tx: Tx, organisation_id: UnitId, lesson_id: LessonId, body: CancelLesson) -> PlannedLesson:
    """A lesson will not be, and cannot be joined; or will be after all.

    Refusals: stale, lesson_begun.
    """
    organisation = await orgs.organisation_for(tx, organisation_id, Permission.PLAN_WRITE)
    return await timetable.cancel(
        tx, organisation, lesson_id, body.version, restore=body.restore, following=body.following
    )
