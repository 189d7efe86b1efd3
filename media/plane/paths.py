"""The way to each browser: ICE, then DTLS, then keys for the wire. Datagrams in; connected and lost out."""

import asyncio
import secrets
from collections.abc import Callable

from media.wire import AddPeer, Address, Datagram, DropPeer, HearPeer, MovePeer, SendDatagram, Wire

from . import ice
from .dtls import Handshakes, Keys
from .sdp import Description, Local, role
from .transport import Kind, Transport


class Paths:
    """All transports of a plane by their id."""

    def __init__(
        self,
        wire: Wire,
        handshakes: Handshakes,
        candidates: tuple[str, ...],
        clock: Callable[[], float],
        connected: Callable[[Transport], None],
        lost: Callable[[Transport, str], None],
        called: Callable[[Transport, Address], None],
    ) -> None:
        self._wire, self._handshakes, self._clock = wire, handshakes, clock
        self._candidates = candidates
        self._connected, self._lost, self._called = connected, lost, called
        self._ice = ice.Ice()
        self._by_address: dict[Address, Transport] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.transports: dict[str, Transport] = {}

    def open(self, key: str, kind: Kind) -> Transport:
        """A new transport with credentials of its own (RFC 8839 §5.4: ufrag 4, password 22 characters at least)."""
        transport = Transport(key, kind, secrets.token_hex(6), secrets.token_hex(16), secrets.randbits(62))
        self.transports[key] = transport
        self._ice.add(key, transport.ufrag, transport.password)
        return transport

    def known_by(self, transport: Transport, ufrag: str, password: str) -> None:
        """Credentials that were given, in place of our own."""
        self._ice.remove(transport.key)
        transport.ufrag, transport.password = ufrag, password
        self._ice.add(transport.key, ufrag, password)

    def local(self, transport: Transport, setup: str) -> Local:
        """Our side for an SDP of this transport; each has the next revision."""
        transport.revision += 1
        fingerprints = self._handshakes.identity.fingerprints
        return Local(
            transport.ufrag, transport.password, fingerprints, setup, self._candidates,
            transport.number, transport.revision,
        )  # fmt: skip

    def expect(self, transport: Transport, told: Description) -> str:
        """The other side is known: await its checks and its handshake. Our role in DTLS."""
        ours = role(told)
        if transport.handshake is None:
            transport.remote_ufrag = told.ufrag
            transport.handshake = self._handshakes.new(
                ours,
                told.fingerprints,
                lambda data: self._send(transport, data),
                lambda outcome: self._finished(transport, outcome),
            )
            self._ice.arm(transport.key, self._clock())
        return ours

    def restart(self, transport: Transport, remote_ufrag: str) -> None:
        """New credentials of ours, because the browser has new ones."""
        transport.remote_ufrag = remote_ufrag
        transport.ufrag, transport.password = secrets.token_hex(6), secrets.token_hex(16)
        self._ice.restart(transport.key, transport.ufrag, transport.password, self._clock())

    def close(self, transport: Transport) -> None:
        """Forget it, and let the browser know."""
        if self.transports.pop(transport.key, None) is None:
            return
        if transport.handshake is not None:
            task = asyncio.get_running_loop().create_task(transport.handshake.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._wire.perform(DropPeer(transport.key))
        self._ice.remove(transport.key)
        for address in transport.addresses:
            if self._by_address.get(address) is transport:
                del self._by_address[address]

    def speak(self, transport: Transport, peer: AddPeer) -> None:
        """Its keys are known: packets may flow."""
        transport.connected = True
        self._ice.connected(transport.key)
        self._wire.perform(peer)
        for beside in transport.addresses - {peer.address}:
            self._wire.perform(HearPeer(transport.key, beside))
        self._connected(transport)

    def datagram(self, note: Datagram) -> None:
        """STUN or DTLS from anybody."""
        if note.data[0] >= 20:
            transport = self._by_address.get(note.address)
            if transport is not None and transport.handshake is not None:
                transport.heard_at = note.address
                transport.handshake.feed(note.data)
            return
        for output in self._ice.handle(note.address, note.data, self._clock()):
            match output:
                case ice.Reply(address, data):
                    self._wire.perform(SendDatagram(address, data))
                case ice.Validated(key, address):
                    transport = self.transports[key]
                    transport.addresses.add(address)
                    self._by_address[address] = transport
                    if transport.connected:
                        self._wire.perform(HearPeer(key, address))
                case ice.Nominated(key, address):
                    self._nominated(self.transports[key], address)

    def closed(self, address: Address) -> None:
        """A TCP connection ended. Its transport stays: the browser may connect again, or go on another way."""
        self._ice.forget(address)
        transport = self._by_address.pop(address, None)
        if transport is not None:
            transport.addresses.discard(address)
            if transport.heard_at == address:
                transport.heard_at = None

    def expire(self) -> None:
        """Give up transports that have fallen silent; to be called about once a second. Legs live as long as planes."""
        for transport in [self.transports[key] for key in self._ice.expired(self._clock())]:
            if transport.kind == "leg":
                continue
            self._lost(transport, "no_consent" if transport.connected else "never_connected")

    def refused(self) -> int:
        """How many STUN messages got no answer."""
        return self._ice.refused

    def _nominated(self, transport: Transport, address: Address) -> None:
        if transport.kind == "leg":
            self._called(transport, address)
        elif transport.connected:
            self._wire.perform(MovePeer(transport.key, address))
        elif transport.handshake is not None and transport.handshake.leads:
            transport.handshake.begin()

    def _send(self, transport: Transport, data: bytes) -> None:
        address = self._ice.nominated(transport.key) or transport.heard_at
        if address is not None:
            self._wire.perform(SendDatagram(address, data))

    def _finished(self, transport: Transport, outcome: Keys | str) -> None:
        if self.transports.get(transport.key) is not transport:
            return
        address = self._ice.nominated(transport.key) or transport.heard_at
        if isinstance(outcome, str) or address is None:
            self._lost(transport, outcome if isinstance(outcome, str) else "no_address")
            return
        self.speak(transport, AddPeer(transport.key, address, outcome.profile, outcome.receive, outcome.send))
