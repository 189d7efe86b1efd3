"""Making and ending the address of one's calendar, and reading what it holds."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from lms_core.access import service as access
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId, UnitId
from lms_core.lessons import service as lessons
from lms_core.lessons.service import LessonView
from lms_core.people import service as people

from .model import CalendarLink

BEFORE, AHEAD = timedelta(days=14), timedelta(days=90)


@dataclass(frozen=True, slots=True)
class LinkView:
    """`made`: when the address was made; None without one. `token`: shown once, when it is made."""

    made: datetime | None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """`language`: of the person it belongs to."""

    language: str
    lessons: list[LessonView]


async def read_link(tx: Tx) -> LinkView:
    row = await _mine(tx)
    return LinkView(row.made if row else None)


async def make_link(tx: Tx) -> LinkView:
    """A new address; a former one leads nowhere from now on."""
    await end_link(tx)
    token = secrets.token_urlsafe(32)
    home = await people.home_of(tx, tx.actor.id)
    tx.add(CalendarLink(organisation_id=home, person_id=tx.actor.id, token_hash=_hash(token), made=tx.now))
    return LinkView(tx.now, token)


async def end_link(tx: Tx) -> LinkView:
    await tx.execute(delete(CalendarLink).where(CalendarLink.person_id == tx.actor.id))
    return LinkView(None)


async def read(tx: Tx, token: str) -> Calendar:
    """The lessons around now of whom the address belongs to, with the rights they have now. Raises NotFound, also
    when they were removed or logged out everywhere since it was made."""
    row = await tx.one(select(CalendarLink).where(CalendarLink.token_hash == _hash(token)))
    if row is None or not await access.still_stands(tx, row.person_id, row.made.timestamp()):
        raise NotFound(kind="calendar")
    tx.actor = await access.actor_of(tx, row.person_id)
    today: date = tx.now.date()
    found = await lessons.between(tx, today - BEFORE, today + AHEAD)
    return Calendar(await people.language_of(tx, row.person_id), found)


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(CalendarLink).where(CalendarLink.organisation_id == organisation))


async def _mine(tx: Tx) -> CalendarLink | None:
    person: PersonId = tx.actor.id
    return await tx.one(select(CalendarLink).where(CalendarLink.person_id == person))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
