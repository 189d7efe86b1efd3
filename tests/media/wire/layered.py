"""A camera that sends layers, a network that loses and reorders, a viewer who wants now this and now that, and
what a Splice makes of it, told line by line. The same lines are replayed by the native one (`layers_tests.rs`).

`n sequence clock` a stream begins · `w layer temporal` wanted · `o` left off · `r layer ntp timestamp` a report ·
`p at layer index timestamp codec payload` a packet came, and then `sequence timestamp payload` that went out, payload
`.` when it is empty, or `-` for nothing · `f sequence` was asked for again, and then `layer index` or `-` · `a …` as
`p`, what goes out again. The payload of AV1 is followed by `:` and the dependency descriptor.
"""

from dataclasses import dataclass, field, replace
from random import Random

from media.wire import descriptors, keyframes, layers
from media.wire.dependencies import Dependencies
from media.wire.descriptors import Descriptor
from media.wire.layers import Arrived, Placed, Splice

PATTERN = (0, 2, 1, 2)
NEEDS = (4, 2, 1)
"""By temporal layer, how many pictures before it the one is that a picture needs."""
CLOCK = 90_000
STRUCTURE = bytes.fromhex("800214eaa860414d1410208426")
"""Chromium's templates of L1T3: a keyframe, then one of the lowest layer, one of the middle, two of the highest."""


@dataclass
class Source:
    """One layer: pictures in packets of a few bytes. `wide` picture ids have 15 bits. `said` are the dependency
    descriptors, by index."""

    layer: int
    codec: str
    index: int
    timestamp: int
    picture: int
    base: int
    wide: bool = True
    place: int = 0
    said: dict[int, bytes] = field(default_factory=dict)

    def draw(self, count: int, key: bool, ticks: int) -> list[tuple[int, int, bytes]]:
        """The packets of the next picture: index, timestamp, payload."""
        self.place = 0 if key else self.place + 1
        self.timestamp = (self.timestamp + ticks) & 0xFFFFFFFF
        self.picture = (self.picture + 1) & (0x7FFF if self.wide else 0x7F)
        temporal = PATTERN[self.place % 4]
        self.base = (self.base + (temporal == 0)) & 0xFF
        made = []
        for number in range(count):
            self.index += 1
            self.said[self.index] = self.dependency(number == 0, number == count - 1, key, temporal)
            made.append((self.index, self.timestamp, self.payload(number == 0, key, temporal) + bytes([number])))
        return made

    def payload(self, first: bool, key: bool, temporal: int) -> bytes:
        number = (self.picture | 0x8000).to_bytes(2, "big") if self.wide else bytes([self.picture])
        rises = self.place % 4 in (1, 2)  # what needs the lowest layer only
        match self.codec:
            case "VP8":
                told = bytes([0x90 if first else 0x80, 0xE0]) + number
                return told + bytes([self.base, temporal << 6 | rises << 5, not key])
            case "VP9":
                told = bytes([0xA0 | (not key) << 6 | first << 3]) + number
                return told + bytes([temporal << 5 | (temporal < 2) << 4, self.base, 0])
            case "AV1":
                return b"\x18\x0a" if key and first else b"\x10\x32" if first else b"\x90\x00"
            case _:
                return b"\x65\x80" if key and first else b"\x41\x80"

    def dependency(self, first: bool, last: bool, key: bool, temporal: int) -> bytes:
        template = 0 if key else 1 + temporal + (self.place % 4 == 3)
        told = bytes([first << 7 | last << 6 | template]) + self.picture.to_bytes(2, "big")
        return told + STRUCTURE if key and first else told


@dataclass
class Sent:
    """What went out under one number."""

    layer: int
    index: int
    timestamp: int
    payload: bytes
    source: Arrived


@dataclass
class Story:
    """`lossy`: packets are lost, late or out of order."""

    random: Random
    codec: str = "VP8"
    lossy: bool = True
    wide: bool = True
    lines: list[str] = field(default_factory=list)
    sent: dict[int, list[Sent]] = field(default_factory=dict)
    begun: list[Arrived] = field(default_factory=list)
    now: float = 1.0

    def __post_init__(self) -> None:
        draw = self.random.randrange
        self.splice = Splice(sequence := draw(0x10000), CLOCK)
        self.lines.append(f"n {sequence} {CLOCK}")
        self.sources = [
            Source(layer, self.codec, draw(3) * 30_000, draw(1 << 32), draw(128), draw(256), self.wide)
            for layer in range(3)
        ]
        self.reports: dict[int, tuple[int, int]] = {}
        self.under_way: list[tuple[float, Arrived, bytes]] = []
        self.dependencies = [Dependencies() for _ in self.sources]
        self.kept: dict[tuple[int, int], tuple[Arrived, bytes]] = {}

    def run(self, steps: int) -> "Story":
        for _ in range(steps):
            self.step()
        return self

    def step(self) -> None:
        draw = self.random.randrange
        ticks = draw(1, 4) * CLOCK // 60
        self.now += ticks / CLOCK
        self.picture(ticks, draw(8) == 0)
        match draw(16):
            case 0 | 1:
                self.want(draw(3), self.random.choice((0, 1, 2, layers.ALL)))
            case 2:
                self.report()
            case 3 if draw(2) == 0:
                self.lines.append("o")
                self.splice.leave_off()
            case 4 | 5 if self.sent:
                self.ask(self.random.choice(list(self.sent)[-40:]) + draw(-3, 4))
            case _:
                pass

    def want(self, layer: int, temporal: int = layers.ALL) -> None:
        self.lines.append(f"w {layer} {temporal}")
        self.splice.want(layer, temporal)

    def report(self) -> None:
        """Of all layers, at the same moment."""
        ntp = int((self.now + 3_900_000_000) * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
        for source in self.sources:
            self.reports[source.layer] = ntp, source.timestamp
            self.lines.append(f"r {source.layer} {ntp} {source.timestamp}")

    def picture(self, ticks: int, key: bool) -> None:
        draw = self.random.randrange
        for source in self.sources:
            for index, timestamp, payload in source.draw(draw(1, 4), key, ticks):
                begins = keyframes.begins(self.codec, payload)
                told = descriptors.read(self.codec, payload)
                at, fate = self.now + 0.003 * source.layer, draw(12) if self.lossy else 9
                if fate == 0:
                    continue
                at += draw(100) / 500 if fate < 3 else 0.0
                self.under_way.append((at, Arrived(source.layer, index, timestamp, begins, told, at), payload))
        self.under_way.sort(key=lambda each: each[0])
        while self.under_way and self.under_way[0][0] <= self.now + 0.01:
            _, packet, payload = self.under_way.pop(0)
            self.take(packet, payload)

    def take(self, packet: Arrived, payload: bytes) -> None:
        if self.codec == "AV1":
            packet = replace(packet, descriptor=self.heard(packet.layer, packet.index))
        before = self.splice.layer
        placed = self.splice.place(packet, self.reports)
        self.lines.append(f"p {self.told(packet, payload)} {self.out(placed, payload)}")
        self.kept[packet.layer, packet.index] = packet, payload
        if self.splice.layer != before and placed is not None:
            self.begun.append(packet)
        self.note(placed, packet, payload)

    def heard(self, layer: int, index: int) -> Descriptor | None:
        """What a dependency descriptor says now that it came."""
        self.dependencies[layer].take(index, self.sources[layer].said[index])
        return self.dependencies[layer].of(index)

    def ask(self, sequence: int) -> None:
        found = self.splice.find(sequence & 0xFFFF)
        self.lines.append(f"f {sequence & 0xFFFF} {found[0]} {found[1]}" if found else f"f {sequence & 0xFFFF} -")
        kept = self.kept.get(found) if found else None
        if kept:
            placed = self.splice.place_again(kept[0])
            self.lines.append(f"a {self.told(*kept)} {self.out(placed, kept[1])}")
            assert placed is not None and (placed.sequence - sequence) & 0xFFFF == 0
            self.note(placed, *kept)

    def note(self, placed: Placed | None, packet: Arrived, payload: bytes) -> None:
        if placed is not None:
            sent = Sent(packet.layer, packet.index, placed.timestamp, placed.payload(payload), packet)
            self.sent.setdefault(placed.sequence, []).append(sent)

    def told(self, packet: Arrived, payload: bytes) -> str:
        said = f":{self.sources[packet.layer].said[packet.index].hex()}" if self.codec == "AV1" else ""
        return f"{packet.at} {packet.layer} {packet.index} {packet.timestamp} {self.codec} {payload.hex()}{said}"

    def out(self, placed: Placed | None, payload: bytes) -> str:
        if placed is None:
            return "-"
        return f"{placed.sequence} {placed.timestamp} {placed.payload(payload).hex() or '.'}"
