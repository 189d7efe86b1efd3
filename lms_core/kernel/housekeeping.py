"""What the kernel forgets by itself."""

from datetime import timedelta

from sqlalchemy import delete, exists, func, select, update

from .db import Tx
from .jobs import job
from .tables import Outbox, ReactionDone, StreamPosition

KEEP_EVENTS = timedelta(days=7)


@job("kernel.prune_outbox", every=timedelta(hours=1))
async def prune_outbox(tx: Tx) -> None:
    """Forget events that were told a week ago, and remember in each stream how far: who asks for
    earlier ones takes a new snapshot."""
    old = (Outbox.at < tx.now - KEEP_EVENTS) & Outbox.waiting.is_(False)
    newest = select(Outbox.stream, func.max(Outbox.position)).where(old).group_by(Outbox.stream)
    for stream, position in await tx.rows(newest):
        here = (StreamPosition.stream == stream) & (StreamPosition.pruned < position)
        await tx.execute(update(StreamPosition).where(here).values(pruned=position))
    await tx.execute(delete(Outbox).where(old))
    event = (Outbox.stream == ReactionDone.stream) & (Outbox.id == ReactionDone.event_id)
    await tx.execute(delete(ReactionDone).where(~exists().where(event)))
