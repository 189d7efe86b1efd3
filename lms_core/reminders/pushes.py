"""Browsers that are to be woken now. `server.push` takes them from here and asks their makers' services."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from lms_core.access import service as access
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PushId

from . import core
from .model import PushSubscription, ReminderRule

BATCH = 200
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`until`: it need not be woken after that; `leased`: until when it is left to who took it."""

    id: PushId
    endpoint: str
    until: datetime
    tries: int
    leased: datetime


async def take(tx: Tx) -> Sequence[Waiting]:
    """Due ones, leased to who takes them. Those whose log-in ended, or whose organisation wants it no more, are
    forgotten here whatever happened before."""
    here = select(PushSubscription).where(PushSubscription.due <= tx.now)
    rows = await tx.all(here.order_by(PushSubscription.due).limit(BATCH).with_for_update(skip_locked=True))
    standing = await access.standing_logins(tx, {row.login_id for row in rows})
    on = ReminderRule.push & ReminderRule.organisation_id.in_({row.organisation_id for row in rows})
    allowed = set(await tx.all(select(ReminderRule.organisation_id).where(on))) if rows else set()
    leased, found = tx.now + LEASE, []
    for row in rows:
        if row.login_id not in standing or row.organisation_id not in allowed:
            await tx.delete(row)
        elif row.until is None or row.until <= tx.now or row.tries >= core.MOST_TRIES:
            _rest(row)
        else:
            row.due, row.tries = leased, row.tries + 1
            found.append(Waiting(row.id, row.endpoint, row.until, row.tries, leased))
    return found


async def done(tx: Tx, waiting: Sequence[Waiting]) -> None:
    """They were woken, or never will be this time. What was told since they were taken stays due."""
    for leased in {one.leased for one in waiting}:
        ids = [one.id for one in waiting if one.leased == leased]
        here = PushSubscription.id.in_(ids) & (PushSubscription.due == leased)
        await tx.execute(update(PushSubscription).where(here).values(due=None, until=None, tries=0))


async def later(tx: Tx, one: Waiting, asked: int | None) -> None:
    """Its service takes nothing now; `asked`: for so many seconds, as it says."""
    here = (PushSubscription.id == one.id) & (PushSubscription.due == one.leased)
    row = await tx.one(select(PushSubscription).where(here))
    if row is None:
        return
    due = tx.now + core.pause(one.tries, asked)
    if one.tries >= core.MOST_TRIES or due >= one.until:
        _rest(row)
    else:
        row.due = due


async def gone(tx: Tx, ids: Collection[PushId]) -> None:
    """The browser ended it, or its service forgot it."""
    await tx.execute(delete(PushSubscription).where(PushSubscription.id.in_(ids)))


def _rest(row: PushSubscription) -> None:
    row.due, row.until, row.tries = None, None, 0
