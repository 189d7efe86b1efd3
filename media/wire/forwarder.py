"""The packet path without its socket: datagrams and commands in, sealed packets and notes out. Time is given.

A datagram is laid in `inbox` and announced with `receive`; what came together is sent on together by `flush`,
so that each viewer gets a burst in one system call.
"""

from struct import unpack_from
from typing import Any

from . import (
    Address,
    Captured,
    Closed,
    Command,
    Datagram,
    Levels,
    Notify,
    PacketsLost,
    Reception,
    Rtcp,
    Started,
    Tap,
    red,
    rtcp,
    rtp,
    srtp,
)
from .arrivals import FAST
from .commands import Tables
from .counts import counts
from .history import Packet
from .incoming import Publication
from .loudest import AUDIBLE
from .peer import BURST, Peer
from .pictures import Pictures
from .sending import MAX_DATAGRAM, Sender, Ways
from .viewer_line import ViewerLines

TICK_EVERY = 0.2
ASK_EVERY = 0.01
REPORT_EVERY = 0.1
"""Seconds between sender reports of one publication; those that come sooner are overlooked."""

_EXPIRE_EVERY = 1.0
_MAX_ASKED = 512
"""Packets one NACK may ask for; the rest of it is overlooked."""
_SENDER = 1
"""Our own SSRC in feedback; it names no stream."""


class Forwarder:
    def __init__(self, ways: Ways, notify: Notify) -> None:
        self.tables = Tables(self)
        self.ways, self.notify = ways, notify
        self.inbox_memory, self.inbox = srtp.buffer(MAX_DATAGRAM + srtp.TRAILER)
        self.sender = Sender(self.tables.peers)
        self._length = srtp.length_cell()
        self._busy: dict[Publication, None] = {}
        self._gappy: set[Publication] = set()
        self._full: set[Address] = set()
        self._expire_at = self._tell_at = 0.0
        self.counters: dict[str, int] = dict.fromkeys(
            ("strange", "unopened", "malformed", "unwanted", "flooded", "repaired", "asked", "probed", "told"), 0
        )
        self.pictures = Pictures(self.tables, self.sender, notify, self.request_keyframe)
        self.lines = ViewerLines(self.tables, self.sender, notify, self.counters)

    def receive(self, size: int, address: Address, now: float) -> None:
        """One datagram of `size` bytes lies in the inbox."""
        first = self.inbox[0] if size else 64
        if 127 < first < 192:
            peer = self.tables.by_address.get(address)
            if peer is None or size < 12:
                self.counters["strange"] += 1
            elif 191 < self.inbox[1] < 224:  # RFC 5761 §4
                self._receive_rtcp(peer, size, now)
            elif self.sender.heads is None:
                self._receive_rtp(peer, size, now)
            else:
                self._receive_noted(peer, size, now)
        elif first < 64 and (first < 4 or first > 19):
            self.notify(Datagram(address, bytes(self.inbox[:size])))
        else:
            self.counters["strange"] += 1

    def flush(self, now: float) -> None:
        """Forward what was received since the last time."""
        if self.sender.heads is not None:
            self.sender.heads.now = now
        for publication in self._busy:
            packets, publication.pending = publication.pending, []
            if publication.gaps:
                self._gappy.add(publication)
            if publication.muted:
                continue
            if publication.newcomers:
                newcomers, publication.newcomers = publication.newcomers, []
                self.pictures.welcome(publication, newcomers, packets, now)
            if publication.outer is not None:
                self._forward_layer(publication, packets, now)
            elif publication.streams:
                passed = self.tables.sounds.passed(publication, packets, now) if publication.group else packets
                if publication.wrapped:
                    self._forward_red(publication, passed, now)
                else:
                    self.sender.forward(publication, publication.streams, passed, now)
            if publication.tap is not None:
                wrapped = publication.wrapped
                publication.tap.packets(red.all_unwrapped(packets, wrapped, named=True) if wrapped else packets)
        self._busy.clear()
        while self._full:
            self.tables.hold(self._full.pop(), True)
        self.lines.plan(now)
        self._tell_arrivals(now)

    def filled(self, address: Address) -> None:
        """Too much waits on the way there. What is being sent goes out whole first, so that no number is skipped."""
        self._full.add(address)

    def emptied(self, address: Address) -> None:
        """The way there has room again."""
        self._full.discard(address)
        self.tables.hold(address, False)

    def closed(self, address: Address) -> None:
        """A connection has ended. Not to be said while packets are being sent."""
        self._full.discard(address)
        self.tables.close(address)
        self.notify(Closed(address))

    def perform(self, command: Command, now: float) -> None:
        self.tables.perform(command, now)

    def tap(self, publication: str, tap: Tap | None) -> None:
        self.tables.tap(publication, tap)

    @property
    def asking(self) -> bool:
        """Whether packets are missing, so that `ask` wants to be called every ASK_EVERY seconds."""
        return bool(self._gappy)

    def ask(self, now: float) -> None:
        """Ask publishers again for what is missing and due."""
        for publication in list(self._gappy):
            self._ask_again(publication, now)

    @property
    def due_at(self) -> float | None:
        """When `send_due` wants to be called; None: not before something else happened."""
        return self.lines.due

    def send_due(self, now: float) -> None:
        """Go on with the bursts that find out what lines carry."""
        self.lines.probe(now)

    def tick(self, now: float) -> None:
        """The slow work, to be called every TICK_EVERY seconds."""
        self._tell_levels()
        self.pictures.tick(now)
        self.lines.tick(now)
        self._tell_arrivals(now)
        if now >= self._expire_at:
            self._expire_at = now + _EXPIRE_EVERY
            for publication in self.tables.publications.values():
                publication.history.expire(now)

    def receptions(self, peer: str, now: float) -> list[Reception]:
        known = self.tables.peers.get(peer)
        all_of = known.publications.values() if known else ()
        return [told for each in all_of if (told := each.reception(now))]

    def captured(self) -> list[Captured]:
        return self.sender.heads.kept() if self.sender.heads is not None else []

    def counts(self, peer: str) -> dict[str, Any]:
        known = self.tables.peers.get(peer)
        return counts(known, self.tables.publications) if known is not None else {}

    def dump(self) -> dict[str, Any]:
        return {**self.counters, **self.tables.dump()}

    def request_keyframe(self, publication: Publication) -> None:
        peer = self.tables.peers.get(publication.peer)
        if peer is not None and publication.ssrc is not None and publication.kind == "video":
            publication.keyframes += 1
            self._feedback(peer, rtcp.build_pli(_SENDER, publication.ssrc))

    def _receive_rtp(self, peer: Peer, size: int, now: float) -> None:
        inbox, length = self.inbox, self._length
        ssrc = unpack_from("!I", inbox, 8)[0]
        source = peer.incoming.get(ssrc)
        if source is None and not peer.may_send_as(ssrc):
            self.counters["strange"] += 1
            return
        length[0] = size
        if srtp.open_rtp(peer.keys.opening, self.inbox_memory, length) != 0:
            self.counters["unopened"] += 1  # forged, replayed, or from before a rekey
            return
        due = peer.due if peer.due > now else now
        if due > now + BURST:  # counted once opened, which costs less than reading: a forger uses up nobody's share
            self.counters["flooded"] += 1
            return
        peer.due = due + peer.pace
        try:
            if peer.arrivals is not None:
                peer.arrivals.note(inbox, length[0], ssrc, now)
            source = source or peer.latch(ssrc, inbox, length[0], now)
            if source is None:
                self.counters["unwanted"] += 1
                return
            publication, repair = source
            beginning = publication.highest < 0 and not publication.has_begun()
            if repair:
                publication.take_repaired(inbox, length[0], now)
            else:
                publication.take(inbox, length[0], now)
        except rtp.Malformed:
            self.counters["malformed"] += 1
            return
        if publication.pending:
            self._busy[publication] = None
            if beginning:
                self.notify(Started(publication.name))

    def _forward_red(self, publication: Publication, packets: list[Packet], now: float) -> None:
        """Each viewer gets RED, or what is new in it."""
        whole = [stream for stream in publication.streams if not stream.unwraps]
        if whole:
            self.sender.forward(publication, whole, packets, now)
        if len(whole) < len(publication.streams):
            new = red.all_unwrapped(packets, publication.wrapped)
            self.counters["malformed"] += len(packets) - len(new)
            self.sender.forward(publication, [each for each in publication.streams if each.unwraps], new, now)

    def _receive_noted(self, peer: Peer, size: int, now: float) -> None:
        refused = self.counters["unopened"] + self.counters["strange"]
        self._receive_rtp(peer, size, now)
        heads = self.sender.heads
        if heads is not None and heads.peer == peer.key:
            heads.now = now
            if refused == self.counters["unopened"] + self.counters["strange"]:
                heads.rtp(False, self.inbox, size)

    def _receive_rtcp(self, peer: Peer, size: int, now: float) -> None:
        if not peer.may_report_as(unpack_from("!I", self.inbox, 4)[0]):
            self.counters["strange"] += 1
            return
        self._length[0] = size
        if srtp.open_rtcp(peer.keys.opening, self.inbox_memory, self._length) != 0:
            self.counters["unopened"] += 1
            return
        try:
            parts = rtcp.split(bytes(self.inbox[: self._length[0]]))
        except rtcp.Malformed:
            self.counters["malformed"] += 1
            return
        if (heads := self.sender.heads) is not None and heads.peer == peer.key:
            heads.now = now
            heads.rtcp(False, parts)
        rest = [part.raw for part in parts if not self._handled(peer, part, now)]
        if rest:
            self.notify(Rtcp(peer.key, b"".join(rest)))

    def _handled(self, peer: Peer, part: rtcp.Part, now: float) -> bool:
        if self.lines.handled(peer, part, now):
            return True
        if part.type == rtcp.TRANSPORT_FEEDBACK and part.count == rtcp.NACK:
            self._repair(peer, part, now)
            return True
        if part.type == rtcp.SENDER_REPORT:
            self._take_report(peer, part, now)
            return part.count == 0
        return part.type == rtcp.SOURCE

    def _repair(self, peer: Peer, part: rtcp.Part, now: float) -> None:
        ssrc, numbers = rtcp.nacked(part)
        stream = peer.by_ssrc.get(ssrc)
        if stream is None or not stream.nack:
            return
        publication = self.tables.publications[stream.key]
        stream.asked += len(numbers[:_MAX_ASKED])
        for number in numbers[:_MAX_ASKED]:
            if self.sender.repair(peer, stream, publication, number, now):
                self.counters["repaired"] += 1

    def _take_report(self, peer: Peer, part: rtcp.Part, now: float) -> None:
        said = rtcp.sender_info(part)
        for publication in peer.publications.values():
            if said is not None and publication.ssrc == said.ssrc and publication.first >= 0:
                if publication.report is not None and now - publication.report_at < REPORT_EVERY:
                    self.counters["flooded"] += 1
                    continue
                publication.report, publication.report_at = said, now
                if publication.tap is not None and not publication.muted:
                    publication.tap.report(said.ntp, (said.rtp + publication.shift) & 0xFFFFFFFF, now)
                for stream in publication.streams:
                    if stream.splice is None:
                        self.sender.report(publication, stream)
                self.pictures.reported(publication, said.ntp, (said.rtp + publication.shift) & 0xFFFFFFFF, now)

    def _ask_again(self, publication: Publication, now: float) -> None:
        peer = self.tables.peers.get(publication.peer)
        if publication.key not in self.tables.publications:
            self._gappy.discard(publication)
            return
        self.pictures.overlook(publication)
        wanted, lost = publication.asked_again(now)
        if wanted and peer is not None and publication.ssrc is not None:
            self.counters["asked"] += len(wanted)
            self._feedback(peer, rtcp.build_nack(_SENDER, publication.ssrc, wanted))
        if lost:
            self.notify(PacketsLost(publication.name, publication.layer))
        if not publication.gaps:
            self._gappy.discard(publication)

    def _forward_layer(self, publication: Publication, packets: list[Packet], now: float) -> None:
        """To those who get this publication as it comes, and to those who get layers."""
        plain = [stream for stream in publication.streams if stream.splice is None]
        if plain:
            self.sender.forward(publication, plain, packets, now)
        self.pictures.forward(publication, packets, now)

    def _feedback(self, peer: Peer, feedback: bytes) -> None:
        """Feedback travels behind a report, be it an empty one (RFC 4585 §3.1)."""
        self.sender.rtcp(peer, rtcp.build_receiver_report(_SENDER, ()) + feedback)

    def _tell_arrivals(self, now: float) -> None:
        """Tell publishers when their packets came."""
        if now < self._tell_at:
            return
        self._tell_at = now + FAST
        for peer in self.tables.peers.values():
            if peer.arrivals is not None:
                for report in peer.arrivals.reports(_SENDER, now):
                    self.counters["told"] += 1
                    self._feedback(peer, report)

    def _tell_levels(self) -> None:
        levels = [
            (each.key, loudness)
            for each in self.tables.publications.values()
            if each.level_extension and (loudness := each.loudness()) >= AUDIBLE and not each.muted
        ]
        if levels:
            self.notify(Levels(tuple(levels)))
