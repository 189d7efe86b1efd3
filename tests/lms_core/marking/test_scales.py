"""Scales: general ones by their act, and an organisation's own, each from its day on."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.kernel.db import Tx
from lms_core.marking.model import OwnScale
from tests.lms_core.marking.judged import published, row_of, sat_by, telling
from tests.support.story import Json, Person, refused
from tests.support.world import World

PASS_FAIL = [
    {"least": "0", "label": "есептелмеді", "value": "0", "passed": False},
    {"least": "30", "label": "есептелді", "value": "1", "passed": True},
]


async def rules(who: Person, **more: Any) -> Json:
    body = {"level": "school", "valid_from": "2026-10-01", "source": "Order 12 of 30.09.2026", "bands": PASS_FAIL}
    return await who.does("add_scale", body | more)


@pytest.mark.req("S141-15.1")
async def test_general_scales_say_where_they_come_from(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    found = await anna.asks("list_scales")
    assert {one["level"] for one in found["items"]} == {"school", "college", "university"}
    assert all(one["source"] and one["sure"] and not one["own"] for one in found["items"])
    school = next(one for one in found["items"] if one["level"] == "school")
    assert [(one["least"], one["label"]) for one in school["bands"]] == [
        ("0", "2"),
        ("40", "3"),
        ("65", "4"),
        ("85", "5"),
    ]
    assert school["bands"][3]["names"]["kk"] == "өте жақсы"
    assert (school["source"]["kk"][-10:], school["source"]["ru"][:6]) == ("редакциясы", "Приказ")
    assert found["may_add"] is False
    with refused("forbidden"):
        await misha.asks("list_scales")


@pytest.mark.req("S141-15.1", "S456-34.10")
async def test_an_organisation_rules_its_own_from_a_day_on(world: World) -> None:
    anna, misha, dina, deputy = await world.enters("anna", "misha", "dina", "deputy")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, right=2, text="")
    assert (await row_of(anna, exam, misha))["label"] == "2"
    made = await rules(deputy)
    assert (made["own"], made["sure"]["ru"], made["source"]["kk"]) == (
        True,
        "внесена организацией",
        "Order 12 of 30.09.2026",
    )
    assert (await deputy.asks("list_scales"))["may_add"] is True
    await sat_by(world, dina, exam, right=2, text="")
    row = await row_of(anna, exam, dina)
    assert (row["percent"], row["label"], row["passed"]) == ("36", "есептелді", True)
    await rules(deputy, valid_from="2026-10-23", bands=PASS_FAIL[:1])
    assert (await anna.asks("exam_results", exam_id=exam))["scale"]["valid_from"] == "2026-10-01", "not yet tomorrow's"
    with refused("already_there", 409):
        await rules(deputy)


async def test_a_result_names_its_act_in_each_language(world: World) -> None:
    anna, misha, deputy = await world.enters("anna", "misha", "deputy")
    exam = await published(world, anna, release=telling("points"))
    sitting = await sat_by(world, misha, exam, text="")
    await anna.does("release_results", {}, exam_id=exam)
    general = (await misha.asks("review_sitting", sitting_id=sitting["id"]))["result"]["source"]
    assert general["ru"].startswith("Приказ") and general["en"].startswith("Order 125")
    await rules(deputy)
    again = await published(world, anna, release=telling("points"))
    sitting = await sat_by(world, misha, again, text="")
    await anna.does("release_results", {}, exam_id=again)
    own = (await misha.asks("review_sitting", sitting_id=sitting["id"]))["result"]["source"]
    assert set(own.values()) == {"Order 12 of 30.09.2026"}


async def test_an_act_that_was_named_once_is_read_still(world: World) -> None:
    """Before, a scale was called in one language."""
    [deputy] = await world.enters("deputy")
    made = await rules(deputy)

    async def in_one(tx: Tx) -> None:
        row = await tx.one(select(OwnScale).where(OwnScale.id == made["id"]))
        assert row is not None
        row.body = row.body | {"source": "Order 12 of 30.09.2026", "sure": "entered by the organisation"}

    await world.run(in_one)
    [own] = [one for one in (await deputy.asks("list_scales"))["items"] if one["own"]]
    assert own == made


async def test_another_organisation_has_its_own(world: World) -> None:
    deputy, victor = await world.enters("deputy", "victor")
    await rules(deputy)
    assert not any(one["own"] for one in (await victor.asks("list_scales"))["items"])


async def test_who_may_rule_and_what(world: World) -> None:
    anna, deputy, director, methodist, inspector = await world.enters(
        "anna", "deputy", "director", "methodist", "inspector"
    )
    for who in (anna, methodist, inspector):
        with refused("forbidden"):
            await rules(who)
    for more, why in (
        ({"bands": []}, "bands"),
        ({"bands": PASS_FAIL[1:]}, "bands"),
        ({"source": " "}, "source"),
        ({"valid_to": "2026-09-30"}, "dates"),
        ({"level": "x" * 21}, "level"),
        ({"appeal_hours": -1}, "appeals"),
        ({"bands": [PASS_FAIL[0] | {"value": "1e999999"}]}, "bands"),
    ):
        with refused("scale_unfit", 422) as no:
            await rules(deputy, **more)
        assert no[0].params == {"why": why}
    assert (await rules(director))["own"] is True
