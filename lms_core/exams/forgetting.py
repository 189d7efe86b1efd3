"""Forgetting what was kept as long as it may be."""

from typing import Any

from sqlalchemy import delete, exists, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import SittingId

from .core import KEEP
from .events import SittingsForgotten
from .model import Answer, AnswerFile, Exam, ExamMember, ExamPool, ExamTaker, Sitting, SittingMove, SittingPaper

AT_ONCE = 200
_OF_SITTING: tuple[Any, ...] = (Answer, SittingMove, SittingPaper)
_OF_EXAM: tuple[Any, ...] = (ExamTaker, ExamMember, ExamPool)


async def forget(tx: Tx) -> bool:
    """Some of the sittings older than `KEEP`, of one exam, and the exam where it is as old and was its last. Whether
    there was any."""
    old = tx.now - KEEP
    sat = exists().where(Sitting.organisation_id == Exam.organisation_id, Sitting.exam_id == Exam.id)
    over = Exam.closes_at.is_(None) | (Exam.closes_at < old)
    owed = sat.where(Sitting.made_at < old) | (~sat & over)
    exam = await tx.one(select(Exam).where(Exam.made_at < old, owed).order_by(Exam.made_at))
    if exam is None:
        return False
    here = (Sitting.organisation_id == exam.organisation_id) & (Sitting.exam_id == exam.id)
    gone = await tx.all(select(Sitting.id).where(here, Sitting.made_at < old).order_by(Sitting.id).limit(AT_ONCE))
    await _forget_sittings(tx, exam, list(gone))
    whole = not await tx.one(select(Sitting.id).where(here)) and (exam.closes_at is None or exam.closes_at < old)
    fact = SittingsForgotten(organisation_id=exam.organisation_id, exam_id=exam.id, sitting_ids=list(gone), whole=whole)
    tx.emit(fact)
    if whole:
        for table in _OF_EXAM:
            await tx.execute(
                delete(table).where(table.organisation_id == exam.organisation_id, table.exam_id == exam.id)
            )
        await tx.delete(exam)
    return True


async def _forget_sittings(tx: Tx, exam: Exam, sittings: list[SittingId]) -> None:
    for table in _OF_SITTING:
        here = (table.organisation_id == exam.organisation_id) & table.sitting_id.in_(sittings)
        await tx.execute(delete(table).where(here))
    files = (AnswerFile.organisation_id == exam.organisation_id) & AnswerFile.sitting_id.in_(sittings)
    for row in await tx.all(select(AnswerFile).where(files)):
        row.gone, row.name = True, ""
    here = (Sitting.organisation_id == exam.organisation_id) & Sitting.id.in_(sittings)
    await tx.execute(delete(Sitting).where(here))
