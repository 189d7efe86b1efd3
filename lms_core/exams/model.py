from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import CourseId, ExamId, FileId, GroupId, PersonId, SittingId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

_JSON_OR_NOTHING = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
EXAMINED = Kept("that an exam took place: reports of the school", "3y", "house rule", date(2026, 11, 1))
SAT = Kept("what a mark rests on, for appeals and reports of the school", "3y", "house rule", date(2026, 11, 1))


class Exam(Table):
    """What is to be passed. `settings`: `settings.ExamData`; the moments stand beside it to be looked for.

    pii: who made it, keep: 3y
    """

    __tablename__ = "exams"
    personal = Personal(("author_id",), EXAMINED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[ExamId] = id_column("exam", primary_key=True)
    title: Mapped[str]
    course_id: Mapped[CourseId | None] = id_column("course")
    kind: Mapped[str]
    resit_of: Mapped[ExamId | None] = id_column("exam")
    level: Mapped[str]
    state: Mapped[str]
    version: Mapped[int]
    author_id: Mapped[PersonId] = id_column("person")
    settings: Mapped[dict[str, Any]]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    made_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_exams_one", "id"),
        Index("ix_exams_made_at", "made_at"),
    )


class ExamPool(Table):
    """Of which questions papers are drawn, frozen when an exam is published: `papers.Pool`."""

    __tablename__ = "exam_pools"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam", primary_key=True)
    body: Mapped[dict[str, Any]]


class ExamMember(Table):
    """One of the commission; `part`: `chair`, `marker`, `proctor`.

    pii: who examined, keep: 3y
    """

    __tablename__ = "exam_commission"
    personal = Personal(("person_id",), EXAMINED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    part: Mapped[str]
    __table_args__ = (Index("ix_exam_commission_person", "organisation_id", "person_id"),)


class ExamTaker(Table):
    """Who is to pass an exam. `factor` (a fraction as text) and `extra_seconds`: their own time. `admitted`: by the
    commission, whatever the admission check says; `refusal`: why the commission does not admit, else "".
    `sitting_id`: their newest sitting, so that nobody who begins looks among those of others who begin just now.

    pii: who has to pass what, their allowance and why they are not admitted, keep: 3y
    """

    __tablename__ = "exam_takers"
    personal = Personal(("person_id",), SAT)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    group_id: Mapped[GroupId | None] = id_column("group")
    seat: Mapped[str] = mapped_column(default="")
    factor: Mapped[str] = mapped_column(default="1")
    extra_seconds: Mapped[int] = mapped_column(default=0)
    exempt: Mapped[bool] = mapped_column(default=False)
    admitted: Mapped[bool] = mapped_column(default=False)
    refusal: Mapped[str] = mapped_column(default="")
    sitting_id: Mapped[SittingId | None] = id_column("sitting")
    __table_args__ = (Index("ix_exam_takers_person", "organisation_id", "person_id"),)


class Sitting(Table):
    """One learner's one attempt. Its state is the newest of `sitting_moves`. `number`: what markers call it. `due_at`:
    what timing.deadline says; `quiet_at`: from when on a job looks whether it is heard of (`seen_at`). Both only to be
    looked for; a sign of life writes neither, for what no index holds is written in place.

    pii: who sat which exam, keep: 3y
    """

    __tablename__ = "sittings"
    personal = Personal(("person_id",), SAT, frozenset({"device", "device_before"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    person_id: Mapped[PersonId] = id_column("person")
    attempt: Mapped[int]
    number: Mapped[str]
    language: Mapped[str]
    made_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    quiet_at: Mapped[datetime | None]
    device: Mapped[str]
    device_since: Mapped[datetime]
    device_before: Mapped[str]
    __table_args__ = (
        Index("ix_sittings_exam", "organisation_id", "exam_id", "person_id", "attempt", unique=True),
        Index("ix_sittings_number", "organisation_id", "exam_id", "number", unique=True),
        Index("ix_sittings_person", "organisation_id", "person_id"),
        Index("ix_sittings_one", "id"),
        Index("ix_sittings_due_at", "due_at"),
        Index("ix_sittings_quiet_at", "quiet_at"),
    )


class SittingPaper(Table):
    """The questions of a sitting: `{"places": [papers.Place]}`. It never changes."""

    __tablename__ = "sitting_papers"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    body: Mapped[dict[str, Any]]


class SittingMove(Table):
    """One change of a sitting (`core.Row`); the newest is its state.

    pii: who moved it and why, keep: 3y
    """

    __tablename__ = "sitting_moves"
    personal = Personal(("who_id",), SAT)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str]
    state: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    who_id: Mapped[PersonId | None] = id_column("person")
    why: Mapped[str]
    added_seconds: Mapped[int]
    section: Mapped[int]


class Answer(Table):
    """The newest answer to a question. `body`: as `items.answers.to_plain`, None where it was taken back. `at` is the
    server's clock, `written_at` the browser's, `age_ms` how old it was by the browser's steady clock when it came.

    pii: what a person answered, keep: 3y
    """

    __tablename__ = "answers"
    personal = Personal(("person_id",), SAT, frozenset({"digest", "device"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[PersonId] = id_column("person")
    revision: Mapped[int]
    digest: Mapped[str]
    device: Mapped[str]
    at: Mapped[datetime]
    age_ms: Mapped[int]
    written_at: Mapped[datetime | None]
    late: Mapped[bool]
    marked: Mapped[bool]
    body: Mapped[dict[str, Any] | None] = mapped_column(_JSON_OR_NOTHING)
    __table_args__ = (Index("ix_answers_person", "person_id"),)


class AnswerFile(Table):
    """A file, or a recorded answer, that a learner handed in for a question. `gone`: its bytes are to be removed.

    pii: name and content, keep: 3y
    """

    __tablename__ = "answer_files"
    personal = Personal(("person_id",), SAT, frozenset({"key", "sha256"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[FileId] = id_column("file", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting")
    place: Mapped[int]
    person_id: Mapped[PersonId] = id_column("person")
    key: Mapped[str] = mapped_column(BlobKey)
    name: Mapped[str]
    type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    at: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index("ix_answer_files_sitting", "organisation_id", "sitting_id", "place"),
        Index("ix_answer_files_one", "id"),
        Index("ix_answer_files_gone", "gone"),
    )
