"""Whether two formulas are the same, however they are written.

First both are brought to a quotient of polynomials with exact fractions, in their letters and in whatever is no
polynomial (`sin(x)`, `sqrt(x)`). Where the quotients are equal, the formulas are, surely; where they differ and hold
nothing but letters, they are surely not. Else (`sin^2 x + cos^2 x` and 1), or where the polynomials grow beyond bounds,
both are evaluated at points drawn from the variables' ranges: those that differ by more than a part in 10^7 of their
size at one point are not the same. Two formulas that agree that closely everywhere in the ranges, and only those, are
wrongly taken for one. As quotients, x²/x and x are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from .arithmetic import approximate
from .content import Variable
from .drawing import below
from .expressions import Call, ExpressionUnfit, Name, Node, Number, names_in, parse

POINTS, LEAST_POINTS = 40, 5
NEAR = 1e-7
MOST_STEPS, MOST_TERMS, MOST_POWER, MOST_BITS = 4_000, 300, 24, 1_000
_GRAIN = 1 << 40

Monomial = tuple[tuple[str, int], ...]
"""Letters, in order, and their powers; `#3` is the third of what is taken as a whole, such as `sin(x)`."""
Polynomial = dict[Monomial, Fraction]
Quotient = tuple[Polynomial, Polynomial]
ONE: Polynomial = {(): Fraction(1)}


@dataclass(frozen=True, slots=True)
class Compared:
    """`how`: `exact` is proven, `points` was tried at many points."""

    same: bool
    how: Literal["exact", "points"]


class _TooMuch(Exception):
    """The polynomials grow beyond bounds: then points decide."""


def compare(key: str, typed: str, variables: Sequence[Variable]) -> Compared:
    """Raises ExpressionUnfit for what cannot be read, and (why `value`) where the key has no value in its ranges."""
    names = {one.name for one in variables}
    right, given = parse(key, names), parse(typed, names)
    exactly = _exactly(right, given)
    return exactly or Compared(_at_points(right, given, variables, key), "points")


def has_value(key: str, variables: Sequence[Variable]) -> bool:
    """Whether it has a value at enough points of its ranges to be compared with. Raises ExpressionUnfit."""
    node = parse(key, {one.name for one in variables})
    found = (approximate(node, _point(variables, key, at)) for at in range(POINTS))
    return sum(one is not None for one in found) >= LEAST_POINTS


def _exactly(right: Node, given: Node) -> Compared | None:
    work = _Work()
    try:
        (a, b), (c, d) = work.quotient(right), work.quotient(given)
        same = not work.plus(work.times(a, d), work.times(c, b), Fraction(-1))
    except _TooMuch:
        return None
    if same or not work.wholes:
        return Compared(same, "exact")
    return None


class _Work:
    """Counts its steps; `wholes` tells whether something was no polynomial."""

    def __init__(self) -> None:
        self.steps, self.wholes = 0, False
        self.letters: dict[object, str] = {}

    def quotient(self, node: Node) -> Quotient:
        match node:
            case Number():
                return ({(): node.value} if node.value else {}), ONE
            case Name():
                self.wholes |= node.name in ("pi", "e")
                return {((node.name, 1),): Fraction(1)}, ONE
            case Call():
                return self.whole(node.function, self.quotient(node.of)), ONE
        (a, b), right = self.quotient(node.left), node.right
        if node.sign == "^":
            return self.power((a, b), right)
        c, d = self.quotient(right)
        match node.sign:
            case "+" | "-":
                sign = Fraction(1 if node.sign == "+" else -1)
                if b == d:
                    return self.plus(a, c, sign), b
                return self.plus(self.times(a, d), self.times(c, b), sign), self.times(b, d)
            case "*":
                return self.times(a, c), self.times(b, d)
        if not c:
            raise ExpressionUnfit(why="value")
        return self.times(a, d), self.times(b, c)

    def power(self, base: Quotient, exponent: Node) -> Quotient:
        up, down = self.quotient(exponent)
        number = up.get((), Fraction(0)) / down[()] if set(up) <= {()} and set(down) == {()} else None
        if number is None or number.denominator != 1:
            return self.whole("^", base, (up, down)), ONE
        times = abs(int(number))
        if times > MOST_POWER:
            raise _TooMuch
        a, b = base if number >= 0 else base[::-1]
        if not b:
            raise ExpressionUnfit(why="value")
        return self.repeated(a, times), self.repeated(b, times)

    def repeated(self, one: Polynomial, times: int) -> Polynomial:
        made = ONE
        for _ in range(times):
            made = self.times(made, one)
        return made

    def whole(self, name: str, *of: Quotient) -> Polynomial:
        """A letter of its own. Equal letters are equal functions; unequal ones may be equal too."""
        self.wholes = True
        letter = self.letters.setdefault((name, *map(_scaled, of)), f"#{len(self.letters)}")
        return {((letter, 1),): Fraction(1)}

    def plus(self, one: Polynomial, other: Polynomial, factor: Fraction) -> Polynomial:
        made = dict(one)
        for monomial, number in other.items():
            made[monomial] = self.bounded(made.get(monomial, Fraction(0)) + factor * number)
        return self.counted({monomial: number for monomial, number in made.items() if number})

    def times(self, one: Polynomial, other: Polynomial) -> Polynomial:
        if one is ONE or other is ONE:
            return other if one is ONE else one
        made: Polynomial = {}
        for left, a in one.items():
            for right, b in other.items():
                together = self.joined(left, right)
                made[together] = self.bounded(made.get(together, Fraction(0)) + a * b)
        return self.counted({monomial: number for monomial, number in made.items() if number})

    def joined(self, left: Monomial, right: Monomial) -> Monomial:
        powers = dict(left)
        for letter, power in right:
            powers[letter] = powers.get(letter, 0) + power
        return tuple(sorted(powers.items()))

    def bounded(self, number: Fraction) -> Fraction:
        self.steps += 1
        if self.steps > MOST_STEPS or number.numerator.bit_length() + number.denominator.bit_length() > MOST_BITS:
            raise _TooMuch
        return number

    def counted(self, made: Polynomial) -> Polynomial:
        if len(made) > MOST_TERMS:
            raise _TooMuch
        return made


def _scaled(quotient: Quotient) -> tuple[object, ...]:
    """Equal for quotients that differ only in a number above and below, or in the order of terms."""
    up, down = ({m: n for m, n in sorted(part.items())} for part in quotient)
    first = next(iter(down.values()))
    return tuple((m, n / first) for m, n in up.items()), tuple((m, n / first) for m, n in down.items())


def _at_points(right: Node, given: Node, variables: Sequence[Variable], seed: str) -> bool:
    tried = 0
    for at in range(POINTS):
        point = _point(variables, seed, at)
        if (expected := approximate(right, point)) is None:
            continue
        found = approximate(given, point)
        if found is None or abs(found - expected) > NEAR * max(abs(expected), abs(found), 1e-9):
            return False
        tried += 1
        if not names_in(right) | names_in(given):
            return True
    if tried < LEAST_POINTS:
        raise ExpressionUnfit(why="value")
    return True


def _point(variables: Sequence[Variable], seed: str, at: int) -> Mapping[str, float]:
    """Drawn from the key's own text: a learner does not know where formulas are compared."""
    grains = {one.name: below(_GRAIN, seed, one.name, at) + 0.5 for one in variables}
    return {one.name: float(one.low) + float(one.high - one.low) * grains[one.name] / _GRAIN for one in variables}
