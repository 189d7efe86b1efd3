"""Who receives what in a room: everybody what is published in their place, less the pictures they do not show."""

from collections.abc import Mapping

from lms_core.kernel.errors import NotFound

from . import policy
from .grant import SOURCES
from .plane import seam
from .room_io import PostViewer
from .room_people import Outbox, People
from .room_state import Participant, PlaneUnavailable, Publication, Transport


class Receiving:
    def __init__(
        self, out: Outbox, people: People, publications: Mapping[str, Publication], transports: Mapping[str, Transport]
    ) -> None:
        self._out, self._people = out, people
        self._publications, self._transports = publications, transports

    def subscribe(self) -> None:
        """Order what is missing so that each receiver gets what policy says, and no more."""
        offered: dict[str, list[tuple[str, str]]] = {}
        for publication in self._publications.values():
            offered.setdefault(self.place_of(publication), []).append((publication.id, publication.participant))
        for transport in self._transports.values():
            if transport.kind != "down":
                continue
            participant = self._people.present[transport.grant.participant]
            heard = policy.received(participant.id, participant.grant.hear, offered.get(participant.place, ()))
            wanted = dict.fromkeys(heard)
            for publication_id in [p for p in transport.subscribed if p not in wanted]:
                self._out.order(seam.Unsubscribe(transport.id, publication_id))
                transport.paused.discard(publication_id)
                participant.unwatched.discard(publication_id)
            for publication_id in [p for p in wanted if p not in transport.subscribed]:
                self._out.order(seam.Subscribe(transport.id, publication_id))
            transport.subscribed = wanted
            self._pause(transport, participant)

    def _pause(self, transport: Transport, participant: Participant) -> None:
        paused = {one for one in participant.unwatched if one in transport.subscribed}
        for publication_id in sorted(paused ^ transport.paused):
            self._out.order(seam.Pause(transport.id, publication_id, publication_id in paused))
        transport.paused = paused

    def watch(self, by: Participant, sizes: Mapping[str, str]) -> None:
        """Send no pictures that this browser does not show."""
        for publication_id, size in sizes.items():
            publication = self._publications.get(publication_id)
            if publication and SOURCES[publication.source] == "video" and size == "none":
                by.unwatched.add(publication_id)
            else:
                by.unwatched.discard(publication_id)
        for transport in self._transports.values():
            if transport.kind == "down" and transport.grant.participant == by.id:
                self._pause(transport, by)

    def wanted(self, given: PostViewer) -> tuple[str, ...]:
        """Publications of the viewer's own place."""
        if not self._out.plane_up:  # what was published will be published anew, under other names
            raise PlaneUnavailable()
        place = self._people.place_of(given.grant.person)
        here = {one.id: one for one in self._publications.values() if self.place_of(one) == place}
        if given.publication is None:
            return policy.offered([(one.id, self._leads(one), one.muted) for one in here.values()])
        if given.publication not in here:
            raise NotFound()
        return (given.publication,)

    def place_of(self, publication: Publication) -> str:
        return self._people.present[publication.participant].place

    def _leads(self, publication: Publication) -> bool:
        return self._transports[publication.transport].grant.role == "lead"
