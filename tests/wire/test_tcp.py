"""What a slow or silent viewer over TCP (RFC 6544) gets, and that nobody else waits for it."""

import pytest

from media.wire import AddSubscription, Closed, MovePeer, PacketsLost, PayloadMap
from media.wire.connection import FULL, MOST
from tests.wire.given import SOUND, VIDEO, VIEW
from tests.wire.makers import ENGINES, MAKERS
from tests.wire.rig import MemoryTcpRig, Peer, TcpRig, packet


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_slow_viewer_over_tcp_is_left_out_of_video_and_nobody_else_is(engine: str) -> None:
    rig = MemoryTcpRig(engine)
    up, slow, fast = [await rig.peer(key) for key in ("up", "slow", "fast")]
    rig.do(VIDEO, SOUND)
    for number, key in enumerate(("slow", "fast")):
        rig.do(AddSubscription(key, "up:1", 0xB0 + number, 100, "up", (PayloadMap(96, 120),), nack=True))
        rig.do(AddSubscription(key, "up:0", 0xD0 + number, 500, "up", (PayloadMap(111, 109),)))
    rig.fake.rates[slow.address] = 50_000
    for number in range(1000):
        up.play(packet(96, number, number * 3000, 0xA0, bytes(1000)))
        if number % 10 == 0:
            up.play(packet(111, number, number * 960, 0xC0, b"sound"))
        await rig.network.run(0.005)
    await rig.settle()
    assert sum(each.type == 120 for each in fast.rtp) == 1000
    assert rig.wire.dump()["tcp"]["waiting_bytes"] <= MOST
    assert rig.wire.dump()["tcp"]["left_out"] == 0, "video stops before anything has to be dropped"
    await rig.until(lambda: rig.wire.dump()["tcp"]["waiting_bytes"] == 0)
    assert rig.noted(PacketsLost)[-1] == PacketsLost("up:1"), "a keyframe, for now there is room"
    before = len([each for each in slow.rtp if each.type == 120])
    up.play(packet(96, 1000, 3_000_000, 0xA0, b"the keyframe"))
    await rig.until(lambda: slow.rtp[-1].payload == b"the keyframe")
    pictures = [each for each in slow.rtp if each.type == 120]
    assert 200 < before < 600
    assert [each.sequence for each in pictures] == list(range(100, 100 + len(pictures))), "no gap, so none is asked for"
    sounds = [each for each in slow.rtp if each.type == 109]
    assert len(sounds) == 100, "the voice goes on"


@pytest.mark.parametrize("maker", MAKERS)
async def test_a_viewer_that_reads_nothing_at_all_slows_nobody_over_real_tcp(maker: str) -> None:
    rig = TcpRig(maker)
    up, deaf, fast = [await rig.peer(key) for key in ("up", "deaf", "fast")]
    rig.do(VIDEO)
    for number, key in enumerate(("deaf", "fast")):
        rig.do(AddSubscription(key, "up:1", 0xB0 + number, 100, "up", (PayloadMap(96, 120),)))
    rig.writers[deaf.address].transport.pause_reading()  # type: ignore[attr-defined]
    sent = 0

    async def play(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            up.play(packet(96, sent, sent * 3000, 0xA0, bytes(1000)))
            sent += 1
        await rig.until(lambda: len(fast.rtp) == sent)

    while rig.wire.dump()["tcp"]["waiting_bytes"] <= FULL:
        assert sent < 20_000
        await play(50)
    for _ in range(10):  # more at once, and this loop would be slow for the fast one
        await play(50)
    assert rig.wire.dump()["tcp"]["waiting_bytes"] <= MOST
    rig.writers[deaf.address].transport.resume_reading()  # type: ignore[attr-defined]
    await rig.until(lambda: rig.noted(PacketsLost))
    up.play(packet(96, sent, sent * 3000, 0xA0, b"the keyframe"))
    await rig.until(lambda: deaf.rtp[-1].payload == b"the keyframe")
    assert [each.sequence for each in deaf.rtp] == [(100 + number) & 0xFFFF for number in range(len(deaf.rtp))]
    await rig.close()


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_held_viewer_that_moves_to_another_way_gets_video_at_once(engine: str) -> None:
    rig = MemoryTcpRig(engine)
    up, down = [await rig.peer(key) for key in ("up", "down")]
    rig.do(VIDEO, VIEW)
    rig.fake.rates[down.address] = 0
    for number in range(200):
        up.play(packet(96, number, 0, 0xA0, bytes(1000)))
    await rig.settle()
    moved = Peer("down", down.sealer, lambda _: None)
    rig.do(MovePeer("down", await rig.place(moved)))
    assert rig.noted(PacketsLost) == [PacketsLost("up:1")]
    up.play(packet(96, 200, 0, 0xA0, b"here again"))
    await rig.until(lambda: moved.rtp)
    rig.fake.hang_up(down.address)
    assert rig.noted(Closed) == [Closed(down.address)]
    up.play(packet(96, 201, 0, 0xA0, b"and again"))
    await rig.until(lambda: len(moved.rtp) == 2)
