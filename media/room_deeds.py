"""What people in a room do beside sending and receiving: raise a hand, lead, go to a breakout, say what they watch.

A deed is plain JSON in a dataclass: the body of a command, what crosses from one process to another, and what the
room's machine is given (room_doing.py), all in one. Who may do it is decided there, by the grant and what was given
in the room. Where `participant_id` may be None, None means all whom that concerns.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, get_args

from lms_core.kernel.plain import from_plain

from .grant import Source

Reaction = Literal["thumbs_up", "thumbs_down", "clap", "heart", "laugh", "wonder", "party", "slower", "faster"]
Shown = Literal["board", "slides", "notes"]
DividedBy = Literal["hand", "chance", "list"]


# ---- what everybody may do


@dataclass(frozen=True, slots=True)
class RaiseHand:
    raised: bool


@dataclass(frozen=True, slots=True)
class React:
    kind: Reaction


@dataclass(frozen=True, slots=True)
class SayCaption:
    """`final`: this text of mine changes no more."""

    text: str
    final: bool


@dataclass(frozen=True, slots=True)
class GoTo:
    """`place`: "main" or a breakout's id. Learners go only where they were put."""

    place: str


@dataclass(frozen=True, slots=True)
class CallForHelp:
    on: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """How many pixels of the screen high this browser shows each picture; what it does not show (0) is not sent to it.
    Those not named stay as they were, new ones count as small; sound is always sent."""

    publications: dict[str, int]


# ---- what leaders do


@dataclass(frozen=True, slots=True)
class LowerHand:
    participant_id: str | None


@dataclass(frozen=True, slots=True)
class SetRights:
    """What is None stays as it is. `participant_id` None: all learners, and who comes later."""

    participant_id: str | None
    speak: bool | None = None
    show: bool | None = None
    share: bool | None = None
    write: bool | None = None


@dataclass(frozen=True, slots=True)
class AskToUnmute:
    participant_id: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class MuteAll:
    """Mute this source of all learners in one's own place."""

    source: Source


@dataclass(frozen=True, slots=True)
class StopPublication:
    publication_id: str


@dataclass(frozen=True, slots=True)
class RemoveParticipant:
    """Send a person out, or back to the lobby. Who was sent out comes back only through the lobby."""

    participant_id: str
    to_lobby: bool


@dataclass(frozen=True, slots=True)
class SetLobby:
    """Turned off, it lets in everybody but who was sent back or out."""

    on: bool


@dataclass(frozen=True, slots=True)
class Admit:
    participant_id: str | None


@dataclass(frozen=True, slots=True)
class TellWaiting:
    """A word to who waits in the lobby, now and later; an empty one takes it back."""

    text: str


@dataclass(frozen=True, slots=True)
class SetSpotlight:
    participant_id: str | None


@dataclass(frozen=True, slots=True)
class StartTimer:
    seconds: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class StopTimer:
    pass


@dataclass(frozen=True, slots=True)
class PickAtRandom:
    """One of the learners in one's own place, nobody twice before all had their turn."""


@dataclass(frozen=True, slots=True)
class Show:
    kind: Shown
    id: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class ShowNothing:
    pass


@dataclass(frozen=True, slots=True)
class SetSecond:
    """Let somebody lead beside the teacher, in this room."""

    participant_id: str
    on: bool


@dataclass(frozen=True, slots=True)
class CallBreakouts:
    """A message to everybody, wherever they are."""

    text: str


@dataclass(frozen=True, slots=True)
class PutInto:
    """Put somebody into a breakout, or back into "main"."""

    participant_id: str
    place: str


@dataclass(frozen=True, slots=True)
class Group:
    """A breakout as it is wished: its name, and the persons to put there now or when they come."""

    name: str
    person_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenBreakouts:
    """By hand or by list: the `groups`, or `count` empty ones. By chance: `count` (or as many as `groups`) of about
    the same size. They close by themselves after `minutes`."""

    by: DividedBy
    count: int | None = None
    groups: tuple[Group, ...] = ()
    minutes: float | None = None


@dataclass(frozen=True, slots=True)
class CloseBreakouts:
    pass


Everybodys = RaiseHand | React | SayCaption | GoTo | CallForHelp | Watch
Leaders = (
    LowerHand | SetRights | AskToUnmute | MuteAll | StopPublication | RemoveParticipant | SetLobby | Admit | TellWaiting
    | SetSpotlight | StartTimer | StopTimer | PickAtRandom | Show | ShowNothing | SetSecond | CallBreakouts | PutInto
    | OpenBreakouts | CloseBreakouts
)  # fmt: skip
Deed = Everybodys | Leaders

_KINDS: Final = {kind.__name__: kind for kind in get_args(Deed)}


def to_json(deed: Deed) -> list[Any]:
    """[name, fields]."""
    return [type(deed).__name__, asdict(deed)]


def from_json(plain: list[Any] | tuple[str, Mapping[str, Any]]) -> Deed:
    """The deed that `to_json` was given. Raises KeyError, ValueError for what is none."""
    name, fields = plain
    return from_plain(_KINDS[name], fields)
