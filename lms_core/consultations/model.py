from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from lms_core.kernel.ids import CourseId, LessonId, PersonId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

HELD = Kept("that consultations took place: reports of the school", "1y", "house rule", date(2026, 11, 1))


class Slot(Table):
    """A teacher's consultation: a lesson by invitation that up to `places` learners may book, of one course, or of
    all that the teacher has (`course_id` is None).

    pii: who consulted when, keep: 1y
    """

    __tablename__ = "consultations"
    personal = Personal(("teacher_id",), HELD)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    lesson_id: Mapped[LessonId] = id_column("lesson", primary_key=True)
    teacher_id: Mapped[PersonId] = id_column("person")
    course_id: Mapped[CourseId | None] = id_column("course")
    places: Mapped[int]
    starts_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_consultations_teacher", "organisation_id", "teacher_id", "starts_at"),
        Index("ix_consultations_starts_at", "starts_at"),
    )
