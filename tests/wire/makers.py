"""Makers of wires, by name. The native one is among them where it is built; `python3 -m tests native` says if not."""

from collections.abc import Callable
from typing import Any

from media.wire.choose import Maker, NoSuchWire, choose
from media.wire.fake import Engine
from media.wire.forwarder import Forwarder
from media.wire.python import PythonWire


def _native() -> Maker | None:
    try:
        return choose("native").make
    except NoSuchWire:
        return None


def _engines() -> dict[str, Engine]:
    if _native() is None:
        return {"fake": Forwarder}
    from media.wire.native import NativeForwarder

    return {"fake": Forwarder, "native in memory": NativeForwarder}


_found: dict[str, Maker | None] = {"python": PythonWire, "native": _native()}
MAKERS: dict[str, Callable[..., Any]] = {name: maker for name, maker in _found.items() if maker is not None}
ENGINES = _engines()
"""Packet paths for networks in memory, by name."""
