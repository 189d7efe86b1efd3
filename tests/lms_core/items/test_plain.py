"""Items in JSON: nothing is lost on the way, and what is hostile is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from lms_core.items.content import Item, ItemUnfit, Option, Single, Worth
from lms_core.items.plain import from_plain, to_plain
from lms_core.items.rich import plain, same
from lms_core.kernel.errors import Malformed, Refusal


def item() -> Item:
    words = same(plain("Қанша болады {{a}}?"), "kk", "ru")
    options = tuple(Option(one, same(plain(one), "kk", "ru")) for one in "abc")
    return Item(words, Single(options, ("a",), (Worth("b", Decimal("0.5")),)), points=Decimal("2.50"), shuffle=False)


def test_json_and_back_is_the_same_item() -> None:
    assert from_plain(json.loads(json.dumps(to_plain(item())))) == item()


def test_what_is_as_by_default_is_left_out() -> None:
    assert set(to_plain(item())) == {"version", "prompt", "body", "points", "shuffle"}


def deep(levels: int) -> Any:
    made: Any = []
    for _ in range(levels):
        made = [made]
    return made


HOSTILE: list[dict[str, Any]] = [
    {"version": 2},
    {"version": None},
    {"unknown": 1},
    {"points": "NaN"},
    {"points": float("inf")},
    {"points": "1e999999"},
    {"points": "1e-999999"},
    {"points": 10**5000},
    {"points": []},
    {"body": None},
    {"body": {"kind": []}},
    {"body": {"kind": "exec"}},
    {"body": {"kind": "single"}},
    {"body": {"kind": "single", "options": [], "right": "a"}},
    {"prompt": {"kk": {"blocks": [{"kind": "script"}]}}},
    {"prompt": {"kk": {"blocks": deep(3000)}}},
    {"prompt": {"de": {"blocks": []}}},
    {"name": "\ud800"},
    {"name": "\0"},
    {"name": "a" * 500_000},
    {"tags": ["a"] * 50_000},
]


@pytest.mark.parametrize("change", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_json_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises((Malformed, ItemUnfit)):
        from_plain({**to_plain(item()), **change})


@pytest.mark.parametrize("what", [None, [], "item", 5, {}, {1: 2}])
def test_what_is_no_item_is_refused(what: object) -> None:
    with pytest.raises(Refusal):
        from_plain(what)
