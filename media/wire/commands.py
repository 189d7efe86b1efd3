"""The wire's tables, and how commands change them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from . import (
    AddPeer,
    AddPublication,
    Address,
    AddSubscription,
    Capture,
    Command,
    DropPeer,
    DropPublication,
    DropSubscription,
    HearPeer,
    LimitSounds,
    MapPayloads,
    MovePeer,
    MutePublication,
    PacketsLost,
    PauseSubscription,
    RequestKeyframe,
    SelectLayer,
    SendDatagram,
    SendRtcp,
    Tap,
    WantBitrate,
    keyframes,
    srtp,
)
from .arrivals import Arrivals
from .heads import Heads, NotingOutlet
from .incoming import Publication
from .layering import MOST_LAYERS, Layers
from .loudest import Sounds
from .outgoing import Stream
from .peer import MAX_ADDRESSES, Peer
from .sending import Outlet
from .viewer_line import line_of

if TYPE_CHECKING:
    from .forwarder import Forwarder


class Tables:
    """Peers, publications and streams by what they are asked for."""

    def __init__(self, forwarder: "Forwarder") -> None:
        self._forwarder = forwarder
        self.peers: dict[str, Peer] = {}
        self.by_address: dict[Address, Peer] = {}
        self.publications: dict[str, Publication] = {}
        self.sounds = Sounds()
        self._taps: dict[str, Tap] = {}

    def perform(self, command: Command, now: float) -> None:
        match command:
            case SendDatagram(address, data):
                self._forwarder.ways.way(address).send(address, data)
            case AddPeer():
                self._add_peer(command)
            case MovePeer(key, address):
                if peer := self.peers.get(key):
                    self._place(peer, address)
            case HearPeer(key, address):
                if peer := self.peers.get(key):
                    self._hear(peer, address)
            case DropPeer(key):
                self._drop_peer(key)
            case AddPublication():
                self._add_publication(command)
            case DropPublication(key):
                self._drop_publication(key)
            case MutePublication(key, muted):
                if publication := self.publications.get(key):
                    self._mute(publication, muted)
            case AddSubscription():
                self._add_stream(command, now)
            case DropSubscription(key, name):
                self._drop_stream(key, name)
            case PauseSubscription(key, name, paused):
                if (peer := self.peers.get(key)) and (stream := peer.streams.get(name)):
                    stream.pause(paused, self.publications[name].highest)
            case MapPayloads(key, name, payloads):
                if (peer := self.peers.get(key)) and (stream := peer.streams.get(name)) and stream.splice is None:
                    stream.map(payloads, self.publications[name].highest)
            case LimitSounds(group, most):
                self.sounds.limit(group, most)
            case SendRtcp(key, data):
                if peer := self.peers.get(key):
                    self._forwarder.sender.rtcp(peer, data)
            case Capture(key, packets):
                self._capture(key, packets, now)
            case WantBitrate(key, bitrate):
                self._forwarder.lines.want(key, bitrate)
            case RequestKeyframe(key, layer):
                if publication := self.publications.get(key):
                    self._forwarder.pictures.request(publication, layer, now)
            case SelectLayer(key, name, layer, temporal):
                if (peer := self.peers.get(key)) and (stream := peer.streams.get(name)):
                    self._forwarder.pictures.select(stream, layer, temporal, now)

    def tap(self, key: str, tap: Tap | None) -> None:
        """Who takes a publication inside the server, now or once it is there."""
        if tap is None:
            self._taps.pop(key, None)
        else:
            self._taps[key] = tap
        if publication := self.publications.get(key):
            publication.tap = tap
            if publication.layers is not None:
                publication.layers.tapped = None

    def hold(self, address: Address, held: bool) -> None:
        """Too much waits on the way to an address: no more video until there is room. Then keyframes are in want."""
        peer = self.by_address.get(address)
        if peer is not None and peer.address == address:
            self._hold(peer, held)

    def close(self, address: Address) -> None:
        """Nobody is behind this address any more."""
        peer = self.by_address.pop(address, None)
        if peer is not None:
            peer.addresses.remove(address)

    def dump(self) -> dict[str, Any]:
        return {
            "peers": len(self.peers),
            "publications": {
                each.key: {
                    "ssrc": each.ssrc,
                    "received": each.received,
                    "late": each.duplicates,
                    "missing": len(each.gaps),
                    "history": len(each.history),
                    "history_bytes": each.history.size,
                    "rate": each.rate,
                    "viewers": len(each.streams),
                    "forwarded": sum(stream.packets for stream in each.streams),
                    "repaired": sum(stream.retransmitted for stream in each.streams),
                    "muted": each.muted,
                }
                for each in self.publications.values()
            },
        }

    def _add_peer(self, command: AddPeer) -> None:
        keys = srtp.Keys(command.profile, command.receive_key, command.send_key)
        peer = self.peers.get(command.peer)
        if peer is None:
            way = self._forwarder.ways.way(command.address)
            peer = self.peers[command.peer] = Peer(command.peer, command.address, way, keys)
        peer.keys = keys
        peer.weigh(command.weight)
        peer.incoming.clear()
        peer.reporters.clear()
        if peer.arrivals is not None:
            peer.arrivals = Arrivals(peer.arrivals.extension)
        self._place(peer, command.address)

    def _place(self, peer: Peer, address: Address) -> None:
        """Send to `address` from now on; the peer's latest few addresses are listened to."""
        former = self.by_address.get(address)
        if former is not None and former is not peer:
            former.addresses.remove(address)
        peer.address, peer.way = address, self._way(peer, address)
        self._hold(peer, False)
        if address in peer.addresses:
            peer.addresses.remove(address)
        peer.addresses.append(address)
        self.by_address[address] = peer
        for old in peer.addresses[:-MAX_ADDRESSES]:
            peer.addresses.remove(old)
            del self.by_address[old]

    def _way(self, peer: Peer, address: Address) -> Outlet:
        way, heads = self._forwarder.ways.way(address), self._forwarder.sender.heads
        return NotingOutlet(way, heads) if heads is not None and heads.peer == peer.key else way

    def _capture(self, key: str, packets: int, now: float) -> None:
        sender = self._forwarder.sender
        former, sender.heads = sender.heads, Heads(key, packets, now) if packets > 0 else None
        for each in dict.fromkeys([key, former.peer] if former else [key]):
            if peer := self.peers.get(each):
                peer.way = self._way(peer, peer.address)

    def _hear(self, peer: Peer, address: Address) -> None:
        if address not in self.by_address and len(peer.addresses) < MAX_ADDRESSES:
            peer.addresses.insert(0, address)
            self.by_address[address] = peer

    def _hold(self, peer: Peer, held: bool) -> None:
        if peer.held == held:
            return
        peer.held = held
        videos = [
            (stream, publication)
            for stream in peer.streams.values()
            if (publication := self.publications[stream.key]).kind == "video"
        ]
        for stream, publication in videos:
            stream.hold(held, publication.highest)
        if not held:
            for stream, publication in videos:
                if not stream.silent:
                    layer = stream.splice.wanted if stream.splice is not None else publication.layer
                    self._forwarder.notify(PacketsLost(publication.name, layer))

    def _drop_peer(self, key: str) -> None:
        peer = self.peers.get(key)
        if peer is None:
            return
        for name in list(peer.publications):
            self._drop_publication(name)
        for name in list(peer.streams):
            self._drop_stream(key, name)
        del self.peers[key]
        for address in peer.addresses:
            self.by_address.pop(address, None)

    def _add_publication(self, command: AddPublication) -> None:
        """What is sent in layers is a publication for each of them, and an outer one that has the viewers."""
        peer = self.peers.get(command.peer)
        if peer is None:
            return
        rids = tuple(rid for rid in dict.fromkeys(command.rids) if rid)[:MOST_LAYERS]
        known = self.publications.get(command.publication)
        if known is not None and _rids_of(known) != rids:
            self._drop_publication(command.publication)
            known = None
        inner = [self._publication(peer, _of_layer(command, layer, rid)) for layer, rid in enumerate(rids)]
        outer = self._publication(peer, replace(command, rids=(), ssrc=None) if rids else command)
        if rids and known is None:
            del peer.publications[outer.key]
            outer.layers = Layers(inner)
            for layer, each in enumerate(inner):
                each.layer, each.outer = layer, outer
        _report_to(peer, command.transport_extension)
        peer.forget_incoming()

    def _publication(self, peer: Peer, command: AddPublication) -> Publication:
        """As it is told, be it new or known."""
        publication = self.publications.get(command.publication)
        if publication is not None:
            if publication.group != command.group:
                self.sounds.forget(publication)
            publication.change(command)
            return publication
        publication = Publication(command)
        self.publications[publication.key] = peer.publications[publication.key] = publication
        publication.tap = self._taps.get(publication.key)
        return publication

    def _drop_publication(self, key: str) -> None:
        """All of it, whichever of its layers is named."""
        known = self.publications.get(key)
        outer = known.outer or known if known is not None else None
        self._taps.pop(key, None)
        if outer is None:
            return
        self._forget(outer)
        for each in outer.layers.inner if outer.layers is not None else ():
            self._forget(each)

    def _forget(self, publication: Publication) -> None:
        self._taps.pop(publication.key, None)
        self.publications.pop(publication.key, None)
        self.sounds.forget(publication)
        for stream in publication.streams:
            peer = self.peers.get(stream.peer)
            if peer is not None:
                _forget(peer, stream)
        publication.streams.clear()
        if owner := self.peers.get(publication.peer):
            owner.publications.pop(publication.key, None)
            owner.forget_incoming()

    def _mute(self, publication: Publication, muted: bool) -> None:
        inner = publication.layers.inner if publication.layers is not None else ()
        for each in dict.fromkeys((publication, *inner)):
            each.muted = muted
            for stream in each.streams:
                stream.leave_off(each.highest)

    def _add_stream(self, command: AddSubscription, now: float) -> None:
        peer, publication = self.peers.get(command.peer), self.publications.get(command.publication)
        if peer is None or publication is None:
            return
        self._drop_stream(command.peer, command.publication)
        stream = Stream(command, now)
        if stream.numbered:
            line_of(peer)
        if publication.layers is not None and publication.outer is None:
            stream.begin_splice().want(publication.layers.best(0))
        stream.hold(peer.held and publication.kind == "video", publication.highest)
        peer.streams[stream.key] = stream
        peer.by_ssrc[stream.ssrc] = stream
        publication.streams.append(stream)
        if publication.codec in keyframes.CODECS:
            publication.newcomers.append(stream)
        _note_kept(publication)

    def _drop_stream(self, key: str, name: str) -> None:
        peer, publication = self.peers.get(key), self.publications.get(name)
        if peer is None or publication is None or name not in peer.streams:
            return
        stream = peer.streams[name]
        _forget(peer, stream)
        publication.streams.remove(stream)
        if stream in publication.newcomers:
            publication.newcomers.remove(stream)
        _note_kept(publication)


def _forget(peer: Peer, stream: Stream) -> None:
    peer.streams.pop(stream.key, None)
    peer.by_ssrc.pop(stream.ssrc, None)
    if peer.line is not None:
        peer.line.forget(stream.ssrc)


def _report_to(peer: Peer, extension: int) -> None:
    """A publisher's packets bear transport-wide numbers under this id (0: not these), and it wants to be told of them;
    all its publications have the same id (RFC 8843 §9.2)."""
    if extension and (peer.arrivals is None or peer.arrivals.extension != extension):
        peer.arrivals = Arrivals(extension)


def _note_kept(publication: Publication) -> None:
    """Header extensions that no viewer wants are not even kept; of a layer some are also its outer's viewers'."""
    inner = publication.layers.inner if publication.layers is not None else [publication]
    for each in inner:
        viewers = each.streams if each.outer in (None, each) else [*each.streams, *each.outer.streams]
        each.kept = frozenset(key for stream in viewers for key in stream.extensions)


def _rids_of(publication: Publication) -> tuple[str, ...]:
    return tuple(each.rid.decode() for each in publication.layers.inner if each.rid) if publication.layers else ()


def _of_layer(command: AddPublication, layer: int, rid: str) -> AddPublication:
    key, told = f"{command.publication}~{rid}", command.layer_ssrcs
    ssrc, repair_ssrc = told[layer] if layer < len(told) else (None, None)
    return replace(command, publication=key, rids=(rid,), ssrc=ssrc, retransmission_ssrc=repair_ssrc)
