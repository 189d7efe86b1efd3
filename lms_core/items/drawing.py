"""What differs from learner to learner, drawn from a seed: the same seed draws the same, on every machine for ever.

Only SHA-256 is asked. What is sorted is sorted by the hash of its own name, so an order tells nothing of the order in
which an author wrote.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException
from typing import Any, TypeVar

from .arithmetic import amount, evaluate
from .content import Accepted, Expression, Item, Near, Parameter, Unit
from .expressions import ExpressionUnfit, parse
from .rich import LANGUAGES, Formula, Media, Text, Words

T = TypeVar("T")
PLACE = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_]*)\s*\}\}")
_WIDE = Context(prec=60)


def below(count: int, seed: str, *what: object) -> int:
    """A number from 0 to `count` - 1, for each `what` another. Its bias is less than one in 2^190."""
    return _hash(seed, *what) % count


def shuffled(things: Sequence[T], seed: str, *what: object, name: Callable[[T], str] = str) -> list[T]:
    """In an order that depends on the seed and their names only."""
    return sorted(things, key=lambda one: _hash(seed, *what, name(one)))


def drawn(things: Sequence[T], count: int, seed: str, *what: object, name: Callable[[T], str] = str) -> list[T]:
    """Some of them, each as likely as the others: questions out of a bank."""
    return shuffled(things, seed, *what, name=name)[:count]


def values(item: Item, seed: str) -> dict[str, Decimal]:
    """Of its parameters and of what is derived from them. Raises ExpressionUnfit where one has no value."""
    try:
        made = {one.name: _one_of(one, seed) for one in item.parameters}
        for one in item.derived:
            number = evaluate(parse(one.expression, made), made)
            made[one.name] = number.quantize(Decimal(1).scaleb(-one.digits), ROUND_HALF_UP, _WIDE)
    except DecimalException as e:
        raise ExpressionUnfit(why="value") from e
    return made


def realise(item: Item, seed: str) -> Item:
    """The item with its parameters' numbers in texts and keys; without parameters, itself. Raises ExpressionUnfit."""
    if not item.parameters and not item.derived:
        return item
    numbers = values(item, seed)
    made: Item = _filled(item, numbers, "")
    return replace(made, parameters=(), derived=())


def spelled(number: Decimal, language: str = "", formula: bool = False) -> str:
    """Without needless zeros; Kazakh and Russian have a decimal comma."""
    made = f"{number:f}"
    made = made.rstrip("0").rstrip(".") if "." in made else made
    made = "0" if made == "-0" else made
    comma = "{,}" if formula else ","
    return made.replace(".", comma) if language in ("kk", "ru") else made


def _filled(value: Any, numbers: Mapping[str, Decimal], language: str) -> Any:
    match value:
        case Text():
            return Text(_put(value.text, numbers, language), value.marks)
        case Formula():
            return Formula(_put(value.source, numbers, language, formula=True), value.block)
        case Media():
            return replace(value, alt=_put(value.alt, numbers, language))
        case Words():
            return Words(**{one: _filled(getattr(value, one), numbers, one) for one in LANGUAGES})
        case Near():
            held = {name: str(amount(getattr(value, name), numbers)) for name in ("value", "tolerance")}
            value = replace(value, **held)
        case Unit():
            return replace(value, factor=str(amount(value.factor, numbers)))
        case Accepted():
            value = replace(value, text=_put(value.text, numbers, language))
        case Expression():
            source = PLACE.sub(lambda found: f"({spelled(numbers[found[1]])})", value.expression)
            return replace(value, expression=source)
        case tuple():
            return tuple(_filled(one, numbers, language) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        held = ((f.name, getattr(value, f.name)) for f in fields(value))
        changed = {name: _filled(one, numbers, language) for name, one in held if not isinstance(one, str | Decimal)}
        return replace(value, **changed)
    return value


def _put(text: str, numbers: Mapping[str, Decimal], language: str, formula: bool = False) -> str:
    def number(found: re.Match[str]) -> str:
        return spelled(numbers[found[1]], language, formula) if found[1] in numbers else found[0]

    return PLACE.sub(number, text) if "{{" in text else text


def _one_of(parameter: Parameter, seed: str) -> Decimal:
    if parameter.choices:
        return parameter.choices[below(len(parameter.choices), seed, "parameter", parameter.name)]
    if parameter.step <= 0 or parameter.high <= parameter.low:
        return parameter.low
    steps = int(_WIDE.divide_int(_WIDE.subtract(parameter.high, parameter.low), parameter.step))
    return parameter.low + parameter.step * below(steps + 1, seed, "parameter", parameter.name)


def _hash(*parts: object) -> int:
    told = "\0".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest(), "big")
