from datetime import timedelta

from sqlalchemy import delete, select

from lms_core.access import service as access
from lms_core.kernel.db import Tx
from lms_core.kernel.jobs import job
from lms_core.orgs import service as orgs

from . import core, service
from .model import Notice, PushSubscription, ReminderWish


@job("reminders.tell", every=timedelta(minutes=1))
async def tell(tx: Tx) -> None:
    """Of lessons that begin soon: those who chose letters, or have a browser that may be woken."""
    by_letter = await tx.all(select(ReminderWish.organisation_id).where(ReminderWish.letter).distinct())
    by_push = await tx.all(select(PushSubscription.organisation_id).distinct())
    for organisation in sorted({*by_letter, *by_push}):
        await service.tell_of_lessons(tx, await orgs.unit(tx, organisation))


@job("reminders.forget", every=timedelta(hours=6))
async def forget(tx: Tx) -> None:
    """What was told of a day ago, and browsers whose log-in ran out."""
    await tx.execute(delete(Notice).where(Notice.made < tx.now - core.KEEP))
    rows = await tx.all(select(PushSubscription))
    standing = await access.standing_logins(tx, {row.login_id for row in rows})
    for row in rows:
        if row.login_id not in standing:
            await tx.delete(row)
