"""Formulas are compared by what they mean, within bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.items.content import Variable
from lms_core.items.expressions import ExpressionUnfit
from lms_core.items.formulas import Compared, compare, has_value

XY = (Variable("x"), Variable("y"))


@pytest.mark.parametrize(
    ("key", "typed", "same", "how"),
    [
        ("2*x^2", r"x\cdot x + x^2", True, "exact"), ("(x+1)(x-1)", "x^2-1", True, "exact"),
        ("x/(x*y)", r"\frac{1}{y}", True, "exact"), ("sin(x+y)", "sin(y+x)", True, "exact"),
        ("1/2", "0,5", True, "exact"), ("x^2", "x^3", False, "exact"), ("x", "x+0.0000001", False, "exact"),
        ("1/(x+1)+1/(x-1)", r"\frac{2x}{x^2-1}", True, "exact"), ("0", "x-x", True, "exact"),
        ("(x+y)^20", "(x+y)^{10}(y+x)^{10}", True, "exact"), ("sqrt(x)/sqrt(x)", "1", True, "exact"),
        ("1", r"\sin^2 x+\cos^2 x", True, "points"), ("ln(x*y)", r"\ln x+\ln y", True, "points"),
        ("sqrt(x^2)", "x", True, "points"), ("2^x*2^x", "4^x", True, "points"), ("e^x", "exp(x)", True, "points"),
        (r"\frac{\sqrt2}{2}", r"\frac{1}{\sqrt{2}}", True, "points"), ("tan(x)", "sin(x)/cos(x)", True, "points"),
        ("sin(x)", "cos(x)", False, "points"), ("sin(2x)", "2 sin(x)", False, "points"),
        ("pi", "3.14", False, "points"), ("x", "sqrt(-x)", False, "points"), ("(x+y+1)^24", "1", False, "points"),
        ("x^200", "x^100*x^100", True, "points"),
    ],
)  # fmt: skip
def test_two_formulas(key: str, typed: str, same: bool, how: str) -> None:
    assert compare(key, typed, XY) == Compared(same, how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "tiring", ["sin(" * 14 + "x" + "+1)^24" * 14, "(x+1/(x+1/(x+1/(x+1/y))))^24", "9^9^9*x", "(x+y+2)^24*(x-y)^24"]
)
def test_what_would_tire_is_bounded(tiring: str) -> None:
    assert isinstance(_compared(tiring, tiring + "+x"), bool | str)
    assert _compared(tiring, tiring) in (True, "value")


@given(st.text("xy12+-*/^() ", max_size=25), st.text("xy12+-*/^() sqrtin", max_size=25))
def test_any_two_texts_are_compared_or_refused(key: str, typed: str) -> None:
    assert isinstance(_compared(key, typed), bool | str)


terms = st.recursive(
    st.sampled_from(["x", "y", "2", "3"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda made: f"({''.join(made)})"),
    max_leaves=6,
)


@given(terms, terms)
def test_what_is_written_the_other_way_round_is_the_same(one: str, other: str) -> None:
    assert compare(f"{one}*{other}+{one}", f"{one}({other}+1)", XY) == Compared(True, "exact")
    assert compare(one, f"{one}+1", XY) == Compared(False, "exact")


def test_a_key_without_values_is_known() -> None:
    assert has_value("sqrt(x)", XY)
    assert not has_value("sqrt(-x)", XY)


def _compared(key: str, typed: str) -> bool | str:
    try:
        return compare(key, typed, XY).same
    except ExpressionUnfit as refused:
        return str(refused.params["why"])
