"""What learners tell the commission in a call: asked, heard, marked and written down."""

from typing import Any

import pytest

from tests.lms_core.exams.sat import DEVICE, a_bank, essay, words
from tests.lms_core.marking.judged import (
    exam_data,
    marks,
    member,
    published,
    row_of,
    saves,
    settles,
    sits,
    task_of,
    telling,
    written,
)
from tests.support.story import Json, Person, refused
from tests.support.world import World

RUBRIC = [
    {"id": name, "words": words(name), "shown": True, "levels": [
        {"id": "no", "words": words("no"), "points": "0"}, {"id": "full", "words": words("full"), "points": "2"},
    ]} for name in ("knows", "says")
]  # fmt: skip
FULL = [{"criterion": one, "level": "full"} for one in ("knows", "says")]
HALF = [FULL[0], {"criterion": "says", "level": "no"}]


def told(prompt: str) -> Json:
    """A question that is answered to the examiner."""
    return essay(prompt) | {"body": {"kind": "spoken", "live": True, "rubric": RUBRIC, "sample": words("Since.")}}


async def an_exam(world: World, anna: Person, call: str | None, **more: Any) -> str:
    """Of a question to be told and an essay."""
    bank, items = await a_bank(world, (told("What is a derivative?"), essay("Why?")))
    section = {"name": "", "items": [{"item_id": one, "points": "4"} for one in items]}
    return await published(world, anna, banks=[bank], sections=[section], shuffle=False, lesson_id=call, **more)


async def queue_of(who: Person, exam: str) -> Json:
    return await who.asks("marking_queue", exam_id=exam)


@pytest.mark.req("S141-15.2")
async def test_an_examiner_asks_hears_and_marks_in_a_call(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    call = await anna.starts("Ауызша емтихан")
    team = [member(anna, "chair"), member(boris, "marker")]
    exam = await an_exam(world, anna, call["id"], commission=team, release=telling("answers"))
    sitting = await sits(misha, exam)
    question = next(one for one in sitting["questions"] if one["shown"]["kind"] == "spoken")
    assert (sitting["exam"]["lesson_id"], question["shown"]["live"]) == (call["id"], True)
    assert "Since." not in str(sitting), "what the examiner reads is no learner's"
    for who in (misha, boris):
        assert (await who.joins(sitting["exam"]["lesson_id"]))["grant"], "both are in one room"
    assert [one["todo"] for one in (await queue_of(boris, exam))["questions"]] == [1], (
        "the essay is being written still"
    )
    task = await task_of(boris, exam)
    assert (task["sitting_id"], task["answer"], task["wants"], task["may"]) == (sitting["id"], None, "first", True)
    assert "Since." in str(task["key"]["sample"])
    assert await marks(boris, task, None, levels=HALF, comment="Says it badly") == {
        "points": "2", "agreed": True, "wants": "",
    }  # fmt: skip
    assert (await row_of(anna, exam, misha))["points"] is None, "the sitting goes on"
    await saves(misha, sitting["id"], 3 - question["place"], 1, written("Because."))
    await saves(misha, sitting["id"], question["place"], 1, None, marked=True)
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    await settles(world)
    row = await row_of(anna, exam, misha)
    assert (row["missing"], row["points"]) == (1, "2"), "the mark stands, whatever was marked to be looked at again"
    await marks(anna, await task_of(anna, exam), "3")
    record = await anna.asks("exam_protocol", exam_id=exam)
    assert (record["call"]["lesson_id"], record["call"]["title"]) == (call["id"], "Ауызша емтихан")
    assert [(one["name"], one["title"]["kk"], one["points"], one["most"]) for one in record["aloud"]] == [
        ("Misha Оспан", "What is a derivative?", "2", "4")
    ]
    [mark] = record["aloud"][0]["marks"]
    assert (mark["marker"], mark["points"], mark["comment"]) == ("Boris Оспан", "2", "Says it badly")
    assert [one["label"] for one in record["lines"] if one["name"] == "Misha Оспан"] == ["3"], "63 per cent"
    await anna.does("release_results", {}, exam_id=exam)
    seen = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert [one["comments"] for one in seen["questions"] if one["place"] == question["place"]] == [["Says it badly"]]


@pytest.mark.req("S141-15.2")
async def test_two_examiners_hear_one_answer_and_neither_knows_what_the_other_gave(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    call = await anna.starts()
    double = {"bound": "0.2", "step": "0.5", "third": False}
    team = [member(anna, "chair"), member(boris, "marker")]
    exam = await an_exam(world, anna, call["id"], commission=team, double=double)
    await sits(misha, exam)
    assert (await marks(anna, await task_of(anna, exam), None, levels=FULL))["wants"] == "second"
    second = await task_of(boris, exam)
    assert second["marks"] == []
    assert (await marks(boris, second, None, levels=HALF))["wants"] == "talk"
    assert await marks(anna, await task_of(anna, exam), None, levels=HALF) == {
        "points": "2", "agreed": True, "wants": "",
    }  # fmt: skip


async def test_without_a_call_it_waits_until_it_is_handed_in(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await an_exam(world, anna, None)
    sitting = await sits(misha, exam)
    place = next(one["place"] for one in sitting["questions"] if one["shown"]["kind"] == "spoken")
    assert (await queue_of(anna, exam))["questions"] == []
    with refused("not_marked_by_hand", 409):
        await marks(anna, {"sitting_id": sitting["id"], "place": place, "revision": 0, "seen": 0}, "2")
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    await settles(world)
    task = await task_of(anna, exam)
    assert (task["place"], task["answer"]) == (place, None), "nothing was written, and a person marks it all the same"
    assert (await marks(anna, task, "4"))["points"] == "4"
    assert (await anna.asks("exam_protocol", exam_id=exam))["call"] is None


async def test_an_essay_is_not_marked_while_it_is_written(world: World) -> None:
    """Not even of a sitting that was ended, scored, and goes on."""
    anna, misha = await world.enters("anna", "misha")
    call = await anna.starts()
    exam = await an_exam(world, anna, call["id"])
    sitting = await sits(misha, exam)
    place = next(one["place"] for one in sitting["questions"] if one["shown"]["kind"] == "essay")
    await saves(misha, sitting["id"], place, 1, written("Because."))
    for act in ("terminate", "reactivate"):
        await anna.does("move_sitting", {"act": act, "why": "?"}, sitting_id=sitting["id"])
        await settles(world)
    assert [one["kind"] for one in (await queue_of(anna, exam))["questions"]] == ["spoken"]
    with refused("not_marked_by_hand", 409):
        await marks(anna, {"sitting_id": sitting["id"], "place": place, "revision": 1, "seen": 0}, "2")


async def test_nothing_is_sent_where_it_is_told(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    sitting = await sits(misha, await an_exam(world, anna, None))
    place = next(one["place"] for one in sitting["questions"] if one["shown"]["kind"] == "spoken")
    with refused("malformed", 422):
        await misha.sends(
            "add_answer_file", b"RIFF", query={"place": str(place), "name": "a.wav"}, sitting_id=sitting["id"]
        )
    with refused("item_answer_unfit", 422):
        await saves(misha, sitting["id"], place, 1, {"kind": "recorded", "sha256": "d" * 64, "seconds": 1})


async def test_the_call_is_a_lesson_that_the_chair_knows(world: World) -> None:
    anna, misha, victor = await world.enters("anna", "misha", "victor")
    other = await victor.starts()
    with refused("exam_unfit", 422) as no:
        await anna.asks("create_exam", await exam_data(world, lesson_id=other["id"]))
    assert no[0].params == {"where": "lesson_id", "why": "unknown"}
    exam = await an_exam(world, anna, None)
    call = await anna.starts()
    made = await anna.asks("read_exam", exam_id=exam)
    change = {"version": made["version"], "data": made["data"] | {"lesson_id": call["id"]}}
    assert (await anna.does("change_exam", change, exam_id=exam))["data"]["lesson_id"] == call["id"], (
        "told when it is known"
    )
    resit = await anna.does("make_resit", {"persons": [misha.id]}, exam_id=exam)
    assert resit["data"]["lesson_id"] is None
