"""Events: facts, named in the past tense, written to the outbox with the data they describe."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from typing import Any, dataclass_transform

EVENTS: dict[str, type] = {}
REACTIONS: dict[type, list[Callable[[Any, Any], Awaitable[None]]]] = {}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an event's class says of itself."""

    name: str
    topic: str | None


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, *, topic: str | None = None) -> Callable[[type], type]:
    """Declare an event. It must have `organisation_id`, its stream.

    `topic` is a template of the event's own fields (`room:{room_id}`); who reads the topic gets the event.
    Changing an event's shape means a new name (golden schemas guard this).
    """

    def register(cls: type) -> type:
        made = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        names = {field.name for field in fields(made)}
        wanted = {"organisation_id", *re.findall(r"{(\w+)}", topic or "")}
        if name in EVENTS or not wanted <= names:
            raise TypeError(f"event {name}: declared twice, or lacks {wanted - names}")
        made.facts = Facts(name, topic)  # type: ignore[attr-defined]
        EVENTS[name] = made
        return made

    return register


def name_of(fact: Any) -> str:
    return fact.facts.name


def topic_of(fact: Any) -> str | None:
    template = fact.facts.topic
    return template and template.format(**{field.name: getattr(fact, field.name) for field in fields(fact)})


def on(kind: type) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Declare a reaction: `async def react(tx, event)`, once for each such event, in its own transaction."""

    def register(reaction: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        REACTIONS.setdefault(kind, []).append(reaction)
        return reaction

    return register


def reaction_name(reaction: Callable[..., Any]) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"
