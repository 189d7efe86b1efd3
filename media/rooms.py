"""The shell around rooms: gives each machine its inputs and deadlines, and carries its outputs out.

Everything happens in one event loop and a machine never waits: an input is handled, and what follows from
it performed, before the caller goes on. Only what a plane has to answer is waited for.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lms_core.kernel.clock import Clock
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import new_id

from . import room_io
from .grant import LONGEST_LIFE, Grant
from .own_lines import told
from .plane import seam
from .planes import Listener
from .room import Room
from .room_deeds import Deed
from .room_shell import Fact, Live, Send
from .room_state import Limits, NotEntered, RemovedFromRoom, RoomClosed
from .spread import MOST_ON_PLANE, Spread
from .ways import Place

_CHANCE = random.SystemRandom()

OnFact = Callable[[str, Fact], None]
"""Hears (room, fact); it does not wait. The times of facts are seconds of `clock.monotonic()`."""


OnTold = Callable[[str, str, dict[str, Any]], None]
Recorded = seam.RecordingBegan | seam.SegmentDone | seam.SegmentLost


class PlanesPort(Protocol):
    """What rooms need of planes.Planes."""

    def listen(self, listener: Listener) -> None: ...
    def place(self) -> int: ...
    def release(self, plane: int) -> None: ...
    def is_up(self, plane: int) -> bool: ...
    def loads(self) -> Mapping[int, int]: ...
    def place_of(self, plane: int) -> Place: ...
    def leg(self, one: int, other: int, streams: int) -> str: ...
    def order(self, plane: int, order: seam.Order) -> None: ...
    async def look(self, transport: str) -> dict[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Resource:
    """A WHIP or WHEP resource. `etag` (without quotes) names its ICE session (RFC 9725 §4.3.1)."""

    id: str
    etag: str
    sdp: str = ""


@dataclass(frozen=True, slots=True)
class Restarted:
    """The plane's new ICE credentials, and the entity tag that goes with them."""

    etag: str
    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class Surrendered:
    """A room that is no longer here: what another process restores it from, and the connections it was told to."""

    snapshot: dict[str, Any]
    sends: dict[str, Send]


class Rooms:
    """All rooms of this process. A room is made when a grant for it is first used.

    What asks raises refusals: those of room_state.py, NotFound and Malformed. What the plane answers may
    take until PLANE_ANSWERS seconds; then it is PlaneUnavailable.
    """

    def __init__(
        self, planes: PlanesPort, clock: Clock, *, limits: Limits | None = None, most_on_plane: int = MOST_ON_PLANE
    ) -> None:
        self._planes = planes
        self._most_on_plane = most_on_plane
        self._clock = clock
        self._limits = limits or Limits()
        self._rooms: dict[str, Live] = {}
        self._connections: dict[str, Live] = {}
        self._transports: dict[str, Live] = {}
        self._bars = _Bars()
        self._on_fact: list[OnFact] = []
        self._on_change: list[Callable[[str], None]] = []
        self._on_told: list[OnTold] = []
        self._on_recorded: list[Callable[[Recorded], None]] = []
        planes.listen(self)

    def on_fact(self, hear: OnFact) -> None:
        self._on_fact.append(hear)

    def on_told(self, hear: OnTold) -> None:
        """Call `hear(room, name, body)` with every signal to all in a room; it does not wait."""
        self._on_told.append(hear)

    def on_recorded(self, hear: Callable[[Recorded], None]) -> None:
        """Call `hear` with what planes say of recordings; it does not wait."""
        self._on_recorded.append(hear)

    def on_change(self, hear: Callable[[str], None]) -> None:
        """Call `hear(room)` when what `durable` answers may have changed; it does not wait."""
        self._on_change.append(hear)

    # ---- from one process to another

    def holds(self, room_id: str) -> bool:
        return room_id in self._rooms

    @property
    def count(self) -> int:
        return len(self._rooms)

    def durable(self, room_id: str) -> dict[str, Any] | None:
        """What is kept of a room beyond this process (room_durable.py, and `bars`); None where there is no room
        and nobody is barred from it."""
        live, bars = self._rooms.get(room_id), self._bars.of_room(room_id)
        kept = live.room.durable(self._wall) if live else {}
        return {**kept, "bars": bars} if kept or bars else None

    def restore(self, room_id: str, snapshot: Mapping[str, Any], seen: float | None = None) -> None:
        """Take up a room where another process left it; who was there was so until `seen` (epoch seconds).

        Raises ValueError, KeyError or TypeError for a snapshot that is none.
        """
        self._bars.restore(room_id, snapshot.get("bars", []))
        if room_id in self._rooms or "room_id" not in snapshot:
            return
        now, plane = self._clock.monotonic(), self._planes.place()
        try:
            room = Room.restored(
                snapshot,
                now,
                wall=self._wall,
                seen=None if seen is None else seen - self._wall,
                plane_up=self._planes.is_up(plane),
                limits=self._limits,
            )
        except BaseException:
            self._planes.release(plane)
            raise
        self._rooms[room_id] = Live(room, self._spread(plane), self._clock, self)

    def surrender(self, room_id: str, *, linger: bool = False) -> Surrendered | None:
        """Give a room up: nothing of it is told or noted any more, and who was in it is in no room here.

        `linger`: the plane goes on moving what it has until it ends, since everybody is about to come elsewhere.
        """
        live = self._rooms.pop(room_id, None)
        if live is None:
            return None
        given = Surrendered({**live.room.durable(self._wall), "bars": self._bars.of_room(room_id)}, dict(live.sends))
        live.stop()
        for connection in given.sends:
            self.detach(connection)
        for transport in [name for name, where in self._transports.items() if where is live]:
            del self._transports[transport]
            if not linger:
                live.spread.order(seam.Close(transport))
        self._planes.release(live.spread.home)
        return given

    @property
    def _wall(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    # ---- browsers

    async def enter(self, grant: Grant, connection: str, send: Send) -> dict[str, Any]:
        """Be in the grant's room on this connection; signals go to `send` until it is gone.

        Answers {participant_id, may, waiting, in_lobby} and what Room.snapshot has. Signals told later may reach the
        browser before this answer does, if it is not sent at once.
        """
        live = self._room_for(grant)
        before = self._connections.get(connection)
        if before not in (None, live):
            await self.leave(connection)
        live.sends[connection], self._connections[connection] = send, live
        try:
            return await live.ask(lambda request: room_io.Enter(request, connection, grant))
        except Refusal:
            if before is not live:
                self.detach(connection)
            raise

    def disconnect(self, connection: str, unheard: float = 0.0) -> None:
        """The connection is gone; its participant may come back on another for GRACE seconds since it was heard last,
        `unheard` seconds ago."""
        if live := self.detach(connection):
            live.give(room_io.Disconnect(connection, unheard))

    async def leave(self, connection: str) -> None:
        """The participant means to go; only their WHIP and WHEP resources stay."""
        if live := self.detach(connection):
            live.give(room_io.Leave(connection))

    async def publish(
        self, connection: str, transport_id: str | None, sdp: str, tracks: Iterable[room_io.Wish]
    ) -> dict[str, Any]:
        """Offer on a new up connection (None) or on the open one; {transport_id, sdp}, the answer."""
        fresh, wishes = transport_id is None, tuple(tracks)
        path = transport_id or self._new_transport()
        return await self._live_at(connection).ask(
            lambda request: room_io.Publish(request, connection, path, fresh, sdp, wishes),
            opens=path if fresh else None,
        )

    async def receive(self, connection: str) -> dict[str, Any]:
        """Open the down connection, whose offers come as signals; {transport_id}."""
        path = self._new_transport()
        live = self._live_at(connection)
        return await live.ask(lambda request: room_io.Receive(request, connection, path), opens=path)

    async def answer(self, connection: str, transport_id: str, revision: int, sdp: str) -> dict[str, Any]:
        return await self._live_at(connection).ask(
            lambda request: room_io.Answer(request, connection, transport_id, revision, sdp)
        )

    async def set_muted(self, connection: str, publication_id: str, muted: bool) -> dict[str, Any]:
        return await self._live_at(connection).ask(
            lambda request: room_io.SetMuted(request, connection, publication_id, muted)
        )

    async def do(self, connection: str, deed: Deed) -> dict[str, Any]:
        """What a participant does there beside sending and receiving; answers what the deed answers."""
        chance = _CHANCE.random()
        return await self._live_at(connection).ask(lambda request: room_io.Do(request, connection, deed, chance))

    async def do_as(self, room_id: str, person: str, leads: bool, deed: Deed) -> dict[str, Any]:
        """The same by a person, inside or not; `leads` by their part in the lesson. The room is made if need be."""
        chance = _CHANCE.random()
        return await self._room(room_id).ask(lambda request: room_io.DoAs(request, person, leads, deed, chance))

    async def standing(self, connection: str) -> dict[str, Any]:
        """As Room.standing."""
        return self._live_at(connection).room.standing(connection)

    async def lines(self, connection: str) -> list[dict[str, Any]]:
        """What is known of the connection's own ways up and down, by own_lines.told; of no one else's."""
        ways = self._live_at(connection).room.ways(connection)
        return [told(way, await self._planes.look(transport)) for transport, way in ways.items()]

    async def pass_on(self, connection: str, place: str, name: str, body: dict[str, Any]) -> None:
        """A fleeting signal from a connection to all others at a place of its room."""
        live = self._live_at(connection)
        for other in live.room.connections_at(place):
            if other != connection and (send := live.sends.get(other)):
                send(name, body)

    def tell_place(self, room_id: str, place: str, name: str, body: dict[str, Any]) -> None:
        """A fleeting signal to all at a place of a room, if that is here."""
        if live := self._rooms.get(room_id):
            for connection in live.room.connections_at(place):
                if send := live.sends.get(connection):
                    send(name, body)

    # ---- WHIP and WHEP

    async def open_publisher(self, grant: Grant, sdp: str) -> Resource:
        path = self._new_transport()
        made = await self._room_for(grant).ask(
            lambda request: room_io.PostPublisher(request, grant, path, sdp), opens=path
        )
        return Resource(path, made["etag"], made["sdp"])

    async def open_viewer(self, grant: Grant, sdp: str, publication: str | None = None) -> Resource:
        """Receive one publication, or all that are there now."""
        path = self._new_transport()
        made = await self._room_for(grant).ask(
            lambda request: room_io.PostViewer(request, grant, path, sdp, publication), opens=path
        )
        return Resource(path, made["etag"], made["sdp"])

    def resource(self, grant: Grant, resource_id: str) -> Resource:
        """What is known of an open resource of this grant's participant. Refusal: NotFound."""
        return Resource(resource_id, self._live_of(grant).room.etag(grant, resource_id))

    async def restart_ice(self, grant: Grant, resource_id: str, ufrag: str, pwd: str) -> Restarted:
        """Go on under the client's new ICE credentials (RFC 9725 §4.3.3)."""
        new = await self._live_of(grant).ask(
            lambda request: room_io.PatchResource(request, grant, resource_id, ufrag, pwd)
        )
        return Restarted(new["etag"], new["ufrag"], new["pwd"])

    async def close_resource(self, grant: Grant, resource_id: str) -> None:
        await self._live_of(grant).ask(lambda request: room_io.DeleteResource(request, grant, resource_id))

    # ---- from above

    def remove_person(self, person: str, room_id: str | None = None) -> None:
        """Send a person out, of one room or of all; grants issued before now do not let them in again."""
        self._bars.bar(person, room_id, self._clock.now().timestamp())
        for live in list(self._rooms.values()):
            if room_id in (None, live.room.id):
                live.give(room_io.Remove(person))

    def set_recording(self, room_id: str, on: dict[str, Any] | None) -> None:
        """Whether a room that is here is recorded: {id, since}."""
        if live := self._rooms.get(room_id):
            live.give(room_io.SetRecording(on))

    def set_consents(self, room_id: str, said: Mapping[str, bool]) -> None:
        """Whether these persons may be recorded there."""
        if live := self._rooms.get(room_id):
            live.give(room_io.SetConsents(said))

    def snapshot(self, room_id: str) -> dict[str, Any] | None:
        """What everybody in a room that is here knows of it."""
        live = self._rooms.get(room_id)
        return live.room.snapshot() if live else None

    def persons(self) -> dict[str, set[str]]:
        """Who is in each room that is here."""
        return {room_id: live.room.persons() for room_id, live in self._rooms.items()}

    def close_room(self, room_id: str) -> None:
        """End a room for everybody; grants issued before now do not open it again."""
        self._bars.bar(None, room_id, self._clock.now().timestamp())
        if live := self._rooms.get(room_id):
            live.give(room_io.Close())

    async def stop(self) -> None:
        """The process ends: nobody is told, since the next one will take up the same grants."""
        for live in list(self._rooms.values()):
            live.stop()

    def dump(self) -> list[dict[str, Any]]:
        return [{**live.room.dump(), "plane": live.spread.home, **live.spread.dump()} for live in self._rooms.values()]

    # ---- from the planes

    def report(self, plane: int, report: seam.Report) -> None:
        match report:
            case seam.Levels(levels):
                by_room: defaultdict[Live, list[tuple[str, int]]] = defaultdict(list)
                for publication, loudness in levels:
                    if live := self._transports.get(publication.partition(":")[0]):
                        by_room[live].append((publication, loudness))
                for live, heard in by_room.items():
                    live.give(seam.Levels(tuple(heard)))
            case seam.Answered() | seam.Refused() | seam.Offered() | seam.Restarted() | seam.Lost() | seam.Limited():
                if live := self._transports.get(report.transport):
                    live.spread.reported(report)
                    live.give(report)
            case seam.Needed(publication):
                if live := self._transports.get(publication.partition(":")[0]):
                    live.give(report)
            case seam.RecordingBegan() | seam.SegmentDone() | seam.SegmentLost():
                for hear in self._on_recorded:
                    hear(report)
            case _:
                pass

    def lost(self, plane: int) -> None:
        for live in list(self._rooms.values()):
            gone = live.spread.lost(plane)
            if live.spread.home == plane:
                live.give(room_io.PlaneLost())
                continue
            for transport in gone:
                live.give(seam.Lost(transport, "plane_lost"))

    def returned(self, plane: int) -> None:
        for live in [live for live in self._rooms.values() if live.spread.home == plane]:
            live.give(room_io.PlaneReturned())

    # ---- inside

    def _room_for(self, grant: Grant) -> Live:
        self._bars.check(grant)
        return self._room(grant.room)

    def _room(self, room_id: str) -> Live:
        if live := self._rooms.get(room_id):
            live.give(room_io.Tick())  # it may be over
        if live := self._rooms.get(room_id):
            return live
        plane = self._planes.place()
        now, up = self._clock.monotonic(), self._planes.is_up(plane)
        room = Room(room_id, now, wall=self._wall, plane_up=up, limits=self._limits)
        live = self._rooms[room_id] = Live(room, self._spread(plane), self._clock, self)
        return live

    def _spread(self, home: int) -> Spread:
        return Spread(home, self, self._most_on_plane)

    def _live_of(self, grant: Grant) -> Live:
        if live := self._rooms.get(grant.room):
            return live
        raise NotFound()

    def _live_at(self, connection: str) -> Live:
        if live := self._connections.get(connection):
            return live
        raise NotEntered()

    def _new_transport(self) -> str:
        return new_id("tr", int(self._clock.now().timestamp() * 1000))

    # ---- for the rooms (spread.Around)

    def order(self, plane: int, order: seam.Order) -> None:
        self._planes.order(plane, order)

    def loads(self) -> Mapping[int, int]:
        return self._planes.loads()

    def leg(self, one: int, other: int, streams: int) -> str:
        return self._planes.leg(one, other, streams)

    # ---- from the rooms (room_shell.Home)

    def fact(self, live: Live, fact: Fact) -> None:
        if isinstance(fact, room_io.Closed):
            del self._rooms[live.room.id]
            self._planes.release(live.spread.home)
        for hear in self._on_fact:
            hear(live.room.id, fact)

    def told(self, live: Live, name: str, body: dict[str, Any]) -> None:
        for hear in self._on_told:
            hear(live.room.id, name, body)

    def changed(self, live: Live) -> None:
        for hear in self._on_change:
            hear(live.room.id)

    def opens(self, live: Live, transport: str) -> None:
        self._transports[transport] = live

    def ended(self, transport: str) -> None:
        self._transports.pop(transport, None)

    def detach(self, connection: str) -> Live | None:
        """The connection is in no room any more."""
        live = self._connections.pop(connection, None)
        if live:
            live.sends.pop(connection, None)
        return live


class _Bars:
    """Which grants no longer stand: of a person, of a room, or of a person in a room, issued before a moment."""

    def __init__(self) -> None:
        self._barred: dict[tuple[str | None, str | None], float] = {}

    def bar(self, person: str | None, room: str | None, now: float) -> None:
        """No grant outlives LONGEST_LIFE, so what is older is forgotten."""
        self._barred = {key: at for key, at in self._barred.items() if now - at < LONGEST_LIFE}
        self._barred[person, room] = now

    def of_room(self, room: str) -> list[list[Any]]:
        """[[person or None, when], …] of one room, as JSON."""
        return [[person, at] for (person, where), at in self._barred.items() if where == room]

    def restore(self, room: str, bars: Iterable[Iterable[Any]]) -> None:
        for person, at in bars:
            self._barred[person, room] = max(at, self._barred.get((person, room), 0.0))

    def check(self, grant: Grant) -> None:
        """Refusals: RoomClosed, RemovedFromRoom."""
        if grant.issued_at < self._barred.get((None, grant.room), 0.0):
            raise RoomClosed()
        for room in (None, grant.room):
            if grant.issued_at < self._barred.get((grant.person, room), 0.0):
                raise RemovedFromRoom()
