"""Courses, and the roles held in one course, one class, or for one child."""

from datetime import date

import pytest

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.courses import core, service
from lms_core.courses.core import CourseEmpty
from lms_core.kernel.db import Tx
from lms_core.lessons import service as lessons
from lms_core.lessons.service import LessonRef
from tests.support.factories import HOUR, NOW
from tests.support.story import refused
from tests.support.world import World


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 9, 1), 2026), (date(2027, 5, 25), 2026), (date(2027, 8, 1), 2027)]
)
def test_the_school_year_is_called_by_its_first_half(day: date, year: int) -> None:
    assert core.school_year(day) == year


async def test_a_course_has_a_group_and_a_teacher(world: World) -> None:
    school = world.school
    with pytest.raises(CourseEmpty):
        await world.run(lambda tx: service.add_course(tx, school.school, "algebra", [], [], 2026))


@pytest.mark.req("S456-27.18")
async def test_a_role_is_held_in_a_school_a_class_a_course_or_for_a_child(world: World) -> None:
    """The same person, who knows nothing else of the school, sees as far as each role reaches."""
    school, victor = world.school, world.school.persons["victor"]
    course = (await world.run(lambda tx: service.of_organisation(tx, school.school.id)))[0]
    roles = (
        (Role.TEACHER, course.path, None, "lead"),
        (Role.METHODIST, school.eleven.path, None, "see"),
        (Role.TUTOR, school.eleven.path, None, "join"),
        (Role.DIRECTOR, school.school.path, None, "see"),
        (Role.DEPUTY, school.school.path, None, "see"),
        (Role.LEARNER, school.school.path, school.persons["misha"], "join"),
        (Role.PARENT, school.school.path, school.persons["misha"], "see"),
    )
    [person] = await world.enters("victor")
    for role, path, subject, part in roles:
        with refused("not_found", 404):
            await person.lesson(school.algebra.id)
        held = await world.run(lambda tx, r=role, p=path, s=subject: access.assign(tx, victor, r, p, subject=s))
        seen = await person.lesson(school.algebra.id)
        assert (seen["my_part"], seen["may_join"]) == (part, role is not Role.PARENT)
        assert school.algebra.id in [item["id"] for item in await person.lessons()]
        in_all_of_school = role in (Role.DIRECTOR, Role.DEPUTY)
        assert (school.physics.id in [item["id"] for item in await person.lessons()]) == in_all_of_school
        await world.run(lambda tx, h=held: access.withdraw(tx, h))


@pytest.mark.req("S456-27.18")
async def test_one_person_has_several_roles(world: World) -> None:
    school, anna = world.school, world.school.persons["anna"]

    async def more(tx: Tx) -> None:
        await access.assign(tx, anna, Role.DEPUTY, school.school.path)
        await access.assign(tx, anna, Role.PARENT, school.school.path, subject=school.persons["erlan"])

    await world.run(more)
    [person] = await world.enters("anna")
    assert {role["role"] for role in (await person.me())["roles"]} == {"teacher", "deputy", "parent"}
    parts = {item["id"]: item["my_part"] for item in await person.lessons()}
    assert parts == {school.algebra.id: "lead", school.physics.id: "see"}


async def test_both_teachers_of_a_course_lead_its_lessons(world: World) -> None:
    school = world.school

    async def plan(tx: Tx) -> LessonRef:
        teachers = [school.persons["anna"], school.persons["boris"]]
        course = await service.add_course(tx, school.school, "algebra", [school.eleven.id], teachers, 2026)
        return await lessons.plan(tx, school.school, course, teachers[0], "", NOW, HOUR)

    lesson = await world.run(plan)
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    assert [(await person.lesson(lesson.id))["my_part"] for person in (anna, boris, misha)] == ["lead", "lead", "join"]
    assert lesson.id in [item["id"] for item in await boris.lessons()]
