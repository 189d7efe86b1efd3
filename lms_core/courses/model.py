from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import CourseId, GroupId, PersonId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table


class Subject(Table):
    """What is taught: one directory for all organisations, and what an organisation adds for itself."""

    __tablename__ = "subjects"
    code: Mapped[str] = mapped_column(primary_key=True)
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    organisation_id: Mapped[UnitId | None] = id_column("unit", index=True)


class Course(Table):
    """One subject in one school year, for one group or several that learn it together. `ended`: the first day
    without it."""

    __tablename__ = "courses"
    id: Mapped[CourseId] = id_column("course", primary_key=True)
    organisation_id: Mapped[UnitId] = id_column("unit", index=True)
    path: Mapped[str] = mapped_column(unique=True)
    subject_code: Mapped[str] = mapped_column(ForeignKey("subjects.code"))
    year: Mapped[int]
    ended: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class CourseGroup(Table):
    """A group that takes a course."""

    __tablename__ = "course_groups"
    course_id: Mapped[CourseId] = id_column("course", ForeignKey("courses.id"), primary_key=True)
    group_id: Mapped[GroupId] = id_column("group", primary_key=True, index=True)


TAUGHT = Kept(
    "that a course was taught: reports of the school", "as the course itself", "house rule", date(2026, 11, 1)
)


class CourseTeacher(Table):
    """A person who teaches a course.

    pii: who taught what, keep: as the course itself
    """

    __tablename__ = "course_teachers"
    personal = Personal(("person_id",), TAUGHT)
    course_id: Mapped[CourseId] = id_column("course", ForeignKey("courses.id"), primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True, index=True)
