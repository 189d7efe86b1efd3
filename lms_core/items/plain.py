"""Items to and from the plain values of JSON; lossless, and hostile JSON is refused."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from lms_core.kernel import plain as shapes
from lms_core.kernel.errors import Malformed
from lms_core.kernel.text import storable

from .content import KINDS, VERSION, Item

T = TypeVar("T")
DEEPEST, MOST_VALUES, MOST_CHARACTERS = 40, 20_000, 400_000
_AS_IS = frozenset({str, int, bool})


def to_plain(item: Item) -> dict[str, Any]:
    """`{"version": 1, "prompt": …, "body": {"kind": …}}`; what is as by default is left out."""
    return {"version": VERSION, **simple(item)}


def from_plain(plain: object) -> Item:
    """Raises Malformed (no such shape, too deep or too large) and ItemUnfit (a number beyond bounds).

    Whether it makes sense as a question is for `checks.check`.
    """
    if not isinstance(plain, dict) or plain.get("version") != VERSION or not is_moderate(plain):
        raise Malformed(where="item")
    body = plain.get("body")
    kind = body.get("kind") if isinstance(body, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed(where="body.kind")
    made = _read(KINDS[kind], body, "body.")  # apart: one union of all kinds would try each of them
    return _read(Item, {**{key: value for key, value in plain.items() if key != "version"}, "body": made})


def simple(value: Any) -> Any:
    """Dicts, lists and texts of any shape here; what is as by default is left out, but for `kind`."""
    kind = type(value)
    if kind is tuple:
        return [one if type(one) in _AS_IS else simple(one) for one in value]
    if kind is Decimal:
        return str(value)
    if not is_dataclass(kind):
        return value
    made = {}
    for name, default in _defaults(kind):
        held = getattr(value, name)
        if name == "kind" or (held is not default and held != default):
            made[name] = held if type(held) in _AS_IS else simple(held)
    return made


def is_small(text: str) -> bool:
    """Whether JSON of an item that is no deeper than ours are is `is_moderate` for its shortness alone."""
    return len(text) < MOST_VALUES and "\\u0000" not in text and storable(text)


def is_moderate(plain: object) -> bool:
    """Whether nesting, number of values and characters are within bounds, and all of it can be kept."""
    values = characters = 0
    level: list[object] = [plain]
    for _ in range(DEEPEST):
        below: list[object] = []
        values += len(level)
        for one in level:
            if isinstance(one, str):
                characters += len(one)
            elif isinstance(one, Mapping):
                below += one.keys()
                below += one.values()
            elif isinstance(one, list | tuple):
                below += one
        if values > MOST_VALUES or characters > MOST_CHARACTERS:
            return False
        if not below:
            return storable(plain)
        level = below
    return False


def _read(shape: type[T], plain: object, within: str = "") -> T:
    try:
        return shapes.from_plain(shape, plain)
    except ValueError as e:
        raise Malformed(where=within + _where(e)) from e


@cache
def _defaults(shape: type) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, f.default) for f in fields(shape))


def _where(error: ValueError) -> str:
    """The path of pydantic's first complaint; a bare ValueError has none."""
    errors = getattr(error, "errors", None)
    first = errors()[0]["loc"] if errors else ()
    return ".".join(str(part) for part in first)[:200]
