from datetime import timedelta

from sqlalchemy import or_, select

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import forgetting, moves
from .model import Sitting

AT_ONCE = 10
"""Others wait for no more than this, however many sittings end in one moment."""


@job("exams.due", every=timedelta(seconds=5))
async def write_due(tx: Tx) -> None:
    """What the server owes to sittings: time is up, a section ends, nobody came, the line was lost."""
    silent = (Sitting.quiet_at <= tx.now) & (Sitting.seen_at <= tx.now - moves.SILENCE)
    owed = or_(Sitting.due_at <= tx.now, silent)
    rows = await tx.all(select(Sitting).where(owed).order_by(Sitting.due_at).limit(AT_ONCE))
    for row in rows:
        await moves.load(tx, row)
    if len(rows) == AT_ONCE:
        tx.enqueue(write_due)


@job("exams.forget", every=timedelta(days=1))
async def forget_exams(tx: Tx) -> None:
    """Sittings and exams older than they may be kept."""
    if await forgetting.forget(tx):
        tx.enqueue(forget_exams)
