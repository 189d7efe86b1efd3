"""Writing and reading the audit log."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, or_, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import AuditId, PersonId, UnitId, id_from_int

from . import core
from .model import Entry

What = Literal[
    "logged_in", "refused", "looked", "role_given", "role_ended", "lock_changed", "code_made", "exported", "erased"
]
NOWHERE = UnitId(id_from_int("unit", 0))
"""The organisation of what strangers did."""
PAGE = 100


@dataclass(frozen=True, slots=True)
class EntryView:
    """`times`: how often, where one line sums up many. `details`: ids and codes."""

    id: AuditId
    at: datetime
    what: str
    op: str
    code: str
    actor_id: PersonId | None
    subject_id: PersonId | None
    address: str
    times: int
    details: dict[str, Any]


def note(
    tx: Tx,
    what: What,
    *,
    organisation: UnitId | None = None,
    op: str = "",
    code: str = "",
    actor: PersonId | None = None,
    subject: PersonId | None = None,
    address: str = "",
    times: int = 1,
    details: dict[str, Any] | None = None,
) -> None:
    """One more line. Whose: the given organisation's, else the actor's. Give ids and codes, never a name."""
    row = Entry(
        organisation_id=organisation or tx.actor.organisation or NOWHERE,
        id=AuditId(tx.new_id("audit")),
        at=tx.now,
        what=what,
        op=op,
        code=code,
        actor_id=actor or tx.actor.person,
        subject_id=subject,
        address=address,
        times=times,
        details=details or {},
        keep_until=tx.now + core.keep_time(tx.now.date()),
    )
    tx.add(row)


async def page(
    tx: Tx,
    organisations: Collection[UnitId],
    before: AuditId | None = None,
    what: str | None = None,
    person: PersonId | None = None,
) -> tuple[list[EntryView], AuditId | None]:
    """The newest lines of these organisations, or those before one, the newest first; and where the next page
    begins. `person`: who did it or to whom it was done."""
    query = select(Entry).where(Entry.organisation_id.in_(organisations)).order_by(Entry.id.desc()).limit(PAGE + 1)
    if before:
        query = query.where(Entry.id < before)
    if what:
        query = query.where(Entry.what == what)
    if person:
        query = query.where((Entry.actor_id == person) | (Entry.subject_id == person))
    rows = await tx.all(query)
    shown = [_view(row) for row in rows[:PAGE]]
    return shown, shown[-1].id if len(rows) > PAGE else None


async def named_until(tx: Tx, organisation: UnitId, person: PersonId) -> datetime | None:
    """Until when the log must still say who that was: of what the person did to others by the power they had."""
    others = or_(Entry.subject_id.is_(None), Entry.subject_id != person)
    acted = (Entry.organisation_id == organisation) & (Entry.actor_id == person) & Entry.what.in_(core.BY_POWER)
    return await tx.one(select(func.max(Entry.keep_until)).where(acted, others))


async def prune(tx: Tx) -> None:
    """Forget what need not be kept any more; the database itself refuses to forget earlier."""
    await tx.execute(delete(Entry).where(Entry.keep_until < tx.now))


def _view(row: Entry) -> EntryView:
    return EntryView(
        *(row.id, row.at, row.what, row.op, row.code, row.actor_id, row.subject_id),
        *(row.address, row.times, row.details),
    )
