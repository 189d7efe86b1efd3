"""One subscription: what a packet of a publication looks like to one viewer. Time is given."""

from collections.abc import Mapping
from struct import Struct

from . import AddSubscription, PayloadMap, rtcp, rtp
from .history import History, Packet
from .layers import Splice
from .red import unwrapped
from .rtcp import SenderInfo

RETRANSMIT_RATE = 256_000
"""Bytes a second of retransmission that one stream may have, and how many at once."""
RETRANSMIT_BURST = 128_000
REPEATS = 256
"""Packets of which the transport-wide number is known, where they may be sent again as they were; a power of two."""

_NUMBER = Struct("!H")
_ONE_BYTE = rtp.ONE_BYTE >> 8


class Stream:
    """The rewriting for one viewer, whose numbering has no gaps but those of lost packets.

    `types` maps the second header byte (marker and payload type), `delta` is ours minus the publication's index,
    `first` the first index forwarded; `fresh` until then, and again after a pause. `silent` while `paused` by
    command, or `held` because the way to the viewer is full. `unwraps`: of RED it is given the new part alone.

    `numbered`: packets bring the viewer's transport-wide number, which whoever sends them writes (`put_number`).
    Without RTX, `numbers` keeps what it was, index and number in one: a packet that is sealed again under its own
    sequence number must be the same to the last bit, or its key would be given away.

    With a `splice`, which is told to send at most layer `wish`, packets are given as it has renumbered them.
    """

    __slots__ = (
        "allowance", "allowance_at", "asked", "block", "cname", "delta", "extensions", "first", "fixed", "fresh",
        "held", "key", "leading", "nack", "next_repair", "next_sequence", "numbered", "numbers", "octets", "packets",
        "paused", "peer", "repair_ssrc", "repair_types", "retransmitted", "silent", "splice", "ssrc", "types",
        "unwraps", "wish",
    )  # fmt: skip

    def __init__(self, command: AddSubscription, now: float) -> None:
        self.peer, self.key = command.peer, command.publication
        self.ssrc, self.repair_ssrc = command.ssrc, command.retransmission_ssrc
        self.cname = command.cname
        self.extensions = dict(command.extensions)
        self.fixed: rtp.Elements = (
            ((command.mid_extension, command.mid.encode()),) if command.mid_extension and command.mid else ()
        )
        self.numbered = command.transport_extension > 0
        self.leading: rtp.Elements = ((command.transport_extension, bytes(2)),) if self.numbered else ()
        self.block = rtp.write_elements(self.leading + self.fixed)
        self.nack = command.nack
        self.numbers: list[int] | None = None
        self._map(command.payloads)
        self.paused = self.held = self.silent = False
        self.fresh = True
        self.splice: Splice | None = None
        self.wish = 0
        self.next_sequence = 0x10000 + command.sequence
        self.next_repair = command.sequence
        self.delta = self.first = 0
        self.packets = self.octets = self.retransmitted = self.asked = 0
        self.allowance, self.allowance_at = float(RETRANSMIT_BURST), now

    def map(self, payloads: tuple[PayloadMap, ...], highest: int) -> None:
        """Other payloads from the next packet on; `highest` is the publication's newest. What was sent before is not
        sent again: under its number it must stay the same to the last bit."""
        if self.splice is None:  # else what it has numbered must stay the same, too
            self.first = max(self.first, highest + 1)
            self._map(payloads)

    def _map(self, payloads: tuple[PayloadMap, ...]) -> None:
        self.types = {marker | each.source: marker | each.target for each in payloads for marker in (0, 0x80)}
        self.repair_types = {
            each.source: each.retransmission for each in payloads if each.retransmission is not None and not each.unwrap
        }
        self.unwraps = any(each.unwrap for each in payloads)
        has_rtx = self.repair_ssrc is not None and len(self.repair_types) == len(payloads)
        if self.numbers is None and self.numbered and self.nack and not has_rtx:
            self.numbers = [-1] * REPEATS

    def begin(self, first: int) -> None:
        """Forward from the publication's packet `first` on, under the next number of our own."""
        self.first = first
        self.delta = self.next_sequence - first
        self.fresh = False

    def begin_splice(self) -> Splice:
        """Numbers are given by a splice from now on; it goes on under the next number."""
        self.splice = Splice(self.next_sequence - 0x10000)
        self.delta = self.first = 0
        self.fresh = False
        if self.numbers is not None:
            self.numbers = [-1] * REPEATS
        return self.splice

    def pause(self, paused: bool, highest: int) -> None:
        self.paused = paused
        self._hush(highest)

    def hold(self, held: bool, highest: int) -> None:
        self.held = held
        self._hush(highest)

    def _hush(self, highest: int) -> None:
        self.silent = self.paused or self.held
        self.leave_off(highest)

    def leave_off(self, highest: int) -> None:
        """Forward nothing for a while; `highest` is the publication's newest packet."""
        if self.splice is not None:
            self.splice.leave_off()
        elif not self.fresh:
            self.next_sequence = highest + self.delta + 1
            self.fresh = True

    def place(self, memory: memoryview, packet: Packet) -> int:
        """Write the packet as this viewer gets it, in the clear; its size, 0 when it is not for this viewer."""
        target = self.types.get(packet[1])
        if target is None or self.fresh or packet[2] < self.first:
            return 0
        return self._write(memory, packet, target, packet[2] + self.delta, self.ssrc, b"")

    def place_repair(
        self,
        memory: memoryview,
        sequence: int,
        history: History,
        highest: int,
        now: float,
        wrapped: Mapping[int, int] = {},
    ) -> int:
        """Write the answer to a NACK of our `sequence`: as RTX where negotiated (RFC 4588), else as it was.

        0 when the packet is not kept any more, or this viewer asks for more than its share.
        """
        if self.fresh:
            return 0
        newest = highest + self.delta
        packet = history.get(newest - ((newest - sequence) & 0xFFFF) - self.delta)
        if packet is not None and self.unwraps:
            packet = unwrapped(packet, wrapped)
        return self.place_asked(memory, packet, now)

    def place_asked(self, memory: memoryview, packet: Packet | None, now: float) -> int:
        """As `place_repair`, when it is known which packet was meant."""
        if packet is None or packet[2] < self.first or not self._may_repair(len(packet[4]), now):
            return 0
        return self.place_again(memory, packet) or self._place_as_it_was(memory, packet)

    def place_again(self, memory: memoryview, packet: Packet) -> int:
        """Write a kept packet as RTX; 0 where that is not agreed, or not for this viewer."""
        repair = self.repair_types.get(packet[1] & 0x7F)
        if repair is None or self.repair_ssrc is None or self.fresh or packet[2] < self.first:
            return 0
        self.next_repair += 1
        target = packet[1] & 0x80 | repair
        prefix = _NUMBER.pack((packet[2] + self.delta) & 0xFFFF)
        return self._write(memory, packet, target, self.next_repair - 1, self.repair_ssrc, prefix)

    def has_repair(self, packet: Packet) -> bool:
        """Whether `place_again` has something to write."""
        is_agreed = packet[1] & 0x7F in self.repair_types and self.repair_ssrc is not None
        return is_agreed and not self.fresh and packet[2] >= self.first and len(packet[4]) > 0

    def _place_as_it_was(self, memory: memoryview, packet: Packet) -> int:
        size = self.place(memory, packet)
        if size and self.numbers is not None:
            known = self.numbers[packet[2] % REPEATS]
            if known >> 16 != packet[2]:
                return 0
            put_number(memory, known & 0xFFFF)
        return size

    def report(self, said: SenderInfo, shift: int) -> bytes:
        """The publisher's latest report in our numbers: the same moment, so that lips stay with voices."""
        if self.splice is not None:
            shift += self.splice.shift
        moment = (said.rtp + shift) & 0xFFFFFFFF
        told = rtcp.build_sender_report(self.ssrc, said.ntp, moment, self.packets, self.octets)
        return told + rtcp.build_source(self.ssrc, self.cname)

    def _write(self, memory: memoryview, packet: Packet, kind: int, sequence: int, ssrc: int, prefix: bytes) -> int:
        flags, _, _, timestamp, payload, elements, _ = packet
        block = rtp.map_elements(elements, self.extensions, self.fixed, self.leading) if elements else self.block
        if block:
            flags |= 0x10
        rtp.HEADER.pack_into(memory, 0, flags, kind, sequence & 0xFFFF, timestamp, ssrc)
        body = block + prefix + payload
        memory[12 : 12 + len(body)] = body
        return 12 + len(body)

    def _may_repair(self, size: int, now: float) -> bool:
        gained = (now - self.allowance_at) * RETRANSMIT_RATE
        self.allowance = min(RETRANSMIT_BURST, self.allowance + gained)
        self.allowance_at = now
        if self.allowance < size:
            return False
        self.allowance -= size
        self.retransmitted += 1
        return True


def number_place(block: memoryview | bytes) -> int:
    """Where the number stands in a packet with this header extension, of which it is the first."""
    return 17 if block[0] == _ONE_BYTE else 18


def put_number(memory: memoryview, number: int) -> None:
    """Write the transport-wide number into a packet that has room for one."""
    _NUMBER.pack_into(memory, number_place(memory[12:14]), number)


def number_in(memory: memoryview) -> int:
    return _NUMBER.unpack_from(memory, number_place(memory[12:14]))[0]
