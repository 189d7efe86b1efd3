"""A room as a pure machine: inputs and the time go in, outputs come out (see room_io.py).

The room is the truth about who is here, what they publish and who receives it; the plane is its cache.
Whatever a browser must know of this is told in signals that carry the room's version. It grows by one
with each, so that a snapshot and the signals after it always make the next snapshot.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from lms_core.kernel.errors import Malformed, NotFound, Refusal

from . import policy
from .grant import SOURCES, Grant
from .plane import seam
from .room_io import (
    Answer,
    Asking,
    Close,
    Closed,
    DeleteResource,
    Disconnect,
    Enter,
    Entered,
    Input,
    Leave,
    Left,
    Output,
    PatchResource,
    PlaneLost,
    PlaneReturned,
    PostPublisher,
    PostViewer,
    Publish,
    Receive,
    Refuse,
    Remove,
    Reply,
    SetMuted,
    Tell,
    TellAll,
    Tick,
    Why,
    Wish,
)

GRACE: Final = 10.0
"""Seconds a participant may be without any connection or resource before they have left."""
EMPTY_FOR: Final = 60.0
"""Seconds an empty room stays, so that people who all reconnect find it."""
PLANE_ANSWERS: Final = 5.0
"""Seconds the plane has for an order; then whoever waits is refused."""
SPEAKING_EVERY: Final = 0.25
"""Seconds between two `speaking` signals at the least."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a room bears: participants, tracks of one transport, characters of an SDP."""

    participants: int = 500
    tracks: int = 8
    sdp: int = 64 * 1024


class RoomClosed(Refusal):
    code, status = "room_closed", 410


class RoomFull(Refusal):
    code, status = "room_full", 409


class NotEntered(Refusal):
    """A command of a connection that is in no room (any more)."""

    code, status = "not_entered", 409


class TooManyResources(Refusal):
    code, status = "too_many_resources", 429


class TooManyTracks(Refusal):
    code, status = "too_many_tracks", 422


class MayNotPublish(Refusal):
    code, status = "may_not_publish", 403


class MayNotHear(Refusal):
    code, status = "may_not_hear", 403


class MayNotMute(Refusal):
    """Another's track is muted by moderators only, and unmuted by nobody but its owner."""

    code, status = "may_not_mute", 403


class TrackNotDeclared(Refusal):
    """The offer sends something that the list of tracks does not name, or of another kind."""

    code, status = "track_not_declared", 422


class SdpTooLong(Refusal):
    code, status = "sdp_too_long", 413


class SdpRefused(Refusal):
    """The plane cannot follow this SDP; `reason` is its code."""

    code, status = "sdp_refused", 422


class TransportBusy(Refusal):
    """The answer to the offer before is still outstanding, or a newer offer took its place."""

    code, status = "transport_busy", 409


class AnswerOutdated(Refusal):
    """It does not answer the offer that is outstanding."""

    code, status = "answer_outdated", 409


class PlaneUnavailable(Refusal):
    code, status = "plane_unavailable", 503


TransportKind = Literal["up", "down", "whip", "whep"]
_RESOURCES: Final = ("whip", "whep")
_WHIP_SOURCES: Final = {"audio": ("microphone", "screen_sound"), "video": ("camera", "screen")}


@dataclass(slots=True)
class Participant:
    """`gone_at`: since when the participant has had no connection, None while it has one or a resource."""

    grant: Grant
    since: float
    connection: str | None = None
    gone_at: float | None = None
    connected: bool = True
    unheard: list[str] = field(default_factory=list)  # transports lost while nobody could be told

    def view(self) -> dict[str, Any]:
        """ParticipantView."""
        grant = self.grant
        return {
            "id": grant.participant,
            "person_id": grant.person,
            "name": grant.name,
            "role": grant.role,
            "connected": self.connected,
        }


@dataclass(slots=True)
class Publication:
    id: str
    participant: str
    transport: str
    source: str
    muted: bool = False

    def view(self) -> dict[str, Any]:
        """PublicationView."""
        return {
            "id": self.id,
            "participant_id": self.participant,
            "source": self.source,
            "kind": SOURCES[self.source],
            "muted": self.muted,
        }


@dataclass(frozen=True, slots=True)
class Pending:
    """An order that the plane has yet to answer, and who waits for it."""

    request: str
    order: seam.Order
    since: float
    tracks: tuple[Wish, ...] = ()


@dataclass(slots=True)
class Transport:
    """One path to the plane. `opened`: the plane has it, not only the order to make it."""

    id: str
    kind: TransportKind
    grant: Grant
    opened: bool = False
    pending: Pending | None = None
    offer: seam.Offered | None = None
    subscribed: dict[str, None] = field(default_factory=dict)
    ice: int = 1  # counts the ICE restarts; the ETag of RFC 9725 §4.3.1


class Room:
    """`handle` takes what happened at `now` (monotonic seconds); `deadline` is when to come with a Tick."""

    def __init__(self, room_id: str, now: float, *, plane_up: bool = True, limits: Limits | None = None) -> None:
        self.id = room_id
        self.version = 0
        self.closed = False
        self.participants: dict[str, Participant] = {}
        self.publications: dict[str, Publication] = {}
        self.transports: dict[str, Transport] = {}
        self._limits = limits or Limits()
        self._plane_up = plane_up
        self._connections: dict[str, str] = {}
        self._empty_since: float | None = now
        self._speech = policy.Speech()
        self._told_speaking: tuple[str, ...] = ()
        self._told_speaking_at = now - SPEAKING_EVERY
        self._out: list[Output] = []

    def handle(self, given: Input, now: float) -> list[Output]:
        """What follows from `given`. A request is answered by one Reply or Refuse, now or later."""
        self._out = []
        if self.closed:
            return [Refuse(given.request, RoomClosed())] if isinstance(given, Asking) else []
        self._let_pass(now)
        try:
            self._take(given, now)
        except Refusal as refusal:
            assert isinstance(given, Asking)
            self._out.append(Refuse(given.request, refusal))
        if not self.closed:
            self._tell_speaking(now)
            self._note_emptiness(now)
        return self._out

    def deadline(self) -> float | None:
        """When time alone changes something, None when it does not."""
        if self.closed:
            return None
        due = [p.gone_at + GRACE for p in self.participants.values() if p.gone_at is not None]
        due += [t.pending.since + PLANE_ANSWERS for t in self.transports.values() if t.pending]
        if self._empty_since is not None:
            due.append(self._empty_since + EMPTY_FOR)
        if (silent := self._speech.ends_at()) is not None:
            due.append(silent)
        if self._speech.order != self._told_speaking:
            due.append(self._told_speaking_at + SPEAKING_EVERY)
        return min(due, default=None)

    def snapshot(self) -> dict[str, Any]:
        """The part of `Entered` that is the same for everybody."""
        return {
            "room_id": self.id,
            "version": self.version,
            "participants": [participant.view() for participant in self.participants.values()],
            "publications": [publication.view() for publication in self.publications.values()],
        }

    def dump(self) -> dict[str, Any]:
        """Everything an operator may want to see."""
        transports = [
            {
                "id": t.id,
                "kind": t.kind,
                "participant": t.grant.participant,
                "opened": t.opened,
                "waits_for": type(t.pending.order).__name__ if t.pending else None,
                "subscribed": list(t.subscribed),
            }
            for t in self.transports.values()
        ]
        return {**self.snapshot(), "plane_up": self._plane_up, "transports": transports}

    # ---- inputs

    def _take(self, given: Input, now: float) -> None:
        match given:
            case Enter():
                self._enter(given, now)
            case Disconnect(connection):
                self._disconnect(connection, now)
            case Leave(connection):
                self._leave(connection, now)
            case Publish():
                self._publish(given, now)
            case Receive():
                self._receive(given)
            case Answer():
                self._answer(given)
            case SetMuted():
                self._set_muted(given)
            case PostPublisher() | PostViewer():
                self._post(given, now)
            case PatchResource():
                self._patch(given, now)
            case DeleteResource(request, grant, transport):
                self._drop(self._resource(grant, transport), now)
                self._out.append(Reply(request, {}))
            case Remove(person):
                for participant in [p for p in self.participants.values() if p.grant.person == person]:
                    self._tell(participant, "removed", {})
                    self._go(participant, now, now, "removed")
            case Close():
                self._close(now, "closed")
            case PlaneLost():
                self._plane_lost(now)
            case PlaneReturned():
                self._plane_returned()
            case seam.Answered():
                self._answered(given, now)
            case seam.Refused():
                self._refused(given, now)
            case seam.Offered():
                self._offered(given)
            case seam.Restarted():
                self._restarted(given)
            case seam.Lost(transport):
                if lost := self.transports.get(transport):
                    self._drop(lost, now, known=False)
            case seam.Levels(levels):
                self._listen(levels, now)
            case Tick() | seam.Ready() | seam.Connected() | seam.Started() | seam.Dumped():
                pass

    def _enter(self, given: Enter, now: float) -> None:
        grant, connection = given.grant, given.connection
        self._check_place_for(grant)
        if self._connections.get(connection, grant.participant) != grant.participant:
            self._leave(connection, now)
        participant = self._admit(grant, now, connection)
        if participant.connection not in (None, connection):
            self._tell(participant, "replaced", {})
            del self._connections[participant.connection]
        participant.connection = connection
        self._connections[connection] = grant.participant
        self._settle(participant, now)
        may = {"publish": sorted(participant.grant.publish), "moderate": participant.grant.moderate}
        entered = {**self.snapshot(), "participant_id": grant.participant, "may": may}
        self._out.append(Reply(given.request, entered))
        self._catch_up(participant)

    def _catch_up(self, participant: Participant) -> None:
        """What was told to a connection that is no more, and what no snapshot holds."""
        for transport in participant.unheard:
            self._tell(participant, "transport_lost", {"transport_id": transport})
        participant.unheard.clear()
        for transport in self._of(participant, "down"):
            self._tell_offer(transport)
        if self._told_speaking:
            self._tell(participant, "speaking", {"participant_ids": list(self._told_speaking)})

    def _disconnect(self, connection: str, now: float) -> None:
        if who := self._connections.pop(connection, None):
            participant = self.participants[who]
            participant.connection = None
            participant.gone_at = now
            self._settle(participant, now)

    def _leave(self, connection: str, now: float) -> None:
        if who := self._connections.pop(connection, None):
            participant = self.participants[who]
            participant.connection = None
            for transport in self._of(participant, "up", "down"):
                self._drop(transport, now)
            if self._of(participant, *_RESOURCES):
                self._settle(participant, now)
            else:
                self._go(participant, now, now, "left")

    def _publish(self, given: Publish, now: float) -> None:
        participant = self._who(given.connection)
        self._check_sdp(given.sdp)
        self._check_tracks(participant.grant, given.tracks)
        if given.fresh:
            for before in self._of(participant, "up"):
                self._drop(before, now, told=False)
            order = seam.OpenPublisher(given.transport, given.sdp)
            transport = Transport(given.transport, "up", participant.grant)
            self.transports[transport.id] = transport
        else:
            transport = self._mine(participant, given.transport, "up")
            order = seam.ChangePublisher(given.transport, given.sdp)
        transport.pending = Pending(given.request, order, now, given.tracks)
        self._order(order)

    def _receive(self, given: Receive) -> None:
        participant = self._who(given.connection)
        if not participant.grant.hear:
            raise MayNotHear()
        for before in self._of(participant, "down"):
            self._forget(before, known=True)
        self.transports[given.transport] = Transport(given.transport, "down", participant.grant, self._plane_up)
        self._order(seam.OpenReceiver(given.transport))
        self._out.append(Reply(given.request, {"transport_id": given.transport}))
        self._subscribe()

    def _answer(self, given: Answer) -> None:
        self._check_sdp(given.sdp)
        transport = self._mine(self._who(given.connection), given.transport, "down")
        if transport.offer is None or transport.offer.revision != given.revision:
            raise AnswerOutdated()
        transport.offer = None
        self._order(seam.TakeAnswer(given.transport, given.revision, given.sdp))
        self._out.append(Reply(given.request, {}))

    def _set_muted(self, given: SetMuted) -> None:
        participant = self._who(given.connection)
        publication = self.publications.get(given.publication)
        if publication is None:
            raise NotFound()
        own = publication.participant == participant.grant.participant
        if not own and not (given.muted and participant.grant.moderate):
            raise MayNotMute()
        if publication.muted != given.muted:
            publication.muted = given.muted
            self._order(seam.Mute(publication.id, given.muted))
            self._announce("publication_changed", publication=publication.view())
        self._out.append(Reply(given.request, {}))

    def _post(self, given: PostPublisher | PostViewer, now: float) -> None:
        grant = given.grant
        self._check_sdp(given.sdp)
        self._check_place_for(grant)
        open_now = [t for t in self.transports.values() if t.kind in _RESOURCES and _same(t.grant, grant)]
        if len(open_now) >= grant.resources:
            raise TooManyResources(limit=grant.resources)
        order: seam.Order
        if isinstance(given, PostPublisher):
            if not self._rights(grant).publish:
                raise MayNotPublish()
            kind, order = "whip", seam.OpenPublisher(given.transport, given.sdp)
        else:
            kind, order = "whep", seam.OpenViewer(given.transport, given.sdp, self._asked(given))
        pending = Pending(given.request, order, now)
        self.transports[given.transport] = Transport(given.transport, kind, grant, pending=pending)
        self._order(order)

    def _asked(self, given: PostViewer) -> tuple[str, ...]:
        if not self._rights(given.grant).hear:
            raise MayNotHear()
        if given.publication is None:
            return tuple(self.publications)
        if given.publication not in self.publications:
            raise NotFound()
        return (given.publication,)

    def _patch(self, given: PatchResource, now: float) -> None:
        transport = self._resource(given.grant, given.transport)
        if not (_UFRAG.fullmatch(given.ufrag) and _PWD.fullmatch(given.pwd)):
            raise Malformed(field="ice")
        if transport.pending:
            raise TransportBusy()
        order = seam.RestartIce(given.transport, given.ufrag, given.pwd)
        transport.pending = Pending(given.request, order, now)
        self._order(order)
