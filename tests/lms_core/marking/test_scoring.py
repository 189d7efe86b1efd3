"""Points by the key, and what a sitting comes to."""

import pytest

from tests.lms_core.marking.judged import marks, published, row_of, sat_by, task_of, telling
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
