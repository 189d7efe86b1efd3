"""A faulty question is marked again, with a record."""

from typing import Any

import pytest

from lms_core.kernel.ids import new_id
from tests.lms_core.exams.sat import a_bank, single
from tests.lms_core.marking.judged import answer_to, published, row_of, sat_by, saves, settles, sits, telling
from tests.support.story import Json, Person, refused
from tests.support.world import World

PAIR = (single("2 + 2"), single("3 + 3"))


async def an_exam(world: World, anna: Person, **more: Any) -> tuple[str, list[str]]:
    """Of two questions, a point each; the id, and those of its items."""
    bank, ids = await a_bank(world, PAIR)
    section = {"name": "", "items": [{"item_id": one, "points": "1"} for one in ids]}
    more = {"banks": [bank], "sections": [section], "shuffle": False, "release": telling("points"), **more}
    return await published(world, anna, **more), ids


async def sat(world: World, who: Person, exam: str, *right: bool) -> Json:
    sitting = await sits(who, exam)
    for question, is_right in zip(sitting["questions"], right, strict=True):
        await saves(who, sitting["id"], question["place"], 1, answer_to(question, right=is_right))
    await who.does("hand_in", {"device": "desk-1"}, sitting_id=sitting["id"])
    await settles(world)
    return sitting


def corrected(*right: str) -> Json:
    made = single("2 + 2")
    return made | {"body": made["body"] | {"right": list(right)}}


async def regrades(who: Person, exam: str, item: str, how: str = "full", why: str = "The key was wrong", **more: Any):
    return await who.does("regrade_item", {"item_id": item, "how": how, "why": why, **more}, exam_id=exam)


@pytest.mark.req("S456-27.14")
async def test_a_corrected_key_takes_no_points_away(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam, ids = await an_exam(world, anna)
    await sat(world, misha, exam, False, True)
    await sat(world, dina, exam, True, True)
    done = await regrades(anna, exam, ids[0], "key", key=corrected("wrong"))
    [change] = done["changes"]
    assert (change["name"], change["before"], change["after"]) == ("Misha Оспан", "0", "1")
    assert (done["by"], done["why"], done["only_up"]) == ("Anna Оспан", "The key was wrong", True)
    assert [(await row_of(anna, exam, who))["points"] for who in (misha, dina)] == ["2", "2"]
    done = await regrades(anna, exam, ids[0], "key", key=corrected("wrong"), only_up=False)
    assert [(one["name"], one["before"], one["after"]) for one in done["changes"]] == [("Dina Оспан", "1", "0")]
    record = (await anna.asks("list_regrades", exam_id=exam))["items"]
    assert [(one["how"], one["only_up"], len(one["changes"])) for one in record] == [
        ("key", True, 1),
        ("key", False, 1),
    ]
    questions = (await anna.asks("exam_results", exam_id=exam))["statistics"]["questions"]
    first = next(one for one in questions if one["item_id"] == ids[0])
    assert first["regraded"] == "key"
    assert {one["id"]: one["right"] for one in first["options"]} == {"right": False, "wrong": True, "other": False}


async def test_all_points_to_all_or_out_of_the_test(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam, ids = await an_exam(world, anna)
    await sat(world, misha, exam, False, False)
    await sat(world, dina, exam, True, True)
    await regrades(anna, exam, ids[0], "full")
    rows = [await row_of(anna, exam, who) for who in (misha, dina)]
    assert [(one["points"], one["most"], one["label"]) for one in rows] == [("1", "2", "3"), ("2", "2", "5")]
    await anna.does("release_results", {}, exam_id=exam)
    done = await regrades(anna, exam, ids[1], "drop")
    assert {(one["before"], one["after"], one["most_after"]) for one in done["changes"]} == {
        ("0", "0", "0"), ("1", "0", "0"),
    }  # fmt: skip
    rows = [await row_of(anna, exam, who) for who in (misha, dina)]
    assert [(one["points"], one["most"], one["label"]) for one in rows] == [("1", "1", "5"), ("1", "1", "5")]
    with refused("regrade_unfit", 422) as no:
        await regrades(anna, exam, ids[1], "full")
    assert no[0].params == {"why": "dropped"}
    await regrades(anna, exam, ids[0], "drop")
    row = await row_of(anna, exam, misha)
    assert (row["most"], row["percent"], row["label"]) == ("0", None, "")


async def test_who_sits_it_later_is_marked_by_the_same_rule(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam, ids = await an_exam(world, anna)
    await sat(world, misha, exam, True, True)
    await regrades(anna, exam, ids[0], "key", key=corrected("right", "wrong"))
    await sat(world, dina, exam, False, True)
    assert (await row_of(anna, exam, dina))["points"] == "2"


async def test_what_a_regrade_may_not_be(world: World) -> None:
    anna, boris, misha, deputy = await world.enters("anna", "boris", "misha", "deputy")
    exam, ids = await an_exam(world, anna)
    with refused("regrade_unfit") as no:
        await regrades(anna, exam, ids[0])
    assert no[0].params == {"why": "unasked"}
    await sat(world, misha, exam, False, True)
    for who, code in ((boris, "not_found"), (deputy, "forbidden"), (misha, "forbidden")):
        with refused(code):
            await regrades(who, exam, ids[0])
    with refused("comment_missing", 422):
        await regrades(anna, exam, ids[0], why="  ")
    without_b = corrected("right")
    without_b["body"]["options"] = [one for one in without_b["body"]["options"] if one["id"] != "wrong"]
    other_kind = {"version": 1, "prompt": corrected()["prompt"], "body": {"kind": "true_false", "right": True}}
    for key in (None, corrected(), without_b, other_kind):
        with refused("regrade_unfit") as no:
            await regrades(anna, exam, ids[0], "key", key=key)
        assert no[0].params == {"why": "key"}
    with refused("regrade_unfit"):
        await regrades(anna, exam, new_id("item", 1))
    assert (await anna.asks("list_regrades", exam_id=exam))["items"] == []
    assert (await row_of(anna, exam, misha))["points"] == "1"


async def test_no_name_stands_in_the_record_of_an_anonymous_exam(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam, ids = await an_exam(world, anna, anonymous=True)
    await sat_by(world, misha, exam, right=0)
    done = await regrades(anna, exam, ids[0])
    assert [one["name"] for one in done["changes"]] == [""]
    assert done["changes"][0]["number"]
