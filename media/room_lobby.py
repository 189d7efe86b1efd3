"""The lobby: people with a grant who are not let in yet. They are not in the room and know nothing of it.

Whoever was let in may come back, reload and reconnect; whoever was sent back or out waits for a leader's word, be
the lobby on or off. Who waits is not kept beyond the process: they come again by themselves.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from lms_core.kernel.errors import NotFound

from .grant import Grant
from .room_io import Tell
from .room_leading import Leading, short
from .room_people import Outbox, People
from .room_state import Limits, NotAdmitted, Participant, Rights, RoomFull

TELL_EVERY: Final = 0.25
"""Seconds between two `waiting_changed` at the least: a whole school may come at once."""
LONGEST_WORD: Final = 500
SEEN_FROM_LOBBY: Final[dict[str, Any]] = {
    "may": {"publish": [], "moderate": False},
    "participants": [],
    "publications": [],
    "leading": {
        "lobby": True,
        "rights": asdict(Rights()),
        **dict.fromkeys(("spotlight", "timer", "showing", "breakouts", "recording")),
    },
    "waiting": True,
    "in_lobby": [],
}
"""What the snapshot tells of a room to who waits: nothing."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """`since` in epoch seconds."""

    grant: Grant
    since: float
    connection: str


class Lobby:
    def __init__(self, out: Outbox, people: People, leading: Leading, limits: Limits, now: float) -> None:
        self.waiting: dict[str, Waiter] = {}
        self._admitted: set[str] = set()
        """Persons; and those who wait whatever the lobby is:"""
        self._held: set[str] = set()
        self._word: str | None = None
        self._outside: dict[str, str] = {}
        """Connections that are not inside, those that may come in among them: whose participant each is."""
        self._changed, self._told_at = False, now - TELL_EVERY
        self._out, self._people, self._leading, self._limits = out, people, leading, limits

    def kept(self) -> dict[str, Any]:
        return {"admitted": sorted(self._admitted), "held": sorted(self._held), "word": self._word}

    def restore(self, kept: Mapping[str, Any]) -> None:
        self._admitted, self._held, self._word = set(kept["admitted"]), set(kept["held"]), kept["word"]

    def view(self) -> list[dict[str, Any]]:
        """WaitingViews."""
        return [
            {"participant_id": key, "name": one.grant.name, "since": one.since} for key, one in self.waiting.items()
        ]

    # ---- coming and going

    def keeps_out(self, grant: Grant) -> bool:
        """Whoever is inside stays inside."""
        if grant.moderate or grant.participant in self._people.present or self._people.is_second(grant.person):
            return False
        return grant.person in self._held or (self._leading.lobby and grant.person not in self._admitted)

    def check(self, grant: Grant) -> None:
        """Refusal: NotAdmitted."""
        if self.keeps_out(grant):
            raise NotAdmitted()

    def check_place_for(self, grant: Grant) -> None:
        """Refusal: RoomFull."""
        of_person = sum(one.grant.person == grant.person for one in self.waiting.values())
        full = len(self.waiting) >= self._limits.participants or of_person >= self._limits.of_person
        if full and grant.participant not in self.waiting:
            raise RoomFull(limit=self._limits.participants)

    def wait(self, grant: Grant, connection: str, now: float) -> None:
        known = self.waiting.get(grant.participant)
        self.enters(grant.participant, connection)
        since = known.since if known else self._leading.moment(now)
        self.waiting[grant.participant] = Waiter(grant, since, connection)
        self._outside[connection] = grant.participant
        self._note()

    def greet(self, connection: str) -> None:
        if self._word:
            self._out.put(Tell(connection, "held", {"text": self._word}))

    def enters(self, participant_id: str, connection: str) -> None:
        """This participant is about to be elsewhere than waiting, on this connection."""
        self.gone(connection)
        if (before := self.waiting.get(participant_id)) is not None:
            self._out.put(Tell(before.connection, "replaced", {}))
            self.gone(before.connection)

    def gone(self, connection: str) -> None:
        if (participant_id := self._outside.pop(connection, None)) is not None:
            self.waiting.pop(participant_id, None)
            self._note()

    def remove(self, person: str) -> None:
        for one in [one for one in self.waiting.values() if one.grant.person == person]:
            self._out.put(Tell(one.connection, "removed", {}))
            self.gone(one.connection)

    def hold(self, person: str) -> None:
        """From now on they need a leader's word to come in."""
        self._held.add(person)
        self._admitted.discard(person)

    def send_back(self, one: Participant, connection: str, now: float) -> None:
        self.wait(one.grant, connection, now)
        self._out.put(Tell(connection, "sent_back", {}))
        self.greet(connection)

    # ---- what leaders do

    def turn(self, on: bool) -> None:
        if self._leading.lobby == on:
            return
        self._leading.lobby = on
        self._leading.changed()
        if on:
            self._admitted |= {one.grant.person for one in self._people.present.values()}
        else:
            for one in list(self.waiting.values()):
                if one.grant.person not in self._held:
                    self._let_in(one)

    def admit(self, participant_id: str | None) -> None:
        """Refusal: NotFound."""
        if participant_id is None:
            for one in list(self.waiting.values()):
                self._let_in(one)
        elif (one := self.waiting.get(participant_id)) is not None:
            self._let_in(one)
        else:
            raise NotFound()

    def tell(self, text: str) -> None:
        self._word = short(text, LONGEST_WORD, "text", lines=True) or None
        body = {"text": self._word}
        self._out.put(*(Tell(one.connection, "held", body) for one in self.waiting.values()))

    def _let_in(self, one: Waiter) -> None:
        self._admitted.add(one.grant.person)
        self._held.discard(one.grant.person)
        del self.waiting[one.grant.participant]
        self._out.put(Tell(one.connection, "admitted", {}))
        self._note()

    # ---- telling the leaders

    def _note(self) -> None:
        self._changed = True
        self._out.outside = frozenset(self._outside)

    def deadlines(self) -> list[float]:
        return [self._told_at + TELL_EVERY] if self._changed else []

    def tell_leaders(self, now: float) -> None:
        if self._changed and now >= self._told_at + TELL_EVERY:
            self._changed, self._told_at = False, now
            body = {"waiting": self.view()}
            for one in self._people.present.values():
                if one.leads:
                    self._people.tell(one, "waiting_changed", body)

    def tell_leader(self, one: Participant) -> None:
        self._people.tell(one, "waiting_changed", {"waiting": self.view()})
