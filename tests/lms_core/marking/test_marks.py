"""Marks by hand: who may, what waits for whom, two markers and a third, rubrics."""

from typing import Any

import pytest
from sqlalchemy import select, update

from lms_core.audit.model import Entry
from lms_core.exams.model import Sitting
from lms_core.kernel.ids import new_id
from tests.lms_core.exams.sat import a_bank, essay, single, words
from tests.lms_core.marking.judged import (
    answer_to,
    marks,
    member,
    published,
    row_of,
    sat_by,
    saves,
    settles,
    sits,
    task_of,
    telling,
    written,
)
from tests.support.story import Json, Person, refused
from tests.support.world import World


async def an_exam(world: World, anna: Person, *markers: str, **more: Any) -> str:
    team = [member(world.school.persons["anna"], "chair")]
    team += [member(world.school.persons[one], "marker") for one in markers]
    return await published(world, anna, commission=team, **more)


async def test_who_is_not_of_the_commission_marks_nothing(world: World) -> None:
    anna, boris, misha, deputy, proctor, victor = await world.enters(
        "anna", "boris", "misha", "deputy", "proctor", "victor"
    )
    team = [member(anna, "chair"), member(proctor, "proctor")]
    exam = await published(world, anna, commission=team)
    sitting = await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    for who, code in ((boris, "not_found"), (victor, "not_found"), (deputy, "forbidden"), (misha, "forbidden")):
        for asking in (task_of(who, exam), marks(who, task), who.asks("marking_queue", exam_id=exam)):
            with refused(code):
                await asking
    with refused("forbidden", 403):
        await proctor.asks("marking_queue", exam_id=exam)
    with refused("forbidden"):
        await deputy.asks("release_results", {}, exam_id=exam)
    with refused("not_found"):
        await boris.asks("review_sitting", sitting_id=sitting["id"])
    assert (await row_of(anna, exam, misha))["missing"] == 1


@pytest.mark.req("S456-27.14")
async def test_answers_wait_by_question_and_by_learner(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    first = await sat_by(world, misha, exam, text="One")
    await sat_by(world, dina, exam, text="Two")
    queue = await anna.asks("marking_queue", exam_id=exam)
    [question] = queue["questions"]
    assert (question["kind"], question["most"], question["todo"], question["done"]) == ("essay", "2.5", 2, 0)
    assert question["title"]["ru"] == "Why?"
    assert {(one["name"], one["todo"]) for one in queue["sittings"]} == {("Misha Оспан", 1), ("Dina Оспан", 1)}
    one = await task_of(anna, exam, item=question["item_id"])
    other = await task_of(anna, exam, after=f"{one['sitting_id']}:{one['place']}")
    assert one["sitting_id"] != other["sitting_id"], "one may be passed over"
    of_misha = await task_of(anna, exam, sitting=first["id"])
    assert of_misha["answer"] == written("One")
    await marks(anna, of_misha, "1.5")
    queue = await anna.asks("marking_queue", exam_id=exam)
    assert [(one["todo"], one["done"]) for one in queue["questions"]] == [(1, 1)]
    left = await anna.asks("next_to_mark", exam_id=exam)
    assert (left["left"], left["task"]["answer"]) == (1, written("Two"))
    again = await task_of(anna, exam, sitting=first["id"], place=str(of_misha["place"]))
    assert (again["points"], [one["points"] for one in again["marks"]]) == ("1.5", ["1.5"])
    await marks(anna, again, "2")
    await marks(anna, left["task"], "1")
    assert await anna.asks("next_to_mark", exam_id=exam) == {"task": None, "left": 0}
    assert (await row_of(anna, exam, misha))["points"] == "5", "the newest mark counts"


async def test_no_name_is_shown_where_marking_is_anonymous(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    exam = await an_exam(world, anna, "boris", anonymous=True)
    sitting = await sat_by(world, misha, exam)
    for asked in (await boris.asks("marking_queue", exam_id=exam), await task_of(boris, exam)):
        assert "Misha" not in str(asked)
        assert str(misha.id) not in str(asked)
    for asking in (
        boris.asks("exam_results", exam_id=exam),
        boris.asks("results_sheet", exam_id=exam),
        boris.asks("review_sitting", sitting_id=sitting["id"]),
    ):
        with refused("forbidden", 403):
            await asking
    assert (await row_of(anna, exam, misha))["name"] == "Misha Оспан"


async def test_nobody_marks_their_own_work(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    exam = await an_exam(world, anna, "boris", takers={"groups": [], "persons": [misha.id]})
    sitting = await sat_by(world, misha, exam)
    await world.run(lambda tx: _now_of(tx, sitting["id"], str(boris.id)))
    assert (await boris.asks("next_to_mark", exam_id=exam))["task"] is None
    task = await task_of(anna, exam)
    with refused("own_work", 403):
        await marks(boris, task)
    shown = await task_of(boris, exam, sitting=task["sitting_id"], place=str(task["place"]))
    assert shown["may"] is False


async def _now_of(tx: Any, sitting: str, person: str) -> None:
    """As if a colleague had sat it."""
    await tx.execute(update(Sitting).where(Sitting.id == sitting).values(person_id=person))


async def test_who_marks_what_changed_meanwhile_is_told(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    exam = await an_exam(world, anna, "boris")
    sitting = await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    seen = await task_of(boris, exam)
    await marks(anna, task, "1")
    with refused("stale", 409) as no:
        await marks(boris, seen, "2.5")
    assert no[0].params == {"version": 1}
    late = {"age_ms": 30_000}
    await world.clock.advance(20)
    await saves(misha, sitting["id"], task["place"], 2, written("Because, and more."), **late)
    await settles(world)
    row = await row_of(anna, exam, misha)
    assert (row["missing"], row["points"]) == (1, "3"), "the mark was of what stood there before"
    with refused("stale", 409) as no:
        await marks(anna, task | {"seen": 1}, "2")
    assert no[0].params == {"version": 2}
    anew = await task_of(anna, exam)
    assert (anew["revision"], anew["answer"]) == (2, written("Because, and more."))
    await marks(anna, anew, "2")
    assert (await row_of(anna, exam, misha))["missing"] == 0


async def test_points_are_between_none_and_all_in_steps(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    for points in ("3", "-1", "1.3", "1e-9999", "1e9999"):
        with refused("points_unfit", 422):
            await marks(anna, task, points)
    with refused("rubric_unfit", 422):
        await marks(anna, task, None)
    with refused("rubric_unfit", 422):
        await marks(anna, task, "1", levels=[{"criterion": "a", "level": "b"}])
    with refused("comment_too_long", 422):
        await marks(anna, task, comment="x" * 4001)
    with refused("not_marked_by_hand", 409):
        await marks(anna, task | {"place": 99})
    chosen = next(one for one in sitting["questions"] if one["shown"]["kind"] == "single")
    with refused("not_marked_by_hand", 409):
        await marks(anna, task | {"place": chosen["place"]})
    with refused("malformed", 422):
        await marks(anna, task, "NaN")
    with refused("not_found", 404):
        await marks(anna, task | {"sitting_id": new_id("sitting", 1)})


@pytest.mark.req("S456-27.14")
async def test_two_markers_agree_or_a_third_decides(world: World) -> None:
    anna, boris, tutor, misha, dina = await world.enters("anna", "boris", "tutor", "misha", "dina")
    double = {"bound": "0.2", "step": "0.5", "third": True}
    exam = await an_exam(world, anna, "boris", "tutor", double=double)
    near, far = await sat_by(world, misha, exam), await sat_by(world, dina, exam)
    place = (await task_of(anna, exam))["place"]

    async def task(who: Person, sitting: Json) -> Json:
        return await task_of(who, exam, sitting=sitting["id"], place=str(place))

    place = next(one["place"] for one in near["questions"] if one["shown"]["kind"] == "essay")
    assert await marks(anna, await task(anna, near), "2") == {"points": None, "agreed": False, "wants": "second"}
    blind = await task(boris, near)
    assert (blind["marks"], blind["points"], blind["wants"]) == ([], None, "second")
    assert await marks(boris, blind, "2.5") == {"points": "2.5", "agreed": True, "wants": ""}
    both = await task(boris, near)
    assert [(one["points"], one["mine"]) for one in both["marks"]] == [("2", False), ("2.5", True)]
    with refused("mark_settled", 409):
        await marks(anna, await task(anna, near), "0")
    place = next(one["place"] for one in far["questions"] if one["shown"]["kind"] == "essay")
    await marks(anna, await task(anna, far), "0.5")
    assert (await marks(boris, await task(boris, far), "2"))["wants"] == "third"
    with refused("same_marker", 409):
        await marks(anna, await task(anna, far), "2")
    queue = await tutor.asks("marking_queue", exam_id=exam)
    assert [(one["todo"], one["done"], one["third"]) for one in queue["questions"]] == [(1, 1, 1)]
    third = await task_of(tutor, exam)
    assert (third["sitting_id"], third["marks"]) == (far["id"], []), "the third does not know what the two gave"
    assert await marks(tutor, third, "1.5") == {"points": "2", "agreed": True, "wants": ""}
    assert (await row_of(anna, exam, dina))["points"] == "5"


async def test_two_who_differ_talk_it_over_where_there_is_no_third(world: World) -> None:
    anna, boris, tutor, misha = await world.enters("anna", "boris", "tutor", "misha")
    exam = await an_exam(world, anna, "boris", "tutor", double={"bound": "0.2", "step": "0.5", "third": False})
    await sat_by(world, misha, exam)
    await marks(anna, await task_of(anna, exam), "0")
    assert (await marks(boris, await task_of(boris, exam), "2"))["wants"] == "talk"
    task = await task_of(anna, exam)
    assert [(one["points"], one["mine"]) for one in task["marks"]] == [("0", True), ("2", False)]
    with refused("mark_settled"):
        await marks(tutor, task | {"seen": 0}, "1")
    assert await marks(anna, task, "1.5") == {"points": "2", "agreed": True, "wants": ""}


RUBRIC = [
    {"id": name, "words": words(name), "levels": [
        {"id": "no", "words": words("no"), "points": "0"}, {"id": "half", "words": words("half"), "points": "1"},
        {"id": "full", "words": words("full"), "points": "2"},
    ]} for name in ("logic", "style")
]  # fmt: skip


@pytest.mark.req("S141-15.4")
async def test_levels_of_a_rubric_make_the_points(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    asked = essay("Why?") | {"body": {"kind": "essay", "rubric": RUBRIC, "sample": words("Since.")}}
    bank, [item] = await a_bank(world, (asked,))
    section = {"name": "", "items": [{"item_id": item, "points": "10"}]}
    exam = await published(world, anna, banks=[bank], sections=[section])
    sitting = await sits(misha, exam)
    await saves(misha, sitting["id"], 1, 1, written("As it is."))
    assert "Since" not in str(sitting), "a sample is no learner's"
    await misha.does("hand_in", {"device": "desk-1"}, sitting_id=sitting["id"])
    await settles(world)
    task = await task_of(anna, exam)
    assert "Since." in str(task["key"]["sample"])
    levels = [[level["points"] for level in one["levels"]] for one in task["rubric"]]
    assert levels == [["0", "2.5", "5"]] * 2
    given = [{"criterion": "logic", "level": "full"}, {"criterion": "style", "level": "half"}]
    with refused("rubric_unfit"):
        await marks(anna, task, None, levels=given[:1])
    with refused("rubric_unfit"):
        await marks(anna, task, None, levels=[*given, given[0]])
    assert (await marks(anna, task, None, levels=given, comment="Good"))["points"] == "7.5"
    again = await task_of(anna, exam, sitting=task["sitting_id"], place="1")
    assert again["marks"][0]["levels"] == given


WORKS: list[Json] = [{"kind": "file", "types": ["pdf"]}, {"kind": "spoken", "live": True}]


@pytest.mark.req("S141-15.4", "S141-15.5")
async def test_a_teacher_chooses_kinds_of_work_and_marks_what_was_written_and_made(world: World) -> None:
    """A test, a written and a practical task, and a question to be told: of one exam, in one result."""
    anna, misha = await world.enters("anna", "misha")
    asked = (single("2 + 2"), essay("Why?"), *(essay("Make it") | {"body": one} for one in WORKS))
    bank, items = await a_bank(world, asked)
    section = {"name": "", "items": [{"item_id": one, "points": "5"} for one in items]}
    exam = await published(world, anna, banks=[bank], sections=[section], shuffle=False, release=telling("answers"))
    sitting = await sits(misha, exam)
    assert [one["shown"]["kind"] for one in sitting["questions"]] == ["single", "essay", "file", "spoken"]
    file = await misha.sends(
        "add_answer_file", b"%PDF-1.7 work", query={"place": "3", "name": "work.pdf"}, sitting_id=sitting["id"]
    )
    handed = {"kind": "handed_in", "files": [{"sha256": file["sha256"], "name": file["name"], "size": file["bytes"]}]}
    answers = (answer_to(sitting["questions"][0], right=True), written("Because."), handed)
    for place, told in enumerate(answers, 1):
        await saves(misha, sitting["id"], place, 1, told)
    await misha.does("hand_in", {"device": "desk-1"}, sitting_id=sitting["id"])
    await settles(world)
    row = await row_of(anna, exam, misha)
    assert (row["points"], row["missing"]) == ("5", 3)
    for place, points, comment in ((2, "4", "Say more"), (3, "3.5", "Draw the axes"), (4, "2", "")):
        task = await task_of(anna, exam, sitting=sitting["id"], place=str(place))
        assert [one["name"] for one in task["files"]] == (["work.pdf"] if place == 3 else [])
        for one in task["files"]:
            async with world.http.get(one["url"]) as found:
                assert await found.read() == b"%PDF-1.7 work"
        await marks(anna, task, points, comment=comment)
    row = await row_of(anna, exam, misha)
    assert (row["points"], row["most"], row["missing"], row["label"]) == ("14.5", "20", 0, "4")
    await anna.does("release_results", {}, exam_id=exam)
    seen = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert [(one["points"], one["comments"]) for one in seen["questions"]] == [
        ("5", []), ("4", ["Say more"]), ("3.5", ["Draw the axes"]), ("2", []),
    ]  # fmt: skip


async def test_marks_stand_once_the_results_are_told(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, release=telling("points"))
    await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    await marks(anna, task, "1")
    await anna.does("release_results", {}, exam_id=exam)
    again = await task_of(anna, exam, sitting=task["sitting_id"], place=str(task["place"]))
    assert again["may"] is False
    with refused("results_released", 409):
        await marks(anna, again, "2")


async def test_a_key_that_is_looked_at_leaves_a_line(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    query = select(Entry).where(Entry.op == "next_to_mark")
    [line] = await world.run(lambda tx: tx.all(query))
    assert (line.what, line.actor_id) == ("looked", anna.id)
    assert line.details == {"exam": exam, "item": task["item_id"], "sitting": task["sitting_id"]}


async def test_an_empty_essay_waits_for_nobody(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, text="")
    row = await row_of(anna, exam, misha)
    assert (row["missing"], row["points"]) == (0, "3")
