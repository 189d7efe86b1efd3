"""What a learner reads of an exam before it begins."""

import pytest

from tests.lms_core.exams.sat import exam_data, published, sits
from tests.support.story import refused
from tests.support.world import World


@pytest.mark.req("S456-27.14")
async def test_a_learner_reads_their_own_rules_before_they_begin(world: World) -> None:
    anna, misha, erlan = await world.enters("anna", "misha", "erlan")
    exam = await published(world, anna, attempts=2, interrupted="grace", grace_seconds=120, penalties=True)
    me = world.school.persons["misha"]
    rules = {"seat": "12", "factor": "3/2", "extra_seconds": 60, "exempt": False, "admitted": False, "refusal": ""}
    await anna.does("change_taker", rules, exam_id=exam, person_id=me)
    entry = await misha.asks("read_entry", exam_id=exam)
    assert (entry["seconds"], entry["factor"], entry["extra_seconds"]) == (1800 * 3 // 2 + 60, "3/2", 60)
    assert (entry["interrupted"], entry["grace_seconds"], entry["penalties"]) == ("grace", 120, True)
    assert (entry["questions"], entry["attempts"], entry["used"], entry["seat"]) == (4, 2, 0, "12")
    assert (entry["refused"], entry["sitting"]) == ("", None)
    sitting = await sits(misha, exam)
    entry = await misha.asks("read_entry", exam_id=exam)
    assert (entry["used"], entry["sitting"]["id"], entry["sitting"]["state"]) == (1, sitting["id"], "running")
    with refused("not_found", 404):
        await erlan.asks("read_entry", exam_id=exam)


@pytest.mark.req("S456-27.14")
async def test_who_is_not_admitted_reads_why(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    made = await anna.does("create_exam", await exam_data(world))
    with refused("not_found", 404):
        await misha.asks("read_entry", exam_id=made["id"])
    await anna.does("publish_exam", {}, exam_id=made["id"])
    no = {"seat": "", "factor": "1", "extra_seconds": 0, "exempt": False, "admitted": False, "refusal": "Болды"}
    await anna.does("change_taker", no, exam_id=made["id"], person_id=world.school.persons["misha"])
    entry = await misha.asks("read_entry", exam_id=made["id"])
    assert (entry["refused"], entry["why"]) == ("not_admitted", "Болды")
