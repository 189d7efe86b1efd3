"""What every maker of the wire must do, seen by peers that hold the keys."""

import pytest

from media.wire import (
    AddPublication,
    AddSubscription,
    Levels,
    MutePublication,
    PacketsLost,
    PauseSubscription,
    Payload,
    PayloadMap,
    Profile,
    RequestKeyframe,
    Rtcp,
    Started,
    rtcp,
    srtp,
)
from media.wire.peer import BURST, MAX_RATE
from tests.wire.given import VIDEO, VIEW, picture
from tests.wire.makers import ENGINES
from tests.wire.rig import (
    MemoryRig,
    Peer,
    Rig,
    Sealer,
    asked_numbers,
    nack,
    packet,
    pli,
    report_of,
    sender_report,
)


async def test_a_packet_reaches_the_viewer_under_the_viewers_numbers(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(packet(96, 65535, 4000, 0xA0, b"one", 1))
    up.play(packet(96, 0, 7000, 0xA0, b"two"))
    await rig.until(lambda: len(down.rtp) == 2)
    assert [each[:] for each in down.rtp] == [
        (1, 120, 100, 4000, 0xB0, (), b"one"),
        (0, 120, 101, 7000, 0xB0, (), b"two"),
    ]
    assert rig.noted(Started) == [Started("up:1")]


@pytest.mark.parametrize("profile", srtp.supported())
async def test_each_profile_is_spoken_to_each_side(rig: Rig, profile: Profile) -> None:
    up, down = await rig.peer("up", profile), await rig.peer("down", profile)
    rig.do(VIDEO, VIEW)
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    down.report(nack([100], 0xB0))
    await rig.until(lambda: len(down.rtp) == 2)


async def test_a_burst_of_pictures_comes_whole_and_in_order_to_all(rig: Rig, up: Peer, down: Peer) -> None:
    other = await rig.peer("other")
    rig.do(AddSubscription("other", "up:1", 0xE0, 30000, "up", (PayloadMap(96, 96),)))
    sent = [picture(number) for number in range(200)]
    for start in range(0, 200, 20):
        for data in sent[start : start + 20]:
            up.play(data)
        await rig.until(lambda start=start: len(other.rtp) == len(down.rtp) == start + 20)
    assert [each.payload for each in down.rtp] == [data[12:] for data in sent]
    assert [each.sequence for each in down.rtp] == list(range(100, 300))
    assert [each.sequence for each in other.rtp] == list(range(30000, 30200))


async def test_header_extensions_are_mapped_stripped_and_the_mid_is_the_viewers(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(packet(111, 1, 960, 0xC0, b"sound", elements=((1, b"\x10"), (3, b"0"), (7, b"secret"))))
    up.play(packet(96, 1, 960, 0xA0, b"video", elements=((3, b"1"),)))
    await rig.until(lambda: len(down.rtp) == 2)
    by_ssrc = {each.ssrc: each for each in down.rtp}
    assert by_ssrc[0xD0].elements == ((5, b"\x10"), (6, b"m0"))
    assert by_ssrc[0xB0].elements == ()


async def test_a_viewers_loss_is_answered_from_history_as_rtx(rig: Rig, up: Peer, down: Peer) -> None:
    for number in range(10):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 10)
    down.report(nack([103, 105], 0xB0))
    await rig.until(lambda: len(down.rtp) == 12)
    first, second = down.rtp[10:]
    assert first[:5] == (0, 121, 100, down.rtp[3].timestamp, 0xB1)
    assert first.payload == (103).to_bytes(2, "big") + down.rtp[3].payload
    assert (second.sequence, second.payload) == (101, (105).to_bytes(2, "big") + down.rtp[5].payload)
    assert not up.parts(rtcp.TRANSPORT_FEEDBACK), "the publisher need not know"


async def test_without_rtx_the_same_packet_is_sent_again(rig: Rig, up: Peer, down: Peer) -> None:
    raw: list[bytes] = []
    down.take = raw.append  # type: ignore[method-assign]
    up.play(packet(111, 1, 960, 0xC0, b"sound", elements=((1, b"\x10"),)))
    await rig.until(lambda: len(raw) == 1)
    down.report(nack([500], 0xD0))
    await rig.until(lambda: len(raw) == 2)
    assert raw[0] == raw[1]


async def test_nacks_of_what_was_never_sent_are_not_answered(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    down.report(nack([99, 101, 40000], 0xB0) + rtcp.build_nack(9, 0xDEAD, [1]))
    await rig.settle()
    assert len(down.rtp) == 1


async def test_loss_on_both_ways_is_repaired_until_nothing_is_missing(rig: Rig, up: Peer, down: Peer) -> None:
    sent = {7000 + number: picture(number) for number in range(100)}
    for number, data in enumerate(sent.values()):
        if number % 7 != 3:
            up.play(data)
    await rig.until(lambda: up.parts(rtcp.TRANSPORT_FEEDBACK, rtcp.NACK))
    repaired = 0
    while len(down.rtp) < 100:
        for sequence in asked_numbers(up):
            original = sent.pop(sequence, None)
            if original is not None:  # asked for again while the answer was under way
                up.play(packet(97, repaired, 0, 0xA1, sequence.to_bytes(2, "big") + original[12:]))
                repaired += 1
        await rig.until(lambda: len(down.rtp) == 100 or any(sequence in sent for sequence in asked_numbers(up)))
    assert repaired == 14
    got = sorted((each.sequence, each.payload) for each in down.rtp)
    assert got == [(100 + number, picture(number)[12:]) for number in range(100)]


async def test_a_publisher_that_never_repairs_is_given_up_and_the_plane_is_told(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    up.play(picture(2))
    await rig.until(lambda: rig.noted(PacketsLost))
    assert set(asked_numbers(up)) == {7001}
    assert 2 <= len(asked_numbers(up)) <= 8
    up.play(picture(1))
    await rig.settle()
    assert [each.sequence for each in down.rtp] == [100, 102], "too late is too late"


async def test_what_is_only_out_of_order_is_neither_asked_for_nor_lost(rig: Rig, up: Peer, down: Peer) -> None:
    for number in (0, 2, 1, 3):
        up.play(picture(number))
    await rig.until(lambda: len(down.rtp) == 4)
    await rig.settle()
    assert [each.sequence for each in down.rtp] == [100, 102, 101, 103]
    assert asked_numbers(up) == []


async def test_a_replayed_packet_is_forwarded_once(rig: Rig, up: Peer, down: Peer) -> None:
    sealed = up.sealer.seal(picture(0))
    for _ in range(5):
        up.send(sealed)
    up.play(picture(1))
    await rig.until(lambda: len(down.rtp) == 2)
    assert rig.wire.dump()["unopened"] == 4


async def test_a_repair_of_what_is_there_is_not_forwarded(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    up.play(packet(97, 1, 0, 0xA1, (7000).to_bytes(2, "big") + b"another"))
    up.play(picture(1))
    await rig.until(lambda: len(down.rtp) == 2)
    assert [each.payload for each in down.rtp] == [picture(0)[12:], picture(1)[12:]]


async def test_foreign_and_broken_packets_go_nowhere(rig: Rig, up: Peer, down: Peer) -> None:
    foreign = Sealer("AEAD_AES_128_GCM", bytes(28), bytes(28))
    up.send(foreign.seal(picture(0)))
    up.send(foreign.seal_rtcp(sender_report(0xA0, 1, 1)))
    up.send(b"\x80")
    up.send(bytes([0x80, 96]) + bytes(10))
    up.send(bytes([0x80, 200]) + bytes(2))
    up.play(packet(50, 1, 1, 0xA0))
    up.play(packet(96, 1, 1, 0xF0F0))
    up.play(picture(1))
    await rig.until(lambda: down.rtp)
    assert [each.payload for each in down.rtp] == [picture(1)[12:]]


async def test_muted_means_nothing_comes_and_nothing_is_missing_afterwards(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    rig.do(MutePublication("up:1", True))
    for number in range(1, 8):
        up.play(picture(number))
    await rig.settle()
    assert len(down.rtp) == 1
    rig.do(MutePublication("up:1", False))
    down.report(nack([101], 0xB0))
    up.play(picture(8))
    await rig.until(lambda: len(down.rtp) == 2)
    assert [each.sequence for each in down.rtp] == [100, 101]
    assert down.rtp[1].payload == picture(8)[12:]


async def test_a_pause_is_one_viewers_own_and_leaves_no_gap(rig: Rig, up: Peer, down: Peer) -> None:
    other = await rig.peer("other")
    rig.do(AddSubscription("other", "up:1", 0xE0, 0, "up", (PayloadMap(96, 96),)))
    up.play(picture(0))
    await rig.until(lambda: down.rtp and other.rtp)
    rig.do(PauseSubscription("down", "up:1", True))
    up.play(picture(1))
    await rig.until(lambda: len(other.rtp) == 2)
    rig.do(PauseSubscription("down", "up:1", False))
    up.play(picture(2))
    await rig.until(lambda: len(other.rtp) == 3 and len(down.rtp) == 2)
    assert [each.sequence for each in down.rtp] == [100, 101]
    assert down.rtp[1].timestamp == 0


async def test_sender_reports_keep_their_moment_in_the_viewers_numbers(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    up.report(sender_report(0xA0, 0x1122334455667788, 4500))
    await rig.until(lambda: down.parts(rtcp.SENDER_REPORT))
    (report,) = down.parts(rtcp.SENDER_REPORT)
    assert report_of(report) == (0xB0, 0x1122334455667788, 4500, 1, len(picture(0)) - 12)
    (source,) = down.parts(rtcp.SOURCE)
    assert source.raw == rtcp.build_source(0xB0, "up")


async def test_a_new_viewer_is_told_the_latest_report_with_its_first_packet(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    up.report(sender_report(0xA0, 77, 4500))
    await rig.until(lambda: down.parts(rtcp.SENDER_REPORT))
    late = await rig.peer("late")
    rig.do(AddSubscription("late", "up:1", 0xE0, 0, "up", (PayloadMap(96, 96),)))
    up.play(picture(1))
    await rig.until(lambda: late.rtp and late.parts(rtcp.SENDER_REPORT))
    assert report_of(late.parts(rtcp.SENDER_REPORT)[0])[:3] == (0xE0, 77, 4500)


async def test_a_publisher_under_a_new_ssrc_goes_on_for_the_viewer(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(packet(96, 7000, 900_000, 0xA0, b"old"))
    await rig.until(lambda: down.rtp)
    rig.do(AddPublication("up:1", "up", "video", (Payload(96, 90_000, 97),), 0xAA, 0xAB, "1", 3, 0, True))
    up.play(packet(96, 60, 5, 0xAA, b"new"))
    up.report(sender_report(0xAA, 88, 5))
    await rig.until(lambda: len(down.rtp) == 2 and down.parts(rtcp.SENDER_REPORT))
    old, new = down.rtp
    assert (new.sequence, new.ssrc) == (101, 0xB0)
    assert 0 < new.timestamp - old.timestamp < 90_000 * 5
    assert report_of(down.parts(rtcp.SENDER_REPORT)[0])[1:3] == (88, new.timestamp)


async def test_receptions_tell_what_the_network_did(rig: Rig, up: Peer, down: Peer) -> None:
    assert rig.wire.receptions("up") == rig.wire.receptions("nobody") == []
    for number in (0, 1, 2, 4, 5):
        up.play(picture(number, base=65534))
    up.report(sender_report(0xA0, 0x0001_2345_6789_0000, 1))
    await rig.until(lambda: len(down.rtp) == 5 and down.parts(rtcp.SENDER_REPORT))
    (told,) = rig.wire.receptions("up")
    assert (told.publication, told.ssrc, told.received, told.expected) == ("up:1", 0xA0, 5, 6)
    assert told.highest == 65534 + 5, "sequence numbers with their cycles"
    assert told.last_report == 0x2345_6789
    assert 0 <= told.report_age < 5


async def test_a_stream_without_told_ssrc_is_known_by_its_mid_or_its_payload_type(rig: Rig) -> None:
    up, down = await rig.peer("up"), await rig.peer("down")
    twin = (Payload(96, 90_000, 97),)
    rig.do(
        AddPublication("up:a", "up", "video", twin, mid="a", mid_extension=3, nack=True),
        AddPublication("up:b", "up", "video", twin, mid="b", mid_extension=3, nack=True),
        AddPublication("up:c", "up", "audio", (Payload(111, 48_000),), mid="c", mid_extension=3),
    )
    for number, name in enumerate("abc"):
        target = (PayloadMap(111 if name == "c" else 96, 100 + number),)
        rig.do(AddSubscription("down", f"up:{name}", 0xB0 + number, 0, "up", target))
    up.play(packet(96, 1, 1, 0x51, b"b", elements=((3, b"b"),)))
    up.play(packet(96, 1, 1, 0x52, b"a", elements=((3, b"a"),)))
    up.play(packet(111, 1, 1, 0x53, b"c"))
    up.play(packet(96, 2, 1, 0x51, b"b2"))
    up.play(packet(96, 1, 1, 0x54, b"whose?"))
    await rig.until(lambda: len(down.rtp) == 4)
    await rig.settle()
    assert sorted((each.type, each.payload) for each in down.rtp) == [
        (100, b"a"),
        (101, b"b"),
        (101, b"b2"),
        (102, b"c"),
    ]


async def test_levels_of_what_is_heard_come_up(rig: Rig, up: Peer, down: Peer) -> None:
    for number in range(4):
        up.play(packet(111, number, number * 960, 0xC0, b"s", elements=((1, bytes([0x80 | 20])),)))
    await rig.until(lambda: rig.noted(Levels))
    assert rig.noted(Levels)[0] == Levels((("up:0", 107),))


async def test_silence_and_the_muted_are_not_told_of(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(packet(111, 1, 960, 0xC0, b"s", elements=((1, bytes([120])),)))
    await rig.until(lambda: down.rtp)
    rig.do(MutePublication("up:0", True))
    up.play(packet(111, 2, 1920, 0xC0, b"s", elements=((1, bytes([5])),)))
    for _ in range(4):
        await rig.settle()
    assert rig.noted(Levels) == []


async def test_keyframes_are_asked_for_and_other_feedback_goes_up(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    rig.do(RequestKeyframe("up:1"), RequestKeyframe("up:0"), RequestKeyframe("up:9"))
    await rig.until(lambda: up.parts(rtcp.PAYLOAD_FEEDBACK))
    (asked,) = up.parts(rtcp.PAYLOAD_FEEDBACK)
    assert rtcp.keyframes_wanted(asked) == [0xA0]
    wish = pli(0xB0)
    down.report(wish + rtcp.build_nack(9, 0xB0, [100]))
    await rig.until(lambda: rig.noted(Rtcp))
    assert rig.noted(Rtcp) == [Rtcp("down", wish)]


async def test_a_viewer_that_keeps_asking_gets_no_more_than_its_share(rig: Rig, up: Peer, down: Peer) -> None:
    for number in range(20):
        up.play(packet(96, number, number * 3000, 0xA0, bytes(1000)))
    await rig.until(lambda: len(down.rtp) == 20)
    for _ in range(30):
        down.report(nack(list(range(100, 120)), 0xB0))
    await rig.settle()
    await rig.settle()
    repaired = rig.wire.dump()["repaired"]
    assert 128 <= repaired <= 300, "128 kB at once and 256 kB a second, of the 600 kB asked for"


async def test_counters_and_state_are_told(rig: Rig, up: Peer, down: Peer) -> None:
    up.play(picture(0))
    await rig.until(lambda: down.rtp)
    told = rig.wire.dump()
    assert told["peers"] == 2
    assert told["publications"]["up:1"] == {
        "ssrc": 0xA0, "received": 1, "late": 0, "missing": 0, "history": 1, "history_bytes": len(picture(0)) - 12,
        "viewers": 1, "forwarded": 1, "repaired": 0, "muted": False, "rate": 0,
    }  # fmt: skip


async def test_another_plane_may_send_under_more_sources_than_a_browser(rig: Rig) -> None:
    for weight, most in ((1, 256), (2, 512)):
        peer = await rig.peer(f"peer {weight}", weight=weight)
        before = rig.wire.dump()["strange"]
        for ssrc in range(520):
            peer.report(rtcp.build_receiver_report(ssrc, ()))
        await rig.until(lambda before=before, most=most: rig.wire.dump()["strange"] == before + 520 - most)


@pytest.mark.parametrize("engine", ENGINES)
async def test_who_forges_a_peers_address_does_not_use_up_what_it_may_send(engine: str) -> None:
    rig = MemoryRig(engine)
    up, down = await rig.peer("up"), await rig.peer("down")
    rig.do(VIDEO, VIEW)
    forged = Sealer("AEAD_AES_128_GCM", bytes(28), bytes(28)).seal(picture(0))
    for _ in range(int(MAX_RATE * BURST) + 100):
        up.send(forged)
    up.play(picture(1))
    await rig.until(lambda: down.rtp)
    told = rig.wire.dump()
    assert (told["unopened"], told["flooded"]) == (MAX_RATE * BURST + 100, 0)
