"""What the wire lets be seen of one peer's packets: what was counted, and the heads that were kept when told to."""

from struct import unpack

from media.wire import Capture, DropPeer, MovePeer, PauseSubscription, RequestKeyframe, rtcp
from tests.wire.given import picture
from tests.wire.rig import Peer, Rig, nack, packet, sender_report


async def test_heads_are_kept_of_one_peer_both_ways_and_never_more(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: len(down.rtp) == 1)
    assert rig.wire.captured() == []
    rig.do(Capture("down", 100))
    for number in range(1, 5):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 5)
    down.report(nack([101], 0xB0))
    await rig.until(lambda: len(down.rtp) == 6)
    kept = rig.wire.captured()
    assert {len(each.head) for each in kept if not 192 <= each.head[1] <= 223} == {12}
    sent = [unpack("!BBHII", each.head) for each in kept if each.is_sent]
    assert [(one[2], one[4]) for one in sent[:4]] == [(number, 0xB0) for number in range(101, 105)]
    assert sent[4][4] == 0xB1
    assert [(each.head[1], each.size) for each in kept if not each.is_sent] == [(201, 8), (205, 16)]
    assert [each.size for each in kept if each.is_sent][:4] == down.sizes[1:5]
    assert [each.at for each in kept] == sorted(each.at for each in kept)


async def test_reports_are_kept_part_by_part_in_the_clear(rig: Rig, up: Peer, down: Peer) -> None:
    rig.do(Capture("up", 100))
    up.play(picture(0))
    up.report(sender_report(0xA0, 1 << 40, 0) + rtcp.build_source(0xA0, "a secret name"))
    await rig.until(lambda: len(rig.wire.captured()) == 3)
    rig.do(RequestKeyframe("up:1"))
    await rig.until(lambda: len(rig.wire.captured()) == 5)
    kept = rig.wire.captured()
    assert [(each.is_sent, each.head[1]) for each in kept[1:]] == [
        (False, 200),
        (False, 202),
        (True, 201),
        (True, 206),
    ]
    assert {len(each.head) for each in kept[1:]} == {8}
    assert b"secret" not in b"".join(each.head for each in kept)


async def test_the_latest_are_kept_and_then_none(rig: Rig, up: Peer, down: Peer) -> None:
    rig.do(Capture("up", 3))
    for number in range(10):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 10)
    assert [unpack("!H", each.head[2:4])[0] for each in rig.wire.captured()] == [7007, 7008, 7009]
    rig.do(Capture("up", 0))
    up.play(picture(10))
    await rig.until(lambda: len(down.rtp) == 11)
    assert rig.wire.captured() == []
    rig.do(Capture("nobody", 10), Capture("down", 10))
    up.play(picture(11))
    await rig.until(lambda: len(down.rtp) == 12)
    assert len(rig.wire.captured()) == 1, "and none of whom nobody asked for"
    rig.do(MovePeer("down", down.address))
    up.play(picture(12))
    await rig.until(lambda: len(down.rtp) == 13)
    assert len(rig.wire.captured()) == 2


async def test_what_is_forged_is_not_kept(rig: Rig, up: Peer, down: Peer) -> None:
    rig.do(Capture("up", 10))
    up.send(packet(96, 1, 0, 0xA0, bytes(40)))
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    assert len(rig.wire.captured()) == 1


async def test_it_is_counted_what_came_and_what_went(rig: Rig, up: Peer, down: Peer) -> None:
    for number in (0, 1, 3, 4):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 4)
    await rig.until(lambda: rig.wire.counts("up")["up"]["up:1"]["asked"])
    up.play(packet(97, 1, 0, 0xA1, (7002).to_bytes(2, "big") + b"again"))
    await rig.until(lambda: len(down.rtp) == 5)
    down.report(nack([101, 102], 0xB0))
    await rig.until(lambda: len(down.rtp) == 7)
    rig.do(RequestKeyframe("up:1"), PauseSubscription("down", "up:0", True))
    coming, going = rig.wire.counts("up"), rig.wire.counts("down")
    assert coming["down"] == going["up"] == {}
    assert (coming["held"], going["held"]) == (False, False)
    seen = coming["up"]["up:1"]
    assert (seen["packets"], seen["lost"], seen["repaired"], seen["given_up"], seen["keyframes"]) == (4, 1, 1, 0, 1)
    size = sum(len(each.payload) for each in down.rtp[:5])
    assert going["down"]["up:1"] == {
        "packets": 5,
        "bytes": size,
        "repaired": 2,
        "as": "rtx",
        "asked": 2,
        "paused": False,
        "muted": False,
    }
    assert (going["down"]["up:0"]["paused"], going["down"]["up:0"]["as"]) == (True, "plain")
    rig.do(DropPeer("down"))
    assert rig.wire.counts("down") == {}
