"""Socket.IO: commands with acknowledgement, durable events by topic, fleeting signals. Nothing else."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as RefuseConnection

from lms_core.access import policy
from lms_core.access.service import actor_of_token
from lms_core.kernel.actor import NOBODY, Actor
from lms_core.kernel.api import Api, Command, Nothing, Topic
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, Malformed, NotFound, NotLoggedIn, Refusal, TooMany
from lms_core.kernel.ids import UnitId
from lms_core.kernel.plain import to_plain

from . import logs
from .broadcast import BREATH, UNREAD_LIMIT, Broadcaster, Parcel
from .fanout import MemoryLimits
from .http import COOKIE, Doors
from .relay import Told, after

COMMAND_RULE = "200/10second"
MEDIA_RULE = "40/10second"
BOARD_RULE = "200/10second"
LINES_RULE = "10/10second"
_MEDIA = {"enter", "publish", "receive"}
MOST_OF_PERSON = 20
"""Connections that a person may have open."""
MAX_MESSAGE = 256 * 1024
PING_SECONDS, PING_PATIENCE = 3, 8
"""How often a browser is asked whether it is there, and how long it waits for that question before it looks for us."""

Gone = Callable[[str, float], None]

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


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


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
        self._gone: list[Gone] = []
        self.most_of_person = MOST_OF_PERSON
        self._of_person: dict[str, set[str]] = {}
        self._limits = MemoryLimits(doors.clock)  # they guard this process, and each command would wait for Redis
        self.io = Broadcaster(
            doors.clock,
            lambda request: doors.proxies.peer(request).address,
            max_http_buffer_size=MAX_MESSAGE,
            cors_allowed_origins=self._is_ours,
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

    def on_gone(self, listener: Gone) -> None:
        """Call `listener(connection, unheard)` when a connection ended that was last heard `unheard` seconds ago."""
        self._gone.append(listener)

    def signal(self, connection: str, name: str, body: Any) -> None:
        """Send a signal, in order with the others; it may be lost."""
        self._signals.put_nowait((connection, name, body))

    async def run(self) -> None:
        """Until cancelled: carries signals out, and ends who does not say who they are."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._carry_signals())
            tasks.create_task(self._sweep())

    async def push(self, told: Told) -> None:
        """Send an event to all who read its topic."""
        if told.topic:
            await self.io.deliver(told.topic, Parcel.of("event", to_plain(told)))

    async def heard(self, told: Told) -> None:
        """An event that may end a right to read."""
        if told.name in ("access.roles_changed", "lessons.second_changed"):
            for connection in list(self._of_person.get(told.body["person_id"], ())):
                await self._check_topics(connection)

    async def cut(self, person: str, login: str | None = None) -> None:
        """End every connection of a person, or those of one log-in."""
        theirs = [sid for sid in self._of_person.get(person, ()) if login in (None, self._actors[sid].login)]
        await asyncio.gather(*(self.io.end(connection) for connection in theirs))

    def end_all(self) -> None:
        """Hang up on everybody. Browsers take it for a broken line, and connect again by themselves."""
        for connection in list(self._actors):
            self.io.cut(connection)

    def is_open(self, connection: str) -> bool:
        return connection in self._actors

    def dump(self) -> dict[str, Any]:
        return {"connections": len(self._actors), "signals_waiting": self._signals.qsize(), **self.io.dump()}

    def _who(self, sid: str, actor: Actor) -> Actor:
        """Who asked, though the command was refused before its log-in was looked up."""
        return actor if actor.person else self._actors.get(sid, NOBODY)

    def _is_ours(self, origin: str | None, environ: dict[str, Any]) -> bool:
        return origin is not None and self._doors.proxies.is_ours(environ["aiohttp.request"], origin)

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        request: web.Request = environ["aiohttp.request"]
        given = auth.get("token") if isinstance(auth, dict) else None
        token = given if isinstance(given, str) else request.cookies.get(COOKIE)
        actor = await self._actor(token)
        if actor is NOBODY or token is None:
            peer = self._doors.proxies.peer(request).address
            self._doors.metrics.refused(NotLoggedIn.code)
            log.info("refused", op="connect", code=NotLoggedIn.code, peer=peer)
            self._doors.witness.refused("connect", NotLoggedIn.code, NOBODY, peer)
            raise RefuseConnection(NotLoggedIn.code)
        if not self.io.is_there(sid):
            raise RefuseConnection(NotLoggedIn.code)  # gone meanwhile: nothing would ever forget it
        if len(self._of_person.get(actor.id, ())) >= self.most_of_person:
            log.info("refused", op="connect", code=TooMany.code, who=actor.person)
            raise RefuseConnection(TooMany.code)
        self._tokens[sid], self._actors[sid], self._turns[sid] = token, actor, _Turn()
        self._of_person.setdefault(actor.id, set()).add(sid)

    async def _disconnect(self, sid: str, *_: Any) -> None:
        unheard = self.io.unheard(sid)
        self._tokens.pop(sid, None)
        if actor := self._actors.pop(sid, None):
            theirs = self._of_person[actor.id]
            theirs.discard(sid)
            if not theirs:
                del self._of_person[actor.id]
        self._turns.pop(sid, None)
        for listener in self._gone:
            listener(sid, unheard)

    async def _command(self, sid: str, *words: Any) -> dict[str, Any] | None:
        """One at a time for a connection: who does not read the answers does not get further ones."""
        turn = self._turns.get(sid)
        if turn is None:
            return None
        if max(turn.waiting, self.io.unread(sid)) > UNREAD_LIMIT:
            log.info("cut", why="unread", who=self._actors[sid].person if sid in self._actors else None)
            self.io.cut(sid)
            return None
        turn.waiting += 1
        try:
            async with turn.lock:
                return await self._answer(sid, *words)
        finally:
            turn.waiting -= 1

    async def _answer(self, sid: str, *words: Any) -> dict[str, Any]:
        name = words[0] if words and isinstance(words[0], str) else ""
        known = name if name in self._commands else "command"
        doors, began, outcome = self._doors, self._doors.clock.monotonic(), "bug"
        logs.bind(logs.request_id(None, trusted=False))
        actor = NOBODY
        try:
            with doors.tracing.span("command", known):
                await self._count(sid, name)
                command = self._commands.get(name)
                if command is None:
                    raise NotFound(command=name[:40])
                args = command.parse(words[1] if len(words) > 1 else {})
                actor = await self._actor(self._tokens.get(sid))
                policy.check_route(actor, command.needs)
                answer = await command.handler(call=Call(actor, sid), **args)
            outcome = "ok"
            log.info("done", op=known, who=actor.person, ms=round((doors.clock.monotonic() - began) * 1000, 1))
            return {"ok": command.result.dump_python(answer, mode="json")}
        except Refusal as no:
            outcome = "refused"
            doors.metrics.refused(no.code)
            log.info("refused", op=name[:40], code=no.code, who=actor.person)
            doors.witness.refused(known, no.code, self._who(sid, actor), "")
            return {"problem": {"code": no.code, "status": no.status, "params": no.params}}
        except Exception:
            log.exception("bug", op=name[:40])
            return {"problem": {"code": "internal", "status": 500, "params": {}}}
        finally:
            doors.metrics.command(known, outcome, doors.clock.monotonic() - began)

    async def _count(self, sid: str, name: str) -> None:
        """A person's commands on all connections; those that make work for a plane by a rule of their own."""
        person = str(self._actors[sid].person) if sid in self._actors else sid
        rules = [(COMMAND_RULE, "command"), (MEDIA_RULE, "media")] if name in _MEDIA else [(COMMAND_RULE, "command")]
        if name == "lines":  # planes are asked
            rules.append((LINES_RULE, name))
        if name == "board_update":  # a hand that draws leaves its other commands alone
            rules = [(BOARD_RULE, "board")]
        for rule, kind in rules:
            if wait := self._limits.wait(rule, kind, person):
                raise TooMany(retry_after=round(wait))
            self._limits.add(rule, kind, person)

    async def _carry_signals(self) -> None:
        """A signal to a whole room comes as the same body for each of its people: it is encoded once."""
        last: tuple[str, Any] | None = None
        parcel, number = None, 0
        while True:
            connection, name, body = await self._signals.get()
            if parcel is None or last is None or last[0] != name or last[1] is not body:
                last, parcel = (name, body), Parcel.of("signal", {"name": name, "body": body})
            await self.io.deliver(connection, parcel)
            number += 1
            if number % BREATH == 0:
                await self._doors.clock.sleep(0)

    async def _sweep(self) -> None:
        while True:
            self.io.sweep()
            await self._doors.clock.sleep(1.0)

    async def _check_topics(self, connection: str) -> None:
        """Leave what this person may not read any more. Whom we cannot ask now starts anew."""
        try:
            actor = await self._actor(self._tokens.get(connection))
            for name in [room for room in self.io.rooms(connection) if room != connection]:
                if not await self._may_read(actor, name):
                    log.info("refused", op="read_on", code=Forbidden.code, who=actor.person)
                    await self.io.leave_room(connection, name)
        except Refusal:
            await self.io.end(connection)

    async def _may_read(self, actor: Actor, name: str) -> bool:
        topic, ids = self._topic(name)
        try:
            await self._doors.db.run(actor, lambda tx: topic.check(tx, **ids))
        except (Forbidden, NotFound, NotLoggedIn):
            return False
        return True

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
