"""A publication relayed from plane to plane over their own leg: its viewers elsewhere are served as those at home."""

from collections.abc import AsyncIterator

import pytest

from media.plane import seam
from media.plane.codecs import Codec
from media.plane.legs import SILENCE
from media.plane.relayed import described, imported
from media.plane.relays import streams_of
from media.plane.sdp import MID, Shape, Taken
from media.plane.transport import Track, publication_command
from media.plane.viewers import LESS_AFTER
from media.ways import MOST_STREAMS
from media.wire import rtcp
from tests.media.plane.house import asked_of, play
from tests.media.plane.spread_house import SpreadHouse
from tests.wire.browser import Media
from tests.wire.makers import ENGINES
from tests.wire.rig import packet, pli, sender_report

VOICE = "up:0"
PICTURE = "up:1"


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[SpreadHouse]:
    made = SpreadHouse(request.param)
    yield made
    await made.stop()


async def test_viewers_on_both_planes_get_what_is_published_on_one(house: SpreadHouse) -> None:
    up = await house.publisher()
    near = await house.receiver("near", VOICE, PICTURE)
    far = await house.receiver("far", VOICE, PICTURE)
    outside = await house.viewer("outside", PICTURE, VOICE)
    assert [house.spread.of(each) for each in ("up", "near", "far", "outside")] == [0, 0, 1, 1]
    assert house.spread.dump() == {"planes": {"0": 2, "1": 2}, "relays": {"1": 2}}
    for number in range(5):
        play(up, number, b"picture %d" % number)
        play(up, number, b"voice %d" % number, 0xC0)
    for each in (near, far, outside):
        await house.until(lambda each=each: len(each.peer.rtp) >= 10)
        said = sorted(one.payload for one in each.peer.rtp)
        assert said == sorted(b"%s %d" % (kind, number) for kind in (b"picture", b"voice") for number in range(5))
    (leg,) = [each for each in house.planes[1].dump()["transports"].values() if each["kind"] == "leg"]
    assert leg["connected"]
    assert sorted(leg["publications"]) == [VOICE, PICTURE]


def test_what_tells_temporal_layers_goes_along_and_is_read_there_too() -> None:
    shape = Shape("video", Codec(45, "AV1", 90_000), "0", {MID: 4})
    taken = Taken("1", shape, 46, 7001, 7002, True, True, dependency_extension=13)
    (relayed,) = streams_of(Track(PICTURE, "up", taken), seam.Relay("leg", PICTURE, ((1, 2),)))
    assert relayed.extensions == ((13, 13),)
    there = imported(PICTURE, described(taken), ((1, 2),))
    assert publication_command(Track(PICTURE, "leg", there)).dependency_extension == 13


async def test_what_is_heard_and_begun_is_told_by_its_own_plane_alone(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", VOICE)
    far = await house.receiver("far", VOICE)
    for number in range(40):
        up.peer.play(packet(111, number, number * 960, 0xC0, b"voice", elements=((1, bytes([10])),)))
        await house.network.run(0.02)
    await house.until(lambda: len(far.peer.rtp) == 40)
    assert far.peer.rtp[-1].elements, "viewers there hear how loud it is"
    assert {plane for plane, each in house.reports if isinstance(each, seam.Levels | seam.Started)} == {0}
    assert house.told(seam.Levels)


async def test_what_the_leg_loses_is_repaired_on_the_leg(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", PICTURE)
    far = await house.receiver("far", PICTURE)
    play(up, 0)
    await house.until(lambda: far.peer.rtp)
    seen = 0

    def every_third(*_: object) -> bool:
        nonlocal seen
        seen += 1
        return seen % 3 == 0

    house.lose(every_third)
    for number in range(1, 100):
        play(up, number, b"picture %d" % number)
        await house.network.run(0.01)
    house.network.drop = None
    play(up, 100, b"picture 100")  # that the one before was lost is seen by the next
    await house.until(lambda: len({each.payload for each in far.peer.rtp}) == 101)
    first = min(each.sequence for each in far.peer.rtp)
    assert {each.sequence for each in far.peer.rtp} == set(range(first, first + 101)), "not a number is missing"
    assert house.network.lost > 20
    assert not up.peer.parts(rtcp.TRANSPORT_FEEDBACK), "the publisher is not asked for what it sent well"


async def test_a_wish_for_a_keyframe_goes_back_to_the_publisher_and_reports_come_forth(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", PICTURE)
    far = await house.receiver("far", PICTURE)
    play(up, 0)
    await house.until(lambda: far.peer.rtp)
    await house.network.run(1.0)
    before = asked_of(up)
    far.peer.report(pli(far.peer.rtp[0].ssrc))
    await house.until(lambda: asked_of(up) == before + 1)
    up.peer.report(sender_report(0xA0, 7 << 32, 3000))
    await house.until(lambda: any(each.type == rtcp.SENDER_REPORT for each in far.peer.rtcp))


async def test_mute_holds_there_too_and_nothing_is_relayed_that_nobody_shows(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", PICTURE)
    far, other = await house.receiver("far", PICTURE), await house.receiver("other", PICTURE)
    play(up, 0)
    await house.until(lambda: far.peer.rtp and other.peer.rtp)
    house.spread.order(seam.Mute(PICTURE, True))
    play(up, 1)
    await house.network.run(0.2)
    assert len(far.peer.rtp) == 1
    house.spread.order(seam.Mute(PICTURE, False))
    house.spread.order(seam.Want("far", PICTURE, 0))
    await house.network.run(0.2)
    play(up, 2)
    await house.until(lambda: len(other.peer.rtp) == 2)
    assert len(far.peer.rtp) == 1
    assert house.relayed() == {PICTURE: [0]}
    house.spread.order(seam.Want("other", PICTURE, 0))
    await house.network.run(LESS_AFTER + 0.3)
    assert house.relayed() == {PICTURE: []}
    house.spread.order(seam.Want("far", PICTURE, 720))
    await house.network.run(0.2)
    assert house.relayed() == {PICTURE: [0]}
    play(up, 3)
    await house.until(lambda: len(far.peer.rtp) == 2)
    assert [each.sequence - far.peer.rtp[0].sequence for each in far.peer.rtp] == [0, 1]


async def test_of_many_voices_only_the_loudest_are_heard_on_each_plane(house: SpreadHouse) -> None:
    who = [f"up{number}" for number in range(4)]
    speakers = [await house.publisher(key) for key in who]
    voices = [f"{key}:0" for key in who]
    for voice in voices:
        house.spread.order(seam.PutSound(voice, "room"))
    house.spread.order(seam.LimitSounds("room", 2))
    far = await house.receiver("far", *voices)
    assert house.spread.of("far") == 1

    async def speak(since: int, *levels: int) -> list[set[bytes]]:
        """What was heard in each fifth of a second."""
        heard = []
        for number in range(since, since + 100):
            for speaker, level in zip(speakers, levels, strict=True):
                said = b"%d" % speakers.index(speaker)
                speaker.peer.play(packet(111, number, number * 960, 0xC0, said, elements=((1, bytes([level])),)))
            await house.network.run(0.02)
            if number % 10 == 9:
                heard.append({each.payload for each in far.peer.rtp})
                far.peer.rtp.clear()
        return heard

    assert await speak(0, 20, 20, 35, 50) == [{b"0", b"1"}] * 10
    changing = await speak(100, 60, 60, 35, 20)
    assert changing[-1] == {b"2", b"3"}
    assert sum(map(len, changing)) <= 2 * len(changing) + 2, "each goes once, when another comes"


async def test_all_that_comes_on_a_leg_is_reported_to_the_other_plane(house: SpreadHouse) -> None:
    medias = tuple(Media(str(number), "audio", ssrc=0xC0 + number) for number in range(40))
    up = await house.publisher("up", medias)
    voices = [f"up:{each.mid}" for each in medias]
    await house.receiver("near", "up:0")
    await house.receiver("far", *voices)
    for number in range(100):
        for each in medias:
            up.peer.play(packet(111, number, number * 960, each.ssrc or 0, b"voice"))
        await house.network.run(0.02)
    (leg,) = [each for each in house.planes[0].dump()["transports"].values() if each["kind"] == "leg"]
    assert leg["loss"] == dict.fromkeys(voices, 0)


async def test_what_goes_first_does_so_on_each_plane(house: SpreadHouse) -> None:
    await house.publisher()
    await house.receiver("near", PICTURE)
    house.spread.order(seam.Prefer(PICTURE, True))
    await house.receiver("far", PICTURE)
    assert house.given(1, seam.Prefer) == [seam.Prefer(PICTURE, True)]
    house.spread.order(seam.Prefer(PICTURE, False))
    assert house.given(0, seam.Prefer) == [seam.Prefer(PICTURE, on) for on in (True, False)]
    assert house.given(1, seam.Prefer) == [seam.Prefer(PICTURE, on) for on in (True, False)]


async def test_a_relay_ends_with_the_last_who_takes_it_and_with_what_it_carries(house: SpreadHouse) -> None:
    await house.publisher()
    await house.receiver("near", PICTURE)
    await house.receiver("far", VOICE, PICTURE)
    await house.receiver("other", PICTURE)
    house.spread.order(seam.Unsubscribe("far", PICTURE))
    assert house.spread.dump()["relays"] == {"1": 2}
    house.spread.order(seam.Close("other"))
    assert house.spread.dump()["relays"] == {"1": 1}
    (leg,) = [each for each in house.planes[0].dump()["transports"].values() if each["kind"] == "leg"]
    assert leg["relays"] == {VOICE: [0]}
    house.spread.order(seam.Subscribe("far", PICTURE))
    assert house.spread.dump()["relays"] == {"1": 2}
    house.spread.order(seam.Close("up"))
    assert house.spread.dump()["relays"] == {}
    assert house.planes[1].dump()["wire"]["publications"] == {}


async def test_a_plane_that_died_is_served_anew(house: SpreadHouse) -> None:
    up = await house.publisher()
    near = await house.receiver("near", PICTURE)
    await house.receiver("far", PICTURE)
    assert house.die(1) == ["far"]
    play(up, 0)
    await house.until(lambda: near.peer.rtp)
    again = await house.receiver("again", PICTURE)
    assert house.spread.of("again") == 1
    play(up, 1)
    await house.until(lambda: again.peer.rtp)
    assert set(house.die(0)) == {"up", "near", "again"}
    assert house.spread.dump() == {"planes": {}, "relays": {}}
    assert [key for key, each in house.planes[1].dump()["transports"].items() if each["kind"] != "leg"] == []


async def test_a_way_that_was_cut_is_gone_again_when_it_is_back(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", PICTURE)
    far = await house.receiver("far", PICTURE)
    play(up, 0)
    await house.until(lambda: far.peer.rtp)
    house.network.drop = lambda source, target, _: {source[0], target[0]} == {"10.0.0.1", "10.0.0.2"}
    for _ in range(10):
        await house.network.run(SILENCE)
        up.check()
        far.check()
    assert not house.told(seam.Lost, house.given(0, seam.OpenLeg)[0].leg)
    house.network.drop = None
    await house.network.run(2.0)
    play(up, 1)
    await house.until(lambda: len(far.peer.rtp) == 2)


async def test_a_way_goes_on_under_new_keys_before_a_plane_has_sent_under_too_many_sources(house: SpreadHouse) -> None:
    up = await house.publisher()
    await house.receiver("near", PICTURE)
    far = await house.receiver("far", PICTURE)
    play(up, 0)
    await house.until(lambda: far.peer.rtp)
    for _ in range(MOST_STREAMS):
        house.leg(0, 1, 1)
    first, second = house.given(1, seam.OpenLeg)
    assert first.leg == second.leg
    assert first.send_key != second.send_key
    assert first.send_key not in repr(house.orders)
    for number in range(1, 4):
        play(up, number)
    await house.until(lambda: len(far.peer.rtp) == 4)
