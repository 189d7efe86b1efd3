from datetime import timedelta

from sqlalchemy import delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job

from . import core, service
from .model import Lesson, Visit


@job("lessons.end_left_open", every=timedelta(minutes=1))
async def end_left_open(tx: Tx) -> None:
    """Lessons that their teachers forgot to end."""
    for row in await tx.all(select(Lesson).where(Lesson.state == core.State.OPEN)):
        planned = row.course_id is not None or row.by_invitation
        due = core.left_open_at(planned, row.starts_at, row.ends_at, row.opened_at or row.starts_at)
        if due <= tx.now:
            await service.end_row(tx, row)


@job("lessons.forget_visits", every=timedelta(days=1))
async def forget_visits(tx: Tx) -> None:
    """Join logs older than they may be kept."""
    await tx.execute(delete(Visit).where(Visit.entered < tx.now - core.KEEP_VISITS))
