"""Who may speak, show, share and write, given and taken one by one and for all; and who leads beside the teacher.

Taking a right away ends what it allowed: sound and camera are muted, a share is over. Giving it back turns nothing on.
"""

from dataclasses import replace
from typing import Any

from lms_core.kernel.errors import NotFound

from . import room_deeds as deeds
from .room_leading import Leading
from .room_people import People
from .room_stage import Stage
from .room_state import MayNotLead, Participant


class RightsOf:
    def __init__(self, people: People, stage: Stage, leading: Leading) -> None:
        self._people, self._stage, self._leading = people, stage, leading

    def set(self, deed: deeds.SetRights) -> None:
        """Refusals: NotFound, MayNotLead (nobody takes rights from who leads)."""
        fields = ("speak", "show", "share", "write")
        changes: dict[str, bool] = {name: value for name in fields if (value := getattr(deed, name)) is not None}
        if deed.participant_id is not None:
            one = self._people.one(deed.participant_id)
            if one.leads:
                raise MayNotLead()
            before, one.standing.rights = one.rights, replace(one.standing.rights, **changes)
            if one.rights != before:
                self._people.changed(one.grant.person)
        else:
            self._set_all(changes)
        self._stage.enforce()

    def _set_all(self, changes: dict[str, bool]) -> None:
        people = self._people
        before = {one.id: one.rights for one in people.present.values()}
        people.rights, default = replace(people.rights, **changes), people.rights
        for standing in people.standings.values():
            standing.rights = replace(standing.rights, **changes)
        people.announce_rights([one for one in people.present.values() if one.rights != before[one.id]])
        if people.rights != default:
            self._leading.changed()

    def mute_all(self, by: Participant, source: str) -> None:
        def is_meant(participant_id: str) -> bool:
            one = self._people.present[participant_id]
            return not one.leads and one.place == by.place

        each = self._stage.publications.values()
        self._stage.silence([one for one in each if one.source == source and is_meant(one.participant)])

    def ask_to_unmute(self, by: Participant, participant_id: str | None, source: str) -> None:
        body: dict[str, Any] = {"source": source, "by": by.id}
        if participant_id is not None:
            self._people.tell(self._people.one(participant_id), "asked_to_unmute", body)
            return
        for one in self._people.present.values():
            if not one.leads and one.place == by.place and one.may(source):
                self._people.tell(one, "asked_to_unmute", body)

    def stop(self, publication_id: str) -> None:
        publication = self._stage.publications.get(publication_id)
        if publication is None:
            raise NotFound()
        self._stage.end(publication)

    def set_second(self, by: Participant, participant_id: str, on: bool) -> bool:
        """Only the teacher's own part gives it on. True when somebody leads who did not."""
        one = self._people.one(participant_id)
        if not by.grant.moderate:
            raise MayNotLead()
        if one.standing.second == on:
            return False
        one.standing.second = on
        self._people.changed(one.grant.person)
        self._stage.enforce()
        return on
