"""A camera that sends three layers, or one, and what a viewer can tell of it, on a network in memory."""

from collections.abc import Callable
from itertools import pairwise

from media.wire import AddPublication, AddSubscription, Payload, PayloadMap, descriptors, rtcp
from media.wire.descriptors import Descriptor
from tests.media.wire.layered import CLOCK, Source
from tests.wire.rig import MemoryRig, Peer, Rtp, nack, packet

RIDS = ("q", "h", "f")
MID, RID, REPAIRED, DEPENDENCIES = 3, 10, 11, 13
FRAME = 1 / 30
LAYERED = AddPublication(
    "up:1", "up", "video", (Payload(96, CLOCK, 97),), mid="1", mid_extension=MID, nack=True, codec="VP8", rids=RIDS,
    rid_extension=RID, repaired_rid_extension=REPAIRED,
)  # fmt: skip
PLAIN = AddPublication("up:1", "up", "video", (Payload(96, CLOCK, 97),), 0xA0, 0xC0, "1", MID, nack=True, codec="VP8")
VIEW = AddSubscription("down", "up:1", 0xB0, 65_500, "up", (PayloadMap(96, 120, 121),), 0xB1, nack=True)


class Camera:
    """`sent` is what was drawn, by SSRC and sequence number; layers that are not `active` are not sent.

    As browsers do, it names the layer until it `is_known`, and in RTX once; of what `is_lost` says so is lost.
    Where its payloads do not tell temporal layers, dependency descriptors do.
    """

    def __init__(self, rig: MemoryRig, peer: Peer, layers: int = 3, codec: str = "VP8") -> None:
        self.rig, self.peer = rig, peer
        self.has_dependencies = codec not in ("VP8", "VP9")
        self.sources = [Source(layer, codec, 65_300 + 50 * layer, 1000 * layer, 7, 250) for layer in range(layers)]
        self.active = set(range(layers))
        self.is_once = self.is_known = layers == 1
        self.is_lost: Callable[[], bool] = lambda: False
        self.keys_sent = 0
        self.sent: dict[tuple[int, int], tuple[int, bytes]] = {}
        self.repaired: set[int] = set()
        self._asked = self._repaired = self._nacked = 0

    async def film(self, pictures: int, key: bool = False, every: float = FRAME) -> None:
        """Pictures of all layers; the first is a keyframe when told, others where one was asked for."""
        for number in range(pictures):
            self.picture(key and number == 0)
            await self.rig.network.run(every)

    def picture(self, key: bool = False) -> None:
        wanted = self.wanted()
        for source in self.sources:
            is_key = source.layer in self.active and (key or source.layer in wanted)
            self.keys_sent += is_key
            for index, timestamp, payload in source.draw(2, is_key, round(CLOCK * FRAME)):
                ssrc, body = 0xA0 + source.layer, payload + bytes([source.layer]) * 40
                names = () if self.is_known else _names(source.layer, RID)
                names += self._dependency(source.layer, index)
                self.sent[ssrc, index & 0xFFFF] = timestamp, body
                if source.layer in self.active and not self.is_lost():
                    self.peer.play(packet(96, index, timestamp, ssrc, body, 0, names))

    def wanted(self) -> list[int]:
        """The layers of which a keyframe was asked for since the last time."""
        asked = self.peer.parts(rtcp.PAYLOAD_FEEDBACK)
        new, self._asked = asked[self._asked :], len(asked)
        return [ssrc - 0xA0 for each in new for ssrc in rtcp.keyframes_wanted(each)]

    def repair(self) -> list[int]:
        """What was asked for since the last time is sent as RTX, unless that is lost too; the layers of it."""
        parts = self.peer.parts(rtcp.TRANSPORT_FEEDBACK, rtcp.NACK)
        new, self._nacked = parts[self._nacked :], len(parts)
        asked = [(ssrc, number) for each in new for ssrc, numbers in [rtcp.nacked(each)] for number in numbers]
        for ssrc, number in asked:
            timestamp, body = self.sent[ssrc, number]
            self._repaired += 1
            names = () if ssrc in self.repaired or self.is_once else _names(ssrc - 0xA0, REPAIRED)
            names += self._dependency(ssrc - 0xA0, number)
            if self.is_lost():
                continue
            self.repaired.add(ssrc)
            self.peer.play(
                packet(97, self._repaired, timestamp, ssrc + 0x20, number.to_bytes(2, "big") + body, 0, names)
            )
        return [ssrc - 0xA0 for ssrc, _ in asked]

    def _dependency(self, layer: int, number: int) -> tuple[tuple[int, bytes], ...]:
        if not self.has_dependencies:
            return ()
        said = self.sources[layer].said
        return ((DEPENDENCIES, next(said[index] for index in (number, number + 0x10000) if index in said)),)


class Eye:
    """A viewer's stream, whose RTX has the next SSRC."""

    def __init__(self, peer: Peer, ssrc: int = 0xB0) -> None:
        self.peer, self.ssrc = peer, ssrc

    @property
    def packets(self) -> list[Rtp]:
        """In the order of their numbers, each once."""
        return [each for _, each in sorted({_extended(each.sequence): each for each in self._came()}.items())]

    @property
    def layers(self) -> list[int]:
        """Over which layers it went."""
        came = [each.payload[-1] for each in self.packets]
        return [layer for before, layer in pairwise([-1, *came]) if layer != before]

    def check(self) -> None:
        """Nothing is missing, nothing goes back, pictures follow each other."""
        for one, other in pairwise(self.packets):
            before, after = descriptor(one), descriptor(other)
            step = (other.timestamp - one.timestamp) & 0xFFFFFFFF
            assert (other.sequence - one.sequence) & 0xFFFF == 1
            assert step < 1 << 31
            assert ((after.picture or 0) - (before.picture or 0)) & 0x7FFF == (step > 0)
            assert not after.key or step >= CLOCK // 30 or one.timestamp == other.timestamp

    def ask(self) -> None:
        """As viewers do, of what is missing."""
        pairs = pairwise(each.sequence for each in self.packets)
        missing = [(one + step) & 0xFFFF for one, other in pairs for step in range(1, min((other - one) & 0xFFFF, 100))]
        if missing:
            self.peer.report(nack(missing, self.ssrc))

    def _came(self) -> list[Rtp]:
        """RTX too, under the numbers of what it repairs."""
        repairs = [each for each in self.peer.rtp if each.ssrc == self.ssrc + 1]
        repaired = [
            each._replace(sequence=int.from_bytes(each.payload[:2], "big"), payload=each.payload[2:])
            for each in repairs
        ]
        return [each for each in self.peer.rtp if each.ssrc == self.ssrc] + repaired


def descriptor(packet: Rtp) -> Descriptor:
    told = descriptors.read("VP8", packet.payload)
    assert told is not None
    return told


def _names(layer: int, extension: int) -> tuple[tuple[int, bytes], ...]:
    return (MID, b"1"), (extension, RIDS[layer].encode())


def _extended(sequence: int) -> int:
    return sequence + 0x10000 if sequence < 0x8000 else sequence
