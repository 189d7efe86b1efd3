"""Lessons: finding those of an actor, opening, joining and ending them, and who was there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Select, delete, or_, select

from lms_core.access import policy
from lms_core.access.policy import Part, Permission, Rights, Scope
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, GroupId, LessonId, PersonId, RoomId, UnitId
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core, knowing, standings, visits
from .core import State
from .events import LessonEnded, LessonOpened, LessonStarted
from .knowing import (
    InRoom,
    LessonRef,
    LessonView,
    Seen,
    TeacherView,
    in_room_for,
    lead_room,
    of_room_for,
    open_room,
)
from .model import Guest, Lesson, Standing, Visit
from .standings import Stands, record_standings
from .visits import is_on, record_entered, record_left, record_left_but

MOST_BETWEEN = 2000

__all__ = [
    "InRoom",
    "LessonRef",
    "LessonView",
    "Stands",
    "TeacherView",
    "in_room_for",
    "is_on",
    "lead_room",
    "of_room_for",
    "open_room",
    "record_entered",
    "record_left",
    "record_left_but",
    "record_standings",
]


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


async def list_for(tx: Tx, day: date | None) -> DayOfLessons:
    """The actor's lessons of a day, by default today: on now, then coming, then past."""
    home = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
    position = await tx.position(home.id)
    today = core.local_time(tx.now, home.zone).date()
    day = day or today
    reach = await knowing.reach_of(tx)
    first, after = core.day_bounds(day, home.zone)
    on_day = (Lesson.starts_at < after) & (Lesson.starts_at > first - timedelta(days=1)) & (Lesson.ends_at > first)
    when = on_day | (Lesson.state == State.OPEN) if day == today else on_day
    rows = await tx.all(
        select(Lesson).where(Lesson.organisation_id.in_(reach), when, await knowing.own(tx, reach, day))
    )
    seen = await knowing.seen_of(tx, rows, reach, day)
    seen.sort(
        key=lambda one: (*core.rank(State(one.row.state), one.row.starts_at, one.row.ends_at, tx.now), one.row.id)
    )
    return DayOfLessons(position, home.id, day, await knowing.views_of(tx, seen))


async def between(tx: Tx, first: date, last: date) -> list[LessonView]:
    """The actor's lessons of these days, both within, the earliest first; by the classes they are in today."""
    reach = await knowing.reach_of(tx)
    begins, after = datetime.combine(first, time(), UTC), datetime.combine(last + timedelta(days=1), time(), UTC)
    when = (Lesson.starts_at >= begins) & (Lesson.starts_at < after)
    mine = await knowing.own(tx, reach, tx.now.date())
    query = select(Lesson).where(Lesson.organisation_id.in_(reach), when, mine).order_by(Lesson.starts_at)
    return await knowing.views_of(
        tx, await knowing.seen_of(tx, await tx.all(query.limit(MOST_BETWEEN)), reach, tx.now.date())
    )


async def read_for(tx: Tx, lesson_id: LessonId) -> tuple[int, LessonView]:
    """The position of the lesson's stream, and the lesson. Raises NotFound."""
    seen = await knowing.find(tx, Lesson.id == lesson_id)
    position = await tx.position(seen.organisation.id)
    return position, await knowing.view_of(tx, seen)


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
    [seen] = await knowing.seen_of(
        tx, [row], {organisation.id: organisation}, core.local_time(tx.now, organisation.zone).date()
    )
    return await knowing.view_of(tx, seen)


async def join(tx: Tx, lesson_id: LessonId) -> Joining:
    """The right to be in the lesson's room now. Who leads the lesson opens it by coming.

    Raises NotFound, Forbidden (may know of it, not be in it), LessonNotOpen, LessonEnded.
    """
    seen = await knowing.find(tx, Lesson.id == lesson_id)
    if seen.part is None:
        raise Forbidden(needs=Permission.LESSON_JOIN)
    if seen.part == "lead":
        _open(tx, seen)
    core.after(State(seen.row.state), "enter")
    view = await knowing.view_of(tx, seen)
    name = (await people.names(tx, [tx.actor.id]))[tx.actor.id]
    return Joining(knowing.ref_of(seen.row), view, seen.part, name, policy.rights_in_room(seen.part))


async def accounted_for(tx: Tx, lesson_id: LessonId) -> tuple[LessonRef, LessonView, list[GroupId]]:
    """A lesson and the groups it is for, for who leads it, or looks after its school.

    Raises NotFound, Forbidden.
    """
    seen = await knowing.find(tx, Lesson.id == lesson_id)
    looks_after = policy.allows(tx.actor, Permission.PLAN_READ, [Scope(seen.organisation.path)])
    if seen.part != "lead" and not looks_after:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    taking = [group.id for group in seen.course.groups] if seen.course else []
    return knowing.ref_of(seen.row), await knowing.view_of(tx, seen), taking


async def end(tx: Tx, lesson_id: LessonId) -> LessonView:
    """Raises NotFound, Forbidden (only who leads it ends it), LessonNotOpen."""
    seen = await knowing.find(tx, Lesson.id == lesson_id)
    if seen.part != "lead":
        raise Forbidden(needs=Permission.LESSON_LEAD)
    await end_row(tx, seen.row)
    return await knowing.view_of(tx, seen)


async def end_row(tx: Tx, row: Lesson) -> None:
    """End a lesson that was found; once ended it stays so. Raises LessonNotOpen."""
    was, row.state = row.state, core.after(State(row.state), "end")
    if was == row.state:
        return
    if row.course_id is None and not row.by_invitation:
        row.ends_at = tx.now
    await visits.all_left_lesson(tx, row)
    await standings.forget_standings(tx, row)
    fact = LessonEnded(organisation_id=row.organisation_id, lesson_id=row.id, room_id=row.room_id, ends_at=row.ends_at)
    tx.emit(fact)


async def mine(tx: Tx) -> Select[LessonId]:
    """A query of the lessons that are the actor's own or that they were in; to be put into another."""
    reach = await knowing.reach_of(tx)
    own = await knowing.own(tx, reach, tx.now.date())
    was_in = select(Visit.lesson_id).where(Visit.organisation_id.in_(reach), Visit.person_id == tx.actor.id)
    return select(Lesson.id).where(Lesson.organisation_id.in_(reach), or_(own, Lesson.id.in_(was_in)))


async def own_of(tx: Tx, wanted: Collection[LessonId]) -> set[LessonId]:
    """Those of some lessons that are the actor's own or that they were in."""
    return set(await tx.all((await mine(tx)).where(Lesson.id.in_(wanted)))) if wanted else set()


async def parts_in(tx: Tx, wanted: Collection[LessonId]) -> dict[LessonId, tuple[LessonView, Part | None]]:
    """Those of some lessons that the actor may know of, with the part they have in each today."""
    reach = await knowing.reach_of(tx)
    rows = await tx.all(select(Lesson).where(Lesson.organisation_id.in_(reach), Lesson.id.in_(wanted)))
    seen = await knowing.seen_of(tx, rows, reach, tx.now.date())
    return {view.id: (view, one.part) for view, one in zip(await knowing.views_of(tx, seen), seen, strict=True)}


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
    return knowing.ref_of(row)


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
    await tx.execute(delete(Standing).where(Standing.organisation_id == organisation))
    await tx.execute(delete(Guest).where(Guest.organisation_id == organisation))
    await tx.execute(delete(Lesson).where(Lesson.organisation_id == organisation))


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


def _open(tx: Tx, seen: Seen) -> None:
    row = seen.row
    core.check_day(State(row.state), row.starts_at, row.ends_at, tx.now, seen.organisation.zone)
    was, row.state = row.state, core.after(State(row.state), "open")
    if was != row.state:
        row.opened_at = tx.now
        fact = LessonOpened(organisation_id=row.organisation_id, lesson_id=row.id, room_id=row.room_id)
        tx.emit(fact)
