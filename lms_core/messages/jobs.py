from datetime import timedelta

from sqlalchemy import delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from .core import KEEP
from .model import Message, MessageReaction


@job("messages.forget", every=timedelta(days=1))
async def forget_messages(tx: Tx) -> None:
    """Messages older than they may be kept."""
    old = select(Message.id).where(Message.sent_at < tx.now - KEEP)
    await tx.execute(delete(MessageReaction).where(MessageReaction.message_id.in_(old)))
    await tx.execute(delete(Message).where(Message.sent_at < tx.now - KEEP))
