"""The first minutes: the demo school with one tap on one's own machine, or one's own organisation by a link."""

from pathlib import Path
from typing import Any

import pytest

from lms_core.items import media
from server import VERSION, demo, first_start
from tests.support.factories import PASSWORD
from tests.support.story import Person, refused
from tests.support.world import World, a_world

ADMIN = {"family": "Сейітқызы", "given": "Айша", "login": "Aisha", "password": "ұзын құпиясөз"}
NAMES = {"kk": "№ 7 мектеп", "ru": "Школа № 7", "en": "School No. 7"}


@pytest.fixture
async def empty(tmp_path: Path) -> Any:
    async with a_world(tmp_path, empty=True) as world:
        yield world


def order(code: str, **changes: Any) -> dict[str, Any]:
    return {"invitation": code, "kind": "college", "names": NAMES, "admin": ADMIN} | changes


async def test_with_no_data_both_ways_are_open(empty: World) -> None:
    assert await empty.stranger().asks("setup_state") == {
        "state": "empty",
        "demo_offered": True,
        "organisation": None,
        "version": VERSION,
    }


async def test_one_tap_then_a_choice_of_who_to_be(empty: World) -> None:
    people = (await empty.stranger().asks("open_demo"))["people"]
    assert {person["login"] for person in people} == set(demo.LOGINS)
    assert people[0] == {
        "login": "teacher",
        "name": "Айгүл Нұрланова",
        "role": "teacher",
        "place": {
            "kk": "№ 12 мектеп-лицей, Қаскелең",
            "ru": "Школа-лицей № 12, Каскелен",
            "en": "School-Lyceum No. 12, Qaskeleng",
        },
    }
    assert people[1]["place"]["kk"] == "11 «А»"
    assert (await empty.stranger().asks("open_demo"))["people"] == people
    for login in demo.LOGINS:
        person = empty.stranger()
        answer = await person.asks("enter_demo", {"login": login})
        person.token = answer["token"]
        assert await person.me() == answer["me"]
        assert (answer["me"]["login"], answer["me"]["demo"]) == (login, True)
    state = await empty.stranger().asks("setup_state")
    assert (state["state"], state["demo_offered"], state["organisation"]["en"]) == (
        "demo",
        True,
        "School-Lyceum No. 12, Qaskeleng",
    )


async def test_a_browser_that_enters_gets_its_cookie(empty: World) -> None:
    await empty.stranger().asks("open_demo")
    async with empty.http.post("/api/setup/demo/enter", json={"login": "teacher"}) as response:
        cookie = response.cookies["sabaq"]
        assert cookie.value == (await response.json())["token"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Lax", "/")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "school.example"},
        {"Host": "localhost.school.example"},
    ],
)
async def test_the_demo_is_for_ones_own_machine_alone(empty: World, headers: dict[str, str]) -> None:
    await demo.fill_database(empty.house.db, empty.house.blobs)
    for path, body in (("/api/setup/demo", {}), ("/api/setup/demo/enter", {"login": "admin"})):
        async with empty.http.post(path, json=body, headers=headers) as response:
            assert (response.status, (await response.json(content_type=None))["code"]) == (403, "demo_not_offered")
    async with empty.http.get("/api/setup", headers=headers) as response:
        assert (await response.json())["demo_offered"] is False


@pytest.mark.parametrize("login", ["", "nobody", "TEACHER", "student26", "teacher "])
async def test_nobody_else_is_entered(empty: World, login: str) -> None:
    await empty.stranger().asks("open_demo")
    with refused("demo_not_offered", 403):
        await empty.stranger().asks("enter_demo", {"login": login})


async def test_the_demo_cannot_be_entered_before_it_is_filled(empty: World) -> None:
    with refused("demo_not_offered", 403):
        await empty.stranger().asks("enter_demo", {"login": "teacher"})


async def test_setting_up_ones_own_organisation(empty: World) -> None:
    person, me = await _set_up(empty)
    assert {key: me[key] for key in ("name", "login", "demo")} == {
        "name": "Айша Сейітқызы",
        "login": "aisha",
        "demo": False,
    }
    [role] = me["roles"]
    assert (role["role"], role["organisation"]) == ("administrator", NAMES)
    assert await person.me() == me
    await empty.stranger().logs_in("aisha", ADMIN["password"])
    assert await empty.stranger().asks("setup_state") == {
        "state": "ready",
        "demo_offered": False,
        "organisation": NAMES,
        "version": VERSION,
    }


async def test_the_demo_school_goes_with_its_people_when_an_organisation_comes(empty: World) -> None:
    await empty.stranger().asks("open_demo")
    teacher = empty.stranger()
    await teacher.logs_in("teacher", "demo")
    socket = await teacher.connects()
    [lesson, *_] = await teacher.lessons()
    await teacher.joins(lesson["id"])
    await teacher.writes(lesson["room_id"], "сәлем")
    await _set_up(empty)
    await empty.settle()
    await socket.wait()
    with refused("not_logged_in", 401):
        await teacher.me()
    with refused("wrong_credentials", 401):
        await empty.stranger().logs_in("teacher", "demo")
    for operation, body in (("open_demo", {}), ("enter_demo", {"login": "teacher"})):
        with refused("demo_not_offered", 403):
            await empty.stranger().asks(operation, body)
    await empty.job("demo.keep_timetable")
    gone = await empty.run(media.gone)
    await empty.run(lambda tx: media.removed(tx, gone))
    left = await empty.run(_rows_left)
    assert left.pop("audit"), "append-only: it holds ids alone"
    assert left == {"accounts": 1, "logins": 1, "devices": 1, "role_assignments": 1, "persons": 1, "units": 2}


@pytest.mark.parametrize("code", ["", "guessed", "ә" * 30, "x" * 100_000])
async def test_a_guessed_invitation_is_none(empty: World, code: str) -> None:
    await empty.run(first_start.make_invitation)
    with refused("invitation_invalid", 403):
        await empty.stranger().asks("set_up_organisation", order(code))


async def test_an_invitation_is_good_once_and_until_the_next(empty: World) -> None:
    old = await empty.run(first_start.make_invitation)
    new = await empty.run(first_start.make_invitation)
    with refused("invitation_invalid", 403):
        await empty.stranger().asks("set_up_organisation", order(old))
    await empty.stranger().asks("set_up_organisation", order(new))
    with refused("invitation_invalid", 403):
        await empty.stranger().asks("set_up_organisation", order(new))


async def test_a_second_organisation_is_not_set_up_this_way(empty: World) -> None:
    await _set_up(empty)
    code = await empty.run(first_start.make_invitation)
    with refused("already_set_up", 409):
        await empty.stranger().asks("set_up_organisation", order(code))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"admin": ADMIN | {"password": "short"}}, "password_unfit"),
        ({"admin": ADMIN | {"login": "a b"}}, "login_invalid"),
        ({"admin": ADMIN | {"family": " ", "given": " "}}, "name_unfit"),
        ({"names": NAMES | {"kk": " "}}, "malformed"),
        ({"names": NAMES | {"ru": "ш" * 201}}, "malformed"),
        ({"names": {"kk": "a"}}, "malformed"),
        ({"kind": "kindergarten"}, "malformed"),
        ({"admin": None}, "malformed"),
    ],
)
async def test_a_refused_set_up_leaves_the_invitation_good(empty: World, changes: dict[str, Any], code: str) -> None:
    invitation = await empty.run(first_start.make_invitation)
    with refused(code):
        await empty.stranger().asks("set_up_organisation", order(invitation, **changes))
    assert (await empty.stranger().asks("setup_state"))["state"] == "empty"
    await empty.stranger().asks("set_up_organisation", order(invitation))


async def test_a_school_that_exists_offers_no_demo(world: World) -> None:
    state = await world.stranger().asks("setup_state")
    assert (state["state"], state["demo_offered"], state["organisation"]["kk"]) == ("ready", False, "№ 1")
    await world.stranger().logs_in("anna", PASSWORD)


async def _set_up(world: World) -> tuple[Person, dict[str, Any]]:
    code = await world.run(first_start.make_invitation)
    person = world.stranger()
    answer = await person.asks("set_up_organisation", order(code))
    person.token = answer["token"]
    return person, answer["me"]


async def _rows_left(tx: Any) -> dict[str, int]:
    """Per table with rows of people or places; what is the kernel's or a common directory is left out."""
    from sqlalchemy import func, select

    from lms_core.kernel.tables import Table

    common = {"outbox", "stream_positions", "reactions_done", "jobs", "subjects"}
    names = [table for table in Table.metadata.sorted_tables if table.name not in common]
    counts = {table.name: await tx.one(select(func.count()).select_from(table)) for table in names}
    return {name: count for name, count in counts.items() if count}
