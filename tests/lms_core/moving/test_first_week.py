"""From an empty installation to the first joined lesson, by nothing but the routes: no demo data anywhere."""

from pathlib import Path
from typing import Any

import pytest

from server import first_start
from tests.support.story import Person, refused
from tests.support.world import a_world

NAMES = {"kk": "№ 7 мектеп", "ru": "Школа № 7", "en": "School No. 7"}
ADMIN = {"family": "Сейітқызы", "given": "Айша", "login": "aisha", "password": "ұзын құпиясөз"}
PEOPLE = """Аты-жөні\tСынып\tРөлі\tБаласы
Нұрланова Айгүл Серікқызы\t\tмұғалім\t
Әбілов Мирас\t11А\tоқушы\t
Оспан Дина\t11 "А"\tоқушы\t
Әбілов Серік\t\tата-ана\tӘбілов Мирас
"""


@pytest.mark.req("S456-27.3", "S456-27.4", "S456-27.7", "S456-27.8", "S503-13.1")
async def test_a_school_moves_in(tmp_path: Path) -> None:
    async with a_world(tmp_path, empty=True) as world:
        code = await world.run(first_start.make_invitation)
        aisha = world.stranger()
        order = {"invitation": code, "kind": "school", "names": NAMES, "admin": ADMIN}
        aisha.token = (await aisha.asks("set_up_organisation", order))["token"]
        [school] = (await aisha.asks("list_organisations"))["items"]
        there = {"organisation_id": school["id"]}

        lists: dict[str, Any] = {"year": 2026, "first": "2026-10-19", "until": "2026-10-25"}
        for kind, text, added in (
            ("classes", "11 «А»", 1),
            ("people", PEOPLE, 4),
            ("courses", "Алгебра;11а;Нұрланова Айгүл Серікқызы", 1),
            ("lessons", "бейсенбі,9:50,45,11А,Algebra", 1),
        ):
            sheet = lists | {"kind": kind, "text": text}
            checked = await aisha.asks("check_list", sheet, **there)
            assert (checked["added"], checked["refused"]) == (added, 0), checked
            assert await aisha.asks("take_list", {"sheet": sheet}, **there) == checked
            again = await aisha.asks("take_list", {"sheet": sheet}, **there)
            assert (again["added"], again["same"]) == (0, added), again

        roll = (await aisha.asks("list_people", **there))["items"]
        assert [(line["login"], line["log_in"]) for line in roll] == [
            ("miras.abilov", "none"),
            ("serik.abilov", "none"),
            ("aigul.nurlanova", "none"),
            ("dina.ospan", "none"),
            ("aisha", "own"),
        ]
        ids = [line["id"] for line in roll if line["log_in"] == "none"]
        slips = {
            slip["login"]: slip for slip in (await aisha.asks("make_slips", {"person_ids": ids}, **there))["items"]
        }
        teacher = await _comes(world.stranger(), slips["aigul.nurlanova"])
        learner = await _comes(world.stranger(), slips["miras.abilov"])
        parent = await _comes(world.stranger(), slips["serik.abilov"])

        [lesson] = await teacher.lessons()
        assert (lesson["subject"]["en"], lesson["group"], lesson["learners"]) == ("Algebra", "11 «А»", 2)
        assert [seen["id"] for seen in await parent.lessons()] == [lesson["id"]]
        with refused("lesson_not_open"):
            await learner.joins(lesson["id"])
        await teacher.joins(lesson["id"])
        assert (await learner.joins(lesson["id"]))["lesson"]["state"] == "open"


async def _comes(person: Person, slip: dict[str, Any]) -> Person:
    """With a slip, choosing an own password first."""
    await person.logs_in(slip["login"], slip["password"])
    with refused("password_change_needed"):
        await person.lessons()
    await person.asks("change_password", {"old": slip["password"], "new": "жаңа ұзын сөз"})
    return person
