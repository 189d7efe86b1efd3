"""What is drawn from a seed is the same for ever, and fair."""

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import Accepted, Derived, Expression, Item, Near, Numeric, Parameter, Short, Variable
from lms_core.items.drawing import below, drawn, realise, shuffled, spelled, values
from lms_core.items.expressions import ExpressionUnfit
from lms_core.items.rich import Formula, Paragraph, Rich, Text, Words, same
from tests.lms_core.items.making import says


def test_a_seed_draws_the_same_for_ever() -> None:
    """Marks of former years stand on this: these values may never change."""
    assert [below(1000, "seed", n) for n in range(5)] == GOLDEN_NUMBERS
    assert "".join(shuffled("abcdefgh", "seed")) == GOLDEN_ORDER


GOLDEN_NUMBERS = [893, 68, 104, 339, 892]
GOLDEN_ORDER = "aedchgfb"


@given(st.lists(st.text(max_size=3), unique=True), st.text(max_size=5))
def test_an_order_depends_on_names_and_not_on_the_order_they_came_in(names: list[str], seed: str) -> None:
    assert shuffled(names, seed) == shuffled(names[::-1], seed)
    assert sorted(shuffled(names, seed)) == sorted(names)


@pytest.mark.req("S456-27.14")
def test_every_question_of_a_bank_is_drawn_about_as_often() -> None:
    bank = [f"item{n}" for n in range(10)]
    counts = Counter(one for seed in range(1000) for one in drawn(bank, 3, str(seed), "section 1"))
    assert len(counts) == 10
    assert all(240 < count < 360 for count in counts.values())


def test_parameters_take_all_their_steps_and_no_other_value() -> None:
    item = Item(
        says("?"), Short((Accepted("a"),)), parameters=(Parameter("a", Decimal(1), Decimal(2), Decimal("0.25")),)
    )
    seen = {values(item, str(seed))["a"] for seed in range(200)}
    assert seen == {Decimal(one) for one in ("1", "1.25", "1.5", "1.75", "2")}


def test_numbers_stand_in_texts_keys_and_formulas_as_each_language_writes_them() -> None:
    rich = Rich((Paragraph((Text("{{a}} и {{ none }}"), Formula("{{a}}x"))),))
    item = Item(
        same(rich, "ru", "en"),
        Expression("{{a}}*x", (Variable("x"),)),
        parameters=(Parameter("a", choices=(Decimal("-2.50"),)),),
    )
    real = realise(item, "1")
    assert real.prompt == Words(
        ru=Rich((Paragraph((Text("-2,5 и {{ none }}"), Formula("-2{,}5x"))),)),
        en=Rich((Paragraph((Text("-2.5 и {{ none }}"), Formula("-2.5x"))),)),
    )
    assert real.body == Expression("(-2.5)*x", (Variable("x"),))
    assert (real.parameters, realise(real, "2")) == ((), real)


def test_derived_numbers_are_rounded_half_up_and_may_use_each_other() -> None:
    parameters = (Parameter("a", choices=(Decimal("2.5"),)),)
    derived = (Derived("b", "a + 0.005", 2), Derived("c", "2*b", 0), Derived("d", "1/3", 3))
    item = Item(says("?"), Numeric((Near("c + d", "a"),)), parameters=parameters, derived=derived)
    assert values(item, "1") == {"a": Decimal("2.5"), "b": Decimal("2.51"), "c": 5, "d": Decimal("0.333")}
    assert realise(item, "1").body == Numeric((Near("5.333", "2.5"),))


def test_what_has_no_value_is_refused() -> None:
    item = Item(says("?"), Short((Accepted("a"),)), derived=(Derived("b", "1/0"),))
    with pytest.raises(ExpressionUnfit):
        realise(item, "1")
    huge = Item(says("?"), Short((Accepted("a"),)), derived=(Derived("b", "10^300"),))
    with pytest.raises(ExpressionUnfit):
        realise(huge, "1")


@pytest.mark.parametrize(
    ("number", "language", "text"),
    [("2.50", "ru", "2,5"), ("2.50", "en", "2.5"), ("100", "kk", "100"), ("1E+2", "", "100"), ("-0.0", "", "0")],
)
def test_numbers_are_spelled_without_needless_zeros(number: str, language: str, text: str) -> None:
    assert spelled(Decimal(number), language) == text
