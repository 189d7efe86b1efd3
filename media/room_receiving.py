"""Who receives what in a room: everybody what is published in their place, as large as they show it."""

from collections.abc import Mapping, Sequence
from typing import Final

from lms_core.kernel.errors import NotFound

from . import policy
from .grant import SOURCES
from .plane import seam
from .room_io import PostViewer
from .room_people import Outbox, People
from .room_sounds import Sounds
from .room_state import Participant, PlaneUnavailable, Publication, Transport

TALLEST: Final = 4320
"""Pixels: no picture is shown higher."""


class Receiving:
    def __init__(
        self,
        out: Outbox,
        people: People,
        room_id: str,
        publications: Mapping[str, Publication],
        transports: Mapping[str, Transport],
        most_sounds: int,
    ) -> None:
        self._out, self._people = out, people
        self._publications, self._transports = publications, transports
        self.sounds = Sounds(out, room_id, publications, self.place_of, most_sounds)
        self._spoke: dict[str, str] = {}
        self._preferred: set[str] = set()
        self._seen: tuple[Sequence[str], str | None, int] | None = None

    def subscribe(self) -> None:
        """Order what is missing so that each receiver gets what policy says, and no more."""
        self.sounds.follow()
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
                transport.wants.pop(publication_id, None)
                participant.sizes.pop(publication_id, None)
            new = [p for p in wanted if p not in transport.subscribed]
            transport.subscribed = wanted
            for publication_id in new:
                self._out.order(seam.Subscribe(transport.id, publication_id))
            for publication_id in new:
                if publication_id in participant.sizes:
                    self._want(transport, publication_id, participant.sizes[publication_id])

    def watch(self, by: Participant, sizes: Mapping[str, int]) -> None:
        """Send pictures as large as this browser shows them, and none that it does not show."""
        mine = [one for one in self._transports.values() if one.kind == "down" and one.grant.participant == by.id]
        for publication_id, size in sizes.items():
            publication = self._publications.get(publication_id)
            if publication is None or SOURCES[publication.source] != "video":
                continue
            by.sizes[publication_id] = min(max(size, 0), TALLEST)
            for transport in mine:
                if publication_id in transport.subscribed:
                    self._want(transport, publication_id, by.sizes[publication_id])

    def _want(self, transport: Transport, publication_id: str, size: int) -> None:
        if transport.wants.get(publication_id) != size:
            transport.wants[publication_id] = size
            self._out.order(seam.Want(transport.id, publication_id, size))

    def prefer(self, speaking: Sequence[str], spotlight: str | None) -> None:
        """Let go first on every line what all look at: screens, who is in the spotlight, who spoke last in a place."""
        seen = (speaking, spotlight, self._out.version)
        if seen == self._seen:
            return
        self._seen = seen
        present = self._people.present
        first = {present[who].place: who for who in reversed(speaking) if who in present}
        self._spoke = {place: who for place, who in (self._spoke | first).items() if who in present}
        faces = {spotlight, *self._spoke.values()}
        preferred = {
            one.id
            for one in self._publications.values()
            if one.source == "screen" or (one.source == "camera" and one.participant in faces)
        }
        for publication_id in sorted(preferred ^ self._preferred):
            if publication_id in self._publications:
                self._out.order(seam.Prefer(publication_id, publication_id in preferred))
        self._preferred = preferred

    # ---- what the plane says of lines and layers

    def reported(self, report: seam.Limited | seam.Needed) -> None:
        """The plane divides the lines; the browsers that this concerns are told."""
        if isinstance(report, seam.Limited):
            if transport := self._transports.get(report.transport):
                transport.limited = dict(report.pictures)
                self.tell_limits(transport)
        elif publication := self._publications.get(report.publication):
            publication.needed = report.layers
            self.tell_needed(publication)

    def tell_limits(self, transport: Transport) -> None:
        """What of their pictures a browser's line does not carry, once there was something."""
        if transport.kind == "down" and transport.limited is not None:
            receiver = self._people.present[transport.grant.participant]
            self._people.tell(receiver, "limited", {"pictures": transport.limited})

    def tell_needed(self, publication: Publication) -> None:
        """How many layers a browser is to send, once that was said."""
        if publication.needed is not None and self._transports[publication.transport].kind == "up":
            body = {"publication_id": publication.id, "layers": publication.needed}
            self._people.tell(self._people.present[publication.participant], "needed", body)

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
