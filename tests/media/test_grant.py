"""Grants: what we signed is read as it was, and nothing else is."""

import base64
import json
from contextlib import suppress
from dataclasses import fields

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from lms_core.kernel.errors import Refusal
from media.grant import LONGEST_LIFE, Grant, GrantExpired, GrantForOtherRoom, GrantInvalid, Grants
from tests.media.given import grant

OLD, NEW, FOREIGN = b"o" * 32, b"n" * 32, b"f" * 32
ours = Grants([NEW, OLD])
token = ours.sign(grant())


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_grant_is_read_as_it_was_signed() -> None:
    whole = grant(name="Әйгерім Қ.", publish=frozenset({"camera", "screen"}), hear=False, issued_at=1000.25)
    assert ours.read(ours.sign(whole), 1500.0, room="room_1") == whole


def test_a_grant_ends_on_the_second() -> None:
    assert ours.read(token, 4999.99).room == "room_1"
    with pytest.raises(GrantExpired):
        ours.read(token, 5000.0)


def test_a_grant_is_for_its_room() -> None:
    with pytest.raises(GrantForOtherRoom):
        ours.read(token, 1500.0, room="room_2")


def test_keys_change_while_grants_are_out() -> None:
    before = Grants([OLD]).sign(grant())
    assert ours.read(before, 1500.0) == grant()
    assert Grants([NEW]).read(token, 1500.0) == grant()  # the first key signs
    with pytest.raises(GrantInvalid):
        Grants([NEW]).read(before, 1500.0)


def test_a_foreign_grant_is_not_ours() -> None:
    with pytest.raises(GrantInvalid):
        ours.read(Grants([FOREIGN]).sign(grant()), 1500.0)


def test_a_foreign_key_under_our_keys_name_is_found_out() -> None:
    header = {**_header(token), "typ": "grant+jwt"}
    forged = jwt.encode(header, {"sub": "part_eve"}, OctKey.import_key(FOREIGN), algorithms=["HS256"])
    with pytest.raises(GrantInvalid):
        ours.read(forged, 1500.0)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "none", "typ": "grant+jwt"},
        {"alg": "HS512"},
        {"kid": "unknown"},
        {"kid": ["list"]},
        {"kid": None},
        {"crit": ["exp"], "exp": 1},
        {"b64": False, "crit": ["b64"]},
    ],
)
def test_a_tampered_header_is_refused(header: dict[str, object]) -> None:
    _, claims, signature = token.split(".")
    changed = part({**_header(token), **header})
    for tampered in (f"{changed}.{claims}.{signature}", f"{changed}.{claims}."):
        with pytest.raises(GrantInvalid):
            ours.read(tampered, 1500.0)


@pytest.mark.parametrize("claim", [field.name for field in fields(Grant)])
def test_a_tampered_claim_is_refused(claim: str) -> None:
    header, claims, signature = token.split(".")
    said = json.loads(base64.urlsafe_b64decode(claims + "=="))
    names = {"participant": "sub", "issued_at": "iat", "expires_at": "exp"}
    said[names.get(claim, claim)] = 9999
    with pytest.raises(GrantInvalid):
        ours.read(f"{header}.{part(said)}.{signature}", 1500.0)


@pytest.mark.parametrize(
    ("kind", "claims"),
    [("JWT", None), ("grant+jwt", {}), ("grant+jwt", {"sub": "part_a"}), ("grant+jwt", {"publish": 5})],
)
def test_another_token_under_our_key_is_no_grant(kind: str, claims: dict[str, object] | None) -> None:
    said = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")) if claims is None else claims
    other = jwt.encode({**_header(token), "typ": kind}, said, OctKey.import_key(NEW), algorithms=["HS256"])
    with pytest.raises(GrantInvalid):
        ours.read(other, 1500.0)


@pytest.mark.parametrize("life", [0, -1, LONGEST_LIFE + 1])
def test_a_grant_without_an_end_is_not_signed(life: float) -> None:
    with pytest.raises(ValueError, match="ends"):
        ours.sign(grant(expires_at=1000.0 + life))


def test_what_would_be_too_long_to_be_read_is_not_signed() -> None:
    with pytest.raises(ValueError, match="long"):
        ours.sign(grant(name="x" * 5000))


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b""]])
def test_weak_keys_are_refused_at_the_start(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Grants(keys)


def accepted_or_refused(text: str) -> None:
    with suppress(Refusal):
        assert ours.read(text, 1500.0) == grant()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
headers = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "x"]), json_values)


@given(st.text(max_size=300))
@example("")
@example("..")
@example("\ud800.é.☃")
@example("a" * 100_000)
@example(base64.urlsafe_b64encode(b"[" * 2900).decode() + ".e30.e30")
def test_any_text_is_accepted_or_refused(text: str) -> None:
    accepted_or_refused(text)


@settings(max_examples=200)
@given(headers, json_values, st.binary(max_size=40))
def test_any_header_and_claims_are_accepted_or_refused(header: object, claims: object, end: bytes) -> None:
    signature = base64.urlsafe_b64encode(end).decode().rstrip("=")
    accepted_or_refused(f"{part(header)}.{part(claims)}.{signature}")
    accepted_or_refused(f"{token.split('.')[0]}.{part(claims)}.{signature}")


@settings(max_examples=200)
@given(st.integers(0, len(token)), st.integers(0, 3), st.text(max_size=3))
def test_any_change_of_a_real_grant_is_accepted_or_refused(at: int, cut: int, put: str) -> None:
    accepted_or_refused(token[:at] + put + token[at + cut :])


def _header(of: str) -> dict[str, object]:
    return json.loads(base64.urlsafe_b64decode(of.split(".")[0] + "=="))
