"""Coming in, going out, and not coming in any more."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from lms_core.access import core, service
from lms_core.access.model import Account, Login
from lms_core.access.policy import Role
from lms_core.kernel.db import Tx
from lms_core.people import service as people
from media.grant import GrantInvalid
from tests.support.factories import PASSWORD
from tests.support.story import refused
from tests.support.world import World


async def test_a_person_comes_in_with_a_password(world: World) -> None:
    person = world.stranger()
    me = await person.logs_in(" Anna ", PASSWORD)
    assert (me["id"], me["login"], me["name"]) == (world.school.persons["anna"], "anna", "Anna Оспан")
    assert await person.me() == me


async def test_the_token_is_kept_only_as_its_hash(world: World) -> None:
    person = world.stranger()
    await person.logs_in("anna", PASSWORD)
    [login] = await world.run(lambda tx: tx.all(select(Login)))
    assert person.token
    assert person.token.encode() not in login.token_hash
    assert len(login.token_hash) == 32


async def test_a_wrong_password_and_an_unknown_login_are_refused_alike(world: World) -> None:
    person, answers = world.stranger(), []
    for login, password in (
        ("anna", "wrong"),
        ("nobody", PASSWORD),
        ("a" * 5000, PASSWORD),
        ("", ""),
        ("an na", " "),
    ):
        with refused("wrong_credentials", 401) as caught:
            await person.logs_in(login, password)
        answers.append(caught[0].params)
    assert answers == [{}] * 5
    with refused("malformed", 422):
        await person.logs_in("an\0na", "\0")


async def test_ten_failures_close_a_login_for_one_address(world: World) -> None:
    person = world.stranger()
    for _ in range(10):
        with refused("wrong_credentials"):
            await person.logs_in("anna", "wrong")
    with refused("too_many_attempts", 429) as caught:
        await person.logs_in("ANNA", PASSWORD)
    assert caught[0].params["retry_after"] >= 1
    await person.logs_in("boris", PASSWORD)


async def test_only_failures_count(world: World) -> None:
    person = world.stranger()
    for _ in range(12):
        await person.logs_in("anna", PASSWORD)


async def test_many_failures_close_an_address(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "FAILURES_OF_ADDRESS", "30/5minute")  # the real one takes half a minute to reach
    person = world.stranger()
    for number in range(30):
        with refused("wrong_credentials"):
            await person.logs_in(f"login{number}", "wrong")
    with refused("too_many_attempts", 429):
        await person.logs_in("anna", PASSWORD)


async def test_guesses_sent_at_once_learn_nothing_after_ten(world: World) -> None:
    person = world.stranger()

    async def guess(password: str) -> str:
        try:
            await person.asks("log_in", {"login": "anna", "password": password})
        except Exception as no:
            return getattr(no, "code", "")
        return "in"

    answers = await asyncio.gather(*(guess(f"wrong{number}") for number in range(30)))
    assert answers.count("wrong_credentials") == 10
    assert "too_many_attempts" in answers


async def test_logging_out_ends_this_login_alone(world: World) -> None:
    here, there = await world.enters("anna", "anna")
    await here.does("log_out")
    with refused("not_logged_in", 401):
        await here.me()
    await there.me()


async def test_logging_out_everywhere_ends_all_with_their_connections_and_grants(world: World) -> None:
    here, there, misha = await world.enters("anna", "anna", "misha")
    socket = await there.connects()
    lesson = await here.joins(world.school.algebra.id)
    await misha.joins(world.school.algebra.id)
    assert await _stands(world, lesson)
    await world.clock.advance(1)
    await here.does("log_out_everywhere")
    async with asyncio.timeout(30):
        await socket.wait()
    for person in (here, there):
        with refused("not_logged_in", 401):
            await person.me()
    assert not await _stands(world, lesson)
    await misha.me()


async def test_a_grant_of_after_logging_out_everywhere_stands(world: World) -> None:
    [anna] = await world.enters("anna")
    await anna.does("log_out_everywhere")
    await world.clock.advance(1)
    [anna] = await world.enters("anna")
    assert await _stands(world, await anna.joins(world.school.algebra.id))


async def test_a_removed_person_is_out_at_once_and_for_good(world: World) -> None:
    anna, misha = await world.enters("anna", "misha")
    await anna.joins(world.school.algebra.id)
    lesson = await misha.joins(world.school.algebra.id)
    await misha.connects()
    await world.clock.advance(1)
    await world.run(lambda tx: people.remove_person(tx, world.school.persons["misha"]))
    await world.settle()
    with refused("not_logged_in", 401):
        await misha.me()
    assert not await _stands(world, lesson)
    with refused("wrong_credentials"):
        await world.stranger().logs_in("misha", PASSWORD)
    await anna.me()


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "ә" * 20, "a b"])
async def test_a_token_of_nobody(world: World, token: str) -> None:
    assert await world.run(lambda tx: service.actor_of_token(tx, token)) is None


async def test_a_login_runs_out(world: World) -> None:
    [anna] = await world.enters("anna")
    await world.clock.advance(core.LOGIN_LIFE.total_seconds() - 1)
    await anna.me()
    await world.clock.advance(1)
    with refused("not_logged_in"):
        await anna.me()


async def test_a_role_begins_and_ends_at_its_moments(world: World) -> None:
    [boris] = await world.enters("boris")
    now = world.clock.now()

    async def assign(tx: Tx) -> None:
        first, last = now + timedelta(hours=1), now + timedelta(hours=2)
        person, place = world.school.persons["boris"], world.school.school.path
        await service.assign(tx, person, Role.DIRECTOR, place, valid_from=first, valid_to=last)

    await world.run(assign)
    seen = []
    for _ in range(4):
        seen.append(sorted(role["role"] for role in (await boris.me())["roles"]))
        await world.clock.advance(1800)
    assert seen == [["teacher"], ["teacher"], ["director", "teacher"], ["director", "teacher"]]
    assert [role["role"] for role in (await boris.me())["roles"]] == ["teacher"]


async def test_a_withdrawn_role_permits_nothing_any_more(world: World) -> None:
    [boris] = await world.enters("boris")
    place = world.school.eleven.path
    role = await world.run(lambda tx: service.assign(tx, world.school.persons["boris"], Role.TUTOR, place))
    await boris.lesson(world.school.algebra.id)
    await world.run(lambda tx: service.withdraw(tx, role))
    with refused("not_found", 404):
        await boris.lesson(world.school.algebra.id)


async def test_last_seen_is_written_once_a_minute(world: World) -> None:
    [anna] = await world.enters("anna")
    seen = []
    for seconds in (0, 59, 1, 30):
        await world.clock.advance(seconds)
        await anna.me()
        [login] = await world.run(lambda tx: tx.all(select(Login)))
        seen.append((login.last_seen - login.created).total_seconds())
    assert seen == [0, 0, 60, 60]


async def test_logins_are_forgotten_a_month_after_their_end(world: World) -> None:
    ended, lasting = await world.enters("anna", "boris")
    await ended.does("log_out")
    await world.clock.advance(core.KEEP_ENDED.total_seconds())
    await world.job("access.forget_logins")
    assert len(await _logins(world)) == 2
    await world.clock.advance(1)
    await world.job("access.forget_logins")
    [left] = await _logins(world)
    assert left.person_id == lasting.id


async def test_a_hash_of_weaker_parameters_is_made_anew_at_the_next_log_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "HASHING", core.Hashing(memory_kib=8, passes=1))
    core._hasher.cache_clear()
    weak = service.new_hash(PASSWORD)
    monkeypatch.undo()
    core._hasher.cache_clear()
    here = Account.login == "anna"
    await world.run(lambda tx: tx.execute(update(Account).where(here).values(password_hash=weak)))
    await world.stranger().logs_in("anna", PASSWORD)
    [account] = await world.run(lambda tx: tx.all(select(Account).where(here)))
    assert not core.outdated(account.password_hash)
    await world.stranger().logs_in("anna", PASSWORD)


async def test_a_login_name_is_given_once(world: World) -> None:
    async def open_again(tx: Tx) -> None:
        await service.open_account(tx, world.school.persons["tutor"], world.school.school.id, "ANNA", "x")

    with pytest.raises(core.LoginTaken):
        await world.run(open_again)


async def _logins(world: World) -> list[Login]:
    return list(await world.run(lambda tx: tx.all(select(Login))))


async def _stands(world: World, joined: dict[str, str]) -> bool:
    """Whether a grant opens its room."""
    try:
        await world.house.live.grant_for(joined["grant"], joined["room_id"])
    except GrantInvalid:
        return False
    return True
