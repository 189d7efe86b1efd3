"""Second factors, known browsers, own and issued passwords, paper codes, and the audit log of it all."""

from typing import Any

import pytest
from pyotp.totp import TOTP
from sqlalchemy import delete, update
from sqlalchemy.exc import DatabaseError

from lms_core.access import core, service
from lms_core.access.model import Account, Factor
from lms_core.access.policy import Role
from lms_core.audit.model import Entry
from lms_core.audit.service import NOWHERE
from media.grant import GrantInvalid
from tests.support.factories import PASSWORD
from tests.support.story import Person, refused
from tests.support.world import World

NEW = "жаңа құпия сөз"


def code_of(world: World, secret: str) -> str:
    return TOTP(secret).at(int(world.clock.now().timestamp()))


async def with_totp(world: World, name: str) -> tuple[Person, str, list[str]]:
    [person] = await world.enters(name)
    offer = await person.asks("offer_totp", {"password": PASSWORD})
    assert offer["qr"].startswith("<svg")
    body = {"ticket": offer["ticket"], "code": code_of(world, offer["secret"])}
    return person, offer["secret"], (await person.asks("set_up_totp", body))["codes"]


async def ticket_of(person: Person, name: str, password: str = PASSWORD) -> str:
    with refused("second_factor_needed", 401) as caught:
        await person.logs_in(name, password)
    assert caught[0].params["ways"] == ["code", "totp"]
    return caught[0].params["ticket"]


async def second(person: Person, ticket: str, code: str, *, trust: bool = False) -> None:
    answer = await person.asks("log_in_second", {"ticket": ticket, "code": code, "trust": trust})
    person.token = answer["token"]


@pytest.mark.req("S234-10")
async def test_a_code_of_the_authenticator_is_asked_for_and_is_good_once(world: World) -> None:
    _, secret, _ = await with_totp(world, "anna")
    there = _elsewhere(world)
    with refused("wrong_code", 403):  # the one it was set up with
        await second(there, await ticket_of(there, "anna"), code_of(world, secret))
    await world.clock.advance(60)
    ticket = await ticket_of(there, "anna")
    await second(there, ticket, code_of(world, secret))
    assert (await there.me())["login"] == "anna"
    with refused("ticket_invalid"):
        await second(there, ticket, code_of(world, secret))
    with refused("wrong_code"):
        await second(there, await ticket_of(there, "anna"), code_of(world, secret))


async def test_a_recovery_code_is_good_once_however_it_is_typed(world: World) -> None:
    person, _, codes = await with_totp(world, "anna")
    there = _elsewhere(world)
    await second(there, await ticket_of(there, "anna"), codes[0].upper().replace("-", " "))
    with refused("wrong_code"):
        await second(there, await ticket_of(there, "anna"), codes[0])
    assert (await person.asks("my_locks"))["codes_left"] == 9


async def test_a_ticket_bears_five_tries_and_five_minutes(world: World) -> None:
    _, _, codes = await with_totp(world, "anna")
    there = _elsewhere(world)
    ticket = await ticket_of(there, "anna")
    for _ in range(4):
        with refused("wrong_code"):
            await second(there, ticket, "000000")
    with refused("wrong_code"):
        await second(there, ticket, "000001")
    with refused("ticket_invalid"):
        await second(there, ticket, codes[0])
    ticket = await ticket_of(there, "anna")
    await world.clock.advance(core.TICKET_LIFE.total_seconds())
    with refused("ticket_invalid"):
        await second(there, ticket, codes[0])


async def test_the_secret_of_an_authenticator_is_kept_sealed(world: World) -> None:
    _, secret, _ = await with_totp(world, "anna")
    rows = await world.run(lambda tx: tx.all(service.select(Factor).where(Factor.kind == "totp")))
    assert secret.encode() not in rows[0].secret


async def test_the_rule_of_the_organisation_asks_for_a_second_factor(world: World) -> None:
    [admin] = await world.enters("administrator")
    here = {"organisation_id": world.school.school.id}
    await admin.asks("set_lock_rule", {"second_factor": "staff"}, **here)
    anna, misha = await world.enters("anna", "misha")
    with refused("second_factor_setup_needed", 403):
        await anna.lessons()
    await misha.lessons()
    assert (await anna.asks("my_locks"))["held_up"] == "second_factor_setup_needed"
    anna, _, _ = await with_totp(world, "anna")
    await anna.lessons()
    [factor] = (await anna.asks("my_locks"))["factors"]
    with refused("second_factor_required", 409):
        await anna.asks("remove_factor", {"password": PASSWORD}, factor_id=factor["id"])
    with refused("second_factor_setup_needed"):
        await admin.asks("remove_factors_of", {}, person_id=world.school.persons["anna"])
    admin, _, _ = await with_totp(world, "administrator")
    await admin.asks("remove_factors_of", {}, person_id=world.school.persons["anna"])
    await _elsewhere(world).logs_in("anna", PASSWORD)


@pytest.mark.req("S234-10")
async def test_guesses_from_elsewhere_do_not_shut_out_a_known_browser(world: World) -> None:
    known = world.stranger()
    await known.logs_in("anna", PASSWORD)  # the browser keeps the cookie
    device = _cookie(world)
    there = _elsewhere(world)
    for _ in range(10):
        with refused("wrong_credentials"):
            await there.logs_in("anna", "wrong")
        _forget_cookies(world)
    with refused("too_many_attempts", 429):
        await there.logs_in("anna", PASSWORD)
    world.http.session.cookie_jar.update_cookies({"sabaq_device": device})
    world.http.session.headers["Cookie"] = f"sabaq_device={device}"
    try:
        assert await known.logs_in("anna", PASSWORD)
    finally:
        del world.http.session.headers["Cookie"]


async def test_a_new_password_ends_the_other_logins(world: World) -> None:
    here, there = await world.enters("anna", "anna")
    with refused("wrong_credentials"):
        await here.asks("change_password", {"old": "wrong", "new": NEW})
    for weak, code in (("qwerty123", "password_common"), ("short", "password_unfit"), (PASSWORD, "password_same")):
        with refused(code):
            await here.asks("change_password", {"old": PASSWORD, "new": weak})
    await here.does("change_password", {"old": PASSWORD, "new": NEW})
    await here.me()
    with refused("not_logged_in"):
        await there.me()
    await _elsewhere(world).logs_in("anna", NEW)


async def test_an_issued_password_opens_nothing_but_its_change(world: World) -> None:
    here = Account.login == "misha"
    await world.run(lambda tx: tx.execute(update(Account).where(here).values(must_change=True)))
    [misha] = await world.enters("misha")
    with refused("password_change_needed", 403):
        await misha.lessons()
    await misha.does("change_password", {"old": PASSWORD, "new": NEW})
    await misha.lessons()


async def test_a_teacher_helps_a_learner_back_in_with_a_code_on_paper(world: World) -> None:
    anna, boris, admin = await world.enters("anna", "boris", "administrator")
    misha, school = world.school.persons["misha"], world.school.persons
    with refused("not_found", 404):
        await boris.asks("make_paper_code", {}, person_id=misha)
    with refused("not_found", 404):
        await anna.asks("make_paper_code", {}, person_id=school["director"])
    await admin.asks("make_paper_code", {}, person_id=school["director"])
    paper = await anna.asks("make_paper_code", {}, person_id=misha)
    there = _elsewhere(world)
    body = {"login": "Misha", "code": paper["code"].upper(), "password": NEW}
    with refused("wrong_credentials"):
        await there.asks("log_in_with_paper_code", body | {"code": "0000-0000-0000"})
    with refused("wrong_credentials"):
        await there.asks("log_in_with_paper_code", body | {"login": "dina"})
    assert (await there.asks("log_in_with_paper_code", body))["me"]["login"] == "misha"
    with refused("wrong_credentials"):
        await there.asks("log_in_with_paper_code", body)
    await there.logs_in("misha", NEW)


async def test_a_paper_code_runs_out(world: World) -> None:
    [anna] = await world.enters("anna")
    paper = await anna.asks("make_paper_code", {}, person_id=world.school.persons["misha"])
    await world.clock.advance(core.CODE_LIFE.total_seconds())
    with refused("wrong_credentials"):
        body = {"login": "misha", "code": paper["code"], "password": NEW}
        await _elsewhere(world).asks("log_in_with_paper_code", body)


async def test_one_sees_and_ends_ones_logins_and_browsers(world: World) -> None:
    person = world.stranger()
    await person.logs_in("anna", PASSWORD)
    await world.enters("anna")
    locks = await person.asks("my_locks")
    assert [login["mine"] for login in locks["logins"]] == [False, True]
    await person.does("end_login", {}, login_id=locks["logins"][0]["id"])
    assert len((await person.asks("my_locks"))["logins"]) == 1
    [device] = locks["devices"]
    [misha] = await world.enters("misha")
    with refused("not_found"):
        await misha.asks("forget_device", {}, device_id=device["id"])
    with refused("not_found"):
        await misha.asks("end_login", {}, login_id=locks["logins"][1]["id"])
    await person.asks("forget_device", {}, device_id=device["id"])
    assert (await person.asks("my_locks"))["devices"] == []


@pytest.mark.req("S234-10")
async def test_the_audit_log_tells_who_did_what(world: World) -> None:
    [admin, misha] = await world.enters("administrator", "misha")
    stranger = _elsewhere(world)
    with refused("wrong_credentials"):
        await stranger.logs_in("misha", "wrong")
    for _ in range(3):
        with refused("not_found"):
            await misha.asks("read_lesson", lesson_id=world.school.physics.id)
    await world.house.audit.flush()
    here: dict[str, Any] = {"organisation_id": world.school.school.id}
    page = await admin.asks("read_audit", **here)
    lines = {(one["what"], one["op"], one["code"], one["actor_id"], one["subject_id"]): one for one in page["items"]}
    me = world.school.persons["misha"]
    assert lines["refused", "read_lesson", "not_found", me, None]["times"] == 3
    assert lines["refused", "log_in", "wrong_credentials", None, me]["address"] == "127.0.0.1"
    assert ("logged_in", "", "password", me, None) in lines
    again = await admin.asks("read_audit", query={"what": "looked"}, **here)
    assert [one["op"] for one in again["items"]] == ["read_audit"], "to read is to be read of"
    strangers = await world.run(lambda tx: tx.all(service.select(Entry).where(Entry.organisation_id == NOWHERE)))
    assert {row.address for row in strangers} == {"127.0.0.1"}
    with refused("not_found"):
        await admin.asks("read_audit", organisation_id=world.school.other.id)


@pytest.mark.req("S234-10")
async def test_the_database_refuses_to_change_or_forget_a_line(world: World) -> None:
    await world.enters("anna")
    with pytest.raises(DatabaseError, match="append-only"):
        await world.run(lambda tx: tx.execute(update(Entry).values(what="nothing")))
    with pytest.raises(DatabaseError, match="append-only"):
        await world.run(lambda tx: tx.execute(delete(Entry)))


async def test_strangers_do_not_fill_the_log(world: World) -> None:
    for number in range(1000):
        world.house.audit.refused("log_in", "wrong_credentials", service.Actor(None), f"192.0.2.{number % 250}")
    await world.house.audit.flush()
    rows = await world.run(lambda tx: tx.all(service.select(Entry).where(Entry.what == "refused")))
    assert (len(rows), sum(row.times for row in rows)) == (61, 1000)


async def test_who_lost_the_role_is_out_of_the_lesson(world: World) -> None:
    tutor, anna = await world.enters("tutor", "anna")
    await anna.joins(world.school.algebra.id)
    joined = await tutor.joins(world.school.algebra.id)
    await world.house.live.grant_for(joined["grant"], joined["room_id"])
    held = await world.run(lambda tx: tx.all(service.select(service.Assignment)))
    [role] = [row.id for row in held if row.role == Role.TUTOR]
    await world.run(lambda tx: service.withdraw(tx, role))
    await world.settle()
    with pytest.raises(GrantInvalid):
        await world.house.live.grant_for(joined["grant"], joined["room_id"])


def _elsewhere(world: World) -> Person:
    """Somebody at a browser that nobody has used."""
    _forget_cookies(world)
    return world.stranger()


def _forget_cookies(world: World) -> None:
    world.http.session.cookie_jar.clear()


def _cookie(world: World) -> str:
    return next(cookie.value for cookie in world.http.session.cookie_jar if cookie.key == "sabaq_device")
