"""Endpoints: a typed function is the only description of a route, a socket command or a topic.

Parsing, OpenAPI and the client's types all come from the signature. The first parameter says what the
function works with: `tx: Tx` runs it in one transaction, `ctx: Context` lets it make its own.
"""

import inspect
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, get_type_hints

from pydantic import StringConstraints, TypeAdapter, ValidationError

from .actor import NOBODY, Actor
from .blobs import Blobs, Links
from .clock import Clock
from .db import Database, Tx
from .errors import Malformed
from .ids import kind_of, pattern_of
from .text import storable
from .turns import Turns

T = TypeVar("T")
Handler = Callable[..., Awaitable[Any]]

PUBLIC = "public"  # nobody needs to be logged in
SELF = "self"  # any person who is logged in
ENTERING = "entering"  # the same, even one who must first choose a password or set up a second factor


class Limits(Protocol):
    """Counts of what strangers may not do too often."""

    async def spent(self, rule: str, *key: str) -> float | None:
        """Seconds until `rule` (`10/5minute`) allows `key` again; None while it does. Counts nothing."""
        ...

    async def count(self, rule: str, *key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a request comes from. `local`: a loopback address, by a loopback name, not forwarded."""

    address: str
    local: bool
    origin: str = ""
    """How it reached us: `https://school.example`."""


class Sealer(Protocol):
    """Keeps secrets that must be read again from those who only have the database."""

    def seal(self, plain: bytes, purpose: str) -> bytes: ...

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Raises ValueError for what was not sealed here for this purpose."""
        ...


class Witness(Protocol):
    """Hears of refusals; they are written to the audit log soon after."""

    def refused(self, op: str, code: str, actor: Actor, address: str, subject: Actor = NOBODY) -> None:
        """Does not wait. `subject`: whose door it was, where that is known."""
        ...


class NoWitness:
    """Nobody hears."""

    def refused(self, op: str, code: str, actor: Actor, address: str, subject: Actor = NOBODY) -> None: ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """A body without anything, or an answer that says only: done."""


@dataclass(frozen=True, slots=True)
class Content:
    """What is sent as it comes, and not read into memory. `name`: what the sender calls it, any letters; `length`:
    bytes, where the sender says so."""

    name: str
    length: int | None
    pieces: AsyncIterator[bytes]


@dataclass(slots=True)
class Browser:
    """What a browser keeps and says beside its log-in. `device`: the secret of its own cookie."""

    device: str | None = None
    kind: str = ""
    new_device: str | None = None
    """Set by the function: the cookie becomes this."""


@dataclass(slots=True)
class Context:
    """What a function that makes its own transactions works with."""

    actor: Actor
    db: Database
    clock: Clock
    limits: Limits
    peer: Peer
    in_thread: Callable[..., Awaitable[Any]]
    new_token: str | None = None
    """Set by the function: the browser's cookie becomes this (an empty string removes it)."""
    browser: Browser = field(default_factory=Browser)
    turns: Turns = field(default_factory=Turns)
    witness: Witness = field(default_factory=NoWitness)
    sealer: Sealer | None = None
    links: Links | None = None
    blobs: Blobs | None = None

    async def run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        return await self.db.run(self.actor, work)

    def link(self, key: str, name: str, content_type: str, seconds: int) -> str:
        """Where a blob is fetched, by whoever has this address, for so many seconds."""
        assert self.links, "a server has links"
        return f"/files/{self.links.make(key, name, content_type, seconds)}"


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str
    needs: str
    handler: Handler
    own_transactions: bool
    path_params: dict[str, TypeAdapter[Any]]
    query_params: dict[str, TypeAdapter[Any]]
    required_query: frozenset[str]
    body: TypeAdapter[Any] | None
    result: TypeAdapter[Any]
    streams: bool = False
    """The handler reads `content: Content` itself; there is no body."""
    often: bool = False
    """Asked so often that what went well leaves no line in the log."""

    @property
    def operation_id(self) -> str:
        return self.handler.__name__

    def parse(self, path: Mapping[str, str], query: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """The handler's arguments. Raises Malformed, which names each bad field."""
        check_storable("", [*query.values(), *path.values()])
        try:
            args = {name: kind.validate_python(path[name]) for name, kind in self.path_params.items()}
            for name, kind in self.query_params.items():
                if name in query:
                    args[name] = kind.validate_strings(query[name])
                elif name in self.required_query:
                    raise Malformed(fields=[{"at": name, "why": "missing"}])
            if self.body:
                args["body"] = self.body.validate_json(body or b"{}")
                if b"\\u" in body:  # JSON has no other way to say what cannot be kept
                    check_storable("body", json.loads(body))
        except ValidationError as no:
            raise malformed(no) from None
        return args


@dataclass(frozen=True, slots=True)
class Command:
    """A socket command: `body` is its one argument beside what the shell gives."""

    name: str
    needs: str
    handler: Handler
    body: TypeAdapter[Any] | None
    result: TypeAdapter[Any]

    def parse(self, body: Any) -> dict[str, Any]:
        if self.body is None:
            return {}
        check_storable("body", body)
        try:
            return {"body": self.body.validate_python(body)}
        except ValidationError as no:
            raise malformed(no) from None


@dataclass(frozen=True, slots=True)
class Topic:
    """Who may read a topic: `check(tx, **ids)` raises, or answers the organisation whose stream it is."""

    pattern: re.Pattern[str]
    template: str
    check: Handler


def check_storable(at: str, value: Any) -> None:
    """Raises Malformed for text that no database keeps, wherever in a value it stands."""
    if not storable(value):
        raise Malformed(fields=[{"at": at, "why": "unfit"}])


def malformed(error: ValidationError) -> Malformed:
    """Where and why, without what was sent: it may be secret."""
    where = [
        {"at": ".".join(str(part) for part in no["loc"]), "why": no["type"]}
        for no in error.errors(include_url=False, include_input=False, include_context=False)[:20]
    ]
    return Malformed(fields=where)


class Api:
    """What one feature offers."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.commands: list[Command] = []
        self.topics: list[Topic] = []

    def route(self, method: str, path: str, *, needs: str, often: bool = False) -> Callable[[Handler], Handler]:
        """Serve `method path`. `{names}` in the path, `body`, and defaulted parameters (query) are typed; `often` as
        in Route."""

        def register(handler: Handler) -> Handler:
            hints, parameters = _signature(handler)
            in_path = re.findall(r"{(\w+)}", path)
            in_query = [n for n in parameters if n not in in_path and n not in ("tx", "ctx", "body", "content")]
            self.routes.append(
                Route(
                    method,
                    path,
                    str(needs),
                    handler,
                    "ctx" in parameters,
                    {n: _adapter(hints[n]) for n in in_path},
                    {n: _adapter(hints[n]) for n in in_query},
                    frozenset(n for n in in_query if parameters[n].default is inspect.Parameter.empty),
                    _typed(hints["body"]) if "body" in hints else None,
                    _typed(hints["return"]),
                    "content" in parameters,
                    often,
                )
            )
            return handler

        return register

    def command(self, name: str, *, needs: str = SELF) -> Callable[[Handler], Handler]:
        """Serve a socket command."""

        def register(handler: Handler) -> Handler:
            hints, _ = _signature(handler)
            body = _typed(hints["body"]) if "body" in hints else None
            self.commands.append(Command(name, str(needs), handler, body, _typed(hints["return"])))
            return handler

        return register

    def topic(self, template: str) -> Callable[[Handler], Handler]:
        """Let those subscribe to `template` (`room:{room_id}`) whom the function does not refuse."""

        def register(check: Handler) -> Handler:
            hints, _ = _signature(check)
            parts = re.split(r"{(\w+)}", template)
            for index in range(1, len(parts), 2):
                tail = pattern_of(kind_of(hints[parts[index]]) or "")[1:-1]
                parts[index] = f"(?P<{parts[index]}>{tail})"
            self.topics.append(Topic(re.compile("".join(parts)), template, check))
            return check

        return register


def _signature(handler: Handler) -> tuple[dict[str, Any], Mapping[str, inspect.Parameter]]:
    return get_type_hints(handler, include_extras=True), inspect.signature(handler).parameters


def _adapter(hint: Any) -> TypeAdapter[Any]:
    kind = kind_of(hint)
    return _typed(Annotated[str, StringConstraints(pattern=pattern_of(kind))] if kind else hint)


@cache
def _typed(kind: Any) -> TypeAdapter[Any]:
    """Milliseconds each, and a type is named by many functions, and by every app that one process builds."""
    return TypeAdapter(kind)
