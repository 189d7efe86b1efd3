"""What goes into a room and what comes out of it, beside the plane's own Orders and Reports.

Ids (connections, requests, transports) are given from outside; a `request` names who waits for a Reply
or a Refuse. A connection is a socket of a browser, a resource a WHIP or WHEP one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lms_core.kernel.errors import Refusal

from .grant import Grant
from .plane import seam
from .room_deeds import Deed


@dataclass(frozen=True, slots=True)
class Wish:
    """What a browser means by an m-line of its offer; `source` is a key of grant.SOURCES."""

    mid: str
    source: str


# ---- in: what asks and is answered


@dataclass(frozen=True, slots=True)
class Enter:
    """Reply: the room's snapshot. A participant's second connection replaces the first."""

    request: str
    connection: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Publish:
    """A browser's offer to send. `fresh`: `transport` is a new id, else the one that is open.

    Reply: {transport_id, sdp}.
    """

    request: str
    connection: str
    transport: str
    fresh: bool
    sdp: str
    tracks: tuple[Wish, ...]


@dataclass(frozen=True, slots=True)
class Receive:
    """Open the down connection under the new id `transport`. Reply: {transport_id}."""

    request: str
    connection: str
    transport: str


@dataclass(frozen=True, slots=True)
class Answer:
    request: str
    connection: str
    transport: str
    revision: int
    sdp: str


@dataclass(frozen=True, slots=True)
class SetMuted:
    request: str
    connection: str
    publication: str
    muted: bool


@dataclass(frozen=True, slots=True)
class PostPublisher:
    """A WHIP offer (RFC 9725 §4.2). Reply: {transport_id, sdp, etag}."""

    request: str
    grant: Grant
    transport: str
    sdp: str


@dataclass(frozen=True, slots=True)
class PostViewer:
    """A WHEP offer, for one publication or for all that are there. Reply: {transport_id, sdp, etag}."""

    request: str
    grant: Grant
    transport: str
    sdp: str
    publication: str | None


@dataclass(frozen=True, slots=True)
class PatchResource:
    """An ICE restart of a resource (RFC 9725 §4.3.3). Reply: {etag, ufrag, pwd}, the plane's own."""

    request: str
    grant: Grant
    transport: str
    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class DeleteResource:
    request: str
    grant: Grant
    transport: str


@dataclass(frozen=True, slots=True)
class Do:
    """A participant does something; `chance` (0 to 1) decides what a deed leaves to chance. Reply: what it answers."""

    request: str
    connection: str
    deed: Deed
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class DoAs:
    """The same by a person who may have no connection here. `leads`: by their part in the lesson."""

    request: str
    person: str
    leads: bool
    deed: Deed
    chance: float = 0.0


Asking = (
    Enter | Publish | Receive | Answer | SetMuted | Do | DoAs
    | PostPublisher | PostViewer | PatchResource | DeleteResource
)  # fmt: skip


# ---- in: what happens


@dataclass(frozen=True, slots=True)
class Disconnect:
    """The socket is gone; the participant has a while to come back, counted from when it was last heard: `unheard`
    seconds ago."""

    connection: str
    unheard: float = 0.0


@dataclass(frozen=True, slots=True)
class Leave:
    """The participant means to go, now."""

    connection: str


@dataclass(frozen=True, slots=True)
class Remove:
    """A person is sent out, in each of their presences."""

    person: str


@dataclass(frozen=True, slots=True)
class Close:
    """The room ends for everybody."""


@dataclass(frozen=True, slots=True)
class PlaneLost:
    """The plane died and with it every transport."""


@dataclass(frozen=True, slots=True)
class PlaneReturned:
    """The plane takes orders again, and knows nothing."""


@dataclass(frozen=True, slots=True)
class SetRecording:
    """The room is recorded from now on ({id, since}), or not any more (None)."""

    on: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class SetConsents:
    """Whether these persons may be recorded."""

    said: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time passed."""


Input = (
    Asking
    | Disconnect
    | Leave
    | Remove
    | Close
    | PlaneLost
    | PlaneReturned
    | SetRecording
    | SetConsents
    | Tick
    | seam.Report
)


# ---- out, beside seam.Order


@dataclass(frozen=True, slots=True)
class Reply:
    request: str
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refuse:
    request: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Tell:
    """A signal to one connection."""

    connection: str
    name: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TellAll:
    """A signal to every connection in the room, save `but` and those that are not inside yet."""

    name: str
    body: dict[str, Any]
    but: str | None = None
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TellSome:
    """A signal to all who are at one place of the room."""

    connections: tuple[str, ...]
    name: str
    body: dict[str, Any]


Why = Literal["left", "lost", "removed", "closed"]


@dataclass(frozen=True, slots=True)
class Entered:
    """A fact: a participant came. Times of facts are seconds of the monotonic clock."""

    grant: Grant
    at: float


@dataclass(frozen=True, slots=True)
class Left:
    """A fact: a participant was there until `at`, and spoke for so many seconds."""

    grant: Grant
    since: float
    at: float
    why: Why
    spoke: float = 0.0


@dataclass(frozen=True, slots=True)
class Stood:
    """A fact: what persons have in the room now, of those for whom it is not what learners have who just come: (may
    write, breakout or None, leads beside the teacher). `quiet`: who just comes may not write."""

    at: float
    quiet: bool
    persons: Mapping[str, tuple[bool, str | None, bool]]


@dataclass(frozen=True, slots=True)
class Closed:
    """A fact, and the room's last output. `why`: empty, or it was told to."""

    at: float
    why: Literal["empty", "closed"]


Output = seam.Order | Reply | Refuse | Tell | TellAll | TellSome | Entered | Left | Stood | Closed
