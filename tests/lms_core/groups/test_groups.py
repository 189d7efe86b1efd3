"""Classes, and learning in them from a day to a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lms_core.groups import core, service
from lms_core.groups.core import Span
from lms_core.groups.model import Enrolment
from lms_core.kernel.db import Tx
from tests.support.factories import SEPTEMBER
from tests.support.story import refused
from tests.support.world import World

days = st.dates(date(2026, 9, 1), date(2026, 9, 20))
spans = st.builds(Span, days, st.none() | days)


@given(spans, spans, days)
def test_nobody_learns_twice_in_a_group_on_one_day(one: Span, other: Span, day: date) -> None:
    try:
        core.check_span(one, [other])
    except (core.AlreadyEnrolled, core.DatesTurned):
        return
    assert not (_on(one, day) and _on(other, day))


@pytest.mark.parametrize(("kind", "grade"), [("school", 0), ("school", 13), ("college", 5), ("university", 8)])
def test_a_grade_there_is_not(kind: str, grade: int) -> None:
    with pytest.raises(core.GradeOutOfRange):
        core.check_grade(kind, grade)


async def test_who_moves_to_another_class_sees_its_lessons_from_that_day_on(world: World) -> None:
    [erlan] = await world.enters("erlan")
    school, thursday = world.school, date(2026, 10, 22)
    [row] = await world.run(lambda tx: tx.all(select(Enrolment).where(Enrolment.person_id == school.persons["erlan"])))

    async def move(tx: Tx) -> None:
        await service.leave(tx, school.school.id, row.id, thursday + timedelta(days=1))
        await service.enrol(tx, school.eleven, school.persons["erlan"], thursday + timedelta(days=1), order="№ 7")

    await world.run(move)
    assert [item["id"] for item in await erlan.lessons()] == [school.physics.id]
    assert [item["id"] for item in await erlan.lessons("2026-10-23")] == [school.tomorrow.id]
    with refused("not_found", 404):
        await erlan.lesson(school.algebra.id)


async def test_a_combined_class_counts_all_its_learners(world: World) -> None:
    school = world.school
    both = [school.eleven.id, school.ten.id]
    count = lambda tx, day: service.sizes(tx, [school.school.id], both, day)  # noqa: E731
    assert await world.run(lambda tx: count(tx, SEPTEMBER)) == {school.eleven.id: 2, school.ten.id: 1}
    assert await world.run(lambda tx: count(tx, SEPTEMBER - timedelta(days=1))) == {}


async def test_enrolling_twice_is_refused(world: World) -> None:
    school = world.school
    with pytest.raises(core.AlreadyEnrolled):
        await world.run(lambda tx: service.enrol(tx, school.ten, school.persons["erlan"], date(2026, 12, 1)))


def _on(span: Span, day: date) -> bool:
    return span.first <= day and (span.after is None or day < span.after)
