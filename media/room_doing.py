"""Each deed to the part of the room that it concerns, once it is clear that whoever asks may do it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from . import room_deeds as deeds
from .room_io import Do, DoAs
from .room_leading import Leading
from .room_lobby import Lobby
from .room_people import Outbox, People
from .room_places import Places
from .room_rights import RightsOf
from .room_stage import Stage
from .room_state import Limits, MayNotLead, NotEntered, Participant, Rights, Standing

SendOut = Callable[[str, float, bool], None]
"""Takes (person, now, to the lobby) out of the room."""


class Doing:
    def __init__(
        self, out: Outbox, people: People, stage: Stage, limits: Limits, now: float, wall: float, send_out: SendOut
    ) -> None:
        self.leading = Leading(out, people, wall)
        self.lobby = Lobby(out, people, self.leading, limits, now)
        self.places = Places(out, people, stage, self.leading)
        self._rights = RightsOf(people, stage, self.leading)
        self._out, self._people, self._stage, self._send_out = out, people, stage, send_out

    def take(self, given: Do | DoAs, now: float) -> None:
        if isinstance(given, Do):
            by = self._people.at(given.connection)
            leads = by.leads
        else:
            by = next(iter(self._people.of_person(given.person)), None)
            leads = given.leads or self._people.is_second(given.person)
        if isinstance(given.deed, deeds.Leaders) and not leads:
            raise MayNotLead()
        answer = self._of_room(given, now) if isinstance(given.deed, _OF_ROOM) else self._of(by, given, now)
        self._out.reply(given.request, answer or {})

    def _of_room(self, given: Do | DoAs, now: float) -> dict[str, Any] | None:
        """What can be done from outside."""
        match given.deed:
            case deeds.OpenBreakouts() as deed:
                return self.places.open(deed, now, given.chance)
            case deeds.CloseBreakouts():
                self.places.close(now)
        return None

    def _of(self, by: Participant | None, given: Do | DoAs, now: float) -> dict[str, Any] | None:
        if by is None:
            raise NotEntered()
        match given.deed:
            case deeds.RaiseHand(raised):
                self.leading.raise_hand(by, raised, now)
            case deeds.LowerHand(participant):
                self.leading.lower_hand(participant)
            case deeds.React(kind):
                self.leading.react(by, kind, now)
            case deeds.SayCaption() as deed:
                self.leading.caption(by, deed, now)
            case deeds.SetSpotlight(participant):
                self.leading.set_spotlight(participant)
            case deeds.StartTimer(seconds, title):
                self.leading.start_timer(seconds, title, now)
            case deeds.StopTimer():
                self.leading.stop_timer()
            case deeds.Show() as deed:
                self.leading.show(deed)
            case deeds.ShowNothing():
                self.leading.show(None)
            case deeds.PickAtRandom():
                return self.leading.pick(by, given.chance)
            case deed:
                self._of_people(by, deed, now)
        return None

    def _of_people(self, by: Participant, deed: deeds.Deed, now: float) -> None:
        match deed:
            case deeds.SetRights():
                self._rights.set(deed)
            case deeds.AskToUnmute(participant, source):
                self._rights.ask_to_unmute(by, participant, source)
            case deeds.MuteAll(source):
                self._rights.mute_all(by, source)
            case deeds.StopPublication(publication):
                self._rights.stop(publication)
            case deeds.SetSecond(participant, on):
                if self._rights.set_second(by, participant, on):
                    self.lobby.tell_leader(self._people.one(participant))
            case deeds.RemoveParticipant(participant, to_lobby):
                self._remove(by, self._people.one(participant), to_lobby, now)
            case deeds.SetLobby(on):
                self.lobby.turn(on)
            case deeds.Admit(participant):
                self.lobby.admit(participant)
            case deeds.TellWaiting(text):
                self.lobby.tell(text)
            case deeds.GoTo(place):
                self.places.go(by, place, now)
            case deeds.PutInto(participant, place):
                self.places.put(self._people.one(participant), place, now)
            case deeds.CallForHelp(on):
                self.places.call_for_help(by, on)
            case deeds.CallBreakouts(text):
                self.places.call(by.id, text)
            case deeds.Watch(publications):
                self._stage.receiving.watch(by, publications)
            case _:
                raise AssertionError(deed)

    def _remove(self, by: Participant, one: Participant, to_lobby: bool, now: float) -> None:
        """A teacher is removed by nobody, a second one by the teacher. Refusal: MayNotLead."""
        if one.grant.moderate or (one.leads and not by.grant.moderate):
            raise MayNotLead()
        one.standing.second = False
        self.lobby.hold(one.grant.person)
        self._send_out(one.grant.person, now, to_lobby)

    # ---- time, and who goes

    def deadlines(self) -> list[float]:
        return [*self.leading.deadlines(), *self.places.deadlines(), *self.lobby.deadlines()]

    def let_pass(self, now: float) -> None:
        self.leading.let_pass(now)
        self.places.let_pass(now)

    # ---- beyond the process

    def kept(self) -> dict[str, Any]:
        """What is kept of it, as JSON: {leading, lobby, places, standings}, the last by person, none of them plain."""
        plain = Standing(rights=self._people.rights)
        standings = {
            person: {**asdict(standing), "silenced": sorted(standing.silenced)}
            for person, standing in self._people.standings.items()
            if standing != plain
        }
        parts = {"leading": self.leading.view(), "lobby": self.lobby.kept(), "places": self.places.kept()}
        return {**parts, "standings": standings}

    def restore(self, kept: Mapping[str, Any], now: float) -> None:
        """What `kept` answered, before anybody is put back. Of a room that led nothing yet: nothing."""
        if "leading" not in kept:
            return
        self._people.rights = Rights(**kept["leading"]["rights"])
        self.leading.restore(kept["leading"], now)
        self.lobby.restore(kept["lobby"])
        self.places.restore(kept["places"], now)
        for person, standing in kept["standings"].items():
            rights, silenced = Rights(**standing["rights"]), set(standing["silenced"])
            self._people.standings[person] = Standing(**{**standing, "rights": rights, "silenced": silenced})


_OF_ROOM = deeds.OpenBreakouts | deeds.CloseBreakouts
