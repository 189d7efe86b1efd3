"""The lines to viewers as the wire keeps them: transport-wide numbers, the estimate, and bursts that probe."""

from typing import TYPE_CHECKING

from . import Line, Notify, rtcp, twcc
from .bandwidth import Estimator
from .incoming import Publication
from .layering import again, arrived
from .outgoing import Stream
from .peer import Peer
from .sending import Sender
from .twcc import Report

if TYPE_CHECKING:
    from .commands import Tables

WANTED = 5_000_000.0
"""bit/s that are looked for while nobody has said what a viewer could use."""
PLAN_EVERY = 0.02
TELL_EVERY = 0.2
FEEDBACK_RATE = 100.0
"""Transport-wide reports a second that one viewer may send, and FEEDBACK_BURST seconds' worth of them at once."""
FEEDBACK_BURST = 0.5

_LEAST_PACKETS = 6
"""In a burst, or too little is measured."""
_AMONG = 64
"""Of so many of the newest packets those are taken that fit into a burst."""
_MOST_PACKETS = 256
_ESTIMATE, _LOSS, _QUEUE, _TRIP = 0.03, 0.02, 0.02, 0.05
"""What is worth telling: a part of the estimate, a part of 1, seconds, seconds."""


class Burst:
    """Packets of one publication that are sent again to a stream, the next one when it is `due`."""

    __slots__ = ("due", "publication", "rate", "stream", "waiting")

    def __init__(self, stream: Stream, publication: Publication, indices: list[int], rate: float, now: float) -> None:
        self.stream, self.publication, self.rate, self.due = stream, publication, rate, now
        self.waiting = indices[::-1]


class ViewerLine:
    """One viewer's. `number` is the transport-wide one of the next packet, of whichever stream."""

    __slots__ = ("_due", "_highest", "_told", "_told_at", "burst", "estimator", "heard", "number")

    def __init__(self) -> None:
        self.estimator = Estimator(wanted=WANTED)
        self.number = 0
        self.burst: Burst | None = None
        self.heard = False
        self._due = self._told_at = 0.0
        self._told: Line | None = None
        self._highest: dict[int, int] = {}

    def sent(self, size: int, now: float) -> None:
        """The packet with the present number left."""
        self.estimator.sent(self.number, size, now)
        self.number = (self.number + 1) & 0xFFFF

    def repeated(self, number: int) -> None:
        """The very same packet left again, its number included: what comes of that one tells nothing now."""
        self.estimator.repeated(number)

    def feedback(self, report: Report, now: float) -> bool:
        """A transport-wide report came; False for one too many."""
        due = max(self._due, now)
        if due > now + FEEDBACK_BURST:
            return False
        self._due = due + 1.0 / FEEDBACK_RATE
        self.estimator.feedback(report, now)
        self.heard = True
        return True

    def remb(self, rate: float) -> None:
        self.estimator.remb(rate)
        self.heard = True

    def reported(self, blocks: list[rtcp.ReportBlock], now: float) -> None:
        """Loss of several streams, each weighed by how many packets it speaks of."""
        lost = total = 0
        for block in blocks:
            before = self._highest.get(block.ssrc)
            self._highest[block.ssrc] = block.highest
            weight = 0 if before is None else (block.highest - before) & 0xFFFF
            lost += block.fraction * weight
            total += weight
        if total:
            self.estimator.reported(lost / (256.0 * total), now)
            self.heard = True

    def forget(self, ssrc: int) -> None:
        """A stream is gone; so are its reports."""
        self._highest.pop(ssrc, None)

    def news(self, peer: str, now: float) -> Line | None:
        """What is worth telling."""
        if not self.heard or now - self._told_at < TELL_EVERY:
            return None
        found = self.estimator
        line = Line(peer, found.estimate, found.loss, found.round_trip, found.queueing_delay)
        if self._told is not None and not _differs(self._told, line):
            return None
        self._told, self._told_at = line, now
        return line


class ViewerLines:
    """All of them. `due` is when `probe` wants to be called; None: not now."""

    def __init__(self, tables: "Tables", sender: Sender, notify: Notify, counters: dict[str, int]) -> None:
        self._peers, self._publications = tables.peers, tables.publications
        self._sender, self._notify, self._counters = sender, notify, counters
        self._plan_at = 0.0
        self.due: float | None = None

    def want(self, key: str, bitrate: float) -> None:
        if peer := self._peers.get(key):
            line_of(peer).estimator.wanted = bitrate

    def handled(self, peer: Peer, part: rtcp.Part, now: float) -> bool:
        """Take what `part` says of the line to `peer`; whether it says nothing else."""
        if part.type == rtcp.TRANSPORT_FEEDBACK and part.count == twcc.TRANSPORT_WIDE:
            self._feedback(peer, part, now)
            return True
        if (rate := twcc.remb(part)) is not None:
            if peer.by_ssrc:
                line_of(peer).remb(rate)
                self._tell(peer, now)
            return True
        if part.type in (rtcp.RECEIVER_REPORT, rtcp.SENDER_REPORT) and part.count:
            blocks = [block for block in rtcp.report_blocks(part) if block.ssrc in peer.by_ssrc]
            if blocks:
                line_of(peer).reported(blocks, now)
                self._tell(peer, now)
        return False

    def tick(self, now: float) -> None:
        """To be called every TELL_EVERY seconds."""
        self.plan(now)
        for peer in self._peers.values():
            self._tell(peer, now)

    def plan(self, now: float) -> None:
        """Begin what bursts are to be sent; to be called whenever packets were sent."""
        if now < self._plan_at:
            return
        self._plan_at = now + PLAN_EVERY
        for peer in self._peers.values():
            line = peer.line
            if line is not None and line.burst is None and (plan := line.estimator.probe(now)) is not None:
                line.burst = self._burst(peer, line, *plan, now)
        self.probe(now)

    def probe(self, now: float) -> None:
        """Send what is due of the bursts."""
        self.due = None
        for peer in self._peers.values():
            if peer.line is not None and (burst := peer.line.burst) is not None:
                self._go_on(peer, burst, now)
                if burst.waiting:
                    self.due = min(burst.due, self.due or burst.due)
                else:
                    peer.line.burst = None

    def _go_on(self, peer: Peer, burst: Burst, now: float) -> None:
        stream = burst.stream
        if peer.streams.get(stream.key) is not stream or self._shown(stream) is None:
            burst.waiting.clear()
            return
        while burst.waiting and burst.due <= now:
            packet = burst.publication.history.get(burst.waiting.pop())
            if packet is not None and stream.splice is not None:
                packet = again(burst.publication, stream.splice, packet)
            if packet is not None and (size := self._sender.again(peer, stream, packet, now)):
                burst.due += 8.0 * size / burst.rate
                self._counters["probed"] += 1

    def _burst(self, peer: Peer, line: ViewerLine, rate: float, size: int, now: float) -> Burst | None:
        """Packets of a stream that has RTX; None when there is none."""
        for stream in peer.streams.values():
            if stream.numbered and (shown := self._shown(stream)) is not None:
                chosen, total = _chosen(stream, shown, size)
                if chosen:
                    line.estimator.probes(total)
                    return Burst(stream, shown, chosen, rate, now)
        return None

    def _shown(self, stream: Stream) -> Publication | None:
        """What goes over a stream now."""
        publication = self._publications[stream.key]
        if stream.splice is None or publication.layers is None:
            return None if stream.fresh else publication
        layer = stream.splice.layer
        return None if layer is None or stream.silent else publication.layers.inner[layer]

    def _feedback(self, peer: Peer, part: rtcp.Part, now: float) -> None:
        if peer.line is None:
            return
        try:
            report = twcc.parse(part)
        except rtcp.Malformed:
            self._counters["malformed"] += 1
            return
        if report is None or not peer.line.feedback(report, now):
            self._counters["flooded"] += 1
            return
        self._tell(peer, now)

    def _tell(self, peer: Peer, now: float) -> None:
        if peer.line is not None and (line := peer.line.news(peer.key, now)) is not None:
            self._notify(line)


def line_of(peer: Peer) -> ViewerLine:
    """A peer's line, from now on."""
    if peer.line is None:
        peer.line = ViewerLine()
    return peer.line


def _chosen(stream: Stream, shown: Publication, size: int) -> tuple[list[int], int]:
    """Indices of the newest packets, of those the largest that fit six times; again and again, until it is enough;
    and how many bytes that is."""
    history = shown.history
    newest = range(history.newest, history.newest - _AMONG, -1)
    kept = [packet for index in newest if (packet := history.get(index)) and stream.has_repair(packet)]
    if (splice := stream.splice) is not None:
        kept = [packet for packet in kept if splice.place_again(arrived(shown, packet)) is not None]
    sizes = sorted((len(packet[4]), packet[2]) for packet in kept)
    if not sizes:
        return [], 0
    chosen = [each for each in sizes if each[0] <= size // _LEAST_PACKETS][-_LEAST_PACKETS:] or sizes[:1]
    found: list[int] = []
    total = 0
    while (total < size or len(found) < _LEAST_PACKETS) and len(found) < _MOST_PACKETS:
        length, index = chosen[len(found) % len(chosen)]
        found.append(index)
        total += length
    return found, total


def _differs(one: Line, other: Line) -> bool:
    return (
        abs(other.estimate - one.estimate) > _ESTIMATE * one.estimate
        or abs(other.loss - one.loss) > _LOSS
        or abs(other.queueing_delay - one.queueing_delay) > _QUEUE
        or abs(other.round_trip - one.round_trip) > _TRIP
    )
