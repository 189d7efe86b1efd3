"""What a learner typed into a line: whether it is an accepted text, or which number with which unit."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from .arithmetic import amount
from .content import MOST_EXPONENT, Numeric, Short, Unit, is_small
from .expressions import ExpressionUnfit

LONGEST_NUMBER = 80
_NUMBER = re.compile(
    r"\s*(?P<sign>[-+−–]?)\s*(?P<digits>[0-9]{1,3}(?:[ '\u00a0\u2009\u202f][0-9]{3})+(?![0-9])|[0-9]*)"
    r"(?P<rest>[.,][0-9]+|[.,])?(?:\s*(?:[eE]|[·×*]\s*10\s*\^?)\s*\{?(?P<power>[-+−–]?[0-9]{1,3})\}?)?"
    r"(?:\s*/\s*(?P<under>[0-9]+))?\s*"
)
_MINUS = str.maketrans("−–", "--")


def text_worth(body: Short, text: str) -> Fraction:
    """The share of the first accepted text that it is; 0 for none."""
    said = _folded(text, body)
    for one in body.accepted:
        wanted = _folded(one.text, body)
        if said and (matches(wanted, said) if one.pattern else said == wanted.strip()):
            return Fraction(one.share)
    return Fraction(0)


def matches(pattern: str, text: str) -> bool:
    """`*` is any characters, `\\*` a star. Each piece is sought once from the left: time grows as the text does."""
    pieces = [one.replace("\0", "*") for one in pattern.replace("\\*", "\0").split("*")]
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return text == first
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in pieces[1:-1]:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def number_worth(body: Numeric, text: str) -> tuple[Fraction, Literal["unit", "unread"] | None]:
    """The share of the first number that it is near to, and what was wrong beside it. Raises nothing."""
    read = number(text)
    if read is None:
        return Fraction(0), "unread"
    value, said = read
    unit = next((one for one in body.units if _same_unit(one, said)), None)
    if said and not body.units:
        return Fraction(0), "unread"
    factor = _amount(unit.factor) if unit else Fraction(1)
    for one in body.near:
        wanted, off = _amount(one.value), _amount(one.tolerance)
        if wanted is None or off is None or factor is None:
            continue
        if abs(value * factor - wanted) <= (abs(wanted) * off if one.relative else off):
            share = Fraction(one.share)
            return (share * (1 - Fraction(body.unit_share)), "unit") if body.units and not unit else (share, None)
    return Fraction(0), None


def number(text: str) -> tuple[Fraction, str] | None:
    """`2,5 кг` → 5/2 and `кг`; also `1 000`, `-3.2e4`, `3,2·10^4`, `1/3`. None for what begins with no number."""
    if len(text) > LONGEST_NUMBER:
        return None
    found = _NUMBER.match(text)
    if not found or not (found["digits"] or (found["rest"] and len(found["rest"]) > 1)):
        return None
    whole = re.sub(r"[^0-9]", "", found["digits"]) or "0"
    written = Decimal(f"{whole}{(found['rest'] or '').replace(',', '.')}".rstrip("."))
    power = int((found["power"] or "0").translate(_MINUS))
    if not is_small(written) or abs(power) > MOST_EXPONENT or (found["under"] and not int(found["under"])):
        return None
    value = Fraction(written) * Fraction(10) ** power / int(found["under"] or 1)
    return (-value if found["sign"] in ("-", "−", "–") and found["sign"] else value), text[found.end() :].strip()


def _same_unit(unit: Unit, said: str) -> bool:
    """Capitals count: mW is not MW."""
    return bool(said) and "".join(unit.name.split()) == "".join(said.split())


def _amount(text: str) -> Fraction | None:
    try:
        return Fraction(amount(text))
    except ExpressionUnfit:
        return None


def _folded(text: str, body: Short) -> str:
    text = " ".join(text.split()) if body.fold_space else text
    return text.casefold() if body.fold_case else text
