"""One process that records a lesson faster than it lasts: the recorder, its writer, the spool, the rows and the blobs
are the server's own; only the packets and the time of day are made up.

python -m bench.load.lesson      its Part as a line of JSON on stdin; says each second that is recorded; to be killed
"""

import asyncio
import json
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import pi, sin
from pathlib import Path
from typing import Any, cast

import av
import structlog

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.db import EmbeddedDatabase
from lms_core.kernel.ids import RoomId
from lms_core.recordings import service as recordings
from media.plane import seam
from media.recorder import Recorder, Write, Writer
from media.rooms import Rooms
from media.wire.history import Packet
from server.recording import Recordings
from server.spool import Spool

LOOP = 8
"""Seconds of sound and picture that are made, and sent again and again."""
VOICE_RATE, PICTURE_RATE = 50, 10
SIZE = (640, 360)
_SOUND, _PICTURE = 48_000, 90_000
_PAYLOAD = 1_100
_APART = 10
"""Publications begin within so many seconds, so that their segments do not all end at once."""
_MOST_WAITING = 64
_NTP = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Part:
    """From second `since` to `until` of a lesson: each person's voice, the first `cameras` persons' pictures, and the
    first one's screen. `began`: epoch seconds. `ends`: the recording is stopped then."""

    data: str
    recording: str
    room: str
    began: float
    since: int
    until: int
    persons: list[str]
    cameras: int
    ends: bool


class LessonTime:
    """The clock of a lesson: its time of day is what has been sent."""

    def __init__(self, began: datetime) -> None:
        self._began, self.at = began, 0.0

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Sender:
    """A publication: the packets of each second, from its own beginning on."""

    def __init__(self, name: str, person: str, source: str, media: list[list[tuple[int, bool, bytes]]]) -> None:
        self.name, self.person, self.source, self._media = name, person, source, media
        self.clock = _SOUND if source == "microphone" else _PICTURE
        self.index, self._sent = 1 + hash(name) % 50_000, 0
        self._base = hash(name) * 7919 % (1 << 32)

    def timestamp(self) -> int:
        return (self._base + self._sent * self.clock) % (1 << 32)

    def second(self, at: float) -> list[Packet]:
        packets: list[Packet] = []
        start, index = self._base + self._sent * self.clock, self.index
        for ticks, last, payload in self._media[self._sent % LOOP]:
            arrived = at + ticks / self.clock
            packets.append((0x80, last << 7 | 96, index, (start + ticks) % (1 << 32), payload, (), arrived))
            index += 1
        self.index, self._sent = index, self._sent + 1
        return packets


class Recording:
    """The recorder in its place between the packets and the rows, as in a server with its plane."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.time = LessonTime(datetime.fromtimestamp(part.began).astimezone())
        self.time.at = float(part.since)
        data = Path(part.data)
        self.db = EmbeddedDatabase(data / "sabaq.sqlite", self.time)
        self.spool = Spool(data)
        self.spool.open()
        self._handed, self._done = 0, asyncio.Event()
        self._hear: Callable[[Any], None] = lambda _: None
        blobs = FolderBlobs(data / "blobs", _Enough())
        self.kept = Recordings(self.db, self.time, cast("Rooms", self), blobs, {}, self.spool)
        loop = asyncio.get_running_loop()
        self._writer = Writer(lambda done: loop.call_soon_threadsafe(self._written, done) and None)
        self.recorder = Recorder(
            self.spool.folder, self._write, lambda report: self._hear(report), lambda: self.time.at,
            lambda: part.began + self.time.at,
        )  # fmt: skip

    # What `Recordings` asks of rooms: here are none, only what is recorded of one.

    def on_recorded(self, hear: Callable[[Any], None]) -> None:
        self._hear = hear

    def on_change(self, hear: Callable[[str], None]) -> None: ...

    def _write(self, write: Write) -> None:
        self._handed += 1
        self._writer(write)

    def _written(self, done: seam.SegmentDone | seam.SegmentLost) -> None:
        self._handed -= 1
        self.recorder.written(done)
        self._done.set()

    async def caught_up(self, waiting: int) -> None:
        """The disk has what was cut off, as it would in real time, and few segments wait for the blobs."""
        while self._handed or self.kept.dump()["waiting"] > waiting:
            self._done.clear()
            try:
                async with asyncio.timeout(0.01):
                    await self._done.wait()
            except TimeoutError:
                pass

    async def run(self, senders: list[Sender]) -> None:
        keeping = asyncio.create_task(self.kept.keep())
        await self.kept.swept.wait()
        codecs = {"microphone": ("OPUS", _SOUND, 2)}
        for second in range(self.part.since, self.part.until):
            self.time.at = float(second)
            for number, sender in enumerate(senders):
                if second == self.part.since + number % _APART:
                    name, clock, channels = codecs.get(sender.source, ("VP8", _PICTURE, 1))
                    codec = {"name": name, "clock": clock, "channels": channels, "parameters": {}}
                    participant = f"participant_{sender.person}_{self.part.since}"
                    about = {"participant": participant, "person": sender.person}
                    about |= {"source": sender.source, "place": "main"}
                    self.recorder.begin(sender.name, self.part.recording, codec, about)
                    await self.caught_up(0)
                if tape := self.recorder.tape(sender.name):
                    ntp = int((self.part.began + second + _NTP) * (1 << 32))
                    tape.report(ntp, sender.timestamp(), float(second))
                    tape.packets(sender.second(float(second)))
            self.time.at = second + 1.0
            self.recorder.tick()
            await self.caught_up(_MOST_WAITING)
            print(second + 1, flush=True)
        self.recorder.close()
        await self.caught_up(0)
        if self.part.ends:
            await self.db.run(SYSTEM, lambda tx: recordings.end_in(tx, RoomId(self.part.room), "stopped"))
        while any(self.spool.files(self.spool.folder)):
            await self.time.sleep(0.01)
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        self.spool.close()
        await self.db.close()


class _Enough:
    def check(self) -> None: ...


def senders(part: Part) -> list[Sender]:
    voice, picture = list(_seconds_of_sound()), list(_seconds_of_picture())
    found = [Sender(f"mic:{who}:{part.since}", who, "microphone", voice) for who in part.persons]
    found += [Sender(f"cam:{who}:{part.since}", who, "camera", picture) for who in part.persons[: part.cameras]]
    return [*found, Sender(f"screen:{part.since}", part.persons[0], "screen", picture)]


def _seconds_of_sound() -> Iterator[list[tuple[int, bool, bytes]]]:
    """Opus in packets of 20 ms, by seconds of the loop: (ticks within the second, marker, payload)."""
    context = av.CodecContext.create("libopus", "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = _SOUND, "stereo", "s16"  # type: ignore[assignment]
    context.bit_rate, context.time_base = 24_000, Fraction(1, _SOUND)
    size = _SOUND // VOICE_RATE
    payloads: list[bytes] = []
    for number in range(LOOP * VOICE_RATE):
        loud = 8000 if number % VOICE_RATE < VOICE_RATE // 2 else 0
        wave = (round(loud * sin(2 * pi * 330 * (number * size + at) / _SOUND)) for at in range(size))
        frame = av.AudioFrame(format="s16", layout="stereo", samples=size)
        frame.planes[0].update(array("h", (one for value in wave for one in (value, value))).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = _SOUND, number * size, Fraction(1, _SOUND)
        payloads += [bytes(packet) for packet in context.encode(frame)]
    payloads = (payloads + payloads)[: LOOP * VOICE_RATE]
    for second in range(LOOP):
        here = payloads[second * VOICE_RATE : (second + 1) * VOICE_RATE]
        yield [(at * size, False, payload) for at, payload in enumerate(here)]


def _seconds_of_picture() -> Iterator[list[tuple[int, bool, bytes]]]:
    """VP8, a keyframe every two seconds; a bar moves through it once in the loop."""
    context = av.CodecContext.create("libvpx", "w")
    assert isinstance(context, av.VideoCodecContext)
    (context.width, context.height), context.pix_fmt = SIZE, "yuv420p"
    context.time_base, context.gop_size = Fraction(1, PICTURE_RATE), 2 * PICTURE_RATE
    context.bit_rate = 150_000
    context.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    width, height = SIZE
    frames: list[bytes] = []
    for number in range(LOOP * PICTURE_RATE):
        left = width * number // (LOOP * PICTURE_RATE)
        row = bytes(235 if left <= at < left + 20 else 90 for at in range(width))
        frame = av.VideoFrame(width, height, "yuv420p")
        frame.planes[0].update((row + bytes(frame.planes[0].line_size - width)) * height)
        for plane in frame.planes[1:]:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, PICTURE_RATE)
        frames += [bytes(packet) for packet in context.encode(frame)]
    for second in range(LOOP):
        packets: list[tuple[int, bool, bytes]] = []
        for at, frame in enumerate(frames[second * PICTURE_RATE : (second + 1) * PICTURE_RATE]):
            for start in range(0, len(frame), _PAYLOAD):
                payload = (b"\x00" if start else b"\x10") + frame[start : start + _PAYLOAD]
                packets.append((at * _PICTURE // PICTURE_RATE, start + _PAYLOAD >= len(frame), payload))
        yield packets


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    part = Part(**json.loads(sys.stdin.readline()))
    await Recording(part).run(senders(part))


if __name__ == "__main__":
    asyncio.run(main())
