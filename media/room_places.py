"""Breakouts: places within one room. People hear and see only what is published in their own place, and nobody
reconnects to go to another. Leaders go anywhere, learners where they were put; time's up brings everybody back.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from lms_core.kernel.errors import Malformed, NotFound

from . import room_deeds as deeds
from .room_io import TellAll
from .room_leading import Leading, short
from .room_people import Outbox, People
from .room_stage import Stage
from .room_state import MAIN, MayNotGo, Participant

MOST: Final = 200
MOST_PERSONS: Final = 2000
LONGEST_NAME: Final = 100
LONGEST_ID: Final = 64
LONGEST_CALL: Final = 1000
LONGEST: Final = 24 * 60.0


class Places:
    def __init__(self, out: Outbox, people: People, stage: Stage, leading: Leading) -> None:
        self._closes: float | None = None
        self._count = 0
        """Of breakouts that ever were: none has the id of a former one."""
        self._out, self._people, self._stage, self._leading = out, people, stage, leading

    def kept(self) -> dict[str, Any]:
        return {"count": self._count}

    def restore(self, kept: Mapping[str, Any], now: float) -> None:
        self._count = kept["count"]
        if (open_now := self._leading.breakouts) and open_now["closes_at"] is not None:
            self._closes = max(now, self._leading.due(open_now["closes_at"]))

    # ---- all

    def open(self, deed: deeds.OpenBreakouts, now: float, chance: float) -> dict[str, Any]:
        """BreakoutsView. Refusal: Malformed."""
        names, persons = self._wished(deed)
        if deed.minutes is not None and not 0 < deed.minutes <= LONGEST:
            raise Malformed(fields=[{"at": "minutes", "why": "out_of_range"}])
        ids = [f"b{self._count + number}" for number in range(1, len(names) + 1)]
        self._count += len(names)
        self._closes = None if deed.minutes is None else now + deed.minutes * 60
        self._leading.breakouts = {
            "items": [{"id": place, "name": name} for place, name in zip(ids, names, strict=True)],
            "closes_at": None if self._closes is None else self._leading.moment(self._closes),
        }
        self._leading.changed()
        if deed.by == "chance":
            where = {person: ids[number % len(ids)] for number, person in enumerate(self._shuffled(chance))}
        else:
            where = {person: place for place, group in zip(ids, persons, strict=True) for person in group}
        self._put(where)
        self._stage.moved(now)
        return self._leading.breakouts

    def close(self, now: float) -> None:
        if self._leading.breakouts is None:
            return
        self._closes = self._leading.breakouts = None
        self._leading.changed()
        self._put({})
        self._stage.moved(now)

    def call(self, by: str, text: str) -> None:
        text = short(text, LONGEST_CALL, "text", lines=True)
        if not text:
            raise Malformed(fields=[{"at": "text", "why": "missing"}])
        self._out.put(TellAll("called", {"text": text, "by": by}, None, self._out.outside))

    # ---- one

    def go(self, by: Participant, place: str, now: float) -> None:
        """Refusals: NotFound, MayNotGo."""
        self._check(place)
        if not by.leads and place != by.standing.put:
            raise MayNotGo()
        self._move(by, place, now)

    def put(self, one: Participant, place: str, now: float) -> None:
        """Refusal: NotFound."""
        self._check(place)
        one.standing.put = place
        self._move(one, place, now)

    def call_for_help(self, by: Participant, on: bool) -> None:
        if by.standing.help != on:
            by.standing.help = on
            self._people.changed(by.grant.person)

    # ---- time

    def deadlines(self) -> list[float]:
        return [] if self._closes is None else [self._closes]

    def let_pass(self, now: float) -> None:
        if self._closes is not None and now >= self._closes:
            self.close(now)

    # ---- inside

    def _wished(self, deed: deeds.OpenBreakouts) -> tuple[list[str], list[tuple[str, ...]]]:
        """Names of the breakouts, and the persons of each."""
        count = len(deed.groups) if deed.count is None else deed.count
        if not 0 < count <= MOST or (deed.groups and count != len(deed.groups)):
            raise Malformed(fields=[{"at": "count", "why": "out_of_range"}])
        groups = deed.groups or (deeds.Group(""),) * count
        persons = [person for group in groups for person in group.person_ids]
        unfit = len(persons) > MOST_PERSONS or any(len(person) > LONGEST_ID for person in persons)
        if unfit or len(set(persons)) < len(persons):
            raise Malformed(fields=[{"at": "groups", "why": "out_of_range"}])
        names = [short(group.name, LONGEST_NAME, "name") or str(number) for number, group in enumerate(groups, 1)]
        return names, [group.person_ids for group in groups]

    def _shuffled(self, chance: float) -> list[str]:
        """The learners who are here."""
        learners = {
            one.grant.person for one in self._people.present.values() if one.grant.role == "join" and not one.leads
        }
        return sorted(learners, key=lambda person: hashlib.sha256(f"{chance} {person}".encode()).digest())

    def _check(self, place: str) -> None:
        open_now = self._leading.breakouts
        if place != MAIN and not any(one["id"] == place for one in (open_now["items"] if open_now else ())):
            raise NotFound()

    def _put(self, where: Mapping[str, str]) -> None:
        """Everybody to their places, those of `where` who are not here too; all others to the main one."""
        before = {one.id: (one.place, one.standing.help) for one in self._people.present.values()}
        for person in where:
            self._people.stand(person)
        for person, standing in self._people.standings.items():
            standing.place = standing.put = where.get(person, MAIN)
            standing.help = False
        self._people.forget_standings()
        moved: dict[str, list[str]] = {}
        for one in self._people.present.values():
            if before[one.id] != (one.place, False):
                moved.setdefault(one.place, []).append(one.id)
        for place, ids in moved.items():
            self._people.announce_of(ids, "places_changed", {"place": place})

    def _move(self, one: Participant, place: str, now: float) -> None:
        if one.place != place:
            one.standing.place, one.standing.help = place, False
            self._people.changed(one.grant.person)
            self._stage.moved(now)
