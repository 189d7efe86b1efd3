"""A sitting looked back at: one's own, as far as it is told; by the commission whole, with a line in the journal."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from lms_core.audit.model import Entry
from lms_core.kernel.ids import new_id
from tests.lms_core.exams.sat import a_bank, single, words
from tests.lms_core.marking.judged import answer_to, published, sat_by, saves, settles, sits, telling
from tests.support.story import refused
from tests.support.world import World


async def test_nobody_reads_anothers_review(world: World) -> None:
    anna, misha, dina, erlan, parent, proctor, victor = await world.enters(
        "anna", "misha", "dina", "erlan", "parent", "proctor", "victor"
    )
    exam = await published(world, anna, release=telling("keys"))
    sitting = await sat_by(world, misha, exam, text="")
    await sat_by(world, dina, exam, text="")
    await anna.does("release_results", {}, exam_id=exam)
    for who in (dina, erlan, parent, proctor, victor):
        with refused("not_found", 404):
            await who.asks("review_sitting", sitting_id=sitting["id"])
    with refused("not_logged_in", 401):
        await world.stranger().asks("review_sitting", sitting_id=sitting["id"])
    with refused("not_found"):
        await misha.asks("review_sitting", sitting_id=new_id("sitting", 1))
    assert (await misha.asks("review_sitting", sitting_id=sitting["id"]))["told"] is True


async def test_whoever_of_the_staff_looks_leaves_a_line(world: World) -> None:
    anna, misha, deputy = await world.enters("anna", "misha", "deputy")
    exam = await published(world, anna)
    sitting = await sat_by(world, misha, exam)
    await misha.asks("review_sitting", sitting_id=sitting["id"])
    for who in (anna, deputy):
        seen = await who.asks("review_sitting", sitting_id=sitting["id"])
        assert all(one["key"] for one in seen["questions"])
    rows = await world.run(lambda tx: tx.all(select(Entry).where(Entry.op == "review_sitting")))
    assert [(one.what, one.actor_id, one.subject_id) for one in rows] == [
        ("looked", anna.id, misha.id), ("looked", deputy.id, misha.id),
    ]  # fmt: skip


@pytest.mark.req("S456-27.14")
async def test_no_key_and_nothing_that_only_a_key_shows_is_told_before(world: World) -> None:
    """Neither in words nor as the address of a picture."""
    anna, misha = await world.enters("anna", "misha")
    secret: Any = words("SECRET")
    made = single("2 + 2") | {"feedback": {"general": secret, "right": secret, "wrong": secret}}
    made["body"]["options"][0]["feedback"] = secret
    bank, [item] = await a_bank(world, (made,))
    section = {"name": "", "items": [{"item_id": item, "points": "1"}]}
    exam = await published(world, anna, banks=[bank], sections=[section], release=telling("answers"))
    sitting = await sits(misha, exam)
    [question] = sitting["questions"]
    wrong = answer_to(question, right=False)
    await saves(misha, sitting["id"], question["place"], 1, wrong)
    await misha.does("hand_in", {"device": "desk-1"}, sitting_id=sitting["id"])
    await settles(world)
    before = json.dumps(await misha.asks("review_sitting", sitting_id=sitting["id"]))
    assert "SECRET" not in before
    assert "2 + 2" not in before
    await anna.does("release_results", {}, exam_id=exam)
    told = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert "SECRET" not in json.dumps(told)
    [seen] = told["questions"]
    assert (seen["answer"], seen["key"], seen["said"], seen["media"]) == (wrong, None, None, {})
    assert seen["shown"]["options"] == question["shown"]["options"], "as it was then"
    assert [(one["where"], one["got"], one["why"]) for one in seen["parts"]] == [(wrong["ids"][0], "0", "wrong")]
    assert "SECRET" in json.dumps(await anna.asks("review_sitting", sitting_id=sitting["id"]))


async def test_a_learner_reads_what_was_regraded_and_why(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, release=telling("points"))
    sitting = await sat_by(world, misha, exam, right=2, text="")
    items = (await anna.asks("exam_results", exam_id=exam))["statistics"]["questions"]
    faulty = next(one["item_id"] for one in items if one["facility"] == 0 and one["kind"] == "single")
    body = {"item_id": faulty, "how": "full", "why": "Two options were right"}
    await anna.does("regrade_item", body, exam_id=exam)
    await anna.does("release_results", {}, exam_id=exam)
    seen = await misha.asks("review_sitting", sitting_id=sitting["id"])
    [told] = seen["regrades"]
    assert (told["how"], told["why"]) == ("full", "Two options were right")
    [place] = told["places"]
    question = next(one for one in seen["questions"] if one["place"] == place)
    assert (question["regraded"], question["points"], question["shown"]) == ("full", "1", None)
