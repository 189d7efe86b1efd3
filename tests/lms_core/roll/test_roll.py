"""The roll: who is on it, how they come and go, and what a keeper may not do."""

from typing import Any

import pytest

from lms_core.access import service as access
from lms_core.access.policy import Role
from lms_core.roll import core
from tests.support.factories import PASSWORD
from tests.support.story import Person, refused
from tests.support.world import World

IIN = "123456789013"


async def _keeper(world: World) -> tuple[Person, dict[str, Any]]:
    [admin] = await world.enters("administrator")
    return admin, {"organisation_id": world.school.school.id}


def _data(**changes: Any) -> dict[str, Any]:
    return {"family": "Нұрланова", "given": "Әсел", "patronymic": None, "iin": None, "language": "kk"} | changes


@pytest.mark.parametrize("typed", ["нурл", "НУРЛАНОВА асел", "Нұрл", "әсел нұр", IIN])
async def test_people_are_found_however_their_letters_are_typed(world: World, typed: str) -> None:
    admin, there = await _keeper(world)
    made = await admin.asks("add_person", {"data": _data(iin=IIN)}, **there)
    found = await admin.asks("list_people", query={"search": typed}, **there)
    assert [line["id"] for line in found["items"]] == [made["id"]]
    assert IIN not in str(found)


async def test_the_roll_is_in_kazakh_order_and_by_class_and_role(world: World) -> None:
    admin, there = await _keeper(world)
    for family in ("Яков", "Әбіл", "Абай", "Ұлан", "Уали"):
        await admin.asks("add_person", {"data": _data(family=family), "group_id": world.school.ten.id}, **there)
    found = await admin.asks("list_people", query={"group_id": world.school.ten.id}, **there)
    assert [line["family"] for line in found["items"]] == ["Абай", "Әбіл", "Оспан", "Уали", "Ұлан", "Яков"]
    teachers = await admin.asks("list_people", query={"role": "teacher"}, **there)
    assert {line["login"] for line in teachers["items"]} == {"anna", "boris"}


async def test_a_long_roll_comes_page_by_page(world: World) -> None:
    admin, there = await _keeper(world)
    pupils = [f"Оқушы{number} Ая\t11А\t{iin}" for number, iin in enumerate([*[""] * 118, IIN, "900101300017"])]
    text = "\n".join([*pupils[:118], *(f"Ақ Ая\t11А\t{pupil.split()[-1]}" for pupil in pupils[118:])])
    sheet = {"kind": "people", "year": 2026, "first": "2026-10-22", "text": text}
    assert (await admin.asks("take_list", {"sheet": sheet}, **there))["added"] == 120
    first = await admin.asks("list_people", **there)
    rest = await admin.asks("list_people", query={"after": first["next"]}, **there)
    ids = [line["id"] for line in first["items"] + rest["items"]]
    assert (len(first["items"]), len(set(ids)), rest["next"]) == (100, 133, None)


async def test_who_is_removed_comes_in_no_more_until_brought_back(world: World) -> None:
    admin, there = await _keeper(world)
    misha = world.school.persons["misha"]
    await admin.asks("remove_person", person_id=misha, **there)
    with refused("wrong_credentials"):
        await world.stranger().logs_in("misha", PASSWORD)
    away = await admin.asks("list_people", query={"active": "false"}, **there)
    assert [(line["id"], line["groups"]) for line in away["items"]] == [(misha, [])]
    await admin.asks("bring_back_person", person_id=misha, **there)
    await world.stranger().logs_in("misha", PASSWORD)


async def test_a_change_made_on_an_old_version_is_refused(world: World) -> None:
    admin, there = await _keeper(world)
    made = await admin.asks("add_person", {"data": _data(), "role": "teacher"}, **there)
    change = {"version": made["version"], "data": _data(given="Айсұлу"), "login": "aisulu"}
    assert (await admin.asks("change_person", change, person_id=made["id"], **there))["login"] == "aisulu"
    with refused("stale", 409):
        await admin.asks("change_person", change, person_id=made["id"], **there)


async def test_slips_are_shown_once_and_end_what_was_open(world: World) -> None:
    admin, there = await _keeper(world)
    [misha] = await world.enters("misha")
    slips = (await admin.asks("make_slips", {"group_id": world.school.eleven.id}, **there))["items"]
    assert {slip["login"] for slip in slips} == {"misha", "dina"}
    assert all(len(slip["password"]) == core.LENGTH and set(slip["password"]) <= set(core.LETTERS) for slip in slips)
    with refused("not_logged_in"):
        await misha.me()
    with refused("wrong_credentials"):
        await world.stranger().logs_in("misha", PASSWORD)
    with refused("too_many_slips"):
        await admin.asks("make_slips", {}, **there)


async def test_nobody_takes_over_who_stands_above(world: World) -> None:
    """The inspector of the oblast belongs to the school: its keeper must not come in as them."""
    admin, there = await _keeper(world)
    inspector = world.school.persons["inspector"]
    with refused("person_above", 403):
        await admin.asks("make_slips", {"person_ids": [inspector]}, **there)
    for operation in ("remove_person", "bring_back_person"):
        with refused("person_above", 403):
            await admin.asks(operation, person_id=inspector, **there)
    change = {"version": 1, "data": _data(), "login": "mine"}
    with refused("person_above", 403):
        await admin.asks("change_person", change, person_id=inspector, **there)
    await world.stranger().logs_in("inspector", PASSWORD)


async def test_nobody_removes_themselves(world: World) -> None:
    admin, there = await _keeper(world)
    me = await admin.asks("read_person", person_id=str(admin.id), **there)
    [role] = me["person"]["roles"]
    with refused("not_oneself", 409):
        await admin.asks("remove_person", person_id=str(admin.id), **there)
    with refused("not_oneself", 409):
        await admin.asks("end_role", person_id=str(admin.id), role_id=role["id"], **there)


async def test_roles_are_given_where_they_belong(world: World) -> None:
    admin, there = await _keeper(world)
    boris, dina = world.school.persons["boris"], world.school.persons["dina"]
    await admin.asks("give_role", {"role": "parent", "child_id": dina}, person_id=boris, **there)
    with refused("role_held", 409):
        await admin.asks("give_role", {"role": "parent", "child_id": dina}, person_id=boris, **there)
    for body in ({"role": "parent"}, {"role": "director", "group_id": world.school.ten.id}):
        with refused("role_misplaced", 422):
            await admin.asks("give_role", body, person_id=boris, **there)
    [teacher, parent] = (await admin.asks("read_person", person_id=boris, **there))["person"]["roles"]
    assert (teacher["role"], parent["role"], parent["child"]) == ("teacher", "parent", dina)
    await admin.asks("end_role", person_id=boris, role_id=parent["id"], **there)
    assert len((await admin.asks("read_person", person_id=boris, **there))["person"]["roles"]) == 1


@pytest.mark.req("S141-24h.4")
async def test_the_keeper_of_one_organisation_sees_nothing_of_another(world: World) -> None:
    other, victor = world.school.other, world.school.persons["victor"]
    await world.run(lambda tx: access.assign(tx, victor, Role.ADMINISTRATOR, other.path))
    keeper = await world.logged_in("victor", victor)
    school, misha = world.school.school.id, world.school.persons["misha"]
    assert [one["id"] for one in (await keeper.asks("list_organisations"))["items"]] == [other.id]
    for operation, body, path in (
        ("list_people", None, {}),
        ("read_person", None, {"person_id": misha}),
        ("add_person", {"data": _data()}, {}),
        ("make_slips", {"person_ids": [misha]}, {}),
        ("list_groups", None, {}),
        ("list_courses", None, {}),
        ("check_list", {"kind": "classes", "year": 2026, "first": "2026-10-22", "text": "9А"}, {}),
    ):
        query = {"day": "2026-10-22"} if operation == "list_groups" else None
        with refused("not_found", 404):
            await keeper.asks(operation, body, query=query, organisation_id=school, **path)
    for operation, body in (
        ("read_person", None),
        ("remove_person", {}),
        ("give_role", {"role": "teacher"}),
        ("change_person", {"version": 1, "data": _data()}),
    ):
        with refused("not_found", 404):
            await keeper.asks(operation, body, organisation_id=other.id, person_id=misha)
    with refused("not_found", 404):
        await keeper.asks("make_slips", {"person_ids": [misha]}, organisation_id=other.id)
    with refused("not_found", 404):
        await keeper.asks("add_person", {"data": _data(), "group_id": world.school.ten.id}, organisation_id=other.id)
    await keeper.asks("add_person", {"data": _data(iin=IIN)}, organisation_id=other.id)
    admin, there = await _keeper(world)
    await admin.asks("add_person", {"data": _data(iin=IIN)}, **there)


async def test_an_organisation_is_added_and_given_its_administrator(world: World) -> None:
    admin, _ = await _keeper(world)
    places = (await admin.asks("list_organisations"))["places"]
    names = {"kk": "№ 3", "ru": "№ 3", "en": "No. 3"}
    body = {"above": places[-1]["id"], "names": names, "kind": "school", "zone": "Asia/Qyzylorda"}
    made = await admin.asks("add_organisation", body)
    assert (made["zone"], "roll:write" in made["may"]) == ("Asia/Qyzylorda", False)
    there = {"organisation_id": made["id"]}
    slip = await admin.asks("appoint_administrator", {"data": _data()}, **there)
    with refused("administered_already", 409):
        await admin.asks("appoint_administrator", {"data": _data()}, **there)
    with refused("not_found", 404):
        await admin.asks("list_people", **there)
    keeper = world.stranger()
    await keeper.logs_in(slip["login"], slip["password"])
    with refused("password_change_needed"):
        await keeper.asks("list_people", **there)
    await keeper.asks("change_password", {"old": slip["password"], "new": "жаңа ұзын сөз"})
    assert len((await keeper.asks("list_people", **there))["items"]) == 1
    with refused("not_found", 404):
        await keeper.asks("add_organisation", body)
    with refused("zone_unknown", 422):
        await admin.asks("add_organisation", body | {"zone": "Asia/Atlantis"})


async def test_heads_read_and_do_not_write(world: World) -> None:
    there = {"organisation_id": world.school.school.id}
    for head in await world.enters("director", "deputy"):
        assert (await head.asks("list_people", **there))["items"]
        with refused("forbidden", 403):
            await head.asks("add_person", {"data": _data()}, **there)
        with refused("forbidden", 403):
            await head.asks("make_slips", {"group_id": world.school.ten.id}, **there)
