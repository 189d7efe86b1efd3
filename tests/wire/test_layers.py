"""A camera that sends three layers, and viewers who get now this one and now that, on every engine of the wire."""

from dataclasses import replace
from random import Random

import pytest

from media.wire import (
    AddSubscription,
    DropPublication,
    MutePublication,
    PacketsLost,
    PauseSubscription,
    PayloadMap,
    Rates,
    RequestKeyframe,
    SelectLayer,
    Started,
    rtcp,
)
from media.wire.history import Packet
from tests.wire.layered import DEPENDENCIES, FRAME, LAYERED, PLAIN, RID, VIEW, Camera, Eye, descriptor
from tests.wire.makers import ENGINES
from tests.wire.rig import MemoryRig, Rtp, nack, packet, report_of, sender_report

NTP = 0x1122334455667788


@pytest.fixture(params=ENGINES)
def rig(request: pytest.FixtureRequest) -> MemoryRig:
    return MemoryRig(request.param)


@pytest.fixture
async def camera(rig: MemoryRig) -> Camera:
    peer = await rig.peer("up")
    rig.do(LAYERED)
    return Camera(rig, peer)


@pytest.fixture
async def eye(rig: MemoryRig, camera: Camera) -> Eye:
    peer = await rig.peer("down")
    rig.do(VIEW)
    return Eye(peer)


@pytest.fixture
async def plain(rig: MemoryRig) -> tuple[Camera, Eye]:
    """A camera that sends once, and who sees it."""
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(PLAIN, VIEW)
    return Camera(rig, up, 1), Eye(down)


async def test_a_viewer_goes_up_and_down_at_keyframes_and_sees_one_stream(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    await camera.film(5, key=True)
    camera.is_known = True
    for layer in (2, 0, 1, 2, 1, 0):
        rig.do(SelectLayer("down", "up:1", layer))
        await camera.film(20)
    eye.check()
    assert eye.layers == [0, 2, 0, 1, 2, 1, 0]
    assert rig.noted(Started) == [Started("up:1")]
    assert camera.keys_sent <= 3 + 6, "one keyframe for each switch, of that layer alone"


async def test_what_is_lost_on_the_way_up_comes_as_rtx_also_across_switches(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    draw = Random(1)
    await camera.film(5, key=True)
    camera.is_known = True
    camera.is_lost = lambda: draw.random() < 0.1
    repaired = set()
    for layer in (2, 1, 0, 2):
        rig.do(SelectLayer("down", "up:1", layer))
        for _ in range(20):
            camera.picture()
            await rig.network.run(FRAME / 2)
            repaired.update(camera.repair())
            await rig.network.run(FRAME / 2)
    camera.is_lost = lambda: False
    for _ in range(8):
        await rig.network.run(0.05)
        camera.repair()
        eye.ask()
    await rig.settle()
    eye.check()
    assert repaired == {0, 1, 2}
    assert set(eye.layers) == {0, 1, 2}


async def test_only_what_somebody_gets_or_waits_for_is_asked_for_again(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    draw = Random(2)
    await camera.film(5, key=True)
    camera.is_lost = lambda: draw.random() < 0.2
    await camera.film(15)
    camera.is_lost = lambda: True
    assert set(camera.repair()) == {0}
    camera.is_lost = lambda: draw.random() < 0.2
    rig.do(AddSubscription("down", "up:1~f", 0xE0, 5, "up", (PayloadMap(96, 120),)))
    await camera.film(15)
    assert set(camera.repair()) == {0, 2}
    await camera.film(45)
    assert set(rig.noted(PacketsLost)) >= {PacketsLost("up:1", 0), PacketsLost("up:1", 2)}


async def test_a_viewers_loss_is_answered_whatever_layer_it_was_on(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    await camera.film(5, key=True)
    for layer in (2, 1):
        rig.do(SelectLayer("down", "up:1", layer, 0))
        await camera.film(9)
    before = eye.packets
    eye.peer.report(nack([each.sequence for each in before], 0xB0))
    await rig.settle()
    repaired = [each for each in eye.peer.rtp if each.ssrc == 0xB1]
    assert [each.payload for each in repaired] == [each.sequence.to_bytes(2, "big") + each.payload for each in before]
    assert [each.timestamp for each in repaired] == [each.timestamp for each in before]


async def test_without_rtx_the_very_same_packets_are_sent_again(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    peer = await rig.peer("other")
    raw: list[bytes] = []
    peer.take = raw.append  # type: ignore[method-assign]
    rig.do(AddSubscription("other", "up:1", 0xF0, 0, "up", (PayloadMap(96, 96),), nack=True, transport_extension=5))
    await camera.film(5, key=True)
    for layer in (2, 0):
        rig.do(SelectLayer("other", "up:1", layer, 1))
        await camera.film(9)
    sent = [each for each in raw if not 192 <= each[1] <= 223]
    peer.report(nack([int.from_bytes(each[2:4], "big") for each in sent], 0xF0))
    await rig.settle()
    assert [each for each in raw if not 192 <= each[1] <= 223][len(sent) :] == sent


async def test_temporal_layers_are_left_out_without_a_gap_and_come_back(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    await camera.film(5, key=True)
    rig.do(SelectLayer("down", "up:1", 0, 0))
    await camera.film(4)
    before = len(eye.packets)
    await camera.film(16)
    assert {descriptor(each).temporal for each in eye.packets[before:]} == {0}
    assert len(eye.packets) - before == 2 * 4
    rig.do(SelectLayer("down", "up:1", 0))
    await camera.film(16)
    assert {descriptor(each).temporal for each in eye.packets[before:]} == {0, 1, 2}
    eye.check()


async def test_a_camera_of_one_layer_may_be_thinned_too_and_goes_on_at_once(
    rig: MemoryRig, plain: tuple[Camera, Eye]
) -> None:
    camera, eye = plain
    await camera.film(6, key=True)
    before = eye.packets
    rig.do(SelectLayer("down", "up:1", 0, 0))
    await camera.film(16)
    eye.check()
    assert len(eye.packets) - len(before) == 2 * 4
    eye.peer.report(nack([before[3].sequence, eye.packets[-1].sequence], 0xB0))
    await rig.settle()
    repaired = [each.payload[2:] for each in eye.peer.rtp if each.ssrc == 0xB1]
    assert repaired == [before[3].payload, eye.packets[-1].payload]
    assert camera.keys_sent == 1, "no keyframe was needed"


DESCRIBED = ["AV1", "H264"]


@pytest.fixture
async def described(rig: MemoryRig, request: pytest.FixtureRequest) -> tuple[Camera, Eye]:
    """A camera that sends once, whose dependency descriptors tell temporal layers."""
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(replace(PLAIN, codec=request.param, dependency_extension=DEPENDENCIES), VIEW)
    return Camera(rig, up, 1, request.param), Eye(down)


@pytest.mark.parametrize("described", DESCRIBED, indirect=True)
async def test_temporal_layers_are_known_by_the_dependency_descriptor_which_ends_here(
    rig: MemoryRig, described: tuple[Camera, Eye]
) -> None:
    camera, eye = described
    await camera.film(5, key=True)
    for temporal, pictures in ((0, 4), (1, 8), (7, 16), (0, 4)):
        rig.do(SelectLayer("down", "up:1", 0, temporal))
        await camera.film(4)
        before = len(eye.packets)
        await camera.film(16)
        assert len(eye.packets) - before == 2 * pictures
    sent = eye.packets
    assert [(each.sequence - sent[0].sequence) & 0xFFFF for each in sent] == list(range(len(sent)))
    assert {each.elements for each in sent} == {()}
    assert camera.keys_sent == 1, "no keyframe was needed"


@pytest.mark.parametrize("described", DESCRIBED, indirect=True)
async def test_templates_may_come_in_a_repair_and_what_is_sent_again_is_what_was_sent(
    rig: MemoryRig, described: tuple[Camera, Eye]
) -> None:
    camera, eye = described
    rig.do(SelectLayer("down", "up:1", 0, 0))
    await camera.film(1)
    camera.is_lost = lambda: True
    camera.picture(key=True)
    camera.is_lost = lambda: False
    await camera.film(1)
    assert not eye.packets, "nobody can begin with that"
    camera.repair()
    await camera.film(16)
    sent = eye.packets
    assert len(sent) == 2 * (1 + 4), "a keyframe, and each fourth picture"
    eye.peer.report(nack([sent[1].sequence, sent[-1].sequence], 0xB0))
    await rig.settle()
    assert [each.payload[2:] for each in eye.peer.rtp if each.ssrc == 0xB1] == [sent[1].payload, sent[-1].payload]


async def test_layers_of_av1_have_templates_of_their_own_each(rig: MemoryRig) -> None:
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(replace(LAYERED, codec="AV1", dependency_extension=DEPENDENCIES), VIEW)
    camera, eye = Camera(rig, up, 3, "AV1"), Eye(down)
    await camera.film(5, key=True)
    for layer, temporal, pictures in ((2, 0, 4), (1, 1, 8), (0, 7, 16)):
        rig.do(SelectLayer("down", "up:1", layer, temporal))
        await camera.film(7)
        before = len(eye.packets)
        await camera.film(16)
        assert len(eye.packets) - before == 2 * pictures
    assert eye.layers == [0, 2, 1, 0]
    assert {each.elements for each in eye.packets} == {()}


async def test_strange_descriptors_leave_nothing_out(rig: MemoryRig) -> None:
    draw = Random(3)
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(replace(PLAIN, codec="AV1", dependency_extension=DEPENDENCIES), VIEW, SelectLayer("down", "up:1", 0, 0))
    for number in range(200):
        said = draw.randbytes(draw.randrange(40)) if number else b"\0"
        payload = b"\x18\x0a" if number == 0 else b"\x10\x32"
        up.play(packet(96, number, 3000 * number, 0xA0, payload, 0, ((DEPENDENCIES, said),)))
    await rig.settle()
    assert len(Eye(down).packets) > 150
    assert rig.wire.dump()["malformed"] == 0


async def test_a_layer_that_stops_gives_way_to_the_next_and_comes_back(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    rig.do(SelectLayer("down", "up:1", 2))
    await camera.film(35, key=True)
    assert eye.layers[-1] == 2
    camera.active = {0, 1}
    await camera.film(27)
    assert eye.layers[-1] == 1, "0.5 s, a tick, and a keyframe that was asked for"
    assert rig.noted(Rates)[-1].rates[0][1][2] == 0
    camera.active = {0, 1, 2}
    camera.sources[2].place = 3
    keys = camera.keys_sent
    await camera.film(20)
    assert eye.layers[-2:] == [1, 2]
    assert camera.keys_sent == keys + 1
    eye.check()
    rig.do(SelectLayer("down", "up:1", 0))
    camera.active = {0, 1}
    await camera.film(40)
    camera.active = {0, 1, 2}
    await camera.film(20)
    assert eye.layers[-1] == 0, "who is to get no more gets no more"


async def test_few_pictures_a_second_are_no_reason_to_go_over(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    rig.do(SelectLayer("down", "up:1", 2))
    await camera.film(5, key=True)
    keys = camera.keys_sent
    await camera.film(8, every=1.0)
    assert eye.layers[-1] == 2
    assert len(eye.layers) <= 3
    assert camera.keys_sent <= keys + 1


async def test_rates_are_told_of_each_layer_and_of_what_has_none(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    await rig.peer("two")
    rig.do(replace(PLAIN, publication="two:1", peer="two"))
    camera.active = {0, 2}
    await camera.film(15, key=True)
    at_once = rig.noted(Rates)
    assert any(dict(note.rates)["up:1"][0] > 0 for note in at_once), "what begins is told at once"
    await camera.film(50)
    rates = dict(rig.noted(Rates)[-1].rates)
    assert rates["two:1"] == (0,)
    assert rates["up:1"][1] == 0
    expected = 8 * 30 * 2 * (12 + 4 + 16 + 48)
    assert all(0.7 * expected < rates["up:1"][layer] < 1.3 * expected for layer in (0, 2))
    assert len(rig.noted(Rates)) <= 5
    assert rig.wire.dump()["publications"]["up:1~f"]["rate"] == rates["up:1"][2]


async def test_of_the_smallest_layer_is_told_what_its_lowest_temporal_layer_takes(
    rig: MemoryRig, camera: Camera
) -> None:
    await camera.film(40, key=True)
    rates, bases = (dict(told) for told in (rig.noted(Rates)[-1].rates, rig.noted(Rates)[-1].bases))
    assert 0.2 < bases["up:1"] / rates["up:1"][0] < 0.3, "each fourth picture"
    camera.active = {1, 2}
    await camera.film(60)
    assert rig.noted(Rates)[-1].bases == ()


@pytest.mark.parametrize("described", DESCRIBED, indirect=True)
async def test_so_it_is_by_dependency_descriptors(rig: MemoryRig, described: tuple[Camera, Eye]) -> None:
    await described[0].film(40, key=True)
    ((_, (rate,)),), ((_, base),) = rig.noted(Rates)[-1].rates, rig.noted(Rates)[-1].bases
    assert 0.2 < base / rate < 0.3


async def test_who_makes_no_temporal_layers_has_no_base(rig: MemoryRig, plain: tuple[Camera, Eye]) -> None:
    camera, _ = plain
    for _ in range(80):
        camera.sources[0].place = 3
        await camera.film(1)
    assert rig.noted(Rates)[-1].rates[0][1] > (0,)
    assert rig.noted(Rates)[-1].bases == ()
    await camera.film(80)
    assert [key for key, _ in rig.noted(Rates)[-1].bases] == ["up:1"]


async def test_a_new_viewer_begins_with_the_latest_keyframe_and_all_since(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    await camera.film(20, key=True)
    camera.picture(key=True)
    await camera.film(3)
    late = await rig.peer("late")
    rig.do(replace(VIEW, peer="late", ssrc=0xE0), SelectLayer("late", "up:1", 1))
    camera.picture()
    await rig.settle()
    seen = Eye(late, 0xE0)
    assert [each.payload for each in seen.packets][0::2][-5:] == [
        each.payload for each in seen.packets if descriptor(each).starts
    ]
    assert len(seen.packets) == 2 * 5
    assert seen.layers == [1]
    seen.check()


@pytest.mark.parametrize(("pictures", "got"), [(4, 2 * 6), (25, 2)])
async def test_so_does_one_of_a_camera_that_sends_once_unless_it_is_too_long_ago(
    pictures: int, got: int, rig: MemoryRig, plain: tuple[Camera, Eye]
) -> None:
    camera, _ = plain
    await camera.film(1, key=True)
    await camera.film(pictures)
    late = await rig.peer("late")
    rig.do(replace(VIEW, peer="late", ssrc=0xE0))
    camera.picture()
    await rig.settle()
    seen = Eye(late, 0xE0)
    assert len(seen.packets) == got
    assert descriptor(seen.packets[0]).key == (got > 2)
    seen.check()


async def test_a_pause_and_a_mute_end_with_a_keyframe_and_leave_no_gap(
    rig: MemoryRig, camera: Camera, eye: Eye
) -> None:
    await camera.film(5, key=True)
    for stop in (
        PauseSubscription("down", "up:1", True),
        MutePublication("up:1", True),
    ):
        rig.do(stop)
        before = len(eye.packets)
        await camera.film(5)
        assert len(eye.packets) == before
        rig.do(PauseSubscription("down", "up:1", False), MutePublication("up:1", False))
        await camera.film(3)
        assert len(eye.packets) == before, "nothing from the middle"
        rig.do(RequestKeyframe("up:1", 0))
        await camera.film(3)
        assert descriptor(eye.packets[before]).key
    eye.check()


async def test_moments_are_the_layers_own_and_are_told_at_a_switch(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    await camera.film(5, key=True)
    for source in camera.sources:
        camera.peer.report(sender_report(0xA0 + source.layer, NTP, source.timestamp))
    await rig.settle()
    assert len(eye.peer.parts(rtcp.SENDER_REPORT)) == 1, "of the layer it gets"
    newest = eye.packets[-1].timestamp
    rig.do(SelectLayer("down", "up:1", 2))
    await camera.film(10)
    first, second = [report_of(each) for each in eye.peer.parts(rtcp.SENDER_REPORT)]
    assert first[:3] == (0xB0, NTP, newest)
    assert second[:2] == (0xB0, NTP)
    assert abs(second[2] - newest) < 90_000 * FRAME * 2, "the same moment on both"


async def test_receptions_are_told_of_each_layer_by_its_ssrc(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    await camera.film(5, key=True)
    told = rig.wire.receptions("up")
    assert [(each.publication, each.ssrc, each.received) for each in told] == [
        ("up:1", 0xA0, 10), ("up:1", 0xA1, 10), ("up:1", 0xA2, 10),
    ]  # fmt: skip


class Recorder:
    def __init__(self) -> None:
        self.taken: list[Packet] = []
        self.reports: list[tuple[int, int]] = []

    def packets(self, packets: list[Packet]) -> None:
        self.taken += packets

    def report(self, ntp: int, timestamp: int, now: float) -> None:
        self.reports.append((ntp, timestamp))


async def test_a_tap_gets_the_highest_layer_that_comes_on_one_timeline(rig: MemoryRig, camera: Camera) -> None:
    recorder, down = Recorder(), await rig.peer("down")
    rig.wire.tap("up:1", recorder)
    await camera.film(15, key=True)
    camera.active = {0, 1}
    await camera.film(30)
    camera.peer.report(sender_report(0xA1, NTP, camera.sources[1].timestamp))
    await rig.settle()
    assert {each[4][-1] for each in recorder.taken} >= {1, 2}
    for packet_ in recorder.taken:
        down.rtp.append(Rtp(0, 96, packet_[2] & 0xFFFF, packet_[3], 0xB0, (), packet_[4]))
    seen = Eye(down)
    indices = [each[2] for each in recorder.taken]
    assert indices == list(range(indices[0], indices[0] + len(indices)))
    seen.check()
    assert seen.layers[-2:] == [2, 1]
    assert recorder.reports == [(NTP, recorder.taken[-1][3])]


async def test_layers_whose_ssrcs_were_told_need_no_names(rig: MemoryRig) -> None:
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(replace(LAYERED, layer_ssrcs=((0xA0, 0xC0), (0xA1, 0xC1), (0xA2, 0xC2))), VIEW)
    draw, camera, eye = Random(3), Camera(rig, up), Eye(down)
    camera.is_known, camera.repaired = True, {0xA0, 0xA1, 0xA2}
    await camera.film(5, key=True)
    camera.is_lost = lambda: draw.random() < 0.1
    repaired = set()
    for layer in (2, 0, 1):
        rig.do(SelectLayer("down", "up:1", layer))
        for _ in range(20):
            await camera.film(1)
            repaired |= set(camera.repair())
    camera.is_lost = lambda: False
    await camera.film(5)
    camera.repair()
    await camera.film(5)
    eye.check()
    assert eye.layers == [0, 2, 0, 1]
    assert repaired == {0, 1, 2}


async def test_one_layer_may_be_forwarded_as_it_comes(rig: MemoryRig, camera: Camera) -> None:
    down = await rig.peer("down")
    rig.do(replace(VIEW, publication="up:1~h"))
    await camera.film(5, key=True)
    camera.peer.report(sender_report(0xA1, NTP, 4))
    await rig.settle()
    assert Eye(down).layers == [1]
    assert [each.timestamp for each in Eye(down).packets][:2] == [4000, 4000]
    assert len(down.parts(rtcp.SENDER_REPORT)) == 1


async def test_what_names_no_layer_and_what_is_dropped_goes_nowhere(rig: MemoryRig, camera: Camera, eye: Eye) -> None:
    camera.peer.play(packet(96, 1, 1, 0x51, b"\x10\0", 0, ((3, b"1"), (RID, b"x"))))
    camera.peer.play(packet(96, 1, 1, 0x52, b"\x10\0", 0, ((3, b"1"),)))
    await rig.settle()
    assert rig.wire.dump()["unwanted"] == 2
    await camera.film(3, key=True)
    assert eye.packets
    rig.do(DropPublication("up:1"))
    before = len(eye.packets)
    await camera.film(3, key=True)
    assert len(eye.packets) == before
    assert rig.wire.dump()["publications"] == {}
    rig.do(LAYERED, VIEW, replace(LAYERED, rids=("q", "h")))
    assert set(rig.wire.dump()["publications"]) == {"up:1", "up:1~q", "up:1~h"}
