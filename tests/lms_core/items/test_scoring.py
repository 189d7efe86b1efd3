"""What answers are worth, by hand-reckoned tables, and the rules as properties."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.answers import (
    Answer,
    AnswerUnfit,
    Chosen,
    Fill,
    Filled,
    Ordered,
    Paired,
    Recorded,
    Spot,
    Spotted,
    Truth,
    Typed,
    Written,
    fit,
)
from lms_core.items.content import (
    Accepted,
    Area,
    Body,
    Cell,
    Cloze,
    DragOnto,
    Essay,
    Expression,
    Gap,
    Hotspot,
    Item,
    Matching,
    Multiple,
    Near,
    Numeric,
    Ordering,
    Pair,
    Region,
    Rule,
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
from lms_core.items.reading import matches, number
from lms_core.items.scoring import rounded, score
from tests.lms_core.items.making import PICTURE, options, says


def share(body: Body, answer: Answer, rule: Rule = "", penalty: str = "0") -> Fraction:
    item = Item(says("?"), body, Decimal(12), rule=rule, penalty=Decimal(penalty))
    return score(item, fit(body, answer)).points / 12


def letters(count: int) -> tuple:
    return tuple(options(count, "", secret=""))


def box(left: int, top: int, right: int, bottom: int) -> Area:
    return Area("rect", tuple(map(Decimal, (left, top, right, bottom))))


def pairs(text: str) -> tuple[Pair, ...]:
    return tuple(Pair(*one.split(">")) for one in text.split())


F = Fraction
SINGLE = Single(letters(4), ("0",), (Worth("1", Decimal("0.5")), Worth("2", Decimal("-0.25"))))
SEVERAL = Multiple(letters(6), ("0", "1", "2"))
WORTH = (Worth("0", Decimal("0.7")), Worth("1", Decimal("0.3")), Worth("2", Decimal("-0.5")))
WEIGHTED = Multiple(letters(4), ("0", "1"), WORTH)
SHORT = Short((Accepted("Алматы"), Accepted("Алма-Ата", Decimal("0.5")), Accepted("*Ата*", Decimal("0.25"), True)))
MASSES = (Near("2.5", "0.1"), Near("2500", "0.1", True, Decimal("0.25")))
MASS = Numeric(MASSES, (Unit("кг"), Unit("г", "0.001")), Decimal("0.5"))
BARE = Numeric((Near("1/3", "0.001"),))
MATCH = Matching(letters(3), letters(4), pairs("0>1 1>2 2>0"))
MANY = Matching(letters(2), letters(3), pairs("0>0 0>1 1>2"), most=0)
ORDER = Ordering(letters(4))
REGIONS = (Region("a", box(0, 0, 10, 10)), Region("b", box(20, 0, 30, 10)), Region("c", box(40, 0, 50, 10), False))
SPOTS = Hotspot(PICTURE, REGIONS, 3)
DRAG = DragOnto(PICTURE, letters(3), (Zone("x", box(0, 0, 10, 10)), Zone("y", box(20, 0, 30, 10))), pairs("0>x 1>y"))
GAPS = (Gap("a", SHORT, 1), Gap("b", BARE, 2), Gap("c", SINGLE, 3))
CLOZE = Cloze(GAPS)
TABLE = Table(tuple((Cell(gap=one.id),) for one in GAPS), GAPS)
FORMULA = Expression(r"\frac{x}{2}+1", (Variable("x"),))


def spots(*at: tuple[int, int]) -> Spotted:
    return Spotted(tuple(Spot(Decimal(x), Decimal(y)) for x, y in at))


def fills(**given: str) -> Filled:
    return Filled(tuple(Fill(gap, text) for gap, text in given.items()))


@pytest.mark.req("S456-27.14", "S141-15.5")
@pytest.mark.parametrize(
    ("body", "answer", "rule", "worth"),
    [
        (SINGLE, Chosen(("0",)), "", F(1)), (SINGLE, Chosen(("1",)), "", F(1, 2)), (SINGLE, Chosen(("3",)), "", F(0)),
        (SINGLE, Chosen(("2",)), "", F(-1, 4)), (SINGLE, Chosen(("1",)), "all_or_nothing", F(0)),
        (SEVERAL, Chosen(("0", "1", "2")), "", F(1)), (SEVERAL, Chosen(("0", "1")), "", F(2, 3)),
        (SEVERAL, Chosen(("0", "1", "5")), "", F(1, 3)), (SEVERAL, Chosen(tuple("012345")), "", F(0)),
        (SEVERAL, Chosen(tuple("0125")), "per_part", F(1)), (SEVERAL, Chosen(tuple("0125")), "all_or_nothing", F(0)),
        (SEVERAL, Chosen(tuple("012")), "all_or_nothing", F(1)), (SEVERAL, Chosen(("5",)), "", F(0)),
        (WEIGHTED, Chosen(("0", "1")), "", F(1)), (WEIGHTED, Chosen(("0", "2")), "", F(1, 5)),
        (WEIGHTED, Chosen(("2",)), "", F(0)), (WEIGHTED, Chosen(("1",)), "", F(3, 10)),
        (TrueFalse(False), Truth(False), "", F(1)), (TrueFalse(False), Truth(True), "", F(0)),
        (SHORT, Typed("  алматы "), "", F(1)), (SHORT, Typed("Алма-Ата"), "", F(1, 2)),
        (SHORT, Typed("город Алма-Ата сегодня"), "", F(1, 4)), (SHORT, Typed("Астана"), "", F(0)),
        (Short((Accepted("Ом"),), fold_case=False), Typed("ом"), "", F(0)),
        (MASS, Typed("2,5 кг"), "", F(1)), (MASS, Typed("2 450 г"), "", F(1)), (MASS, Typed("2,5"), "", F(1, 2)),
        (MASS, Typed("2,5 м"), "", F(1, 2)), (MASS, Typed("2,5 Кг"), "", F(1, 2)), (MASS, Typed("2,7 кг"), "", F(0)),
        (MASS, Typed("2400 кг"), "", F(1, 4)), (MASS, Typed("кг"), "", F(0)),
        (BARE, Typed("0.333"), "", F(1)), (BARE, Typed("1/3"), "", F(1)), (BARE, Typed("0,33"), "", F(0)),
        (BARE, Typed("0.333 cm"), "", F(0)), (BARE, Typed("3.333e-1"), "", F(1)),
        (MATCH, Paired(pairs("0>1 1>2 2>0")), "", F(1)), (MATCH, Paired(pairs("0>1 1>3")), "", F(1, 3)),
        (MATCH, Paired(pairs("0>1 1>3")), "per_part_minus_wrong", F(0)),
        (MATCH, Paired(pairs("0>1 1>2")), "per_part_minus_wrong", F(2, 3)),
        (MATCH, Paired(pairs("0>1 1>2")), "all_or_nothing", F(0)),
        (MANY, Paired(pairs("0>0 0>1 1>2")), "", F(1)), (MANY, Paired(pairs("0>0 0>1 0>2 1>0 1>1 1>2")), "", F(0)),
        (MANY, Paired(pairs("0>0 0>1 1>1")), "", F(1, 3)),
        (ORDER, Ordered(tuple("0123")), "", F(1)), (ORDER, Ordered(tuple("1230")), "", F(0)),
        (ORDER, Ordered(tuple("1230")), "neighbours", F(2, 3)), (ORDER, Ordered(tuple("0132")), "", F(1, 2)),
        (SPOTS, spots((5, 5), (25, 5)), "", F(1)), (SPOTS, spots((5, 5)), "", F(1, 2)),
        (SPOTS, spots((5, 5), (25, 5), (45, 5)), "", F(1, 2)), (SPOTS, spots((5, 5), (6, 6)), "", F(1, 2)),
        (SPOTS, spots((10, 10), (20, 0)), "", F(1)), (SPOTS, spots((45, 5)), "", F(0)),
        (DRAG, Paired(pairs("0>x 1>y")), "", F(1)), (DRAG, Paired(pairs("0>x 1>x 2>y")), "", F(1, 2)),
        (DRAG, Paired(pairs("0>x 1>y 2>y")), "per_part_minus_wrong", F(1, 2)),
        (CLOZE, fills(a="Алматы", b="1/3", c="0"), "", F(1)), (CLOZE, fills(a="Алматы", c="1"), "", F(5, 12)),
        (CLOZE, fills(a="нет", b="1/3", c="3"), "per_part_minus_wrong", F(0)),
        (TABLE, fills(b="1/3"), "", F(1, 3)), (TABLE, fills(b="1/3", a="-"), "per_part_minus_wrong", F(1, 6)),
        (FORMULA, Typed("(x+2)/2"), "", F(1)), (FORMULA, Typed("x/2"), "", F(0)), (FORMULA, Typed("x/0"), "", F(0)),
        (FORMULA, Typed("import os"), "", F(0)),
    ],
)  # fmt: skip
def test_an_answer_is_worth_its_share(body: Body, answer: Answer, rule: Rule, worth: Fraction) -> None:
    assert share(body, answer, rule) == worth


@pytest.mark.parametrize(
    ("body", "answer", "worth"),
    [
        (SINGLE, Chosen(("3",)), F(-1, 3)), (SINGLE, Chosen(("2",)), F(-1, 3)), (SINGLE, Chosen(), F(0)),
        (SINGLE, Chosen(("1",)), F(1, 2)), (SEVERAL, Chosen(("5",)), F(-1, 3)), (SEVERAL, Chosen(("0",)), F(1, 3)),
        (BARE, Typed("7"), F(-1, 3)), (BARE, Typed(" "), F(0)),
    ],
)  # fmt: skip
def test_only_a_given_answer_that_is_worth_nothing_is_punished(body: Body, answer: Answer, worth: Fraction) -> None:
    item = Item(says("?"), body, Decimal(9), penalty=Decimal(1) / 3)
    assert abs(score(item, fit(body, answer)).points / 9 - worth) < Fraction(1, 10**20)


def test_each_part_says_what_it_gave_and_why() -> None:
    scored = score(Item(says("?"), CLOZE, Decimal(6)), fills(a="алма-ата", c="3"))
    assert [(one.where, one.got, one.of, one.why) for one in scored.parts] == [
        ("a", F(1, 2), 1, "partly"), ("b", 0, 2, "missing"), ("c", 0, 3, "wrong"),
    ]  # fmt: skip
    assert (scored.points, scored.most) == (F(1, 2), 6)


def test_what_is_wrong_beside_a_number_is_said() -> None:
    why = {text: score(Item(says("?"), MASS), Typed(text)).parts[0].why for text in ("2,5", "x", "2,5 кг", "9 кг")}
    assert why == {"2,5": "unit", "x": "unread", "2,5 кг": "right", "9 кг": "wrong"}


@given(st.text("ab*", max_size=8), st.text("ab", max_size=10))
def test_stars_match_as_the_library_matches_them(pattern: str, text: str) -> None:
    from fnmatch import fnmatchcase

    assert matches(pattern, text) == fnmatchcase(text, pattern)


def test_a_star_may_be_meant() -> None:
    assert matches(r"2\*x*", "2*x+1")
    assert not matches(r"2\*x*", "2.x+1")


@given(st.lists(st.sampled_from("012345"), unique=True))
def test_more_wrong_ones_never_help(chosen: list[str]) -> None:
    given_ = share(SEVERAL, Chosen(tuple(chosen)))
    assert 0 <= given_ <= 1
    for wrong in set("345") - set(chosen):
        assert share(SEVERAL, Chosen((*chosen, wrong))) <= given_


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2,5 кг", (F(5, 2), "кг")), ("1 000", (F(1000), "")), ("1\u00a0000,5", (F(2001, 2), "")),
        ("-3.2e4", (F(-32000), "")),
        ("−3,2·10^{4}", (F(-32000), "")), ("1/3", (F(1, 3), "")), (".5", (F(1, 2), "")), ("5.", (F(5), "")),
        ("1/0", None), ("кг", None), ("", None), (".", None), ("1e99", None), ("9" * 90, None), ("12 3", (F(12), "3")),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, read: tuple[Fraction, str] | None) -> None:
    assert number(text) == read


@given(st.text("0123456789.,eE+-/ ·*^{}кг", max_size=30))
def test_any_line_is_a_number_or_none(text: str) -> None:
    assert number(text) is None or share(BARE, Typed(text)) in (0, 1)


@pytest.mark.req("S141-15.5")
def test_what_needs_a_person_waits_for_one() -> None:
    scored = score(Item(says("?"), Essay()), Written("Because."))
    assert (scored.points, scored.needs_person, scored.parts[0].why) == (0, True, "person")


@pytest.mark.req("S141-15.2")
def test_what_is_told_waits_for_a_person_though_nothing_is_sent() -> None:
    for live in (True, False):
        scored = score(Item(says("?"), Spoken(live=live)), Recorded())
        assert (scored.needs_person, scored.parts[0].why) == (live, "person" if live else "missing")
    with pytest.raises(AnswerUnfit):
        fit(Spoken(live=True), Recorded("d" * 64, 2))


@pytest.mark.parametrize(
    ("points", "shown"), [(F(1, 3), "0.33"), (F(1, 200), "0.01"), (F(-1, 3), "-0.33"), (F(5, 2), "2.50")]
)
def test_points_are_shown_half_up(points: Fraction, shown: str) -> None:
    assert str(rounded(points)) == shown
