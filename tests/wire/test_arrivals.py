"""What the wire tells publishers of when their packets came."""

import os
from dataclasses import replace

import pytest

from media.wire import AddPeer, AddPublication, Rtcp, rtcp, twcc
from tests.wire.given import SOUND, VIDEO
from tests.wire.makers import ENGINES
from tests.wire.rig import KEY_SIZES, MemoryRig, Peer, Rig, Sealer, packet

NUMBER = 9
"""The publisher's id of the transport-wide sequence number."""
NUMBERED: tuple[AddPublication, ...] = (
    replace(VIDEO, transport_extension=NUMBER),
    replace(SOUND, transport_extension=NUMBER),
)


def numbered(number: int, ssrc: int = 0xA0, kind: int = 96) -> bytes:
    level = ((1, b"\x10"),) if ssrc == 0xC0 else ()
    mark = ((NUMBER, (number & 0xFFFF).to_bytes(2, "big")),)
    return packet(kind, 700 + number, number * 90, ssrc, b"\x02\xbcsomething", elements=level + mark)


def reports(peer: Peer) -> list[twcc.Report]:
    return [report for part in peer.parts(rtcp.TRANSPORT_FEEDBACK, 15) if (report := twcc.parse(part))]


def told(peer: Peer) -> dict[int, int | None]:
    """The tick of arrival by number; what is told later counts."""
    found: dict[int, int | None] = {}
    for report in reports(peer):
        found |= {(report.base + place) & 0xFFFF: tick for place, tick in enumerate(report.arrivals)}
    return found


@pytest.fixture
async def up(rig: Rig) -> Peer:
    peer = await rig.peer("up")
    rig.do(*NUMBERED)
    return peer


async def test_a_publisher_is_told_what_came_of_all_its_streams_and_what_did_not(rig: Rig, up: Peer) -> None:
    for number in range(65_500, 65_600):
        if number % 10 != 7:
            up.play(numbered(number, *((0xC0, 111) if number % 5 == 0 else (0xA0, 96))))
    await rig.until(lambda: len(told(up)) == 100)
    assert {number & 0xFFFF: number % 10 != 7 for number in range(65_500, 65_600)} == {
        number: tick is not None for number, tick in told(up).items()
    }
    assert [each.counter for each in reports(up)] == list(range(len(reports(up))))
    parts = up.parts(rtcp.TRANSPORT_FEEDBACK, 15)
    assert {part.body[4:8] for part in parts} <= {b"\0\0\0\xa0", b"\0\0\0\xc0"}
    assert rig.wire.dump()["told"] == len(parts)
    assert rig.noted(Rtcp) == []


async def test_what_is_repaired_and_what_nobody_wants_came_too(rig: Rig, up: Peer) -> None:
    up.play(numbered(0))
    up.play(numbered(1, 0xA1, 97))
    up.play(numbered(2, 0xF0, 126))
    up.play(packet(96, 702, 0, 0xA0))
    await rig.until(lambda: len(told(up)) == 3)
    assert None not in told(up).values()


async def test_who_has_not_agreed_is_told_nothing(rig: Rig) -> None:
    up = await rig.peer("up")
    rig.do(VIDEO, SOUND)
    for number in range(20):
        up.play(numbered(number))
    await rig.until(lambda: rig.wire.dump()["publications"]["up:1"]["received"] == 20)
    await rig.settle()
    assert reports(up) == []
    rig.do(NUMBERED[0])
    up.play(numbered(30))
    await rig.until(lambda: told(up))
    assert set(told(up)) == {30}


async def test_under_new_keys_numbers_begin_anew(rig: Rig, up: Peer) -> None:
    up.play(numbered(40_000))
    await rig.until(lambda: told(up))
    keys = [os.urandom(KEY_SIZES["AEAD_AES_128_GCM"]) for _ in range(2)]
    up.sealer = Sealer("AEAD_AES_128_GCM", keys[1], keys[0])
    rig.do(AddPeer("up", up.address, "AEAD_AES_128_GCM", keys[0], keys[1]))
    up.rtcp.clear()
    for number in range(20_000, 20_003):
        up.play(numbered(number))
    await rig.until(lambda: len(told(up)) == 3)
    assert reports(up)[0].base == 20_000


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("pause", "least", "most"), [(0.004, 17, 21), (0.03, 8, 11)])
async def test_reports_come_often_and_tell_the_times(engine: str, pause: float, least: int, most: int) -> None:
    rig = MemoryRig(engine)
    up = await rig.peer("up")
    rig.do(*NUMBERED)
    count = round(2 / pause)
    began = rig.network.now + rig.network.delay
    for number in range(count):
        data = numbered(number)
        rig.network.at(rig.network.now + number * pause, lambda data=data: up.play(data))
    await rig.network.run(1)
    first = len(reports(up))
    await rig.network.run(1)
    assert least <= len(reports(up)) - first <= most
    await rig.network.run(1)
    assert len(told(up)) == count
    for number, tick in told(up).items():
        assert tick is not None
        assert abs(tick * twcc.TICK - (began + number * pause)) < 2 * twcc.TICK
    before = len(up.rtcp)
    await rig.network.run(2)
    assert len(up.rtcp) == before, "nothing is told when nothing comes"
    await rig.close()
