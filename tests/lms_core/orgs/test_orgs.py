"""The tree of places, and roles held in it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import UnitId, new_id
from lms_core.kernel.names import Names
from lms_core.orgs import core, service
from lms_core.orgs.core import Kind, Level, UnitMisplaced
from tests.support.story import refused
from tests.support.world import World

NAME = Names("қ", "р", "e")
DOWN = (Level.REPUBLIC, Level.OBLAST, Level.CITY, Level.DISTRICT, Level.ORGANISATION)


@pytest.mark.req("S234-3")
@pytest.mark.parametrize("above", [None, *DOWN])
@pytest.mark.parametrize("level", DOWN)
def test_levels_go_down_and_never_up(above: Level | None, level: Level) -> None:
    downwards = level is Level.REPUBLIC if above is None else DOWN.index(above) < DOWN.index(level)
    left_out = (above, level) == (Level.REPUBLIC, Level.DISTRICT)
    if downwards and not left_out:
        core.check_place(above, level)
    else:
        with pytest.raises(UnitMisplaced):
            core.check_place(above, level)


@given(st.lists(st.sampled_from(("unit", "group", "course")), max_size=6))
def test_the_lowest_unit_of_a_path(kinds: list[str]) -> None:
    parts = [new_id(kind, number) for number, kind in enumerate(kinds)]
    units = [part for part in parts if part.startswith("unit_")]
    assert core.unit_in("/" + "".join(f"{part}/" for part in parts)) == (units[-1] if units else None)


@pytest.mark.req("S234-3")
async def test_five_levels_one_below_another(world: World) -> None:
    async def build(tx: Tx) -> list[service.Organisation]:
        units: list[service.Organisation] = []
        for level in DOWN:
            kind = Kind.SCHOOL if level is Level.ORGANISATION else None
            units.append(await service.add_unit(tx, units[-1].id if units else None, level, NAME, kind=kind))
        return units

    units = await world.run(build)
    for above, below in pairwise(units):
        assert below.path == f"{above.path}{below.id}/"
    reach = await world.run(lambda tx: service.within_reach(tx, [units[1].path]))
    assert list(reach) == [units[-1].id]


async def test_a_place_below_nothing_is_not_found(world: World) -> None:
    nowhere = UnitId(new_id("unit", 1))
    with pytest.raises(NotFound):
        await world.run(lambda tx: service.add_unit(tx, nowhere, Level.OBLAST, NAME))


@pytest.mark.req("S234-3")
async def test_a_role_in_an_oblast_reaches_its_schools_and_no_other(world: World) -> None:
    [inspector] = await world.enters("inspector")
    assert (await inspector.lesson(world.school.algebra.id))["my_part"] == "see"
    await inspector.commands("subscribe", {"topic": f"lessons:{world.school.other.id}", "position": 0})

    async def elsewhere(tx: Tx) -> UnitId:
        above = world.school.oblast.path.strip("/").split("/")[0]
        oblast = await service.add_unit(tx, UnitId(above), Level.OBLAST, NAME)
        return (await service.add_unit(tx, oblast.id, Level.ORGANISATION, NAME, kind=Kind.SCHOOL)).id

    foreign = await world.run(elsewhere)
    with refused("not_found", 404):
        await inspector.commands("subscribe", {"topic": f"lessons:{foreign}", "position": 0})


async def test_the_place_of_a_role_is_named_in_three_languages(world: World) -> None:
    school = world.school

    async def assign(tx: Tx) -> None:
        await access.assign(tx, school.persons["boris"], Role.TUTOR, school.ten.path)

    await world.run(assign)
    boris, inspector = await world.enters("boris", "inspector")
    of_school = {"kk": "№ 1", "ru": "№ 1 (ru)", "en": "№ 1 (en)"}
    [tutor] = [role for role in (await boris.me())["roles"] if role["role"] == "tutor"]
    assert tutor["organisation"] == of_school
    assert tutor["place"] == {"kk": "10 «Б»", "ru": "10 «Б»", "en": "10 «Б»"}
    [role] = (await inspector.me())["roles"]
    assert (role["organisation_id"], role["place"]["ru"]) == (school.oblast.id, "Алматы облысы (ru)")
