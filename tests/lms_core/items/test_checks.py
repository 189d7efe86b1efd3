"""Everything that is wrong with a question is found, with its place."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.checks import check
from lms_core.items.content import (
    Accepted,
    Area,
    Body,
    Cell,
    Cloze,
    Criterion,
    Derived,
    DragOnto,
    Essay,
    Expression,
    Files,
    Gap,
    Hotspot,
    Item,
    ItemUnfit,
    Level,
    Matching,
    Multiple,
    Near,
    Numeric,
    Ordering,
    Pair,
    Parameter,
    Region,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
    Unit,
    Variable,
    Worth,
    Zone,
)
from lms_core.items.faults import Fault
from lms_core.items.plain import from_plain, to_plain
from lms_core.items.rich import Blank, Entry, Formula, Listing, Media, Paragraph, Rich, Text, Words, plain, same
from lms_core.kernel.errors import Refusal
from tests.lms_core.items.making import PICTURE, items, options, says

SHORT = Short((Accepted("a"),))
FOUR = options(4, "", secret="")
SINGLE = Single(FOUR, ("0",))
PAIRS = (Pair("0", "1"), Pair("1", "2"))
BOX = Area("rect", (Decimal(1), Decimal(1), Decimal(9), Decimal(9)))
TWO = (Level("a", says("a"), Decimal(0)), Level("b", says("b"), Decimal(2)))


def item(body: Body = SINGLE, **held: Any) -> Item:
    return Item(says("Why?"), body, **held)


def area(shape: Any, *numbers: int) -> Hotspot:
    return Hotspot(PICTURE, (Region("a", Area(shape, tuple(map(Decimal, numbers)))),))


def text(one: Any) -> Words:
    return same(Rich((Paragraph((one,)),)), "kk", "ru")


def deep(levels: int) -> Listing:
    inner = (deep(levels - 1),) if levels > 1 else ()
    return Listing((Entry((Text("a"),), inner),))


BROKEN: list[tuple[Item, str, str]] = [
    (Item(Words(), SINGLE), "prompt", "none"),
    (replace(item(), prompt=text(Blank("a"))), "prompt", "unknown"),
    (replace(item(), prompt=text(Formula(""))), "prompt", "none"),
    (replace(item(), prompt=text(Formula("x" * 3000))), "prompt", "long"),
    (replace(item(), prompt=text(Text("x" * 60_000))), "prompt", "long"),
    (replace(item(), prompt=text(Media("A" * 64, "a.png", "image/png"))), "prompt", "file"),
    (replace(item(), prompt=text(Media("a" * 64, "a.svg", "text/html"))), "prompt", "file"),
    (replace(item(), prompt=same(Rich((deep(5),)), "ru")), "prompt", "deep"),
    (replace(item(), prompt=same(plain("a"), "kk", "ru", "en")), "body.options[0].words", "language"),
    (item(points=Decimal(-1)), "points", "range"),
    (item(penalty=Decimal(2)), "penalty", "range"),
    (item(rule="neighbours"), "rule", "rule"),
    (item(tags=("",)), "tags[0]", "none"),
    (item(name="a" * 501), "name", "long"),
    (item(parameters=(Parameter("pi"),)), "parameters[0].name", "id"),
    (item(parameters=(Parameter("a"), Parameter("a"))), "parameters", "twice"),
    (item(parameters=(Parameter("a", Decimal(2), Decimal(1)),)), "parameters[0]", "range"),
    (item(derived=(Derived("b", "a+1"),)), "derived[0].expression", "parameter"),
    (item(derived=(Derived("b", "1/0"),)), "parameters", "parameter"),
    (item(derived=(Derived("b", "1", 99),)), "derived[0].digits", "range"),
    (item(Single(FOUR[:1], ("0",))), "body.options", "few"),
    (item(Single(options(51, "", secret=""), ("0",))), "body.options", "many"),
    (item(Single((FOUR[0], FOUR[0]), ("0",))), "body.options", "twice"),
    (item(Single((FOUR[0], replace(FOUR[1], id="a b")), ("0",))), "body.options", "id"),
    (item(Single((FOUR[0], replace(FOUR[1], words=Words())), ("0",))), "body.options[1].words", "none"),
    (item(Single(FOUR, ())), "body.right", "key"),
    (item(Single(FOUR, ("9",))), "body.right", "unknown"),
    (item(Single(FOUR, ("0",), (Worth("9", Decimal(1)),))), "body.worth", "unknown"),
    (item(Single(FOUR, ("0",), (Worth("1", Decimal(2)),))), "body.worth", "range"),
    (item(Multiple(FOUR, ("0", "1"), most=1)), "body.most", "range"),
    (item(Multiple(FOUR, ("0", "1"), least=5)), "body.most", "range"),
    (item(TrueFalse(True, same(plain("a"), "kk"))), "body.when_true", "language"),
    (item(Short(())), "body.accepted", "none"),
    (item(Short((Accepted("a", Decimal("0.5")),))), "body.accepted", "key"),
    (item(Short((Accepted(" "),))), "body.accepted[0].text", "none"),
    (item(Numeric((Near("a+1"),))), "body.near[0].value", "key"),
    (item(Numeric((Near("1", "x"),))), "body.near[0].tolerance", "key"),
    (item(Numeric((Near("1"),), (Unit("a"), Unit("a")))), "body.units", "twice"),
    (item(Numeric((Near("1"),), (Unit("a", "b"),))), "body.units[0].factor", "key"),
    (item(Matching(FOUR, FOUR, ())), "body.pairs", "none"),
    (item(Matching(FOUR, FOUR, (Pair("0", "9"),))), "body.pairs", "unknown"),
    (item(Matching(FOUR, FOUR, (Pair("0", "1"), Pair("0", "2")))), "body.pairs", "twice"),
    (item(Matching(FOUR, FOUR, (Pair("0", "1"), Pair("1", "1")), reuse=False)), "body.pairs", "twice"),
    (item(Matching(FOUR, FOUR, tuple(Pair("0", n) for n in "012"), 2)), "body.most", "range"),
    (item(Ordering(FOUR[:1])), "body.options", "few"),
    (item(Cloze((Gap("a", SHORT),))), "prompt.kk", "few"),
    (replace(item(Cloze((Gap("a", SHORT),))), prompt=text(Blank("b"))), "prompt.ru", "unknown"),
    (item(Cloze((Gap("a", SHORT, 0),))), "body.gaps[0].weight", "range"),
    (item(Cloze((Gap("a", Short(())),))), "body.gaps[0].body.accepted", "none"),
    (item(Table(((Cell(gap="a"),), (Cell(gap="a"),)), (Gap("a", SHORT),))), "body.rows", "twice"),
    (item(Table(((Cell(says("a")),),), (Gap("a", SHORT),))), "body.rows", "few"),
    (item(area("rect", 9, 1, 1, 9)), "body.regions[0].area", "place"),
    (item(area("rect", 1, 1, 9)), "body.regions[0].area", "place"),
    (item(area("rect", 1, 1, 201, 9)), "body.regions[0].area", "place"),
    (item(area("circle", 1, 1, 0)), "body.regions[0].area", "place"),
    (item(area("polygon", 1, 1, 2, 2)), "body.regions[0].area", "place"),
    (item(area("polygon", 1, 1, 2, 2, 3, 3, 4)), "body.regions[0].area", "place"),
    (item(Hotspot(PICTURE, (Region("a", BOX, False),))), "body.regions", "key"),
    (item(Hotspot(replace(PICTURE, width=0), (Region("a", BOX),))), "body.picture", "range"),
    (item(DragOnto(PICTURE, FOUR, (Zone("x", BOX),), (Pair("0", "y"),))), "body.pairs", "unknown"),
    (item(Essay((Criterion("a", says("a"), TWO[:1]),))), "body.rubric[0].levels", "few"),
    (item(Essay((Criterion("a", says("a"), (TWO[0], replace(TWO[0], id="c"))),))), "body.rubric", "key"),
    (item(Essay(least_words=9, most_words=5)), "body.most_words", "range"),
    (item(Files(("a/b",))), "body.types", "id"),
    (item(Files(most_files=0)), "body.most_bytes", "range"),
    (item(Spoken(0)), "body.most_seconds", "range"),
    (item(Expression("q")), "body.expression", "key"),
    (item(Expression("sqrt(-x)", (Variable("x"),))), "body.expression", "key"),
    (item(Expression("x", (Variable("x", Decimal(2), Decimal(2)),))), "body.variables[0]", "range"),
]


@pytest.mark.parametrize(("broken", "where", "why"), BROKEN, ids=[f"{where}-{why}" for _, where, why in BROKEN])
def test_what_is_wrong_is_named(broken: Item, where: str, why: str) -> None:
    assert Fault(where, why) in check(broken)


@pytest.mark.parametrize("sound", [item(), item(Matching(FOUR, FOUR, PAIRS)), item(SHORT), item(Essay())])
def test_a_sound_question_has_no_faults(sound: Item) -> None:
    assert check(sound) == []


@pytest.mark.req("S141-15.6")
@given(st.sampled_from([0, 1, 2, 3, 4, 5]), st.lists(st.text("АБ1.", min_size=1, max_size=5), max_size=30))
def test_a_question_says_how_hard_it_is_and_what_it_asks_of(difficulty: Any, objectives: list[str]) -> None:
    tagged = item(difficulty=difficulty, objectives=tuple(objectives), subject="physics-9")
    assert check(tagged) == []
    assert from_plain(to_plain(tagged)) == tagged
    with pytest.raises(Refusal):
        from_plain({**to_plain(tagged), "difficulty": 6})


CHANGES: list[Callable[[Any], Any]] = [
    lambda old: None, lambda old: [], lambda old: {}, lambda old: -1, lambda old: "1e-80", lambda old: [old, old],
    lambda old: "" if isinstance(old, str) else old, lambda old: old[1:] if isinstance(old, list) else old,
    lambda old: "x" * 600, lambda old: True,
]  # fmt: skip


@given(items(), st.integers(0, 400), st.sampled_from(CHANGES))
def test_whatever_is_changed_in_the_json_is_refused_or_checked(
    made: Item, at: int, change: Callable[[Any], Any]
) -> None:
    plain_ = to_plain(made)
    places = list(_places(plain_))
    holder, key = places[at % len(places)]
    holder[key] = change(holder[key])
    try:
        read = from_plain(plain_)
    except Refusal:
        return
    assert all(one.where and one.why for one in check(read))


def test_numbers_without_bounds_are_refused_where_they_are_made() -> None:
    with pytest.raises(ItemUnfit):
        Worth("a", Decimal("1e999999"))


def _places(value: Any) -> Any:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
