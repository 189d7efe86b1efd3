"""Lessons that begin soon, and whom they are for: asked by what reminds people, for a whole organisation at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.orgs.service import Organisation

from . import core, guests
from .core import State
from .model import Lesson


@dataclass(frozen=True, slots=True)
class Coming:
    """`of`: those of the persons asked for who lead it or learn in it."""

    id: LessonId
    starts_at: datetime
    subject: Names | None
    title: str
    of: frozenset[PersonId]


async def between(
    tx: Tx, organisation: Organisation, after: datetime, until: datetime, persons: Collection[PersonId]
) -> list[Coming]:
    """Lessons that begin after a moment and at the latest at another, are still to be, and are for some of these
    persons. One that somebody just started is open to the whole organisation: nobody waits for it."""
    here = (Lesson.organisation_id == organisation.id) & (Lesson.starts_at > after) & (Lesson.starts_at <= until)
    rows = await tx.all(select(Lesson).where(here, Lesson.state.in_((State.PLANNED, State.OPEN))))
    if not rows or not persons:
        return []
    invited = await guests.of(tx, [row for row in rows if row.by_invitation])
    known = await courses.views(tx, {row.course_id for row in rows if row.course_id})
    day = core.local_time(tx.now, organisation.zone).date()
    learning: dict[str, set[PersonId]] = {}
    for group, person in await groups.learning(tx, [organisation.id], list(persons), day):
        learning.setdefault(group, set()).add(person)
    wanted, found = set(persons), []
    for row in rows:
        course = known.get(row.course_id) if row.course_id else None
        taking = [learning.get(group.id, set()) for group in course.groups] if course else []
        of = wanted & {row.teacher_id, *invited.get(row.id, []), *(one for some in taking for one in some)}
        if of:
            subject = course.subject if course else None
            found.append(Coming(row.id, row.starts_at, subject, row.title, frozenset(of)))
    return found


async def named(tx: Tx, organisation: UnitId, lesson: LessonId) -> tuple[Names | None, str, datetime] | None:
    """The subject, the title and the beginning of a lesson."""
    row = await tx.get(Lesson, (organisation, lesson))
    if row is None:
        return None
    known = await courses.views(tx, [row.course_id] if row.course_id else [])
    return (known[row.course_id].subject if row.course_id else None), row.title, row.starts_at
