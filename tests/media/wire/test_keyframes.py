"""Where a decoder can begin, and what the descriptors say; torn and strange payloads say nothing.

A line of `traces/keyframes.txt`, which the native tests read too: codec, payload (`.` for none), 1 where a keyframe
begins, and the descriptor (`-` for none): starts, picture id @ place, TL0PICIDX @ place, temporal layer, rises.
"""

import os
from pathlib import Path

import pytest
from aiortc.codecs.vpx import VpxPayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from media.wire import descriptors, keyframes

FILE = Path(__file__).with_name("traces") / "keyframes.txt"

BEGIN = [
    ("VP8", "1000"),
    ("VP8", "90e0804501000000"),
    ("VP8", "908045009d012a"),
    ("VP8", "90a07fe000"),
    ("VP9", "0800"),
    ("VP9", "8a8123182a2a"),
    ("VP9", "a87f00ff82"),
    ("VP9", "b8010082"),
    ("H264", "6742c01f"),
    ("H264", "658884"),
    ("H264", "78000567424016000268ce000265b8"),
    ("H264", "780002658000"),
    ("H264", "7c8588"),
    ("H264", "7c8742"),
    ("AV1", "180a0b"),
    ("AV1", "0800"),
]
GO_ON = [
    ("VP8", "1001"),
    ("VP8", "0000"),
    ("VP8", "1100"),
    ("VP8", "8080450000"),
    ("VP8", "90e0804501400100"),
    ("VP9", "4800"),
    ("VP9", "0000"),
    ("VP9", "a87f02ff82"),
    ("VP9", "f8010482"),
    ("H264", "419a"),
    ("H264", "6508"),
    ("H264", "7c0588"),
    ("H264", "7c8508"),
    ("H264", "780002419a0003"),
    ("H264", "68ce3c80"),
    ("AV1", "100a"),
    ("AV1", "880a"),
]
TORN = [
    ("VP8", "."),
    ("VP8", "90"),
    ("VP8", "9080"),
    ("VP8", "908080"),
    ("VP8", "90e08045"),
    ("VP8", "10"),
    ("VP9", "."),
    ("VP9", "08"),
    ("VP9", "8880"),
    ("VP9", "a87f00"),
    ("H264", "."),
    ("H264", "67"),
    ("H264", "7c85"),
    ("H264", "78"),
    ("H264", "78000067"),
    ("H264", "78ffff41"),
    ("AV1", "."),
    ("AV1", "08"),
]


def told(codec: str, word: str) -> str:
    payload = bytes.fromhex(word.strip("."))
    line = f"{codec} {word} {keyframes.begins(codec, payload):d} "
    said = descriptors.read(codec, payload)
    if said is None:
        return line + "-"
    picture = "-" if said.picture is None else f"{said.picture}@{said.picture_at}"
    base = "-" if said.base is None else f"{said.base}@{said.base_at}"
    return f"{line}{said.starts:d} {picture} {base} {said.temporal} {said.rises:d}"


@pytest.mark.parametrize(("codec", "word"), BEGIN)
def test_a_keyframe_begins(codec: str, word: str) -> None:
    assert keyframes.begins(codec, bytes.fromhex(word))


@pytest.mark.parametrize(("codec", "word"), GO_ON + TORN)
def test_no_keyframe_begins(codec: str, word: str) -> None:
    assert not keyframes.begins(codec, bytes.fromhex(word.strip(".")))


def test_a_codec_that_is_not_known_has_none() -> None:
    assert not keyframes.begins("OPUS", b"\x10\x00\x00") and descriptors.read("H264", b"\x10\x00\x00") is None


@given(st.sampled_from(["VP8", "VP9", "H264", "AV1"]), st.binary(max_size=20))
def test_whatever_a_stranger_sends(codec: str, payload: bytes) -> None:
    begins, said = keyframes.begins(codec, payload), descriptors.read(codec, payload)
    assert not begins or codec in ("H264", "AV1") or (said is not None and said.starts)
    assert said is None or max(said.picture_at + said.wide, said.base_at) < len(payload) - 1


@given(st.binary(min_size=1, max_size=12))
def test_vp8_is_read_as_others_read_it(payload: bytes) -> None:
    said = descriptors.read("VP8", payload)
    try:
        theirs, rest = VpxPayloadDescriptor.parse(payload)
    except ValueError:
        assert said is None
        return
    if said is None:
        assert not rest
        return
    temporal = theirs.tid[0] if theirs.tid else 0
    assert (said.picture, said.base, said.temporal) == (theirs.picture_id, theirs.tl0picidx, temporal)
    assert said.starts == (theirs.partition_start == 1 and theirs.partition_id & 7 == 0)
    assert said.key == (said.starts and not rest[0] & 1)


def test_the_list_says_the_same() -> None:
    """SABAQ_WRITE_GOLDEN=1 writes it anew."""
    lines = "".join(told(*each) + "\n" for each in BEGIN + GO_ON + TORN)
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        FILE.write_text(lines, "utf-8")
    assert FILE.read_text("utf-8") == lines
