"""Reading what browsers write, and refusing what nobody should."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.plane.sdp_read import MAX_SIZE, Refusal, read
from tests.media.plane.texts import BROWSERS, VIDEO, crlf, text


def test_chromiums_offer_is_read_whole() -> None:
    offer = read(text("chromium_offer"))
    sound, picture = offer.sections
    assert offer.bundled == ["0", "1"]
    assert (len(offer.ufrag), len(offer.password), offer.setup) == (4, 24, "actpass")
    ((algorithm, digest),) = offer.fingerprints
    assert (algorithm, len(digest)) == ("sha-256", 95)
    assert (sound.kind, sound.mid, sound.direction, sound.rtcp_mux) == ("audio", "0", "sendonly", True)
    assert (sound.codecs[0].name, sound.codecs[0].number, sound.codecs[0].channels) == ("OPUS", 111, 2)
    assert sound.codecs[0].parameter("useinbandfec") == "1"
    assert sound.extensions["urn:ietf:params:rtp-hdrext:ssrc-audio-level"] == 1
    assert (picture.codecs[0].name, picture.codecs[1].name) == ("VP8", "RTX")
    assert {"nack", "nack pli", "ccm fir"} <= picture.codecs[0].feedback
    assert len(picture.ssrcs) == 2
    assert picture.repairs == {picture.ssrcs[0]: picture.ssrcs[1]}
    assert picture.stream == sound.stream != ""


def test_what_stands_above_holds_for_all_lines() -> None:
    offer = read(text("obs_offer"))
    assert (offer.ufrag, offer.password, offer.setup) == ("qb1K", "0gJ7uXcbfVvPdTGMOTKbyA", "actpass")
    assert len(offer.fingerprints) == 1


def test_firefoxs_names_and_directions_are_no_hindrance() -> None:
    offer = read(text("firefox_offer"))
    assert [section.kind for section in offer.sections] == ["audio", "video", "application"]
    assert offer.sections[0].extensions["urn:ietf:params:rtp-hdrext:csrc-audio-level"] == 2
    assert [codec.name for codec in offer.sections[0].codecs][:2] == ["OPUS", "G722"]


def test_lines_may_end_either_way() -> None:
    plain = VIDEO.replace("\r\n", "\n")
    assert read(plain) == read(VIDEO)


def test_feedback_for_all_is_for_each() -> None:
    offer = read(VIDEO.replace("a=rtcp-fb:96 nack\r\n", "a=rtcp-fb:* nack\r\n"))
    assert "nack" in offer.sections[0].codecs[0].feedback


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("v=0\r\n", "", "sdp_malformed"),
        ("s=-\r\n", "s=\x00\r\n", "sdp_malformed"),
        ("s=-\r\n", "s=\x0b\r\n", "sdp_malformed"),
        ("s=-\r\n", "s=\u2028a=x\r\n", "sdp_malformed"),
        ("s=-\r\n", "s=a\rb\r\n", "sdp_malformed"),
        ("s=-\r\n", "nonsense\r\n", "sdp_malformed"),
        ("m=video 9", "m=video nine", "sdp_malformed"),
        ("m=video 9", "m=video 99999", "sdp_malformed"),
        ("m=video 9", "m=smell 9", "sdp_malformed"),
        ("SAVPF 96", "SAVPF 96 \xa7", "sdp_malformed"),
        ("SAVPF 96", "SAVPF" + " 96" * 200, "sdp_malformed"),
        ("a=mid:0\r\n", "", "sdp_no_mid"),
        ("a=mid:0\r\n", "a=mid:" + "0" * 33 + "\r\n", "sdp_malformed"),
        ("a=mid:0\r\n", "a=mid:0:0\r\n", "sdp_malformed"),
        ("a=mid:0\r\n", "a=mid:<b>\r\n", "sdp_malformed"),
        ("BUNDLE 0", "BUNDLE 0 1", "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8", "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:200 VP8/90000", "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/0", "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/90000\r\na=fmtp:x y=1", "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/90000\r\na=fmtp:96 y=" + "1" * 255, "sdp_malformed"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 VP8/90000\r\na=fmtp:96 y=\u20ac", "sdp_malformed"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:a b", "sdp_malformed"),
        ("a=ice-ufrag:abcd", "a=ice-ufrag:" + "a" * 300, "sdp_malformed"),
        ("a=setup:actpass", "a=setup:maybe", "sdp_bad_setup"),
        ("s=-\r\n", "s=-\r\n" + "a=x\r\n" * 4000, "sdp_too_large"),
        ("s=-\r\n", "s=" + "x" * MAX_SIZE + "\r\n", "sdp_too_large"),
        ("s=-\r\n", "s=" + "ә" * (MAX_SIZE // 2) + "\r\n", "sdp_too_large"),
    ],
)
def test_what_is_wrong_is_refused_by_name(old: str, new: str, code: str) -> None:
    assert old in VIDEO
    with pytest.raises(Refusal) as refused:
        read(VIDEO.replace(old, new, 1))
    assert refused.value.code == code
    assert len(refused.value.detail) <= 200


def test_sections_are_bounded() -> None:
    head, _, section = VIDEO.partition("m=video")
    many = head + "".join(f"m=video{section.replace('a=mid:0', f'a=mid:{number}')}" for number in range(65))
    with pytest.raises(Refusal, match="sdp_too_many_sections"):
        read(many)
    twice = head + "m=video" + section + "m=video" + section
    with pytest.raises(Refusal, match="mids do not fit"):
        read(twice)


def test_what_is_more_than_we_look_at_is_left() -> None:
    more = "".join(f"a=ssrc:{number} cname:x\r\n" for number in range(100, 200))
    more += "a=ssrc:99999999999 cname:x\r\na=ssrc-group:FID 1\r\na=ssrc-group:SIM 1 2 3\r\na=ssrc-group:\r\n"
    more += "".join(f"a=extmap:{number} urn:x{number}\r\n" for number in range(300))
    more += "a=fingerprint:md5 AB\r\na=fingerprint:sha-256 zz\r\na=fmtp:96 " + ";".join(f"{n}=1" for n in range(50))
    offer = read(VIDEO + more + "\r\n")
    section = offer.sections[0]
    assert len(section.ssrcs) == 16
    assert len(section.extensions) == 64
    assert len(section.codecs[0].parameters) == 32
    assert len(offer.fingerprints) == 1
    assert section.repairs == {}


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400) | st.text(max_size=400).map(lambda rest: "v=0\r\n" + rest))
def test_any_text_is_read_or_refused(said: str) -> None:
    try:
        read(said)
    except Refusal as refused:
        assert refused.code.startswith("sdp_")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BROWSERS), st.data())
def test_a_browsers_text_with_lines_spoiled_is_read_or_refused(name: str, data: st.DataObject) -> None:
    said = spoiled(text(name), data)
    try:
        read(said)
    except Refusal as refused:
        assert refused.code.startswith("sdp_")


def spoiled(said: str, data: st.DataObject) -> str:
    """Lines taken away, doubled, moved, and with other characters in them."""
    lines = said.split("\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "move", "cut", "change"])):
            case "drop" if len(lines) > 1:
                del lines[place]
            case "double":
                lines.insert(place, lines[place])
            case "move":
                lines.insert(data.draw(st.integers(0, len(lines) - 1)), lines.pop(place))
            case "cut":
                lines[place] = lines[place][: data.draw(st.integers(0, 12))]
            case _:
                at = data.draw(st.integers(0, len(lines[place])))
                lines[place] = lines[place][:at] + data.draw(st.text(max_size=6)) + lines[place][at + 1 :]
    return crlf("\n".join(lines))
