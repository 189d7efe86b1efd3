"""The number an expression makes: in decimals, the same on every machine; in floats, fast, for comparing."""

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation
from decimal import Overflow as TooLarge

from .content import is_small
from .expressions import Call, ExpressionUnfit, Name, Node, Number, Op, parse

MOST_POWER = 1000
FARTHEST_ANGLE = Decimal(10) ** 6
PI = Decimal("3.14159265358979323846264338327950288419716939937511")
_EXACT = Context(prec=40, Emax=400, Emin=-400, traps=[DivisionByZero, InvalidOperation, TooLarge])
_ROUND = Context(prec=28, Emax=400, Emin=-400, traps=[DivisionByZero, InvalidOperation, TooLarge])


def evaluate(node: Node, values: Mapping[str, Decimal]) -> Decimal:
    """28 digits of the value. Raises ExpressionUnfit where there is none, or it is beyond 10^400."""
    try:
        made = _ROUND.plus(_decimal(node, values))
    except (DecimalException, ValueError, OverflowError) as e:
        raise ExpressionUnfit(why="value") from e
    except KeyError as e:
        raise ExpressionUnfit(why="name", name=str(e.args[0])[:40]) from e
    if not made.is_finite():
        raise ExpressionUnfit(why="value")
    return made


def amount(text: str, values: Mapping[str, Decimal] | None = None) -> Decimal:
    """An `Amount` of a key: a number or an expression of `values`. Raises ExpressionUnfit."""
    values = values or {}
    try:
        number = Decimal(text.replace(",", ".")) if len(text) <= 60 else None
    except DecimalException:
        number = None
    if number is not None:
        if not is_small(number):
            raise ExpressionUnfit(why="value")
        return number
    return evaluate(parse(text.replace("{{", "(").replace("}}", ")"), values), values)


def approximate(node: Node, values: Mapping[str, float]) -> float | None:
    """None where there is no real number."""
    try:
        made = _float(node, values)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return made if math.isfinite(made) else None


def _decimal(node: Node, values: Mapping[str, Decimal]) -> Decimal:
    match node:
        case Number():
            return _EXACT.divide(Decimal(node.value.numerator), Decimal(node.value.denominator))
        case Name():
            return values[node.name] if node.name in values else PI if node.name == "pi" else _e(node.name)
        case Op():
            return _operated(node.sign, _decimal(node.left, values), _decimal(node.right, values))
        case Call():
            return _FUNCTIONS[node.function](_decimal(node.of, values))


def _e(name: str) -> Decimal:
    if name != "e":
        raise KeyError(name)
    return _EXACT.exp(Decimal(1))


def _operated(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return _EXACT.add(left, right)
        case "-":
            return _EXACT.subtract(left, right)
        case "*":
            return _EXACT.multiply(left, right)
        case "/":
            return _EXACT.divide(left, right)
    if abs(right) > MOST_POWER:
        raise OverflowError
    return Decimal(1) if not right and left else _EXACT.power(left, right)


def _sin(x: Decimal) -> Decimal:
    if abs(x) > FARTHEST_ANGLE:
        raise OverflowError
    x = _EXACT.remainder_near(x, _EXACT.multiply(PI, Decimal(2)))
    term = total = x
    for n in range(2, 60, 2):
        term = _EXACT.divide(_EXACT.multiply(_EXACT.multiply(term, x), x.copy_negate()), Decimal(n * (n + 1)))
        total = _EXACT.add(total, term)
    return total.quantize(Decimal("1e-33"), context=_EXACT)


def _cos(x: Decimal) -> Decimal:
    return _sin(_EXACT.add(x, _EXACT.divide(PI, Decimal(2))))


def _atan(x: Decimal) -> Decimal:
    """Halves the angle until the series is short."""
    for _ in range(4):
        x = _EXACT.divide(x, _EXACT.add(Decimal(1), _EXACT.sqrt(_EXACT.add(Decimal(1), _EXACT.multiply(x, x)))))
    total, term, square = x, x, _EXACT.multiply(x, x)
    for n in range(3, 60, 2):
        term = _EXACT.multiply(term, square.copy_negate())
        total = _EXACT.add(total, _EXACT.divide(term, Decimal(n)))
    return _EXACT.multiply(total, Decimal(16))


def _asin(x: Decimal) -> Decimal:
    if abs(x) == 1:
        return _EXACT.multiply(x, _EXACT.divide(PI, Decimal(2)))
    beside = _EXACT.sqrt(_EXACT.subtract(Decimal(1), _EXACT.multiply(x, x)))
    return _atan(_EXACT.divide(x, beside))


def _whole(x: Decimal, rounding: str) -> Decimal:
    return x.to_integral_value(rounding, context=_EXACT)


_FUNCTIONS: dict[str, Callable[[Decimal], Decimal]] = {
    "sin": _sin,
    "cos": _cos,
    "tan": lambda x: _EXACT.divide(_sin(x), _cos(x)),
    "cot": lambda x: _EXACT.divide(_cos(x), _sin(x)),
    "asin": _asin,
    "acos": lambda x: _EXACT.subtract(_EXACT.divide(PI, Decimal(2)), _asin(x)),
    "atan": _atan,
    "ln": _EXACT.ln,
    "lg": _EXACT.log10,
    "log": _EXACT.log10,
    "exp": _EXACT.exp,
    "sqrt": _EXACT.sqrt,
    "abs": _EXACT.abs,
    "floor": lambda x: _whole(x, ROUND_FLOOR),
    "ceil": lambda x: _whole(x, ROUND_CEILING),
}
_FLOATS: dict[str, Callable[[float], float]] = {
    **{name: getattr(math, name) for name in ("sin", "cos", "tan", "asin", "acos", "atan", "exp", "sqrt")},
    "cot": lambda x: 1 / math.tan(x),
    "ln": math.log,
    "lg": math.log10,
    "log": math.log10,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
}


def _float(node: Node, values: Mapping[str, float]) -> float:
    match node:
        case Number():
            return float(node.value)
        case Name():
            return values[node.name] if node.name in values else {"pi": math.pi, "e": math.e}[node.name]
        case Call():
            return _FLOATS[node.function](_float(node.of, values))
    left, right = _float(node.left, values), _float(node.right, values)
    match node.sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return left / right
    return math.pow(left, right)
