from lms_core.kernel.db import Tx
from lms_core.kernel.events import on

from . import jobs
from .events import Voted


@on(Voted)
async def count_votes(tx: Tx, event: Voted) -> None:
    """One after another, so that many who answer at once do not wait for each other."""
    await jobs.tally(tx, event.organisation_id, event.poll_id)
