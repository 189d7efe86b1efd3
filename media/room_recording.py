"""What of a room is recorded: on or off, whose publications, by their consent. A pure part of the room.

The room is told from above whether it is recorded and who agreed; what follows are Orders to the plane. A track
is of one place: who goes to another begins a new one.
"""

from collections.abc import Mapping
from typing import Any

from .plane import seam
from .room_leading import Leading
from .room_people import Outbox, People
from .room_stage import Stage


class Recording:
    """`taped`: the publications that the plane records, each with its recording and place."""

    def __init__(self, out: Outbox, people: People, stage: Stage, leading: Leading) -> None:
        self._out, self._people, self._stage, self._leading = out, people, stage, leading
        self._said: dict[str, bool] = {}
        self.taped: dict[str, tuple[str, str]] = {}

    def set(self, on: dict[str, Any] | None) -> None:
        """{id, since} of the recording that is on now."""
        if self._leading.recording != on:
            self._leading.recording = on
            self._leading.changed()

    def agree(self, said: Mapping[str, bool]) -> None:
        """Whether these persons may be recorded, whatever their grants say."""
        self._said.update(said)

    def follow(self) -> None:
        """Order what is missing so that the plane records what it should, and no more."""
        agreed: dict[str, bool] = {}  # of who is here twice, both grants must say so
        for one in self._people.present.values():
            agreed[one.grant.person] = one.grant.record and agreed.get(one.grant.person, True)
        for person, by_grant in agreed.items():
            standing, recorded = self._people.stand(person), self._said.get(person, by_grant)
            if standing.recorded != recorded:
                standing.recorded = recorded
                self._people.changed(person)
        if self._leading.recording or self.taped:
            self._order(self._wanted())

    def _order(self, wanted: dict[str, tuple[str, str]]) -> None:
        for publication in [name for name, taped in self.taped.items() if wanted.get(name) != taped]:
            del self.taped[publication]
            if publication in self._stage.publications:
                self._out.order(seam.StopRecord(publication))
        if not self._out.plane_up:
            return
        for publication, (recording, place) in wanted.items():
            if publication not in self.taped:
                self.taped[publication] = (recording, place)
                self._out.order(seam.Record(publication, recording, self._about(publication, place)))

    def _wanted(self) -> dict[str, tuple[str, str]]:
        on = self._leading.recording
        if on is None:
            return {}
        owners = ((one.id, self._people.present.get(one.participant)) for one in self._stage.publications.values())
        return {name: (on["id"], owner.place) for name, owner in owners if owner and owner.standing.recorded}

    def _about(self, name: str, place: str) -> dict[str, Any]:
        publication = self._stage.publications[name]
        person = self._people.present[publication.participant].grant.person
        return {
            "participant": publication.participant,
            "person": person,
            "source": publication.source,
            "place": place,
        }
