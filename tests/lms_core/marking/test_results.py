"""The page of results: rows, statistics, charts."""

import pytest
from sqlalchemy import event

from tests.lms_core.exams.sat import a_bank, single
from tests.lms_core.marking.judged import marks, published, row_of, sat_by, sits, task_of
from tests.support.story import Person, refused
from tests.support.world import World


@pytest.mark.req("S456-27.14")
async def test_a_row_for_each_and_what_answers_tell_about_questions(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, right=3)
    await sat_by(world, dina, exam, right=1)
    while task := await task_of(anna, exam):
        await marks(anna, task, "2")
    found = await anna.asks("exam_results", exam_id=exam)
    assert (found["title"], found["missing"], found["ready"], found["released"]) == ("Туынды", 0, True, None)
    assert (found["scale"]["level"], found["scale"]["own"]) == ("school", False)
    assert all("125" in found["scale"]["source"][one] for one in ("kk", "ru", "en"))
    rows = [(one["name"], one["group"], one["points"], one["percent"], one["label"]) for one in found["rows"]]
    assert rows == [("Dina Оспан", "11 «А»", "3", "55", "3"), ("Misha Оспан", "11 «А»", "5", "91", "5")]
    statistics = found["statistics"]
    assert (statistics["count"], statistics["mean"], statistics["deviation"]) == (2, 4.0, 1.0)
    assert statistics["alpha"] == pytest.approx(4 / 3 * (1 - 0.5 / 1))
    assert [(one["least"], one["count"]) for one in statistics["histogram"] if one["count"]] == [(50, 1), (90, 1)]
    assert statistics["labels"] == [{"label": "3", "count": 1}, {"label": "5", "count": 1}]
    for row in found["rows"]:
        of = [(statistics["questions"][one["question"]], one) for one in row["by_question"]]
        assert len(of) == 4
        assert sum(float(one["points"]) for _, one in of) == float(row["points"])
        assert all(one["most"] == question["most"] for question, one in of)
    facilities = sorted((one["facility"], one["discrimination"]) for one in statistics["questions"])
    assert facilities == [(0.5, 1.0), (0.5, 1.0), (0.8, 0.0), (1.0, 0.0)]
    single_ = next(one for one in statistics["questions"] if one["facility"] == 0.5)
    assert [(o["id"], o["title"]["kk"], o["right"], o["chosen"], o["share"]) for o in single_["options"]] == [
        ("right", "A", True, 1, 0.5), ("wrong", "B", False, 1, 0.5), ("other", "C", False, 0, 0.0),
    ]  # fmt: skip
    assert not any(one["suspect"] for one in single_["options"])


async def test_who_did_not_come_is_in_the_table(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    await sits(misha, exam)
    rows = (await anna.asks("exam_results", exam_id=exam))["rows"]
    assert [(one["name"], one["state"], one["points"], one["by_question"]) for one in rows] == [
        ("Dina Оспан", "planned", None, []), ("Misha Оспан", "running", None, []),
    ]  # fmt: skip
    assert (await row_of(anna, exam, dina))["sitting_id"] is None


async def test_the_first_attempt_counts_for_statistics_and_each_has_its_row(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, kind="practice", attempts=2)
    await sat_by(world, misha, exam, right=1, text="")
    await sat_by(world, misha, exam, right=3, text="")
    found = await anna.asks("exam_results", exam_id=exam)
    rows = [(one["attempt"], one["points"]) for one in found["rows"] if one["person_id"] == misha.id]
    assert rows == [(1, "1"), (2, "3")]
    assert (found["statistics"]["count"], found["statistics"]["mean"]) == (1, 1.0)


async def test_papers_that_differ_have_no_reliability_and_questions_still_have_figures(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    bank, _ = await a_bank(world, tuple(single(f"{n} + {n}") for n in range(12)))
    section = {"name": "", "cells": [{"objective": "o1", "difficulty": 1, "count": 3, "points": "1"}]}
    exam = await published(world, anna, banks=[bank], sections=[section])
    await sat_by(world, misha, exam, right=3)
    await sat_by(world, dina, exam, right=1)
    statistics = (await anna.asks("exam_results", exam_id=exam))["statistics"]
    differ = len(statistics["questions"]) > 3
    assert (statistics["alpha"] is None) == differ
    assert sum(one["asked"] for one in statistics["questions"]) == 6
    assert sum(one["asked"] * one["facility"] for one in statistics["questions"]) == 4.0


async def test_results_are_the_commissions_and_the_heads(world: World) -> None:
    anna, boris, misha, deputy, director, methodist, victor, proctor = await world.enters(
        "anna", "boris", "misha", "deputy", "director", "methodist", "victor", "proctor"
    )
    exam = await published(world, anna)
    await sat_by(world, misha, exam, text="")
    for who in (deputy, director, methodist):
        assert len((await who.asks("exam_results", exam_id=exam))["rows"]) == 2
    for who, code in ((boris, "not_found"), (victor, "not_found"), (misha, "forbidden"), (proctor, "forbidden")):
        with refused(code):
            await who.asks("exam_results", exam_id=exam)
        with refused(code):
            await who.asks("exam_protocol", exam_id=exam)


async def test_a_page_of_many_asks_the_database_no_more_often_than_one_of_few(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, right=3)
    await anna.asks("exam_results", exam_id=exam)  # questions are remembered from now on
    few = await _asked(world, anna, exam)
    await sat_by(world, dina, exam, right=1)
    assert await _asked(world, anna, exam) == few < 30


async def _asked(world: World, anna: Person, exam: str) -> int:
    statements: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.append(statement)

    event.listen(world.house.db.engine, "before_cursor_execute", note)
    try:
        await anna.asks("exam_results", exam_id=exam)
    finally:
        event.remove(world.house.db.engine, "before_cursor_execute", note)
    return len(statements)
