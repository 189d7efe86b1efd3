"""Persons and what they learn of themselves."""

import pytest

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import PersonId, new_id
from lms_core.people import core, service
from tests.support.story import refused
from tests.support.world import World

IIN = "123456789013"


async def test_what_one_learns_of_oneself(world: World) -> None:
    [misha] = await world.enters("misha")
    me = await misha.me()
    assert {key: me[key] for key in ("id", "name", "login", "language", "zone", "demo")} == {
        "id": world.school.persons["misha"],
        "name": "Misha Оспан",
        "login": "misha",
        "language": "kk",
        "zone": "Asia/Almaty",
        "demo": False,
    }
    [role] = me["roles"]
    assert (role["role"], role["organisation_id"]) == ("learner", world.school.school.id)
    assert "lesson:join" in me["may"]
    assert "lesson:lead" not in me["may"]


@pytest.mark.req("S234-9")
async def test_each_person_chooses_the_language(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    for language in ("ru", "kk", "en"):
        assert (await misha.does("change_me", {"language": language}))["language"] == language
        assert (await misha.me())["language"] == language
    assert (await anna.me())["language"] == "kk"
    with refused("malformed", 422):
        await misha.does("change_me", {"language": "de"})


async def test_an_iin_is_checked_and_is_one_persons(world: World) -> None:
    async def come(tx: Tx, iin: str | None) -> PersonId:
        return await service.add_person(tx, world.school.school.id, "Қасымов", "Дәурен", iin=iin)

    await world.run(lambda tx: come(tx, IIN))
    with pytest.raises(core.IinTaken):
        await world.run(lambda tx: come(tx, IIN))
    with pytest.raises(core.IinInvalid):
        await world.run(lambda tx: come(tx, IIN[:-1] + "4"))
    first, second = [await world.run(lambda tx: come(tx, None)) for _ in range(2)]
    assert first != second, "many have none"


async def test_names_are_kept_clean(world: World) -> None:
    async def come(tx: Tx) -> str:
        person = await service.add_person(tx, world.school.school.id, " Әбіл\u202e\0ов ", "Да  урен")
        return (await service.names(tx, [person]))[person]

    assert await world.run(come) == "Да урен Әбілов"


async def test_somebody_who_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await world.run(lambda tx: service.remove_person(tx, PersonId(new_id("person", 1))))
