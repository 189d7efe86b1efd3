import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.text import clean


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
