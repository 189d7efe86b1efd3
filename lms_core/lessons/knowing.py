"""Who may know of a lesson, what they see of it, and what they may do in its room."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, bindparam, or_, select

from lms_core.access import policy
from lms_core.access.policy import Part, Permission, Scope
from lms_core.courses import service as courses
from lms_core.courses.service import CourseView
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, GroupId, LessonId, PersonId, RoomId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Read
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core, guests
from .core import State
from .model import Lesson, Standing

_MINE = (
    (Standing.organisation_id == Lesson.organisation_id)
    & (Standing.lesson_id == Lesson.id)
    & (Standing.person_id == bindparam("person"))
)
_IN_ROOM = Read(
    orgs.beside(
        select(
            Lesson.__table__,
            Standing.may_write.label("may_write"),
            Standing.place.label("place"),
            Standing.second.label("second"),
        ).join_from(Lesson, Standing, _MINE, isouter=True),
        Lesson.organisation_id,
    ).where(Lesson.room_id == bindparam("room"))
)

_LEADING = (Permission.LESSON_LEAD, Permission.MESSAGE_POST)
"""What who leads beside the teacher may."""


@dataclass(frozen=True, slots=True)
class TeacherView:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson as one person sees it. `subject` is None and `group` empty for an unplanned one.

    `may_join`: a parent sees a child's lessons and is in none of them.
    """

    id: LessonId
    title: str
    subject: Names | None
    group: str
    starts_at: datetime
    ends_at: datetime
    state: Literal["planned", "open", "ended", "cancelled"]
    teacher: TeacherView
    room_id: RoomId
    organisation_id: UnitId
    planned: bool
    my_part: Part
    may_join: bool
    learners: int


@dataclass(frozen=True, slots=True)
class LessonRef:
    """Which lesson, in whose stream, in which room."""

    id: LessonId
    organisation_id: UnitId
    room_id: RoomId


@dataclass(frozen=True, slots=True)
class InRoom:
    """What an actor may do with a room, whether they are in it or not. `leads`: by their part in the lesson, or beside
    its teacher for now; `place`: the breakout they are in. `course_id`: None for an unplanned lesson."""

    lesson: LessonRef
    leads: bool
    course_id: CourseId | None
    may_write: bool = True
    place: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A lesson that the actor may know of."""

    row: Lesson
    organisation: Organisation
    course: CourseView | None
    scopes: tuple[Scope, ...]
    part: Part | None
    day: date


async def of_room_for(tx: Tx, room_id: RoomId, permission: Permission) -> LessonRef:
    """The lesson of a room, for who has a permission on it. Raises NotFound, Forbidden."""
    return (await in_room_for(tx, room_id, permission)).lesson


async def in_room_for(tx: Tx, room_id: RoomId, permission: Permission) -> InRoom:
    """The same, with whether the actor leads the lesson. Raises NotFound, Forbidden."""
    for row in await tx.read(_IN_ROOM, room=room_id, person=tx.actor.person):
        there = orgs.found_beside(row)
        if not orgs.is_within_reach(there, [held.path for held in tx.actor.roles]):
            break
        own = [Scope(there.path, row.teacher_id)]
        if all(
            policy.allows(tx.actor, one, own) for one in (Permission.LESSON_READ, Permission.LESSON_LEAD, permission)
        ):
            # of whose own lesson it is nothing else need be asked
            return InRoom(ref_of(row), True, row.course_id, place=row.place)
        for seen in await seen_of(tx, [row], {there.id: there}, core.local_time(row.starts_at, there.zone).date()):
            leads = seen.part == "lead" or bool(row.second)
            if not policy.allows(tx.actor, permission, seen.scopes) and not (leads and permission in _LEADING):
                raise Forbidden(needs=permission)
            may_write = leads or (not row.quiet if row.may_write is None else row.may_write)
            return InRoom(ref_of(row), leads, row.course_id, may_write, row.place)
    raise NotFound(kind="lesson")


async def lead_room(tx: Tx, room_id: RoomId) -> LessonRef:
    """The lesson of a room, for who leads it. Raises NotFound, Forbidden."""
    there = await in_room_for(tx, room_id, Permission.LESSON_READ)
    if not there.leads:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    return there.lesson


async def open_room(tx: Tx, room_id: RoomId, part: Part) -> LessonRef:
    """The lesson whose room the actor may use now, in this part at least.

    Raises NotFound, LessonNotOpen, LessonEnded, Forbidden (the part is not the actor's any more).
    """
    rows = await tx.read(_IN_ROOM, room=room_id, person=tx.actor.id)
    if not rows:
        raise NotFound(kind="room")
    row, there = rows[0], orgs.found_beside(rows[0])
    core.after(State(row.state), "enter")
    if not orgs.is_within_reach(there, [held.path for held in tx.actor.roles]):
        raise NotFound(kind="lesson")
    own = [Scope(there.path, row.teacher_id)]
    if all(policy.allows(tx.actor, one, own) for one in (Permission.LESSON_READ, Permission.LESSON_LEAD)):
        return ref_of(row)  # of whose own lesson it is nothing else need be asked
    found = await seen_of(tx, [row], {there.id: there}, core.local_time(row.starts_at, there.zone).date())
    if not found:
        raise NotFound(kind="lesson")
    may = found[0].part
    if not policy.reaches(may, part) and not (may and part == "lead" and row.second):
        raise Forbidden(needs=Permission.LESSON_JOIN)
    return ref_of(row)


async def find(tx: Tx, which: ColumnElement[bool]) -> Seen:
    reach = await reach_of(tx)
    row = await tx.one(select(Lesson).where(Lesson.organisation_id.in_(reach), which))
    if row is None:
        raise NotFound(kind="lesson")
    day = core.local_time(row.starts_at, reach[row.organisation_id].zone).date()
    found = await seen_of(tx, [row], reach, day)
    if not found:
        raise NotFound(kind="lesson")
    return found[0]


async def reach_of(tx: Tx) -> dict[UnitId, Organisation]:
    return await orgs.within_reach(tx, [held.path for held in tx.actor.roles])


async def own(tx: Tx, reach: dict[UnitId, Organisation], day: date) -> ColumnElement[bool]:
    """Which of the organisations' lessons are an actor's own. Roles wider than one organisation add none."""
    readable = policy.paths_permitting(tx.actor, Permission.LESSON_READ)
    whole = {one.id for one in reach.values() if any(h.path == one.path and h.person is None for h in tx.actor.roles)}
    persons = policy.persons_of(tx.actor)
    taking = {group for group, _ in await groups.learning(tx, reach, persons, day)}
    taking |= {GroupId(part) for path in readable for part in path.split("/") if part.startswith("group_")}
    own = await courses.of_members(tx, taking, persons)
    own |= {CourseId(part) for path in readable for part in path.split("/") if part.startswith("course_")}
    return or_(
        Lesson.organisation_id.in_(whole),
        Lesson.course_id.in_(own),
        Lesson.teacher_id == tx.actor.id,
        Lesson.id.in_(guests.lessons_of(reach, persons)),
    )


async def seen_of(tx: Tx, rows: Sequence[Lesson], reach: dict[UnitId, Organisation], day: date) -> list[Seen]:
    """Those of the lessons that the actor may read, with the part they have in each."""
    known = await courses.views(tx, {row.course_id for row in rows if row.course_id})
    learning = await groups.learning(tx, {row.organisation_id for row in rows}, policy.persons_of(tx.actor), day)
    invited = await guests.of(tx, [row for row in rows if row.by_invitation])
    seen = []
    for row in rows:
        course = known[row.course_id] if row.course_id else None
        organisation = reach[row.organisation_id]
        led, attended = _scopes(row, organisation, course, learning, invited.get(row.id, ()))
        part = policy.part_in_lesson(tx.actor, led, attended)
        if policy.allows(tx.actor, Permission.LESSON_READ, (*led, *attended)):
            seen.append(Seen(row, organisation, course, (*led, *attended), part, day))
    return seen


def _scopes(
    row: Lesson,
    organisation: Organisation,
    course: CourseView | None,
    learning: Collection[tuple[GroupId, PersonId]],
    invited: Collection[PersonId],
) -> tuple[list[Scope], list[Scope]]:
    """Where the lesson is led, and where it is attended."""
    led = [Scope(organisation.path, row.teacher_id)]
    if row.by_invitation:
        return led, [Scope(organisation.path, person) for person in invited]
    if course is None:
        return led, [Scope(organisation.path, anybody=True)]
    led += [Scope(course.path), *(Scope(organisation.path, teacher) for teacher in course.teachers)]
    attended = [Scope(group.path) for group in course.groups]
    paths = {group.id: group.path for group in course.groups}
    attended += [Scope(paths[group], person) for group, person in learning if group in paths]
    return led, attended


async def view_of(tx: Tx, seen: Seen) -> LessonView:
    return (await views_of(tx, [seen]))[0]


async def views_of(tx: Tx, seen: Sequence[Seen]) -> list[LessonView]:
    if not seen:
        return []
    names = await people.names(tx, {one.row.teacher_id for one in seen})
    taking = {group.id for one in seen if one.course for group in one.course.groups}
    sizes = await groups.sizes(tx, {one.organisation.id for one in seen}, taking, seen[0].day)
    return [
        LessonView(
            id=one.row.id,
            title=one.row.title,
            subject=one.course and one.course.subject,
            group=", ".join(group.name for group in one.course.groups) if one.course else "",
            starts_at=one.row.starts_at,
            ends_at=one.row.ends_at,
            state=State(one.row.state).value,
            teacher=TeacherView(one.row.teacher_id, names.get(one.row.teacher_id, "")),
            room_id=one.row.room_id,
            organisation_id=one.row.organisation_id,
            planned=one.course is not None,
            my_part=one.part or "see",
            may_join=one.part is not None and one.row.state != State.CANCELLED,
            learners=sum(sizes.get(group.id, 0) for group in one.course.groups) if one.course else 0,
        )
        for one in seen
    ]


def ref_of(row: Lesson) -> LessonRef:
    return LessonRef(row.id, row.organisation_id, row.room_id)
