"""The shapes of what a room tells browsers: signals, and the snapshot that `enter` answers."""

from dataclasses import dataclass
from typing import Literal

Source = Literal["microphone", "camera", "screen", "screen_sound"]


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """`role` is the part in the lesson; `connected` is false while a lost one may still come back."""

    id: str
    person_id: str
    name: str
    role: Literal["lead", "join", "see"]
    connected: bool


@dataclass(frozen=True, slots=True)
class PublicationView:
    id: str
    participant_id: str
    source: Source
    kind: Literal["audio", "video"]
    muted: bool


@dataclass(frozen=True, slots=True)
class May:
    publish: list[Source]
    moderate: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """The room as it is now. Signals that carry `version` go on from this one, each by one."""

    room_id: str
    participant_id: str
    version: int
    may: May
    participants: list[ParticipantView]
    publications: list[PublicationView]


@dataclass(frozen=True, slots=True)
class ParticipantSignal:
    version: int
    participant: ParticipantView


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    version: int
    participant_id: str


@dataclass(frozen=True, slots=True)
class PublicationSignal:
    version: int
    publication: PublicationView


@dataclass(frozen=True, slots=True)
class PublicationRemoved:
    version: int
    publication_id: str


@dataclass(frozen=True, slots=True)
class Speaking:
    """Who speaks now, the loudest first."""

    participant_ids: list[str]


@dataclass(frozen=True, slots=True)
class StreamView:
    mid: str
    publication_id: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The plane's offer on a down transport; give it back with the command `answer`."""

    transport_id: str
    revision: int
    sdp: str
    streams: list[StreamView]


@dataclass(frozen=True, slots=True)
class TransportLost:
    """A transport is gone: open it anew with `publish` or `receive`."""

    transport_id: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A signal that says all by its name."""


# `moved`: the room is in another process now; enter again with the same grant, and open both paths anew.
SIGNALS: dict[str, type] = {
    "participant_entered": ParticipantSignal,
    "participant_changed": ParticipantSignal,
    "participant_left": ParticipantLeft,
    "publication_added": PublicationSignal,
    "publication_changed": PublicationSignal,
    "publication_removed": PublicationRemoved,
    "speaking": Speaking,
    "offer": Offer,
    "transport_lost": TransportLost,
    "moved": Bare,
    "replaced": Bare,
    "removed": Bare,
    "room_closed": Bare,
}
