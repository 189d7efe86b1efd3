"""A room as a pure machine: inputs and the time go in, outputs come out (see room_io.py).

The room is the truth about who is here, what they publish and who receives it; the plane is its cache.
Whatever a browser must know of this is told in signals that carry the room's version. It grows by one
with each, so that a snapshot and the signals after it always make the next snapshot.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, Literal

from lms_core.kernel.errors import Refusal

from . import policy, room_durable
from .grant import Grant
from .plane import seam
from .room_doing import Doing
from .room_io import (
    Answer,
    Asking,
    Close,
    Closed,
    DeleteResource,
    Disconnect,
    Do,
    DoAs,
    Enter,
    Input,
    Leave,
    Output,
    PatchResource,
    PlaneLost,
    PlaneReturned,
    PostPublisher,
    PostViewer,
    Publish,
    Receive,
    Remove,
    SetConsents,
    SetMuted,
    SetRecording,
    Stood,
    TellAll,
    Tick,
    Why,
)
from .room_lobby import SEEN_FROM_LOBBY
from .room_people import Outbox, People
from .room_recording import Recording
from .room_stage import Stage
from .room_state import RESOURCES, Limits, NotEntered, Participant, RemovedFromRoom, RoomClosed, TransportKind

GRACE: Final = 10.0
"""Seconds a participant may be without any connection or resource before they have left: nobody sees a ghost longer."""
EMPTY_FOR: Final = 60.0
"""Seconds an empty room stays, so that people who all reconnect find it."""
SPEAKING_EVERY: Final = 0.25
"""Seconds between two `speaking` signals at the least."""


class Room:
    """`handle` takes what happened at `now` (monotonic seconds); `deadline` is when to come with a Tick."""

    def __init__(
        self, room_id: str, now: float, *, wall: float = 0.0, plane_up: bool = True, limits: Limits | None = None
    ) -> None:
        """`wall` turns seconds of `now` into epoch seconds when added."""
        self.id = room_id
        self.closed = False
        limits = limits or Limits()
        self._out = Outbox(plane_up)
        self._people = People(self._out, limits)
        self._stage = Stage(room_id, self._out, self._people, limits)
        self._doing = Doing(self._out, self._people, self._stage, limits, now, wall, self._send_out)
        self._recording = Recording(self._out, self._people, self._stage, self._doing.leading)
        self._empty_since: float | None = now
        self._speech = policy.Speech()
        self._speaking: tuple[str, ...] = ()
        self._speaking_told_at = now - SPEAKING_EVERY
        self._speech_counted_at = now
        self._stood: Stood | None = None
        self._stood_version = -1

    @classmethod
    def restored(
        cls,
        snapshot: Mapping[str, Any],
        now: float,
        *,
        wall: float = 0.0,
        seen: float | None = None,
        plane_up: bool = True,
        limits: Limits | None = None,
    ) -> "Room":
        """The room of a durable snapshot: who was there has GRACE to come back, and was there until `seen`.

        ValueError, KeyError, TypeError: not one of ours.
        """
        room = cls(snapshot["room_id"], now, wall=wall, plane_up=plane_up, limits=limits)
        seen = now if seen is None else seen
        room._doing.restore(snapshot, now)
        room._out.version = room_durable.restore(snapshot, room._people, room._stage, now, wall, seen)
        room._note_emptiness(now)
        return room

    def durable(self, wall: float = 0.0) -> dict[str, Any]:
        """What is kept of the room beyond its process (room_durable.py)."""
        kept = room_durable.durable(self.id, self._out.version, self._people, self._stage, wall)
        return {**kept, **self._doing.kept()}

    def handle(self, given: Input, now: float) -> list[Output]:
        """What follows from `given`. A request is answered by one Reply or Refuse, now or later."""
        self._count_speech(now)
        self._let_pass(now)
        try:
            if not self.closed:
                self._take(given, now)
            elif isinstance(given, Asking):
                raise RoomClosed()
        except Refusal as refusal:  # raised before anything was changed
            assert isinstance(given, Asking)
            self._out.refuse(given.request, refusal)
        if not self.closed:
            self._recording.follow()
            self._tell_speaking(now)
            self._stage.receiving.prefer(self._speaking, self._doing.leading.spotlight)
            self._doing.lobby.tell_leaders(now)
            self._note_standings(now)
            self._note_emptiness(now)
        return self._out.take()

    def deadline(self) -> float | None:
        """When time alone changes something, None when it does not."""
        if self.closed:
            return None
        due = [p.gone_at + GRACE for p in self._people.present.values() if p.gone_at is not None]
        due += [*self._stage.deadlines(), *self._doing.deadlines()]
        if self._empty_since is not None:
            due.append(self._empty_since + EMPTY_FOR)
        if (silent_at := self._speech.ends_at()) is not None:
            due.append(silent_at)
        if self._speech.order != self._speaking:
            due.append(self._speaking_told_at + SPEAKING_EVERY)
        return min(due, default=None)

    def snapshot(self) -> dict[str, Any]:
        """What everybody inside knows of the room: {room_id, version, participants, publications, leading}."""
        return {
            "room_id": self.id,
            "version": self._out.version,
            "participants": [participant.view() for participant in self._people.present.values()],
            "publications": [publication.view() for publication in self._stage.publications.values()],
            "leading": self._doing.leading.view(),
        }

    def standing(self, connection: str) -> dict[str, Any]:
        """Who speaks on a connection and what they may: {room_id, participant_id, person, place, leads, may_write}.
        Refusal: NotEntered."""
        participant = self._people.at(connection)
        return {
            "room_id": self.id,
            "participant_id": participant.id,
            "person": participant.grant.person,
            "place": participant.place,
            "leads": participant.leads,
            "may_write": participant.rights.write,
        }

    def ways(self, connection: str) -> dict[str, TransportKind]:
        """The browser's own transports of a connection: `up` and `down`. Refusal: NotEntered."""
        return {one.id: one.kind for one in self._stage.of(self._people.at(connection).id, "up", "down")}

    def connections_at(self, place: str) -> list[str]:
        """The connections of all who are at a place of the room."""
        present = self._people.present.values()
        return [p.connection for p in present if p.connection and p.place == place]

    def persons(self) -> set[str]:
        """Who is inside."""
        return {one.grant.person for one in self._people.present.values()}

    @property
    def transports(self) -> Collection[str]:
        return self._stage.transports.keys()

    def etag(self, grant: Grant, resource: str) -> str:
        """The entity tag of a resource of the grant's participant. Refusal: NotFound."""
        return self._stage.resource(grant, resource).etag

    def dump(self) -> dict[str, Any]:
        """Everything an operator may want to see."""
        return {
            **self.snapshot(),
            "plane_up": self._out.plane_up,
            "speaking": list(self._speaking),
            "transports": [transport.view() for transport in self._stage.transports.values()],
            "in_lobby": self._doing.lobby.view(),
        }

    # ---- inputs

    def _take(self, given: Input, now: float) -> None:
        match given:
            case Enter():
                self._enter(given, now)
            case Disconnect():
                self._disconnect(given, now)
            case Leave():
                self._leave(given.connection, now)
            case Remove():
                self._remove(given.person, now)
            case Close():
                self._close(now, "closed")
            case Publish():
                self._stage.publish(given, now)
            case Receive():
                self._stage.receive(given)
            case Answer():
                self._stage.answer(given)
            case SetMuted():
                self._stage.set_muted(given)
            case Do() | DoAs():
                self._doing.take(given, now)
            case PostPublisher() | PostViewer():
                self._doing.lobby.check(given.grant)
                self._stage.post(given, now)
            case PatchResource():
                self._stage.patch(given, now)
            case DeleteResource():
                self._stage.delete(given, now)
            case PlaneLost():
                self._stage.plane_lost(now)
            case PlaneReturned():
                self._stage.plane_returned()
            case SetRecording():
                self._recording.set(given.on)
            case SetConsents():
                self._recording.agree(given.said)
            case seam.Answered() | seam.Refused() | seam.Offered() | seam.Restarted() | seam.Lost():
                self._stage.reported(given, now)
            case seam.Levels():
                self._listen(given, now)
            case seam.Limited() | seam.Needed():
                self._stage.receiving.reported(given)
            case Tick() | seam.Ready() | seam.Connected() | seam.Started() | seam.Dumped():
                pass
            case seam.RecordingBegan() | seam.SegmentDone() | seam.SegmentLost():
                pass

    def _enter(self, given: Enter, now: float) -> None:
        grant, connection = given.grant, given.connection
        self._people.check_place_for(grant)
        before = self._people.find(connection)
        if before and before.id != grant.participant:
            self._leave(connection, now)
        if self._doing.lobby.keeps_out(grant):
            self._wait(given, now)
            return
        self._doing.lobby.enters(grant.participant, connection)
        participant = self._people.admit(grant, now, connection)
        self._people.connect(participant, connection)
        self._stage.settle(participant, now)
        self._stage.receiving.subscribe()
        may = {"publish": sorted(participant.grant.publish), "moderate": participant.leads}
        mine = {"participant_id": participant.id, "may": may, "waiting": False}
        in_lobby = self._doing.lobby.view() if participant.leads else []
        self._out.reply(given.request, {**self.snapshot(), **mine, "in_lobby": in_lobby})
        self._catch_up(participant)

    def _wait(self, given: Enter, now: float) -> None:
        lobby = self._doing.lobby
        lobby.check_place_for(given.grant)
        lobby.wait(given.grant, given.connection, now)
        mine = {"room_id": self.id, "version": self._out.version, "participant_id": given.grant.participant}
        self._out.reply(given.request, {**mine, **SEEN_FROM_LOBBY})
        lobby.greet(given.connection)

    def _catch_up(self, participant: Participant) -> None:
        """What no snapshot holds, and what was to be told to a connection that was no more."""
        for transport_id in participant.unheard:
            self._people.tell(participant, "transport_lost", {"transport_id": transport_id})
        participant.unheard.clear()
        for transport in self._stage.of(participant.id, "down"):
            self._stage.tell_offer(transport)
            self._stage.receiving.tell_limits(transport)
        for publication in self._stage.publications.values():
            if publication.participant == participant.id:
                self._stage.receiving.tell_needed(publication)
        if self._speaking:
            self._people.tell(participant, "speaking", {"participant_ids": list(self._speaking)})

    def _disconnect(self, given: Disconnect, now: float) -> None:
        self._doing.lobby.gone(given.connection)
        if participant := self._people.find(given.connection):
            self._people.disconnect(participant)
            participant.gone_at = max(participant.since, now - given.unheard)
            self._stage.settle(participant, now)

    def _leave(self, connection: str, now: float) -> None:
        self._doing.lobby.gone(connection)
        if participant := self._people.find(connection):
            self._people.disconnect(participant)
            for transport in self._stage.of(participant.id, "up", "down"):
                self._stage.forget(transport, NotEntered())
            if self._stage.of(participant.id, *RESOURCES):
                self._stage.settle(participant, now)
            else:
                self._go(participant, now, "left")

    def _remove(self, person: str, now: float) -> None:
        self._doing.lobby.remove(person)
        self._send_out(person, now, False)

    def _send_out(self, person: str, now: float, to_lobby: bool) -> None:
        for participant in self._people.of_person(person):
            connection = participant.connection
            if not to_lobby:
                self._people.tell(participant, "removed", {})
            self._go(participant, now, "removed")
            if to_lobby and connection is not None:
                self._doing.lobby.send_back(participant, connection, now)
        for transport in [t for t in self._stage.transports.values() if t.grant.person == person]:
            self._stage.forget(transport, RemovedFromRoom())

    def _close(self, now: float, why: Literal["empty", "closed"]) -> None:
        self._stage.forget_all(RoomClosed())
        self._out.put(TellAll("room_closed", {}))
        self._people.take_all_out(now)
        self._out.put(Closed(now, why))
        self.closed = True

    def _listen(self, report: seam.Levels, now: float) -> None:
        heard: dict[str, float] = {}
        for publication_id, level in report.levels:
            publication = self._stage.publications.get(publication_id)
            if publication and publication.source == "microphone" and not publication.muted:
                heard[publication.participant] = max(level, heard.get(publication.participant, 0))
        self._speech = policy.listen(self._speech, heard, now, self._most_speakers)

    @property
    def _most_speakers(self) -> int:
        """Somebody speaks in each place."""
        breakouts = self._doing.leading.breakouts
        return policy.MOST_SPEAKERS * (1 + len(breakouts["items"] if breakouts else ()))

    # ---- time

    def _let_pass(self, now: float) -> None:
        if self.closed:
            return
        self._stage.let_pass(now)
        self._doing.let_pass(now)
        for participant in list(self._people.present.values()):
            if participant.gone_at is not None and now >= participant.gone_at + GRACE:
                self._miss(participant, now)
        if (silent_at := self._speech.ends_at()) is not None and now >= silent_at:
            self._speech = policy.wait(self._speech, now, self._most_speakers)
        if self._empty_since is not None and now >= self._empty_since + EMPTY_FOR:
            self._close(now, "empty")

    def _miss(self, participant: Participant, now: float) -> None:
        """The grace is over: the browser's transports end, and so does the presence, save by a resource."""
        gone_at, participant.gone_at = participant.gone_at, None
        for transport in self._stage.of(participant.id, "up", "down"):
            self._stage.drop(transport, now)
        if not self._stage.of(participant.id, *RESOURCES):
            self._go(participant, now, "lost", gone_at if participant.seen_until is None else participant.seen_until)

    def _go(self, participant: Participant, now: float, why: Why, at: float | None = None) -> None:
        refusal = RemovedFromRoom() if why == "removed" else NotEntered()
        for transport in self._stage.of(participant.id, "up", "down", *RESOURCES):
            self._stage.forget(transport, refusal)
        self._people.take_out(participant, now, why, at)
        self._doing.leading.gone(participant.id)
        self._speech = policy.without(self._speech, participant.id)

    def _count_speech(self, now: float) -> None:
        """Who has been speaking until now has spoken for longer; nobody is heard beyond a pause."""
        longer = min(now - self._speech_counted_at, policy.PAUSE)
        for who in self._speech.order:
            if participant := self._people.present.get(who):
                participant.spoke += longer
        self._speech_counted_at = now

    def _tell_speaking(self, now: float) -> None:
        if self._speech.order != self._speaking and now >= self._speaking_told_at + SPEAKING_EVERY:
            self._speaking, self._speaking_told_at = self._speech.order, now
            body = {"participant_ids": list(self._speaking)}
            self._out.put(TellAll("speaking", body, outside=self._out.outside))

    def _note_standings(self, now: float) -> None:
        """Whatever changes them is announced."""
        if self._out.version == self._stood_version:
            return
        self._stood_version = self._out.version
        stood = self._people.stood(now)
        if self._stood is None or (stood.quiet, stood.persons) != (self._stood.quiet, self._stood.persons):
            self._stood = stood
            self._out.put(stood)

    def _note_emptiness(self, now: float) -> None:
        if self._people.present or self._stage.transports or self._doing.lobby.waiting:
            self._empty_since = None
        elif self._empty_since is None:
            self._empty_since = now
