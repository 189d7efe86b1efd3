"""Planning an organisation's lessons: hours of a course over weeks, changes of single ones, a week to look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select

from lms_core.courses import service as courses
from lms_core.courses.service import CourseView
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, check_version
from lms_core.kernel.ids import CourseId, GroupId, LessonId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core
from .core import State
from .events import TimetableChanged
from .model import Lesson
from .service import new_lesson

CONFLICTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class HourOfWeek:
    """`weekday`: 0 is Monday. `begins`: on the organisation's wall, `08:30`."""

    weekday: int
    begins: str
    minutes: int


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """One lesson of a timetable. `day` and `begins` are those on the organisation's wall."""

    id: LessonId
    version: int
    course_id: CourseId
    subject: Names
    groups: list[str]
    group_ids: list[GroupId]
    teacher_id: PersonId
    teacher: str
    title: str
    day: date
    begins: str
    minutes: int
    starts_at: datetime
    ends_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """`what` (`teacher` or `group`) called `name` has another lesson then."""

    what: str
    name: str
    day: date
    begins: str


async def plan_weeks(
    tx: Tx,
    organisation: Organisation,
    course_id: CourseId,
    hours: Sequence[HourOfWeek],
    first: date,
    until: date,
    *,
    teacher: PersonId | None = None,
    title: str = "",
    allow_conflicts: bool = False,
) -> int:
    """Lessons of a course at the same hours each week, from a day to a day; how many. What stands there already
    is not doubled. By default with the course's first teacher.

    Raises NotFound, TooManyLessons, HourUnfit, LessonTitleTooLong, LessonConflict.
    """
    course = await courses.one_of(tx, organisation.id, course_id)
    if course.ended and until >= course.ended:
        until = course.ended - timedelta(days=1)
    teacher = teacher or course.teachers[0]
    if teacher not in course.teachers:
        raise NotFound(kind="teacher")
    wanted = [
        core.hour(day, one.begins, one.minutes) for one in hours for day in core.days_of(one.weekday % 7, first, until)
    ]
    if not 1 <= len(wanted) <= core.MOST:
        raise core.TooManyLessons(most=core.MOST)
    spans = [(at, at + length) for begins, length in wanted for at in [core.moment(begins, organisation.zone)]]
    taken = await _around(tx, organisation.id, course, teacher, spans)
    there = {row.starts_at for row in taken if row.course_id == course.id}
    spans = [span for span in spans if span[0] not in there]
    if not allow_conflicts:
        await _check(tx, organisation, course, teacher, spans, taken)
    for starts_at, ends_at in spans:
        tx.add(new_lesson(tx, organisation, course.id, teacher, title, starts_at, ends_at))
    _announce(tx, organisation, [at for at, _ in spans])
    return len(spans)


async def week(
    tx: Tx, organisation: Organisation, first: date, group: GroupId | None = None, teacher: PersonId | None = None
) -> list[PlannedLesson]:
    """The planned lessons of seven days, the earliest first; of one group or teacher."""
    begin, _ = core.day_bounds(first, organisation.zone)
    after, _ = core.day_bounds(first + timedelta(days=7), organisation.zone)
    query = select(Lesson).where(Lesson.organisation_id == organisation.id, Lesson.course_id.is_not(None))
    query = query.where(Lesson.starts_at >= begin, Lesson.starts_at < after)
    if group:
        query = query.where(Lesson.course_id.in_(await courses.of_members(tx, [group], [])))
    if teacher:
        query = query.where(Lesson.teacher_id == teacher)
    rows = await tx.all(query.order_by(Lesson.starts_at, Lesson.id).limit(5000))
    return await _views(tx, organisation, rows)


async def change(
    tx: Tx,
    organisation: Organisation,
    lesson: LessonId,
    version: int,
    *,
    day: date,
    begins: str,
    minutes: int,
    teacher: PersonId,
    title: str,
    allow_conflicts: bool = False,
) -> PlannedLesson:
    """Another time, title, or teacher (a substitute must be one who may teach there).

    Raises NotFound, Stale, LessonBegun, HourUnfit, LessonTitleTooLong, LessonConflict.
    """
    row = await _row(tx, organisation.id, lesson, version)
    if row.state not in (State.PLANNED, State.CANCELLED):
        raise core.LessonBegun
    core.day_bounds(day, organisation.zone)
    at, length = core.hour(day, begins, minutes)
    starts_at = core.moment(at, organisation.zone)
    if teacher != row.teacher_id and teacher not in await courses.may_teach(tx, organisation, [teacher]):
        raise NotFound(kind="teacher")
    assert row.course_id
    course = await courses.one_of(tx, organisation.id, row.course_id)
    span = (starts_at, starts_at + length)
    if not allow_conflicts:
        taken = await _around(tx, organisation.id, course, teacher, [span])
        await _check(tx, organisation, course, teacher, [span], [one for one in taken if one.id != row.id])
    was = row.starts_at
    row.starts_at, row.ends_at = span
    row.teacher_id, row.title, row.version = teacher, core.clean_title(title), row.version + 1
    _announce(tx, organisation, [was, row.starts_at])
    return (await _views(tx, organisation, [row]))[0]


async def cancel(
    tx: Tx,
    organisation: Organisation,
    lesson: LessonId,
    version: int,
    *,
    restore: bool = False,
    following: bool = False,
) -> PlannedLesson:
    """It will not be, or will be after all. `following`: with the later ones of its course at the same weekday
    and hour. Raises NotFound, Stale, LessonBegun."""
    row = await _row(tx, organisation.id, lesson, version)
    rows = [row]
    if following:
        at = core.local_time(row.starts_at, organisation.zone)
        for one in await _to_come(tx, organisation.id):
            other = core.local_time(one.starts_at, organisation.zone)
            same = (other.weekday(), other.time()) == (at.weekday(), at.time()) and one.course_id == row.course_id
            if same and other > at:
                rows.append(one)
    for one in rows:
        one.state = core.after(State(one.state), "restore" if restore else "cancel")
        one.version += 1
    _announce(tx, organisation, [one.starts_at for one in rows])
    return (await _views(tx, organisation, [row]))[0]


async def keep_on_wall(tx: Tx, organisation: UnitId, was: str, now: str) -> None:
    """The organisation's zone changed: what is planned keeps its time on the wall."""
    for row in await _to_come(tx, organisation):
        length = row.ends_at - row.starts_at
        row.starts_at = core.moment(core.local_time(row.starts_at, was), now)
        row.ends_at = row.starts_at + length


async def hand_over(tx: Tx, organisation: UnitId, course: CourseId, teachers: Sequence[PersonId]) -> None:
    """Lessons to come of whoever teaches the course no more go to its first teacher."""
    for row in await _to_come(tx, organisation):
        if row.course_id == course and row.teacher_id not in teachers:
            row.teacher_id = teachers[0]


async def drop_from(tx: Tx, organisation: Organisation, course: CourseId, day: date) -> None:
    """The course ended: lessons planned for that day and later go."""
    after, _ = core.day_bounds(day, organisation.zone)
    for row in await _to_come(tx, organisation.id):
        if row.course_id == course and row.starts_at >= after:
            await tx.delete(row)


async def _to_come(tx: Tx, organisation: UnitId) -> Sequence[Lesson]:
    later = (Lesson.organisation_id == organisation) & (Lesson.starts_at > tx.now)
    states = (State.PLANNED, State.CANCELLED)
    return await tx.all(select(Lesson).where(later, Lesson.course_id.is_not(None), Lesson.state.in_(states)))


_Span = tuple[datetime, datetime]


async def _around(
    tx: Tx, organisation: UnitId, course: CourseView, teacher: PersonId, spans: Sequence[_Span]
) -> Sequence[Lesson]:
    """Lessons of the same teacher or groups from the first to the last of the spans."""
    if not spans:
        return []
    others = await courses.of_members(tx, course.group_ids, [])
    query = select(Lesson).where(Lesson.organisation_id == organisation, Lesson.course_id.is_not(None))
    query = query.where(Lesson.starts_at > min(spans)[0] - timedelta(days=1), Lesson.starts_at < max(spans)[1])
    query = query.where(or_(Lesson.course_id.in_(others), Lesson.teacher_id == teacher))
    return await tx.all(query.where(Lesson.state != State.CANCELLED))


async def _check(
    tx: Tx,
    organisation: Organisation,
    course: CourseView,
    teacher: PersonId,
    spans: Sequence[_Span],
    taken: Sequence[Lesson],
) -> None:
    """Raises LessonConflict."""
    found_all = [row for row in taken if any(row.starts_at < ends and starts < row.ends_at for starts, ends in spans)]
    clashes = found_all[:CONFLICTS_SHOWN]
    if not clashes:
        return
    names = await people.names(tx, [teacher])
    known = await courses.views(tx, {row.course_id for row in clashes if row.course_id})
    found = []
    for row in clashes:
        at = core.local_time(row.starts_at, organisation.zone)
        if row.teacher_id == teacher:
            found.append(Conflict("teacher", names[teacher], at.date(), f"{at:%H:%M}"))
        assert row.course_id
        shared = [group.name for group in known[row.course_id].groups if group.id in course.group_ids]
        found += [Conflict("group", name, at.date(), f"{at:%H:%M}") for name in shared]
    raise core.LessonConflict(
        conflicts=[
            {"what": one.what, "name": one.name, "day": one.day.isoformat(), "begins": one.begins} for one in found
        ],
        more=len(found_all) - len(clashes),
    )


async def _row(tx: Tx, organisation: UnitId, lesson: LessonId, version: int) -> Lesson:
    row = await tx.get(Lesson, (organisation, lesson))
    if row is None or row.course_id is None:
        raise NotFound(kind="lesson")
    check_version(row.version, version)
    return row


def _announce(tx: Tx, organisation: Organisation, moments: Sequence[datetime]) -> None:
    if moments:
        days = [core.local_time(at, organisation.zone).date() for at in moments]
        tx.emit(TimetableChanged(organisation_id=organisation.id, first=min(days), last=max(days)))


async def _views(tx: Tx, organisation: Organisation, rows: Sequence[Lesson]) -> list[PlannedLesson]:
    known = await courses.views(tx, {row.course_id for row in rows if row.course_id})
    names = await people.names(tx, {row.teacher_id for row in rows})
    return [_view(organisation, row, known[row.course_id], names) for row in rows if row.course_id]


def _view(organisation: Organisation, row: Lesson, course: CourseView, names: dict[PersonId, str]) -> PlannedLesson:
    at = core.local_time(row.starts_at, organisation.zone)
    return PlannedLesson(
        id=row.id,
        version=row.version,
        course_id=course.id,
        subject=course.subject,
        groups=[group.name for group in course.groups],
        group_ids=[group.id for group in course.groups],
        teacher_id=row.teacher_id,
        teacher=names.get(row.teacher_id, ""),
        title=row.title,
        day=at.date(),
        begins=f"{at:%H:%M}",
        minutes=int((row.ends_at - row.starts_at).total_seconds() // 60),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        state=row.state,
    )
