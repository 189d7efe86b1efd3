from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, Index, String
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column
from sqlalchemy.types import TypeDecorator

from lms_core.kernel.ids import AppealId, ExamId, ItemId, PersonId, RegradeId, ScaleId, SittingId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

JUDGED = Kept("what a mark rests on, for appeals and reports of the school", "3y", "house rule", date(2026, 11, 1))
RULED = Kept("who ruled how the organisation marks", "as the rule itself", "house rule", date(2026, 11, 1))


class DecimalText(TypeDecorator[Decimal]):
    """An exact decimal, kept as its text: one database has no other, and none is reckoned with there."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def decimal_column() -> MappedColumn[Any]:
    return mapped_column(DecimalText)


class AnswerScore(Table):
    """What the answer at a place is worth. `revision`: which version of the answer, 0 for none. `automatic`: by the
    key, None where a person is wanted (`needs_person`); `points`: in the end, None while somebody is wanted (`wants`:
    `first`, `second`, `third`); `most`: 0 where the question is out of the test. `chosen`: ids of options, for
    statistics; `explanation`: `{"parts": [[where, got, of, why]]}`."""

    __tablename__ = "answer_scores"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    item_id: Mapped[ItemId] = id_column("item")
    version: Mapped[int]
    revision: Mapped[int]
    needs_person: Mapped[bool]
    wants: Mapped[str]
    automatic: Mapped[Decimal | None] = decimal_column()
    points: Mapped[Decimal | None] = decimal_column()
    most: Mapped[Decimal] = decimal_column()
    chosen: Mapped[str]
    explanation: Mapped[dict[str, Any]]
    __table_args__ = (Index("ix_answer_scores_exam", "organisation_id", "exam_id", "item_id"),)


class AnswerMark(Table):
    """One marker's mark; the newest of each marker counts, if it is of the answer's newest `revision`. `levels`:
    criterion → level of a rubric.

    pii: who marked whose answer and what they said of it, keep: 3y
    """

    __tablename__ = "answer_marks"
    personal = Personal(("marker_id",), JUDGED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    marker_id: Mapped[PersonId] = id_column("person")
    revision: Mapped[int]
    points: Mapped[Decimal] = decimal_column()
    levels: Mapped[dict[str, Any]]
    comment: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_answer_marks_exam", "organisation_id", "exam_id"),)


class Regraded(Table):
    """A faulty question, marked again in all sittings of an exam (`core.Regrade`). `key`: `{"item": …}` of the
    corrected question, or nothing.

    pii: who did it, keep: 3y
    """

    __tablename__ = "regrades"
    personal = Personal(("by_id",), JUDGED, frozenset({"key"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[RegradeId] = id_column("regrade", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    item_id: Mapped[ItemId] = id_column("item")
    how: Mapped[str]
    why: Mapped[str]
    only_up: Mapped[bool]
    key: Mapped[dict[str, Any]]
    by_id: Mapped[PersonId] = id_column("person")
    at: Mapped[datetime]
    __table_args__ = (Index("ix_regrades_exam", "organisation_id", "exam_id"),)


class RegradeChange(Table):
    """What a regrade changed in one sitting (`core.Change`)."""

    __tablename__ = "regrade_changes"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    regrade_id: Mapped[RegradeId] = id_column("regrade", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    before: Mapped[Decimal | None] = decimal_column()
    after: Mapped[Decimal | None] = decimal_column()
    most_before: Mapped[Decimal] = decimal_column()
    most_after: Mapped[Decimal] = decimal_column()


class Appeal(Table):
    """A learner asks to look again at a sitting, or at one place of it. `state`: open, granted, refused; `points`: what
    the place is worth since.

    pii: who appealed, why, and what they were told, keep: 3y
    """

    __tablename__ = "appeals"
    personal = Personal(("person_id", "decided_by"), JUDGED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[AppealId] = id_column("appeal", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    sitting_id: Mapped[SittingId] = id_column("sitting")
    place: Mapped[int | None]
    person_id: Mapped[PersonId] = id_column("person")
    why: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str]
    points: Mapped[Decimal | None] = decimal_column()
    before: Mapped[Decimal | None] = decimal_column()
    answer: Mapped[str]
    decided_by: Mapped[PersonId | None] = id_column("person")
    decided_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_appeals_exam", "organisation_id", "exam_id"),
        Index("ix_appeals_sitting", "organisation_id", "sitting_id"),
        Index("ix_appeals_one", "id"),
    )


class Result(Table):
    """What came out of a sitting so far. `missing`: answers that nobody has marked yet; until none is, there is no
    `percent` and no `label`. `source`: the scale's act.

    pii: whose result it is, keep: 3y
    """

    __tablename__ = "results"
    personal = Personal(("person_id",), JUDGED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    sitting_id: Mapped[SittingId] = id_column("sitting", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam")
    person_id: Mapped[PersonId] = id_column("person")
    missing: Mapped[int]
    points: Mapped[Decimal] = decimal_column()
    most: Mapped[Decimal] = decimal_column()
    percent: Mapped[Decimal | None] = decimal_column()
    label: Mapped[str]
    value: Mapped[Decimal | None] = decimal_column()
    passed: Mapped[bool | None]
    source: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_results_exam", "organisation_id", "exam_id"),)


class Released(Table):
    """The commission told the learners of an exam what came out.

    pii: who did it, keep: 3y
    """

    __tablename__ = "exam_releases"
    personal = Personal(("by_id",), JUDGED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    exam_id: Mapped[ExamId] = id_column("exam", primary_key=True)
    by_id: Mapped[PersonId] = id_column("person")
    at: Mapped[datetime]


class OwnScale(Table):
    """A scale that an organisation ruled for itself (`core.Scale`); of its level it goes before the general one.

    pii: who entered it, keep: as the rule itself
    """

    __tablename__ = "scales"
    personal = Personal(("by_id",), RULED)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[ScaleId] = id_column("scale", primary_key=True)
    level: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    body: Mapped[dict[str, Any]]
    by_id: Mapped[PersonId] = id_column("person")
    at: Mapped[datetime]
    __table_args__ = (Index("ix_scales_level", "organisation_id", "level", "valid_from", unique=True),)
