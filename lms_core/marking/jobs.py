from lms_core.exams import service as exams
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import ExamId, SittingId, UnitId
from lms_core.kernel.jobs import job

from . import learning, scoring


@job("marking.score")
async def score_sitting(tx: Tx, organisation: UnitId, sitting: SittingId) -> None:
    """What an ended sitting's answers are worth."""
    await scoring.score(tx, organisation, [sitting])


@job("marking.learn")
async def learn(tx: Tx, organisation: UnitId, exam: ExamId) -> None:
    """How an exam's questions did, once that is known."""
    await tx.take_time()
    try:
        found = await exams.exam(tx, organisation, exam)
    except NotFound:  # it was forgotten meanwhile
        return
    again = await learning.learn(tx, found)
    if again:
        tx.at(again, learn, organisation=organisation, exam=exam)
