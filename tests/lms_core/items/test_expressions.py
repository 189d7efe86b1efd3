"""Expressions are read into a tree and reckoned without running anything."""

import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lms_core.items.arithmetic import amount, approximate, evaluate
from lms_core.items.expressions import FUNCTIONS, ExpressionUnfit, parse

XY = {"x": Decimal(3), "y": Decimal(2)}
VALUES = [
    ("2*3+1", "7"), ("-2^2", "-4"), ("2^-1", "0.5"), ("2^3^2", "512"), ("1/2*4", "2"), ("1/2x", "1.5"),
    ("2x(x+1)", "24"), ("x²", "9"), ("1,5x", "4.5"), (r"\frac{1}{2}", "0.5"), (r"\frac12", "0.5"),
    (r"\frac{x}{y+1}", "1"), (r"\sqrt{16}", "4"), ("√(x+1)", "2"), (r"\left(x+1\right)^{2}", "16"), ("|x-10|", "7"),
    ("|x||y|", "6"), (r"2\cdot x\times y", "12"), ("x−y", "1"), ("6÷y", "3"), ("cos(0)", "1"), (r"\lg 100", "2"),
    ("--x", "3"), ("2^{10}", "1024"), ("floor(7/2)+ceil(7/2)", "7"), ("x^2y", "18"), (r"\,x\;y", "6"),
    ("ln(exp(1))", "1"), ("abs(-x)", "3"), ("2{,}5", "2.5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_what_people_write_has_its_value(text: str, value: str) -> None:
    node = parse(text, XY)
    assert evaluate(node, XY) == Decimal(value)
    assert approximate(node, {"x": 3.0, "y": 2.0}) == pytest.approx(float(value))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "end"), ("(", "end"), ("x+", "end"), ("x^", "end"), ("|x", "end"), (")", "sign"), ("x)", "sign"),
        ("x ? y", "sign"), ("q", "name"), (r"\foo", "name"), ("__import__", "sign"), ("x.real", "sign"),
        ("(" * 31 + "x" + ")" * 31, "deep"), ("sin " * 40 + "x", "deep"), ("x^" * 60 + "x", "deep"),
        ("1" * 501, "long"), ("9" * 21, "long"), ("x+" * 200 + "x", "long"), ("1/0", "value"), ("ln(0)", "value"),
        ("sqrt(-1)", "value"), ("9^9^9^9", "value"), ("exp(exp(exp(9)))", "value"), ("sin(10^9)", "value"),
        ("0^0", "value"), ("asin(2)", "value"), ("(-8)^(1/2)", "value"),
    ],
)  # fmt: skip
def test_what_has_no_value_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(ExpressionUnfit) as refused:
        evaluate(parse(text, XY), XY)
    assert refused.value.params["why"] == why


@given(st.text("xy01239.,+-*/^(){}[]|_\\ sincoqrtflag²√π", max_size=40))
@example("\\frac{}{}")
@example("|" * 60)
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        value = evaluate(parse(text, XY), XY)
    except ExpressionUnfit:
        return
    assert value.is_finite()


@given(st.sampled_from(FUNCTIONS), st.decimals("-9", "9", places=3))
def test_decimals_agree_with_floats(function: str, x: Decimal) -> None:
    node = parse(f"{function}(x)", ["x"])
    fast = approximate(node, {"x": float(x)})
    if fast is None:
        with pytest.raises(ExpressionUnfit):
            evaluate(node, {"x": x})
    else:
        assert float(evaluate(node, {"x": x})) == pytest.approx(fast, rel=1e-9, abs=1e-12)


def test_decimals_are_the_same_everywhere() -> None:
    assert evaluate(parse("sin(1)"), {}) == Decimal("0.8414709848078965066525023216")
    assert evaluate(parse("atan(5)"), {}) == Decimal("1.373400766945015860861271926")
    assert math.isclose(evaluate(parse("acos(0.3)"), {}), math.acos(0.3), rel_tol=1e-15)


@pytest.mark.parametrize(("text", "value"), [("2.5", "2.5"), ("2,5", "2.5"), ("2*x", "6"), ("{{x}}+1", "4")])
def test_an_amount_is_a_number_or_an_expression(text: str, value: str) -> None:
    assert amount(text, XY) == Decimal(value)


@pytest.mark.parametrize("text", ["1e400", "NaN", "Infinity", "1e99999999999", "z"])
def test_an_amount_beyond_bounds_is_refused(text: str) -> None:
    with pytest.raises(ExpressionUnfit):
        amount(text, XY)
