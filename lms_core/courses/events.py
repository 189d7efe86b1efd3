from datetime import date

from lms_core.kernel.events import event
from lms_core.kernel.ids import CourseId, PersonId, UnitId


@event("courses.courses_changed", topic="keeping:{organisation_id}")
class CoursesChanged:
    """A course or a subject was added, changed or ended."""

    organisation_id: UnitId


@event("courses.teachers_changed")
class TeachersChanged:
    """Somebody teaches a course no more; `teacher_ids` do, the first before all."""

    organisation_id: UnitId
    course_id: CourseId
    teacher_ids: list[PersonId]


@event("courses.course_ended")
class CourseEnded:
    """There are no more lessons of it from a day on."""

    organisation_id: UnitId
    course_id: CourseId
    day: date
