"""What persons have in a lesson's open room, as the room says: who may write, where they are, who leads beside."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, RoomId

from .core import State
from .events import SecondChanged
from .model import Lesson, Standing
from .visits import lesson_of_room


@dataclass(frozen=True, slots=True)
class Stands:
    """`place`: the breakout they are in; `second`: they lead beside the teacher."""

    may_write: bool
    place: str | None
    second: bool


async def record_standings(tx: Tx, room_id: RoomId, quiet: bool, said: Mapping[PersonId, Stands]) -> None:
    """All of a room's, in place of those before; `quiet`: who is not named may not write. Raises NotFound."""
    lesson = await lesson_of_room(tx, room_id)
    if lesson.state != State.OPEN:
        return
    lesson.quiet = quiet
    known = {row.person_id: row for row in await tx.all(select(Standing).where(_of(lesson)))}
    for person in known.keys() - said.keys():
        _tell(tx, lesson, person, known[person].second, on=False)
        await tx.delete(known[person])
    for person, one in said.items():
        row = known.get(person)
        _tell(tx, lesson, person, row is not None and row.second, on=one.second)
        if row is None:
            row = Standing(organisation_id=lesson.organisation_id, lesson_id=lesson.id, person_id=person)
            tx.add(row)
        row.may_write, row.place, row.second = one.may_write, one.place, one.second


async def forget_standings(tx: Tx, lesson: Lesson) -> None:
    """The room closed."""
    lesson.quiet = False
    await tx.execute(delete(Standing).where(_of(lesson)))


def _of(lesson: Lesson) -> ColumnElement[bool]:
    return (Standing.organisation_id == lesson.organisation_id) & (Standing.lesson_id == lesson.id)


def _tell(tx: Tx, lesson: Lesson, person: PersonId, was: bool, *, on: bool) -> None:
    if was != on:
        fact = SecondChanged(
            organisation_id=lesson.organisation_id,
            lesson_id=lesson.id,
            room_id=lesson.room_id,
            person_id=person,
            second=on,
        )
        tx.emit(fact)
