"""Which wire serves."""

import pytest

from media.wire import choose
from media.wire.python import PythonWire


class Other(PythonWire):
    pass


def test_native_serves_where_it_is_built_and_is_not_left_aside() -> None:
    assert {choose.choose(word, lambda: Other).make for word in ("auto", "native")} == {Other}
    assert choose.choose("python", lambda: Other).make is PythonWire


def test_python_serves_where_native_is_not_built_unless_native_was_asked_for() -> None:
    def absent() -> choose.Maker:
        raise ImportError("no such module")

    assert choose.choose("auto", absent)[:2] == ("python", PythonWire)
    with pytest.raises(choose.NoSuchWire, match="is not built: install cargo"):
        choose.choose("native", absent)


def test_another_word_is_refused() -> None:
    with pytest.raises(choose.NoSuchWire, match="none of auto, native, python"):
        choose.choose("rust")
