"""Several layers of one track (RFC 8851–8853), which the plane takes only when told to."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.plane import sdp
from media.plane.sdp import Refusal, Taken
from media.plane.sdp_read import MAX_RIDS
from tests.media.plane.test_sdp import LOCAL
from tests.media.plane.texts import text

LAYERS = "a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n"
CHROMIUM = re.sub(r"a=ssrc(-group)?:[^\r]*\r\n", "", text("chromium_offer"))


def offer(layers: str) -> str:
    """Chromium's, whose last m-line is the camera's."""
    return CHROMIUM + layers


def camera(said: str, layered: bool = True) -> Taken:
    return sdp.take_publisher(sdp.read(said), layered)[1][1]


def test_layers_are_taken_in_the_order_of_the_offer() -> None:
    taken = camera(offer(LAYERS))
    assert (taken.rids, taken.rid_extension, taken.repaired_rid_extension) == (("q", "h", "f"), 10, 11)
    assert (taken.ssrc, taken.repair_ssrc, taken.repair) == (None, None, 97)


def test_the_answer_takes_them_too() -> None:
    lines, _ = sdp.take_publisher(sdp.read(offer(LAYERS)), layered=True)
    answered = sdp.write(LOCAL, lines).partition("m=video")[2].split("\r\n")
    told = [line for line in answered if line.startswith(("a=rid", "a=simulcast")) or "stream-id" in line]
    assert told == [
        "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
        "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
        "a=rid:q recv",
        "a=rid:h recv",
        "a=rid:f recv",
        "a=simulcast:recv q;h;f",
    ]
    assert any(line.startswith("a=fmtp") and line.endswith("x-google-start-bitrate=2400") for line in answered)


def test_by_default_nothing_of_it_is_taken() -> None:
    lines, taken = sdp.take_publisher(sdp.read(offer(LAYERS)))
    answered = sdp.write(LOCAL, lines)
    assert (taken[1].rids, taken[1].rid_extension) == ((), 0)
    assert not any(word in answered for word in ("a=rid", "simulcast", "stream-id"))


def test_firefox_tells_sources_too_but_layers_are_known_by_their_names() -> None:
    taken = camera(offer(LAYERS + "a=ssrc:1 cname:x\r\na=ssrc:2 cname:x\r\na=ssrc:3 cname:x\r\n"))
    assert (taken.ssrc, taken.rids) == (None, ("q", "h", "f"))


@pytest.mark.parametrize(
    ("layers", "rids"),
    [
        (LAYERS.replace("q;h;f", "q;~h;f"), ("q", "h", "f")),
        (LAYERS.replace("q;h;f", "q,h;f"), ("q", "f")),
        (LAYERS.replace("q;h;f", "~q,~h;f,h"), ("q", "f")),
        (LAYERS.replace("send q;h;f", "recv x send f;h"), ("f", "h")),
        (LAYERS.replace("send q;h;f", "recv send send f;h"), ("f", "h")),
        (LAYERS.replace("q;h;f", "q;q;h"), ("q", "h")),
        (LAYERS.replace("q;h;f", "q;h;x"), ("q", "h")),
        (LAYERS.replace("a=rid:f send", "a=rid:f recv"), ("q", "h")),
        (LAYERS.replace("a=rid:f send", "a=rid:f send pt=97,98;max-width=9"), ("q", "h")),
        (LAYERS.replace("a=rid:f send", "a=rid:f send max-width=9;pt=98,96"), ("q", "h", "f")),
        (LAYERS + "a=simulcast:send h;f\r\n", ("q", "h", "f")),
    ],
)
def test_ways_to_say_it(layers: str, rids: tuple[str, ...]) -> None:
    assert camera(offer(layers)).rids == rids


@pytest.mark.parametrize(
    "layers",
    [
        LAYERS.replace("send q;h;f", "recv q;h;f"),
        LAYERS.replace("send q;h;f", "q;h;f"),
        LAYERS.replace("q;h;f", "q"),
        LAYERS.replace("q;h;f", ";;"),
        LAYERS.replace("send q;h;f", "send"),
        LAYERS.replace("a=rid:", "a=rid:" + "x" * 17),
        LAYERS.replace("a=rid:q", "a=rid:<q>").replace("a=rid:h", "a=rid:h h"),
        LAYERS.replace("a=simulcast", "a=simulcats"),
        "a=simulcast:send q;h;f\r\n",
    ],
)
def test_what_cannot_be_followed_is_one_layer(layers: str) -> None:
    assert camera(offer(layers)).rids == ()


@pytest.mark.parametrize("uri", [sdp.RID, sdp.MID])
def test_layers_that_packets_do_not_name_are_not_taken(uri: str) -> None:
    head, video, section = offer(LAYERS).partition("m=video")
    assert camera(head + video + section.replace(f" {uri}\r\n", " urn:x\r\n")).rids == ()


def test_without_a_name_on_repairs_there_are_none() -> None:
    taken = camera(offer(LAYERS).replace(sdp.REPAIRED_RID, "urn:x"))
    assert (len(taken.rids), taken.repaired_rid_extension, taken.repair, taken.nack) == (3, 0, None, True)


def test_sound_has_no_layers() -> None:
    said = offer("").replace("m=video", LAYERS + "a=extmap:10 " + sdp.RID + "\r\nm=video")
    assert [taken.rids for taken in sdp.take_publisher(sdp.read(said), layered=True)[1]] == [(), ()]


def test_layers_are_bounded() -> None:
    names = [f"r{number}" for number in range(100)]
    many = "".join(f"a=rid:{name} send\r\n" for name in names) + f"a=simulcast:send {';'.join(names)}\r\n"
    assert camera(offer(many)).rids == tuple(names[:MAX_RIDS])
    section = sdp.read(offer(many)).sections[1]
    assert len(section.rids) <= 16 and len(section.simulcast) <= 16


words = st.sampled_from(["a=rid:", "a=simulcast:", "send", "recv", " ", ";", ",", "~", "q", "h", "pt=", "96", "\r\n"])


@settings(max_examples=60, deadline=None)
@given(st.lists(words | st.text(max_size=3), max_size=40).map("".join))
def test_whatever_is_said_of_layers(said: str) -> None:
    try:
        taken = camera(offer(said + "\r\n"))
    except Refusal as refused:
        assert refused.code.startswith("sdp_")
    else:
        assert len(taken.rids) in (0, 2, 3, 4) and len(set(taken.rids)) == len(taken.rids)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,16}", rid) for rid in taken.rids)
