"""What the wire learns of the lines to its viewers, seen by viewers that report."""

import asyncio
import random
import time
from dataclasses import replace

import pytest

from media.wire import Line, PauseSubscription, Rtcp, WantBitrate, rtcp, twcc
from media.wire.fake import Link
from tests.wire.given import HEAR, SOUND, VIDEO, VIEW, picture
from tests.wire.makers import ENGINES
from tests.wire.rig import MemoryRig, Peer, Rig, nack, packet
from tests.wire.watching import NUMBER, NUMBERED, Watching


@pytest.fixture
async def down(rig: Rig, up: Peer) -> Peer:
    """A viewer whose packets are numbered."""
    peer = await rig.peer("down")
    rig.do(*NUMBERED)
    return peer


def number_of(elements: tuple[tuple[int, bytes], ...]) -> int:
    return int.from_bytes(dict(elements)[NUMBER], "big")


def numbers(peer: Peer) -> list[int]:
    return [number_of(each.elements) for each in peer.rtp]


def sound(number: int) -> bytes:
    return packet(111, number, number * 960, 0xC0, b"s%d" % number, elements=((1, b"\x10"),))


class Reporter:
    """Tells the wire when each packet came: `delay(n)` is how many ticks the n-th is later than it left."""

    def __init__(self, peer: Peer) -> None:
        self.peer, self.told, self.count = peer, 0, 0

    def report(self, arrivals: list[int | None]) -> None:
        report = twcc.Report(self.told & 0xFFFF, self.count & 0xFF, tuple(arrivals))
        self.peer.report(rtcp.build_receiver_report(9, ()) + twcc.build(9, 0xB0, report))
        self.told += len(arrivals)
        self.count += 1


async def test_numbers_are_one_series_over_all_streams_of_a_viewer(rig: Rig, up: Peer, down: Peer) -> None:
    other = await rig.peer("other")
    rig.do(replace(VIEW, peer="other", ssrc=0xE0, retransmission_ssrc=0xE1, transport_extension=15))
    for number in range(10):
        up.play(picture(number))
        up.play(sound(number))
        if number == 4:
            await rig.until(lambda: len(down.rtp) == 10)
    await rig.until(lambda: len(down.rtp) == 20 and len(other.rtp) == 10)
    assert numbers(down) == list(range(20))
    assert {each.elements[1:] for each in down.rtp if each.ssrc == 0xD0} == {((5, b"\x10"), (6, b"m0"))}
    assert [each.elements for each in other.rtp] == [((15, n.to_bytes(2, "big")),) for n in range(10)]
    pictures = [each for each in down.rtp if each.ssrc == 0xB0]
    assert [each.payload for each in pictures] == [picture(number)[12:] for number in range(10)]


async def test_a_repair_has_a_number_of_its_own(rig: Rig, up: Peer, down: Peer) -> None:
    for number in range(5):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 5)
    down.report(nack([102], 0xB0))
    await rig.until(lambda: len(down.rtp) == 6)
    assert (down.rtp[5].ssrc, number_of(down.rtp[5].elements)) == (0xB1, 5)
    assert down.rtp[5].payload == (102).to_bytes(2, "big") + down.rtp[2].payload


async def test_what_is_sent_again_without_rtx_is_the_same_packet_with_its_number(
    rig: Rig, up: Peer, down: Peer
) -> None:
    raw: list[bytes] = []
    down.take = lambda data: None if 192 <= data[1] <= 223 else raw.append(data)  # type: ignore[method-assign]
    for number in range(300):
        up.play(sound(number))
        if number % 50 == 49:
            await rig.until(lambda number=number: len(raw) == number + 1)
    down.report(nack([500, 500 + 43], 0xD0))
    down.report(nack([500 + 298], 0xD0))
    await rig.until(lambda: len(raw) == 301)
    assert raw[300] == raw[298], "one key, one number, one packet; of older ones the number is forgotten"


async def test_numbers_go_on_after_a_pause_and_in_a_new_stream(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: len(down.rtp) == 1)
    rig.do(PauseSubscription("down", "up:1", True))
    up.play(picture(1))
    up.play(sound(1))
    await rig.until(lambda: len(down.rtp) == 2)
    rig.do(PauseSubscription("down", "up:1", False))
    up.play(picture(2))
    await rig.until(lambda: len(down.rtp) == 3)
    rig.do(replace(NUMBERED[0], ssrc=0xBA, retransmission_ssrc=0xBB))
    up.play(picture(3))
    await rig.until(lambda: len(down.rtp) == 4)
    assert [(each.ssrc, number_of(each.elements)) for each in down.rtp] == [(0xB0, 0), (0xD0, 1), (0xB0, 2), (0xBA, 3)]


async def test_reports_of_a_viewer_make_a_note_and_do_not_go_up(rig: Rig, up: Peer, down: Peer) -> None:
    for number in range(100):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 100)
    reporter = Reporter(down)
    reporter.report([None if number % 4 == 0 else number * 4 for number in range(100)])
    await rig.until(lambda: rig.noted(Line))
    (line,) = rig.noted(Line)
    assert line.peer == "down"
    assert line.loss == pytest.approx(0.25)
    assert 0 < line.estimate < 1e6
    await rig.settle()
    assert rig.noted(Rtcp) == [Rtcp("down", rtcp.build_receiver_report(9, ()))]


async def test_who_has_only_remb_is_believed(rig: Rig, up: Peer, down: Peer) -> None:
    down.report(rtcp.build_receiver_report(9, ()) + twcc.build_remb(9, 750_000, [0xB0]))
    await rig.until(lambda: rig.noted(Line))
    (line,) = rig.noted(Line)
    assert (line.peer, round(line.estimate, -4)) == ("down", 750_000)
    down.report(rtcp.build_receiver_report(9, ()) + twcc.build_remb(9, 100_000, [0xB0]))
    await rig.until(lambda: len(rig.noted(Line)) == 2)
    assert round(rig.noted(Line)[1].estimate, -3) == 100_000


async def test_who_reports_neither_is_known_by_its_loss(rig: Rig, up: Peer) -> None:
    down = await rig.peer("down")
    rig.do(VIEW, HEAR)
    for turn in range(3):
        blocks = [
            rtcp.ReportBlock(0xB0, 128, 9, 1000 + 90 * turn, 0, 0, 0),
            rtcp.ReportBlock(0xD0, 0, 9, 30 * turn, 0, 0, 0),
        ]
        down.report(rtcp.build_receiver_report(9, blocks))
    await rig.until(lambda: rig.noted(Line) and len(rig.noted(Rtcp)) == 3)  # of which the plane has a use of its own
    assert rig.noted(Line)[0].loss == pytest.approx(0.375), "by packets: three of four were pictures"


async def test_feedback_that_is_broken_or_of_nothing_harms_nobody(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    empty = rtcp.build_receiver_report(9, ())
    good = twcc.build(9, 0xB0, twcc.Report(0, 0, (5,)))
    down.report(empty + good[:2] + b"\x00\x04" + good[4:20])
    down.report(empty + good[:2] + b"\x00\x02" + good[4:12])
    noise = random.Random(1)
    for _ in range(20):
        down.report(empty + b"\x8f\xcd\x00\x08" + noise.randbytes(32))
        down.report(empty + b"\x8f\xce\x00\x05" + bytes(8) + b"REMB" + noise.randbytes(8))
    up.report(empty + good)
    up.play(picture(1))
    await rig.until(lambda: down.rtp[-1].payload.endswith(b"p1"))
    assert rig.wire.dump()["malformed"] >= 2


async def test_a_flood_of_reports_is_overlooked(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    reporter = Reporter(down)
    for _ in range(150):
        reporter.told = 0
        reporter.report([8])
    up.play(picture(1))
    await rig.until(lambda: down.rtp[-1].payload.endswith(b"p1"))
    assert 0 < rig.wire.dump()["flooded"] < 100


async def test_a_line_is_probed_with_packets_that_were_sent_before(rig: Rig, up: Peer, down: Peer) -> None:
    came = _clocked(rig, down)
    reporter = Reporter(down)
    for turn in range(500):
        for number in range(5):
            up.play(picture(5 * turn + number))
        await rig.until(lambda turn=turn: len([each for each in down.rtp if each.ssrc == 0xB0]) == 5 * turn + 5)
        reporter.report(came[reporter.told :])
        await _pass(rig, 0.02)
        if rig.wire.dump()["probed"] >= 6:
            break
    await rig.settle()
    repairs = [each for each in down.rtp if each.ssrc == 0xB1]
    assert len(repairs) == rig.wire.dump()["probed"] >= 6
    assert rig.wire.dump()["repaired"] == 0
    assert numbers(down) == list(range(len(down.rtp)))
    by_number = {each.sequence: each.payload for each in down.rtp if each.ssrc == 0xB0}
    assert all(by_number[int.from_bytes(each.payload[:2], "big")] == each.payload[2:] for each in repairs)
    assert [each.sequence for each in repairs] == list(range(100, 100 + len(repairs)))


def _clocked(rig: Rig, peer: Peer) -> list[int | None]:
    """The ticks at which RTP comes, from now on."""
    came: list[int | None] = []
    take = peer.take

    def taken(data: bytes) -> None:
        take(data)
        if len(peer.rtp) > len(came):
            now = rig.network.now if isinstance(rig, MemoryRig) else time.monotonic()
            came.append(round(now / twcc.TICK))

    peer.take = taken  # type: ignore[method-assign]
    return came


async def _pass(rig: Rig, seconds: float) -> None:
    if isinstance(rig, MemoryRig):
        await rig.network.run(seconds)
    else:
        await asyncio.sleep(seconds)


async def test_without_rtx_nothing_is_probed(rig: Rig, up: Peer) -> None:
    down = await rig.peer("down")
    rig.do(NUMBERED[1])
    reporter = Reporter(down)
    for number in range(30):
        up.play(sound(number))
        await rig.until(lambda number=number: len(down.rtp) == number + 1)
        reporter.report([number * 40])
    await rig.settle()
    assert (len(down.rtp), rig.wire.dump()["probed"]) == (30, 0)


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_line_that_falls_is_told_within_two_seconds(engine: str) -> None:
    rig = MemoryRig(engine)
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(VIDEO, SOUND, *NUMBERED, WantBitrate("down", 2_000_000))
    begin = rig.network.now
    rig.network.links[down.address] = link = Link([(begin, 2e6), (begin + 10, 300e3)])
    Watching(rig, up, down)
    await rig.network.run(10)
    before = rig.noted(Line)
    assert before[-1].estimate > 1.4e6, "probes have found out what there is"
    assert before[-1].queueing_delay < 0.1
    assert (link.dropped, before[-1].loss) == (0, 0)
    await rig.network.run(2)
    told = rig.noted(Line)[len(before) :]
    assert 0 < len(told) <= 10
    assert told[-1].estimate < 400e3
    assert told[-1].queueing_delay > 0.1
    assert rig.wire.dump()["probed"] >= 6
    await rig.close()
