"""Who is told what came out, and since when."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.exams.model import Exam
from lms_core.items.model import ItemUse
from tests.lms_core.exams.sat import DEVICE
from tests.lms_core.marking.judged import (
    marks,
    member,
    published,
    row_of,
    sat_by,
    settles,
    sits,
    task_of,
    telling,
)
from tests.support.story import Json, Person, refused
from tests.support.world import World


async def looks(who: Person, sitting: Json) -> Json:
    return await who.asks("review_sitting", sitting_id=sitting["id"])


async def test_results_are_told_when_all_is_marked_and_decided(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna, release=telling("points"))
    first = await sat_by(world, misha, exam)
    second = await sits(dina, exam)
    with refused("results_not_ready", 409) as no:
        await anna.does("release_results", {}, exam_id=exam)
    assert no[0].params == {"marks": 1, "running": 1, "undecided": 0}
    await anna.does("move_sitting", {"act": "terminate", "why": "Two faces"}, sitting_id=second["id"])
    await settles(world)
    await marks(anna, await task_of(anna, exam), "2.5")
    with refused("results_not_ready") as no:
        await anna.does("release_results", {}, exam_id=exam)
    assert no[0].params == {"marks": 0, "running": 0, "undecided": 1}
    with refused("reason_missing"):
        await anna.does("judge_sitting", {"verdict": "void"}, sitting_id=second["id"])
    done = await anna.does("judge_sitting", {"verdict": "void", "why": "Two faces"}, sitting_id=second["id"])
    assert done == {"state": "voided"}
    told = await anna.does("release_results", {}, exam_id=exam)
    assert (told["state"], told["ready"], told["missing"]) == ("released", True, 0)
    assert await anna.does("release_results", {}, exam_id=exam) == told, "twice is as once"
    rows = {one["name"]: (one["state"], one["label"]) for one in told["rows"]}
    assert rows == {"Misha Оспан": ("handed_in", "5"), "Dina Оспан": ("voided", "")}
    assert (await looks(misha, first))["result"]["label"] == "5"
    voided = await looks(dina, second)
    assert (voided["told"], voided["result"]) == (False, None)


async def test_the_bank_learns_how_its_questions_did(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    for who, right in ((misha, 3), (dina, 1)):
        await sat_by(world, who, exam, right=right, text="")
    assert await world.run(lambda tx: tx.all(select(ItemUse))) == []
    await anna.does("release_results", {}, exam_id=exam)
    uses = await world.run(lambda tx: tx.all(select(ItemUse)))
    assert sorted((one.asked, one.facility, one.discrimination) for one in uses) == [
        (2, 0.0, 0.0), (2, 0.5, 1.0), (2, 0.5, 1.0), (2, 1.0, 0.0),
    ]  # fmt: skip
    assert {one.title for one in uses} == {"Туынды"}


@pytest.mark.parametrize(
    ("what", "answers", "keys"), [("nothing", None, None), ("points", False, False), ("answers", True, False),
                                  ("keys", True, True)],
)  # fmt: skip
@pytest.mark.req("S456-27.14")
async def test_learners_see_what_the_exam_lets_them_see(world: World, what: str, answers: Any, keys: Any) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, release=telling(what))
    sitting = await sat_by(world, misha, exam, text="")
    before = await looks(misha, sitting)
    assert (before["told"], before["what"], before["result"], before["questions"]) == (False, "nothing", None, [])
    await anna.does("release_results", {}, exam_id=exam)
    told = await looks(misha, sitting)
    if answers is None:
        assert (told["told"], told["result"], told["questions"], told["since"]) == (False, None, [], None)
        return
    assert (told["told"], told["what"], told["result"]["points"]) == (True, what, "3")
    assert [bool(one["shown"] and one["parts"]) for one in told["questions"]] == [answers] * 4
    assert [one["key"] is not None for one in told["questions"]] == [keys] * 4
    whole = await looks(anna, sitting)
    assert (whole["what"], whole["name"]) == ("keys", "Misha Оспан")
    assert all(one["key"] for one in whole["questions"])


async def test_a_practice_is_told_at_once(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, kind="practice", attempts=2, release=telling("keys", "at_once"))
    sitting = await sits(misha, exam)
    assert (await looks(misha, sitting))["questions"] == []
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    told = await looks(misha, sitting)
    assert (told["told"], told["result"]["points"], len(told["questions"])) == (True, "0", 4), "before its job has run"
    assert (await looks(misha, await sits(misha, exam)))["questions"] == [], "the next attempt is its own"


async def test_after_the_close_nobody_is_told_while_somebody_sits(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    release = telling("keys", "after_close")
    exam = await published(
        world,
        anna,
        release=release,
        seconds=3600,
        opens_at="2026-10-22T04:00:00Z",
        closes_at="2026-10-22T05:05:00Z",
    )
    first = await sat_by(world, misha, exam, text="")
    second = await sits(dina, exam)
    assert (await looks(misha, first))["told"] is False
    await world.clock.advance(600)
    assert (await looks(misha, first))["told"] is False, "dina still sits"
    await dina.does("hand_in", {"device": DEVICE}, sitting_id=second["id"])
    assert (await looks(misha, first))["told"] is True


async def test_only_a_chair_who_did_not_sit_it_judges(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    exam = await published(world, anna, commission=[member(anna, "chair"), member(boris, "marker")])
    sitting = await sat_by(world, misha, exam)
    for who, code in ((boris, "forbidden"), (misha, "forbidden")):
        with refused(code, 403):
            await who.does("judge_sitting", {"verdict": "accept"}, sitting_id=sitting["id"])
        with refused(code, 403):
            await who.does("release_results", {}, exam_id=exam)
    assert await anna.does("judge_sitting", {"verdict": "accept"}, sitting_id=sitting["id"]) == {"state": "accepted"}
    with refused("sitting_move_unfit"):
        await anna.does("judge_sitting", {"verdict": "void", "why": "no"}, sitting_id=sitting["id"])


async def test_nobody_begins_what_was_told(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, text="")
    await anna.does("release_results", {}, exam_id=exam)
    with refused("exam_not_sat"):
        await sits(dina, exam)
    assert (await row_of(anna, exam, dina))["state"] == "planned"
    rows = await world.run(lambda tx: tx.all(select(Exam)))
    assert [row.state for row in rows] == ["released"]
