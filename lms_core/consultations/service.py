"""Opening, booking and calling off consultations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.courses import service as courses
from lms_core.courses.service import CourseView
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, LessonId, PersonId, UnitId
from lms_core.kernel.names import Names
from lms_core.lessons import guests
from lms_core.lessons.guests import Meeting
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core
from .events import ConsultationBooked, ConsultationCalledOff, ConsultationGivenBack
from .model import Slot


@dataclass(frozen=True, slots=True)
class BookedBy:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class ConsultationView:
    """One consultation as one person sees it: `booked_by` is told to its teacher only, others read how many are
    `booked`. `mine`: I lead it, I have booked it, or I may book it."""

    lesson_id: LessonId
    teacher_id: PersonId
    teacher: str
    subject: Names | None
    title: str
    starts_at: datetime
    ends_at: datetime
    state: Literal["planned", "open", "ended", "cancelled"]
    places: int
    booked: int
    mine: Literal["leads", "booked", "free"]
    booked_by: list[BookedBy]


@dataclass(frozen=True, slots=True)
class Opening:
    """`count` slots of `minutes` each, one after the other, from `begins` (`15:30` on the wall) of `day`."""

    day: date
    begins: str
    minutes: int
    count: int = 1
    places: int = 1
    title: str = ""
    course_id: CourseId | None = None


async def open_slots(tx: Tx, asked: Opening) -> list[ConsultationView]:
    """The actor's own consultations. Raises Forbidden, NotFound, HourUnfit, ConsultationUnfit, TeacherBusy,
    LessonTitleTooLong."""
    organisation = await _home(tx)
    if not policy.allows(tx.actor, Permission.LESSON_CREATE, [Scope(organisation.path, tx.actor.id)]):
        raise Forbidden(needs=Permission.LESSON_CREATE)
    if asked.course_id is not None and asked.course_id not in await _taught(tx, tx.actor.id):
        raise NotFound(kind="course")
    first = guests.begins(organisation, asked.day, asked.begins, asked.minutes)
    starts = core.check_slots(first, asked.minutes, asked.count, asked.places, tx.now)
    rows: list[Slot] = []
    for at in starts:
        if await guests.is_busy(tx, organisation.id, tx.actor.id, at, at + timedelta(minutes=asked.minutes)):
            raise core.TeacherBusy(starts_at=at.isoformat())
        lesson = await guests.plan(tx, organisation, tx.actor.id, asked.title, at, asked.minutes)
        slot = Slot(
            organisation_id=organisation.id,
            lesson_id=lesson,
            teacher_id=tx.actor.id,
            course_id=asked.course_id,
            places=asked.places,
            starts_at=at,
        )
        rows.append(slot)
    tx.add(*rows)
    guests.announce(tx, organisation, first)
    return await _views(tx, organisation, rows)


async def list_for(tx: Tx) -> list[ConsultationView]:
    """Those that the actor leads, has booked or may book, from yesterday on; the earliest first."""
    organisation = await _home(tx)
    teachers = await _my_teachers(tx, organisation)
    here = (Slot.organisation_id == organisation.id) & (Slot.starts_at > tx.now - timedelta(days=1))
    query = select(Slot).where(here, Slot.teacher_id.in_([tx.actor.id, *teachers])).order_by(Slot.starts_at)
    rows = [row for row in await tx.all(query.limit(500)) if _is_for(tx, row, teachers)]
    return [view for view in await _views(tx, organisation, rows) if _is_news(view, tx.now)]


async def book(tx: Tx, lesson_id: LessonId) -> ConsultationView:
    """Said twice, it is booked once. Raises NotFound, ConsultationFull, ConsultationOver."""
    organisation, row, meeting = await _find(tx, lesson_id)
    if row.teacher_id == tx.actor.id:
        raise Forbidden(needs=Permission.LESSON_JOIN)
    core.check_booking(meeting.planned, meeting.starts_at, tx.now)
    if tx.actor.id not in meeting.guests:
        core.check_place(len(meeting.guests), row.places)
        await guests.invite(tx, organisation, meeting, tx.actor.id)
        tx.emit(
            ConsultationBooked(
                organisation_id=organisation.id,
                lesson_id=lesson_id,
                teacher_id=row.teacher_id,
                person_id=tx.actor.id,
            )
        )
    return await _view(tx, organisation, row)


async def give_back(tx: Tx, lesson_id: LessonId) -> ConsultationView:
    """Raises NotFound, ConsultationOver."""
    organisation, row, meeting = await _find(tx, lesson_id)
    core.check_booking(meeting.planned, meeting.starts_at, tx.now)
    if tx.actor.id in meeting.guests:
        await guests.uninvite(tx, organisation, meeting, tx.actor.id)
        tx.emit(
            ConsultationGivenBack(
                organisation_id=organisation.id,
                lesson_id=lesson_id,
                teacher_id=row.teacher_id,
                person_id=tx.actor.id,
            )
        )
    return await _view(tx, organisation, row)


async def call_off(tx: Tx, lesson_id: LessonId) -> ConsultationView:
    """By its teacher. Raises NotFound, Forbidden, LessonBegun."""
    organisation, row, meeting = await _find(tx, lesson_id)
    if row.teacher_id != tx.actor.id:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    await guests.call_off(tx, organisation, lesson_id)
    tx.emit(
        ConsultationCalledOff(
            organisation_id=organisation.id,
            lesson_id=lesson_id,
            teacher_id=row.teacher_id,
            guest_ids=meeting.guests,
        )
    )
    return await _view(tx, organisation, row)


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Slot).where(Slot.organisation_id == organisation))


async def _home(tx: Tx) -> Organisation:
    return await orgs.unit(tx, await people.home_of(tx, tx.actor.id))


async def _find(tx: Tx, lesson_id: LessonId) -> tuple[Organisation, Slot, Meeting]:
    """Raises NotFound, also for a consultation that is not for the actor."""
    organisation = await _home(tx)
    row = await tx.get(Slot, (organisation.id, lesson_id))
    if row is None or not _is_for(tx, row, await _my_teachers(tx, organisation)):
        raise NotFound(kind="consultation")
    return organisation, row, (await guests.read(tx, organisation.id, [lesson_id]))[lesson_id]


async def _taught(tx: Tx, teacher: PersonId) -> set[CourseId]:
    return await courses.of_members(tx, [], [teacher])


async def _my_teachers(tx: Tx, organisation: Organisation) -> dict[PersonId, set[CourseId]]:
    """Who teaches the actor, and which courses."""
    day = guests.today(tx, organisation)
    taking = {group for group, person in await groups.learning(tx, [organisation.id], [tx.actor.id], day)}
    found: dict[PersonId, set[CourseId]] = {}
    known: Collection[CourseView] = ()
    if taking:
        known = (await courses.views(tx, await courses.of_members(tx, taking, []))).values()
    for course in known:
        for teacher in course.teachers:
            found.setdefault(teacher, set()).add(course.id)
    return found


def _is_for(tx: Tx, row: Slot, teachers: dict[PersonId, set[CourseId]]) -> bool:
    if row.teacher_id == tx.actor.id:
        return True
    return row.teacher_id in teachers and (row.course_id is None or row.course_id in teachers[row.teacher_id])


def _is_news(view: ConsultationView, now: datetime) -> bool:
    """What is over or called off is shown to those whose it is."""
    return view.mine != "free" or (view.state == "planned" and view.starts_at > now)


async def _view(tx: Tx, organisation: Organisation, row: Slot) -> ConsultationView:
    return (await _views(tx, organisation, [row]))[0]


async def _views(tx: Tx, organisation: Organisation, rows: Sequence[Slot]) -> list[ConsultationView]:
    meetings = await guests.read(tx, organisation.id, [row.lesson_id for row in rows])
    subjects = await courses.views(tx, {row.course_id for row in rows if row.course_id})
    persons = {row.teacher_id for row in rows} | {one for each in meetings.values() for one in each.guests}
    names = await people.names(tx, persons)
    views = []
    for row in rows:
        meeting = meetings[row.lesson_id]
        leads = row.teacher_id == tx.actor.id
        booked_by = [BookedBy(one, names.get(one, "")) for one in meeting.guests] if leads else []
        view = ConsultationView(
            lesson_id=row.lesson_id,
            teacher_id=row.teacher_id,
            teacher=names.get(row.teacher_id, ""),
            subject=subjects[row.course_id].subject if row.course_id else None,
            title=meeting.title,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            state=meeting.state,
            places=row.places,
            booked=len(meeting.guests),
            mine="leads" if leads else "booked" if tx.actor.id in meeting.guests else "free",
            booked_by=booked_by,
        )
        views.append(view)
    return views
