from datetime import timedelta

from sqlalchemy import select

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import service
from .core import State
from .model import Recording


@job("recordings.forget", every=timedelta(hours=6))
async def forget(tx: Tx) -> None:
    """Recordings whose time is over; their files go soon after."""
    due = Recording.state.in_((State.READY, State.FAILED)) & (Recording.keep_until < tx.now)
    for row in await tx.all(select(Recording).where(due).limit(200)):
        service.mark_deleted(tx, row, "recordings.forget")
