"""A learner's sitting over the API: begun, answered, interrupted, brought elsewhere, handed in."""

from datetime import timedelta

import pytest

from tests.lms_core.exams.sat import (
    DEVICE,
    ITEMS,
    OTHER,
    a_bank,
    chosen,
    exam_data,
    published,
    saves,
    single,
    sits,
    written,
)
from tests.support.story import Person, refused
from tests.support.world import World


@pytest.mark.req("S456-27.14", "S141-15.3")
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
    assert (await misha.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"]))["state"] == "handed_in"
    with refused("attempts_spent", 409):
        await sits(misha, made["id"])
    [watched] = (await anna.asks("list_sittings", exam_id=made["id"]))["items"]
    assert (watched["state"], watched["answered"], watched["questions"]) == ("handed_in", 1, 4)


async def test_who_shares_a_paper_sees_it_in_another_order(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    one, other = await sits(misha, exam), await sits(dina, exam)
    prompts = [[q["shown"]["prompt"] for q in each["questions"]] for each in (one, other)]
    assert sorted(map(str, prompts[0])) == sorted(map(str, prompts[1]))
    again = await misha.asks("read_sitting", sitting_id=one["id"], query={"device": DEVICE})
    assert [q["shown"] for q in again["questions"]] == [q["shown"] for q in one["questions"]]


async def test_a_question_that_is_changed_stays_as_it_was_in_papers(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    data = await exam_data(world)
    exam = (await anna.does("create_exam", data))["id"]
    await anna.does("publish_exam", {}, exam_id=exam)
    [drawn, *_] = (await boris.asks("list_items", bank_id=data["banks"][0], query={"search": "2 + 2"}))["items"]
    await boris.does("change_item", {"version": 1, "item": single("5 + 5")}, item_id=drawn["id"])
    sitting = await sits(misha, exam)
    assert "5 + 5" not in str(sitting["questions"])
    assert "2 + 2" in str(sitting["questions"])


@pytest.mark.req("S456-27.14")
async def test_every_kind_of_save_has_its_answer(world: World) -> None:
    anna, misha, dina, erlan = await world.enters("anna", "misha", "dina", "erlan")
    exam = await published(world, anna)
    with refused("not_found", 404):
        await saves(misha, exam.replace("exam_", "sitting_"), 1, 1, chosen("1"))
    sitting = await sits(misha, exam)
    place = next(q["place"] for q in sitting["questions"] if q["shown"]["kind"] == "single")
    mine = sitting["id"]
    assert (await saves(misha, mine, place, 2, chosen("2")))["outcome"] == "taken"
    assert (await saves(misha, mine, place, 2, chosen("2")))["outcome"] == "again", "an answer that was lost on the way"
    older = await saves(misha, mine, place, 1, chosen("1"))
    assert (older["outcome"], older["revision"]) == ("older", 2)
    with refused("answer_conflict", 409) as no:
        await saves(misha, mine, place, 2, chosen("3"))
    assert no[0].params == {"revision": 2}
    with refused("other_device", 409):
        await saves(misha, mine, place, 3, chosen("3"), device=OTHER)
    for stranger in (dina, erlan):
        with refused("not_found", 404):
            await saves(stranger, mine, place, 3, chosen("3"))
    with refused("not_found", 404):
        await saves(misha, mine, 99, 1, chosen("1"))
    with refused("forbidden", 403):
        await saves(anna, mine, place, 3, chosen("3"))
    for wrong in ({"kind": "written", "text": "A"}, {"kind": "chosen", "ids": ["9"]}, {"kind": "chosen", "ids": 7}):
        with refused("item_answer_unfit", 422):
            await saves(misha, mine, place, 3, wrong)
    for wrong in (
        {"revision": 0},
        {"age_ms": -1},
        {"age_ms": 10**12},
        {"device": ""},
        {"written_at": "2026-10-22T10:00"},
    ):
        with refused("malformed", 422):
            await saves(misha, mine, place, 3, chosen("1"), **wrong)
    back = await saves(misha, mine, place, 3, None, marked=True)
    assert (back["outcome"], back["revision"]) == ("taken", 3)
    again = await misha.asks("read_sitting", sitting_id=mine, query={"device": DEVICE})
    shown = next(one for one in again["questions"] if one["place"] == place)
    assert (shown["answer"], shown["revision"], shown["marked"]) == (None, 3, True)


@pytest.mark.req("S456-27.14")
async def test_time_is_up_by_the_servers_clock_and_what_was_written_before_is_taken(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    await beats(misha, sitting["id"], world, 1799)
    assert (await saves(misha, sitting["id"], 1, 1, None))["late"] is False
    await world.clock.advance(10)
    late = await saves(misha, sitting["id"], 1, 2, None, age_ms=11_000, written_at="1970-01-01T00:00:00Z")
    assert (late["outcome"], late["late"], late["state"]) == ("taken", True, "handed_in")
    with refused("answer_too_late", 409):
        await saves(misha, sitting["id"], 1, 3, None, age_ms=0, written_at="2020-01-01T00:00:00Z")
    await world.clock.advance(121)
    with refused("answer_too_late", 409):
        await saves(misha, sitting["id"], 2, 1, None, age_ms=140_000)
    rows = await anna.asks("list_moves", sitting_id=sitting["id"])
    acts = [(one["act"], one["by"]) for one in rows["items"]]
    assert acts == [("check_in", "learner"), ("admit", "server"), ("start", "learner"), ("time_up", "server")]
    assert rows["items"][3]["at"] == "2026-10-22T05:25:00Z", "when it was due, however late somebody looked"


async def test_the_job_ends_what_nobody_asks_for(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna, interrupted="runs")
    for who in (misha, dina):
        await sits(who, exam)
    await world.clock.advance(1801)
    await world.job("exams.due")
    found = (await anna.asks("list_sittings", exam_id=exam))["items"]
    assert [(one["state"], one["act"]) for one in found] == [("handed_in", "time_up")] * 2
    rows = (await anna.asks("list_moves", sitting_id=found[0]["id"]))["items"]
    assert [one["act"] for one in rows[-2:]] == ["lose", "time_up"], "nothing was heard for half an hour"


async def test_the_line_is_lost_and_the_clock_does_what_the_exam_says(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    for rule, left in (("runs", 1720), ("stands", 1800), ("grace", 1760)):
        exam = await published(world, anna, interrupted=rule, grace_seconds=40)
        sitting = await sits(misha, exam)
        await world.clock.advance(80)
        await world.job("exams.due")
        [seen] = (await anna.asks("list_sittings", exam_id=exam))["items"]
        assert (seen["state"], seen["interrupted_seconds"]) == ("interrupted", 80), rule
        back = await misha.does("beat_sitting", {"device": DEVICE}, sitting_id=sitting["id"])
        assert (back["state"], back["left"]["whole"]) == ("running", left), rule


async def test_an_answer_is_a_sign_of_life(world: World) -> None:
    """Who only answers and never beats gets no time as a gift where the clock stands for lost lines."""
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, interrupted="stands")
    sitting = await sits(misha, exam)
    for revision in range(1, 6):
        await world.clock.advance(25)
        await saves(misha, sitting["id"], 1, revision, None)
        await world.job("exams.due")
    beat = await misha.does("beat_sitting", {"device": DEVICE}, sitting_id=sitting["id"])
    assert (beat["state"], beat["left"]["whole"]) == ("running", 1800 - 125)
    await world.clock.advance(60)
    await world.job("exams.due")
    back = await saves(misha, sitting["id"], 1, 6, None)
    assert back["state"] == "running", "an answer comes back over a line that was lost"


async def test_a_server_that_was_down_takes_no_time_where_the_clock_stands(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, interrupted="stands")
    sitting = await sits(misha, exam)
    await world.clock.advance(3600)
    beat = await misha.does("beat_sitting", {"device": DEVICE}, sitting_id=sitting["id"])
    assert (beat["state"], beat["left"]["whole"]) == ("running", 1800)


@pytest.mark.req("S456-27.14")
async def test_one_device_at_a_time_with_honest_hand_over(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = await sits(misha, exam)
    with refused("other_device", 409):
        await sits(misha, exam, OTHER)
    seen = await misha.asks("read_sitting", sitting_id=sitting["id"], query={"device": OTHER})
    assert (seen["holds"], seen["questions"]) == (False, [])
    await world.clock.advance(10)
    moved = await misha.does("bring_sitting", {"device": OTHER}, sitting_id=sitting["id"])
    assert (moved["holds"], len(moved["questions"])) == (True, 4)
    await world.clock.advance(10)
    assert (await misha.does("beat_sitting", {"device": DEVICE}, sitting_id=sitting["id"]))["holds"] is False
    left = await saves(misha, sitting["id"], 1, 1, None, age_ms=15_000)
    assert left["outcome"] == "taken", "what the first one wrote before it was left"
    with refused("other_device", 409):
        await saves(misha, sitting["id"], 1, 2, None, age_ms=2_000)
    assert (await saves(misha, sitting["id"], 1, 2, None, device=OTHER))["outcome"] == "taken"
    for operation in ("hand_in", "turn_section"):
        with refused("other_device", 409):
            await misha.does(operation, {"device": DEVICE}, sitting_id=sitting["id"])
    with refused("malformed", 422):
        await misha.does("bring_sitting", {"device": ""}, sitting_id=sitting["id"])


@pytest.mark.req("S456-27.14")
async def test_sections_are_gone_through_in_turn(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    bank, ids = await a_bank(world)
    sections = [
        {"name": "A", "seconds": 600, "items": [{"item_id": ids[0]}], "cells": []},
        {"name": "B", "seconds": 300, "items": [{"item_id": ids[1]}], "cells": []},
        {"name": "C", "items": [{"item_id": ids[3]}], "cells": []},
    ]
    exam = await published(world, anna, banks=[bank], sections=sections, seconds=None)
    sitting = await sits(misha, exam)
    mine = sitting["id"]
    assert (sitting["exam"]["in_turn"], sitting["places"], sitting["section"]) == (True, [1, 1, 1], 0)
    assert [one["place"] for one in sitting["questions"]] == [1]
    assert (sitting["left"]["whole"], sitting["left"]["section"]) == (None, 600)
    with refused("section_not_open", 409):
        await saves(misha, mine, 2, 1, chosen("1"))
    await saves(misha, mine, 1, 1, chosen("1"))
    turned = await misha.does("turn_section", {"device": DEVICE}, sitting_id=mine)
    assert ([one["place"] for one in turned["questions"]], turned["left"]["section"]) == ([2], 300)
    with refused("answer_too_late", 409):
        await world.clock.advance(10)
        await saves(misha, mine, 1, 2, chosen("2"))
    await beats(misha, mine, world, 290)
    third = await misha.asks("read_sitting", sitting_id=mine, query={"device": DEVICE})
    assert (third["section"], third["left"]["section"]) == (2, None), "time of the second one was up"
    assert (await saves(misha, mine, 3, 1, written("Өйткені")))["section"] == 2
    with refused("last_section", 409):
        await misha.does("turn_section", {"device": DEVICE}, sitting_id=mine)


async def test_navigation_forward_needs_no_time_of_sections(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    bank, ids = await a_bank(world)
    sections = [{"name": name, "items": [{"item_id": one}]} for name, one in zip("AB", ids, strict=False)]
    exam = await published(world, anna, banks=[bank], sections=sections, navigation="forward")
    sitting = await sits(misha, exam)
    assert [one["place"] for one in sitting["questions"]] == [1]
    turned = await misha.does("turn_section", {"device": DEVICE}, sitting_id=sitting["id"])
    assert [one["place"] for one in turned["questions"]] == [2]
    free = await published(world, anna, banks=[bank], sections=sections)
    open_one = await sits(misha, free)
    assert [one["place"] for one in open_one["questions"]] == [1, 2]
    with refused("last_section", 409):
        await misha.does("turn_section", {"device": DEVICE}, sitting_id=open_one["id"])


@pytest.mark.req("S456-27.14")
async def test_one_question_at_a_time_and_none_is_come_back_to(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, navigation="question", shuffle=False)
    entry = await misha.asks("read_entry", exam_id=exam)
    assert (entry["navigation"], entry["in_turn"], entry["questions"]) == ("question", True, 4)
    sitting = await sits(misha, exam)
    mine = sitting["id"]
    assert (sitting["exam"]["navigation"], sitting["places"], sitting["section"]) == ("question", [4], 0)
    assert [one["place"] for one in sitting["questions"]] == [1], "what comes later is not sent"
    await saves(misha, mine, 1, 1, written("Өйткені"))
    with refused("section_not_open", 409) as ahead:
        await saves(misha, mine, 2, 1, chosen("1"))
    assert ahead[0].params == {"section": 0}
    await world.clock.advance(10)
    turn = {"device": DEVICE, "leaves": 0}
    turned = await misha.does("turn_section", turn, sitting_id=mine)
    assert ([one["place"] for one in turned["questions"]], turned["section"]) == ([2], 1)
    again = await misha.does("turn_section", turn, sitting_id=mine)
    assert [one["place"] for one in again["questions"]] == [2], "an answer that was lost on the way skips none"
    late = await saves(misha, mine, 1, 2, written("Себебі"), age_ms=12_000)
    assert (late["outcome"], late["late"], late["section"]) == ("taken", True, 1), "it was written while it was open"
    await world.clock.advance(10)
    with refused("answer_too_late", 409):
        await saves(misha, mine, 1, 3, written("Енді білдім"))
    brought = await misha.does("bring_sitting", {"device": OTHER}, sitting_id=mine)
    assert [one["place"] for one in brought["questions"]] == [2], "another device shows no more than this one"
    for leaves in (1, 2):
        body = {"device": OTHER, "leaves": leaves}
        turned = await misha.does("turn_section", body, sitting_id=mine)
    with refused("last_section", 409):
        await misha.does("turn_section", {"device": OTHER, "leaves": 3}, sitting_id=mine)
    assert (await saves(misha, mine, 4, 1, chosen("1"), device=OTHER))["late"] is False
    with refused("answer_too_late", 409):
        await world.clock.advance(10)
        await saves(misha, mine, 3, 1, chosen("1"), device=OTHER)
    moves = (await anna.asks("list_moves", sitting_id=mine))["items"]
    assert [one["section"] for one in moves if one["act"] == "turn"] == [1, 2, 3]


async def test_practice_may_be_sat_again_and_holds_what_is_not_passed_yet(world: World) -> None:
    anna, boris, misha = await world.enters("anna", "boris", "misha")
    bank = await boris.asks("create_bank", {"title": "Жаттығу", "shared": True})
    item = await boris.asks("create_item", {"item": ITEMS[0]}, bank_id=bank["id"])
    section = {"name": "", "items": [{"item_id": item["row"]["id"]}]}
    data = await exam_data(world, banks=[bank["id"]], sections=[section], attempts=2)
    exam = (await anna.does("create_exam", data))["id"]
    with refused("question_not_ready", 409) as no:
        await anna.does("publish_exam", {}, exam_id=exam)
    assert no[0].params == {"items": [item["row"]["id"]]}
    practice = (await anna.does("create_exam", data | {"kind": "practice"}))["id"]
    await anna.does("publish_exam", {}, exam_id=practice)
    first = await sits(misha, practice)
    await misha.does("hand_in", {"device": DEVICE}, sitting_id=first["id"])
    second = await sits(misha, practice, OTHER)
    assert (second["attempt"], second["id"] != first["id"]) == (2, True)
    await misha.does("hand_in", {"device": OTHER}, sitting_id=second["id"])
    with refused("attempts_spent", 409):
        await sits(misha, practice)


async def test_one_reads_it_in_any_of_its_languages(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, languages=["ru", "en"])
    with refused("language_not_offered", 422):
        await sits(misha, exam, language="kk")
    sitting = await sits(misha, exam)
    assert sitting["language"] == "ru"
    body = {"device": DEVICE, "language": "en"}
    assert (await misha.does("speak_sitting", body, sitting_id=sitting["id"]))["language"] == "en"


@pytest.mark.req("S141-26.3")
async def test_entry_is_from_the_opening_to_the_closing(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    now = world.clock.now()
    times = {name: (now + timedelta(minutes=at)).isoformat() for name, at in (("opens_at", 5), ("closes_at", 15))}
    exam = await published(world, anna, **times, ends_at=(now + timedelta(minutes=20)).isoformat())
    with refused("exam_not_open", 409):
        await sits(misha, exam)
    await world.clock.advance(600)
    sitting = await sits(misha, exam)
    assert sitting["left"]["deadline"] == "2026-10-22T05:15:00Z", "all end together"
    await world.clock.advance(300)
    with refused("exam_not_open", 409):
        await sits(dina, exam)
    assert (await sits(misha, exam))["id"] == sitting["id"], "who is in stays in"


async def beats(who: Person, sitting: str, world: World, seconds: int) -> None:
    """Time goes, and the browser says every half a minute that it is there."""
    for _ in range(seconds // 25):
        await world.clock.advance(25)
        await who.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
    await world.clock.advance(seconds % 25)
    await who.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
