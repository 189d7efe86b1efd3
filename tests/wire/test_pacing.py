"""Bursts near what a line carries: the native wire spreads them, the one in Python sends them as they come."""

from dataclasses import replace
from typing import NamedTuple

import pytest

from media.wire import Line, WantBitrate, rtcp, twcc
from media.wire.fake import Link
from tests.wire.given import SOUND, VIDEO, VIEW
from tests.wire.makers import ENGINES
from tests.wire.rig import MemoryRig, UdpRig, packet
from tests.wire.watching import NUMBERED, Watching

NATIVE = "native in memory"
KEYFRAME = 40
"""Packets of about 600 bytes, as they are on the line: 200 kbit."""

pytestmark = pytest.mark.skipif(NATIVE not in ENGINES, reason="the native wire is not built")


class Seen(NamedTuple):
    """What a viewer saw of a keyframe: packets of it that were lost, the latest sound in the second after it, and when
    the last packet of it came, in seconds."""

    lost: int
    latest: float
    whole: float


class Viewer:
    """Behind a line of `rate` with a queue of 150 ms, after it has been found out what it carries."""

    def __init__(self, engine: str, rate: float) -> None:
        self.engine, self.rate = engine, rate

    async def begin(self) -> None:
        self.rig = MemoryRig(self.engine)
        up, down = await self.rig.peer("up"), await self.rig.peer("down")
        self.rig.do(VIDEO, SOUND, *NUMBERED, WantBitrate("down", 2e6))
        self.line = Link([(0.0, self.rate)], queue=0.15)
        self.rig.network.links[down.address] = self.line
        self.watching = Watching(self.rig, up, down, parts=1, size=500)
        await self.rig.network.run(8)
        assert self.line.dropped == 0

    async def sees(self, parts: int = KEYFRAME) -> Seen:
        began, sounds = self.rig.network.now, len(self.watching.late)
        picture = self.watching.picture(parts)
        await self.rig.network.run(1.1)
        came = [self.watching.came[number] for number in picture if number in self.watching.came]
        return Seen(parts - len(came), max(list(self.watching.late.values())[sounds:]), max(came) - began)

    async def keeps(self, seconds: float) -> int:
        """The most bytes that wait at any time of these seconds."""
        most = 0
        for _ in range(round(seconds / 0.05)):
            await self.rig.network.run(0.05)
            most = max(most, self.rig.wire.dump()["paced_bytes"])
        return most


async def seen(engine: str, rate: float) -> Seen:
    viewer = Viewer(engine, rate)
    await viewer.begin()
    return await viewer.sees()


@pytest.mark.parametrize(("rate", "lost"), [(300e3, 30), (400e3, 27), (500e3, 23)])
async def test_a_keyframe_comes_whole_over_a_narrow_line_and_sound_is_not_behind_it(rate: float, lost: int) -> None:
    at_once, paced = await seen("fake", rate), await seen(NATIVE, rate)
    assert (at_once.lost, paced.lost) == (lost, 0)
    assert at_once.latest > 0.16
    assert paced.latest < 0.11
    assert paced.whole < 1.2 * KEYFRAME * 8 * 600 / (rate - 110e3), "what sound and other pictures leave of the line"


async def test_numbers_and_the_estimate_do_not_suffer() -> None:
    viewer = Viewer(NATIVE, 400e3)
    await viewer.begin()
    for _ in range(8):
        assert (await viewer.sees()).lost == 0
    assert viewer.rig.wire.dump()["paced"] > 200
    assert viewer.rig.wire.dump()["paced_bytes"] == 0
    viewer.watching.parts = 0
    await viewer.rig.settle()
    end = VIEW.sequence + viewer.watching.sequence
    assert viewer.rig.wire.counts("down")["down"]["up:1"]["packets"] == viewer.watching.sequence
    assert all(number in viewer.watching.came for number in range(end - 500, end))


async def test_over_an_ample_line_nothing_waits() -> None:
    viewer = Viewer(NATIVE, 50e6)
    await viewer.begin()
    found = await viewer.sees()
    assert found.lost == 0
    assert found.whole < 0.04
    assert viewer.rig.wire.dump()["paced"] == 0


async def test_what_a_line_does_not_carry_is_not_kept_and_forgotten_once_it_is_over() -> None:
    viewer = Viewer(NATIVE, 300e3)
    await viewer.begin()
    viewer.watching.parts = 20  # 2.6 Mbit/s
    kept = await viewer.keeps(5)
    assert 100_000 < kept < 270_000
    viewer.watching.parts = 1
    await viewer.rig.network.run(3)
    assert await viewer.keeps(1) < 2000


async def test_a_viewer_that_lies_about_its_line_delays_its_own_pictures_by_a_second_and_takes_no_memory() -> None:
    viewer = Viewer(NATIVE, 50e6)
    await viewer.begin()
    viewer.watching.claims = lambda number: number % 50 == 0
    viewer.watching.parts = 20
    kept = await viewer.keeps(20)
    assert viewer.rig.noted(Line)[-1].estimate < 100e3
    assert 100_000 < kept < 270_000
    seen = await viewer.sees(20)
    assert seen.lost == 0
    assert 0.5 < seen.whole < 1.05
    assert seen.latest < 0.04


async def test_over_a_socket_what_waits_comes_too_in_its_order() -> None:
    rig = UdpRig("native")
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(VIDEO, replace(NUMBERED[0], retransmission_ssrc=None))  # so nothing is probed
    told, sent = 0, 0
    while rig.wire.dump()["paced"] == 0:
        for number in range(sent, sent + 50):
            up.play(packet(96, number, number * 3000, 0xA0, bytes(1000)))
        sent += 50
        await rig.until(lambda sent=sent: len(down.rtp) == sent)
        arrivals = [None if number % 5 else number * 40 for number in range(told, sent)]
        report = twcc.build(9, VIEW.ssrc, twcc.Report(told, told // 50, tuple(arrivals)))
        down.report(rtcp.build_receiver_report(9, ()) + report)
        told = sent
        assert sent < 2000
    assert [each.sequence for each in down.rtp] == [VIEW.sequence + number for number in range(sent)]
    await rig.close()
