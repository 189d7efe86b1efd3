"""Sound in RED: agreed with publishers and viewers, and sent to those whose line is lossy."""

from dataclasses import replace

import pytest

from media.plane import sdp, seam
from media.plane.codecs import Codec, red_of
from media.plane.receiver import Receiver
from media.plane.repeats import CALM_FOR, Repeats
from media.plane.sdp import Sent, Shape
from media.wire import Line
from tests.media.plane.house import CAMERA, House
from tests.media.plane.test_sdp import LOCAL, OPUS, SENT, SOUND
from tests.media.plane.texts import text
from tests.wire.browser import Media
from tests.wire.rig import packet

REPEATED = replace(SOUND, red=63)
SINGER = (Media("0", "audio", ssrc=0xC0, red=True),)
PARTS = (b"former", b"new")


def red(number: int) -> bytes:
    head = bytes([0x80 | 111, 15, 0, len(PARTS[0]), 111])
    return packet(63, number, number * 960, 0xC0, head + b"".join(PARTS))


def test_red_is_answered_first_so_that_it_is_sent() -> None:
    lines, (sound, picture) = sdp.take_publisher(sdp.read(text("chromium_offer")))
    assert [codec.number for codec, _ in lines[0].codecs] == [63, 111]
    assert (sound.shape.red, picture.shape.red) == (63, 0)
    firefox, _ = sdp.take_publisher(sdp.read(text("firefox_offer")))
    assert [codec.name for codec, _ in firefox[0].codecs] == ["OPUS"]


@pytest.mark.parametrize("told", ["", "a=fmtp:63 109/109", "a=fmtp:63 111/109", "a=fmtp:63 111", "a=fmtp:63 111/111;x"])
def test_red_around_anything_else_is_not_taken(told: str) -> None:
    offer = sdp.read(text("chromium_offer").replace("a=fmtp:63 111/111", told or "a=x"))
    lines, taken = sdp.take_publisher(offer)
    assert (taken[0].shape.red, [codec.number for codec, _ in lines[0].codecs]) == (0, [111])


def test_red_of_another_clock_is_none() -> None:
    told = (("111/111", ""),)
    assert red_of([Codec(63, "RED", 8_000, 1, told), Codec(64, "RED", 48_000, 2, told)], OPUS) == Codec(
        64, "RED", 48_000, 2, told
    )


def test_a_viewers_own_offer_gets_red_only_under_the_publishers_numbers() -> None:
    offer = text("chromium_offer").replace("a=sendonly", "a=recvonly")
    lines, targets = sdp.viewer_lines(sdp.read(offer), {"0": REPEATED}, {"0": SENT})
    assert [codec.number for codec, _ in lines[0].codecs] == [111, 63]
    assert (targets[0].source_red, targets[0].red) == (63, 63)
    other = replace(REPEATED, codec=replace(OPUS, number=109), red=62)
    lines, targets = sdp.viewer_lines(sdp.read(offer), {"0": other}, {"0": SENT})
    assert [codec.number for codec, _ in lines[0].codecs] == [111]
    assert (targets[0].source_red, targets[0].red) == (62, 0)


def types(*shapes: Shape) -> list[list[int]]:
    receiver = Receiver()
    for number, shape in enumerate(shapes):
        receiver.subscribe(f"p:{number}", shape, lambda: Sent(1, None, "s", "s", "t"))
    return [[codec.number for codec, _ in line.codecs] for line in receiver.offer()[0]]


def test_our_offer_keeps_the_publishers_numbers_where_it_can() -> None:
    other = replace(REPEATED, codec=replace(OPUS, number=96), red=63)
    assert types(SOUND, REPEATED, REPEATED, other) == [[96], [111, 63], [111, 63], [97]]
    assert types(other, SOUND) == [[96, 63], [97]]
    wild = replace(REPEATED, codec=replace(OPUS, number=70), red=71)
    assert types(wild) == [[96]], "these look like RTCP"


def test_an_answer_says_whether_red_may_come() -> None:
    receiver = Receiver()
    receiver.subscribe("p:0", REPEATED, lambda: SENT)
    offered = sdp.write(LOCAL, receiver.offer()[0]).replace("a=sendonly", "a=recvonly").replace("actpass", "active")
    (begin,) = receiver.answered(receiver.check(1, offered))
    assert (begin.target.number, begin.target.red) == (111, 63)
    receiver = Receiver()
    receiver.subscribe("p:0", REPEATED, lambda: SENT)
    receiver.offer()
    plain = offered.replace(" 111 63", " 111").replace("a=rtpmap:63", "a=x:").replace("a=fmtp:63", "a=y:")
    (begin,) = receiver.answered(receiver.check(1, plain))
    assert (begin.target.source_red, begin.target.red) == (63, 0)


def test_it_begins_at_once_and_ends_when_the_line_was_good_for_long() -> None:
    repeats = Repeats()
    assert not repeats.heard(0.01, 0.0)
    assert repeats.heard(0.02, 1.0)
    assert repeats.on
    assert not any(repeats.heard(0.004, 2.0 + second) for second in range(int(CALM_FOR)))
    assert not repeats.heard(0.006, 2.0 + CALM_FOR), "not yet"
    assert not repeats.heard(0.0, 3.0 + CALM_FOR)
    assert repeats.heard(0.0, 3.0 + 2 * CALM_FOR)
    assert not repeats.on


async def test_who_has_a_lossy_line_gets_red_and_all_others_what_is_new_in_it(house: House) -> None:
    up = await house.publisher("up", SINGER)
    page = await house.receiver("page", "up:0")
    plain = await house.viewer("plain", "up:0")
    count = 0

    async def speak() -> tuple[bytes, bytes]:
        nonlocal count
        count += 1
        up.peer.play(red(count))
        await house.until(lambda: len(page.peer.rtp) == len(plain.peer.rtp) == count)
        return page.peer.rtp[-1].payload, plain.peer.rtp[-1].payload

    assert await speak() == (b"new", b"new")
    house.plane.note(Line("page", 1e6, 0.03, 0.1, 0.0))
    assert await speak() == (red(1)[12:], b"new")
    assert house.plane.dump()["transports"]["page"]["red"]
    house.plane.note(Line("page", 1e6, 0.0, 0.1, 0.0))
    for _ in range(10):
        await house.network.run((CALM_FOR - 1.5) / 10)
        for each in (up, page, plain):
            each.check()  # they are there still
    assert await speak() == (red(1)[12:], b"new")
    await house.network.run(3.0)
    assert await speak() == (b"new", b"new")
    assert [each.sequence - page.peer.rtp[0].sequence for each in page.peer.rtp] == [0, 1, 2, 3]
    assert {(each.type, each.ssrc) for each in plain.peer.rtp} == {(111, plain.peer.rtp[0].ssrc)}


async def test_whoever_comes_to_a_lossy_line_later_is_sent_red_at_once(house: House) -> None:
    up = await house.publisher("up", SINGER)
    await house.publisher("camera", CAMERA)
    page = await house.receiver("page", "up:0")
    house.plane.note(Line("page", 1e6, 0.1, 0.1, 0.0))
    await house.publisher("second", SINGER)
    house.order(seam.Unsubscribe("page", "up:0"), seam.Subscribe("page", "up:0"))
    offer = await house.offered("page", 2)
    house.order(seam.TakeAnswer("page", 2, page.answer(offer.sdp)))
    up.peer.play(red(1))
    await house.until(lambda: page.peer.rtp)
    assert page.peer.rtp[0].type == 63
