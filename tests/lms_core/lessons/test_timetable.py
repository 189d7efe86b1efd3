"""Planning: hours over weeks, conflicts, moves, lessons that will not be, and what changes elsewhere do to them."""

from typing import Any

import pytest

from tests.support.story import Person, refused
from tests.support.world import World

WEEKS = {"first": "2026-11-02", "until": "2026-11-22"}
MONDAY = {"weekday": 0, "begins": "08:00", "minutes": 40}


async def _course(world: World, taking: str = "eleven", teacher: str = "anna") -> tuple[Person, dict[str, Any], str]:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    group = getattr(world.school, taking).id
    body = {
        "subject_code": "biology",
        "group_ids": [group],
        "teacher_ids": [world.school.persons[teacher]],
        "year": 2026,
    }
    return admin, there, (await admin.asks("add_course", body, **there))["id"]


async def _week(admin: Person, there: dict[str, Any], first: str = "2026-11-02", **query: str) -> list[Any]:
    return (await admin.asks("read_timetable", query={"first": first, **query}, **there))["items"]


@pytest.mark.req("S456-27.8")
async def test_hours_are_planned_over_weeks_and_not_doubled(world: World) -> None:
    admin, there, course = await _course(world)
    plan = {"course_id": course, "hours": [MONDAY, MONDAY | {"weekday": 3}], **WEEKS}
    assert await admin.asks("plan_lessons", plan, **there) == {"added": 6}
    assert await admin.asks("plan_lessons", plan, **there) == {"added": 0}
    week = await _week(admin, there, group_id=world.school.eleven.id)
    assert [(one["day"], one["begins"], one["minutes"], one["starts_at"]) for one in week] == [
        ("2026-11-02", "08:00", 40, "2026-11-02T03:00:00Z"),
        ("2026-11-05", "08:00", 40, "2026-11-05T03:00:00Z"),
    ]
    assert await _week(admin, there, teacher_id=world.school.persons["boris"]) == []


async def test_a_teacher_or_class_with_two_lessons_at_once_is_named(world: World) -> None:
    admin, there, course = await _course(world)
    plan = {"course_id": course, "hours": [MONDAY], **WEEKS}
    await admin.asks("plan_lessons", plan, **there)
    body = {"subject_code": "music", "group_ids": [world.school.eleven.id], "year": 2026}
    other = await admin.asks("add_course", body | {"teacher_ids": [world.school.persons["boris"]]}, **there)
    at = {
        "course_id": other["id"],
        "hours": [MONDAY | {"begins": "8:39"}],
        "first": "2026-11-02",
        "until": "2026-11-02",
    }
    with refused("lesson_conflict", 409) as caught:
        await admin.asks("plan_lessons", at, **there)
    assert caught[0].params["conflicts"] == [
        {"what": "group", "name": "11 «А»", "day": "2026-11-02", "begins": "08:00"}
    ]
    assert caught[0].params["more"] == 0
    year = at | {
        "hours": [{"weekday": day, "begins": "8:39", "minutes": 45} for day in range(6)],
        "until": "2027-05-25",
    }
    await admin.asks("plan_lessons", plan | {"first": "2026-11-16", "until": "2027-05-25"}, **there)
    with refused("lesson_conflict", 409) as caught:
        await admin.asks("plan_lessons", year, **there)
    assert (len(caught[0].params["conflicts"]), caught[0].params["more"] > 0) == (20, True)
    assert await admin.asks("plan_lessons", at | {"allow_conflicts": True}, **there) == {"added": 1}
    later = at | {"hours": [MONDAY | {"weekday": 1}], "until": "2026-11-03"}
    assert await admin.asks("plan_lessons", later, **there) == {"added": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hours": [MONDAY | {"begins": "25:00"}]}, "hour_unfit"),
        ({"hours": [MONDAY | {"minutes": 0}]}, "hour_unfit"),
        ({"until": "2026-11-01"}, "too_many_lessons"),
        ({"until": "9999-01-01"}, "too_many_lessons"),
        ({"first": "0001-01-01", "until": "0001-02-01"}, "too_many_lessons"),
        ({"title": "ш" * 201}, "lesson_title_too_long"),
    ],
)
async def test_what_cannot_be_planned(world: World, changes: dict[str, Any], code: str) -> None:
    admin, there, course = await _course(world)
    with refused(code, 422):
        await admin.asks("plan_lessons", {"course_id": course, "hours": [MONDAY], **WEEKS} | changes, **there)


async def test_a_lesson_moves_and_gets_a_substitute(world: World) -> None:
    admin, there, course = await _course(world)
    await admin.asks("plan_lessons", {"course_id": course, "hours": [MONDAY], **WEEKS}, **there)
    [one] = await _week(admin, there)
    boris = world.school.persons["boris"]
    body = {"version": 1, "day": "2026-11-04", "begins": "10:00", "minutes": 45, "teacher_id": boris}
    moved = await admin.asks("change_lesson", body, lesson_id=one["id"], **there)
    assert (moved["day"], moved["teacher"], moved["version"]) == ("2026-11-04", "Boris Оспан", 2)
    with refused("stale", 409):
        await admin.asks("change_lesson", body, lesson_id=one["id"], **there)
    with refused("not_found", 404):
        dina = world.school.persons["dina"]
        await admin.asks("change_lesson", body | {"version": 2, "teacher_id": dina}, lesson_id=one["id"], **there)


async def test_a_cancelled_lesson_cannot_be_joined_and_everybody_who_looks_sees_it(world: World) -> None:
    [admin, anna, misha] = await world.enters("administrator", "anna", "misha")
    there = {"organisation_id": world.school.school.id}
    await misha.watches_lessons()
    lesson = world.school.algebra.id
    await admin.does("cancel_lesson", {"version": 1}, lesson_id=lesson, **there)
    assert [(one["state"], one["may_join"]) for one in await misha.lessons()] == [("cancelled", False)]
    for person in (anna, misha):
        with refused("lesson_cancelled", 409):
            await person.joins(lesson)
    await admin.does("cancel_lesson", {"version": 2, "restore": True}, lesson_id=lesson, **there)
    await anna.joins(lesson)
    with refused("lesson_begun", 409):
        await admin.asks("cancel_lesson", {"version": 3}, lesson_id=lesson, **there)


async def test_the_following_lessons_of_that_hour_are_cancelled_with_it(world: World) -> None:
    admin, there, course = await _course(world)
    plan = {"course_id": course, "hours": [MONDAY, MONDAY | {"weekday": 3}], **WEEKS}
    await admin.asks("plan_lessons", plan, **there)
    second = (await _week(admin, there, "2026-11-09"))[0]
    await admin.asks("cancel_lesson", {"version": 1, "following": True}, lesson_id=second["id"], **there)
    weeks = [await _week(admin, there, first) for first in ("2026-11-02", "2026-11-09", "2026-11-16")]
    states = [[one["state"] for one in week] for week in weeks]
    assert states == [["planned", "planned"], ["cancelled", "planned"], ["cancelled", "planned"]]


async def test_planned_lessons_keep_their_time_on_the_wall_when_the_zone_changes(world: World) -> None:
    admin, there, course = await _course(world)
    await admin.asks("plan_lessons", {"course_id": course, "hours": [MONDAY], **WEEKS}, **there)
    school = (await admin.asks("read_organisation", **there))["organisation"]
    change = {"version": school["version"], "names": school["names"], "kind": "school", "zone": "Europe/Berlin"}
    await admin.does("change_organisation", change, **there)
    [one] = await _week(admin, there)
    assert (one["begins"], one["starts_at"]) == ("08:00", "2026-11-02T07:00:00Z")


async def test_a_course_changes_hands_and_ends_with_its_lessons(world: World) -> None:
    admin, there, course = await _course(world)
    await admin.asks("plan_lessons", {"course_id": course, "hours": [MONDAY], **WEEKS}, **there)
    boris = world.school.persons["boris"]
    change = {"version": 1, "subject_code": "biology", "group_ids": [world.school.eleven.id], "teacher_ids": [boris]}
    await admin.does("change_course", change, course_id=course, **there)
    assert [one["teacher_id"] for one in await _week(admin, there)] == [boris]
    await admin.does("end_course", {"version": 2, "day": "2026-11-09"}, course_id=course, **there)
    assert [len(await _week(admin, there, first)) for first in ("2026-11-02", "2026-11-09")] == [1, 0]


async def test_only_who_has_a_role_to_teach_teaches(world: World) -> None:
    [admin] = await world.enters("administrator")
    body = {"subject_code": "biology", "group_ids": [world.school.ten.id], "year": 2026}
    for name, code in (("dina", "not_a_teacher"), ("victor", "not_a_teacher")):
        with refused(code, 422):
            wrong = body | {"teacher_ids": [world.school.persons[name]]}
            await admin.asks("add_course", wrong, organisation_id=world.school.school.id)


async def test_own_subjects_stay_in_their_organisation(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    names = {"kk": "Робототехника", "ru": "Робототехника", "en": "Robotics"}
    made = await admin.asks("add_subject", {"names": names}, **there)
    known = (await admin.asks("list_subjects", **there))["items"]
    assert (made["own"], made in known) == (True, True)
    with refused("subject_taken", 409):
        await admin.asks("add_subject", {"names": names}, **there)


async def test_classes_go_up_a_year_with_their_learners(world: World) -> None:
    [admin] = await world.enters("administrator")
    there = {"organisation_id": world.school.school.id}
    body = {"year": 2026, "day": "2027-09-01", "last": 11}
    [made] = (await admin.asks("promote_groups", body, **there))["items"]
    assert (made["name"], made["grade"], made["year"]) == ("11 «Б»", 11, 2027)
    lines = (await admin.asks("list_groups", query={"day": "2027-09-01"}, **there))["items"]
    assert [(one["group"]["name"], one["group"]["closed"], one["learners"]) for one in lines] == [
        ("11 «Б»", False, 1),
        ("10 «Б»", True, 0),
        ("11 «А»", True, 0),
    ]
    assert (await admin.asks("promote_groups", body, **there))["items"] == []
