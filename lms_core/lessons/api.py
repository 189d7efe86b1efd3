from dataclasses import dataclass
from datetime import date as Day

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId, UnitId

from . import service
from .service import LessonView

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
