"""Dataclasses to and from the plain values of JSON."""

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dicts, lists, strings and numbers of a dataclass; moments as ISO 8601."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_plain(kind: type[T], plain: Any) -> T:
    """The dataclass that `to_plain` was given. What does not fit is a bug of ours: it raises."""
    return _adapter(kind).validate_python(plain)


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
