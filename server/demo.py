"""The demo school: filled for looking around and for benches, kept so that `teacher` always has a lesson."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from lms_core.access import factors
from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.boards import service as boards
from lms_core.calendars import service as calendars
from lms_core.consultations import service as consultations
from lms_core.courses import service as courses
from lms_core.courses.service import CourseView
from lms_core.exams import service as exams
from lms_core.files import service as files
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.items import service as items
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import Blobs
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Forbidden
from lms_core.kernel.ids import PersonId
from lms_core.kernel.jobs import job
from lms_core.kernel.names import Names
from lms_core.lessons import service as lessons
from lms_core.lessons.service import Hour
from lms_core.marking import service as marking
from lms_core.messages import service as messages
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Kind, Level, Organisation
from lms_core.people import service as people
from lms_core.polls import service as polls
from lms_core.recordings import service as recordings
from lms_core.reminders import service as reminders

from . import demo_exams, demo_questions
from . import demo_names as names

STUDENTS = tuple(f"student{number}" for number in range(1, 26))
LOGINS = ("teacher", "student1", "parent1", "director", "deputy", "proctor", "admin", "teacher2", *STUDENTS[1:])
GRADES = range(5, 12)
CLASS_SIZES = {5: 8, 6: 12, 7: 16, 8: 20, 9: 24, 10: 14}
OF_TEACHER = ("algebra", "geometry", "class_hour", "consultation")
LINES = (
    ("kazakh",),
    ("mathematics", "algebra", "geometry"),
    ("russian",),
    ("english",),
    ("history",),
    ("science", "physics"),
    ("art", "chemistry"),
    ("sport", "informatics"),
)
"""What is taught at the same hour in different classes; never two of one line to different classes."""
BELLS = tuple(
    time.fromisoformat(bell) for bell in ("08:00", "08:50", "09:45", "10:50", "11:45", "12:35", "13:25", "14:30")
)
LENGTH = timedelta(minutes=45)
AHEAD = timedelta(minutes=10)
GRID = timedelta(minutes=5)


class DemoNotOffered(Forbidden):
    """The demo school is for trying out on one's own machine, until an organisation is set up."""

    code = "demo_not_offered"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to be in the demo school. `place`: a pupil's class, a parent's child, else the school."""

    login: str
    name: str
    role: Role
    place: Names


async def fill_database(db: Database, blobs: Blobs) -> None:
    """Fill the demo school, or give its log-ins the password of SABAQ_DEMO_PASSWORD (else `demo`) again."""
    password = os.environ.get("SABAQ_DEMO_PASSWORD") or "demo"
    hashed = await asyncio.to_thread(access.new_hash, password)
    if picture := await db.run(SYSTEM, lambda tx: fill(tx, hashed, tx.now)):
        await blobs.put(picture, demo_questions.picture())


async def fill(tx: Tx, password_hash: str, now: datetime) -> str | None:
    """Safe to run again: adds what is missing. Where the picture of its questions is to lie, if that is new.

    Raises DemoNotOffered once an organisation was set up.
    """
    picture = None
    if await people.first_organisation(tx):
        raise DemoNotOffered
    school = await find_school(tx)
    if school is None:
        school, college = await _build_tree(tx)
        year = courses.school_year(lessons.local_time(now, school).date())
        for code, of in names.SUBJECTS.items():
            await courses.add_subject(tx, code, of)
        await _Filling(tx, school, password_hash, year).school()
        await _Filling(tx, college, password_hash, year).college()
        picture = await _fill_exams(tx, school)
    else:
        for person in (await access.logins_of(tx, school.id)).values():
            await access.set_password(tx, person, password_hash)
    await keep(tx, now)
    return picture


async def _fill_exams(tx: Tx, school: Organisation) -> str:
    """Where the picture of its questions is to lie."""
    await tx.flush()
    logins = await access.logins_of(tx, school.id)
    last = next(group for group in await groups.of_organisation(tx, school.id) if group.name == _class(11))
    picture, by = demo_exams.picture_key(tx, school), tx.actor
    await demo_exams.fill(tx, school, logins["teacher"], logins["teacher2"], last, picture)
    tx.actor = by
    return picture


async def find_school(tx: Tx) -> Organisation | None:
    return next((unit for unit in await orgs.demo_units(tx) if unit.kind is Kind.SCHOOL), None)


async def persons(tx: Tx, school: Organisation) -> list[DemoPerson]:
    """Whom one can be, the most telling first."""
    of_login = await access.logins_of(tx, school.id)
    called = await people.names(tx, of_login.values())
    child = called[of_login["student1"]]
    special = {
        "parent1": (Role.PARENT, Names(child, child, child)),
        "director": (Role.DIRECTOR, school.names),
        "deputy": (Role.DEPUTY, school.names),
        "proctor": (Role.PROCTOR, school.names),
        "admin": (Role.ADMINISTRATOR, school.names),
        "teacher": (Role.TEACHER, school.names),
        "teacher2": (Role.TEACHER, school.names),
    }
    last_class = (Role.LEARNER, Names(_class(11), _class(11), _class(11)))
    return [DemoPerson(login, called[of_login[login]], *special.get(login, last_class)) for login in LOGINS]


async def wipe(tx: Tx) -> None:
    """Remove the demo school with everything in it."""
    units = await orgs.demo_units(tx)
    for unit in units:
        await exams.forget_organisation(tx, unit.id)
        await recordings.forget_organisation(tx, unit.id)
        await messages.forget_organisation(tx, unit.id)
        await polls.forget_organisation(tx, unit.id)
        await marking.forget_organisation(tx, unit.id)
        await items.forget_organisation(tx, unit.id)
        await files.forget_organisation(tx, unit.id)
        await boards.forget_organisation(tx, unit.id)
        await calendars.forget_organisation(tx, unit.id)
        await reminders.forget_organisation(tx, unit.id)
        await consultations.forget_organisation(tx, unit.id)
        await lessons.forget_organisation(tx, unit.id)
        await courses.forget_organisation(tx, unit.id)
        await groups.forget_organisation(tx, unit.id)
        await people.forget_organisation(tx, unit.id)
        await access.forget_organisation(tx, unit.id, unit.path)
    await orgs.forget(tx, [unit.id for unit in units])


# --- The timetable


@job("demo.keep_timetable", every=timedelta(minutes=1))
async def keep_timetable(tx: Tx) -> None:
    """The week's lessons, and one of `teacher` at every moment."""
    await keep(tx, tx.now)


async def keep(tx: Tx, now: datetime) -> None:
    """Does nothing without a demo school."""
    for unit in await orgs.demo_units(tx):
        if unit.level is Level.ORGANISATION:
            await _keep_week(tx, unit, now)
            if unit.kind is Kind.SCHOOL:
                await _keep_teacher_busy(tx, unit, now)


def missing(now: datetime, hours: Sequence[Hour]) -> list[tuple[datetime, datetime]]:
    """From when to when lessons must be added so that there is one at every moment from now to a little later.

    Each begins at a full five minutes or with the end of the one before, and ends before the next begins.
    """
    live = [hour for hour in hours if not hour.ended]
    added, reach = [], now
    while reach < now + AHEAD:
        around = [hour.ends_at for hour in live if hour.starts_at <= reach < hour.ends_at]
        if around:
            reach = max(around)
            continue
        before = [hour.ends_at for hour in live if hour.ends_at <= reach]
        later = [hour.starts_at for hour in live if hour.starts_at > reach]
        begins = max(_full_five(reach), *before) if before else _full_five(reach)
        ends = min([begins + LENGTH, *later])
        added.append((begins, ends))
        reach = ends
    return added


def _full_five(at: datetime) -> datetime:
    return at - timedelta(minutes=at.minute % (GRID.seconds // 60), seconds=at.second, microseconds=at.microsecond)


async def _keep_teacher_busy(tx: Tx, school: Organisation, now: datetime) -> None:
    teacher = (await access.logins_of(tx, school.id))["teacher"]
    hours = await lessons.hours_of(tx, school, now - LENGTH, now + 2 * LENGTH, teacher)
    gaps = missing(now, hours)
    if gaps:
        known = await courses.of_organisation(tx, school.id)
        [course] = [view for view in known if view.subject_code == "consultation"]
        for begins, ends in gaps:
            await lessons.plan(tx, school, course.id, teacher, "", begins, ends - begins)


async def _keep_week(tx: Tx, organisation: Organisation, now: datetime) -> None:
    """Plan the week that is now, once."""
    today = lessons.local_time(now, organisation).date()
    monday = datetime.combine(today - timedelta(days=today.weekday()), time())
    known = await courses.of_organisation(tx, organisation.id)
    watched = next(view.teachers[0] for view in known if view.subject_code in ("physics", "networks"))
    if await lessons.hours_of(tx, organisation, monday, monday + timedelta(days=7), watched):
        return
    week = _school_week(known) if organisation.kind is Kind.SCHOOL else _college_week(known)
    for weekday, bell, view in week:
        topics = names.TOPICS.get(view.subject_code, ("",))
        title = topics[(today.isocalendar().week + weekday) % len(topics)]
        begins = datetime.combine(monday + timedelta(days=weekday), BELLS[bell])
        await lessons.plan(tx, organisation, view.id, view.teachers[0], title, begins, LENGTH)


_Week = Iterator[tuple[int, int, CourseView]]


def _school_week(known: Sequence[CourseView]) -> _Week:
    """Weekday, bell and course. In one hour no two classes are on the same line, so no teacher has two."""
    of = {(view.groups[0].name, view.subject_code): view for view in known}
    for weekday in range(5):
        for index, grade in enumerate(GRADES):
            for bell in range(6 if grade < 7 or (grade == 7 and weekday == 4) else 7):
                line = LINES[(bell + index + 3 * weekday) % len(LINES)]
                taught = [of[_class(grade), code] for code in line if (_class(grade), code) in of]
                yield weekday, bell, taught[weekday % len(taught)]
        if weekday in (0, 1, 3):
            yield weekday, 7, of[_class(11), "class_hour" if weekday == 0 else "consultation"]


def _college_week(known: Sequence[CourseView]) -> _Week:
    for weekday in range(5):
        for bell in range(4):
            yield weekday, bell, known[(weekday + bell) % len(known)]


# --- The people


def _class(grade: int) -> str:
    return f"{grade} «А»"


async def _build_tree(tx: Tx) -> tuple[Organisation, Organisation]:
    country = await orgs.add_unit(tx, None, Level.REPUBLIC, names.COUNTRY, demo=True)
    oblast = await orgs.add_unit(tx, country.id, Level.OBLAST, names.OBLAST, demo=True)
    district = await orgs.add_unit(tx, oblast.id, Level.DISTRICT, names.DISTRICT, demo=True)
    school = await orgs.add_unit(tx, district.id, Level.ORGANISATION, names.SCHOOL, kind=Kind.SCHOOL, demo=True)
    college = await orgs.add_unit(tx, district.id, Level.ORGANISATION, names.COLLEGE, kind=Kind.COLLEGE, demo=True)
    for of in (school, college):  # everybody knows these log-ins: nobody shall lock them for the others
        await factors.set_rule(tx, of.id, "never")
    return school, college


@dataclass(slots=True)
class _Filling:
    """Puts people and courses into one organisation."""

    tx: Tx
    organisation: Organisation
    password_hash: str
    year: int
    parents: int = 0

    async def school(self) -> None:
        teacher = await self.teacher(names.TEACHER, "teacher")
        staff = {code: await self.teacher(of) for code, of in names.STAFF.items()}
        staff["physics"] = await self.teacher(names.SECOND_TEACHER, "teacher2")
        staff["algebra"] = staff["geometry"] = staff["mathematics"]
        await self.heads()
        number = 0
        for grade in GRADES:
            pupils = [names.pupil(number + of) for of in range(CLASS_SIZES.get(grade, 0))] or names.LEAVERS
            logins = STUDENTS if grade == 11 else ()
            group = await self.group(_class(grade), grade, pupils, logins)
            number += len(pupils)
            for code in _taught(grade):
                by = teacher if grade == 11 and code in OF_TEACHER else staff[code]
                await courses.add_course(self.tx, self.organisation, code, [group.id], [by], self.year)
            if grade == 11:
                await access.assign(self.tx, await self.person(names.TUTOR), Role.TUTOR, group.path)

    async def college(self) -> None:
        teachers = [await self.teacher(of) for of in names.COLLEGE_TEACHERS]
        pupils = [names.pupil(number) for number in range(200, 212)]
        group = await self.group("АЖ-25", 2, pupils)
        for code, by in zip(("networks", "programming", "english"), (*teachers, teachers[1]), strict=True):
            await courses.add_course(self.tx, self.organisation, code, [group.id], [by], self.year)

    async def heads(self) -> None:
        for of, role, login in (
            (names.ADMIN, Role.ADMINISTRATOR, "admin"),
            (names.DIRECTOR, Role.DIRECTOR, "director"),
            (names.DEPUTY, Role.DEPUTY, "deputy"),
            (names.PROCTOR, Role.PROCTOR, "proctor"),
            (names.METHODIST, Role.METHODIST, None),
        ):
            await access.assign(self.tx, await self.person(of, login), role, self.organisation.path)

    async def teacher(self, of: Sequence[str], login: str | None = None) -> PersonId:
        person = await self.person(of, login)
        await courses.make_teacher(self.tx, self.organisation, person)
        return person

    async def group(
        self, name: str, grade: int, pupils: Sequence[Sequence[str]], logins: Sequence[str] = ()
    ) -> GroupView:
        group = await groups.add_group(self.tx, self.organisation, name, grade, self.year)
        await self.tx.flush()
        for index, of in enumerate(pupils):
            pupil = await self.person(of, logins[index] if logins else None)
            await groups.make_learner(self.tx, self.organisation, pupil)
            await groups.enrol(self.tx, group, pupil, date(self.year, 9, 1))
            self.parents += 1
            parent = await self.person(names.parent(self.parents, of[0]), "parent1" if logins and not index else None)
            await people.make_parent(self.tx, parent, pupil)
        return group

    async def person(self, of: Sequence[str], login: str | None = None) -> PersonId:
        family, given, *patronymic = of
        person = await people.add_person(
            self.tx,
            self.organisation.id,
            family,
            given,
            patronymic=patronymic[0] if patronymic else None,
            language="ru" if family in names.RUSSIAN_SPEAKERS else "kk",
        )
        if login:
            await access.open_account(self.tx, person, self.organisation.id, login, self.password_hash)
        return person


def _taught(grade: int) -> tuple[str, ...]:
    if grade < 7:
        return "kazakh", "mathematics", "russian", "english", "history", "science", "art", "sport"
    more = ("class_hour", "consultation") if grade == 11 else ()
    return (
        *("kazakh", "algebra", "geometry", "russian", "english", "history"),
        *("physics", "chemistry", "sport", "informatics"),
        *more,
    )
