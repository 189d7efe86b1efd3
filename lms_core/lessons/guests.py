"""Lessons by invitation: those that are for a few people only."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Select, delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import LessonId, PersonId, UnitId
from lms_core.orgs.service import Organisation

from . import core
from .core import State
from .events import TimetableChanged
from .model import Guest, Lesson


@dataclass(frozen=True, slots=True)
class Meeting:
    """A lesson by invitation. `planned`: it has not begun, and was not called off."""

    id: LessonId
    title: str
    starts_at: datetime
    ends_at: datetime
    state: Literal["planned", "open", "ended", "cancelled"]
    planned: bool
    guests: list[PersonId]


def begins(organisation: Organisation, day: date, at: str, minutes: int) -> datetime:
    """The moment of a time on the organisation's wall (`15:30`). Raises HourUnfit."""
    return core.moment(core.hour(day, at, minutes)[0], organisation.zone)


def today(tx: Tx, organisation: Organisation) -> date:
    """The day it is on the organisation's wall."""
    return core.local_time(tx.now, organisation.zone).date()


async def plan(
    tx: Tx, organisation: Organisation, teacher: PersonId, title: str, starts_at: datetime, minutes: int
) -> LessonId:
    """Raises LessonTitleTooLong."""
    from .service import new_lesson

    row = new_lesson(tx, organisation, None, teacher, title, starts_at, starts_at + timedelta(minutes=minutes))
    row.by_invitation = True
    tx.add(row)
    return row.id


async def read(tx: Tx, organisation: UnitId, lessons: Collection[LessonId]) -> dict[LessonId, Meeting]:
    """Those of the lessons that are by invitation."""
    here = (Lesson.organisation_id == organisation) & Lesson.by_invitation
    rows = await tx.all(select(Lesson).where(here, Lesson.id.in_(lessons)))
    invited = await of(tx, rows)
    return {row.id: _meeting(row, invited.get(row.id, [])) for row in rows}


async def invite(tx: Tx, organisation: Organisation, meeting: Meeting, person: PersonId) -> None:
    tx.add(Guest(organisation_id=organisation.id, lesson_id=meeting.id, person_id=person, since=tx.now))
    announce(tx, organisation, meeting.starts_at)


async def uninvite(tx: Tx, organisation: Organisation, meeting: Meeting, person: PersonId) -> None:
    here = (Guest.organisation_id == organisation.id) & (Guest.lesson_id == meeting.id)
    await tx.execute(delete(Guest).where(here, Guest.person_id == person))
    announce(tx, organisation, meeting.starts_at)


async def call_off(tx: Tx, organisation: Organisation, lesson: LessonId) -> None:
    """It will not be. Raises NotFound, LessonBegun."""
    row = await tx.get(Lesson, (organisation.id, lesson))
    if row is None or not row.by_invitation:
        raise NotFound(kind="lesson")
    row.state = core.after(State(row.state), "cancel")
    announce(tx, organisation, row.starts_at)


async def is_busy(tx: Tx, organisation: UnitId, teacher: PersonId, begins: datetime, ends: datetime) -> bool:
    """Whether a teacher has a lesson of any kind in this span."""
    there = (Lesson.organisation_id == organisation) & (Lesson.teacher_id == teacher)
    then = (Lesson.starts_at < ends) & (Lesson.ends_at > begins) & (Lesson.starts_at > begins - timedelta(days=1))
    return await tx.one(select(Lesson.id).where(there, then, Lesson.state != State.CANCELLED)) is not None


async def of(tx: Tx, rows: Sequence[Lesson]) -> dict[LessonId, list[PersonId]]:
    """The guests of each of these lessons, in the order in which they were invited."""
    found: dict[LessonId, list[PersonId]] = {}
    if rows:
        here = Guest.organisation_id.in_({row.organisation_id for row in rows})
        query = select(Guest).where(here, Guest.lesson_id.in_([row.id for row in rows]))
        for guest in await tx.all(query.order_by(Guest.since, Guest.person_id)):
            found.setdefault(guest.lesson_id, []).append(guest.person_id)
    return found


def lessons_of(organisations: Collection[UnitId], persons: Collection[PersonId]) -> Select[LessonId]:
    """A query of the lessons that these persons are guests of; to be put into another."""
    return select(Guest.lesson_id).where(Guest.organisation_id.in_(organisations), Guest.person_id.in_(persons))


def announce(tx: Tx, organisation: Organisation, starts_at: datetime) -> None:
    """Lists of that day are read anew."""
    day = core.local_time(starts_at, organisation.zone).date()
    tx.emit(TimetableChanged(organisation_id=organisation.id, first=day, last=day))


def _meeting(row: Lesson, invited: list[PersonId]) -> Meeting:
    return Meeting(
        row.id, row.title, row.starts_at, row.ends_at, State(row.state).value, row.state == State.PLANNED, invited
    )
