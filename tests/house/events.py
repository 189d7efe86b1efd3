"""The shapes of all events, against `tests/golden/events.json`.

An event that was ever written stays readable: another shape needs another name. `python3 -m tests events` adds
new events to the golden file, and nothing else.
"""

import json
from dataclasses import fields
from importlib import import_module
from typing import Any, get_type_hints

from lms_core.kernel.events import EVENTS
from tests.house.tree import ROOT, files

GOLDEN = ROOT / "tests" / "golden" / "events.json"
FLOORS = ("lms_core", "media", "proctoring", "services")


def shapes() -> dict[str, dict[str, Any]]:
    """Event name → its topic and its fields' types, as declared in every `events.py`."""
    for floor in FLOORS:
        for file in files(".py", below=floor):
            if file.name == "events.py":
                import_module(".".join(file.with_suffix("").parts))
    return {name: _shape(EVENTS[name]) for name in sorted(EVENTS) if EVENTS[name].__module__.startswith(FLOORS)}


def golden() -> dict[str, dict[str, Any]]:
    return json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}


def add_new() -> int:
    GOLDEN.parent.mkdir(exist_ok=True)
    both = shapes() | golden()
    GOLDEN.write_text(json.dumps(dict(sorted(both.items())), indent=1) + "\n", "utf-8")
    return 0


def _shape(event: Any) -> dict[str, Any]:
    hints = get_type_hints(event)
    return {"topic": event.facts.topic, "fields": {f.name: _name(hints[f.name]) for f in fields(event)}}


def _name(hint: Any) -> str:
    return getattr(hint, "__name__", None) or str(hint)
