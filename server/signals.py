"""The shapes of what a room tells browsers: signals, and the snapshot that `enter` answers."""

from dataclasses import dataclass
from typing import Literal

from lms_core.messages.service import MessageView
from media.room_deeds import Reaction, Shown

Source = Literal["microphone", "camera", "screen", "screen_sound"]


@dataclass(frozen=True, slots=True)
class RightsView:
    """Microphone, camera, screen; chat and board."""

    speak: bool
    show: bool
    share: bool
    write: bool


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """`role` is the part in the lesson; `connected` is false while a lost one may still come back.

    `hand_at` (epoch seconds) orders raised hands. `place` is "main" or a breakout's id; `help`: calls for help there.
    `second`: leads beside the teacher. `recorded`: what they send is kept while a recording runs.
    """

    id: str
    person_id: str
    name: str
    role: Literal["lead", "join", "see"]
    connected: bool
    hand_at: float | None
    rights: RightsView
    place: str
    help: bool
    recorded: bool
    second: bool


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
class TimerView:
    """`ends_at` in epoch seconds."""

    ends_at: float
    seconds: int
    title: str


@dataclass(frozen=True, slots=True)
class ShowingView:
    kind: Shown
    id: str
    page: int


@dataclass(frozen=True, slots=True)
class BreakoutView:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class BreakoutsView:
    """`closes_at` in epoch seconds, None while they stay until they are closed."""

    items: list[BreakoutView]
    closes_at: float | None


@dataclass(frozen=True, slots=True)
class RecordingNow:
    """`since` in epoch seconds."""

    id: str
    since: float


@dataclass(frozen=True, slots=True)
class LeadingView:
    """How the room is led. `rights`: of learners who come now; `spotlight`: a participant's id."""

    lobby: bool
    rights: RightsView
    spotlight: str | None
    timer: TimerView | None
    showing: ShowingView | None
    breakouts: BreakoutsView | None
    recording: RecordingNow | None


@dataclass(frozen=True, slots=True)
class WaitingView:
    """Somebody in the lobby, since when in epoch seconds."""

    participant_id: str
    name: str
    since: float


@dataclass(frozen=True, slots=True)
class Entered:
    """The room as it is now. Signals that carry `version` go on from this one, each by one.

    `waiting`: you are in the lobby and know nothing of the room yet; enter again when you are told `admitted`.
    `in_lobby`: who waits there, the first first; empty for who does not lead. `now` is the server's clock, in epoch
    seconds: moments are to be read by it, not by the browser's.
    """

    room_id: str
    participant_id: str
    version: int
    may: May
    participants: list[ParticipantView]
    publications: list[PublicationView]
    leading: LeadingView
    waiting: bool
    in_lobby: list[WaitingView]
    now: float


@dataclass(frozen=True, slots=True)
class ParticipantSignal:
    version: int
    participant: ParticipantView


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    version: int
    participant_id: str


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """All of these have these rights now."""

    version: int
    participant_ids: list[str]
    rights: RightsView


@dataclass(frozen=True, slots=True)
class PlacesChanged:
    """These are here now, and none of them calls for help any more."""

    version: int
    participant_ids: list[str]
    place: str


@dataclass(frozen=True, slots=True)
class HandsLowered:
    version: int
    participant_ids: list[str]


@dataclass(frozen=True, slots=True)
class LeadingSignal:
    version: int
    leading: LeadingView


@dataclass(frozen=True, slots=True)
class PublicationsMuted:
    version: int
    publication_ids: list[str]


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
class Limited:
    """The pictures that one's line does not carry as large as they are shown: `small` or `off`. All of them."""

    pictures: dict[str, Literal["small", "off"]]


@dataclass(frozen=True, slots=True)
class Needed:
    """How many layers of one's own publication anybody needs, the smallest first: to send more is of no use."""

    publication_id: str
    layers: int


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """To who leads: who is in the lobby now, the first first."""

    waiting: list[WaitingView]


@dataclass(frozen=True, slots=True)
class ReactionShown:
    """Of somebody in one's own place, as captions are."""

    participant_id: str
    kind: Reaction


@dataclass(frozen=True, slots=True)
class AskedToUnmute:
    """Would you turn it on? `by`: a participant's id. Nothing is turned on by itself."""

    source: Source
    by: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A leader ended this publication of yours: stop sending it."""

    publication_id: str
    source: Source


@dataclass(frozen=True, slots=True)
class Picked:
    participant_id: str


@dataclass(frozen=True, slots=True)
class Caption:
    """What somebody says, in writing. Texts that are not `final` replace each other; `at` in epoch seconds."""

    participant_id: str
    text: str
    final: bool
    at: float


@dataclass(frozen=True, slots=True)
class Called:
    """A message to all breakouts, by a participant's id."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Held:
    """A word to who waits in the lobby."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """Somebody wrote in the breakout one is in, or a message there is another now."""

    message: MessageView


@dataclass(frozen=True, slots=True)
class BoardChanged:
    """Somebody (a participant's id) changed a board of one's place: `update` is a Yjs update, base64. Whoever misses
    a number asks `board_open` for what came after the last one they know."""

    board_id: str
    number: int
    update: str
    by: str


@dataclass(frozen=True, slots=True)
class Bare:
    """A signal that says all by its name."""


# `moved`: the room is in another process now; enter again with the same grant, and open both paths anew.
# `admitted`: out of the lobby; enter again. `sent_back`: into it; both paths and what one published are gone.
SIGNALS: dict[str, type] = {
    "participant_entered": ParticipantSignal,
    "participant_changed": ParticipantSignal,
    "participant_left": ParticipantLeft,
    "rights_changed": RightsChanged,
    "places_changed": PlacesChanged,
    "hands_lowered": HandsLowered,
    "leading_changed": LeadingSignal,
    "publication_added": PublicationSignal,
    "publication_changed": PublicationSignal,
    "publications_muted": PublicationsMuted,
    "publication_removed": PublicationRemoved,
    "speaking": Speaking,
    "offer": Offer,
    "transport_lost": TransportLost,
    "limited": Limited,
    "needed": Needed,
    "waiting_changed": WaitingChanged,
    "reaction": ReactionShown,
    "asked_to_unmute": AskedToUnmute,
    "stopped": Stopped,
    "picked": Picked,
    "caption": Caption,
    "called": Called,
    "held": Held,
    "admitted": Bare,
    "sent_back": Bare,
    "board_update": BoardChanged,
    "written": Written,
    "moved": Bare,
    "replaced": Bare,
    "removed": Bare,
    "room_closed": Bare,
}
