"""Who is in a room: participants, their connections, and what is told to them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any, Final

from lms_core.kernel.errors import NotFound, Refusal

from .grant import Grant
from .plane import seam
from .room_io import Entered, Left, Output, Refuse, Reply, Stood, Tell, TellAll, TellSome, Why
from .room_state import MAIN, Limits, NotEntered, Participant, Rights, RoomFull, Standing

AT_ONCE: Final = 100
"""How many ids one announcement names."""
KEPT_STANDINGS: Final = 2000


class Outbox:
    """Gathers what one input leads to. `version` counts the announcements, all of which everybody gets."""

    def __init__(self, plane_up: bool) -> None:
        self.version = 0
        self.plane_up = plane_up
        self.outside: frozenset[str] = frozenset()
        """Connections that are told nothing of the room yet."""
        self._items: list[Output] = []

    def announce(self, name: str, body: dict[str, Any], *, but: str | None = None) -> None:
        """Tell all of a change, save the connection `but`, whose snapshot will hold it."""
        self.version += 1
        self.put(TellAll(name, {"version": self.version, **body}, but, self.outside))

    def order(self, order: seam.Order) -> None:
        """A plane that is down keeps nothing, so it is told nothing."""
        if self.plane_up:
            self.put(order)

    def reply(self, request: str, value: dict[str, Any]) -> None:
        self.put(Reply(request, value))

    def refuse(self, request: str, refusal: Refusal) -> None:
        self.put(Refuse(request, refusal))

    def put(self, *items: Output) -> None:
        self._items += items

    def take(self) -> list[Output]:
        items, self._items = self._items, []
        return items


class People:
    """`standings` are by person, `rights` those of learners who come now."""

    def __init__(self, out: Outbox, limits: Limits) -> None:
        self.present: dict[str, Participant] = {}
        self.standings: dict[str, Standing] = {}
        self.rights = Rights()
        self._connections: dict[str, str] = {}
        self._out = out
        self._limits = limits

    # ---- questions

    def at(self, connection: str) -> Participant:
        """Refusal: NotEntered."""
        if participant := self.find(connection):
            return participant
        raise NotEntered()

    def find(self, connection: str) -> Participant | None:
        return self.present.get(self._connections.get(connection, ""))

    def one(self, participant_id: str) -> Participant:
        """Refusal: NotFound."""
        if participant := self.present.get(participant_id):
            return participant
        raise NotFound()

    def stand(self, person: str) -> Standing:
        """What a person was given here or lost, or what everybody has who comes now."""
        return self.standings.setdefault(person, Standing(rights=self.rights))

    def is_second(self, person: str) -> bool:
        standing = self.standings.get(person)
        return standing is not None and standing.second

    def place_of(self, person: str) -> str:
        standing = self.standings.get(person)
        return standing.place if standing else MAIN

    def of_person(self, person: str) -> Sequence[Participant]:
        return [participant for participant in self.present.values() if participant.grant.person == person]

    def newest(self, grant: Grant) -> Grant:
        """Of several grants of one participant the newest speaks."""
        known = self.present.get(grant.participant)
        return known.grant if known and known.grant.issued_at > grant.issued_at else grant

    def check_place_for(self, grant: Grant) -> None:
        """Refusal: RoomFull. The last places are kept for who leads."""
        if grant.participant in self.present:
            return
        limits = self._limits
        places = limits.participants if grant.role == "lead" else limits.participants - limits.kept
        if len(self.present) >= places:
            raise RoomFull(limit=limits.participants)
        if len(self.of_person(grant.person)) >= limits.of_person:
            raise RoomFull(limit=limits.of_person)

    # ---- steps

    def admit(self, grant: Grant, now: float, connection: str | None = None) -> Participant:
        """The participant of this grant, known or new; `connection` is about to be its own."""
        participant = self.present.get(grant.participant)
        if participant is None:
            participant = self.present[grant.participant] = Participant(grant, now, self.stand(grant.person))
            self._out.put(Entered(grant, now))
            self._out.announce("participant_entered", {"participant": participant.view()}, but=connection)
        elif self.newest(grant) != participant.grant:
            before, participant.grant = participant.view(), grant
            if participant.view() != before:
                self._changed(participant, but=connection)
        return participant

    def connect(self, participant: Participant, connection: str) -> None:
        """A second connection takes the place of the first."""
        if participant.connection not in (None, connection):
            self.tell(participant, "replaced", {})
            self.disconnect(participant)
        participant.connection = connection
        self._connections[connection] = participant.id

    def disconnect(self, participant: Participant) -> None:
        if participant.connection is not None:
            del self._connections[participant.connection]
            participant.connection = None

    def settle(self, participant: Participant, resources: bool, now: float) -> None:
        """Follow what the participant is connected by: a connection, open resources, both or neither."""
        connected = participant.connection is not None or resources
        if connected:
            participant.seen_until = None
        if participant.connection is not None:
            participant.gone_at = None
        elif not connected and participant.gone_at is None:
            participant.gone_at = now
        if connected != participant.connected:
            participant.connected = connected
            self._changed(participant, but=participant.connection)

    def take_out(self, participant: Participant, now: float, why: Why, at: float | None = None) -> None:
        """Out of the room; `at` is until when they were there, where that was not until now."""
        self.disconnect(participant)
        del self.present[participant.id]
        self._forget_standing(participant, why)
        self._out.announce("participant_left", {"participant_id": participant.id})
        self._out.put(Left(participant.grant, participant.since, now if at is None else at, why, participant.spoke))

    def take_all_out(self, now: float) -> None:
        """The room is closed: no change of it is told any more."""
        self._out.put(*(Left(p.grant, p.since, now, "closed", p.spoke) for p in self.present.values()))
        self.present.clear()
        self._connections.clear()

    def tell(self, participant: Participant, name: str, body: dict[str, Any]) -> None:
        if participant.connection is not None:
            self._out.put(Tell(participant.connection, name, body))

    def tell_place(self, place: str, name: str, body: dict[str, Any]) -> None:
        here = (one.connection for one in self.present.values() if one.place == place)
        self._out.put(TellSome(tuple(one for one in here if one is not None), name, body))

    # ---- announcements of many: each says so little that all who hear it can be many, too

    def changed(self, person: str) -> None:
        """Their standing is another now."""
        for participant in self.of_person(person):
            self._changed(participant, but=None)

    def announce_of(self, ids: Sequence[str], name: str, body: dict[str, Any]) -> None:
        for first in range(0, len(ids), AT_ONCE):
            self._out.announce(name, {"participant_ids": ids[first : first + AT_ONCE], **body})

    def announce_rights(self, changed: Iterable[Participant]) -> None:
        groups: dict[Rights, list[str]] = {}
        for participant in changed:
            groups.setdefault(participant.rights, []).append(participant.id)
        for rights, ids in groups.items():
            self.announce_of(ids, "rights_changed", {"rights": asdict(rights)})

    def _changed(self, participant: Participant, *, but: str | None) -> None:
        self._out.announce("participant_changed", {"participant": participant.view()}, but=but)

    def _forget_standing(self, gone: Participant, why: Why) -> None:
        """Who meant to go lowers the hand; all else is kept for who comes back, if it is anything."""
        if self.of_person(gone.grant.person):
            return
        if why != "lost":
            gone.standing.hand_at, gone.standing.help = None, False
        if gone.standing == Standing(rights=self.rights):
            del self.standings[gone.grant.person]
        elif len(self.standings) > KEPT_STANDINGS + len(self.present):
            self.forget_standings()

    def stood(self, now: float) -> Stood:
        """For the chat, which is no part of the room: who may write, and where everybody is."""
        said = {
            person: (one.rights.write, None if one.place == MAIN else one.place, one.second)
            for person, one in self.standings.items()
        }
        plain = (self.rights.write, None, False)
        return Stood(now, not self.rights.write, {person: one for person, one in said.items() if one != plain})

    def forget_standings(self) -> None:
        """Of who is not here: those that say nothing, and the oldest of too many."""
        here = {participant.grant.person for participant in self.present.values()}
        plain = Standing(rights=self.rights)
        away = [person for person in self.standings if person not in here]
        kept = [person for person in away if self.standings[person] != plain][-KEPT_STANDINGS:]
        for person in set(away) - set(kept):
            del self.standings[person]
