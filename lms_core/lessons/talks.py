"""The lessons of a course as one place to talk, before, between and after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from lms_core.access.policy import Permission
from lms_core.courses import service as courses
from lms_core.courses.service import CourseView
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, RoomId, UnitId
from lms_core.kernel.names import Names
from lms_core.orgs import service as orgs

from . import service
from .core import State
from .model import Lesson, Visit
from .service import InRoom, LessonRef


@dataclass(frozen=True, slots=True)
class Talk:
    """`there`: the room of the lesson that is on, else of the one that was last, else of the first to come. `rooms`:
    a query of the rooms of all its lessons, to be put into another."""

    course_id: CourseId
    subject: Names | None
    group: str
    title: str
    there: InRoom
    rooms: Select[RoomId]


async def one_for(tx: Tx, course_id: CourseId, permission: Permission) -> Talk:
    """A course's talk, for who has a permission on its lessons. Raises NotFound (also while it has no lesson),
    Forbidden."""
    known = (await courses.views(tx, [course_id])).get(course_id)
    if known is None:
        raise NotFound(kind="course")
    reach = await orgs.within_reach(tx, [held.path for held in tx.actor.roles])
    if known.organisation_id not in reach:
        raise NotFound(kind="course")
    return await _talk(tx, known, permission)


async def mine(tx: Tx, permission: Permission) -> list[Talk]:
    """Of the courses that the actor takes or teaches and that have lessons, by subject."""
    reach = await orgs.within_reach(tx, [held.path for held in tx.actor.roles])
    persons = {tx.actor.id}
    taking = {group for group, _ in await groups.learning(tx, reach, persons, tx.now.date())}
    own = await courses.of_members(tx, taking, persons)
    known = [one for one in (await courses.views(tx, own)).values() if one.organisation_id in reach and not one.ended]
    found: list[Talk] = []
    for one in sorted(known, key=lambda one: (one.subject.kk, one.id)):
        try:
            found.append(await _talk(tx, one, permission))
        except (NotFound, Forbidden):
            continue
    return found


async def was_in(tx: Tx, lesson: LessonRef, person: str) -> bool:
    """Whether somebody has been in a lesson."""
    here = (Visit.organisation_id == lesson.organisation_id) & (Visit.lesson_id == lesson.id)
    return await tx.one(select(Visit.id).where(here, Visit.person_id == person)) is not None


async def _talk(tx: Tx, course: CourseView, permission: Permission) -> Talk:
    row = await _now(tx, course.organisation_id, course.id)
    there = await service.in_room_for(tx, row.room_id, permission)
    rooms = select(Lesson.room_id).where(
        Lesson.organisation_id == course.organisation_id, Lesson.course_id == course.id
    )
    group = ", ".join(one.name for one in course.groups)
    return Talk(course.id, course.subject, group, row.title, there, rooms)


async def _now(tx: Tx, organisation: UnitId, course: CourseId) -> Lesson:
    """The lesson that is on, or was last, or comes first. Raises NotFound."""
    query = select(Lesson).where(
        Lesson.organisation_id == organisation, Lesson.course_id == course, Lesson.state != State.CANCELLED
    )
    ways: Sequence[Select[Lesson]] = (
        query.where(Lesson.state == State.OPEN).order_by(Lesson.starts_at.desc()),
        query.where(Lesson.starts_at <= tx.now).order_by(Lesson.starts_at.desc()),
        query.order_by(Lesson.starts_at),
    )
    for way in ways:
        if row := await tx.one(way):
            return row
    raise NotFound(kind="course")
