"""Lessons: finding those of an actor, opening, joining and ending them, and who was there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select

from lms_core.access import policy
from lms_core.access.policy import Part, Permission, Rights, Scope
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

from . import core, guests, visits
from .core import State
from .events import LessonEnded, LessonOpened, LessonStarted
from .model import Guest, Lesson, Visit
from .visits import is_on, record_entered, record_left, record_left_but

MOST_BETWEEN = 2000

__all__ = ["is_on", "record_entered", "record_left", "record_left_but"]


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
    """What an actor may do with a room, whether they are in it or not. `course_id`: None for an unplanned lesson."""

    lesson: LessonRef
    leads: bool
    course_id: CourseId | None


@dataclass(frozen=True, slots=True)
class Joining:
    """What the media grant is made of; `name` is the participant's."""

    lesson: LessonRef
    view: LessonView
    part: Part
    name: str
    rights: Rights


@dataclass(frozen=True, slots=True)
class DayOfLessons:
    """`position`: of the stream of the actor's own organisation, read before the items."""

    position: int
    organisation_id: UnitId
    day: date
    items: list[LessonView]


@dataclass(frozen=True, slots=True)
class Hour:
    """When a lesson is, and whether it is over."""

    starts_at: datetime
    ends_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class _Seen:
    """A lesson that the actor may know of."""

    row: Lesson
    organisation: Organisation
    course: CourseView | None
    scopes: tuple[Scope, ...]
    part: Part | None
    day: date


async def list_for(tx: Tx, day: date | None) -> DayOfLessons:
    """The actor's lessons of a day, by default today: on now, then coming, then past."""
    home = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
    position = await tx.position(home.id)
    today = core.local_time(tx.now, home.zone).date()
    day = day or today
    reach = await _reach(tx)
    first, after = core.day_bounds(day, home.zone)
    on_day = (Lesson.starts_at < after) & (Lesson.starts_at > first - timedelta(days=1)) & (Lesson.ends_at > first)
    when = on_day | (Lesson.state == State.OPEN) if day == today else on_day
    rows = await tx.all(select(Lesson).where(Lesson.organisation_id.in_(reach), when, await _mine(tx, reach, day)))
    seen = await _seen(tx, rows, reach, day)
    seen.sort(
        key=lambda one: (*core.rank(State(one.row.state), one.row.starts_at, one.row.ends_at, tx.now), one.row.id)
    )
    return DayOfLessons(position, home.id, day, await _views(tx, seen))


async def between(tx: Tx, first: date, last: date) -> list[LessonView]:
    """The actor's lessons of these days, both within, the earliest first; by the classes they are in today."""
    reach = await _reach(tx)
    begins, after = datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)
    when = (Lesson.starts_at >= begins) & (Lesson.starts_at < after)
    mine = await _mine(tx, reach, tx.now.date())
    query = select(Lesson).where(Lesson.organisation_id.in_(reach), when, mine).order_by(Lesson.starts_at)
    return await _views(tx, await _seen(tx, await tx.all(query.limit(MOST_BETWEEN)), reach, tx.now.date()))


async def read_for(tx: Tx, lesson_id: LessonId) -> tuple[int, LessonView]:
    """The position of the lesson's stream, and the lesson. Raises NotFound."""
    seen = await _find(tx, Lesson.id == lesson_id)
    position = await tx.position(seen.organisation.id)
    return position, await _view(tx, seen)


async def start_unplanned(tx: Tx, title: str) -> LessonView:
    """A lesson that begins now, led by the actor, open to the whole organisation.

    In the actor's own organisation, or the first one where they may. Raises LessonTitleTooLong, Forbidden.
    """
    there = await orgs.within_reach(tx, policy.paths_permitting(tx.actor, Permission.LESSON_CREATE))
    if not there:
        raise Forbidden(needs=Permission.LESSON_CREATE)
    home = await people.home_of(tx, tx.actor.id)
    organisation = there.get(home) or there[min(there)]
    row = new_lesson(tx, organisation, None, tx.actor.id, title, tx.now, tx.now + core.LENGTH)
    row.state, row.opened_at = State.OPEN, tx.now
    tx.add(row)
    fact = LessonStarted(
        organisation_id=row.organisation_id, lesson_id=row.id, room_id=row.room_id, teacher_id=row.teacher_id
    )
    tx.emit(fact)
    [seen] = await _seen(tx, [row], {organisation.id: organisation}, core.local_time(tx.now, organisation.zone).date())
    return await _view(tx, seen)


async def join(tx: Tx, lesson_id: LessonId) -> Joining:
    """The right to be in the lesson's room now. Who leads the lesson opens it by coming.

    Raises NotFound, Forbidden (may know of it, not be in it), LessonNotOpen, LessonEnded.
    """
    seen = await _find(tx, Lesson.id == lesson_id)
    if seen.part is None:
        raise Forbidden(needs=Permission.LESSON_JOIN)
    if seen.part == "lead":
        _open(tx, seen)
    core.after(State(seen.row.state), "enter")
    view = await _view(tx, seen)
    name = (await people.names(tx, [tx.actor.id]))[tx.actor.id]
    return Joining(_ref(seen.row), view, seen.part, name, policy.rights_in_room(seen.part))


async def accounted_for(tx: Tx, lesson_id: LessonId) -> tuple[LessonRef, LessonView, list[GroupId]]:
    """A lesson and the groups it is for, for who leads it, or looks after its school.

    Raises NotFound, Forbidden.
    """
    seen = await _find(tx, Lesson.id == lesson_id)
    looks_after = policy.allows(tx.actor, Permission.PLAN_READ, [Scope(seen.organisation.path)])
    if seen.part != "lead" and not looks_after:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    taking = [group.id for group in seen.course.groups] if seen.course else []
    return _ref(seen.row), await _view(tx, seen), taking


async def end(tx: Tx, lesson_id: LessonId) -> LessonView:
    """Raises NotFound, Forbidden (only who leads it ends it), LessonNotOpen."""
    seen = await _find(tx, Lesson.id == lesson_id)
    if seen.part != "lead":
        raise Forbidden(needs=Permission.LESSON_LEAD)
    await end_row(tx, seen.row)
    return await _view(tx, seen)


async def end_row(tx: Tx, row: Lesson) -> None:
    """End a lesson that was found; once ended it stays so. Raises LessonNotOpen."""
    was, row.state = row.state, core.after(State(row.state), "end")
    if was == row.state:
        return
    if row.course_id is None and not row.by_invitation:
        row.ends_at = tx.now
    await visits.all_left_lesson(tx, row)
    fact = LessonEnded(organisation_id=row.organisation_id, lesson_id=row.id, room_id=row.room_id, ends_at=row.ends_at)
    tx.emit(fact)


async def of_room_for(tx: Tx, room_id: RoomId, permission: Permission) -> LessonRef:
    """The lesson of a room, for who has a permission on it. Raises NotFound, Forbidden."""
    return (await in_room_for(tx, room_id, permission)).lesson


async def in_room_for(tx: Tx, room_id: RoomId, permission: Permission) -> InRoom:
    """The same, with whether the actor leads the lesson. Raises NotFound, Forbidden."""
    for row in await tx.read(_IN_ROOM, room=room_id):
        there = orgs.found_beside(row)
        if not orgs.is_within_reach(there, [held.path for held in tx.actor.roles]):
            break
        own = [Scope(there.path, row.teacher_id)]
        if all(
            policy.allows(tx.actor, one, own) for one in (Permission.LESSON_READ, Permission.LESSON_LEAD, permission)
        ):
            return InRoom(_ref(row), True, row.course_id)  # of whose own lesson it is nothing else need be asked
        for seen in await _seen(tx, [row], {there.id: there}, core.local_time(row.starts_at, there.zone).date()):
            if not policy.allows(tx.actor, permission, seen.scopes):
                raise Forbidden(needs=permission)
            return InRoom(_ref(row), seen.part == "lead", row.course_id)
    raise NotFound(kind="lesson")


async def lead_room(tx: Tx, room_id: RoomId) -> LessonRef:
    """The lesson of a room, for who leads it. Raises NotFound, Forbidden."""
    seen = await _find(tx, Lesson.room_id == room_id)
    if seen.part != "lead":
        raise Forbidden(needs=Permission.LESSON_LEAD)
    return _ref(seen.row)


async def open_room(tx: Tx, room_id: RoomId, part: Part) -> LessonRef:
    """The lesson whose room the actor may use now, in this part at least.

    Raises NotFound, LessonNotOpen, LessonEnded, Forbidden (the part is not the actor's any more).
    """
    core.after(State((await visits.lesson_of_room(tx, room_id)).state), "enter")
    seen = await _find(tx, Lesson.room_id == room_id)
    if not policy.reaches(seen.part, part):
        raise Forbidden(needs=Permission.LESSON_JOIN)
    return _ref(seen.row)


async def mine(tx: Tx) -> Select[LessonId]:
    """A query of the lessons that are the actor's own or that they were in; to be put into another."""
    reach = await _reach(tx)
    own = await _mine(tx, reach, tx.now.date())
    was_in = select(Visit.lesson_id).where(Visit.organisation_id.in_(reach), Visit.person_id == tx.actor.id)
    return select(Lesson.id).where(Lesson.organisation_id.in_(reach), or_(own, Lesson.id.in_(was_in)))


async def parts_in(tx: Tx, wanted: Collection[LessonId]) -> dict[LessonId, tuple[LessonView, Part | None]]:
    """Those of some lessons that the actor may know of, with the part they have in each today."""
    reach = await _reach(tx)
    rows = await tx.all(select(Lesson).where(Lesson.organisation_id.in_(reach), Lesson.id.in_(wanted)))
    seen = await _seen(tx, rows, reach, tx.now.date())
    return {view.id: (view, one.part) for view, one in zip(await _views(tx, seen), seen, strict=True)}


async def rooms_with(tx: Tx, person: PersonId) -> list[RoomId]:
    """The rooms that the join log has a person in now."""
    same = (Visit.organisation_id == Lesson.organisation_id) & (Visit.lesson_id == Lesson.id)
    here = (Visit.person_id == person) & Visit.left.is_(None)
    return list(await tx.all(select(Lesson.room_id).join(Visit, same).where(here).distinct()))


async def plan(
    tx: Tx,
    organisation: Organisation,
    course: CourseId,
    teacher: PersonId,
    title: str,
    begins: datetime,
    length: timedelta,
) -> LessonRef:
    """Put a lesson into the timetable. `begins` without a zone is the organisation's wall time."""
    starts_at = core.moment(begins, organisation.zone)
    row = new_lesson(tx, organisation, course, teacher, title, starts_at, starts_at + length)
    tx.add(row)
    return _ref(row)


async def hours_of(
    tx: Tx, organisation: Organisation, after: datetime, before: datetime, teacher: PersonId
) -> list[Hour]:
    """A teacher's planned lessons that touch a span of time, the earliest first. What has no zone is the
    organisation's wall time."""
    query = (
        select(Lesson)
        .where(Lesson.organisation_id == organisation.id, Lesson.course_id.is_not(None))
        .where(Lesson.starts_at < core.moment(before, organisation.zone))
        .where(Lesson.ends_at > core.moment(after, organisation.zone))
        .where(Lesson.teacher_id == teacher)
        .order_by(Lesson.starts_at)
    )
    return [Hour(row.starts_at, row.ends_at, row.state == State.ENDED) for row in await tx.all(query)]


def local_time(at: datetime, organisation: Organisation) -> datetime:
    """What the clock on an organisation's wall shows, without a zone."""
    return core.local_time(at, organisation.zone)


async def check_organisation(tx: Tx, organisation_id: UnitId) -> UnitId:
    """Raises NotFound for who does not belong to an organisation: its lessons are no news for them."""
    organisation = await orgs.unit(tx, organisation_id)
    scope = Scope(organisation.path, anybody=True)
    if not policy.allows(tx.actor, Permission.ORGANISATION_READ, [scope]):
        raise NotFound(kind="unit")
    return organisation.id


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Visit).where(Visit.organisation_id == organisation))
    await tx.execute(delete(Guest).where(Guest.organisation_id == organisation))
    await tx.execute(delete(Lesson).where(Lesson.organisation_id == organisation))


# --- Finding what an actor may know of

_IN_ROOM = Read(
    orgs.beside(select(Lesson.__table__), Lesson.organisation_id).where(Lesson.room_id == bindparam("room"))
)


async def _find(tx: Tx, which: ColumnElement[bool]) -> _Seen:
    reach = await _reach(tx)
    row = await tx.one(select(Lesson).where(Lesson.organisation_id.in_(reach), which))
    if row is None:
        raise NotFound(kind="lesson")
    day = core.local_time(row.starts_at, reach[row.organisation_id].zone).date()
    found = await _seen(tx, [row], reach, day)
    if not found:
        raise NotFound(kind="lesson")
    return found[0]


async def _reach(tx: Tx) -> dict[UnitId, Organisation]:
    return await orgs.within_reach(tx, [held.path for held in tx.actor.roles])


async def _mine(tx: Tx, reach: dict[UnitId, Organisation], day: date) -> ColumnElement[bool]:
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


async def _seen(tx: Tx, rows: Sequence[Lesson], reach: dict[UnitId, Organisation], day: date) -> list[_Seen]:
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
            seen.append(_Seen(row, organisation, course, (*led, *attended), part, day))
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


async def _view(tx: Tx, seen: _Seen) -> LessonView:
    return (await _views(tx, [seen]))[0]


async def _views(tx: Tx, seen: Sequence[_Seen]) -> list[LessonView]:
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


# --- Changing


def new_lesson(
    tx: Tx,
    organisation: Organisation,
    course: CourseId | None,
    teacher: PersonId,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
) -> Lesson:
    """A planned one, not added yet. Raises LessonTitleTooLong."""
    return Lesson(
        organisation_id=organisation.id,
        id=LessonId(tx.new_id("lesson")),
        course_id=course,
        teacher_id=teacher,
        title=core.clean_title(title),
        starts_at=starts_at,
        ends_at=ends_at,
        room_id=RoomId(tx.new_id("room")),
        state=State.PLANNED,
        version=1,
    )


def _open(tx: Tx, seen: _Seen) -> None:
    row = seen.row
    core.check_day(State(row.state), row.starts_at, row.ends_at, tx.now, seen.organisation.zone)
    was, row.state = row.state, core.after(State(row.state), "open")
    if was != row.state:
        row.opened_at = tx.now
        fact = LessonOpened(organisation_id=row.organisation_id, lesson_id=row.id, room_id=row.room_id)
        tx.emit(fact)


def _ref(row: Lesson) -> LessonRef:
    return LessonRef(row.id, row.organisation_id, row.room_id)
