"""Peers with known keys on both sides of a wire, whatever made it: over UDP or TCP, on loopback or in memory.

A scenario says what the peers send and what they must get; `Rig.until` lets time pass, real or virtual.
"""

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from struct import pack, unpack_from
from typing import Any, NamedTuple

from media.wire import AddPeer, Address, Command, Datagram, Note, Profile, SendDatagram, Wire, rtcp, rtp, srtp
from media.wire.fake import FakeWire, Network
from media.wire.frames import Frames, framed
from tests.wire.makers import ENGINES, MAKERS

KEY_SIZES: dict[Profile, int] = {"AEAD_AES_128_GCM": 28, "AEAD_AES_256_GCM": 44, "AES128_CM_SHA1_80": 30}


class Rtp(NamedTuple):
    """A packet as a peer got it, in the clear."""

    marker: int
    type: int
    sequence: int
    timestamp: int
    ssrc: int
    elements: rtp.Elements
    payload: bytes


def packet(
    type: int,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload: bytes = b"payload",
    marker: int = 0,
    elements: rtp.Elements = (),
) -> bytes:
    """RTP in the clear."""
    block = rtp.write_elements(elements)
    first = 0x90 if block else 0x80
    header = rtp.HEADER.pack(first, marker << 7 | type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
    return header + block + payload


def parsed(data: bytes) -> Rtp:
    first, kind, sequence, timestamp, ssrc = rtp.HEADER.unpack_from(data)
    start, block, profile = rtp.payload_start(data, len(data))
    elements = rtp.read_elements(data[block:start], profile) if first & 0x10 else ()
    return Rtp(kind >> 7, kind & 0x7F, sequence, timestamp, ssrc, elements, data[start:])


class Sealer:
    """Seals and opens for a peer, beside the wire's own use of the same library."""

    def __init__(self, profile: Profile, receive_key: bytes, send_key: bytes) -> None:
        self._keys = srtp.Keys(profile, receive_key, send_key)
        self._memory, self._view = srtp.buffer(4096)
        self._length = srtp.length_cell()

    def seal(self, data: bytes) -> bytes:
        return self._through(srtp.seal_rtp, self._keys.sealing, data)

    def seal_rtcp(self, data: bytes) -> bytes:
        return self._through(srtp.seal_rtcp, self._keys.sealing, data)

    def open(self, data: bytes) -> bytes:
        """Raises ValueError for what is not whole and from the other side."""
        return self._through(srtp.open_rtp, self._keys.opening, data)

    def open_rtcp(self, data: bytes) -> bytes:
        return self._through(srtp.open_rtcp, self._keys.opening, data)

    def _through(self, function: Any, context: Any, data: bytes) -> bytes:
        self._view[: len(data)] = data
        self._length[0] = len(data)
        if status := function(context, self._memory, self._length):
            raise ValueError(f"libsrtp said {status}")
        return bytes(self._view[: self._length[0]])


class Peer:
    """One end of an SRTP path. `rtp` and `rtcp` is what came; `deaf(n)` tells whether the n-th RTP is lost."""

    def __init__(self, key: str, sealer: Sealer, send: Callable[[bytes], None]) -> None:
        self.key, self.sealer, self.send = key, sealer, send
        self.address: Address = ("", 0)
        self.rtp: list[Rtp] = []
        self.rtcp: list[rtcp.Part] = []
        self.sizes: list[int] = []
        self.deaf: Callable[[int], bool] = lambda _: False
        self.heard = 0

    def play(self, data: bytes) -> None:
        """Send RTP given in the clear."""
        self.send(self.sealer.seal(data))

    def report(self, data: bytes) -> None:
        """Send RTCP given in the clear."""
        self.send(self.sealer.seal_rtcp(data))

    def take(self, data: bytes) -> None:
        if 192 <= data[1] <= 223:
            self.rtcp += rtcp.split(self.sealer.open_rtcp(data))
            return
        self.heard += 1
        if not self.deaf(self.heard):
            self.sizes.append(len(data))
            self.rtp.append(parsed(self.sealer.open(data)))

    def parts(self, type: int, count: int | None = None) -> list[rtcp.Part]:
        return [part for part in self.rtcp if part.type == type and count in (None, part.count)]


class Rig(ABC):
    """A wire, its notes, and peers on it."""

    wire: Wire

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.peers: dict[str, Peer] = {}

    async def peer(self, key: str, profile: Profile = "AEAD_AES_128_GCM", weight: int = 1) -> Peer:
        """A peer that the wire knows."""
        up, down = (os.urandom(KEY_SIZES[profile]) for _ in range(2))
        peer = Peer(key, Sealer(profile, down, up), lambda _: None)
        peer.address = await self.place(peer)
        self.peers[key] = peer
        self.do(AddPeer(key, peer.address, profile, up, down, weight))
        return peer

    def do(self, *commands: Command) -> None:
        for command in commands:
            self.wire.perform(command)

    def noted(self, kind: type[Note]) -> list[Any]:
        return [note for note in self.notes if isinstance(note, kind)]

    @abstractmethod
    async def place(self, peer: Peer) -> Address:
        """Give a peer an address and a way to the wire."""

    @abstractmethod
    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for it. Fails after a few seconds."""

    @abstractmethod
    async def pause(self, seconds: float) -> None:
        """Let so much time pass."""

    @abstractmethod
    async def settle(self) -> None:
        """Let everything under way arrive."""

    async def close(self) -> None:
        self.wire.close()


class UdpRig(Rig):
    """Over UDP on loopback, in real time."""

    def __init__(self, maker: str = "python") -> None:
        super().__init__()
        self.wire = MAKERS[maker]("127.0.0.1", 0, self.notes.append)
        self._changed = asyncio.Event()
        self._transports: list[asyncio.DatagramTransport] = []

    async def place(self, peer: Peer) -> Address:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Inlet(peer, self._changed), local_addr=("127.0.0.1", 0), remote_addr=("127.0.0.1", self.wire.port)
        )
        peer.send = transport.sendto
        self._transports.append(transport)
        return transport.get_extra_info("sockname")

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.02):  # notes of the wire come without an event
                        await self._changed.wait()
                except TimeoutError:
                    continue

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def settle(self) -> None:
        await asyncio.sleep(0.1)  # nothing tells that nothing more comes

    async def close(self) -> None:
        await super().close()
        for transport in self._transports:
            transport.close()
        await asyncio.sleep(0)


class TcpRig(UdpRig):
    """Over TCP on loopback; each place is a connection of its own."""

    def __init__(self, maker: str = "python") -> None:
        super().__init__(maker)
        self.writers: dict[Address, asyncio.StreamWriter] = {}
        self._reading: list[asyncio.Task[None]] = []
        self._greetings = 0

    async def place(self, peer: Peer) -> Address:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.wire.port, limit=2**20)
        peer.send = lambda data: writer.write(framed(data))
        self._reading.append(asyncio.create_task(self._read(reader, peer)))
        self._greetings += 1
        address = await _greet(self, peer, self._greetings)
        self.writers[address] = writer
        return address

    async def close(self) -> None:
        for task in self._reading:
            task.cancel()
        for writer in self.writers.values():
            writer.close()
        await super().close()

    async def _read(self, reader: asyncio.StreamReader, peer: Peer) -> None:
        frames = Frames(2048)
        while data := await reader.read(65536):
            for each in frames.feed(data):
                if not each.startswith(_WELCOME):
                    peer.take(each)
            self._changed.set()


_WELCOME = b"\x01welcome"


async def _greet(rig: "Rig", peer: Peer, number: int) -> Address:
    """Say a word and be answered, as by a check: so a connection is known, and is no stranger's any more."""
    greeting = b"\x00hello %d" % number
    peer.send(greeting)
    found = lambda: [note for note in rig.noted(Datagram) if note.data == greeting]  # noqa: E731
    await rig.until(found)
    (note,) = found()
    rig.notes.remove(note)
    rig.do(SendDatagram(note.address, _WELCOME))
    return note.address


class _Inlet(asyncio.DatagramProtocol):
    def __init__(self, peer: Peer, changed: asyncio.Event) -> None:
        self._peer, self._changed = peer, changed

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._peer.take(data)
        self._changed.set()


class MemoryRig(Rig):
    """Over a network in memory, in virtual time."""

    def __init__(self, engine: str = "fake") -> None:
        super().__init__()
        self.network = Network()
        self.wire = self.fake = FakeWire(self.network, ("10.0.0.1", 5000), self.notes.append, ENGINES[engine])

    async def place(self, peer: Peer) -> Address:
        address = ("10.0.1.1", 6000 + len(self.peers))
        peer.send = lambda data: self.network.send(address, ("10.0.0.1", 5000), data)
        self.network.attach(address, lambda _, data: peer.take(data))
        return address

    async def until(self, condition: Callable[[], object]) -> None:
        end = self.network.now + 5
        while not condition():
            assert self.network.now < end, "waited in vain"
            await self.network.run(0.01)

    async def pause(self, seconds: float) -> None:
        await self.network.run(seconds)

    async def settle(self) -> None:
        await self.network.run(0.1)


class MemoryTcpRig(MemoryRig):
    """Over connections in memory."""

    def __init__(self, engine: str = "fake") -> None:
        super().__init__(engine)
        self._placed = 0

    async def place(self, peer: Peer) -> Address:
        self._placed += 1
        address, frames = ("10.0.1.1", 7000, self._placed), Frames(2048)

        def take(_: Address, data: bytes) -> None:
            for each in frames.feed(data):
                if not each.startswith(_WELCOME):
                    peer.take(each)

        peer.send = lambda data: self.network.send(address, ("10.0.0.1", 5000), framed(data))
        self.network.attach(address, take)
        return await _greet(self, peer, self._placed)


RIGS: dict[str, Callable[[], Rig]] = {
    **{name: partial(UdpRig, name) for name in MAKERS},
    **{f"{name} over TCP": partial(TcpRig, name) for name in MAKERS},
    **{name: partial(MemoryRig, name) for name in ENGINES},
    **{f"{name} over TCP": partial(MemoryTcpRig, name) for name in ENGINES},
}
"""By maker of the wire."""


def nack(sequences: list[int], media: int) -> bytes:
    return rtcp.build_receiver_report(9, ()) + rtcp.build_nack(9, media, sequences)


def sender_report(ssrc: int, ntp: int, timestamp: int) -> bytes:
    return rtcp.build_sender_report(ssrc, ntp, timestamp, 10, 1000)


def pli(media: int) -> bytes:
    return rtcp.build_receiver_report(9, ()) + rtcp.build_pli(9, media)


def asked_numbers(peer: Peer) -> list[int]:
    """What the wire asked a publisher for again."""
    return [number for part in peer.parts(rtcp.TRANSPORT_FEEDBACK, rtcp.NACK) for number in rtcp.nacked(part)[1]]


def report_of(part: rtcp.Part) -> tuple[int, int, int, int, int]:
    """SSRC, NTP, RTP time, packets and octets of a sender report."""
    return unpack_from("!IQIII", part.body)


def garbage(size: int) -> bytes:
    return pack("!B", 0x80) + os.urandom(size - 1)
