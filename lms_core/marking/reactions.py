from lms_core.exams.events import HandedIn, LateAnswerTaken, SittingsForgotten
from lms_core.kernel.db import Tx
from lms_core.kernel.events import on

from . import service
from .jobs import score_sitting


@on(HandedIn)
async def score_what_ended(tx: Tx, event: HandedIn) -> None:
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)


@on(LateAnswerTaken)
async def score_what_came_late(tx: Tx, event: LateAnswerTaken) -> None:
    """An answer that was written in time arrived after the sitting was scored."""
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)


@on(SittingsForgotten)
async def forget_with_them(tx: Tx, event: SittingsForgotten) -> None:
    await service.forget_sittings(tx, event.organisation_id, event.sitting_ids)
    if event.whole:
        await service.forget_exam(tx, event.organisation_id, event.exam_id)
