"""A learner's sitting over the API: begun, answered, interrupted, brought elsewhere, handed in."""

import pytest

from tests.lms_core.exams.sat import DEVICE, chosen, exam_data, saves, sits
from tests.support.story import refused
from tests.support.world import World


@pytest.mark.req("S456-27.14")
async def test_an_exam_is_set_sat_and_handed_in(world: World) -> None:
    anna, misha, erlan = await world.enters("anna", "misha", "erlan")
    made = await anna.does("create_exam", await exam_data(world))
    assert (made["state"], made["part"], made["questions"], made["points"]) == ("draft", "chair", 4, "5.5")
    assert (await misha.asks("list_exams"))["items"] == [], "a draft is its commission's"
    with refused("not_found", 404):
        await sits(misha, made["id"])
    await anna.does("publish_exam", {}, exam_id=made["id"])
    [row] = (await misha.asks("list_exams"))["items"]
    assert (row["part"], row["title"], row["sitting"]) == ("taker", "Туынды", None)
    assert (await erlan.asks("list_exams"))["items"] == []
    with refused("not_found", 404):
        await sits(erlan, made["id"])
    sitting = await sits(misha, made["id"])
    assert (sitting["state"], sitting["left"]["whole"], sitting["holds"]) == ("running", 1800, True)
    assert [one["place"] for one in sitting["questions"]] == [1, 2, 3, 4]
    assert "right" not in str(sitting["questions"]), "no key reaches the browser"
    first = next(one for one in sitting["questions"] if one["shown"]["kind"] == "single")
    taken = await saves(misha, sitting["id"], first["place"], 1, chosen("1"))
    assert (taken["outcome"], taken["revision"], taken["late"]) == ("taken", 1, False)
    again = await sits(misha, made["id"])
    assert again["id"] == sitting["id"]
    shown = next(one for one in again["questions"] if one["place"] == first["place"])
    assert (shown["answer"], shown["revision"]) == (chosen("1"), 1)
    done = await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    assert (done["state"], done["questions"]) == ("handed_in", [])
    with refused("attempts_spent", 409):
        await sits(misha, made["id"])
    [watched] = (await anna.asks("list_sittings", exam_id=made["id"]))["items"]
    assert (watched["state"], watched["answered"], watched["questions"]) == ("handed_in", 1, 4)
