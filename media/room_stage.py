"""What moves in a room: transports, what they publish, who receives it; in step with the plane by Orders.

What an order asks for is not so before the plane has answered, and nothing is forwarded before the room
has agreed to the answer. A transport is the browser's way up or down, or a WHIP or WHEP resource.
"""

from collections.abc import Sequence
from typing import Any, Final

from lms_core.kernel.errors import NotFound, Refusal

from .grant import Grant
from .plane import seam
from .room_io import (
    Answer,
    DeleteResource,
    PatchResource,
    PostPublisher,
    PostViewer,
    Publish,
    Receive,
    SetMuted,
)
from .room_people import AT_ONCE, Outbox, People
from .room_receiving import Receiving
from .room_state import (
    RESOURCES,
    RIGHT_OF,
    AnswerOutdated,
    Limits,
    MayNotHear,
    MayNotMute,
    MayNotPublish,
    Participant,
    Pending,
    PlaneUnavailable,
    Publication,
    SdpRefused,
    TooManyResources,
    Transport,
    TransportBusy,
    TransportKind,
    check_ice,
    check_sdp,
    check_tracks,
    declared_sources,
    guessed_sources,
)

PLANE_ANSWERS: Final = 5.0
"""Seconds the plane has for an order; then whoever waits is refused."""

Reported = seam.Answered | seam.Refused | seam.Offered | seam.Restarted | seam.Lost


class Stage:
    def __init__(self, room_id: str, out: Outbox, people: People, limits: Limits) -> None:
        self.publications: dict[str, Publication] = {}
        self.transports: dict[str, Transport] = {}
        self._out = out
        self._people = people
        self._limits = limits
        self.receiving = Receiving(out, people, room_id, self.publications, self.transports, limits.sounds)

    # ---- what people ask

    def publish(self, given: Publish, now: float) -> None:
        participant = self._people.at(given.connection)
        grant = participant.grant
        check_sdp(given.sdp, self._limits)
        check_tracks(given.tracks, grant.publish, self._limits)
        if forbidden := [t.source for t in given.tracks if _ends(t.source) and not participant.may(t.source)]:
            raise MayNotPublish(source=forbidden[0])
        order: seam.Order
        if given.fresh:
            former = self.of(grant.participant, "up")
            if any(before.pending and not before.opened for before in former):
                raise TransportBusy()  # one opening at a time; the plane answers it, or time ends it
            for before in former:
                self.forget(before, TransportBusy())
            transport = self._add(given.transport, "up", grant)
            order = seam.OpenPublisher(given.transport, given.sdp)
        else:
            transport = self._own(grant, given.transport, "up")
            order = seam.ChangePublisher(given.transport, given.sdp)
        self._ask(transport, Pending(given.request, order, now, given.tracks))

    def receive(self, given: Receive) -> None:
        grant = self._people.at(given.connection).grant
        if not grant.hear:
            raise MayNotHear()
        for before in self.of(grant.participant, "down"):
            self.forget(before)
        transport = self._add(given.transport, "down", grant)
        transport.opened = self._out.plane_up
        self._out.order(seam.OpenReceiver(given.transport))
        self._out.reply(given.request, {"transport_id": given.transport})
        self.receiving.subscribe()

    def answer(self, given: Answer) -> None:
        check_sdp(given.sdp, self._limits)
        transport = self._own(self._people.at(given.connection).grant, given.transport, "down")
        if transport.offer is None or transport.offer.revision != given.revision:
            raise AnswerOutdated()
        transport.offer = None
        self._out.order(seam.TakeAnswer(given.transport, given.revision, given.sdp))
        self._out.reply(given.request, {})

    def set_muted(self, given: SetMuted) -> None:
        by = self._people.at(given.connection)
        publication = self.publications.get(given.publication)
        if publication is None:
            raise NotFound()
        if publication.participant != by.id and not (given.muted and by.leads):
            raise MayNotMute()
        if not given.muted and not by.may(publication.source):
            raise MayNotPublish(source=publication.source)
        if publication.muted != given.muted:
            publication.muted = given.muted
            publication.silenced = given.muted and publication.participant != by.id
            self._out.order(seam.Mute(publication.id, given.muted))
            self._out.announce("publication_changed", {"publication": publication.view()})
        self._out.reply(given.request, {})

    def post(self, given: PostPublisher | PostViewer, now: float) -> None:
        check_sdp(given.sdp, self._limits)
        self._people.check_place_for(given.grant)
        if len(self.of(given.grant.participant, *RESOURCES)) >= given.grant.resources:
            raise TooManyResources(limit=given.grant.resources)
        rights = self._people.newest(given.grant)
        order: seam.Order
        if isinstance(given, PostPublisher):
            if not rights.publish:
                raise MayNotPublish()
            kind, order = "whip", seam.OpenPublisher(given.transport, given.sdp)
        else:
            if not rights.hear:
                raise MayNotHear()
            kind, order = "whep", seam.OpenViewer(given.transport, given.sdp, self.receiving.wanted(given))
        transport = self._add(given.transport, kind, given.grant)
        if isinstance(order, seam.OpenViewer):
            transport.subscribed = dict.fromkeys(order.publications)
        self._ask(transport, Pending(given.request, order, now))

    def patch(self, given: PatchResource, now: float) -> None:
        transport = self.resource(given.grant, given.transport)
        check_ice(given.ufrag, given.pwd)
        order = seam.RestartIce(given.transport, given.ufrag, given.pwd)
        self._ask(transport, Pending(given.request, order, now))

    def delete(self, given: DeleteResource, now: float) -> None:
        transport = self.resource(given.grant, given.transport)
        self.drop(transport, now, refusal=NotFound())
        self._out.reply(given.request, {})

    def _ask(self, transport: Transport, pending: Pending) -> None:
        if transport.pending:
            raise TransportBusy()
        transport.pending = pending
        self._out.order(pending.order)

    # ---- what the plane reports

    def reported(self, report: Reported, now: float) -> None:
        transport = self.transports.get(report.transport)
        if transport is None:
            return
        pending = transport.pending
        match report:
            case seam.Answered() if pending and not isinstance(pending.order, seam.RestartIce):
                self._answered(transport, pending, report, now)
            case seam.Restarted() if pending and isinstance(pending.order, seam.RestartIce):
                transport.pending = None
                transport.ice += 1
                restarted = {"etag": transport.etag, "ufrag": report.ufrag, "pwd": report.pwd}
                self._out.reply(pending.request, restarted)
            case seam.Refused() if pending and transport.opened:
                transport.pending = None
                self._out.refuse(pending.request, _refusal_of(report))
            case seam.Refused() if pending or transport.kind == "down":
                self.drop(transport, now, refusal=_refusal_of(report))
            case seam.Offered() if transport.kind == "down":
                transport.offer = report
                self.tell_offer(transport)
            case seam.Lost():
                self.drop(transport, now, known=False)
            case _:
                pass  # too late: who asked was refused meanwhile

    def _answered(self, transport: Transport, pending: Pending, report: seam.Answered, now: float) -> None:
        try:
            sources = self._sources(transport, pending, report)
            self._people.check_place_for(transport.grant)
        except Refusal as refusal:
            self.drop(transport, now, refusal=refusal)
            return
        transport.pending, transport.opened = None, True
        participant = self._people.admit(transport.grant, now)
        self.settle(participant, now)
        self._publish_as(transport, sources)
        opened = {"transport_id": transport.id, "sdp": report.sdp}
        if transport.kind in RESOURCES:
            opened["etag"] = transport.etag
        self._out.reply(pending.request, opened)

    def _sources(self, transport: Transport, pending: Pending, report: seam.Answered) -> dict[str, str]:
        match transport.kind:
            case "up":
                return declared_sources(pending.tracks, report.tracks)
            case "whip":
                return guessed_sources(report.tracks, self._people.newest(transport.grant).publish)
            case _:
                return {}

    def _publish_as(self, transport: Transport, sources: dict[str, str]) -> None:
        """Make the transport's publications those of `sources` (mid → source)."""
        wanted = {f"{transport.id}:{mid}": source for mid, source in sources.items()}
        participant = self._people.present[transport.grant.participant]
        hushed, transport.hushed = transport.hushed, set()
        for publication_id in sorted(hushed & wanted.keys()):
            self._out.order(seam.Mute(publication_id, False))
        for publication in self._publications_of(transport):
            if wanted.get(publication.id) != publication.source:
                if publication.muted and publication.id in wanted:  # to the plane it is the same one still
                    self._out.order(seam.Mute(publication.id, False))
                self._unpublish(publication)
        for publication_id, source in wanted.items():
            if publication_id not in self.publications and _ends(source) and not participant.may(source):
                transport.hushed.add(publication_id)
                self._out.order(seam.Mute(publication_id, True))
            elif publication_id not in self.publications:
                publication = Publication(publication_id, transport.grant.participant, transport.id, source)
                self.publications[publication_id] = publication
                self._keep_silent(publication)
                self._out.announce("publication_added", {"publication": publication.view()})
        self.receiving.subscribe()

    def _keep_silent(self, publication: Publication) -> None:
        """Who was muted by another, or has no right to be heard, is so when the source comes back."""
        participant = self._people.present[publication.participant]
        kept = participant.standing.silenced
        if publication.source in kept or not participant.may(publication.source):
            kept.discard(publication.source)
            publication.muted = publication.silenced = True
            self._out.order(seam.Mute(publication.id, True))

    # ---- what leaders do

    def enforce(self) -> None:
        """Rights were taken: nothing moves that may not. Nothing is unmuted where they were given."""
        forbidden = [one for one in self.publications.values() if not self._may(one)]
        for publication in [one for one in forbidden if _ends(one.source)]:
            self.end(publication)
        self.silence([one for one in forbidden if not _ends(one.source)])

    def silence(self, publications: Sequence[Publication]) -> None:
        """Mute those that are not, for their owners to unmute while they may."""
        loud = [publication for publication in publications if not publication.muted]
        for publication in loud:
            publication.muted = publication.silenced = True
            self._out.order(seam.Mute(publication.id, True))
        if len(loud) == 1:
            self._out.announce("publication_changed", {"publication": loud[0].view()})
        for first in range(0, len(loud) if len(loud) > 1 else 0, AT_ONCE):
            ids = [publication.id for publication in loud[first : first + AT_ONCE]]
            self._out.announce("publications_muted", {"publication_ids": ids})

    def end(self, publication: Publication) -> None:
        """It is over for everybody, though its sender may go on for a moment."""
        if not publication.muted:
            self._out.order(seam.Mute(publication.id, True))
        self.transports[publication.transport].hushed.add(publication.id)
        self._unpublish(publication)
        body = {"publication_id": publication.id, "source": publication.source}
        self._people.tell(self._people.present[publication.participant], "stopped", body)

    def moved(self, now: float) -> None:
        """People are in other places: a WHEP viewer that would hear another place is closed."""
        self.receiving.subscribe()
        for transport in [one for one in self.transports.values() if one.kind == "whep"]:
            place = self._people.place_of(transport.grant.person)
            carried = [self.publications[one] for one in transport.subscribed if one in self.publications]
            if any(self.receiving.place_of(publication) != place for publication in carried):
                self.drop(transport, now, refusal=NotFound())

    def _may(self, publication: Publication) -> bool:
        return self._people.present[publication.participant].may(publication.source)

    # ---- steps

    def settle(self, participant: Participant, now: float) -> None:
        resources = any(transport.opened for transport in self.of(participant.id, *RESOURCES))
        self._people.settle(participant, resources, now)

    def drop(self, transport: Transport, now: float, *, refusal: Refusal | None = None, known: bool = True) -> None:
        """End a transport that its participant did not mean to end."""
        self.forget(transport, refusal, known=known)
        participant = self._people.present.get(transport.grant.participant)
        if participant is None:
            return
        if transport.kind in RESOURCES:
            self.settle(participant, now)
        elif transport.opened and participant.connection is None:
            participant.unheard.append(transport.id)
        elif transport.opened:
            self._people.tell(participant, "transport_lost", {"transport_id": transport.id})

    def forget(self, transport: Transport, refusal: Refusal | None = None, *, known: bool = True) -> None:
        """End a transport and what it published; `known`: the plane has it still."""
        del self.transports[transport.id]
        for publication in self._publications_of(transport):
            if publication.silenced:
                self._people.stand(transport.grant.person).silenced.add(publication.source)
            self._unpublish(publication)
        if known:
            self._out.order(seam.Close(transport.id))
        if transport.pending:
            self._out.refuse(transport.pending.request, refusal or PlaneUnavailable())

    def forget_all(self, refusal: Refusal) -> None:
        """The room is closed: no change of it is told any more."""
        self.publications.clear()
        self.receiving.sounds.follow()
        for transport in list(self.transports.values()):
            self.forget(transport, refusal)

    def let_pass(self, now: float) -> None:
        for transport in list(self.transports.values()):
            if transport.pending and now >= transport.pending.since + PLANE_ANSWERS:
                self.drop(transport, now)

    def deadlines(self) -> Sequence[float]:
        return [t.pending.since + PLANE_ANSWERS for t in self.transports.values() if t.pending]

    def plane_lost(self, now: float) -> None:
        """Keys die with the plane, so its transports do; what was not open yet waits for it to return."""
        self._out.plane_up = False
        for transport in list(self.transports.values()):
            if transport.opened or transport.kind == "whep":
                self.drop(transport, now)

    def plane_returned(self) -> None:
        if self._out.plane_up:
            return
        self._out.plane_up = True
        for transport in self.transports.values():
            if transport.kind == "down":
                transport.opened = True
                self._out.order(seam.OpenReceiver(transport.id))
            elif transport.pending:
                self._out.order(transport.pending.order)

    def tell_offer(self, transport: Transport) -> None:
        """Tell of the offer that waits for an answer, if one does."""
        if offer := transport.offer:
            body: dict[str, Any] = {
                "transport_id": offer.transport,
                "revision": offer.revision,
                "sdp": offer.sdp,
                "streams": [{"mid": s.mid, "publication_id": s.publication} for s in offer.streams],
            }
            self._people.tell(self._people.present[transport.grant.participant], "offer", body)

    # ---- questions

    def of(self, participant_id: str, *kinds: TransportKind) -> list[Transport]:
        mine = (t for t in self.transports.values() if t.grant.participant == participant_id)
        return [transport for transport in mine if transport.kind in kinds]

    def silenced_of(self, participant_id: str) -> list[str]:
        """The sources of a participant that another muted, and that are to stay so."""
        now = {p.source for p in self.publications.values() if p.participant == participant_id and p.silenced}
        return sorted(now | self._people.present[participant_id].standing.silenced)

    def resource(self, grant: Grant, transport_id: str) -> Transport:
        """The WHIP or WHEP resource, if it is of the grant's participant. Refusal: NotFound."""
        return self._own(grant, transport_id, *RESOURCES)

    def _own(self, grant: Grant, transport_id: str, *kinds: TransportKind) -> Transport:
        transport = self.transports.get(transport_id)
        if transport and transport.kind in kinds and transport.grant.participant == grant.participant:
            return transport
        raise NotFound()

    def _publications_of(self, transport: Transport) -> list[Publication]:
        return [p for p in self.publications.values() if p.transport == transport.id]

    def _unpublish(self, publication: Publication) -> None:
        del self.publications[publication.id]
        self.receiving.subscribe()
        self._out.announce("publication_removed", {"publication_id": publication.id})

    def _add(self, transport_id: str, kind: TransportKind, grant: Grant) -> Transport:
        assert transport_id not in self.transports
        transport = self.transports[transport_id] = Transport(transport_id, kind, grant)
        return transport


def _ends(source: str) -> bool:
    """Whether it is over when the right to it is taken. Sound and camera are only muted."""
    return RIGHT_OF[source] == "share"


def _refusal_of(report: seam.Refused) -> Refusal:
    if report.code == "plane_full":
        return PlaneUnavailable()
    return SdpRefused(reason=report.code, detail=report.detail)
