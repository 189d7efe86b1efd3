"""The wire's tables, and how commands change them."""

from typing import TYPE_CHECKING, Any

from . import (
    AddPeer,
    AddPublication,
    Address,
    AddSubscription,
    Command,
    DropPeer,
    DropPublication,
    DropSubscription,
    HearPeer,
    MovePeer,
    MutePublication,
    PacketsLost,
    PauseSubscription,
    RequestKeyframe,
    SendDatagram,
    SendRtcp,
    Tap,
    WantBitrate,
    srtp,
)
from .incoming import Publication
from .outgoing import Stream
from .peer import MAX_ADDRESSES, Peer
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
            case SendRtcp(key, data):
                if peer := self.peers.get(key):
                    self._forwarder.sender.rtcp(peer, data)
            case WantBitrate(key, bitrate):
                self._forwarder.lines.want(key, bitrate)
            case RequestKeyframe(key):
                if publication := self.publications.get(key):
                    self._forwarder.request_keyframe(publication)

    def tap(self, key: str, tap: Tap | None) -> None:
        """Who takes a publication inside the server, now or once it is there."""
        if tap is None:
            self._taps.pop(key, None)
        else:
            self._taps[key] = tap
        if publication := self.publications.get(key):
            publication.tap = tap

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
        peer.incoming.clear()
        peer.reporters.clear()
        self._place(peer, command.address)

    def _place(self, peer: Peer, address: Address) -> None:
        """Send to `address` from now on; the peer's latest few addresses are listened to."""
        former = self.by_address.get(address)
        if former is not None and former is not peer:
            former.addresses.remove(address)
        peer.address, peer.way = address, self._forwarder.ways.way(address)
        self._hold(peer, False)
        if address in peer.addresses:
            peer.addresses.remove(address)
        peer.addresses.append(address)
        self.by_address[address] = peer
        for old in peer.addresses[:-MAX_ADDRESSES]:
            peer.addresses.remove(old)
            del self.by_address[old]

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
            for publication in [publication for stream, publication in videos if not stream.silent]:
                self._forwarder.notify(PacketsLost(publication.key))

    def _drop_peer(self, key: str) -> None:
        peer = self.peers.pop(key, None)
        if peer is None:
            return
        for name in list(peer.publications):
            self._drop_publication(name)
        for stream in peer.streams.values():
            self.publications[stream.key].streams.remove(stream)
        for address in peer.addresses:
            self.by_address.pop(address, None)

    def _add_publication(self, command: AddPublication) -> None:
        peer = self.peers.get(command.peer)
        if peer is None:
            return
        publication = self.publications.get(command.publication)
        if publication is None:
            publication = Publication(command)
            self.publications[publication.key] = peer.publications[publication.key] = publication
            publication.tap = self._taps.get(publication.key)
        else:
            publication.change(command)
        peer.forget_incoming()

    def _drop_publication(self, key: str) -> None:
        self._taps.pop(key, None)
        publication = self.publications.pop(key, None)
        if publication is None:
            return
        for stream in publication.streams:
            peer = self.peers.get(stream.peer)
            if peer is not None:
                _forget(peer, stream)
        publication.streams.clear()
        if owner := self.peers.get(publication.peer):
            owner.publications.pop(key, None)
            owner.forget_incoming()

    def _mute(self, publication: Publication, muted: bool) -> None:
        publication.muted = muted
        for stream in publication.streams:
            stream.leave_off(publication.highest)

    def _add_stream(self, command: AddSubscription, now: float) -> None:
        peer, publication = self.peers.get(command.peer), self.publications.get(command.publication)
        if peer is None or publication is None:
            return
        self._drop_stream(command.peer, command.publication)
        stream = Stream(command, now)
        if stream.numbered:
            line_of(peer)
        stream.hold(peer.held and publication.kind == "video", publication.highest)
        peer.streams[stream.key] = stream
        peer.by_ssrc[stream.ssrc] = stream
        publication.streams.append(stream)
        _note_kept(publication)

    def _drop_stream(self, key: str, name: str) -> None:
        peer, publication = self.peers.get(key), self.publications.get(name)
        if peer is None or publication is None or name not in peer.streams:
            return
        stream = peer.streams[name]
        _forget(peer, stream)
        publication.streams.remove(stream)
        _note_kept(publication)


def _forget(peer: Peer, stream: Stream) -> None:
    peer.streams.pop(stream.key, None)
    peer.by_ssrc.pop(stream.ssrc, None)
    if peer.line is not None:
        peer.line.forget(stream.ssrc)


def _note_kept(publication: Publication) -> None:
    """Header extensions that no viewer wants are not even kept."""
    publication.kept = frozenset(key for stream in publication.streams for key in stream.extensions)
