"""Segments become files that play: each codec, with packets late, twice, lost and padded, and gaps kept in time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import segments
from media.depacket import DEPACKETS
from media.muxing import Made, Muxer
from media.segments import RECORD

SECONDS, RATE = 4, 15


def encoded(codec: str) -> list[tuple[bytes, bool]]:
    """Frames of a moving picture, a keyframe each second."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt, context.time_base = 320, 192, "yuv420p", Fraction(1, RATE)
    context.gop_size, context.max_b_frames = RATE, 0
    context.options = {"libx264": {"tune": "zerolatency", "profile": "baseline", "sc_threshold": "0"}}.get(
        codec, {"lag-in-frames": "0", "auto-alt-ref": "0", "deadline": "realtime", "keyint_min": str(RATE)}
    )
    packets = []
    for number in range(SECONDS * RATE):
        picture = np.tile(np.arange(320, dtype=np.uint8) + number, (192, 1))[:, :, None].repeat(3, 2)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        packets += context.encode(frame)
    return [(bytes(one), one.is_keyframe) for one in [*packets, *context.encode(None)]]


def vp8(frame: bytes, _: bool) -> Iterator[bytes]:
    for at in range(0, len(frame), 400):
        yield (b"\x90" if at == 0 else b"\x80") + b"\x80\x81\x23" + frame[at : at + 400]


def vp9(frame: bytes, key: bool) -> Iterator[bytes]:
    for at in range(0, len(frame), 400):
        flags = 0x80 | (0 if key else 0x40) | (8 if at == 0 else 0) | (4 if at + 400 >= len(frame) else 0)
        scaled = flags | (2 if key and at == 0 else 0)
        structure = bytes([0x10, 320 >> 8, 320 & 255, 0, 192]) if key and at == 0 else b""
        yield bytes([scaled, 0x81, 0x23]) + structure + frame[at : at + 400]


def h264(frame: bytes, _: bool) -> Iterator[bytes]:
    units = [one for one in frame.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if one]
    small = [one for one in units if len(one) < 400]
    if len(small) > 1:
        yield b"\x78" + b"".join(len(one).to_bytes(2, "big") + one for one in small)
    else:
        yield from small
    for unit in (one for one in units if len(one) >= 400):
        for at in range(1, len(unit), 400):
            marks = (0x80 if at == 1 else 0) | (0x40 if at + 400 >= len(unit) else 0)
            yield bytes([unit[0] & 0xE0 | 28, marks | unit[0] & 0x1F]) + unit[at : at + 400]


WAYS = {"VP8": ("libvpx", vp8), "VP9": ("libvpx-vp9", vp9), "H264": ("libx264", h264)}


def records(codec: str) -> list[tuple[int, int, bytes]]:
    """(timestamp, marker, payload) of each packet of the picture."""
    encoder, cut = WAYS[codec]
    found = []
    for number, (frame, key) in enumerate(encoded(encoder)):
        payloads = list(cut(frame, key))
        found += [(number * 6000, int(payload is payloads[-1]), payload) for payload in payloads]
    return found


def segment(codec: str, packets: list[tuple[int, int, int, bytes, float]], **header: Any) -> bytes:
    """Of (index, timestamp, marker, payload, arrival in seconds)."""
    clock = 48_000 if codec == "OPUS" else 90_000
    facts = {"codec": {"name": codec, "clock": clock, "channels": 1, "parameters": {}}, "dropped": 0, **header}
    body = b"".join(
        RECORD.pack(0x80, marker << 7 | 96, len(payload), index, timestamp, int(arrival * 1e6)) + payload
        for index, timestamp, marker, payload, arrival in packets
    )
    return segments.head(facts) + body


def placed(codec: str) -> list[tuple[int, int, int, bytes, float]]:
    return [
        (1000 + at, (0xFFFFF000 + timestamp) & 0xFFFFFFFF, marker, payload, 2 + timestamp / 90_000)
        for at, (timestamp, marker, payload) in enumerate(records(codec))
    ]


def made_of(path: Path, *parts: bytes) -> Made:
    muxer = Muxer(path)
    for part in parts:
        muxer.add(part)
    return muxer.close()


def shown(path: Path) -> list[float]:
    """When each picture is shown, decoded."""
    with av.open(str(path)) as file:
        return [frame.time for frame in file.decode(video=0) if frame.time is not None]


@pytest.mark.parametrize("codec", WAYS)
def test_every_picture_is_there_in_time(codec: str, tmp_path: Path) -> None:
    packets = placed(codec)
    half = len(packets) // 2
    made = made_of(tmp_path / "file", segment(codec, packets[:half]), segment(codec, packets[half:]))
    assert made.type == ("video/mp4" if codec == "H264" else "video/webm")
    assert (made.frames, made.missing, made.gaps, made.error) == (SECONDS * RATE, 0, [], "")
    assert made.seconds == pytest.approx(SECONDS, abs=0.05)
    assert made.starts == pytest.approx(2, abs=0.001)
    times = shown(tmp_path / "file")
    assert len(times) == SECONDS * RATE
    assert times == pytest.approx([number / RATE for number in range(SECONDS * RATE)], abs=0.002)
    with av.open(str(tmp_path / "file")) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (320, 192)


@pytest.mark.parametrize("codec", WAYS)
def test_late_and_doubled_packets_change_nothing(codec: str, tmp_path: Path) -> None:
    packets = placed(codec)
    for at in range(0, len(packets) - 6, 7):
        packets[at], packets[at + 5] = packets[at + 5], packets[at]
    packets[10:10] = packets[:3]
    assert made_of(tmp_path / "file", segment(codec, packets)).frames == SECONDS * RATE
    assert len(shown(tmp_path / "file")) == SECONDS * RATE


@pytest.mark.parametrize("codec", WAYS)
def test_after_a_loss_the_next_keyframe_goes_on_at_its_own_time(codec: str, tmp_path: Path) -> None:
    packets = [one for one in placed(codec) if not 1.3 < one[4] - 2 < 1.5]
    made = made_of(tmp_path / "file", segment(codec, packets))
    times = shown(tmp_path / "file")
    assert made.missing > 0
    assert max(time for time in times if time < 1.5) < 1.34
    assert min(time for time in times if time > 1.5) == pytest.approx(2, abs=0.01)
    assert len(times) == made.frames == 20 + 30


def test_a_long_gap_is_kept_in_time_and_named(tmp_path: Path) -> None:
    packets = [one if one[4] < 4 else (*one[:1], (one[1] + 90_000 * 60) & 0xFFFFFFFF, *one[2:4], one[4] + 60)
               for one in placed("VP8")]  # fmt: skip
    made = made_of(tmp_path / "file", segment("VP8", packets))
    assert made.seconds == pytest.approx(SECONDS + 60, abs=0.1)
    assert made.gaps == [(pytest.approx(1.93, abs=0.01), pytest.approx(62, abs=0.01))]


def test_sound_is_muxed_and_a_sender_report_tells_its_moment(tmp_path: Path) -> None:
    packets = [(at, at * 960, 0, b"\xfc\xff\xfe", 1 + at / 50) for at in range(150)]
    data = segment("OPUS", packets) + RECORD.pack(0, 0, 8, 0, 48_000, 2_000_000) + (77 << 32).to_bytes(8, "big")
    made = made_of(tmp_path / "file", data)
    assert (made.type, made.frames) == ("audio/webm", 150)
    assert made.seconds == pytest.approx(3, abs=0.01)
    assert made.ntp == 76
    with av.open(str(tmp_path / "file")) as file:
        assert sum(frame.samples for frame in file.decode(audio=0)) == pytest.approx(3 * 48_000, abs=1000)


def test_padding_is_no_sound(tmp_path: Path) -> None:
    whole = segment("OPUS", [(at, at * 960, 0, b"\xfc\xff\xfe", at / 50) for at in range(50)])
    padded = RECORD.pack(0xA0, 96, 6, 50, 48_000, 1_000_000) + b"\xfc\xff\xfe\0\0\3"
    alone = RECORD.pack(0xA0, 96, 4, 51, 48_960, 1_020_000) + b"\0\0\0\4"
    assert made_of(tmp_path / "file", whole + padded + alone).frames == 51


def test_a_file_winds_to_any_second_by_its_cues(tmp_path: Path) -> None:
    made_of(tmp_path / "file", segment("VP8", placed("VP8")))
    data = (tmp_path / "file").read_bytes()
    assert b"\x1c\x53\xbb\x6b" in data[:2000]  # the cues stand before the first cluster
    with av.open(str(tmp_path / "file")) as file:
        file.seek(3_500_000, backward=True)
        assert next(frame.time for frame in file.decode(video=0)) == pytest.approx(3, abs=0.01)


def test_nothing_to_show_makes_no_file(tmp_path: Path) -> None:
    assert made_of(tmp_path / "file").error == "nothing"
    no_key = [one for one in placed("VP8") if one[4] > 2.01 and one[4] < 2.9]
    assert made_of(tmp_path / "file", segment("VP8", no_key)).error == "nothing"
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize("codec", DEPACKETS)
@given(payloads=st.lists(st.binary(max_size=60), max_size=6))
def test_whatever_payloads_make_frames_or_nothing(codec: str, payloads: list[bytes]) -> None:
    depacket = DEPACKETS[codec]()
    for payload in payloads:
        try:
            depacket.starts(payload)
            depacket.add(payload)
        except (ValueError, IndexError):
            pass
    depacket.frame()
    assert depacket.frame() is None


def test_as_a_process_it_makes_one_track_after_the_other(tmp_path: Path) -> None:
    data = segment("VP8", placed("VP8"))
    told = b""
    for name in ("one", "two"):
        for letter, body in ((b"T", str(tmp_path / name).encode()), (b"S", data), (b"S", b"rubbish"), (b"E", b"")):
            told += letter + len(body).to_bytes(4, "big") + body
    done = subprocess.run([sys.executable, "-m", "media.muxing"], input=told, capture_output=True, check=True)
    assert [json.loads(line)["frames"] for line in done.stdout.splitlines()] == [SECONDS * RATE] * 2
    assert shown(tmp_path / "one") == shown(tmp_path / "two")
