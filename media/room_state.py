"""What a room holds, and what it refuses: records without behaviour, and pure checks on what is asked."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from lms_core.kernel.errors import Malformed, Refusal

from .grant import SOURCES, Grant
from .plane import seam
from .room_io import Wish

TransportKind = Literal["up", "down", "whip", "whep"]
RESOURCES: Final = ("whip", "whep")
MAIN: Final = "main"
"""The place that is no breakout."""
RIGHT_OF: Final = {"microphone": "speak", "camera": "show", "screen": "share", "screen_sound": "share"}
"""The field of Rights that sending a source needs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a room bears: participants (`kept` places of them for who leads, at most `of_person` of one person),
    tracks of one transport, characters of an SDP; of more than so many microphones in one place (`sounds`) only the
    loudest are forwarded (0: all).
    """

    participants: int = 500
    kept: int = 5
    of_person: int = 32
    tracks: int = 8
    sdp: int = 64 * 1024
    sounds: int = 5


@dataclass(frozen=True, slots=True)
class Rights:
    """Microphone, camera, screen; chat and board. What the grant does not permit, these do not give."""

    speak: bool = True
    show: bool = True
    share: bool = True
    write: bool = True


@dataclass(slots=True)
class Standing:
    """What was given to a person in this room, or taken, until the room closes: whoever comes back finds it, on a
    new connection, after a new start of the server, or under a new grant.

    `hand_at` in epoch seconds; `place` where they are, `put` where a learner belongs; `silenced` are sources that
    another muted and that are not sent now.
    """

    rights: Rights = Rights()
    hand_at: float | None = None
    place: str = MAIN
    put: str = MAIN
    help: bool = False
    second: bool = False
    recorded: bool = False
    silenced: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Participant:
    """`gone_at`: since when there is no connection (a resource may be there), else None; `seen_until`: when they
    were last seen, where the room was restored since and they have not come back yet."""

    grant: Grant
    since: float
    standing: Standing = field(default_factory=Standing)
    connection: str | None = None
    gone_at: float | None = None
    seen_until: float | None = None
    connected: bool = True
    spoke: float = 0.0
    unheard: list[str] = field(default_factory=list)
    """Transports that were lost while there was nobody to tell."""
    sizes: dict[str, int] = field(default_factory=dict)
    """How many pixels high this browser shows pictures, by publication, as far as it said."""

    @property
    def id(self) -> str:
        return self.grant.participant

    @property
    def leads(self) -> bool:
        return self.grant.moderate or self.standing.second

    @property
    def place(self) -> str:
        return self.standing.place

    def may(self, source: str) -> bool:
        """Whether they may send this source now."""
        return source in self.grant.publish and (self.leads or getattr(self.standing.rights, RIGHT_OF[source]))

    @property
    def rights(self) -> Rights:
        """As they are in effect."""
        write = self.leads or self.standing.rights.write
        return Rights(self.may("microphone"), self.may("camera"), self.may("screen"), write)

    def view(self) -> dict[str, Any]:
        """ParticipantView."""
        standing = self.standing
        return {
            "id": self.id,
            "person_id": self.grant.person,
            "name": self.grant.name,
            "role": self.grant.role,
            "connected": self.connected,
            "hand_at": standing.hand_at,
            "rights": asdict(self.rights),
            "place": standing.place,
            "help": standing.help,
            "recorded": standing.recorded,
            "second": standing.second,
        }


@dataclass(slots=True)
class Publication:
    id: str
    participant: str
    transport: str
    source: str
    muted: bool = False
    silenced: bool = False
    """Muted by another than who publishes it."""
    group: str = ""
    """To the plane: of the sounds of one group the loudest are forwarded."""
    needed: int | None = None
    """How many of its layers anybody needs, as the plane says."""

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
    """An order that the plane has yet to answer, and who waits for it; `tracks` as the offer named them."""

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
    wants: dict[str, int] = field(default_factory=dict)
    """How high which picture is to be, as the plane was told."""
    limited: dict[str, str] | None = None
    """Which pictures its line does not carry as they should be: `small` or `off`."""
    hushed: set[str] = field(default_factory=set)
    """What its sender may send still though it is published no more; the plane keeps it from everybody."""
    ice: int = 1

    @property
    def etag(self) -> str:
        """Names its ICE session (RFC 9725 §4.3.1), without the quotes."""
        return str(self.ice)

    def view(self) -> dict[str, Any]:
        """For operators."""
        return {
            "id": self.id,
            "kind": self.kind,
            "participant": self.grant.participant,
            "opened": self.opened,
            "waits_for": type(self.pending.order).__name__ if self.pending else None,
            "offered": self.offer.revision if self.offer else None,
            "subscribed": list(self.subscribed),
            "wants": dict(self.wants),
            "limited": self.limited or {},
        }


class RoomClosed(Refusal):
    code, status = "room_closed", 410


class RoomFull(Refusal):
    code, status = "room_full", 409


class RemovedFromRoom(Refusal):
    """The person was sent out after this grant was issued."""

    code, status = "removed_from_room", 403


class NotEntered(Refusal):
    """A command of a connection that is in no room, or no more."""

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


class MayNotLead(Refusal):
    """Only who leads the lesson, or whom the teacher let lead beside them."""

    code, status = "may_not_lead", 403


class MayNotGo(Refusal):
    """Learners go only where they were put."""

    code, status = "may_not_go", 403


class NotAdmitted(Refusal):
    """They wait in the lobby."""

    code, status = "not_admitted", 403


class TooFast(Refusal):
    """Reactions or captions faster than anybody could see them."""

    code, status = "too_fast", 429


class TrackNotDeclared(Refusal):
    """The offer sends what the list of tracks does not name, or names as another kind."""

    code, status = "track_not_declared", 422


class SdpTooLong(Refusal):
    code, status = "sdp_too_long", 413


class SdpRefused(Refusal):
    """The plane cannot follow it; `reason` is the plane's code."""

    code, status = "sdp_refused", 422


class TransportBusy(Refusal):
    """The answer to the request before is still outstanding, or a newer request took its place."""

    code, status = "transport_busy", 409


class AnswerOutdated(Refusal):
    """It does not answer the offer that is outstanding."""

    code, status = "answer_outdated", 409


class PlaneUnavailable(Refusal):
    code, status = "plane_unavailable", 503


def check_sdp(sdp: str, limits: Limits) -> None:
    if len(sdp) > limits.sdp:
        raise SdpTooLong(limit=limits.sdp)


def check_tracks(tracks: Sequence[Wish], allowed: frozenset[str], limits: Limits) -> None:
    """What a browser says it will send: few, distinct, known, and each allowed."""
    if len(tracks) > limits.tracks:
        raise TooManyTracks(limit=limits.tracks)
    if min(len({track.mid for track in tracks}), len({track.source for track in tracks})) < len(tracks):
        raise Malformed(field="tracks")
    for track in tracks:
        if track.source not in SOURCES or not 0 < len(track.mid) <= 64:
            raise Malformed(field="tracks")
        if track.source not in allowed:
            raise MayNotPublish(source=track.source)


def check_ice(ufrag: str, pwd: str) -> None:
    """RFC 8839 §5.4."""
    if not (_UFRAG.fullmatch(ufrag) and _PWD.fullmatch(pwd)):
        raise Malformed(field="ice")


def declared_sources(wishes: Sequence[Wish], tracks: Sequence[seam.TrackInfo]) -> dict[str, str]:
    """mid → source of what is really sent, each of which the browser must have named."""
    named = {wish.mid: wish.source for wish in wishes}
    sending = {track.mid: track.kind for track in tracks if track.sending}
    for mid, kind in sending.items():
        if mid not in named or SOURCES[named[mid]] != kind:
            raise TrackNotDeclared(mid=mid)
    return {mid: named[mid] for mid in sending}


def guessed_sources(tracks: Sequence[seam.TrackInfo], allowed: frozenset[str]) -> dict[str, str]:
    """mid → source for WHIP, which names none: of each kind the first is the camera's, the next a screen's."""
    left = {kind: list(sources) for kind, sources in _GUESSES.items()}
    guessed: dict[str, str] = {}
    for track in tracks:
        if not track.sending:
            continue
        if not left[track.kind]:
            raise TooManyTracks(limit=len(_GUESSES[track.kind]), kind=track.kind)
        guessed[track.mid] = left[track.kind].pop(0)
        if guessed[track.mid] not in allowed:
            raise MayNotPublish(source=guessed[track.mid])
    return guessed


_GUESSES: Final = {"audio": ("microphone", "screen_sound"), "video": ("camera", "screen")}
_UFRAG: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PWD: Final = re.compile(r"[A-Za-z0-9+/]{22,256}")
