"""Sounds in a crowd and behind RED, as every maker of the wire must forward them."""

from dataclasses import replace

import pytest

from media.wire import AddPublication, AddSubscription, LimitSounds, MapPayloads, Payload, PayloadMap
from media.wire.history import Packet
from tests.wire.rig import MemoryRig, Peer, Rig, nack, packet, parsed

NAMES = "abc"
TALK, SOFT, SILENCE = 20, 40, 127
"""Levels as they are sent, −dBov."""


def sound(name: str) -> AddPublication:
    return AddPublication(f"{name}:0", name, "audio", (Payload(111, 48_000),), level_extension=1, group="room")


def voice(number: int, level: int | None) -> bytes:
    elements = () if level is None else ((1, bytes([level])),)
    return packet(111, number, number * 960, 0xC0, b"%d" % number, elements=elements)


class Class:
    """Three who may speak, and a pupil who hears them; two places."""

    def __init__(self, rig: Rig, speakers: dict[str, Peer], pupil: Peer) -> None:
        self.rig, self.speakers, self.pupil = rig, speakers, pupil
        self.number = 0

    async def speak(self, count: int, **levels: int | None) -> dict[str, list[int]]:
        """Who is named sends so many packets; those that the pupil was sent of each."""
        before = len(self.pupil.rtp)
        await self.play(count, **levels)
        await self.rig.settle()
        return self.heard(before)

    async def play(self, count: int, **levels: int | None) -> None:
        for _ in range(count):
            for name, level in levels.items():
                self.speakers[name].play(voice(self.number, level))
            self.number += 1
            await self.rig.pause(0.02)

    def heard(self, before: int = 0) -> dict[str, list[int]]:
        heard: dict[str, list[int]] = {name: [] for name in NAMES}
        for each in self.pupil.rtp[before:]:
            heard[NAMES[each.ssrc - 0xB0]].append(int(each.payload))
        return heard


@pytest.fixture
async def room(rig: Rig) -> Class:
    speakers = {name: await rig.peer(name) for name in NAMES}
    pupil = await rig.peer("pupil")
    rig.do(*[sound(name) for name in NAMES], LimitSounds("room", 2))
    for place, name in enumerate(NAMES):
        view = AddSubscription("pupil", f"{name}:0", 0xB0 + place, 100, name, (PayloadMap(111, 111),), nack=True)
        rig.do(view)
    return Class(rig, speakers, pupil)


async def test_of_a_crowd_only_the_loudest_are_forwarded(room: Class) -> None:
    await room.speak(1, a=TALK, b=TALK)
    heard = await room.speak(4, a=TALK, b=TALK, c=SOFT)
    assert heard == {"a": [1, 2, 3, 4], "b": [1, 2, 3, 4], "c": []}
    heard = await room.speak(3, a=TALK, b=TALK, c=None)
    assert heard["c"] == [], "one packet without a level is no way round"
    room.rig.do(LimitSounds("room", 0))
    heard = await room.speak(3, a=TALK, b=TALK, c=SOFT)
    assert heard["c"][-3:] == [8, 9, 10]


async def test_the_one_who_begins_to_speak_is_heard_from_just_before_and_misses_no_number(room: Class) -> None:
    await room.play(10, a=TALK, c=SILENCE)
    assert room.heard()["c"] == []
    heard = (await room.speak(3, a=TALK, c=TALK))["c"]
    assert heard == list(range(heard[0], 13))
    if isinstance(room.rig, MemoryRig):
        assert heard[0] == 7, "60 ms before the first loud one"
    sequences = [each.sequence for each in room.pupil.rtp if each.ssrc == 0xB2]
    assert sequences == list(range(100, 100 + len(sequences)))


async def test_who_is_pushed_out_goes_on_without_a_gap(room: Class) -> None:
    await room.speak(3, a=SOFT, b=TALK)
    heard = await room.speak(3, c=TALK)
    assert heard["c"] == [3, 4, 5]
    heard = await room.speak(3, a=SOFT, b=TALK)
    assert heard["a"] == []
    room.rig.do(LimitSounds("room", 3))
    await room.speak(3, a=SOFT, b=TALK)
    sequences = [each.sequence for each in room.pupil.rtp if each.ssrc == 0xB0]
    assert len(sequences) >= 6
    assert sequences == list(range(100, 100 + len(sequences)))
    room.pupil.report(nack([102], 0xB0))
    await room.rig.settle()
    assert [each.payload for each in room.pupil.rtp if each.ssrc == 0xB0].count(b"2") == 1, "that is gone"


async def test_a_sound_without_levels_is_forwarded_beside_them(room: Class) -> None:
    heard = await room.speak(3, a=TALK, b=TALK, c=None)
    assert heard == {name: [0, 1, 2] for name in NAMES}


async def test_sounds_of_another_group_do_not_count(room: Class) -> None:
    room.rig.do(replace(sound("c"), group="elsewhere"))
    heard = await room.speak(3, a=TALK, b=TALK, c=SOFT)
    assert heard["c"] == [0, 1, 2]
    room.rig.do(sound("c"))
    heard = await room.speak(3, a=TALK, b=TALK, c=SOFT)
    assert heard["c"] == []


async def test_a_tap_takes_all(room: Class) -> None:
    taken: list[Packet] = []
    tap = Taking(taken)
    room.rig.wire.tap("c:0", tap)
    await room.speak(1, a=TALK, b=TALK)
    heard = await room.speak(5, a=TALK, b=TALK, c=SOFT)
    assert heard["c"] == []
    await room.speak(5, c=0)
    await room.rig.until(lambda: len(taken) == 10)
    assert [each[4] for each in taken] == [b"%d" % number for number in range(1, 11)]


class Taking:
    def __init__(self, taken: list[Packet]) -> None:
        self._taken = taken

    def packets(self, packets: list[Packet]) -> None:
        self._taken += packets

    def report(self, ntp: int, timestamp: int, now: float) -> None:
        pass


RED, OPUS = 63, 111
IN_RED = AddPublication("up:0", "up", "audio", (Payload(OPUS, 48_000), Payload(RED, 48_000, None, OPUS)), 0xC0)
AS_RED = (PayloadMap(OPUS, 109), PayloadMap(RED, 62))
AS_OPUS = (PayloadMap(OPUS, 109), PayloadMap(RED, 109, None, True))


def wrapped(number: int, payload: bytes | None = None) -> bytes:
    """The number-th packet in RED, with the one before in it."""
    new, former = b"new %d" % number, b"former"
    head = bytes([0x80 | OPUS, 960 >> 6, (960 & 0x3F) << 2, len(former), OPUS])
    return packet(RED, 40 + number, number * 960, 0xC0, head + former + new if payload is None else payload, 1)


@pytest.fixture
async def pair(rig: Rig) -> dict[str, Peer]:
    """A publisher of RED, a viewer who can do that, and one who cannot."""
    peers = {name: await rig.peer(name) for name in ("up", "red", "opus")}
    rig.do(IN_RED)
    rig.do(AddSubscription("red", "up:0", 0xB0, 100, "up", AS_RED, nack=True))
    rig.do(AddSubscription("opus", "up:0", 0xB1, 200, "up", AS_OPUS, nack=True, transport_extension=9))
    return peers


async def test_each_viewer_gets_red_or_what_is_new_in_it(rig: Rig, pair: dict[str, Peer]) -> None:
    up, red, opus = pair.values()
    up.play(wrapped(0))
    up.play(packet(OPUS, 41, 960, 0xC0, b"plain", 1))
    up.play(wrapped(2))
    await rig.until(lambda: len(red.rtp) == len(opus.rtp) == 3)
    assert [(each.type, each.sequence, each.timestamp) for each in red.rtp] == [
        (62, 100, 0),
        (109, 101, 960),
        (62, 102, 1920),
    ]
    assert [each.payload for each in red.rtp] == [wrapped(0)[12:], b"plain", wrapped(2)[12:]]
    assert [(each.type, each.sequence, each.timestamp, each.marker) for each in opus.rtp] == [
        (109, 200 + number, number * 960, 1) for number in range(3)
    ]
    assert [each.payload for each in opus.rtp] == [b"new 0", b"plain", b"new 2"]


async def test_malformed_red_goes_only_to_who_can_do_red(rig: Rig, pair: dict[str, Peer]) -> None:
    up, red, opus = pair.values()
    bad = [b"\xef", b"\xef\x0f\x00\x06\x6f", bytes([OPUS]), bytes([96]) + b"other", b"\xef\x00\x00\x00" * 20]
    for number, payload in enumerate(bad):
        up.play(wrapped(number, payload))
    up.play(wrapped(5))
    await rig.until(lambda: opus.rtp and len(red.rtp) == 6)
    assert [(each.sequence, each.payload) for each in opus.rtp] == [(205 - 5, b"new 5")]
    assert rig.wire.dump()["malformed"] == 5
    opus.report(nack([199, 201], 0xB1))
    await rig.settle()
    assert len(opus.rtp) == 1


async def test_padding_of_red_is_left_out(rig: Rig, pair: dict[str, Peer]) -> None:
    up, _, opus = pair.values()
    padded = bytearray(wrapped(0) + bytes(3) + b"\x04")
    padded[0] |= 0x20
    up.play(bytes(padded))
    await rig.until(lambda: opus.rtp)
    assert opus.rtp[0].payload == b"new 0"


def kept(peer: Peer) -> list[bytes]:
    """What comes, sealed: the same packet is opened but once."""
    raw: list[bytes] = []
    peer.take = raw.append  # type: ignore[method-assign]
    return raw


async def test_what_was_unwrapped_is_repeated_unwrapped_to_the_last_bit(rig: Rig, pair: dict[str, Peer]) -> None:
    up, red, opus = pair.values()
    whole, new = kept(red), kept(opus)
    for number in range(3):
        up.play(wrapped(number))
    await rig.until(lambda: len(whole) == len(new) == 3)
    opus.report(nack([201], 0xB1))
    red.report(nack([101], 0xB0))
    await rig.until(lambda: len(whole) == len(new) == 4)
    assert (whole[3], new[3]) == (whole[1], new[1])


async def test_a_viewer_goes_over_to_red_and_back_without_a_gap(rig: Rig, pair: dict[str, Peer]) -> None:
    up, _, opus = pair.values()
    raw = kept(opus)
    up.play(wrapped(0))
    await rig.until(lambda: len(raw) == 1)
    rig.do(MapPayloads("opus", "up:0", AS_RED))
    up.play(wrapped(1))
    await rig.until(lambda: len(raw) == 2)
    opus.report(nack([200, 201], 0xB1))
    await rig.until(lambda: len(raw) == 3)
    assert raw[2] == raw[1], "what went out in one form is not repeated in another"
    rig.do(MapPayloads("opus", "up:0", AS_OPUS))
    up.play(wrapped(2))
    await rig.until(lambda: len(raw) == 4)
    told = [parsed(opus.sealer.open(each)) for each in (raw[0], raw[1], raw[3])]
    assert [(each.type, each.sequence, each.payload) for each in told] == [
        (109, 200, b"new 0"),
        (62, 201, wrapped(1)[12:]),
        (109, 202, b"new 2"),
    ]


async def test_a_tap_takes_what_is_new_as_if_it_had_come_so(rig: Rig, pair: dict[str, Peer]) -> None:
    taken: list[Packet] = []
    rig.wire.tap("up:0", Taking(taken))
    pair["up"].play(wrapped(0))
    pair["up"].play(wrapped(1, b"\xef"))
    pair["up"].play(packet(OPUS, 42, 1920, 0xC0, b"plain"))
    await rig.until(lambda: len(taken) == 2)
    assert [(each[1], each[3], each[4]) for each in taken] == [(0x80 | OPUS, 0, b"new 0"), (OPUS, 1920, b"plain")]
