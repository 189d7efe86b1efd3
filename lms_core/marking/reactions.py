from lms_core.exams.events import HandedIn, LateAnswerTaken
from lms_core.kernel.db import Tx
from lms_core.kernel.events import on

from .jobs import score_sitting


@on(HandedIn)
async def score_what_ended(tx: Tx, event: HandedIn) -> None:
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)


@on(LateAnswerTaken)
async def score_what_came_late(tx: Tx, event: LateAnswerTaken) -> None:
    """An answer that was written in time arrived after the sitting was scored."""
    tx.enqueue(score_sitting, organisation=event.organisation_id, sitting=event.sitting_id)
