"""The way out: packets and reports of a publication, sealed for each viewer and sent in runs."""

from struct import Struct
from typing import TYPE_CHECKING, Protocol

from . import Address, rtcp, rtp, srtp
from .history import Packet
from .incoming import Publication
from .outgoing import REPEATS, Stream, number_in, number_place, put_number
from .peer import Peer
from .udp import MAX_RUN_BYTES, MAX_SEGMENTS

if TYPE_CHECKING:
    from .heads import Heads

MAX_DATAGRAM = 2048

_NUMBER, _NAME = Struct("!H"), Struct("!I")
_AROUND = 100
"""Bytes that header, extension and tag may add to a payload."""


class Outlet(Protocol):
    """One way out for sealed packets: a UDP socket, a TCP connection, or a network in memory."""

    def send(self, address: Address, data: memoryview | bytes) -> None: ...

    def send_run(self, address: Address, data: memoryview, size: int) -> None:
        """`data` holds packets of `size` bytes, the last may be shorter."""
        ...


class Ways(Protocol):
    def way(self, address: Address) -> Outlet:
        """The way that leads to an address; one that leads nowhere when its connection is gone."""
        ...


class Sender:
    """Writes into one piece of memory, seals there, and sends from there: a packet is copied once for a viewer."""

    def __init__(self, peers: dict[str, Peer]) -> None:
        self._peers = peers
        self.heads: Heads | None = None
        self._memory, self._arena = srtp.buffer(MAX_RUN_BYTES + 2 * MAX_DATAGRAM)
        self._length = srtp.length_cell()

    def forward(self, publication: Publication, streams: list[Stream], packets: list[Packet], now: float) -> None:
        """Send packets of a publication to viewers."""
        for run in _runs(packets):
            if run[0][5]:
                self._forward_one(publication, streams, run[0], now)
            else:
                self._forward_run(publication, streams, run, now)

    def repair(self, peer: Peer, stream: Stream, publication: Publication, sequence: int, now: float) -> bool:
        """Send a lost packet again, if it is still there and the viewer may have it."""
        if stream.splice is None:
            size = stream.place_repair(
                self._arena, sequence, publication.history, publication.highest, now, publication.wrapped
            )
        elif publication.layers is None or publication.muted or stream.silent:
            return False
        else:
            size = stream.place_asked(self._arena, publication.layers.asked_for(stream.splice, sequence), now)
        if size and stream.numbered and _NAME.unpack_from(self._arena, 8)[0] == stream.ssrc and peer.line is not None:
            peer.line.repeated(number_in(self._arena))
            return bool(self._seal_and_send(peer, size))
        return bool(self._send(peer, stream, size, now))

    def again(self, peer: Peer, stream: Stream, packet: Packet, now: float) -> int:
        """Send a kept packet as RTX though nobody asked; its size, 0 when it was not sent."""
        return self._send(peer, stream, stream.place_again(self._arena, packet), now)

    def rtcp(self, peer: Peer, data: bytes) -> None:
        """Seal a compound packet and send it."""
        size = len(data)
        if size > MAX_DATAGRAM - srtp.TRAILER:
            return
        self._arena[:size] = data
        self._length[0] = size
        if self.heads is not None and self.heads.peer == peer.key:
            self.heads.rtcp(True, rtcp.split(data))
        if srtp.seal_rtcp(peer.keys.sealing, self._memory, self._length) == 0:
            peer.way.send(peer.address, self._arena[: self._length[0]])

    def report(self, publication: Publication, stream: Stream) -> None:
        """Tell a viewer how media time and wall clock belong together, if the publisher has said so."""
        if publication.report is not None and not stream.fresh:
            self.rtcp(self._peers[stream.peer], stream.report(publication.report, publication.shift))

    def _forward_one(self, publication: Publication, streams: list[Stream], packet: Packet, now: float) -> None:
        for stream in streams:
            if stream.silent:
                continue
            if stream.fresh:
                stream.begin(packet[2])
                self.report(publication, stream)
            size = stream.place(self._arena, packet)
            if self._send(self._peers[stream.peer], stream, size, now, packet[2]):
                stream.packets += 1
                stream.octets += len(packet[4])

    def _send(self, peer: Peer, stream: Stream, size: int, now: float, index: int = -1) -> int:
        """Number, seal and send what was written; its size, 0 when it was not sent. `index`: is there for the first
        time."""
        line = peer.line if stream.numbered else None
        if size and line is not None:
            put_number(self._arena, line.number)
            if index >= 0 and stream.numbers is not None:
                stream.numbers[index % REPEATS] = index << 16 | line.number
        size = self._seal_and_send(peer, size)
        if size and line is not None:
            line.sent(size, now)
        return size

    def _seal_and_send(self, peer: Peer, size: int) -> int:
        self._length[0] = size
        if not size or srtp.seal_rtp(peer.keys.sealing, self._memory, self._length):
            return 0
        peer.way.send(peer.address, self._arena[: self._length[0]])
        return self._length[0]

    def _forward_run(self, publication: Publication, streams: list[Stream], run: list[Packet], now: float) -> None:
        """The hot path: packets of equal size (the last may be shorter) to each viewer of a publication."""
        peers, arena, memory, length = self._peers, self._arena, self._memory, self._length
        seal, pack_into, put = srtp.seal_rtp, rtp.HEADER.pack_into, _NUMBER.pack_into
        octets = sum([len(packet[4]) for packet in run])
        for stream in streams:
            if stream.silent:
                continue
            if stream.fresh:
                stream.begin(run[0][2])
                self.report(publication, stream)
            peer = peers[stream.peer]
            sealing, types, ssrc = peer.keys.sealing, stream.types, stream.ssrc
            delta, first, block = stream.delta, stream.first, stream.block
            extension = 0x10 if block else 0
            body = 12 + len(block)
            line, numbers = (peer.line, stream.numbers) if stream.numbered else (None, None)
            place = number_place(block) if line is not None else 0
            offset = step = count = 0
            for flags, kind, index, timestamp, payload, _, _ in run:
                if index < first or kind not in types:
                    continue
                pack_into(arena, offset, flags | extension, types[kind], (index + delta) & 0xFFFF, timestamp, ssrc)
                if block:
                    arena[offset + 12 : offset + body] = block
                    if line is not None:
                        put(arena, offset + place, line.number)
                size = body + len(payload)
                arena[offset + body : offset + size] = payload
                length[0] = size
                if seal(sealing, memory + offset, length):
                    continue
                size = length[0]
                if line is not None:
                    if numbers is not None:
                        numbers[index % REPEATS] = index << 16 | line.number
                    line.sent(size, now)
                step = step or size
                offset += size
                count += 1
            if count == 1:
                peer.way.send(peer.address, arena[:offset])
            elif count:
                peer.way.send_run(peer.address, arena[:offset], step)
            stream.packets += count
            stream.octets += octets


def _runs(packets: list[Packet]) -> list[list[Packet]]:
    """Cut into runs for segmented sending: equal sizes, but the last may be shorter; extensions go alone."""
    runs: list[list[Packet]] = []
    open_size, room = -1, 0
    for packet in packets:
        size = len(packet[4])
        if packet[5] or size > open_size or not room:
            runs.append([packet])
            open_size = -1 if packet[5] else size
            room = min(MAX_SEGMENTS, MAX_RUN_BYTES // (size + _AROUND)) - 1
            continue
        runs[-1].append(packet)
        room -= 1
        if size < open_size:
            open_size = -1
    return runs
