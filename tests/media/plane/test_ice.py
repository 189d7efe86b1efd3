"""ICE-lite: who is answered, what that means, and when silence is an end."""

import pytest
from aioice import stun
from hypothesis import given, settings
from hypothesis import strategies as st

from media.plane.ice import PATIENCE, SILENCE, Ice, Nominated, Output, Reply, Validated
from media.wire import Address

HOME, ROAD = ("192.0.2.7", 5000), ("2001:db8::7", 6000)


def an_ice(*transports: str) -> Ice:
    ice = Ice()
    for key in transports or ("one",):
        ice.add(key, f"u-{key}", f"password-of-{key}-0123456789")
    return ice


def check(key: str = "one", *, password: str | None = None, fingerprint: bool = True, **attributes: object) -> bytes:
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = f"u-{key}:theirs"
    request.attributes.update({name.replace("_", "-"): value for name, value in attributes.items()})
    request.add_message_integrity((password or f"password-of-{key}-0123456789").encode())
    if not fingerprint:
        del request.attributes["FINGERPRINT"]
    return bytes(request)


def answer_of(outputs: list[Output]) -> stun.Message:
    reply = outputs[0]
    assert isinstance(reply, Reply)
    return stun.parse_message(reply.data)


@pytest.mark.parametrize("address", [HOME, ROAD])
def test_a_check_is_answered_with_the_address_it_came_from(address: Address) -> None:
    request = check()
    outputs = an_ice().handle(address, request, 0.0)
    response = answer_of(outputs)
    assert response.message_class == stun.Class.RESPONSE
    assert response.transaction_id == request[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == address
    assert response.check_message_integrity(b"password-of-one-0123456789")
    assert outputs[1:] == [Validated("one", address)]


def test_use_candidate_nominates_and_the_latest_counts() -> None:
    ice = an_ice()
    assert ice.handle(HOME, check(USE_CANDIDATE=None), 0.0)[1:] == [Validated("one", HOME), Nominated("one", HOME)]
    assert ice.handle(HOME, check(USE_CANDIDATE=None), 0.0)[1:] == []
    assert ice.handle(ROAD, check(), 0.0)[1:] == [Validated("one", ROAD)]
    assert ice.nominated("one") == HOME
    assert ice.handle(ROAD, check(USE_CANDIDATE=None), 0.0)[1:] == [Nominated("one", ROAD)]
    assert ice.nominated("one") == ROAD
    assert ice.nominated("two") is None


def test_who_nominates_every_pair_is_sent_to_at_the_best() -> None:
    """Firefox does (RFC 5245 §8.1.1.2), and uses UDP though TCP came last; when UDP falls silent, TCP is taken."""
    ice, worse = an_ice(), ("192.0.2.7", 6000, 9)
    ice.handle(HOME, check(USE_CANDIDATE=None, PRIORITY=1_853_751_551), 0.0)
    assert ice.handle(worse, check(USE_CANDIDATE=None, PRIORITY=1_837_007_103), 0.1)[1:] == [Validated("one", worse)]
    ice.handle(HOME, check(USE_CANDIDATE=None, PRIORITY=1_853_751_551), 0.9)
    assert ice.handle(worse, check(USE_CANDIDATE=None, PRIORITY=1_837_007_103), 1.5)[1:] == []
    assert ice.nominated("one") == HOME
    assert ice.handle(worse, check(USE_CANDIDATE=None, PRIORITY=1_837_007_103), 2.0)[1:] == [Nominated("one", worse)]


def test_a_better_way_is_taken_at_once() -> None:
    ice = an_ice()
    ice.handle(HOME, check(USE_CANDIDATE=None, PRIORITY=1), 0.0)
    assert ice.handle(ROAD, check(USE_CANDIDATE=None, PRIORITY=2), 0.0)[2:] == [Nominated("one", ROAD)]


def test_many_transports_share_the_port() -> None:
    ice = an_ice("one", "two")
    assert ice.handle(HOME, check("two"), 0.0)[1:] == [Validated("two", HOME)]


def test_a_fingerprint_may_be_missing_but_not_wrong() -> None:
    assert an_ice().handle(HOME, check(fingerprint=False), 0.0)
    wrong = bytearray(check())
    wrong[-1] ^= 1
    assert an_ice().handle(HOME, bytes(wrong), 0.0) == []


def test_both_in_the_following_role_is_told_to_lead() -> None:
    outputs = an_ice().handle(HOME, check(ICE_CONTROLLED=5), 0.0)
    assert len(outputs) == 1
    assert answer_of(outputs).attributes["ERROR-CODE"] == (487, "Role Conflict")


def test_strangers_get_no_answer() -> None:
    ice = an_ice()
    indication = stun.Message(stun.Method.BINDING, stun.Class.INDICATION)
    allocate = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)
    bare = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": "u-one:theirs"})
    nameless = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    strange = [
        check("nobody"), check(password="guessed"), check()[:-3], bytes(indication), bytes(allocate), bytes(bare),
        bytes(nameless), b"", b"\x00\x01", check().replace(b"\x21\x12\xa4\x42", b"\0\0\0\0"), check() + bytes(1400),
    ]  # fmt: skip
    for data in strange:
        assert ice.handle(HOME, data, 0.0) == []
    assert ice.refused == len(strange)


def test_a_removed_transport_answers_no_more() -> None:
    ice = an_ice()
    ice.restart("one", "u-next", "password-of-next-0123456789", 0.0)
    ice.remove("one")
    ice.remove("one")
    assert ice.handle(HOME, check(), 0.0) == ice.handle(HOME, check("next"), 0.0) == []


def test_after_a_restart_the_former_hold_until_the_new_are_used() -> None:
    ice = an_ice()
    ice.restart("one", "u-next", "password-of-next-0123456789", 0.0)
    assert ice.handle(HOME, check(), 0.0)
    assert ice.handle(HOME, check("next"), 0.0)
    assert ice.handle(HOME, check(), 0.0) == []
    ice.restart("one", "u-third", "password-of-third-0123456789", 0.0)
    ice.restart("one", "u-fourth", "password-of-fourth-0123456789", 0.0)
    assert ice.handle(HOME, check("next"), 0.0) == []
    assert ice.handle(HOME, check("third"), 0.0)
    assert ice.handle(HOME, check("fourth"), 0.0)


def test_the_unconnected_are_given_less_time() -> None:
    ice = an_ice("early", "late", "silent")
    ice.arm("early", 0.0)
    ice.arm("late", 0.0)
    ice.arm("late", 10.0)
    ice.connected("late")
    assert ice.expired(PATIENCE) == []
    assert ice.expired(PATIENCE + 0.1) == ["early"]
    ice.handle(HOME, check("early"), PATIENCE)
    assert ice.expired(PATIENCE + 0.1) == []
    assert ice.expired(SILENCE + 0.1) == ["early", "late"], "and whom nobody awaits yet is not missed"


def test_nobody_takes_the_address_of_who_is_connected() -> None:
    ice = an_ice("victim", "thief")
    ice.handle(HOME, check("victim", USE_CANDIDATE=None), 0.0)
    ice.connected("victim")
    ice.handle(ROAD, check("thief", USE_CANDIDATE=None), 0.0)
    assert ice.handle(HOME, check("thief", USE_CANDIDATE=None), 1.0) == []
    assert ice.handle(HOME, check("thief"), 1.0) == []
    assert (ice.nominated("victim"), ice.nominated("thief"), ice.refused) == (HOME, ROAD, 2)
    assert ice.handle(HOME, check("victim", USE_CANDIDATE=None), 2.0)
    ice.remove("victim")
    assert ice.handle(HOME, check("thief", USE_CANDIDATE=None), 3.0)[2:] == [Nominated("thief", HOME)]


def test_one_transport_is_heard_from_few_addresses() -> None:
    ice = an_ice()
    found = [ice.handle(("192.0.2.7", port), check(), 0.0) for port in range(1, 100)]
    assert sum(len(outputs) == 2 for outputs in found) == 32
    assert all(outputs for outputs in found)


ICE = an_ice()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.builds(lambda rest: check()[:20] + rest, st.binary(max_size=120)))
def test_any_bytes_are_answered_or_refused(data: bytes) -> None:
    before = ICE.refused
    outputs = ICE.handle(HOME, data, 0.0)
    assert outputs == []
    assert ICE.refused == before + 1


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=30)), max_size=6), st.integers(0, 0x3FFF))
def test_any_attributes_are_answered_or_refused(attributes: list[tuple[int, bytes]], kind: int) -> None:
    body = b"".join(
        key.to_bytes(2, "big") + len(value).to_bytes(2, "big") + value + bytes(-len(value) % 4)
        for key, value in attributes
    )
    head = kind.to_bytes(2, "big") + len(body).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12)
    assert ICE.handle(HOME, head + body, 0.0) == []
