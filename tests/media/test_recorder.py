"""Packets of a tap become segments: hashed, chained, whole or not at all, and never in the packets' way."""

import errno
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import recorder as module
from media import segments
from media.plane import seam
from media.recorder import Recorder, Writer
from media.wire.history import Packet

CODEC = {"name": "VP8", "clock": 90_000, "channels": 1, "parameters": {}}
ABOUT = {"participant": "part_1", "person": "person_1", "source": "camera", "place": "main"}


def packet(index: int, at: float, payload: bytes = b"x" * 100, marker: int = 0) -> Packet:
    return (0x80, marker << 7 | 96, index, index * 3000, payload, (), at)


class Desk:
    """A recorder whose clock the test turns, and whose writer waits until it is told."""

    def __init__(self, folder: Path, held_bytes: int = 10**9) -> None:
        self.now, self.told, self.waiting = 100.0, list[Any](), list[module.Write]()
        clock = lambda: self.now  # noqa: E731
        self.recorder = Recorder(
            folder, self.waiting.append, self.told.append, clock, lambda: 1e9, held_bytes=held_bytes
        )
        self.folder = folder

    def write(self) -> None:
        waiting, self.waiting[:] = list(self.waiting), []
        for one in waiting:
            self.recorder.written(one())

    def done(self) -> list[seam.SegmentDone]:
        return [one for one in self.told if isinstance(one, seam.SegmentDone)]

    def headers(self) -> list[dict[str, Any]]:
        return [segments.read_header((self.folder / one.file).read_bytes())[0] for one in self.done()]


def test_ten_seconds_make_a_segment_and_each_names_the_one_before(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    tape = desk.recorder.begin("tr:1", "recording_1", CODEC, ABOUT)
    [began] = desk.told
    assert isinstance(began, seam.RecordingBegan)
    assert began.facts["codec"] == CODEC
    for second in range(25):
        desk.now = 100.0 + second
        assert desk.recorder.tick() == (["tr:1"] if second in (10, 20) else [])
        tape.packets([packet(second * 2, desk.now), packet(second * 2 + 1, desk.now + 0.5)])
    desk.recorder.end("tr:1")
    desk.write()
    headers = desk.headers()
    assert [(one["number"], one["packets"], one["final"]) for one in headers] == [
        (0, 20, False),
        (1, 20, False),
        (2, 10, True),
    ]
    assert [(one["starts"], one["ends"]) for one in headers] == [(0, 10), (10, 20), (20, 24)]
    hashes = [hashlib.sha256((tmp_path / one.file).read_bytes()).hexdigest() for one in desk.done()]
    assert [one["previous"] for one in headers] == ["", *hashes[:2]]
    assert [one.sha256 for one in desk.done()] == hashes
    assert desk.recorder.held == 0


def test_what_is_read_is_what_came(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    tape = desk.recorder.begin("tr:1", "recording_1", CODEC, ABOUT)
    tape.packets([packet(7, 100.25, b"seven", 1), packet(6, 100.5, b"")])
    tape.report(3 << 32, 21_000, 101.0)
    desk.recorder.end("tr:1")
    desk.write()
    data = (tmp_path / desk.done()[0].file).read_bytes()
    header, start = segments.read_header(data)
    assert header["about"] == ABOUT
    assert list(segments.records(data, start)) == [
        (0x80, 0xE0, 7, 21_000, 250_000, b"seven"),
        (0x80, 0x60, 6, 18_000, 500_000, b""),
        (0, 0, 0, 21_000, 1_000_000, (3 << 32).to_bytes(8, "big")),
    ]


def test_a_recorder_that_cannot_keep_up_counts_what_it_leaves_out(tmp_path: Path) -> None:
    desk = Desk(tmp_path, held_bytes=1000)
    tape = desk.recorder.begin("tr:1", "recording_1", CODEC, ABOUT)
    for number in range(50):
        tape.packets([packet(number, desk.now)])
    desk.now = 110.0
    desk.recorder.tick()
    tape.packets([packet(60, desk.now)])  # nothing is on the disk yet
    desk.write()
    tape.packets([packet(61, desk.now)])
    desk.recorder.end("tr:1")
    desk.write()
    first, second = desk.headers()
    assert first["packets"] + first["dropped"] == 50
    assert 0 < first["dropped"] < 50
    assert (second["packets"], second["dropped"]) == (1, 1)


def test_a_full_disk_loses_a_segment_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    tape = desk.recorder.begin("tr:1", "recording_1", CODEC, ABOUT)
    tape.packets([packet(1, 100.0)])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(module, "keep", full)
        tape.cut()
        desk.write()
    lost = desk.told[-1]
    assert isinstance(lost, seam.SegmentLost)
    assert (lost.facts["number"], lost.facts["packets"], lost.facts["errno"]) == (0, 1, errno.ENOSPC)
    tape.packets([packet(2, 100.0)])
    desk.recorder.end("tr:1")
    desk.write()
    [header] = desk.headers()
    assert (header["number"], header["previous"]) == (1, "")
    assert desk.recorder.held == 0


def test_silence_makes_no_segments_but_a_last_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.recorder.begin("tr:1", "recording_1", CODEC, ABOUT)
    for _ in range(5):
        desk.now += 10
        desk.recorder.tick()
    desk.recorder.close()
    desk.write()
    [header] = desk.headers()
    assert (header["number"], header["packets"], header["final"]) == (0, 0, True)


def test_the_writers_thread_has_all_on_the_disk_when_it_is_closed(tmp_path: Path) -> None:
    written: list[Any] = []
    writer = Writer(written.append)
    recorder = Recorder(tmp_path, writer, lambda _: None, lambda: 5.0, lambda: 1e9, writer.close)
    recorder.begin("tr:1", "recording_1", CODEC, ABOUT).packets([packet(1, 5.0)])
    recorder.close()
    assert [type(one) for one in written] == [seam.SegmentDone]
    assert [file.name for file in tmp_path.iterdir()] == [written[0].file]


@given(st.binary(max_size=200))
def test_whatever_bytes_are_read_or_are_unfit(data: bytes) -> None:
    for given_ in (data, segments.MAGIC + data, segments.head(json.loads("{}")) + data):
        try:
            _, start = segments.read_header(given_)
            list(segments.records(given_, start))
        except segments.Unfit:
            pass
