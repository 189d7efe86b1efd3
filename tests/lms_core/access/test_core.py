"""Log-in names and passwords."""

import pytest

from lms_core.access import core

HASH = core.password_hash("сабаққа кел", b"0123456789abcdef")


def test_a_hash_is_argon2id_with_the_parameters_named() -> None:
    assert HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not core.outdated(HASH)
    assert core.outdated(HASH.replace("t=2", "t=1"))


def test_a_password_fits_its_hash_alone() -> None:
    assert core.matches(HASH, "сабаққа кел")
    assert not core.matches(HASH, "Сабаққа кел")
    assert not core.matches(None, "nobody's")
    assert not core.matches("no hash", "сабаққа кел")


def test_a_letter_typed_in_two_parts_is_the_same_letter() -> None:
    known = core.password_hash("й" * 8, bytes(16))
    assert core.matches(known, "й" * 8)


def test_a_password_too_long_does_not_fit_by_its_beginning() -> None:
    longest = "x" * core.LONGEST_PASSWORD
    known = core.password_hash(longest, bytes(16))
    assert core.matches(known, longest)
    assert not core.matches(known, longest + "y")


@pytest.mark.parametrize(
    ("typed", "normal"), [(" Teacher ", "teacher"), ("ＡＤＭＩＮ", "admin"), ("Әлия", "әлия"), ("straße", "strasse")]
)
def test_case_and_width_of_a_login_do_not_matter(typed: str, normal: str) -> None:
    assert core.normal_login(typed) == normal


@pytest.mark.parametrize("login", ["", "a", "a b", "a\0b", "a" * 101, "<b>"])
def test_an_unfit_login(login: str) -> None:
    with pytest.raises(core.LoginInvalid):
        core.check_login(login)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 257])
def test_an_unfit_password(password: str) -> None:
    with pytest.raises(core.PasswordUnfit):
        core.check_password(password)
