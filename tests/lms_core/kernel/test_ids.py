from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import Ids, LessonId, id_from_int, id_to_int, kind_of, new_id


@given(st.integers(0, 2**128 - 1))
def test_text_and_number_are_the_same_id(value: int) -> None:
    text = id_from_int("lesson", value)
    assert len(text) == len("lesson_") + 26
    assert id_to_int("lesson", text) == value


@given(st.text())
def test_any_text_is_an_id_or_not_found(text: str) -> None:
    with suppress(NotFound):
        assert id_from_int("lesson", id_to_int("lesson", text)) == text


def test_ids_tell_their_time() -> None:
    assert id_to_int("lesson", new_id("lesson", 1_700_000_000_000)) >> 80 == 1_700_000_000_000


@given(st.lists(st.integers(0, 2**47), min_size=2, max_size=50))
def test_a_makers_ids_grow_even_when_the_clock_goes_back(moments: list[int]) -> None:
    ids = Ids()
    made = [ids.new("lesson", moment) for moment in moments]
    assert made == sorted(set(made))


@pytest.mark.parametrize(("given_type", "kind"), [(LessonId, "lesson"), (str, None), (None, None)])
def test_the_kind_of_an_id_type(given_type: object, kind: str | None) -> None:
    assert kind_of(given_type) == kind
