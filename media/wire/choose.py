"""Which wire serves. `SABAQ_WIRE`: python, native, or auto (native where it is built)."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from . import Notify, Wire
from .python import PythonWire

WORDS = ("auto", "native", "python")


class NoSuchWire(Exception):
    """The wire that is asked for cannot serve; the message says what helps."""


class Maker(Protocol):
    def __call__(self, host: str, port: int, notify: Notify, own: Sequence[str] = ()) -> Wire: ...


class Chosen(NamedTuple):
    """`why` is a sentence's second half, for people."""

    name: str
    make: Maker
    why: str


def choose(word: str = "auto", native: "Callable[[], Maker] | None" = None) -> Chosen:
    """The wire for a word. NoSuchWire for an unknown one, and for a native that is not built."""
    if word not in WORDS:
        raise NoSuchWire(f"wire: {word!r} is none of {', '.join(WORDS)}")
    if word == "python":
        return Chosen("python", PythonWire, "because wire = python")
    try:
        return Chosen("native", (native or _native)(), "on a thread of its own")
    except ImportError as missing:
        if word == "native":
            raise NoSuchWire(f"wire = native, but it is not built: install cargo and start again ({missing})") from None
        return Chosen("python", PythonWire, f"because the native one is not built ({missing})")


def _native() -> Maker:
    from .native import NativeWire  # its module is built by the set-up, where it can be

    return NativeWire
