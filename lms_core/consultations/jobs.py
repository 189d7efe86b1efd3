from datetime import timedelta

from sqlalchemy import delete

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from .core import KEEP
from .model import Slot


@job("consultations.forget", every=timedelta(days=1))
async def forget_consultations(tx: Tx) -> None:
    """Consultations older than they may be kept."""
    await tx.execute(delete(Slot).where(Slot.starts_at < tx.now - KEEP))
