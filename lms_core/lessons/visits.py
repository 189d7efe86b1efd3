"""The join log: who was in a lesson's room from when to when."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId, RoomId, VisitId

from .core import State
from .model import Lesson, Visit


async def record_entered(tx: Tx, room_id: RoomId, participant: str, person: PersonId, at: datetime) -> None:
    """Somebody came into a room; said twice, it is written once."""
    row = await lesson_of_room(tx, room_id)
    if await tx.one(select(Visit.id).where(_present(row, participant))) is None:
        visit = Visit(
            organisation_id=row.organisation_id,
            id=VisitId(tx.new_id("visit")),
            lesson_id=row.id,
            participant_id=participant,
            person_id=person,
            entered=at,
        )
        tx.add(visit)


async def record_left(
    tx: Tx, room_id: RoomId, participant: str, person: PersonId, at: datetime, spoke: float = 0.0
) -> None:
    """Somebody left a room, after having spoken for so many seconds."""
    row = await lesson_of_room(tx, room_id)
    await tx.execute(update(Visit).where(_present(row, participant)).values(left=at, spoke=round(spoke)))


async def is_on(tx: Tx, room_id: RoomId) -> bool:
    """Whether the lesson of a room is open now, whoever asks. False also for a room of no lesson."""
    row = await tx.one(select(Lesson).where(Lesson.room_id == room_id))
    return row is not None and row.state == State.OPEN


async def record_left_but(tx: Tx, room_id: RoomId, present: Collection[str], seen: datetime) -> None:
    """Who holds a room died, and with it what it knew since it last wrote: only these participants may still be
    there, the others left when last `seen`."""
    row = await lesson_of_room(tx, room_id)
    here = (Visit.organisation_id == row.organisation_id) & (Visit.lesson_id == row.id) & Visit.left.is_(None)
    for visit in await tx.all(select(Visit).where(here)):
        if visit.participant_id not in present:
            visit.left = max(visit.entered, seen)


async def all_left_lesson(tx: Tx, lesson: Lesson) -> None:
    """The lesson ended: nobody is in it any more."""
    here = (Visit.organisation_id == lesson.organisation_id) & (Visit.lesson_id == lesson.id) & Visit.left.is_(None)
    await tx.execute(update(Visit).where(here).values(left=tx.now))


async def lesson_of_room(tx: Tx, room_id: RoomId) -> Lesson:
    """Raises NotFound."""
    row = await tx.one(select(Lesson).where(Lesson.room_id == room_id))
    if row is None:
        raise NotFound(kind="room")
    return row


def _present(row: Lesson, participant: str) -> ColumnElement[bool]:
    return (
        (Visit.organisation_id == row.organisation_id)
        & (Visit.lesson_id == row.id)
        & (Visit.participant_id == participant)
        & Visit.left.is_(None)
    )
