from lms_core.exams import service as exams
from lms_core.exams.events import ExamPublished, HandedIn, LateAnswerTaken, SittingJudged, SittingsForgotten
from lms_core.exams.service import ExamRef
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.events import on
from lms_core.kernel.ids import ExamId, UnitId

from . import learning, service
from .events import ItemRegraded
from .jobs import learn, score_sitting


@on(HandedIn)
async def score_what_ended(tx: Tx, event: HandedIn) -> None:
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)


@on(LateAnswerTaken)
async def score_what_came_late(tx: Tx, event: LateAnswerTaken) -> None:
    """An answer that was written in time arrived after the sitting was scored."""
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)


@on(ExamPublished)
async def learn_when_it_is_over(tx: Tx, event: ExamPublished) -> None:
    exam = await _exam(tx, event.organisation_id, event.exam_id)
    when = learning.first_look(exam, tx.now) if exam else None
    if when:
        tx.at(when, learn, organisation=event.organisation_id, exam=event.exam_id)


@on(ItemRegraded)
async def learn_what_a_regrade_changed(tx: Tx, event: ItemRegraded) -> None:
    await _learn_anew(tx, event.organisation_id, event.exam_id)


@on(SittingJudged)
async def learn_what_a_verdict_changed(tx: Tx, event: SittingJudged) -> None:
    await _learn_anew(tx, event.organisation_id, event.exam_id)


@on(SittingsForgotten)
async def forget_with_them(tx: Tx, event: SittingsForgotten) -> None:
    await service.forget_sittings(tx, event.organisation_id, event.sitting_ids)
    if event.whole:
        await service.forget_exam(tx, event.organisation_id, event.exam_id)


async def _learn_anew(tx: Tx, organisation: UnitId, exam_id: ExamId) -> None:
    exam = await _exam(tx, organisation, exam_id)
    if exam and learning.is_over(exam, tx.now):
        tx.enqueue(learn, organisation=organisation, exam=exam_id)


async def _exam(tx: Tx, organisation: UnitId, exam_id: ExamId) -> ExamRef | None:
    try:
        return await exams.exam(tx, organisation, exam_id)
    except NotFound:  # it was forgotten meanwhile
        return None
