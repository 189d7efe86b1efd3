"""What is agreed with browsers; whole answers are held in tests/golden/sdp/*.json."""

import pytest
from aiortc.sdp import SessionDescription
from hypothesis import given, settings
from hypothesis import strategies as st

from media.plane import sdp
from media.plane.codecs import Codec
from media.plane.sdp import Line, Local, Refusal, Sent, Shape
from tests.media.plane.test_sdp_read import spoiled
from tests.media.plane.texts import BROWSERS, VIDEO, text
from tests.support import golden

LOCAL = Local(
    "ours",
    "our-password-0123456789",
    (("sha-256", ":".join(["AA"] * 32)),),
    "passive",
    ("1 1 udp 5 192.0.2.1 5000 typ host",),
    7,
)
SENT = Sent(11, 12, "up.0", "up.0", "up.1")
VP8 = Codec(96, "VP8", 90_000, 1, (), frozenset({"nack", "nack pli"}))
OPUS = Codec(111, "OPUS", 48_000, 2, (("useinbandfec", "1"),))
PICTURE = Shape("video", VP8, "0", {sdp.MID: 4})
SOUND = Shape("audio", OPUS, "0", {sdp.LEVEL: 1, sdp.MID: 4})


def published(name: str) -> str:
    offer = sdp.read(text(name))
    sdp.check_transport(offer)
    lines, _ = sdp.take_publisher(offer)
    return sdp.write(LOCAL, lines, bool(offer.bundled))


@pytest.mark.parametrize("name", ["chromium_offer", "firefox_offer", "obs_offer"])
def test_answers_to_publishers_are_as_they_were_looked_at(name: str) -> None:
    answer = published(name)
    golden.check(f"sdp/{name}_answered", answer.split("\r\n"))
    again = sdp.read(answer)
    assert [section.mid for section in again.sections] == [section.mid for section in sdp.read(text(name)).sections]
    theirs = SessionDescription.parse(answer)
    assert [media.rtp.muxId for media in theirs.media] == [section.mid for section in again.sections]


def test_a_publisher_gets_its_first_codec_with_rtx_and_the_extensions_we_read() -> None:
    _, (sound, picture) = sdp.take_publisher(sdp.read(text("chromium_offer")))
    assert (sound.shape.codec.name, sound.repair, sound.sending) == ("OPUS", None, True)
    assert sound.shape.extensions == {sdp.LEVEL: 1, sdp.MID: 4}
    assert (picture.shape.codec.name, picture.repair, picture.nack) == ("VP8", 97, True)
    assert picture.shape.extensions == {sdp.MID: 4}
    offered = sdp.read(text("chromium_offer")).sections[1]
    assert (picture.ssrc, picture.repair_ssrc) == tuple(offered.ssrcs)
    assert sound.shape.stream == picture.shape.stream == "0", "one stream: lips and voice stay together"


def test_a_publisher_that_numbers_its_packets_is_told_when_they_came() -> None:
    offered = text("chromium_offer")
    answer, (sound, picture) = published("chromium_offer"), sdp.take_publisher(sdp.read(offered))[1]
    assert (sound.number_extension, picture.number_extension) == (3, 3)
    assert answer.count(f"a=extmap:3 {sdp.NUMBER}\r\n") == 2
    assert answer.count(" transport-cc\r\n") == 3, "of Opus, of RED around it, and of the picture"
    for without in (f"a=extmap:3 {sdp.NUMBER}\r\n", " transport-cc"):
        lines, taken = sdp.take_publisher(sdp.read(offered.replace(without, "")))
        written = sdp.write(LOCAL, lines)
        assert (sdp.NUMBER in written, "transport-cc" in written) == (False, False)
        assert {track.number_extension for track in taken} == {0}


def test_without_told_sources_there_is_nothing_to_know_them_by_yet() -> None:
    (taken,) = sdp.take_publisher(sdp.read(VIDEO.replace("a=ssrc:7001 cname:w\r\n", "")))[1]
    assert (taken.ssrc, taken.repair_ssrc) == (None, None)


def test_what_is_not_sent_is_answered_inactive_and_what_is_no_media_is_off() -> None:
    lines, taken = sdp.take_publisher(sdp.read(text("firefox_offer").replace("a=sendonly", "a=inactive")))
    assert [(line.mid, line.direction, line.accepted) for line in lines] == [
        ("0", "inactive", True),
        ("1", "inactive", True),
        ("2", "inactive", False),
    ]
    assert [track.sending for track in taken] == [False, False]
    _, (both,) = sdp.take_publisher(sdp.read(VIDEO.replace("a=sendonly", "a=sendrecv")))
    assert both.sending


def test_a_line_of_port_zero_lives_only_inside_the_bundle() -> None:
    inside = VIDEO.replace("m=video 9", "m=video 0")
    assert sdp.take_publisher(sdp.read(inside))[1]
    with pytest.raises(Refusal, match="sdp_no_codec"):
        sdp.take_publisher(sdp.read(inside.replace("a=group:BUNDLE 0\r\n", "")))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("a=ice-ufrag:abcd\r\n", "", "sdp_no_ice"),
        ("a=ice-pwd:abcdefghijklmnopqrstuvwx\r\n", "", "sdp_no_ice"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "sdp_no_fingerprint"),
        ("a=rtcp-mux\r\n", "", "sdp_no_rtcp_mux"),
        ("m=video 9", "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:x\r\na=rtcp-mux\r\nm=video 9", "sdp_not_bundled"),
    ],
)
def test_a_path_we_cannot_speak_on_is_refused(old: str, new: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sdp.check_transport(sdp.read(VIDEO.replace(old, new)))
    assert refused.value.code == code


def test_a_codec_nobody_knows_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        sdp.take_publisher(sdp.read(VIDEO.replace("VP8", "H263")))
    assert (refused.value.code, refused.value.detail) == ("sdp_no_codec", "video")


@pytest.mark.parametrize(("setup", "role"), [("actpass", "server"), ("active", "server"), ("passive", "client")])
def test_we_lead_the_handshake_only_if_we_must(setup: str, role: str) -> None:
    assert sdp.role(sdp.read(VIDEO.replace("actpass", setup))) == role


def viewer(**numbers: str) -> sdp.Description:
    return sdp.read(text("chromium_offer").replace("a=sendonly", "a=recvonly"))


def test_publications_go_in_order_on_the_first_line_that_fits() -> None:
    offer = viewer()
    fitted = sdp.fit_viewer(offer, [("a:1", PICTURE), ("b:1", PICTURE), ("a:0", SOUND)])
    assert fitted == {"1": "a:1", "0": "a:0"}
    h264_only = Shape("video", Codec(1, "H264", 90_000, 1, (("packetization-mode", "9"),)), "0", {})
    assert sdp.fit_viewer(offer, [("a:1", h264_only)]) == {}
    assert sdp.fit_viewer(sdp.read(text("chromium_offer")), [("a:1", PICTURE)]) == {}, "it sends, it does not view"


def test_a_viewer_is_answered_with_its_own_numbers() -> None:
    shapes = {"0": SOUND, "1": PICTURE}
    lines, targets = sdp.viewer_lines(viewer(), shapes, {"0": SENT, "1": SENT})
    sound, picture = targets
    assert (sound.source, sound.number, sound.repair, sound.extensions, sound.mid_extension) == (
        111,
        111,
        None,
        ((1, 1),),
        4,
    )
    assert (picture.source, picture.number, picture.repair, picture.extensions) == (96, 96, 97, ())
    assert picture.nack
    assert (sound.number_extension, picture.number_extension) == (3, 3)
    answer = sdp.write(LOCAL, lines)
    golden.check("sdp/chromium_viewer_answered", answer.split("\r\n"))
    assert "a=ssrc-group:FID 11 12" in answer


def test_numbers_are_sent_to_whom_reports_on_them_and_nobody_else() -> None:
    shapes, sent = {"0": SOUND, "1": PICTURE}, {"0": SENT, "1": SENT}
    offered = text("chromium_offer").replace("a=sendonly", "a=recvonly")
    for without in (f"a=extmap:3 {sdp.NUMBER}\r\n", " transport-cc"):
        lines, targets = sdp.viewer_lines(sdp.read(offered.replace(without, "")), shapes, sent)
        answer = sdp.write(LOCAL, lines)
        assert [each.number_extension for each in targets] == [0, 0]
        assert sdp.NUMBER not in answer
        assert "transport-cc" not in answer
        assert answer.count("goog-remb") == 1, "of the pictures"


def test_lines_without_anything_are_inactive() -> None:
    lines, targets = sdp.viewer_lines(viewer(), {"1": PICTURE}, {"1": SENT})
    assert [(line.mid, line.direction) for line in lines] == [("0", "inactive"), ("1", "sendonly")]
    assert len(targets) == 1
    bare = sdp.read(VIDEO.replace("a=rtpmap:96 VP8/90000\r\n", "").replace("sendonly", "recvonly"))
    (line,), _ = sdp.viewer_lines(bare, {}, {})
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" in sdp.write(LOCAL, [line])


def test_a_viewer_without_rtx_gets_one_source() -> None:
    offer = sdp.read(VIDEO.replace("a=sendonly", "a=recvonly"))
    lines, (target,) = sdp.viewer_lines(offer, {"0": PICTURE}, {"0": SENT})
    answer = sdp.write(LOCAL, lines)
    assert target.repair is None
    assert "FID" not in answer
    assert "a=ssrc:12" not in answer


def test_a_receivers_answer_says_what_it_takes() -> None:
    answer = sdp.read(text("chromium_answer"))
    shapes = {"0": SOUND, "1": PICTURE}
    sound, picture = sdp.read_answer(answer, ["0", "1"], shapes)
    assert (sound.source, sound.number, sound.nack) == (111, 96, True)
    assert (picture.source, picture.number, picture.repair) == (96, 97, 98)
    assert (sound.number_extension, picture.number_extension) == (0, 0)
    more = f"a=mid:1\r\na=extmap:3 {sdp.NUMBER}\r\na=rtcp-fb:* transport-cc\r\n"
    reports = sdp.read(text("chromium_answer").replace("a=mid:1\r\n", more))
    assert [each.number_extension for each in sdp.read_answer(reports, ["0", "1"], shapes)] == [0, 3]
    assert sdp.read_answer(answer, ["0", "1"], {"1": PICTURE}) == [picture]
    refused = text("chromium_answer").replace("m=video 9", "m=video 0").replace("BUNDLE 0 1", "BUNDLE 0")
    assert sdp.read_answer(sdp.read(refused), ["0", "1"], shapes) == [sound]
    deaf = sdp.read(text("chromium_answer").replace("a=recvonly", "a=inactive"))
    assert sdp.read_answer(deaf, ["0", "1"], shapes) == []
    with pytest.raises(Refusal, match="sdp_mismatch"):
        sdp.read_answer(answer, ["0"], shapes)


def test_an_offer_to_a_receiver_is_as_it_was_looked_at() -> None:
    lines = [
        sdp.receiver_line("0", SOUND, 96, None, SENT),
        sdp.receiver_line("1", PICTURE, 97, 98, SENT),
        sdp.receiver_line("2", PICTURE, 97, 98, None),
    ]
    golden.check("sdp/receiver_offer", sdp.write(LOCAL, lines).split("\r\n"))


def test_candidates_are_ordered_by_priority() -> None:
    lines = sdp.candidate_lines(["192.0.2.1", "2001:db8::1"], 5000)
    assert lines == (
        "1 1 udp 2130706431 192.0.2.1 5000 typ host",
        "2 1 udp 2130706175 2001:db8::1 5000 typ host",
        "3 1 tcp 1520435199 192.0.2.1 5000 typ host tcptype passive",
        "4 1 tcp 1520434943 2001:db8::1 5000 typ host tcptype passive",
    )


def test_without_a_bundle_none_is_answered() -> None:
    line = Line("video", "0", "recvonly", ((VP8, None),))
    assert "BUNDLE" not in sdp.write(LOCAL, [line], bundle=False)
    assert "a=group:BUNDLE 0\r\n" in sdp.write(LOCAL, [line])
    assert "a=group:BUNDLE\r\n" in sdp.write(LOCAL, [sdp.rejected(sdp.read(VIDEO).sections[0])])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BROWSERS), st.data())
def test_whatever_is_read_is_agreed_or_refused_and_what_is_written_can_be_read(name: str, data: st.DataObject) -> None:
    written: list[str] = []
    try:
        told = sdp.read(spoiled(text(name), data))
    except Refusal:
        return
    try:
        sdp.check_transport(told)
        shapes = {section.mid: SOUND if section.kind == "audio" else PICTURE for section in told.sections}
        fitted = sdp.fit_viewer(told, [("a:1", PICTURE), ("a:0", SOUND)])
        viewing, _ = sdp.viewer_lines(told, {mid: shapes[mid] for mid in fitted}, dict.fromkeys(fitted, SENT))
        written.append(sdp.write(LOCAL, viewing))
        sdp.read_answer(told, [section.mid for section in told.sections], shapes)
        publishing, _ = sdp.take_publisher(told)
        written.append(sdp.write(LOCAL, publishing))
    except Refusal as refused:
        assert refused.code.startswith("sdp_")
    for answer in written:
        assert [section.mid for section in sdp.read(answer).sections] == [section.mid for section in told.sections]
