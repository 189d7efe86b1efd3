from datetime import date, datetime

from lms_core.kernel.events import event
from lms_core.kernel.ids import LessonId, PersonId, RoomId, UnitId


@event("lessons.lesson_started", topic="lessons:{organisation_id}")
class LessonStarted:
    """Somebody began a lesson that was not planned; it is open."""

    organisation_id: UnitId
    lesson_id: LessonId
    room_id: RoomId
    teacher_id: PersonId


@event("lessons.lesson_opened", topic="lessons:{organisation_id}")
class LessonOpened:
    """Who leads it has come, for the first time or again."""

    organisation_id: UnitId
    lesson_id: LessonId
    room_id: RoomId


@event("lessons.lesson_ended", topic="lessons:{organisation_id}")
class LessonEnded:
    """The lesson is over: its room closes. `ends_at`: of an unplanned lesson, known only now."""

    organisation_id: UnitId
    lesson_id: LessonId
    room_id: RoomId
    ends_at: datetime


@event("lessons.second_changed")
class SecondChanged:
    """Somebody leads a lesson beside its teacher, or does no more: what they may read is to be asked anew."""

    organisation_id: UnitId
    lesson_id: LessonId
    room_id: RoomId
    person_id: PersonId
    second: bool


@event("lessons.timetable_changed", topic="lessons:{organisation_id}")
class TimetableChanged:
    """Lessons of some days were planned, moved, cancelled or restored: lists of these days are read anew."""

    organisation_id: UnitId
    first: date
    last: date
