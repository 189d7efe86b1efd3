"""What follows orders and notes. The clock, the wire and where reports go are given; the shell is process.py."""

import secrets
from collections.abc import Callable
from typing import Any

import structlog

from media.recorder import Recorder
from media.wire import (
    Address,
    AddSubscription,
    Closed,
    Datagram,
    Levels,
    LimitSounds,
    Line,
    Note,
    Notify,
    PacketsLost,
    Rates,
    Rtcp,
    SendRtcp,
    Started,
    Wire,
)

from . import sdp, seam
from .across import Needed
from .dtls import Handshakes
from .feedback import understand
from .joins import Joins
from .legs import Legs
from .looking import Looking
from .needs import Needs
from .paths import Paths
from .relayed import described, imported
from .relays import Relays
from .sdp import Refusal, Sent, Target
from .transport import Kind, Track, Transport, subscription_command
from .viewers import SMALL, WHOLE

MAX_TRANSPORTS = 10_000
TICK_EVERY = 0.1
GATHER = 0.01
"""Seconds that an offer waits for further wishes; orders of one moment do not come in one read."""

_REPORT_EVERY = 1.0
_SENDER = 1
"""Our SSRC in receiver reports."""

_log = structlog.get_logger("plane")


class Plane:
    """Needs a running event loop, for handshakes."""

    def __init__(
        self,
        make_wire: Callable[[Notify], Wire],
        candidates: Callable[[int], tuple[str, ...]],
        report: Callable[[seam.Report], None],
        clock: Callable[[], float],
        later: Callable[[float, Callable[[], None]], object],
        recorder: Recorder | None = None,
    ) -> None:
        """`candidates` gives the values of a=candidate lines for the wire's port.

        `clock` tells monotonic seconds, `later` calls after so many of them.
        """
        self._report, self._clock, self._later = report, clock, later
        self._recorder = recorder
        self.wire = make_wire(self.note)
        self._paths = Paths(
            self.wire, Handshakes(), candidates(self.wire.port), clock, self._connected, self._lost, self._called
        )
        self._legs = Legs(self.wire, self._paths, clock)
        self._joins = Joins(self.wire, self._paths.transports, clock)
        self._relays = Relays(self.wire, self._joins, self._paths.transports, _SENDER)
        self._needs = Needs(_SENDER, self._joins.lines.shown)
        self._looking = Looking(self.wire, report, later)
        self._reported = clock()
        self._offering = self._dividing = False

    def order(self, order: seam.Order) -> None:
        """Follow an order. What the other side sent badly is answered Refused; nothing is raised for it."""
        try:
            self._follow(order)
        except Refusal as refusal:
            key = getattr(order, "transport", "")
            _log.warning("refused", transport=key, order=type(order).__name__, code=refusal.code, detail=refusal.detail)
            self._report(seam.Refused(key, refusal.code, refusal.detail))

    def note(self, note: Note) -> None:
        """Take what the wire says."""
        match note:
            case Datagram():
                if not self._legs.answered(note):
                    self._paths.datagram(note)
            case Rtcp(key, data):
                self._feedback(key, data)
            case Started(publication):
                if not self._is_imported(publication):
                    self._report(seam.Started(publication))
            case Levels(levels):
                if own := tuple(each for each in levels if not self._is_imported(each[0])):
                    self._report(seam.Levels(own))
            case PacketsLost(publication, layer):
                if track := self._joins.tracks.get(publication):
                    self._joins.keyframe(track, layer if track.taken.rids else None)
            case Closed(address):
                self._paths.closed(address)
            case Line(key):
                if transport := self._paths.transports.get(key):
                    transport.line = note
                    self._repeat(transport, self._clock())
                    self._joins.lines.line(note, self._clock())
            case Rates():
                self._joins.lines.rates(note)
                self._relays.rates(publication for publication, _ in note.rates)

    def tick(self) -> None:
        """What is due; to be called every TICK_EVERY seconds."""
        now = self._clock()
        self._joins.tick()
        self._legs.tick()
        is_due = now - self._reported >= _REPORT_EVERY
        self._tell_needs(whole=is_due)
        for report in self._joins.lines.news(now):
            self._report(report)
        if self._recorder:
            for publication in self._recorder.tick():  # who winds through a recording waits for the next keyframe
                self._keyframe(publication)
        if not is_due:
            return
        self._reported = now
        self._paths.expire()
        for transport in self._paths.transports.values():
            self._repeat(transport, now)
            if transport.connected and transport.tracks:
                for told in transport.reports.build(_SENDER, self.wire.receptions(transport.key)):
                    self.wire.perform(SendRtcp(transport.key, told))

    def dump(self) -> dict[str, Any]:
        return {
            "wire": self.wire.dump(),
            "stun_refused": self._paths.refused(),
            "recorder": self._recorder.dump() if self._recorder else None,
            "transports": {
                key: {**each.dump(), "gets": self._joins.lines.dump(key), **self._relays.dump(key)}
                for key, each in self._paths.transports.items()
            },
        }

    def _look(self, key: str) -> dict[str, Any]:
        transport = self._paths.transports.get(key)
        if transport is None:
            return {}
        return {**transport.dump(), "gets": self._joins.lines.dump(key), "counts": self.wire.counts(key)}

    def close(self) -> None:
        if self._recorder:
            self._recorder.close()
        self.wire.close()

    def _follow(self, order: seam.Order) -> None:
        match order:
            case seam.OpenPublisher(key, text):
                self._open_publisher(key, text)
            case seam.ChangePublisher(key, text):
                self._change_publisher(self._known(key, "publisher"), text)
            case seam.OpenViewer(key, text, publications):
                self._open_viewer(key, text, publications)
            case seam.OpenReceiver(key):
                self._open(key, "receiver")
            case seam.TakeAnswer(key, revision, text):
                self._take_answer(self._known(key, "receiver"), revision, text)
            case seam.Subscribe(key, publication):
                self._subscribe(key, publication)
            case seam.Unsubscribe(key, publication):
                self._unsubscribe(key, publication)
            case seam.Want(key, publication, size):
                self._joins.lines.want(key, publication, size)
                self._divide_soon()
            case seam.Prefer(publication, on):
                self._joins.lines.prefer(publication, on)
            case seam.Mute(publication, muted):
                self._joins.mute(publication, muted)
            case seam.PutSound(publication, group):
                self._joins.put(publication, group)
            case seam.LimitSounds(group, most):
                self.wire.perform(LimitSounds(group, most))
            case seam.Record(publication, recording, about):
                self._record(publication, recording, about)
            case seam.StopRecord(publication):
                self._stop_record(publication)
            case seam.RestartIce(key, ufrag, _):
                transport = self._known(key)
                self._paths.restart(transport, ufrag)
                self._report(seam.Restarted(key, transport.ufrag, transport.password))
            case seam.OpenLeg():
                self._legs.open(self._leg(order.leg), order)
            case seam.Relay():
                if track := self._joins.tracks.get(order.publication):
                    self._leg(order.leg)
                    self._relays.relay(track, order)
            case seam.Import(key, publication, about, ssrcs):
                taken = imported(publication, about, ssrcs)
                self._joins.publish(self._leg(key), taken)
                if taken.shape.kind == "video":
                    self._needs.add(publication, key, ssrcs[0][0])
            case seam.EndImport(publication):
                if self._is_imported(publication):
                    self._end(self._joins.tracks[publication])
            case seam.Close(key):
                if transport := self._paths.transports.get(key):
                    self._drop(transport)
            case seam.Look(request, key):
                self._report(seam.Dumped(request, self._look(key)))
            case seam.Capture():
                self._looking.capture(order)
            case seam.Dump(request):
                self._report(seam.Dumped(request, self.dump()))

    def _open(self, key: str, kind: Kind) -> Transport:
        if key in self._paths.transports:
            raise Refusal("transport_exists")
        if len(self._paths.transports) >= MAX_TRANSPORTS:
            raise Refusal("plane_full")
        if kind != "leg":
            self._joins.lines.open(key, SMALL if kind == "receiver" else WHOLE)
        return self._paths.open(key, kind)

    def _leg(self, key: str) -> Transport:
        """It may be spoken of before it is opened."""
        return self._paths.transports.get(key) or self._open(key, "leg")

    def _is_imported(self, publication: str) -> bool:
        track = self._joins.tracks.get(publication)
        return track is not None and track.imported

    def _called(self, transport: Transport, address: Address) -> None:
        self._legs.called(transport, address)

    def _known(self, key: str, kind: Kind | None = None) -> Transport:
        transport = self._paths.transports.get(key)
        if transport is None or (kind and transport.kind != kind):
            raise Refusal("no_such_transport")
        return transport

    def _open_publisher(self, key: str, text: str) -> None:
        offer = sdp.read(text)
        sdp.check_transport(offer)
        sdp.take_publisher(offer)
        transport = self._open(key, "publisher")
        self._answer_publisher(transport, offer)

    def _change_publisher(self, transport: Transport, text: str) -> None:
        offer = sdp.read(text)
        sdp.check_transport(offer)
        sdp.take_publisher(offer)
        if offer.ufrag != transport.remote_ufrag:
            self._paths.restart(transport, offer.ufrag)
        self._answer_publisher(transport, offer)

    def _answer_publisher(self, transport: Transport, offer: sdp.Description) -> None:
        lines, taken = sdp.take_publisher(offer, layered=True)
        sending = {each.mid: each for each in taken if each.sending}
        for mid, track in list(transport.tracks.items()):
            if mid not in sending:
                self._end(track)
        for track in sending.values():
            self._joins.publish(transport, track)
        setup = "active" if self._paths.expect(transport, offer) == "client" else "passive"
        text = sdp.write(self._paths.local(transport, setup), lines, bool(offer.bundled))
        tracks = tuple(
            seam.TrackInfo(
                each.mid,
                each.shape.kind,
                f"{transport.key}:{each.mid}",
                each.sending,
                described(each) if each.sending else {},
            )
            for each in taken
        )
        self._report(seam.Answered(transport.key, text, tracks))

    def _open_viewer(self, key: str, text: str, publications: tuple[str, ...]) -> None:
        offer = sdp.read(text)
        sdp.check_transport(offer)
        found = [(each, self._joins.tracks[each]) for each in dict.fromkeys(publications) if each in self._joins.tracks]
        fitted = sdp.fit_viewer(offer, [(each, track.taken.shape) for each, track in found])
        transport = self._open(key, "viewer")
        tracks = {mid: self._joins.tracks[publication] for mid, publication in fitted.items()}
        sent = {mid: self._draw(transport, track) for mid, track in tracks.items()}
        lines, targets = sdp.viewer_lines(offer, {mid: track.taken.shape for mid, track in tracks.items()}, sent)
        setup = "active" if self._paths.expect(transport, offer) == "client" else "passive"
        told = sdp.write(self._paths.local(transport, setup), lines, bool(offer.bundled))
        commands = (self._subscription(transport, fitted[each.mid], sent[each.mid], each) for each in targets)
        self._joins.subscribe(transport, tuple(commands))
        carried = tuple(
            seam.TrackInfo(each.mid, tracks[each.mid].taken.shape.kind, fitted[each.mid], True) for each in targets
        )
        self._report(seam.Answered(key, told, carried))

    def _take_answer(self, transport: Transport, revision: int, text: str) -> None:
        answer = transport.receiver.check(revision, text)
        self._paths.expect(transport, answer)
        commands = (
            self._subscription(transport, each.publication, each.sent, each.target)
            for each in transport.receiver.answered(answer)
        )
        self._joins.subscribe(transport, tuple(commands))
        self._offer_soon()

    def _subscribe(self, key: str, publication: str) -> None:
        transport, track = self._paths.transports.get(key), self._joins.tracks.get(publication)
        if transport is None or transport.kind != "receiver" or track is None:
            return  # it ended while the order was under way; the room hears of that
        transport.receiver.subscribe(publication, track.taken.shape, lambda: self._draw(transport, track))
        self._offer_soon()

    def _subscription(self, transport: Transport, publication: str, sent: Sent, target: Target) -> AddSubscription:
        if target.red:
            transport.reds[publication] = target
        return subscription_command(transport, publication, sent, target, secrets.randbits(15))

    def _unsubscribe(self, key: str, publication: str) -> None:
        transport = self._paths.transports.get(key)
        if transport is None:
            return
        if transport.kind == "leg":
            self._relays.end(key, publication)
            return
        self._joins.unsubscribe(transport, publication)
        if transport.receiver.unsubscribe(publication):
            self._offer_soon()

    def _record(self, publication: str, recording: str, about: dict[str, Any]) -> None:
        track = self._joins.tracks.get(publication)
        if track is None or self._recorder is None:
            return  # it ended while the order was under way
        codec = track.taken.shape.codec
        parameters = dict(codec.parameters)
        plain = {"name": codec.name, "clock": codec.clock, "channels": codec.channels, "parameters": parameters}
        self.wire.tap(publication, self._recorder.begin(publication, recording, plain, about))
        self._joins.lines.record(publication, True)
        self._keyframe(publication)

    def _stop_record(self, publication: str) -> None:
        self.wire.tap(publication, None)
        self._joins.lines.record(publication, False)
        if self._recorder:
            self._recorder.end(publication)

    def _keyframe(self, publication: str) -> None:
        """For who takes the best there is."""
        if track := self._joins.tracks.get(publication):
            self._joins.keyframe(track, self._joins.lines.best(publication))

    def _draw(self, transport: Transport, track: Track) -> Sent:
        """A new stream to a viewer; its SSRCs were never used on this transport."""
        ssrc, repair = secrets.randbits(32), secrets.randbits(32)
        video = track.taken.shape.kind == "video"
        stream = f"{track.publication.partition(':')[0]}.{track.taken.shape.stream}"
        return Sent(ssrc, repair if video else None, stream, stream, track.publication.replace(":", "."))

    def _offer_soon(self) -> None:
        """A little later, so that many wishes make one offer."""
        if not self._offering:
            self._offering = True
            self._later(GATHER, self._offer)

    def _divide_soon(self) -> None:
        if not self._dividing:
            self._dividing = True
            self._later(GATHER, self._divide)

    def _divide(self) -> None:
        self._dividing = False
        self._joins.divide()
        self._tell_needs()

    def _tell_needs(self, *, whole: bool = False) -> None:
        """Other planes are to know what is needed here of what they have."""
        for leg, told in self._needs.news(self._clock(), whole=whole):
            self.wire.perform(SendRtcp(leg, told))

    def _offer(self) -> None:
        self._offering = False
        for transport in self._paths.transports.values():
            if transport.kind == "receiver" and transport.receiver.wants_offer:
                lines, streams = transport.receiver.offer()
                text = sdp.write(self._paths.local(transport, "actpass"), lines)
                told = tuple(seam.Stream(mid, publication) for mid, publication in streams)
                self._report(seam.Offered(transport.key, transport.receiver.revision, text, told))

    def _feedback(self, key: str, data: bytes) -> None:
        transport = self._paths.transports.get(key)
        if transport is None:
            return
        said = understand(data)
        for ssrc in said.keyframes:
            name, layer = self._relays.layer(key, ssrc) or (transport.by_ssrc.get(ssrc, ""), None)
            if track := self._joins.tracks.get(name):
                layer = layer if track.taken.rids else None
                self._joins.keyframe(track, self._joins.lines.layer(key, name) if layer is None else layer)
        for told in said.across if transport.kind == "leg" else ():
            if isinstance(told, Needed):
                self._relays.told(key, told)
            else:
                for ssrc, rates in told.rates.items():
                    self._joins.lines.rated(self._needs.publication(key, ssrc), rates)
        for seen in said.seen:
            if publication := transport.by_ssrc.get(seen.ssrc):
                transport.loss[publication] = seen.fraction

    def _repeat(self, transport: Transport, now: float) -> None:
        """Sound goes in RED where the line is lossy."""
        if transport.reds and transport.line is not None and transport.repeats.heard(transport.line.loss, now):
            for command in transport.repeat():
                self.wire.perform(command)

    def _connected(self, transport: Transport) -> None:
        self._joins.connected(transport)
        self._relays.connected(transport)
        self._tell_needs(whole=transport.kind == "leg")
        self._report(seam.Connected(transport.key))

    def _lost(self, transport: Transport, why: str) -> None:
        _log.info("lost", transport=transport.key, why=why)
        self._drop(transport)
        self._report(seam.Lost(transport.key, why))

    def _drop(self, transport: Transport) -> None:
        for track in list(transport.tracks.values()):
            self._end(track)
        self._joins.lines.close(transport.key)
        self._legs.forget(transport.key)
        self._relays.forget(transport.key)
        self._paths.close(transport)

    def _end(self, track: Track) -> None:
        self._stop_record(track.publication)
        self._relays.ended(track.publication)
        self._needs.end(track.publication)
        self._joins.end(track)
        for viewer in self._paths.transports.values():
            if viewer.kind == "receiver" and viewer.receiver.unsubscribe(track.publication):
                self._offer_soon()
