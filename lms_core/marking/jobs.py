from lms_core.kernel.db import Tx
from lms_core.kernel.ids import SittingId, UnitId
from lms_core.kernel.jobs import job

from . import scoring


@job("marking.score")
async def score_sitting(tx: Tx, organisation: UnitId, sitting: SittingId) -> None:
    """What an ended sitting's answers are worth."""
    await scoring.score(tx, organisation, [sitting])
