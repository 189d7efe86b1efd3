"""The one file that knows both a lesson and a media room: it turns the right to join into a grant,
a browser's commands into the room's, and what happened in the room into the lesson's join log."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from lms_core.access import service as access
from lms_core.kernel.actor import NOBODY, SYSTEM
from lms_core.kernel.api import ENTERING, SELF, Api, Context, Nothing
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Forbidden, NotFound, NotLoggedIn, Refusal
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import LessonId, PersonId, RoomId, new_id
from lms_core.kernel.plain import from_plain
from lms_core.lessons import service as lessons
from lms_core.lessons.api import LessonView
from lms_core.recordings import consents
from lms_core.recordings import service as recordings
from lms_core.recordings.service import ConsentState
from media import room_io
from media.grant import Grant, GrantInvalid, Grants

from . import connection_test, leading, lines
from .cluster.rooms import ClusterRooms
from .config import Turn
from .relay import Told
from .signals import Entered, Source
from .sockets import Call, Sockets
from .turn import IceServer, ice_servers

GRANT_LIFE = timedelta(hours=4)
AGAIN_AFTER: Final = 1.0
"""Seconds after which the join log is tried again while the database is away."""

Noted = room_io.Entered | room_io.Left | room_io.Stood | room_io.Closed
"""What a room says that its lesson is told."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Join:
    """`consent`: to be recorded, or not to be; null says nothing new."""

    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class RecordingHere:
    """Whether the lesson is being recorded, and whether who joins would be: `given`, `asked` (nothing was said yet),
    `refused`, `guardian` (a minor whose guardian has said nothing yet)."""

    on: bool
    consent: ConsentState


@dataclass(frozen=True, slots=True)
class Joined:
    """`grant` opens the room: by `enter` on a socket, or as the bearer token of WHIP and WHEP.

    `ice_servers` are relays for those whom nothing else reaches; their passwords end with the grant.
    """

    room_id: str
    participant_id: str
    grant: str
    whip_url: str
    whep_url: str
    ice_servers: list[IceServer]
    lesson: LessonView
    recording: RecordingHere


@dataclass(frozen=True, slots=True)
class Enter:
    grant: str


@dataclass(frozen=True, slots=True)
class Track:
    mid: str
    source: Source


@dataclass(frozen=True, slots=True)
class Publish:
    transport_id: str | None
    sdp: str
    tracks: list[Track]


@dataclass(frozen=True, slots=True)
class Published:
    transport_id: str
    sdp: str


@dataclass(frozen=True, slots=True)
class Receiving:
    transport_id: str


@dataclass(frozen=True, slots=True)
class TransportAnswer:
    transport_id: str
    revision: int
    sdp: str


@dataclass(frozen=True, slots=True)
class SetMuted:
    publication_id: str
    muted: bool


class LessonRooms:
    """What rooms that change hands ask about their lessons (cluster.keeper.Lessons)."""

    async def may_go_on(self, tx: Tx, room_id: str) -> bool:
        return await lessons.is_on(tx, RoomId(room_id))

    async def taken_over(self, tx: Tx, room_id: str, present: Collection[str], seen: datetime) -> None:
        try:
            await lessons.record_left_but(tx, RoomId(room_id), present, seen)
        except NotFound:
            log.warning("room_of_no_lesson", room_id=room_id)


class Live:
    def __init__(
        self,
        db: Database,
        clock: Clock,
        rooms: ClusterRooms,
        grants: Grants,
        resources_per_grant: int,
        turn: Turn | None = None,
    ) -> None:
        self._db, self._clock, self._grants = db, clock, grants
        self._resources, self._turn = resources_per_grant, turn
        self.rooms = rooms
        self.sockets: Sockets | None = None
        self._facts: asyncio.Queue[tuple[str, Noted]] = asyncio.Queue()
        self._stood: dict[str, Noted] = {}
        self.api = self._make_api()
        rooms.on_fact(self._note)

    def use(self, sockets: Sockets) -> None:
        """Signals go out through these, and whose socket is gone is gone from its room."""
        self.sockets = sockets
        sockets.on_gone(self.rooms.disconnect)

    async def grant_for(self, token: str, room_id: str) -> Grant:
        """A grant that still stands: signed by us, for this room, of a person who may still come."""
        grant = self._grants.read(token, self._clock.now().timestamp(), room=room_id)
        await self._check(grant)
        return grant

    def grant_to_give_up(self, token: str, room_id: str) -> Grant:
        """A grant of ours, though its lesson may have ended: what it opened may still be closed."""
        return self._grants.read(token, self._clock.now().timestamp(), room=room_id)

    def ice_servers(self, grant: Grant) -> list[IceServer]:
        """The relays that the grant's participant may use, as long as the grant lasts."""
        return ice_servers(self._turn, grant.participant, grant.expires_at)

    async def run(self) -> None:
        """Until cancelled: writes the join log. What cannot be written while the database is away waits."""
        while True:
            room_id, fact = await self._facts.get()
            while not await self._noted(room_id, fact):
                await self._clock.sleep(AGAIN_AFTER)
            self._facts.task_done()

    async def noted(self) -> None:
        """Until all that has happened is in the join log."""
        await self._facts.join()

    async def stop(self) -> None:
        """The process ends. Presences do not: whoever holds the rooms next finds them."""
        await self.rooms.stop()
        while not self._facts.empty():
            await self._noted(*self._facts.get_nowait())

    async def heard(self, told: Told) -> None:
        """An event that ends a presence."""
        match told.name:
            case "access.logins_ended":
                person = told.body["person_id"]
                self.rooms.remove_person(person)
                if self.sockets:
                    await self.sockets.cut(person)
            case "access.login_ended":
                if self.sockets:
                    await self.sockets.cut(told.body["person_id"], told.body["login_id"])
            case "access.roles_changed":
                await self._check_presences(PersonId(told.body["person_id"]))
            case "lessons.lesson_ended":
                self.rooms.close_room(told.body["room_id"])
            case "messages.place_told":
                message = {"message": told.body["message"]}
                self.rooms.tell_place(told.body["room_id"], told.body["place"], "written", message)

    async def _check_presences(self, person: PersonId) -> None:
        """Out of every room where a person has no part any more; who has another one comes back with it."""

        async def lost(tx: Tx) -> list[RoomId]:
            tx.actor = await access.actor_of(tx, person)
            found: list[RoomId] = []
            for room in await lessons.rooms_with(tx, person):
                try:
                    await lessons.open_room(tx, room, "see")
                except Refusal:
                    found.append(room)
            return found

        for room in await self._db.run(NOBODY, lost):
            self.rooms.remove_person(person, room)

    async def _check(self, grant: Grant) -> None:
        async def stands(tx: Tx) -> None:
            actor = await access.actor_of_issued(tx, PersonId(grant.person), grant.issued_at)
            if actor is None:
                raise GrantInvalid
            tx.actor = actor
            try:
                await lessons.open_room(tx, RoomId(grant.room), grant.role)  # type: ignore[arg-type]
            except (NotFound, Forbidden):
                raise GrantInvalid from None

        await self._db.run(NOBODY, stands)

    def _note(self, room_id: str, fact: Any) -> None:
        is_lesson = not room_id.startswith(connection_test.PREFIX)
        if is_lesson and isinstance(fact, Noted):
            if isinstance(fact, room_io.Stood | room_io.Closed):
                self._stood[room_id] = fact
            self._facts.put_nowait((room_id, fact))

    async def _noted(self, room_id: str, fact: Noted) -> bool:
        """False when it is to be tried again."""
        if isinstance(fact, room_io.Stood | room_io.Closed) and self._stood.get(room_id) is not fact:
            return True  # there is a newer one
        try:
            await self._db.run(SYSTEM, lambda tx: self._write(tx, room_id, fact))
        except (DatabaseUnavailable, Busy):
            return False
        except Exception:
            log.exception("join_log_failed", room_id=room_id)
        if self._stood.get(room_id) is fact:
            del self._stood[room_id]
        return True

    async def _write(self, tx: Tx, room_id: str, fact: Noted) -> None:
        if await self.rooms.was_taken(tx, room_id):
            return
        if isinstance(fact, room_io.Stood):
            said = {PersonId(person): lessons.Stands(*one) for person, one in fact.persons.items()}
            await lessons.record_standings(tx, RoomId(room_id), fact.quiet, said)
            return
        if isinstance(fact, room_io.Closed):
            await lessons.record_standings(tx, RoomId(room_id), False, {})
            return
        at = tx.now - timedelta(seconds=max(0.0, self._clock.monotonic() - fact.at))
        room, participant, person = RoomId(room_id), fact.grant.participant, PersonId(fact.grant.person)
        if isinstance(fact, room_io.Entered):
            await lessons.record_entered(tx, room, participant, person, at)
        else:
            await lessons.record_left(tx, room, participant, person, at, fact.spoke)

    def _sender(self, connection: str) -> Callable[[str, dict[str, Any]], None]:
        sockets = self.sockets
        assert sockets is not None
        return lambda name, body: sockets.signal(connection, name, body)

    def _make_api(self) -> Api:
        api = Api()
        rooms = self.rooms

        @api.route("POST", "/api/lessons/{lesson_id}/join", needs=SELF)
        async def join_lesson(ctx: Context, lesson_id: LessonId, body: Join) -> Joined:
            """Get a grant for a lesson's room; the teacher's first one opens the lesson.

            Refusals: lesson_not_open, lesson_ended, forbidden, not_found.
            """
            joining, recording = await ctx.run(lambda tx: _join(tx, lesson_id, body.consent))
            grant = self._grant(joining, ctx, recording.consent == "given")
            room_id = joining.lesson.room_id
            return Joined(
                room_id,
                grant.participant,
                self._grants.sign(grant),
                f"{ctx.peer.origin}/whip/{room_id}",
                f"{ctx.peer.origin}/whep/{room_id}",
                self.ice_servers(grant),
                joining.view,
                recording,
            )

        # Who was let in stays in, whatever the organisation asks of them first; the next grant waits for it.
        @api.command("enter", needs=ENTERING)
        async def enter(call: Call, body: Enter) -> Entered:
            """Be in the room that the grant names, on this connection."""
            grant = self._grants.read(body.grant, self._clock.now().timestamp())
            if grant.person != call.actor.person:
                raise GrantInvalid
            await self._check(grant)
            if self.sockets is None or not self.sockets.is_open(call.connection):
                raise NotLoggedIn  # gone meanwhile: nobody would ever take this presence out again
            snapshot = await rooms.enter(grant, call.connection, self._sender(call.connection))
            return from_plain(Entered, {**snapshot, "now": self._clock.now().timestamp()})

        @api.command("publish", needs=ENTERING)
        async def publish(call: Call, body: Publish) -> Published:
            """Offer tracks to the room: on a new up connection, or changed ones on an open one."""
            wishes = tuple(room_io.Wish(track.mid, track.source) for track in body.tracks)
            made = await rooms.publish(call.connection, body.transport_id, body.sdp, wishes)
            return Published(made["transport_id"], made["sdp"])

        @api.command("receive", needs=ENTERING)
        async def receive(call: Call) -> Receiving:
            """Open the down connection; its offers come as signals."""
            return Receiving((await rooms.receive(call.connection))["transport_id"])

        @api.command("answer", needs=ENTERING)
        async def answer(call: Call, body: TransportAnswer) -> Nothing:
            """The browser's answer to offer number `revision`."""
            await rooms.answer(call.connection, body.transport_id, body.revision, body.sdp)
            return Nothing()

        @api.command("set_muted", needs=ENTERING)
        async def set_muted(call: Call, body: SetMuted) -> Nothing:
            """Mute a publication, or unmute one's own."""
            await rooms.set_muted(call.connection, body.publication_id, body.muted)
            return Nothing()

        @api.command("leave", needs=ENTERING)
        async def leave(call: Call) -> Nothing:
            """Leave the room, for good."""
            await rooms.leave(call.connection)
            return Nothing()

        leading.add_to(api, rooms)
        lines.add_to(api, rooms)
        return api

    def _grant(self, joining: lessons.Joining, ctx: Context, record: bool) -> Grant:
        now = self._clock.now()
        return Grant(
            participant=new_id("part", int(now.timestamp() * 1000)),
            room=joining.lesson.room_id,
            person=ctx.actor.id,
            name=joining.name,
            role=joining.part,
            publish=frozenset(joining.rights.publish),
            hear=joining.rights.hear,
            moderate=joining.rights.moderate,
            issued_at=now.timestamp(),
            expires_at=(now + GRANT_LIFE).timestamp(),
            resources=self._resources,
            record=record,
        )


async def _join(tx: Tx, lesson_id: LessonId, consent: bool | None) -> tuple[lessons.Joining, RecordingHere]:
    joining = await lessons.join(tx, lesson_id)
    if consent is not None:
        await consents.give(tx, tx.actor.id, consent)
    state = (await consents.states(tx, [tx.actor.id]))[tx.actor.id]
    return joining, RecordingHere(await recordings.is_on(tx, joining.lesson.room_id), state)
