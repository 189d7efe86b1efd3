"""The bank learns how its questions did, without anybody releasing what came out."""

from typing import Any

import pytest
from sqlalchemy import select

from lms_core.items.model import ItemUse
from tests.lms_core.exams.sat import DEVICE
from tests.lms_core.marking.judged import marks, published, sat_by, settles, sits, task_of, telling
from tests.support.story import Person
from tests.support.world import World

MINUTE, DAY = 60, 86_400


async def facilities(world: World) -> list[tuple[int, float | None]]:
    uses = await world.run(lambda tx: tx.all(select(ItemUse)))
    return sorted((one.asked, one.facility) for one in uses)


async def later(world: World, seconds: float) -> None:
    await world.clock.advance(seconds)
    await settles(world)


async def an_exam(world: World, anna: Person, when: str, **more: Any) -> str:
    """Open for five minutes more, for half an hour's work."""
    moments = {"opens_at": "2026-10-22T04:00:00Z", "closes_at": "2026-10-22T05:05:00Z"}
    return await published(world, anna, release=telling("points", when), **moments | more)


@pytest.mark.parametrize("when", ["at_once", "after_close"])
async def test_once_it_is_over_for_all_and_marked(world: World, when: str) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await an_exam(world, anna, when)
    await sat_by(world, misha, exam, right=3)
    sitting = await sits(dina, exam)
    await later(world, 6 * MINUTE)
    assert await facilities(world) == [], "dina still sits"
    await dina.does("hand_in", {"device": DEVICE}, sitting_id=sitting["id"])
    await later(world, 11 * MINUTE)
    assert await facilities(world) == [], "an essay is not marked"
    await marks(anna, await task_of(anna, exam), "2.5")
    await later(world, 11 * MINUTE)
    assert await facilities(world) == [(2, 0.5)] * 4
    await world.run(_forget)
    await later(world, 30 * DAY)
    assert await facilities(world) == [], "and once"


async def test_what_nobody_marks_is_left_out_after_a_month(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await an_exam(world, anna, "at_once")
    await sat_by(world, misha, exam)
    await sat_by(world, dina, exam, right=1, text="")
    await later(world, 20 * DAY)
    assert await facilities(world) == []
    for _ in range(11):
        await later(world, DAY)
    assert await facilities(world) == [(1, 0.0), (1, 0.0), (1, 0.0), (1, 1.0)]


async def test_without_an_end_it_is_learnt_every_week(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna, kind="practice", release=telling("keys", "at_once"))
    await sat_by(world, misha, exam, text="")
    await later(world, 6 * DAY)
    assert await facilities(world) == []
    await later(world, 1 * DAY)
    assert len(await facilities(world)) == 4
    assert {asked for asked, _ in await facilities(world)} == {1}
    [dina] = await world.enters("dina")
    await sat_by(world, dina, exam, text="")
    await later(world, 7 * DAY)
    assert {asked for asked, _ in await facilities(world)} == {2}


async def test_when_its_close_is_moved_it_is_learnt_then(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await an_exam(world, anna, "after_close")
    await sat_by(world, misha, exam, text="")
    seen = await anna.asks("read_exam", exam_id=exam)
    moved = seen["data"] | {"closes_at": "2026-10-22T06:00:00Z"}
    await anna.does("change_exam", {"version": seen["version"], "data": moved}, exam_id=exam)
    await later(world, 10 * MINUTE)
    assert await facilities(world) == []
    await later(world, 60 * MINUTE)
    assert len(await facilities(world)) == 4


async def test_a_regrade_and_a_verdict_are_learnt(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    await sat_by(world, misha, exam, right=3, text="")
    second = await sat_by(world, dina, exam, right=0, text="")
    await anna.does("release_results", {}, exam_id=exam)
    assert await facilities(world) == [(2, 0.0), (2, 0.5), (2, 0.5), (2, 0.5)]
    uses = await world.run(lambda tx: tx.all(select(ItemUse).where(ItemUse.facility > 0)))
    regrade = {"item_id": uses[0].item_id, "how": "full", "why": "Two are right"}
    await anna.does("regrade_item", regrade, exam_id=exam)
    await settles(world)
    assert await facilities(world) == [(2, 0.0), (2, 0.5), (2, 0.5), (2, 1.0)]
    await anna.does("judge_sitting", {"verdict": "void", "why": "Two faces"}, sitting_id=second["id"])
    await settles(world)
    assert await facilities(world) == [(1, 0.0), (1, 1.0), (1, 1.0), (1, 1.0)]


async def test_by_hand_and_cancelled_teach_nothing(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    by_hand = await an_exam(world, anna, "by_hand")
    await sat_by(world, misha, by_hand, text="")
    cancelled = await an_exam(world, anna, "at_once")
    await sat_by(world, misha, cancelled, text="")
    await anna.does("cancel_exam", {"why": "A leak"}, exam_id=cancelled)
    await later(world, 40 * DAY)
    assert await facilities(world) == []


async def _forget(tx: Any) -> None:
    for one in await tx.all(select(ItemUse)):
        await tx.delete(one)
