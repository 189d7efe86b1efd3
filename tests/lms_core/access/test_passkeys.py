"""Passkeys: made, shown, copied, stolen, and broken in every way a stranger may break them."""

from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms_core.access import core
from lms_core.access.factors import set_rule
from lms_core.access.model import Factor
from lms_core.access.passkeys import MOST, Relying, _prove, _registered, relying
from lms_core.kernel.ids import PersonId, id_from_int
from tests.support.authenticator import Authenticator, b64, unb64
from tests.support.factories import NOW, PASSWORD
from tests.support.story import Json, Person, refused
from tests.support.world import World, a_world

ORIGIN = "https://school.example"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, public_url=ORIGIN) as made:
        yield made


async def with_passkey(person: Person, device: Authenticator | None = None) -> tuple[Authenticator, list[str]]:
    device = device or Authenticator(ORIGIN)
    offer = await person.asks("offer_passkey", {"password": PASSWORD})
    body = {"ticket": offer["ticket"], "credential": device.makes(offer["options"]), "name": " Aнна\u202eның телефоны "}
    return device, (await person.asks("add_passkey", body))["codes"]


async def shows(person: Person, device: Authenticator, **instead: Any) -> Json:
    """A body for `log_in_with_passkey`."""
    offer = await person.asks("offer_passkey_log_in", {})
    return {"ticket": offer["ticket"], "credential": device.shows(offer["options"], **instead)}


async def enters(person: Person, body: Json) -> str:
    answer = await person.asks("log_in_with_passkey", body)
    person.token = answer["token"]
    return answer["me"]["login"]


@pytest.mark.req("S234-10")
async def test_a_passkey_logs_in_alone(world: World) -> None:
    [anna] = await world.enters("anna")
    device, codes = await with_passkey(anna)
    assert len(codes) == 10
    there = _elsewhere(world)
    assert await enters(there, await shows(there, device)) == "anna"
    locks = await there.asks("my_locks")
    [factor] = locks["factors"]
    assert (factor["kind"], factor["name"]) == ("passkey", "Aннаның телефоны")
    assert factor["used"]
    assert [login["kind"] for login in locks["logins"]] == ["passkey", "password"]
    with refused("second_factor_needed") as caught:
        await _elsewhere(world).logs_in("anna", PASSWORD)
    assert caught[0].params["ways"] == ["code", "passkey"]


async def test_the_options_ask_for_a_key_that_is_found_and_opened_by_its_owner(world: World) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna)
    made = (await anna.asks("offer_passkey", {"password": PASSWORD}))["options"]
    assert made["rp"] == {"id": "school.example", "name": "Sabaq"}
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert [one["id"] for one in made["excludeCredentials"]] == [b64(device.id)]
    shown = (await _elsewhere(world).asks("offer_passkey_log_in", {}))["options"]
    assert (shown["rpId"], shown["allowCredentials"], shown["userVerification"]) == ("school.example", [], "required")
    assert made["challenge"] != shown["challenge"]


async def test_the_second_brings_no_codes_and_the_last_takes_them_along(world: World) -> None:
    [anna] = await world.enters("anna")
    await with_passkey(anna)
    _, codes = await with_passkey(anna)
    assert codes == []
    first, second = (await anna.asks("my_locks"))["factors"]
    await anna.asks("remove_factor", {"password": PASSWORD}, factor_id=first["id"])
    assert (await anna.asks("my_locks"))["codes_left"] == 10
    await anna.asks("remove_factor", {"password": PASSWORD}, factor_id=second["id"])
    assert (await anna.asks("my_locks"))["codes_left"] == 0
    await _elsewhere(world).logs_in("anna", PASSWORD)


async def test_a_ticket_is_good_for_one_try(world: World) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna)
    there = _elsewhere(world)
    body = await shows(there, device)
    await enters(there, body)
    with refused("ticket_invalid"):
        await enters(there, body)
    body = await shows(there, device)
    broken = deepcopy(body)
    broken["credential"]["response"]["signature"] = b64(b"x" * 70)
    with refused("passkey_refused", 401):
        await enters(there, broken)
    with refused("ticket_invalid"):
        await enters(there, body)
    late = await shows(there, device)
    await world.clock.advance(core.TICKET_LIFE.total_seconds())
    with refused("ticket_invalid"):
        await enters(there, late)


async def test_an_answer_to_another_challenge_is_refused(world: World) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna)
    there = _elsewhere(world)
    body = await shows(there, device)
    with refused("passkey_refused"):
        await enters(there, await shows(there, device) | {"credential": body["credential"]})


@pytest.mark.parametrize(
    "instead",
    [
        {"origin": "https://school.example.evil.example"},
        {"origin": "http://school.example"},
        {"origin": "https://school.example:8443"},
        {"type": "webauthn.create"},
        {"challenge": "AAAA"},
    ],
)
async def test_the_page_of_another_gets_nothing(world: World, instead: Json) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna)
    there = _elsewhere(world)
    with refused("passkey_refused"):
        await enters(there, await shows(there, device, **instead))


async def test_a_key_of_another_place_or_that_nobody_opened_is_refused(world: World) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna)
    there = _elsewhere(world)
    offer = await there.asks("offer_passkey_log_in", {})
    with refused("passkey_refused"):
        other = offer["options"] | {"rpId": "evil.example"}
        await enters(there, {"ticket": offer["ticket"], "credential": device.shows(other)})
    device.verifies = False
    with refused("passkey_refused"):
        await enters(there, await shows(there, device))
    offer = await anna.asks("offer_passkey", {"password": PASSWORD})
    lazy = Authenticator(ORIGIN, verifies=False)
    with refused("passkey_refused"):
        await anna.asks("add_passkey", {"ticket": offer["ticket"], "credential": lazy.makes(offer["options"])})


async def test_nobody_gets_in_or_hides_behind_anothers_passkey(world: World) -> None:
    anna, boris = await world.enters("anna", "boris")
    device, _ = await with_passkey(anna)
    his, _ = await with_passkey(boris)
    there = _elsewhere(world)
    body = await shows(there, his)
    body["credential"]["response"]["userHandle"] = device.owner
    with refused("passkey_refused"):
        await enters(there, body)
    body = await shows(there, his)
    body["credential"] |= {"id": b64(device.id), "rawId": b64(device.id)}
    with refused("passkey_refused"):
        await enters(there, body)
    offer = await anna.asks("offer_passkey", {"password": PASSWORD})
    with refused("ticket_invalid"):
        made = Authenticator(ORIGIN).makes(offer["options"])
        await boris.asks("add_passkey", {"ticket": offer["ticket"], "credential": made})
    offer = await boris.asks("offer_passkey", {"password": PASSWORD})
    with refused("passkey_refused"):  # the same key for two persons
        taken = Authenticator(ORIGIN, id=device.id).makes(offer["options"])
        await boris.asks("add_passkey", {"ticket": offer["ticket"], "credential": taken})


@pytest.mark.req("S234-10")
async def test_a_copied_key_shows_by_its_counter_and_is_written_down(world: World) -> None:
    anna, admin = await world.enters("anna", "administrator")
    device, _ = await with_passkey(anna)
    there = _elsewhere(world)
    await enters(there, await shows(there, device))
    device.counter -= 1
    with refused("passkey_refused"):
        await enters(there, await shows(there, device))
    page = await admin.asks("read_audit", organisation_id=world.school.school.id)
    [line] = [one for one in page["items"] if one["code"] == "passkey_copied"]
    assert (line["what"], line["subject_id"], line["address"]) == ("refused", anna.id, "127.0.0.1")
    await enters(there, await shows(there, device))


async def test_a_device_that_does_not_count_is_believed(world: World) -> None:
    [anna] = await world.enters("anna")
    device, _ = await with_passkey(anna, Authenticator(ORIGIN, counts=False))
    there = _elsewhere(world)
    for _ in range(2):
        await enters(there, await shows(there, device))


async def test_a_removed_passkey_and_a_removed_person_stay_out(world: World) -> None:
    anna, misha, admin = await world.enters("anna", "misha", "administrator")
    device, _ = await with_passkey(anna)
    his, _ = await with_passkey(misha)
    [factor] = (await anna.asks("my_locks"))["factors"]
    await anna.asks("remove_factor", {"password": PASSWORD}, factor_id=factor["id"])
    there = _elsewhere(world)
    with refused("passkey_refused"):
        await enters(there, await shows(there, device))
    here = {"organisation_id": world.school.school.id, "person_id": misha.id}
    await admin.does("remove_person", {}, **here)
    with refused("wrong_credentials"):
        await enters(there, await shows(there, his))


async def test_a_person_has_ten_and_a_demo_school_none(world: World) -> None:
    [anna] = await world.enters("anna")
    for _ in range(MOST):
        await with_passkey(anna)
    with refused("too_many_factors", 409):
        await anna.asks("offer_passkey", {"password": PASSWORD})
    with refused("wrong_credentials"):
        await anna.asks("offer_passkey", {"password": "guessed"})
    await world.run(lambda tx: set_rule(tx, world.school.school.id, "never"))
    [misha] = await world.enters("misha")
    with refused("second_factor_not_offered", 403):
        await misha.asks("offer_passkey", {"password": PASSWORD})


async def test_strangers_get_so_many_challenges_and_no_more(world: World) -> None:
    there = _elsewhere(world)
    for _ in range(600):
        await world.house.doors.limits.count(core.OFFERS_OF_ADDRESS, "passkey_offers", "127.0.0.1")
    with refused("too_many_attempts", 429):
        await there.asks("offer_passkey_log_in", {})


def test_passkeys_belong_to_a_name_and_to_https() -> None:
    assert relying("https://school.example:443") == Relying("https://school.example", "school.example")
    assert relying("https://school.example:8443") == Relying("https://school.example:8443", "school.example")
    assert relying("http://localhost:8080") == Relying("http://localhost:8080", "localhost")
    for origin in (
        "http://school.example",
        "https://192.0.2.1",
        "https://[2001:db8::1]",
        "https://a:b",
        "",
        "https://",
    ):
        assert relying(origin) is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.binary(max_size=60).map(b64),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
ONE = id_from_int("person", 1)
PARTS = ["id", "rawId", "type", "clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject"]


class OneRow:
    """A database that finds one passkey, whatever is asked."""

    now = NOW

    def __init__(self, device: Authenticator, public: bytes) -> None:
        self._row = Factor(handle=device.id, secret=public, counter=0, person_id=PersonId(ONE))

    async def one(self, _: Any) -> Factor:
        return self._row


@settings(max_examples=100, deadline=None)
@given(part=st.sampled_from(PARTS), junk=JUNK, cut=st.integers(0, 200), flip=st.integers(0, 255))
async def test_whatever_is_sent_is_a_refusal_and_no_bug(part: str, junk: Any, cut: int, flip: int) -> None:
    device, here, challenge = Authenticator(ORIGIN), Relying(ORIGIN, "school.example"), b"c" * 32
    owner = b64((1).to_bytes(16, "big"))
    options = {"rp": {"id": here.id}, "user": {"id": owner}, "challenge": b64(challenge)}
    made = device.makes(options)
    kept = _registered(here, challenge, made)
    shown = device.shows(options)
    for broken in (_put(made, part, junk), _bend(made, part, cut, flip)):
        _registered(here, challenge, broken)
    for broken in (_put(shown, part, junk), _bend(shown, part, cut, flip)):
        row: Any = OneRow(device, kept.credential_public_key)
        who = await _prove(row, here, challenge, broken, "")
        proves = broken == shown or part in ("userHandle", "attestationObject")
        assert who is None or (proves and who == ONE)
    row = OneRow(device, kept.credential_public_key)
    assert await _prove(row, here, challenge, shown, "") == ONE


def _put(sent: Json, part: str, value: Any) -> Json:
    broken = deepcopy(sent)
    (broken if part in broken else broken["response"])[part] = value
    return broken


def _bend(sent: Json, part: str, cut: int, flip: int) -> Json:
    """One byte is another, or the end is missing."""
    broken = deepcopy(sent)
    where = broken if part in broken else broken["response"]
    if part == "type" or part not in where:
        return broken
    plain = bytearray(unb64(where[part]))
    if cut < len(plain):
        plain[cut] ^= flip
    where[part] = b64(bytes(plain if flip else plain[:cut]))
    return broken


def _elsewhere(world: World) -> Person:
    world.http.session.cookie_jar.clear()
    return world.stranger()
