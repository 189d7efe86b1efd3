"""Points by the key, and what a sitting comes to."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import SittingId
from lms_core.marking import scoring
from lms_core.marking.model import AnswerScore, Result
from tests.lms_core.exams.sat import DEVICE, a_bank, single
from tests.lms_core.marking.judged import (
    answer_to,
    marks,
    published,
    row_of,
    sat_by,
    saves,
    settles,
    sits,
    task_of,
    telling,
)
from tests.support.world import World


@pytest.mark.req("S456-27.14")
async def test_an_exam_is_scored_marked_told_and_looked_back_at(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, release=telling("keys"))
    sitting = await sat_by(world, misha, exam, right=2)
    row = await row_of(anna, exam, misha)
    assert (row["state"], row["missing"], row["points"], row["most"], row["label"]) == (
        "handed_in",
        1,
        "2",
        "5.5",
        "",
    )
    before = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert (before["told"], before["result"], before["questions"]) == (False, None, [])
    task = await task_of(anna, exam)
    assert task["answer"] == {"kind": "written", "text": "Because."}
    assert await marks(anna, task, "2.5", comment="Well said") == {"points": "2.5", "agreed": True, "wants": ""}
    row = await row_of(anna, exam, misha)
    assert (row["missing"], row["points"], row["percent"], row["label"], row["passed"]) == (0, "4.5", "82", "4", True)
    await anna.does("release_results", {}, exam_id=exam)
    told = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert (told["told"], told["what"], told["result"]["label"]) == (True, "keys", "4")
    essay = next(one for one in told["questions"] if one["shown"]["kind"] == "essay")
    assert (essay["comments"], essay["points"]) == (["Well said"], "2.5")
    wrong = next(one for one in told["questions"] if one["points"] == "0")
    [right] = wrong["key"]["answer"]["ids"]
    texts = {one["id"]: one["words"]["blocks"][0]["runs"][0]["text"] for one in wrong["shown"]["options"]}
    assert (texts[right], texts[wrong["answer"]["ids"][0]]) == ("A", "B")


async def test_a_job_that_runs_again_changes_nothing(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sat_by(world, misha, exam, right=2)
    await marks(anna, await task_of(anna, exam), "2")
    before = await kept(world)
    await world.clock.advance(60)
    for _ in range(2):
        await world.run(lambda tx: scoring.score(tx, world.school.school.id, [SittingId(sitting["id"])]))
    assert await kept(world) == before
    assert len(before) == 5, "four answers and what they come to"


async def test_what_is_not_ended_is_not_scored_and_what_goes_on_again_is_scored_anew(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    await world.run(lambda tx: scoring.score(tx, world.school.school.id, [SittingId(sitting["id"])]))
    assert await kept(world) == []
    await anna.does("move_sitting", {"act": "terminate", "why": "A telephone"}, sitting_id=sitting["id"])
    await settles(world)
    assert (await row_of(anna, exam, misha))["points"] == "0"
    await anna.does("move_sitting", {"act": "reactivate", "why": "It was a calculator"}, sitting_id=sitting["id"])
    assert (await row_of(anna, exam, misha))["points"] is None
    question = next(one for one in sitting["questions"] if one["shown"]["kind"] == "single")
    await saves(misha, sitting["id"], question["place"], 1, answer_to(question, right=True))
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    await settles(world)
    assert (await row_of(anna, exam, misha))["points"] == "1"


@pytest.mark.parametrize(("penalties", "partial", "points"), [(True, True, "0.25"), (False, True, "0.75"),
                                                              (False, False, "0")])  # fmt: skip
async def test_the_exam_says_whether_parts_and_penalties_count(
    world: World, penalties: bool, partial: bool, points: str
) -> None:
    anna, misha = await world.enters("anna", "misha")
    wrong = single("2 + 2") | {"penalty": "0.5"}
    half = single("3 + 3")
    half["body"] |= {"worth": [{"id": "wrong", "share": "0.75"}]}
    bank, ids = await a_bank(world, (wrong, half))
    section = {"name": "", "items": [{"item_id": one, "points": "1"} for one in ids]}
    more = {"banks": [bank], "sections": [section], "shuffle": False}
    exam = await published(world, anna, penalties=penalties, partial=partial, **more)
    await sat_by(world, misha, exam, right=0)
    assert (await row_of(anna, exam, misha))["points"] == points


async def kept(world: World) -> list[dict[str, Any]]:
    """Every row of scores and results."""

    async def work(tx: Tx) -> list[dict[str, Any]]:
        rows = [*await tx.all(select(AnswerScore)), *await tx.all(select(Result))]
        return [{one.name: getattr(row, one.name) for one in row.__table__.columns} for row in rows]

    return await world.run(work)
