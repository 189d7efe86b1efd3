"""A small school to tell stories in: few people, each with one role, and lessons around one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import CourseId, PersonId
from lms_core.kernel.names import Names
from lms_core.lessons import service as lessons
from lms_core.lessons.service import LessonRef
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Kind, Level, Organisation
from lms_core.people import service as people

NOW = datetime(2026, 10, 22, 4, 55, tzinfo=UTC)
"""Thursday, 09:55 on the school's wall: five minutes into the second lesson."""
PASSWORD = "сабаққа кел"
HOUR = timedelta(minutes=45)
SEPTEMBER = date(2026, 9, 1)


@dataclass(frozen=True, slots=True)
class School:
    """`algebra` (11 «А», by anna) and `physics` (10 «Б», by boris) are on now; anna's others are on other days."""

    oblast: Organisation
    school: Organisation
    other: Organisation
    eleven: GroupView
    ten: GroupView
    persons: Mapping[str, PersonId]
    algebra: LessonRef
    physics: LessonRef
    yesterday: LessonRef
    tomorrow: LessonRef


PUPILS = {"misha": "11", "dina": "11", "erlan": "10"}
STAFF = {
    "methodist": Role.METHODIST,
    "director": Role.DIRECTOR,
    "deputy": Role.DEPUTY,
    "proctor": Role.PROCTOR,
    "administrator": Role.ADMINISTRATOR,
}


async def build_school(tx: Tx, password_hash: str) -> School:
    """Everybody logs in by their name here and PASSWORD."""
    country = await orgs.add_unit(tx, None, Level.REPUBLIC, _names("Қазақстан"))
    oblast = await orgs.add_unit(tx, country.id, Level.OBLAST, _names("Алматы облысы"))
    district = await orgs.add_unit(tx, oblast.id, Level.DISTRICT, _names("Қарасай"))
    school = await orgs.add_unit(tx, district.id, Level.ORGANISATION, _names("№ 1"), kind=Kind.SCHOOL)
    other = await orgs.add_unit(tx, district.id, Level.ORGANISATION, _names("№ 2"), kind=Kind.SCHOOL)
    persons: dict[str, PersonId] = {}

    async def come(name: str, there: Organisation = school) -> PersonId:
        persons[name] = await people.add_person(tx, there.id, "Оспан", name.title())
        await access.open_account(tx, persons[name], there.id, name, password_hash)
        return persons[name]

    await courses.make_teacher(tx, school, await come("anna"))
    await courses.make_teacher(tx, school, await come("boris"))
    await courses.make_teacher(tx, other, await come("victor", other))
    for name, role in STAFF.items():
        await access.assign(tx, await come(name), role, school.path)
    await access.assign(tx, await come("inspector"), Role.METHODIST, oblast.path)
    eleven = await groups.add_group(tx, school, "11 «А»", 11, 2026)
    ten = await groups.add_group(tx, school, "10 «Б»", 10, 2026)
    await tx.flush()
    for name, grade in PUPILS.items():
        await groups.make_learner(tx, school, await come(name))
        await groups.enrol(tx, eleven if grade == "11" else ten, persons[name], SEPTEMBER)
    await access.assign(tx, await come("tutor"), Role.TUTOR, eleven.path)
    await people.make_parent(tx, await come("parent"), persons["misha"])
    for code, of in {"algebra": "Алгебра", "physics": "Физика"}.items():
        await courses.add_subject(tx, code, _names(of))
    algebra = await courses.add_course(tx, school, "algebra", [eleven.id], [persons["anna"]], 2026)
    physics = await courses.add_course(tx, school, "physics", [ten.id], [persons["boris"]], 2026)

    async def plan(course: CourseId, teacher: str, title: str, day: int) -> LessonRef:
        begins = datetime(2026, 10, day, 9, 50)  # noqa: DTZ001 local wall time
        return await lessons.plan(tx, school, course, persons[teacher], title, begins, HOUR)

    return School(
        oblast,
        school,
        other,
        eleven,
        ten,
        persons,
        algebra=await plan(algebra, "anna", "Туынды", 22),
        physics=await plan(physics, "boris", "Күш", 22),
        yesterday=await plan(algebra, "anna", "Шек", 21),
        tomorrow=await plan(algebra, "anna", "Интеграл", 23),
    )


def _names(name: str) -> Names:
    return Names(name, f"{name} (ru)", f"{name} (en)")
