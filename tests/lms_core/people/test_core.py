"""The individual identification number, by its public rule."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.people import core

bodies = st.text("0123456789", min_size=11, max_size=11)


def test_a_number_worked_by_hand() -> None:
    """1·1+2·2+3·3+4·4+5·5+6·6+7·7+8·8+9·9+0·10+1·11 = 296 = 26·11 + 10; with the second weights 377 = 34·11 + 3."""
    assert core.check_digit("12345678901") == 3


def test_eleven_digits_that_are_never_issued() -> None:
    assert core.check_digit(_never_issued()) is None


@given(bodies, st.sampled_from("0123456789"))
def test_only_the_check_digit_fits(body: str, last: str) -> None:
    if core.check_digit(body) == int(last):
        assert core.check_iin(body + last) == body + last
    else:
        with pytest.raises(core.IinInvalid):
            core.check_iin(body + last)


@given(bodies, st.integers(0, 10), st.sampled_from("0123456789"))
def test_one_mistyped_digit_is_noticed_where_the_first_weights_decide(body: str, at: int, typed: str) -> None:
    other = body[:at] + typed + body[at + 1 :]
    first = [sum(int(d) * w for d, w in zip(b, range(1, 12), strict=True)) % 11 for b in (body, other)]
    if other != body and 10 not in first and at != 10:
        assert core.check_digit(other) != core.check_digit(body)


@given(st.text(max_size=14))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        core.hints(core.check_iin(text))
    except core.IinInvalid:
        return
    assert len(text) == 12


@pytest.mark.parametrize("text", ["", "1234567890", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٣", " 12345678901"])
def test_what_is_no_number_at_all(text: str) -> None:
    with pytest.raises(core.IinInvalid):
        core.check_iin(text)


@pytest.mark.parametrize(
    ("iin", "birth", "sex"),
    [
        ("090215550008", date(2009, 2, 15), "m"),
        ("851231400006", date(1985, 12, 31), "f"),
        ("090231600001", None, "f"),  # no such day
        ("090215050007", None, None),  # another kind of number
    ],
)
def test_what_a_number_suggests(iin: str, birth: date | None, sex: str | None) -> None:
    found = core.hints(iin)
    assert (found.birth, found.sex) == (birth, sex)


@pytest.mark.parametrize("names", [("", "", "Серікқызы"), ("ә" * 101, "", "")])
def test_a_person_has_a_name_of_bounded_length(names: tuple[str, str, str]) -> None:
    with pytest.raises(core.NameUnfit):
        core.check_names(*names)


def _never_issued() -> str:
    for number in range(10**11):
        body = f"{number:011d}"
        sums = [
            sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
            for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))
        ]
        if sums == [10, 10]:
            return body
    raise AssertionError
