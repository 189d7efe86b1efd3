from datetime import datetime
from decimal import Decimal

from lms_core.kernel.events import event
from lms_core.kernel.ids import AppealId, ExamId, ItemId, PersonId, RegradeId, SittingId, UnitId


@event("marking.answer_marked", topic="exam:{exam_id}")
class AnswerMarked:
    """`wants`: which marker an answer still waits for, "" where it is settled."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    place: int
    wants: str


@event("marking.item_regraded", topic="exam:{exam_id}")
class ItemRegraded:
    """A faulty question was marked again; `changed` sittings came out differently."""

    organisation_id: UnitId
    exam_id: ExamId
    regrade_id: RegradeId
    item_id: ItemId
    how: str
    changed: int


@event("marking.appeal_made", topic="exam:{exam_id}")
class AppealMade:
    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    appeal_id: AppealId
    place: int | None


@event("marking.appeal_decided", topic="sitting:{sitting_id}")
class AppealDecided:
    """For whose sitting it is. `points`: of the place since then, None where they stay."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    appeal_id: AppealId
    person_id: PersonId
    state: str
    points: Decimal | None
    at: datetime
