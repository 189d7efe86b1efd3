"""What other features ask of marking."""

from sqlalchemy import delete

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import UnitId

from . import scales
from .model import AnswerMark, AnswerScore, Appeal, RegradeChange, Regraded, Released, Result


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (AnswerScore, AnswerMark, RegradeChange, Regraded, Appeal, Result, Released):
        await tx.execute(delete(table).where(table.organisation_id == organisation))
    await scales.forget_organisation(tx, organisation)
