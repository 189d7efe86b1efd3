from datetime import timedelta

from sqlalchemy import delete

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from .core import KEEP
from .model import Message


@job("messages.forget", every=timedelta(days=1))
async def forget_messages(tx: Tx) -> None:
    """Messages older than they may be kept."""
    await tx.execute(delete(Message).where(Message.sent_at < tx.now - KEEP))
