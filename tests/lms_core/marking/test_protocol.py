"""The commission's record."""

import pytest

from tests.lms_core.marking.judged import marks, member, published, sat_by, task_of, telling
from tests.support.world import World


@pytest.mark.req("S456-34.10")
async def test_the_record_names_the_commission_the_results_and_what_was_decided(world: World) -> None:
    anna, boris, misha, proctor = await world.enters("anna", "boris", "misha", "proctor")
    team = [member(proctor, "proctor"), member(boris, "marker"), member(anna, "chair")]
    exam = await published(world, anna, commission=team, level="college", release=telling("points"))
    sitting = await sat_by(world, misha, exam, right=3)
    await marks(boris, await task_of(boris, exam), "1")
    await anna.does("release_results", {}, exam_id=exam)
    appeal = await misha.does("appeal", {"why": "More, please"}, sitting_id=sitting["id"])
    await anna.does("decide_appeal", {"decision": "refuse", "why": "As the rubric says"}, appeal_id=appeal["id"])
    record = await anna.asks("exam_protocol", exam_id=exam)
    assert [(one["name"], one["part"]) for one in record["commission"]] == [
        ("Anna Оспан", "chair"), ("Boris Оспан", "marker"), ("Proctor Оспан", "proctor"),
    ]  # fmt: skip
    assert (record["organisation"]["kk"], record["level"], record["absent"], record["marked"]) == (
        "№ 1",
        "college",
        1,
        1,
    )
    of = {one["name"]: one for one in record["lines"]}
    assert (of["Misha Оспан"]["label"], of["Misha Оспан"]["words"]["ru"]) == ("C+", "хорошо")
    assert (of["Dina Оспан"]["state"], of["Dina Оспан"]["label"]) == ("planned", "")
    assert [(one["state"], one["answer"]) for one in record["appeals"]] == [("refused", "As the rubric says")]
    assert (record["released_by"], record["released"]) == ("Anna Оспан", "2026-10-22T04:55:00Z")
