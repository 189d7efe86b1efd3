import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.text import clean, name_key


@pytest.mark.parametrize(
    ("typed", "line", "lines"),
    [
        ("  a  b ", "a b", "a  b"),
        ("a\r\nb\rc\n", "a b c", "a\nb\nc"),
        ("a\tb", "a b", "a\tb"),
        ("\0a\x1b[31m", "a[31m", "a[31m"),
        ("a\u202eb\u2066c", "abc", "abc"),
        ("и\u0306", "й", "й"),
        ("👩🏽‍🏫", "👩🏽‍🏫", "👩🏽‍🏫"),
        ("\ud800a", "a", "a"),
    ],
)
def test_what_is_kept(typed: str, line: str, lines: str) -> None:
    assert (clean(typed), clean(typed, lines=True)) == (line, lines)


@given(st.text(), st.booleans())
def test_clean_text_is_clean(text: str, lines: bool) -> None:
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once
    assert once == once.strip()


@pytest.mark.parametrize("same", ["11 «А»", "11-а", "11A", " 11 a ", "11“А”"])
def test_what_is_one_class_on_paper(same: str) -> None:
    assert name_key(same) == name_key("11 «А»")


def test_kazakh_letters_are_letters_of_their_own() -> None:
    names = [
        "11 «А»",
        "11 «Ә»",
        "11 «К»",
        "11 «Қ»",
        "11 «О»",
        "11 «Ө»",
        "11 «У»",
        "11 «Ү»",
        "11 «Ұ»",
        "11 «И»",
        "11 «Й»",
    ]
    assert len({name_key(name) for name in names}) == len(names)
    assert name_key("11 «І»") == name_key("11 i")


@given(st.text("aЖ\u0301й \u00a0\n\t\u2028\u202e\u200d\x07"), st.booleans())
def test_clean_text_is_the_same_beside_what_is_taken_out(text: str, lines: bool) -> None:
    assert clean(text, lines=lines) == clean(f"{text}\x00", lines=lines)
