from datetime import timedelta

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import service
from .core import KEEP


@job("boards.forget", every=timedelta(days=1))
async def forget_boards(tx: Tx) -> None:
    """Boards older than they may be kept."""
    await service.forget_before(tx, tx.now - KEEP)
