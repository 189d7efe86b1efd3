"""Whom a teacher finds to help back in."""

from sqlalchemy import delete, update

from lms_core.access.model import Account
from lms_core.courses.model import Course
from tests.support.story import Person, refused
from tests.support.world import World


async def names(person: Person) -> dict[str, list[str]]:
    return {one["name"]: one["groups"] for one in (await person.asks("my_learners"))["items"]}


async def test_a_teacher_finds_the_learners_of_their_own_courses_and_no_others(world: World) -> None:
    anna, boris, victor = await world.enters("anna", "boris", "victor")
    assert list(await names(anna)) == sorted(await names(anna))
    items = (await anna.asks("my_learners"))["items"]
    assert world.school.persons["misha"] in {one["id"] for one in items}
    assert world.school.persons["erlan"] not in {one["id"] for one in items}
    assert world.school.persons["misha"] not in {one["id"] for one in (await boris.asks("my_learners"))["items"]}
    assert not {one["id"] for one in (await victor.asks("my_learners"))["items"]} & {one["id"] for one in items}
    for one in items:
        await anna.asks("make_paper_code", {}, person_id=one["id"])


async def test_a_tutor_finds_those_of_the_class(world: World) -> None:
    [tutor] = await world.enters("tutor")
    items = (await tutor.asks("my_learners"))["items"]
    assert world.school.persons["misha"] in {one["id"] for one in items}
    for one in items:
        await tutor.asks("make_paper_code", {}, person_id=one["id"])


async def test_who_has_no_account_or_takes_an_ended_course_is_not_among_them(world: World) -> None:
    [anna] = await world.enters("anna")
    misha = world.school.persons["misha"]
    await world.run(lambda tx: tx.execute(update(Account).where(Account.person_id == misha).values(active=False)))
    assert misha not in {one["id"] for one in (await anna.asks("my_learners"))["items"]}
    await world.run(lambda tx: tx.execute(update(Course).values(ended=world.clock.now().date())))
    assert (await anna.asks("my_learners"))["items"] == []
    await world.run(lambda tx: tx.execute(delete(Account).where(Account.person_id == misha)))


async def test_a_learner_a_director_and_an_administrator_have_none(world: World) -> None:
    misha, director, admin = await world.enters("misha", "director", "administrator")
    assert (await admin.asks("my_learners"))["items"] == []
    for one in (misha, director):
        with refused("forbidden"):
            await one.asks("my_learners")
