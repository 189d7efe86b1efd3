"""What other features ask of marking."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, SittingId, UnitId

from . import scales
from .model import AnswerMark, AnswerScore, Appeal, RegradeChange, Regraded, Released, Result

_OF_SITTING: tuple[Any, ...] = (AnswerScore, AnswerMark, RegradeChange, Appeal, Result)
_OF_EXAM: tuple[Any, ...] = (Regraded, Released)


async def forget_sittings(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> None:
    """What they were worth, to whom, and why."""
    for table in _OF_SITTING:
        here = (table.organisation_id == organisation) & table.sitting_id.in_(list(sittings))
        await tx.execute(delete(table).where(here))


async def forget_exam(tx: Tx, organisation: UnitId, exam: ExamId) -> None:
    """What was decided about all of it, when none of its sittings is left."""
    for table in _OF_EXAM:
        await tx.execute(delete(table).where(table.organisation_id == organisation, table.exam_id == exam))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (*_OF_SITTING, *_OF_EXAM):
        await tx.execute(delete(table).where(table.organisation_id == organisation))
    await scales.forget_organisation(tx, organisation)
