"""Socket.IO: commands with acknowledgement, durable events by topic, fleeting signals. Nothing else."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as RefuseConnection
from socketio.packet import Packet

from lms_core.access import policy
from lms_core.access.service import actor_of_token
from lms_core.kernel.actor import NOBODY, Actor
from lms_core.kernel.api import Api, Command, Topic
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, NotFound, NotLoggedIn, Refusal, TooMany
from lms_core.kernel.ids import UnitId
from lms_core.kernel.plain import to_plain

from .http import COOKIE, Doors
from .relay import Told, after

COMMAND_RULE = "200/10second"
MEDIA_RULE = "40/10second"
_MEDIA = {"enter", "publish", "receive"}
UNREAD_LIMIT = 500
"""Packets that a connection may leave unread, or commands unanswered; who leaves more has gone or means harm."""
MAX_MESSAGE = 256 * 1024
PING_SECONDS, PING_PATIENCE = 10, 8

log = structlog.get_logger(__name__)


class PositionTooOld(Refusal):
    """Events after that position are no longer all kept: take a new snapshot."""

    code, status = "position_too_old", 409


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls a command, from which connection."""

    actor: Actor
    connection: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    topic: str
    position: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    position: int
    events: list[Told]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    topic: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """An answer that says only: done."""


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class TextPacket(Packet):
    """A packet without attachments: we send and take none, and the library would keep them without end."""

    def decode(self, encoded_packet: str) -> int:  # type: ignore[override]
        attachments = super().decode(encoded_packet)
        if attachments:
            raise ValueError("attachments are not taken")
        return 0


class Sockets:
    def __init__(self, doors: Doors, apis: Iterable[Api]) -> None:
        apis = [*apis, self._own_api()]
        self.api = apis[-1]
        self._doors = doors
        self._commands: dict[str, Command] = {c.name: c for api in apis for c in api.commands}
        self._topics: list[Topic] = [t for api in apis for t in api.topics]
        self._tokens: dict[str, str] = {}
        self._actors: dict[str, Actor] = {}
        self._turns: dict[str, _Turn] = {}
        self._signals: asyncio.Queue[tuple[str, str, Any]] = asyncio.Queue()
        self._gone: list[Callable[[str], None]] = []
        self.io = AsyncServer(
            async_mode="aiohttp",
            max_http_buffer_size=MAX_MESSAGE,
            serializer=TextPacket,
            ping_interval=PING_SECONDS,
            ping_timeout=PING_PATIENCE,
            logger=False,
            engineio_logger=False,
        )
        self.io.on("connect", self._connect)
        self.io.on("disconnect", self._disconnect)
        self.io.on("command", self._command)

    def add_to(self, app: web.Application) -> None:
        self.io.attach(app)

    def on_gone(self, listener: Callable[[str], None]) -> None:
        """Call `listener(connection)` when a connection ended."""
        self._gone.append(listener)

    def signal(self, connection: str, name: str, body: Any) -> None:
        """Send a signal, in order with the others; it may be lost."""
        self._signals.put_nowait((connection, name, body))

    async def run(self) -> None:
        """Until cancelled: carries signals out."""
        while True:
            connection, name, body = await self._signals.get()
            await self.io.emit("signal", {"name": name, "body": body}, to=connection)

    async def push(self, told: Told) -> None:
        """Send an event to all who read its topic."""
        if told.topic:
            await self.io.emit("event", to_plain(told), room=told.topic)

    async def cut(self, person: str, login: str | None = None) -> None:
        """End every connection of a person, or those of one log-in."""
        theirs = [sid for sid, actor in self._actors.items() if actor.person == person]
        for connection in [sid for sid in theirs if login in (None, self._actors[sid].login)]:
            await self.io.disconnect(connection)

    def is_open(self, connection: str) -> bool:
        return connection in self._actors

    def dump(self) -> dict[str, Any]:
        return {"connections": len(self._actors), "signals_waiting": self._signals.qsize()}

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        given = auth.get("token") if isinstance(auth, dict) else None
        token = given if isinstance(given, str) else request.cookies.get(COOKIE)
        actor = await self._actor(token)
        if actor is NOBODY or token is None:
            log.info("refused", op="connect", code=NotLoggedIn.code, peer=request.remote)
            raise RefuseConnection(NotLoggedIn.code)
        self._tokens[sid], self._actors[sid], self._turns[sid] = token, actor, _Turn()

    async def _disconnect(self, sid: str, *_: Any) -> None:
        self._tokens.pop(sid, None)
        self._actors.pop(sid, None)
        self._turns.pop(sid, None)
        for listener in self._gone:
            listener(sid)

    async def _command(self, sid: str, *words: Any) -> dict[str, Any] | None:
        """One at a time for a connection: who does not read the answers does not get further ones."""
        turn = self._turns.get(sid)
        if turn is None:
            return None
        if max(turn.waiting, self._unread(sid)) > UNREAD_LIMIT:
            log.info("cut", why="unread", who=self._actors[sid].person if sid in self._actors else None)
            await self.io.disconnect(sid)
            return None
        turn.waiting += 1
        try:
            async with turn.lock:
                return await self._answer(sid, *words)
        finally:
            turn.waiting -= 1

    async def _answer(self, sid: str, *words: Any) -> dict[str, Any]:
        name = words[0] if words and isinstance(words[0], str) else ""
        actor = NOBODY
        try:
            self._count(sid, name)
            command = self._commands.get(name)
            if command is None:
                raise NotFound(command=name[:40])
            args = command.parse(words[1] if len(words) > 1 else {})
            actor = await self._actor(self._tokens.get(sid))
            policy.check_route(actor, command.needs)
            answer = await command.handler(call=Call(actor, sid), **args)
            return {"ok": command.result.dump_python(answer, mode="json")}
        except Refusal as no:
            log.info("refused", op=name[:40], code=no.code, who=actor.person)
            return {"problem": {"code": no.code, "status": no.status, "params": no.params}}
        except Exception:
            log.exception("bug", op=name[:40])
            return {"problem": {"code": "internal", "status": 500, "params": {}}}

    def _count(self, sid: str, name: str) -> None:
        """A person's commands on all connections; those that make work for a plane by a rule of their own."""
        person = str(self._actors[sid].person) if sid in self._actors else sid
        rules = [(COMMAND_RULE, "command"), (MEDIA_RULE, "media")] if name in _MEDIA else [(COMMAND_RULE, "command")]
        for rule, kind in rules:
            if wait := self._doors.limits.spent(rule, kind, person):
                raise TooMany(retry_after=round(wait))
            self._doors.limits.count(rule, kind, person)

    def _unread(self, sid: str) -> int:
        connection = self.io.manager.eio_sid_from_sid(sid, "/")
        waiting = self.io.eio.sockets.get(connection)
        return waiting.queue.qsize() if waiting else 0

    async def _actor(self, token: str | None) -> Actor:
        if not token:
            return NOBODY
        return await self._doors.db.run(NOBODY, lambda tx: actor_of_token(tx, token)) or NOBODY

    def _own_api(self) -> Api:
        api = Api()

        @api.command("subscribe")
        async def subscribe(call: Call, body: Subscribe) -> Subscribed:
            """Read a topic from a position on: what came since then, and from now on each event."""
            topic, ids = self._topic(body.topic)

            async def read(tx: Tx) -> Subscribed:
                position = await tx.position(stream)
                events = await after(tx, body.topic, stream, body.position)
                if events is None:
                    raise PositionTooOld(position=position)
                return Subscribed(position, list(events))

            stream: UnitId = await self._doors.db.run(call.actor, lambda tx: topic.check(tx, **ids))
            # First enter, then read: an event between the two is told twice rather than never.
            if not self.is_open(call.connection):
                raise NotLoggedIn
            await self.io.enter_room(call.connection, body.topic)
            return await self._doors.db.run(call.actor, read)

        @api.command("unsubscribe")
        async def unsubscribe(call: Call, body: Unsubscribe) -> Nothing:
            """Read a topic no more."""
            await self.io.leave_room(call.connection, body.topic)
            return Nothing()

        return api

    def _topic(self, name: str) -> tuple[Topic, dict[str, str]]:
        for topic in self._topics:
            if match := topic.pattern.fullmatch(name):
                return topic, match.groupdict()
        raise Malformed(fields=[{"at": "topic", "why": "unknown"}])
