"""Who is told what came out, and since when."""

from datetime import datetime

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, SittingRef
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, SittingId

from . import core, results, scoring
from .core import Release
from .model import Released
from .outcomes import Results
from .views import Judged, JudgeSitting

AT_ONCE = 30
"""Sittings whose job has not run yet are scored on the way, up to so many."""


async def release(tx: Tx, exam_id: ExamId) -> Results:
    """The learners are told, and the questions remember how they did. By a chair; twice is as once.

    Raises NotFound, Forbidden, ResultsNotReady, ExamIsOver.
    """
    await tx.take_time()
    exam = await exams.exam_for(tx, exam_id, "chair")
    sittings = await exams.sittings_of(tx, exam.organisation_id, exam.id)
    ended = [one for one in sittings if one.state in scoring.COUNTING]
    waiting = await results.unscored(tx, exam, ended)
    await scoring.score_in(tx, exam, waiting[:AT_ONCE])
    missing = sum(one.missing for one in await results.rows_of(tx, exam, [one.id for one in ended]))
    missing += len(waiting[AT_ONCE:])
    running = sum(one.state in scoring.UNDER_WAY for one in sittings)
    undecided = sum(one.state is scoring.UNDECIDED for one in sittings)
    if missing or running or undecided:
        raise core.ResultsNotReady(marks=missing, running=running, undecided=undecided)
    if exam.state != "released":
        await exams.release(tx, exam.id)
        tx.add(Released(organisation_id=exam.organisation_id, exam_id=exam.id, by_id=tx.actor.id, at=tx.now))
        await tx.flush()
    await results.note_uses(tx, exam)
    return await results.of_exam(tx, exam_id)


async def judge(tx: Tx, sitting_id: SittingId, asked: JudgeSitting) -> Judged:
    """Whether an ended sitting counts. By a chair, who has not sat it. Raises NotFound, Forbidden, OwnWork,
    SittingMoveUnfit, ReasonMissing."""
    _, sitting = await exams.sitting_for(tx, sitting_id, "chair")
    core.check_marker(tx.actor.id, sitting.person_id)
    if asked.verdict == "accept":
        return Judged((await exams.accept(tx, sitting_id)).state.value)
    return Judged((await exams.void(tx, sitting_id, asked.why)).state.value)


async def since(tx: Tx, exam: ExamRef, sitting: SittingRef) -> datetime | None:
    """When the learner of an ended sitting was, or will be, told; None while nobody knows."""
    if sitting.state not in scoring.COUNTING:
        return None
    rule = Release(exam.data.release.what, exam.data.release.when)
    said = await said_at(tx, exam)
    closes = exam.data.ends_at or exam.data.closes_at
    if rule.when == "after_close" and said is None and await _somebody_sits(tx, exam):
        closes = None
    return core.released_at(rule, said, closes, await _ended_at(tx, sitting))


async def said_at(tx: Tx, exam: ExamRef) -> datetime | None:
    """When the commission released it."""
    row = await tx.get(Released, (exam.organisation_id, exam.id))
    return row.at if row else None


async def _ended_at(tx: Tx, sitting: SittingRef) -> datetime | None:
    moves = (await exams.moves_of(tx, sitting.organisation_id, [sitting.id]))[sitting.id]
    ends = [one.at for one in moves if one.state in (exams.State.HANDED_IN, exams.State.TERMINATED)]
    return ends[-1] if ends else None


async def _somebody_sits(tx: Tx, exam: ExamRef) -> bool:
    """Whose own time is longer than the others' is asked the same questions still."""
    return any(one.state in scoring.UNDER_WAY for one in await exams.sittings_of(tx, exam.organisation_id, exam.id))
