"""What every maker of the wire must do with peers: datagrams of anybody, moves, new keys, ends, and taps."""

import pytest

from media.wire import (
    AddPeer,
    Datagram,
    DropPeer,
    DropPublication,
    DropSubscription,
    HearPeer,
    MovePeer,
    MutePublication,
    PauseSubscription,
    RequestKeyframe,
    SendDatagram,
    SendRtcp,
    rtcp,
)
from media.wire.history import Packet
from tests.wire.given import HEAR, VIDEO, VIEW, picture
from tests.wire.rig import (
    KEY_SIZES,
    Peer,
    Rig,
    Sealer,
    asked_numbers,
    nack,
    packet,
    sender_report,
)


async def test_stun_and_dtls_of_anybody_go_up_and_come_down_as_they_are(rig: Rig, up: Peer) -> None:
    up.send(b"\x00\x01hello")
    up.send(b"\x16\xfe\xfdhello")
    await rig.until(lambda: len(rig.noted(Datagram)) == 2)
    assert rig.noted(Datagram) == [Datagram(up.address, b"\x00\x01hello"), Datagram(up.address, b"\x16\xfe\xfdhello")]
    got: list[bytes] = []
    up.take = got.append  # type: ignore[method-assign]
    rig.do(SendDatagram(up.address, b"\x01\x01answer"))
    await rig.until(lambda: got)
    assert got == [b"\x01\x01answer"]


async def test_rtcp_is_sealed_and_sent(rig: Rig, up: Peer) -> None:
    rig.do(SendRtcp("up", rtcp.build_receiver_report(1, ())), SendRtcp("nobody", b""))
    await rig.until(lambda: up.rtcp)
    assert up.rtcp[0].raw == rtcp.build_receiver_report(1, ())


async def test_a_moved_peer_is_sent_to_at_its_new_place_and_heard_at_both(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    moved = Peer("down", down.sealer, lambda _: None)
    rig.do(MovePeer("down", await rig.place(moved)))
    up.play(picture(1))
    await rig.until(lambda: moved.rtp)
    down.report(nack([100], 0xB0))
    await rig.until(lambda: len(moved.rtp) == 2)
    assert len(down.rtp) == 1


async def test_a_peer_is_heard_beside_where_it_is_sent_to_but_takes_nobodys_place(
    rig: Rig, up: Peer, down: Peer
) -> None:
    beside = Peer("up", up.sealer, lambda _: None)
    rig.do(HearPeer("up", await rig.place(beside)), HearPeer("up", down.address), HearPeer("nobody", ("192.0.2.1", 1)))
    beside.play(picture(0))
    await rig.until(lambda: down.rtp)
    down.report(nack([100], 0xB0))
    await rig.until(lambda: len(down.rtp) == 2)


async def test_a_rekeyed_peer_goes_on_with_the_new_keys(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    size = KEY_SIZES["AEAD_AES_128_GCM"]
    rig.do(AddPeer("down", down.address, "AEAD_AES_128_GCM", b"r" * size, b"s" * size))
    down.sealer = Sealer("AEAD_AES_128_GCM", b"s" * size, b"r" * size)
    up.play(picture(1))
    await rig.until(lambda: len(down.rtp) == 2)
    assert down.rtp[1].sequence == 101


async def test_what_is_dropped_is_gone_and_commands_about_it_do_nothing(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    rig.do(DropSubscription("down", "up:1"), DropSubscription("down", "up:1"))
    up.play(picture(1))
    up.play(packet(111, 1, 1, 0xC0, b"sound"))
    await rig.until(lambda: len(down.rtp) == 2)
    assert down.rtp[1].payload == b"sound"
    rig.do(DropPublication("up:0"), DropPublication("up:0"), MutePublication("up:0", True))
    rig.do(PauseSubscription("down", "up:0", True), RequestKeyframe("up:0"), HEAR)
    rig.do(DropPeer("down"), DropPeer("down"), MovePeer("down", up.address), VIEW)
    up.play(picture(2))
    rig.do(DropPeer("up"), VIDEO)
    up.play(picture(3))
    await rig.settle()
    dump = rig.wire.dump()
    assert len(down.rtp) == 2
    assert (dump["peers"], dump["publications"]) == (0, {})


class Tapped:
    def __init__(self) -> None:
        self.got: list[tuple[int, int, bytes]] = []
        self.reports: list[tuple[int, int]] = []

    def packets(self, packets: list[Packet]) -> None:
        self.got += [(one[2], one[3], one[4]) for one in packets]

    def report(self, ntp: int, timestamp: int, now: float) -> None:
        self.reports.append((ntp, timestamp))


@pytest.mark.req("S456-27.10")
async def test_a_tap_gets_every_packet_in_the_clear_viewers_or_not(rig: Rig, up: Peer) -> None:
    tap = Tapped()
    rig.wire.tap("up:1", tap)  # before it is there
    rig.wire.perform(VIDEO)
    for number in range(20):
        up.play(packet(96, 60_000 + number, 1000 + number, 0xA0, b"frame %d" % number))
    up.report(sender_report(0xA0, 7 << 32, 1005))
    await rig.until(lambda: len(tap.got) == 20 and bool(tap.reports))
    first = tap.got[0][0]
    assert tap.got == [(first + number, 1000 + number, b"frame %d" % number) for number in range(20)]
    assert tap.reports == [(7 << 32, 1005)]


async def test_a_tap_gets_what_is_sent_again_and_nothing_of_what_is_muted(rig: Rig, up: Peer) -> None:
    tap = Tapped()
    rig.wire.perform(VIDEO)
    rig.wire.tap("up:1", tap)
    for number in (1, 2, 4):
        up.play(packet(96, number, 1000 + number, 0xA0, b"%d" % number))
    await rig.until(lambda: bool(asked_numbers(up)))
    up.play(packet(97, 1, 1003, 0xA1, b"\0\3" + b"3"))
    await rig.until(lambda: len(tap.got) == 4)
    assert [payload for _, _, payload in tap.got] == [b"1", b"2", b"4", b"3"]
    assert sorted(index for index, _, _ in tap.got) == [tap.got[0][0] + number for number in range(4)]
    rig.wire.perform(MutePublication("up:1", True))
    up.play(packet(96, 5, 1005, 0xA0, b"5"))
    await rig.until(lambda: rig.wire.dump()["publications"]["up:1"]["received"] == 4)
    rig.wire.perform(MutePublication("up:1", False))
    up.play(packet(96, 6, 1006, 0xA0, b"6"))
    await rig.until(lambda: len(tap.got) == 5)
    rig.wire.tap("up:1", None)
    up.play(packet(96, 7, 1007, 0xA0))
    await rig.until(lambda: rig.wire.dump()["publications"]["up:1"]["received"] == 6)
    assert [payload for _, _, payload in tap.got][4:] == [b"6"]


async def test_a_tap_that_ends_has_got_what_came_until_then(rig: Rig, up: Peer) -> None:
    tap = Tapped()
    rig.wire.perform(VIDEO)
    rig.wire.tap("up:1", tap)
    for number in range(5):
        up.play(packet(96, number, 1000, 0xA0, b"%d" % number))
    await rig.until(lambda: rig.wire.dump()["publications"]["up:1"]["received"] == 5)
    rig.wire.tap("up:1", None)
    assert [payload for _, _, payload in tap.got] == [b"0", b"1", b"2", b"3", b"4"]
