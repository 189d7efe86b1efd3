from datetime import datetime

from lms_core.kernel.events import event
from lms_core.kernel.ids import ExamId, PersonId, SittingId, UnitId


@event("exams.published", topic="exam:{exam_id}")
class ExamPublished:
    """It may be sat when it opens."""

    organisation_id: UnitId
    exam_id: ExamId


@event("exams.changed", topic="exam:{exam_id}")
class ExamChanged:
    """Its title, times, takers or commission; or it was cancelled, or its results are told. Read it anew."""

    organisation_id: UnitId
    exam_id: ExamId
    state: str


@event("exams.sitting_moved", topic="exam:{exam_id}")
class SittingMoved:
    """For the commission. `act`: the newest."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    act: str
    state: str
    at: datetime


@event("exams.sitting_told", topic="sitting:{sitting_id}")
class SittingTold:
    """The same, for whose sitting it is: somebody else moved it, or the server did. Read it anew."""

    organisation_id: UnitId
    sitting_id: SittingId
    act: str
    state: str
    at: datetime


@event("exams.handed_in", topic="exam:{exam_id}")
class HandedIn:
    """It ended, `state`: `handed_in` (by the learner, or time was up) or `terminated`. It may begin anew, and end
    again."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    person_id: PersonId
    state: str
    at: datetime


@event("exams.late_answer_taken")
class LateAnswerTaken:
    """After the end an answer came that was written before it."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    place: int


@event("exams.judged", topic="exam:{exam_id}")
class SittingJudged:
    """A sitting that ended counts (`accepted`) or does not (`voided`)."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_id: SittingId
    state: str
    at: datetime


@event("exams.released", topic="exam:{exam_id}")
class ExamReleased:
    """Learners are told what the exam's rules let them see."""

    organisation_id: UnitId
    exam_id: ExamId


@event("exams.forgotten")
class SittingsForgotten:
    """These were kept as long as they may be. `whole`: so was their exam."""

    organisation_id: UnitId
    exam_id: ExamId
    sitting_ids: list[SittingId]
    whole: bool
