"""The dependency descriptor is taken from publishers whose payloads do not tell temporal layers, and from no others."""

from dataclasses import replace

import pytest

from media.plane import sdp
from media.plane.codecs import Codec
from media.plane.sdp import Shape, Taken
from tests.media.plane.test_sdp import LOCAL, SENT
from tests.media.plane.texts import VIDEO

MIXED = "a=extmap-allow-mixed\r\n"
EXTENSION = f"a=extmap:13 {sdp.DEPENDENCIES}\r\n"
H264 = "a=fmtp:96 packetization-mode=1;profile-level-id=42e01f\r\n"
OFFERS = {
    "AV1": VIDEO.replace("VP8", "AV1") + EXTENSION,
    "H264": VIDEO.replace("VP8", "H264") + H264 + EXTENSION,
    "VP8": VIDEO + EXTENSION,
}


def published(offer: str) -> tuple[str, Taken]:
    lines, (taken,) = sdp.take_publisher(sdp.read(offer))
    return sdp.write(LOCAL, lines), taken


@pytest.mark.parametrize(("codec", "number"), [("AV1", 13), ("H264", 13), ("VP8", 0)])
def test_it_is_taken_where_it_is_of_use(codec: str, number: int) -> None:
    answer, taken = published(OFFERS[codec])
    assert taken.dependency_extension == number
    assert (EXTENSION in answer) == (number > 0)
    assert MIXED not in answer, "it was not offered"
    assert sdp.DEPENDENCIES not in taken.shape.extensions


@pytest.mark.parametrize("codec", OFFERS)
@pytest.mark.parametrize("place", ["a=group", "a=mid"], ids=["for all", "for one"])
def test_packets_may_bear_longer_extensions_there_and_only_there(codec: str, place: str) -> None:
    answer, taken = published(OFFERS[codec].replace(place, MIXED + place))
    assert (MIXED in answer.partition("m=video")[2]) == (taken.dependency_extension > 0)
    assert MIXED not in answer.partition("m=video")[0]


def test_viewers_are_neither_offered_nor_answered_it() -> None:
    shape = Shape("video", Codec(45, "AV1", 90_000), "0", {sdp.MID: 4})
    line = sdp.receiver_line("0", shape, 45, 46, SENT)
    assert sdp.DEPENDENCIES not in sdp.write(LOCAL, [line])
    offer = sdp.read(OFFERS["AV1"].replace("sendonly", "recvonly"))
    lines, (target,) = sdp.viewer_lines(offer, {"0": shape}, {"0": replace(SENT, repair_ssrc=None)})
    assert sdp.DEPENDENCIES not in sdp.write(LOCAL, lines)
    assert target.extensions == ()
