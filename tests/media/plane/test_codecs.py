"""Which codecs pass, and which viewer's is the same."""

from dataclasses import replace

import pytest

from media.plane.codecs import Codec, answered, chosen, matching, passes, repair_of, shown, viewed

OPUS = Codec(111, "OPUS", 48_000, 2, (("minptime", "10"), ("useinbandfec", "1")), frozenset({"transport-cc"}))
VP8 = Codec(96, "VP8", 90_000, 1, (), frozenset({"nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"}))
RTX = Codec(97, "RTX", 90_000, 1, (("apt", "96"),))


def h264(number: int, profile: str = "42e01f", mode: str = "1") -> Codec:
    parameters = (("level-asymmetry-allowed", "1"), ("packetization-mode", mode), ("profile-level-id", profile))
    return Codec(number, "H264", 90_000, 1, parameters)


def vp9(number: int, profile: str | None = None) -> Codec:
    return Codec(number, "VP9", 90_000, 1, () if profile is None else (("profile-id", profile),))


@pytest.mark.parametrize(
    ("codec", "kind", "does"),
    [
        (OPUS, "audio", True),
        (OPUS, "video", False),
        (Codec(0, "PCMU", 8000), "audio", False),
        (Codec(111, "OPUS", 48_000, 1), "audio", False),
        (VP8, "video", True),
        (Codec(96, "VP8", 8000), "video", False),
        (vp9(98), "video", True),
        (vp9(98, "0"), "video", True),
        (vp9(100, "2"), "video", False),
        (h264(102), "video", True),
        (h264(102, mode="0"), "video", False),
        (Codec(45, "AV1", 90_000), "video", True),
        (Codec(45, "AV1", 90_000, 1, (("profile", "1"),)), "video", False),
        (Codec(116, "RED", 90_000), "video", False),
        (VP8, "application", False),
    ],
)
@pytest.mark.complaint(10)
def test_what_all_browsers_decode_passes(codec: Codec, kind: str, does: bool) -> None:
    assert passes(codec, kind) is does


def test_the_publishers_first_choice_is_taken_with_its_repair() -> None:
    offered = [Codec(116, "RED", 90_000), vp9(100, "2"), h264(102), VP8, RTX]
    assert chosen(offered, "video") == h264(102)
    assert chosen(offered, "audio") is None
    assert repair_of(offered, VP8) == 97
    assert repair_of(offered, h264(102)) is None


def test_a_viewers_codec_is_matched_by_what_it_is_not_by_its_number() -> None:
    assert matching(VP8, [h264(96), Codec(120, "VP8", 90_000)]) == Codec(120, "VP8", 90_000)
    assert matching(VP8, [h264(96)]) is None
    assert matching(vp9(98), [vp9(1, "2"), vp9(2, "0")]) == vp9(2, "0")
    assert matching(OPUS, [Codec(9, "OPUS", 48_000, 2)]) == Codec(9, "OPUS", 48_000, 2)
    av1 = Codec(45, "AV1", 90_000)
    assert matching(av1, [Codec(1, "AV1", 90_000, 1, (("profile", "1"),)), Codec(2, "AV1", 90_000)]) is not None


def test_h264_wants_its_profile_unless_every_decoder_has_it() -> None:
    offered = [h264(1, "640c1f"), h264(2, "42e01f"), h264(3, "42e01f", mode="0")]
    assert matching(h264(102, "42001f"), offered) == h264(2, "42e01f")
    assert matching(h264(102, "640032"), offered) == h264(1, "640c1f")
    assert matching(h264(102, "42e01f"), offered[:1]) == h264(1, "640c1f")
    assert matching(h264(102, "640032"), offered[1:]) is None
    assert matching(h264(102, mode="0"), offered) == h264(3, "42e01f", mode="0")


def test_the_answer_to_a_publisher_asks_for_what_we_use() -> None:
    video = answered(VP8)
    assert video.feedback == {"nack", "nack pli", "ccm fir"}
    assert video.parameter("x-google-start-bitrate") == "1500"
    assert answered(Codec(96, "VP8", 90_000)).feedback == frozenset()
    assert answered(h264(102)).parameter("profile-level-id") == "42e01f"
    sound = answered(OPUS)
    assert sound.feedback == {"nack"}
    assert sound.parameter("useinbandfec") == "1"
    assert sound.parameter("stereo") == ""


def test_stereo_is_taken_where_it_is_sent() -> None:
    both = Codec(111, "OPUS", 48_000, 2, (("sprop-stereo", "1"),))
    assert answered(both).parameter("stereo") == "1"
    wants = Codec(111, "OPUS", 48_000, 2, (("stereo", "1"),))
    assert answered(wants).parameter("stereo") == "", "that is what it likes to hear, not what it has to say"


def test_viewers_are_not_told_what_is_between_the_publisher_and_us() -> None:
    told = shown(answered(VP8))
    assert told.parameters == ()
    assert told.feedback == {"nack", "nack pli", "ccm fir", "transport-cc", "goog-remb"}
    assert shown(OPUS).parameter("useinbandfec") == "1"
    assert shown(OPUS).feedback == {"nack", "transport-cc"}
    assert viewed(VP8, False).feedback == {"nack", "nack pli", "ccm fir"} | VP8.feedback & {"goog-remb"}
    assert viewed(OPUS, False).feedback == {"nack"}


def test_a_viewer_reports_on_its_line_in_the_best_way_that_both_know() -> None:
    both = frozenset({"transport-cc", "goog-remb", "nack"})
    assert viewed(replace(VP8, feedback=both), True).feedback == {"nack", "transport-cc"}
    assert viewed(replace(VP8, feedback=both), False).feedback == {"nack", "goog-remb"}
    assert viewed(replace(VP8, feedback=frozenset({"goog-remb"})), True).feedback == {"goog-remb"}
    assert viewed(replace(OPUS, feedback=both), True).feedback == {"nack", "transport-cc"}
    assert viewed(replace(OPUS, feedback=both), False).feedback == {"nack"}
