"""Appeals: in time, of one's own, decided once with a reason, never to one's cost."""

from typing import Any

import pytest

from lms_core.kernel.ids import new_id
from tests.lms_core.marking.judged import marks, member, published, row_of, sat_by, task_of, telling
from tests.support.story import Json, Person, refused
from tests.support.world import World


async def told(world: World, anna: Person, misha: Person, **more: Any) -> tuple[str, Json, int]:
    """A released exam, misha's sitting of it, and the place of its essay, marked with 1 of 2.5."""
    exam = await published(world, anna, release=telling("answers"), **more)
    sitting = await sat_by(world, misha, exam)
    task = await task_of(anna, exam)
    await marks(anna, task, "1")
    await anna.does("release_results", {}, exam_id=exam)
    return exam, sitting, task["place"]


async def appeals(who: Person, sitting: Json, place: int | None = None, why: str = "It is right") -> Json:
    return await who.does("appeal", {"place": place, "why": why}, sitting_id=sitting["id"])


async def decides(who: Person, appeal: Json, decision: str = "grant", why: str = "Indeed", **more: Any) -> Json:
    return await who.does("decide_appeal", {"decision": decision, "why": why, **more}, appeal_id=appeal["id"])


@pytest.mark.req("S456-27.14")
async def test_an_appeal_is_heard_and_explained(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam, sitting, place = await told(world, anna, misha)
    assert (await row_of(anna, exam, misha))["label"] == "4"
    made = await appeals(misha, sitting, place)
    assert (made["state"], made["place"], made["name"]) == ("open", place, None)
    with refused("appeal_open", 409):
        await appeals(misha, sitting, place)
    [waiting] = (await anna.asks("list_appeals", exam_id=exam))["items"]
    assert (waiting["name"], waiting["why"]) == ("Misha Оспан", "It is right")
    assert (waiting["title"]["ru"], waiting["most"]) == ("Why?", "2.5"), "places are in another order for each"
    assert (made["title"], made["most"]) == (None, None), "learners are told nothing that the exam may hold back"
    with refused("appeal_lowers", 422):
        await decides(anna, made, points="0.5")
    for points in ("3", "-1", "1e-9999"):
        with refused("points_unfit", 422):
            await decides(anna, made, points=points)
    with refused("comment_missing"):
        await decides(anna, made, why=" ")
    done = await decides(anna, made, points="2.25")
    assert (done["state"], done["before"], done["points"], done["decided_by"]) == ("granted", "1", "2.25", "Anna Оспан")
    assert (await row_of(anna, exam, misha))["label"] == "5"
    with refused("appeal_decided", 409):
        await decides(anna, made, "refuse")
    seen = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert [(one["state"], one["answer"], one["points"]) for one in seen["appeals"]] == [("granted", "Indeed", "2.25")]
    assert next(one for one in seen["questions"] if one["place"] == place)["points"] == "2.25"


async def test_one_that_is_refused_changes_nothing(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam, sitting, _ = await told(world, anna, misha)
    before = await row_of(anna, exam, misha)
    whole = await appeals(misha, sitting)
    with refused("malformed"):
        await decides(anna, whole, points="2")
    assert (await decides(anna, whole, "refuse", "All was marked by the key"))["state"] == "refused"
    assert await row_of(anna, exam, misha) == before
    assert (await appeals(misha, sitting, why="And yet"))["state"] == "open", "the next one is another"


async def test_appeals_have_their_time(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna, release=telling("answers"))
    sitting = await sat_by(world, misha, exam, text="")
    with refused("results_not_released", 409):
        await appeals(misha, sitting, 1)
    await anna.does("release_results", {}, exam_id=exam)
    seen = await misha.asks("review_sitting", sitting_id=sitting["id"])
    assert seen["appeal_until"] == "2026-10-23T04:55:00Z"
    await world.clock.advance(24 * 3600)
    [misha] = await world.enters("misha")
    await appeals(misha, sitting, 1)
    await world.clock.advance(1)
    with refused("appeal_too_late", 409) as no:
        await appeals(misha, sitting, 2)
    assert no[0].params == {"until": "2026-10-23T04:55:00+00:00"}


async def test_nobody_appeals_for_another_or_decides_who_may_not(world: World) -> None:
    anna, boris, misha, dina, deputy = await world.enters("anna", "boris", "misha", "dina", "deputy")
    team = [member(anna, "chair"), member(boris, "marker")]
    exam, sitting, place = await told(world, anna, misha, commission=team)
    with refused("not_found", 404):
        await appeals(dina, sitting, place)
    with refused("not_found", 404):
        await appeals(misha, sitting, 99)
    with refused("comment_missing"):
        await appeals(misha, sitting, place, " ")
    with refused("comment_too_long"):
        await appeals(misha, sitting, place, "x" * 4001)
    made = await appeals(misha, sitting, place)
    for who, code in ((boris, "forbidden"), (deputy, "forbidden"), (misha, "forbidden"), (dina, "forbidden")):
        with refused(code):
            await decides(who, made)
    with refused("not_found"):
        await decides(anna, {"id": new_id("appeal", 1)})
    assert [one["state"] for one in (await deputy.asks("list_appeals", exam_id=exam))["items"]] == ["open"]
    with refused("forbidden"):
        await dina.asks("list_appeals", exam_id=exam)


async def test_a_learner_hears_of_the_decision(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    _, sitting, place = await told(world, anna, misha)
    await decides(anna, await appeals(misha, sitting, place), points="2")
    heard = await misha.commands("subscribe", {"topic": f"sitting:{sitting['id']}", "position": 0})
    [fact] = [one["body"] for one in heard["events"] if one["name"] == "marking.appeal_decided"]
    assert (fact["state"], fact["points"]) == ("granted", "2")
    with refused("not_found"):
        await dina.commands("subscribe", {"topic": f"sitting:{sitting['id']}", "position": 0})
