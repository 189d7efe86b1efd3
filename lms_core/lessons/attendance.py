"""Who was in a lesson, and for how long: what the journal's attendance may be proposed from."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import GroupId, LessonId, PersonId, UnitId
from lms_core.kernel.text import sort_key
from lms_core.people import service as people

from . import core, guests, service
from .model import Visit
from .service import LessonRef, LessonView


@dataclass(frozen=True, slots=True)
class Present:
    """One person's part of a lesson. `expected`: a learner of its groups, or a guest. `seconds` and `spoke`: in the
    room, and heard as speaking; `times`: how often they came; `came`, `went`: first and last, None for who did not."""

    person_id: PersonId
    name: str
    expected: bool
    seconds: int
    spoke: int
    times: int
    came: datetime | None
    went: datetime | None


@dataclass(slots=True)
class _Log:
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)
    spoke: int = 0


async def of_lesson(tx: Tx, lesson_id: LessonId) -> tuple[LessonRef, LessonView, list[Present]]:
    """Everybody who was expected or came but the teacher, by the alphabet. Breakout rooms are places in the lesson's
    room and count like it. Raises NotFound, Forbidden."""
    ref, view, taking = await service.accounted_for(tx, lesson_id)
    logs = await _logs(tx, ref.organisation_id, lesson_id)
    expected = await _expected(tx, ref, view, taking)
    persons = (expected | logs.keys()) - {view.teacher.id}
    names = await people.names(tx, persons)
    found = [_present(one, names.get(one, ""), one in expected, logs.get(one, _Log())) for one in persons]
    return ref, view, sorted(found, key=lambda one: (not one.expected, sort_key(one.name), one.person_id))


async def _logs(tx: Tx, organisation: UnitId, lesson: LessonId) -> dict[PersonId, _Log]:
    here = (Visit.organisation_id == organisation) & (Visit.lesson_id == lesson)
    logs: dict[PersonId, _Log] = {}
    for visit in await tx.all(select(Visit).where(here).order_by(Visit.entered)):
        log = logs.setdefault(visit.person_id, _Log())
        log.spans.append((visit.entered, visit.left or tx.now))
        log.spoke += visit.spoke
    return logs


async def _expected(tx: Tx, ref: LessonRef, view: LessonView, taking: list[GroupId]) -> set[PersonId]:
    if not taking:
        invited = await guests.read(tx, ref.organisation_id, [ref.id])
        return set(invited[ref.id].guests) if ref.id in invited else set()
    day = view.starts_at.date()
    return {one.person for one in await groups.learning_in(tx, ref.organisation_id, taking, day)}


def _present(person: PersonId, name: str, expected: bool, log: _Log) -> Present:
    return Present(
        person_id=person,
        name=name,
        expected=expected,
        seconds=core.seconds_there(log.spans),
        spoke=log.spoke,
        times=len(log.spans),
        came=log.spans[0][0] if log.spans else None,
        went=max(went for _, went in log.spans) if log.spans else None,
    )
