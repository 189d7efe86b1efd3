"""A whole plane on a network in memory: browsers with real handshakes come, talk, change their minds and go."""

from media.plane import seam
from media.plane.ice import SILENCE
from media.wire import Line, rtcp, twcc
from media.wire.fake import FakeWire
from tests.media.plane.house import CAMERA, House, asked_of, play
from tests.wire.browser import Browser, Media
from tests.wire.rig import packet, pli


async def test_a_publisher_is_answered_and_connected_and_its_start_is_told(house: House) -> None:
    up = await house.publisher()
    (answered,) = house.told(seam.Answered, "up")
    assert answered.tracks == (
        seam.TrackInfo("0", "audio", "up:0", True),
        seam.TrackInfo("1", "video", "up:1", True),
    )
    play(up, 1)
    await house.until(lambda: house.told(seam.Started))
    assert house.told(seam.Started) == [seam.Started("up:1")]


async def test_a_viewer_gets_what_it_can_carry(house: House) -> None:
    up = await house.publisher()
    down = await house.viewer("down", "up:1", "nobody:1", "up:0")
    (answered,) = house.told(seam.Answered, "down")
    assert answered.tracks == (
        seam.TrackInfo("0", "audio", "up:0", True),
        seam.TrackInfo("1", "video", "up:1", True),
    )
    play(up, 1)
    play(up, 1, b"sound", 0xC0)
    await house.until(lambda: len(down.peer.rtp) == 2)
    assert {each.payload for each in down.peer.rtp} == {b"picture", b"sound"}


async def test_over_tcp_it_is_the_same_and_a_new_connection_goes_on_where_the_old_one_ended(house: House) -> None:
    house.over_tcp = True
    up = await house.publisher()
    down = await house.receiver("down", "up:0", "up:1")
    play(up, 1)
    await house.until(lambda: len(down.peer.rtp) == 1)
    wire = house.plane.wire
    assert isinstance(wire, FakeWire)
    for number in range(40):  # more than a transport may have addresses at once
        wire.hang_up(down.address)
        down.move(("10.0.1.1", 6900, 100 + number))
        down.check()
        await house.until(lambda whole=number + 2: down.answers == whole)
        play(up, 2 + number)
        await house.until(lambda whole=number + 2: len(down.peer.rtp) == whole)
    assert house.told(seam.Lost) == []
    wire.hang_up(down.address)
    await house.until(lambda: house.told(seam.Lost, "down"), patience=SILENCE + 5)


async def test_who_was_on_udp_goes_on_over_tcp(house: House) -> None:
    up = await house.publisher()
    down = await house.viewer("down", "up:1")
    play(up, 1)
    await house.until(lambda: len(down.peer.rtp) == 1)
    down.move(("10.0.1.1", 6900, 7))
    down.check()
    await house.network.run(0.1)
    play(up, 2)
    await house.until(lambda: len(down.peer.rtp) == 2)


async def test_a_viewer_may_come_before_the_publisher_is_connected(house: House) -> None:
    up = house.browser()
    house.order(seam.OpenPublisher("up", up.offer(CAMERA)))
    down = await house.viewer("down", "up:1")
    up.connect(house.told(seam.Answered, "up")[0].sdp)
    await house.until(lambda: up.connected and house.told(seam.Connected, "up"))
    play(up, 1)
    await house.until(lambda: down.peer.rtp)


async def test_a_receiver_is_offered_all_its_wishes_at_once_and_gets_them(house: House) -> None:
    up = await house.publisher()
    down = await house.receiver("down", "up:0", "up:1")
    (offered,) = house.told(seam.Offered, "down")
    assert offered.streams == (seam.Stream("0", "up:0"), seam.Stream("1", "up:1"))
    play(up, 1)
    play(up, 1, b"sound", 0xC0)
    await house.until(lambda: len(down.peer.rtp) == 2)


async def test_wishes_while_an_offer_is_open_go_into_the_next(house: House) -> None:
    await house.publisher()
    down = house.browser()
    house.order(seam.OpenReceiver("down"), seam.Subscribe("down", "up:0"))
    first = await house.offered("down", 1)
    house.order(seam.Subscribe("down", "up:1"), seam.Unsubscribe("down", "up:0"))
    await house.network.run(1)
    assert len(house.told(seam.Offered, "down")) == 1
    house.order(seam.TakeAnswer("down", 1, down.answer(first.sdp)))
    second = await house.offered("down", 2)
    assert second.streams == (seam.Stream("1", "up:1"),)


async def test_an_unsubscribed_line_is_used_again(house: House) -> None:
    up = await house.publisher()
    await house.publisher("other", (Media("v", "video", ssrc=0xE0),))
    down = await house.receiver("down", "up:0", "up:1")
    play(up, 1)
    await house.until(lambda: down.peer.rtp)
    house.order(seam.Unsubscribe("down", "up:1"))
    second = await house.offered("down", 2)
    assert second.streams == (seam.Stream("0", "up:0"),)
    before = len(down.peer.rtp)
    play(up, 2)
    await house.network.run(0.2)
    assert len(down.peer.rtp) == before
    house.order(seam.TakeAnswer("down", 2, down.answer(second.sdp)), seam.Subscribe("down", "other:v"))
    third = await house.offered("down", 3)
    assert third.streams == (seam.Stream("0", "up:0"), seam.Stream("1", "other:v"))
    assert third.sdp.count("m=video") == 1


async def test_a_new_viewer_and_lost_pictures_ask_for_one_keyframe_at_a_time(house: House) -> None:
    up = await house.publisher()
    down = await house.viewer("down", "up:1")
    play(up, 1)
    await house.until(lambda: down.peer.rtp)
    await house.network.run(1)
    up.peer.rtcp.clear()
    ssrc = down.peer.rtp[0].ssrc
    for _ in range(20):
        down.peer.report(pli(ssrc))
        await house.network.run(0.02)
    await house.network.run(2)
    asked = up.peer.parts(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI)
    assert len(asked) == 2, "one at once, one for all that came in the half second after"
    assert rtcp.keyframes_wanted(asked[0]) == [0xA0]


async def test_a_viewers_joining_asks_for_a_keyframe_at_once(house: House) -> None:
    up = await house.publisher()
    play(up, 1)
    await house.network.run(1)
    up.peer.rtcp.clear()
    await house.viewer("down", "up:1")
    await house.until(lambda: up.peer.parts(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI), patience=0.1)


async def test_publishers_get_reports_of_real_loss(house: House) -> None:
    up = await house.publisher()
    for sequence in (1, 2, 3, 5):
        play(up, sequence)
    await house.until(lambda: [b for part in up.peer.parts(rtcp.RECEIVER_REPORT) for b in rtcp.report_blocks(part)])
    block = next(b for part in up.peer.parts(rtcp.RECEIVER_REPORT) for b in rtcp.report_blocks(part))
    assert (block.ssrc, block.fraction, block.lost, block.highest) == (0xA0, 256 // 5, 1, 5)


async def test_muted_is_muted_even_before_the_publisher_is_connected(house: House) -> None:
    up = house.browser()
    house.order(seam.OpenPublisher("up", up.offer(CAMERA)), seam.Mute("up:1", True), seam.Mute("no:1", True))
    down = await house.viewer("down", "up:1")
    up.connect(house.told(seam.Answered, "up")[0].sdp)
    await house.until(lambda: up.connected)
    play(up, 1)
    await house.network.run(0.5)
    assert down.peer.rtp == []
    house.order(seam.Mute("up:1", False))
    play(up, 2)
    await house.until(lambda: down.peer.rtp)


async def test_a_track_may_be_added_and_ended_on_an_open_connection(house: House) -> None:
    up = await house.publisher()
    down = await house.receiver("down", "up:1")
    more = (*CAMERA, Media("2", "video", ssrc=0xF0, stream="screen"))
    house.order(seam.ChangePublisher("up", up.offer(more)))
    assert [track.publication for track in house.told(seam.Answered, "up")[-1].tracks] == ["up:0", "up:1", "up:2"]
    house.order(seam.Subscribe("down", "up:2"))
    second = await house.offered("down", 2)
    house.order(seam.TakeAnswer("down", 2, down.answer(second.sdp)))
    up.peer.play(packet(96, 1, 1, 0xF0, b"screen"))
    await house.until(lambda: down.peer.rtp)
    fewer = (CAMERA[0], Media("1", "video", "inactive"), more[2])
    house.order(seam.ChangePublisher("up", up.offer(fewer)))
    assert [track.sending for track in house.told(seam.Answered, "up")[-1].tracks] == [True, False, True]
    third = await house.offered("down", 3)
    assert third.streams == (seam.Stream("1", "up:2"),), "an ended publication is taken off by itself"


async def test_levels_come_up(house: House) -> None:
    up = await house.publisher()
    up.peer.play(packet(111, 1, 1, 0xC0, b"loud", elements=((1, bytes([10])),)))
    await house.until(lambda: house.told(seam.Levels))
    assert house.told(seam.Levels) == [seam.Levels((("up:0", 117),))]


async def test_orders_about_the_unknown_are_refused_or_without_effect(house: House) -> None:
    up = house.browser()
    house.order(
        seam.ChangePublisher("gone", up.offer(CAMERA)),
        seam.TakeAnswer("gone", 1, ""),
        seam.RestartIce("gone", "u", "p"),
    )
    assert [each.code for each in house.reports if isinstance(each, seam.Refused)] == ["no_such_transport"] * 3
    house.reports.clear()
    house.order(seam.Subscribe("gone", "up:1"), seam.Unsubscribe("gone", "up:1"), seam.Close("gone"))
    house.order(seam.OpenReceiver("down"), seam.Subscribe("down", "gone:1"))
    await house.network.run(0.5)
    assert house.reports == []
    house.order(seam.OpenReceiver("down"))
    assert house.reports == [seam.Refused("down", "transport_exists", "")]


async def test_a_bad_answer_is_refused_and_a_good_one_still_taken(house: House) -> None:
    await house.publisher()
    down = house.browser()
    house.order(seam.OpenReceiver("down"), seam.Subscribe("down", "up:1"))
    offer = await house.offered("down", 1)
    good = down.answer(offer.sdp)
    house.order(
        seam.TakeAnswer("down", 2, good),
        seam.TakeAnswer("down", 1, "nonsense"),
        seam.TakeAnswer("down", 1, good.replace("a=mid:0", "a=mid:7").replace("BUNDLE 0", "BUNDLE 7")),
        seam.TakeAnswer("down", 1, good.replace("a=setup:active", "a=setup:actpass")),
    )
    codes = [each.code for each in house.told(seam.Refused, "down")]
    assert codes == ["answer_unexpected", "sdp_malformed", "sdp_mismatch", "sdp_bad_setup"]
    house.order(seam.TakeAnswer("down", 1, good))
    down.connect(offer.sdp)
    await house.until(lambda: down.connected)
    house.order(seam.TakeAnswer("down", 1, good))
    assert house.told(seam.Refused, "down")[-1].code == "answer_unexpected"


async def test_a_refused_offer_leaves_nothing_behind(house: House) -> None:
    house.order(seam.OpenPublisher("up", "v=0\r\n"), seam.OpenViewer("down", "x" * 70_000, ()))
    assert [each.code for each in house.reports if isinstance(each, seam.Refused)] == ["sdp_no_ice", "sdp_too_large"]
    assert house.plane.dump()["transports"] == {}


async def test_a_paused_picture_is_not_sent_and_resumes_by_a_keyframe_without_a_gap(house: House) -> None:
    up = await house.publisher()
    down = await house.receiver("down", "up:0", "up:1")
    await house.network.run(1.5)  # keyframes are asked for at most once a second
    for sequence in range(1, 4):
        play(up, sequence)
    await house.until(lambda: len(down.peer.rtp) == 3)
    asked = asked_of(up)
    house.order(seam.Want("down", "up:1", 0))
    await house.network.run(0.02)
    for sequence in range(4, 8):
        play(up, sequence)
    play(up, 1, b"sound", ssrc=0xC0)
    await house.until(lambda: any(each.payload == b"sound" for each in down.peer.rtp))
    await house.network.run(0.2)
    assert len(down.peer.rtp) == 4
    assert asked_of(up) == asked
    assert house.plane.dump()["transports"]["down"]["gets"] == {"up:1": [None, "off"]}
    house.order(seam.Want("down", "up:1", 180))
    await house.until(lambda: asked_of(up) > asked)
    play(up, 8)
    await house.until(lambda: len(down.peer.rtp) == 5)
    pictures = [each.sequence for each in down.peer.rtp if each.payload == b"picture"]
    assert pictures == [(pictures[0] + n) % 65536 for n in range(4)]


async def test_what_is_paused_before_the_answer_is_paused_from_its_start(house: House) -> None:
    up = await house.publisher()
    other = await house.receiver("other", "up:1")
    browser = house.browser()
    house.order(seam.OpenReceiver("down"), seam.Subscribe("down", "up:1"), seam.Want("down", "up:1", 0))
    offer = await house.offered("down", 1)
    house.order(seam.TakeAnswer("down", 1, browser.answer(offer.sdp)))
    browser.connect(offer.sdp)
    await house.until(lambda: browser.connected and house.told(seam.Connected, "down"))
    play(up, 1)
    await house.until(lambda: other.peer.rtp)
    assert browser.peer.rtp == []
    house.order(seam.Want("down", "up:1", 180))
    await house.network.run(0.02)
    play(up, 2)
    await house.until(lambda: browser.peer.rtp)


async def test_the_dump_tells_what_there_is(house: House) -> None:
    up = await house.publisher()
    down = await house.viewer("down", "up:1")
    play(up, 1)
    await house.until(lambda: down.peer.rtp)
    lossy = rtcp.ReportBlock(down.peer.rtp[0].ssrc, 64, 1, 1, 0, 0, 0)
    down.peer.report(rtcp.build_receiver_report(1, [lossy]))
    await house.network.run(0.1)
    house.order(seam.Dump("why"))
    (dumped,) = house.told(seam.Dumped)
    assert dumped.request == "why"
    assert dumped.data["transports"]["down"] == {
        "kind": "viewer", "connected": True, "publications": [], "subscriptions": ["up:1"],
        "loss": {"up:1": 64}, "line": None, "red": False, "gets": {"up:1": [0, None]},
    }  # fmt: skip
    house.plane.note(Line("down", 450_000.4, 0.1234, 0.05, 0.0))
    house.plane.note(Line("nobody", 1.0, 0.0, 0.0, 0.0))
    assert house.plane.dump()["transports"]["down"]["line"] == {
        "estimate": 450_000, "loss": 0.123, "round_trip": 0.05, "queueing_delay": 0.0,
    }  # fmt: skip
    assert dumped.data["wire"]["publications"]["up:1"]["viewers"] == 1


async def test_a_receiver_reports_on_its_line_by_the_numbers_of_its_packets(house: House) -> None:
    up = await house.publisher()
    down = await house.receiver("down", "up:0", "up:1")
    for number in range(60):
        play(up, number)
        play(up, number, b"sound", 0xC0)
    await house.until(lambda: len(down.peer.rtp) == 120)
    numbers = [int.from_bytes(dict(each.elements)[3], "big") for each in down.peer.rtp]
    assert numbers == list(range(120))
    report = twcc.Report(0, 0, tuple(None if number % 10 == 0 else number * 4 for number in numbers))
    down.peer.report(rtcp.build_receiver_report(1, ()) + twcc.build(1, down.peer.rtp[0].ssrc, report))
    line = lambda: house.plane.dump()["transports"]["down"]["line"]  # noqa: E731
    await house.until(line)
    assert line()["loss"] == 0.1


async def test_of_a_groups_sounds_the_loudest_is_forwarded_also_before_its_sender_is_connected(house: House) -> None:
    house.order(seam.LimitSounds("room", 1))
    soft = await house.publisher("soft")
    loud = house.browser()
    house.order(seam.OpenPublisher("loud", loud.offer(CAMERA)))
    house.order(*(seam.PutSound(f"{key}:0", "room") for key in ("soft", "loud", "nobody")))
    loud.connect(house.told(seam.Answered, "loud")[-1].sdp)
    await house.until(lambda: loud.connected)
    viewer = await house.receiver("down", "soft:0", "loud:0")

    def speak(number: int, *who: tuple[Browser, int]) -> None:
        for browser, level in who:
            data = packet(111, number, number * 960, 0xC0, b"%d" % level, elements=((1, bytes([level])),))
            browser.peer.play(data)

    speak(0, (loud, 20))
    await house.until(lambda: viewer.peer.rtp)
    speak(1, (loud, 20), (soft, 50))
    await house.until(lambda: len(viewer.peer.rtp) > 1)
    house.order(seam.PutSound("soft:0", ""))
    speak(2, (loud, 20), (soft, 50))
    await house.until(lambda: len(viewer.peer.rtp) > 3)
    assert [each.payload for each in viewer.peer.rtp if each.payload == b"50"] == [b"50"]
