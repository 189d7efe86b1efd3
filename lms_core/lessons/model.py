from datetime import date, datetime

from sqlalchemy import Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import CourseId, LessonId, PersonId, RoomId, UnitId, VisitId, id_column
from lms_core.kernel.personal import Gone, Kept, Personal
from lms_core.kernel.tables import Table

_OPEN = text("state = 'open'")

TAUGHT = Kept(
    "that a lesson took place: reports of the school", "as the course itself", "house rule", date(2026, 11, 1)
)
CAME = Kept("how many came to a lesson: reports of the school", "1y", "house rule", date(2026, 11, 1))


class Lesson(Table):
    """One hour of a course, or one that somebody just started (`course_id` is None). `by_invitation`: for its
    guests alone. `quiet`: learners may not write in its room now, but for those of whom `room_standings` says so.

    pii: who taught when, keep: as the course itself
    """

    __tablename__ = "lessons"
    personal = Personal(("teacher_id",), TAUGHT)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[LessonId] = id_column("lesson", primary_key=True)
    course_id: Mapped[CourseId | None] = id_column("course")
    teacher_id: Mapped[PersonId] = id_column("person")
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    room_id: Mapped[RoomId] = id_column("room")
    state: Mapped[str] = mapped_column()
    opened_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    by_invitation: Mapped[bool] = mapped_column(default=False, server_default=false())
    quiet: Mapped[bool] = mapped_column(default=False, server_default=false())
    __table_args__ = (
        Index("ix_lessons_day", "organisation_id", "starts_at"),
        Index("ix_lessons_organisation_room", "organisation_id", "room_id", unique=True),
        # A grant names a room and nothing else.
        Index("ix_lessons_room", "room_id"),
        Index("ix_lessons_open", "starts_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class Guest(Table):
    """Whom a lesson by invitation is for, beside who leads it.

    pii: who had a consultation when, keep: as the lesson
    """

    __tablename__ = "lesson_guests"
    personal = Personal(("person_id",), CAME)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    lesson_id: Mapped[LessonId] = id_column("lesson", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    since: Mapped[datetime]
    __table_args__ = (Index("ix_lesson_guests_person", "organisation_id", "person_id"),)


class Standing(Table):
    """What somebody has in a lesson's open room, where it is not what everybody has there: whether they may write,
    the breakout they are in (None: none), and whether they lead beside the teacher.

    pii: who was where, and who might write, keep: until the room closes
    """

    __tablename__ = "room_standings"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    lesson_id: Mapped[LessonId] = id_column("lesson", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    may_write: Mapped[bool]
    place: Mapped[str | None]
    second: Mapped[bool]
    __table_args__ = (Index("ix_room_standings_person", "person_id"),)


class Visit(Table):
    """The join log: from when to when a person was in a lesson's room, once for each time. `spoke`: for how many
    seconds they were heard as speaking.

    pii: who was where when, keep: 1y
    """

    __tablename__ = "visits"
    personal = Personal(("person_id",), CAME, frozenset({"participant_id"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[VisitId] = id_column("visit", primary_key=True)
    lesson_id: Mapped[LessonId] = id_column("lesson")
    participant_id: Mapped[str]
    person_id: Mapped[PersonId] = id_column("person")
    entered: Mapped[datetime]
    left: Mapped[datetime | None]
    spoke: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("ix_visits_lesson", "organisation_id", "lesson_id"),
        Index("ix_visits_entered", "entered"),
        Index("ix_visits_person", "person_id"),
    )
