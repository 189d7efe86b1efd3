"""Files as a recorder leaves them, of any length: a few seconds are made and their packets repeated. And a long
recording made of them, behind a running server's back."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
from sqlalchemy import select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.ids import MomentId, RecordingId, TrackId
from lms_core.people.model import Person
from lms_core.recordings.model import Moment, Recording, Track

LOOP = 8
RATE = 48_000
SIZE = (640, 360)
FRAMES = 10
OPTIONS = {"cues_to_front": "1", "cluster_time_limit": "2000"}
"""As the recorder's own files have them."""

VOICE = 2880
"""Samples of a packet of sound: the longest that Opus has, so that two hours are made quickly."""
HOURS = 7200.0
GROUP = "room_of_a_group"
SAYS = ("Бүгін біз туынды тақырыбын өтеміз.", "Функцияның өсімшесі деген не?", "Енді мысал қарастырайық.")
WRITES = ("Сәлеметсіз бе!", "Үй тапсырмасы: 42-бет, 3 және 5-есеп.", "Түсіндіңіздер ме? <b>")


@dataclass(frozen=True, slots=True)
class Long:
    """A recording of two hours: `in_breakout` was recorded in the group `breakout` alone."""

    id: str
    breakout: str
    in_breakout: str

    @classmethod
    def of(cls, view: dict[str, Any]) -> "Long":
        found = next(one for one in view["publications"] if one["place"] == GROUP)
        return cls(view["id"], GROUP, found["id"])


async def long_recording(data: Path, lesson: dict[str, Any], me: dict[str, Any]) -> Long:
    """A class of thirty for two hours: everybody's voice, three pictures, a screen for twenty minutes, a group."""
    db = EmbeddedDatabase(data / "sabaq.sqlite", SystemClock())
    files = await _files(FolderBlobs(data / "blobs", _Enough()), lesson["organisation_id"])
    try:
        return await db.run(SYSTEM, lambda tx: _write(tx, lesson, me, files))
    finally:
        await db.close()


class _Enough:
    def check(self) -> None: ...


async def _files(blobs: FolderBlobs, unit: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    with TemporaryDirectory(prefix="sabaq-films-") as folder:
        for name, make in (("camera", picture_file), ("microphone", sound_file)):
            path = Path(folder) / f"{name}.webm"
            make(path, HOURS)
            made[name] = await blobs.put(f"{unit}/recordings/long/{name}.webm", path.read_bytes())
    return made | {"screen": made["camera"]}


async def _write(tx: Tx, lesson: dict[str, Any], me: dict[str, Any], files: dict[str, Any]) -> Long:
    began = datetime.now(UTC) - timedelta(hours=3)
    unit, recording = lesson["organisation_id"], RecordingId(tx.new_id("recording"))
    row = Recording(
        organisation_id=unit, id=recording, room_id=lesson["room_id"], lesson_id=lesson["id"], started_by=me["id"],
        started_at=began, ended_at=began + timedelta(seconds=HOURS), ended_by="stopped", state="ready",
        keep_until=began + timedelta(days=180), leased=None,
    )  # fmt: skip
    tx.add(row)
    await tx.flush()
    people = [me["id"], *(await tx.all(select(Person.id).where(Person.id != me["id"]).limit(29)))]
    tracks = [(0, "camera", "main", 0.0, 7000.0), (1, "camera", "main", 30.0, 3600.0)]
    tracks += [(0, "screen", "main", 600.0, 1800.0), (1, "microphone", GROUP, 4000.0, 4600.0)]
    tracks += [(number, "microphone", "main", number * 2.0, 6900.0) for number in range(30)]
    ids = [TrackId(tx.new_id("track")) for _ in tracks]
    for track, (number, source, place, starts, ends) in zip(ids, tracks, strict=True):
        file = files[source]
        made = Track(
            organisation_id=unit, recording_id=recording, id=track, participant_id=f"participant_{number}",
            person_id=people[number], source=source, place=place, codec="OPUS" if source == "microphone" else "VP8",
            began_at=began + timedelta(seconds=starts), starts_s=starts, ends_s=ends, file_key=file.key,
            type="audio/webm" if source == "microphone" else "video/webm", size=file.size, sha256=file.sha256, about={},
        )  # fmt: skip
        tx.add(made)
    for at, kind, body in _moments():
        moment = MomentId(tx.new_id("moment"))
        tx.add(
            Moment(
                organisation_id=unit, recording_id=recording, id=moment, at_s=at, kind=kind, person_id=None, body=body
            )
        )
    await tx.flush()
    return Long(recording, GROUP, ids[3])


def _moments() -> Iterator[tuple[float, str, dict[str, Any]]]:
    """What happens in two hours: somebody speaks every four seconds, is written down, writes, raises a hand."""
    teacher, pupil = "Нұрланова Айгүл Серікқызы", "Оспан Әлия"
    for turn in range(1700):
        yield 1 + turn * 4.1, "speaking", {"participant_ids": [f"participant_{turn % 7 % 3 * (turn % 2)}"]}
    for turn in range(900):
        name = pupil if turn % 3 == 0 else teacher
        yield 5 + turn * 7.0, "caption", {"name": name, "text": SAYS[turn % 3], "lasts_s": 7.0}
    for turn in range(80):
        yield 20 + turn * 80.0, "message", {"name": pupil if turn % 2 else teacher, "text": WRITES[turn % 3]}
    for at in (300.0, 1500.0, 2200.0, 5000.0):
        yield at, "hand", {"participant_id": "participant_1", "name": pupil, "raised": True}
    yield 2500.0, "poll", {"poll_id": "poll_1", "state": "open", "question": "Туындының формуласы қайсы?"}
    yield 3000.0, "chapter", {"title": "Есептер шығару"}
    yield 5600.0, "showing", {"kind": "slides", "id": "board_gone", "page": 2}
    yield 5700.0, "showing", {"kind": None, "id": None, "page": 0}
    yield 3990.0, "breakout", {"items": [{"id": GROUP, "name": "Бүркіт"}]}


def picture_file(path: Path, seconds: float, *, hue: int = 90) -> None:
    """WebM with VP8, a key frame every two seconds; a bar moves through it once in `LOOP` seconds."""
    _repeat(path, seconds, "libvpx", _frames(hue), FRAMES)


def sound_file(path: Path, seconds: float, *, hertz: float = 330.0) -> None:
    """WebM with Opus: a tone for half of every second."""
    _repeat(path, seconds, "libopus", _tones(hertz), RATE)


def _frames(hue: int) -> Iterator[Any]:
    width, height = SIZE
    for number in range(LOOP * FRAMES):
        image = np.full((height * 3 // 2, width), 128, np.uint8)
        image[:height] = hue
        left = width * number // (LOOP * FRAMES)
        image[:height, left : left + 20] = 235
        frame = av.VideoFrame.from_ndarray(image, format="yuv420p")
        frame.pts, frame.time_base = number, Fraction(1, FRAMES)
        yield frame


def _tones(hertz: float) -> Iterator[Any]:
    step = VOICE
    for number in range(LOOP * RATE // step):
        time = (np.arange(step) + number * step) / RATE
        wave = np.sin(2 * np.pi * hertz * time) * 8000 * (time % 1 < 0.5)
        frame = av.AudioFrame.from_ndarray(wave.astype(np.int16)[np.newaxis], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, number * step, Fraction(1, RATE)
        yield frame


def _repeat(path: Path, seconds: float, codec: str, frames: Iterator[Any], rate: int) -> None:
    loop = BytesIO()
    with av.open(loop, "w", format="webm") as made:
        stream = _stream(made, codec, rate)
        for frame in frames:
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    loop.seek(0)
    source: Any = av.open(loop)
    with source, av.open(str(path), "w", format="webm", options=OPTIONS) as target:
        track = source.streams[0]
        out = target.add_stream_from_template(track)
        unit = track.time_base or Fraction(1, 1000)
        told = [(bytes(p), p.pts, p.is_keyframe) for p in source.demux(track) if p.pts is not None]
        packets = [one for one in told if 0 <= one[1] * unit < LOOP]
        turn = 0
        while turn * LOOP < seconds:
            for data, pts, key in packets:
                moved = pts + int(turn * LOOP / unit)
                if moved * unit >= seconds:
                    break
                packet = av.Packet(data)
                packet.stream, packet.time_base, packet.pts, packet.dts = out, unit, moved, moved
                packet.is_keyframe = key
                target.mux(packet)
            turn += 1


def _stream(made: Any, codec: str, rate: int) -> Any:
    if codec == "libopus":
        stream = made.add_stream(codec, rate=rate, layout="mono", options={"frame_duration": "60"})
        stream.bit_rate = 24_000
        return stream
    stream = made.add_stream(codec, rate=rate, options={"deadline": "realtime", "cpu-used": "8"})
    stream.width, stream.height = SIZE
    stream.pix_fmt, stream.bit_rate, stream.gop_size = "yuv420p", 80_000, 2 * rate
    return stream
