"""How a room is led: hands, spotlight, timer, what is shown, who is picked, and the words that all see at once.

What stays is in Leading.view, told whole whenever it changes; a reaction, a caption or a pick is told and forgotten.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from lms_core.kernel.errors import Malformed, NotFound
from lms_core.kernel.text import clean

from . import room_deeds as deeds
from .room_people import Outbox, People
from .room_state import MayNotPublish, Participant, TooFast

LONGEST_TIMER: Final = 24 * 3600
LONGEST_TITLE: Final = 200
LONGEST_CAPTION: Final = 500
OF_ONE: Final = (2.0, 6.0)
"""Reactions or captions a second that one participant may send for long, and how many at once."""
OF_ALL: Final = (20.0, 60.0)
"""Those that a room shows: what five hundred people send at once, nobody can see."""


@dataclass(slots=True)
class Timer:
    """`due` in seconds of the room, `ends_at` the same in epoch seconds."""

    due: float
    ends_at: float
    seconds: int
    title: str


class Leading:
    def __init__(self, out: Outbox, people: People, wall: float) -> None:
        self.lobby = False
        self.spotlight: str | None = None
        self.timer: Timer | None = None
        self.showing: dict[str, Any] | None = None
        self.breakouts: dict[str, Any] | None = None
        self.recording: dict[str, Any] | None = None
        self._picked: set[str] = set()
        self._signs: dict[str, Bucket] = {}
        self._all_signs = Bucket(OF_ALL, 0.0)
        self._out, self._people, self._wall = out, people, wall

    def view(self) -> dict[str, Any]:
        """LeadingView."""
        timer = self.timer
        return {
            "lobby": self.lobby,
            "rights": asdict(self._people.rights),
            "spotlight": self.spotlight,
            "timer": timer and {"ends_at": timer.ends_at, "seconds": timer.seconds, "title": timer.title},
            "showing": self.showing,
            "breakouts": self.breakouts,
            "recording": self.recording,
        }

    def restore(self, kept: Mapping[str, Any], now: float) -> None:
        """What `view` answered; who is in spotlight is so when they come back."""
        self.lobby, self.spotlight, self.showing = kept["lobby"], kept["spotlight"], kept["showing"]
        self.breakouts, self.recording = kept["breakouts"], kept["recording"]
        if timer := kept["timer"]:
            self.timer = Timer(max(now, timer["ends_at"] - self._wall), **timer)

    def changed(self) -> None:
        self._out.announce("leading_changed", {"leading": self.view()})

    def moment(self, now: float) -> float:
        """Epoch seconds."""
        return round(now + self._wall, 3)

    def due(self, moment: float) -> float:
        """Seconds of the room."""
        return moment - self._wall

    # ---- hands

    def raise_hand(self, by: Participant, raised: bool, now: float) -> None:
        standing = by.standing
        if raised != (standing.hand_at is not None):
            standing.hand_at = self.moment(now) if raised else None
            self._people.changed(by.grant.person)

    def lower_hand(self, participant_id: str | None) -> None:
        if participant_id is not None:
            one = self._people.one(participant_id)
            if one.standing.hand_at is not None:
                one.standing.hand_at = None
                self._people.changed(one.grant.person)
            return
        raised = [one.id for one in self._people.present.values() if one.standing.hand_at is not None]
        for standing in self._people.standings.values():
            standing.hand_at = None
        self._people.announce_of(raised, "hands_lowered", {})

    # ---- what all look at

    def set_spotlight(self, participant_id: str | None) -> None:
        if participant_id is not None:
            self._people.one(participant_id)
        if self.spotlight != participant_id:
            self.spotlight = participant_id
            self.changed()

    def start_timer(self, seconds: int, title: str, now: float) -> None:
        title = short(title, LONGEST_TITLE, "title")
        if not 0 < seconds <= LONGEST_TIMER:
            raise Malformed(fields=[{"at": "seconds", "why": "out_of_range"}])
        self.timer = Timer(now + seconds, self.moment(now + seconds), seconds, title)
        self.changed()

    def stop_timer(self) -> None:
        if self.timer:
            self.timer = None
            self.changed()

    def show(self, showing: deeds.Show | None) -> None:
        if showing and not (0 < len(showing.id) <= 100 and 0 <= showing.page < 10_000):
            raise Malformed(fields=[{"at": "id", "why": "out_of_range"}])
        plain = asdict(showing) if showing else None
        if self.showing != plain:
            self.showing = plain
            self.changed()

    def pick(self, by: Participant, chance: float) -> dict[str, Any]:
        """Refusal: NotFound, where there is no learner."""
        learners = {
            one.id: one.grant.person
            for one in self._people.present.values()
            if one.grant.role == "join" and not one.leads and one.connected and one.place == by.place
        }
        if not learners:
            raise NotFound()
        left = sorted(one for one, person in learners.items() if person not in self._picked)
        if not left:
            self._picked -= set(learners.values())
            left = sorted(learners)
        picked = left[min(int(chance * len(left)), len(left) - 1)]
        self._picked.add(learners[picked])
        self._people.tell_place(by.place, "picked", {"participant_id": picked})
        return {"participant_id": picked}

    # ---- signs

    def react(self, by: Participant, kind: str, now: float) -> None:
        """Refusal: TooFast. When all do it at once, not every one is shown."""
        self._count(by, now)
        if self._all_signs.take(now):
            self._people.tell_place(by.place, "reaction", {"participant_id": by.id, "kind": kind})

    def caption(self, by: Participant, said: deeds.SayCaption, now: float) -> None:
        """Whoever may speak or write. Refusals: MayNotPublish, TooFast."""
        if not (by.rights.speak or by.rights.write):
            raise MayNotPublish()
        text = clean(said.text)[:LONGEST_CAPTION]
        self._count(by, now)
        if self._all_signs.take(now):
            body = {"participant_id": by.id, "text": text, "final": said.final, "at": self.moment(now)}
            self._people.tell_place(by.place, "caption", body)

    def _count(self, by: Participant, now: float) -> None:
        if not self._signs.setdefault(by.id, Bucket(OF_ONE, now)).take(now):
            raise TooFast()

    # ---- time, and who goes

    def deadlines(self) -> list[float]:
        return [self.timer.due] if self.timer else []

    def let_pass(self, now: float) -> None:
        if self.timer and now >= self.timer.due:
            self.stop_timer()

    def gone(self, participant_id: str) -> None:
        self._signs.pop(participant_id, None)
        if self.spotlight == participant_id:
            self.set_spotlight(None)


class Bucket:
    """So many a second, and so many at once after a rest."""

    __slots__ = ("_at", "_left", "_most", "_rate")

    def __init__(self, rule: tuple[float, float], now: float) -> None:
        self._rate, self._most = rule
        self._left, self._at = self._most, now

    def take(self, now: float) -> bool:
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def short(text: str, limit: int, at: str, *, lines: bool = False) -> str:
    """What somebody typed, cleaned. Raises Malformed for more than `limit` characters."""
    text = clean(text, lines=lines)
    if len(text) > limit:
        raise Malformed(fields=[{"at": at, "why": "too_long"}])
    return text
