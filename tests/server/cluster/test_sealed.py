"""The link between processes: strangers get nowhere, and what was said is heard once, whole and in order."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.errors import NotFound
from media.room_state import RoomFull
from server.cluster.refusals import packed, unpacked
from server.cluster.sealed import Handshake, Seal, Untrue, fingerprint

KEY = b"k" * 32


def pair(key: bytes = KEY, other: bytes = KEY) -> tuple[Seal, Seal]:
    caller, called = Handshake(key, "process_a"), Handshake(other, "process_b")
    caller.accept(called.welcome(caller.greet(called.hello())))
    assert (caller.peer, called.peer) == ("process_b", "process_a")
    return caller.seal(calling=True), called.seal(calling=False)


def test_both_sides_hear_what_the_other_says() -> None:
    caller, called = pair()
    for number in range(3):
        assert called.open(caller.close([{"n": number}])) == [{"n": number}]
        assert caller.open(called.close([{"m": number}, {}])) == [{"m": number}, {}]


def test_another_key_proves_nothing() -> None:
    with pytest.raises(Untrue, match="greeting"):
        pair(os.urandom(32))


def test_who_was_called_must_prove_it_too() -> None:
    caller, called = Handshake(KEY, "process_a"), Handshake(os.urandom(32), "process_b")
    caller.greet(called.hello())
    with pytest.raises(Untrue):
        caller.accept(b"\0" * 32 + b"process_b")


def test_a_greeting_cannot_be_played_again_or_turned_back() -> None:
    caller, called = Handshake(KEY, "process_a"), Handshake(KEY, "process_b")
    greeting = caller.greet(called.hello())
    with pytest.raises(Untrue):
        Handshake(KEY, "process_b").welcome(greeting)
    welcome = called.welcome(greeting)
    with pytest.raises(Untrue):
        Handshake(KEY, "process_c").welcome(welcome)


@given(st.binary(max_size=300))
def test_anything_else_is_no_greeting(noise: bytes) -> None:
    with pytest.raises(Untrue):
        Handshake(KEY, "process_b").welcome(noise)


def test_a_frame_that_is_lost_doubled_changed_or_turned_back_is_untrue() -> None:
    for spoil in ("lost", "doubled", "changed", "back"):
        caller, called = pair()
        first, second = caller.close([1]), caller.close([2])
        if spoil == "doubled":
            called.open(first)
            second = first
        elif spoil == "changed":
            called.open(first)
            second = second[:-1] + bytes([second[-1] ^ 1])
        with pytest.raises(Untrue):
            caller.open(first) if spoil == "back" else called.open(second)


def test_fingerprints_tell_keys_apart() -> None:
    assert fingerprint(b"a", b"b") == fingerprint(b"a", b"b")
    assert len({fingerprint(b"a", b"b"), fingerprint(b"b", b"a"), fingerprint(b"ab")}) == 3


def test_a_refusal_crosses_as_itself() -> None:
    full = unpacked(packed(RoomFull(limit=3)))
    assert (type(full), full.code, full.status, full.params) == (RoomFull, "room_full", 409, {"limit": 3})
    assert type(unpacked(packed(NotFound()))) is NotFound
    odd = unpacked({"code": "of_tomorrow", "status": 418, "params": {"a": 1}})
    assert (odd.code, odd.status, odd.params) == ("of_tomorrow", 418, {"a": 1})
