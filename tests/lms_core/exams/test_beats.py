"""Signs of life: what costs little says the same as what looks at everything, and a class may come back at once."""

import asyncio

from structlog.testing import capture_logs

from lms_core.access import service as access
from lms_core.exams import beats
from lms_core.groups import service as groups
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, SittingId
from lms_core.people import service as people
from tests.lms_core.exams.sat import DEVICE, OTHER, published, saves, sits
from tests.support.story import Person
from tests.support.world import World

CLASS = 60


async def test_the_short_way_says_what_the_long_way_says(world: World) -> None:
    anna, misha, dina = await world.enters("anna", "misha", "dina")
    exam = await published(world, anna)
    told = {"factor": "3/2", "extra_seconds": 60, "seat": "", "exempt": False, "admitted": True}
    await anna.does("change_taker", told, exam_id=exam, person_id=str(dina.id))
    for who, seconds in ((misha, 1800), (dina, 2760)):
        sitting = SittingId((await sits(who, exam))["id"])
        await world.clock.advance(20)
        actor = await world.run(lambda tx, who=who: access.actor_of_token(tx, who.token or ""))
        assert actor is not None
        for device in (DEVICE, OTHER):
            short = await world.run(lambda tx, one=sitting, on=device: beats._plain(tx, one, on), actor)
            whole = await world.run(lambda tx, one=sitting, on=device: beats._whole(tx, one, on), actor)
            assert short is not None
            assert short == whole
            assert (short.left.whole, short.holds) == (seconds - 20, device == DEVICE)


async def test_an_exams_new_times_count_from_the_next_sign_on(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    sitting = (await sits(misha, exam))["id"]
    beat = await misha.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
    assert beat["left"]["whole"] == 1800
    now = await anna.asks("read_exam", exam_id=exam)
    await anna.does("change_exam", {"version": now["version"], "data": now["data"] | {"seconds": 3600}}, exam_id=exam)
    beat = await misha.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
    assert beat["left"]["whole"] == 3600


async def test_what_is_asked_all_the_time_leaves_no_line_in_the_log(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    exam = await published(world, anna)
    with capture_logs() as lines:
        sitting = (await sits(misha, exam))["id"]
        await misha.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
        await saves(misha, sitting, 1, 1, None)
    levels = {one["op"]: one["log_level"] for one in lines if one["event"] == "done"}
    assert levels == {"start_sitting": "info", "beat_sitting": "debug", "answer": "debug"}


async def test_a_class_that_lost_its_line_comes_back_in_one_moment(world: World) -> None:
    [anna] = await world.enters("anna")
    learners = await _more(world)
    exam = await published(world, anna)
    sittings = [(await sits(one, exam))["id"] for one in learners]
    await world.clock.advance(60)
    for _ in range(CLASS // 10 + 1):
        await world.job("exams.due")
    watched = (await anna.asks("list_sittings", exam_id=exam))["items"]
    assert {one["state"] for one in watched if one["id"] in sittings} == {"interrupted"}

    async def back(who: Person, sitting: str) -> tuple[str, str]:
        beat = await who.asks("beat_sitting", {"device": DEVICE}, sitting_id=sitting)
        taken = await saves(who, sitting, 1, 1, None, marked=True)
        return beat["state"], taken["outcome"]

    answers = await asyncio.gather(*(back(*one) for one in zip(learners, sittings, strict=True)))
    assert answers == [("running", "taken")] * CLASS


async def _more(world: World) -> list[Person]:
    """So many more learners of the class that takes the exam."""

    async def add(tx: Tx) -> list[PersonId]:
        made = [await people.add_person(tx, world.school.school.id, "Оқушы", str(n)) for n in range(CLASS)]
        await tx.flush()
        await groups.enrol_all(tx, world.school.eleven, made, tx.now.date())
        for n, one in enumerate(made):
            await access.open_account(tx, one, world.school.school.id, f"more{n}", "-")
        return made

    return [await world.logged_in(f"more{n}", one) for n, one in enumerate(await world.run(add))]
