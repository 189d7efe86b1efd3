"""Of what an author chooses when a test is made."""

from tests.lms_core.exams.sat import ITEMS, a_bank
from tests.support.story import refused
from tests.support.world import World


async def test_an_author_chooses_of_their_own_classes_and_of_the_staff(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    found = await anna.asks("list_exam_choices")
    eleven = world.school.eleven.id
    assert [one["id"] for one in found["groups"]] == [eleven]
    assert found["groups"][0]["learners"] == len(found["learners"]) > 0
    persons = world.school.persons
    learners = {one["id"]: one for one in found["learners"]}
    assert learners[persons["misha"]]["groups"] == [eleven]
    assert persons["erlan"] not in learners, "who learns elsewhere is not anna's"
    assert persons["anna"] in {one["id"] for one in found["staff"]}
    assert not {one["id"] for one in found["staff"]} & learners.keys()
    assert all(eleven in one["groups"] for one in found["courses"])
    assert found["level"] == "school"
    with refused("forbidden", 403):
        await misha.asks("list_exam_choices")


async def test_cells_are_told_how_many_questions_fit(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    bank, _ = await a_bank(world)
    cells = [{}, {"objective": "o1"}, {"objective": "o1", "difficulty": 2}, {"difficulty": 2}]
    asked = {"banks": [bank], "languages": ["kk", "ru"], "cells": cells}
    assert (await anna.does("count_fitting", asked))["counts"] == [4, 3, 0, 1]
    in_kazakh = ITEMS[3] | {"prompt": {"kk": ITEMS[3]["prompt"]["kk"]}}
    other, _ = await a_bank(world, (in_kazakh,))
    both = asked | {"banks": [bank, other]}
    assert (await anna.does("count_fitting", both))["counts"][0] == 4, "one lacks Russian"
    assert (await anna.does("count_fitting", both | {"languages": ["kk"]}))["counts"][0] == 5
    await boris.does("create_item", {"item": ITEMS[0]}, bank_id=bank)
    assert (await anna.does("count_fitting", asked))["counts"][0] == 4, "a draft is not asked in a test"
    assert (await anna.does("count_fitting", asked | {"kind": "practice"}))["counts"][0] == 5
    own = await boris.does("create_bank", {"title": "Менікі", "shared": False})
    with refused("not_found", 404):
        await anna.does("count_fitting", asked | {"banks": [own["id"]]})
