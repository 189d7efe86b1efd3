"""Segments → one file per track, without re-encoding: WebM, or MP4 for H264; with cues, gaps kept in time.

As a process of its own (`python -m media.muxing`), so that neither the packets nor the web wait for it. It is told in
frames on standard input, and answers each finished track by a line of JSON on standard output:

    T length(4) path      a track begins, to be written there
    S length(4) segment   its next segment
    E length(4)           it ends → Made as JSON

Memory is bounded: a segment at a time, and three seconds of packets that wait for those that came late.
"""

import heapq
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import av.container
import av.error
import av.stream

from . import segments
from .depacket import DEPACKETS, Depacket, Frame
from .segments import Record

HOLD = 3_000_000
"""Microseconds for which a packet that is sent again is waited for; the wire asks for no longer."""
MAX_FRAME = 16 * 1024 * 1024
_WRAP = 1 << 32
_NTP = 1 << 32
_OPTIONS = {
    "webm": {"cues_to_front": "1", "cluster_time_limit": "2000"},
    "mp4": {"movflags": "faststart"},
}


@dataclass(slots=True)
class Made:
    """What became of a track. `starts`: seconds from the track's beginning to the file's first moment; `seconds`: how
    long the file is. `ntp`: that first moment on the sender's clock, where a sender report told it. `gaps`: spans of
    the file [from, to] in which packets are missing, where those are longer than a second. `error`: no file was made.
    """

    type: str = ""
    seconds: float = 0.0
    starts: float = 0.0
    ntp: float | None = None
    frames: int = 0
    keyframes: int = 0
    packets: int = 0
    missing: int = 0
    dropped: int = 0
    gaps: list[tuple[float, float]] = field(default_factory=list)
    error: str = ""


class Muxer:
    """One track: its segments in order, then `close`."""

    def __init__(self, path: Path) -> None:
        self.made = Made()
        self._path = path
        self._order = _Order()
        self._file: _File | None = None
        self._frames: _Frames | None = None
        self._reports: list[tuple[int, int]] = []

    def add(self, data: bytes) -> None:
        """The next segment. Raises segments.Unfit."""
        header, start = segments.read_header(data)
        if self._frames is None:
            self._frames = _Frames(header["codec"]["name"], header["codec"]["clock"], self.made)
            self._file = _File(self._path, header["codec"], self.made)
        self.made.dropped += header["dropped"]
        for record in segments.records(data, start):
            if record.first & 0x80:
                self.made.packets += 1
                for ready in self._order.add(record):
                    self._take(ready)
            elif len(record.payload) == 8:
                self._reports.append((int.from_bytes(record.payload, "big"), record.timestamp))

    def close(self) -> Made:
        for ready in self._order.rest():
            self._take(ready)
        made, frames = self.made, self._frames
        made.missing = self._order.missing
        if self._file is None or frames is None or not self._file.close():
            made.error = made.error or "nothing"
            self._path.unlink(missing_ok=True)
            return made
        made.starts = round(frames.starts, 6)
        made.seconds = round(self._file.seconds, 6)
        if self._reports:
            ntp, timestamp = self._reports[0]
            made.ntp = round(ntp / _NTP - frames.seconds_to(timestamp), 6)
        return made

    def _take(self, record: Record) -> None:
        assert self._frames is not None and self._file is not None
        for pts, frame in self._frames.add(record):
            self._file.write(pts, frame)


class _Order:
    """Packets by index, each once; what is missing is waited for a while."""

    def __init__(self) -> None:
        self.missing = 0
        self._next: int | None = None
        self._waiting: list[tuple[int, int, Record]] = []
        self._newest = 0
        self._count = 0

    def add(self, record: Record) -> Iterator[Record]:
        self._newest = max(self._newest, record.arrival)
        self._count += 1
        heapq.heappush(self._waiting, (record.number, self._count, record))
        while self._waiting:
            index, _, first = self._waiting[0]
            if self._next is not None and index < self._next:
                heapq.heappop(self._waiting)
            elif index == self._next or self._newest - first.arrival > HOLD:
                yield self._pop()
            else:
                return

    def rest(self) -> Iterator[Record]:
        while self._waiting:
            if self._next is not None and self._waiting[0][0] < self._next:
                heapq.heappop(self._waiting)
            else:
                yield self._pop()

    def _pop(self) -> Record:
        index, _, record = heapq.heappop(self._waiting)
        if self._next is not None:
            self.missing += index - self._next
        self._next = index + 1
        return record


class _Frames:
    """Ordered packets → frames with their time in clock units from the first one's."""

    def __init__(self, codec: str, clock: int, made: Made) -> None:
        self._made, self._clock = made, clock
        self._depacket: Depacket = DEPACKETS[codec]()
        self._is_sound = codec == "OPUS"
        self._index: int | None = None
        self._first: int | None = None
        self._last = 0
        self._now: int | None = None
        self._whole = False
        self._wants_key = not self._is_sound
        self._size = 0
        self._shown_until: int | None = None
        self._least: float | None = None
        self._zero: int | None = None

    @property
    def starts(self) -> float:
        """Seconds of arrival at which the first frame would have come without delay on the way."""
        return (self._least or 0.0) + (self._zero or 0) / self._clock

    def seconds_to(self, timestamp: int) -> float:
        """From the first frame to a timestamp; before it is negative."""
        return (self._unwrap(timestamp) - (self._zero or 0)) / self._clock

    def add(self, record: Record) -> Iterator[tuple[int, Frame]]:
        if self._first is None:
            self._first = self._last = record.timestamp
        time = self._unwrap(record.timestamp)
        if abs(time - self._last) < 1 << 31:
            self._last = time
        delay = record.arrival / 1e6 - (time - self._first) / self._clock
        self._least = delay if self._least is None else min(self._least, delay)
        if self._index is not None and record.number != self._index + 1:
            self._whole, self._wants_key = False, not self._is_sound
        self._index = record.number
        payload = _unpadded(record)
        if payload:
            yield from self._packet(record, payload, time)

    def _packet(self, record: Record, payload: bytes, time: int) -> Iterator[tuple[int, Frame]]:
        if time != self._now:
            self._depacket.frame()
            self._now, self._size = time, 0
            self._whole = self._depacket.starts(payload)
        self._size += len(payload)
        if not self._whole or self._size > MAX_FRAME:
            return
        try:
            self._depacket.add(payload)
        except (ValueError, IndexError):
            self._whole = False
            return
        if record.second & 0x80 or self._is_sound:
            self._whole = False
            frame = self._depacket.frame()
            if frame and (frame.key or not self._wants_key):
                self._wants_key = False
                yield self._placed(time - self._first), frame  # type: ignore[operator]

    def _placed(self, time: int) -> int:
        if self._zero is None:
            self._zero = time
        at = time - self._zero
        if self._shown_until is not None and at - self._shown_until > self._clock:
            self._made.gaps.append((round(self._shown_until / self._clock, 3), round(at / self._clock, 3)))
        self._shown_until = at
        return at

    def _unwrap(self, timestamp: int) -> int:
        """The timestamp nearest to the last one on a line without end."""
        return self._last + (timestamp - self._last + (_WRAP >> 1)) % _WRAP - (_WRAP >> 1)


def _unpadded(record: Record) -> bytes:
    if record.first & 0x20 and record.payload:
        return record.payload[: -record.payload[-1] or None] if record.payload[-1] <= len(record.payload) else b""
    return record.payload


class _File:
    """The file, opened with the first keyframe, since only that tells the picture's size."""

    def __init__(self, path: Path, codec: dict[str, Any], made: Made) -> None:
        self._path, self._codec, self._made = path, codec, made
        self._base = Fraction(1, codec["clock"])
        self._out: av.container.OutputContainer | None = None
        self._stream: Any = None
        self._last = -1
        self._held: tuple[int, Frame] | None = None
        self.seconds = 0.0

    def write(self, pts: int, frame: Frame) -> None:
        """A frame is written when the next one says how long it lasts."""
        if self._out is None:
            self._open(frame)
        if pts <= self._last:
            return
        if self._held is not None:
            self._mux(*self._held, pts - self._held[0])
        self._held, self._last = (pts, frame), pts

    def close(self) -> bool:
        """Whether there is a file."""
        if self._out is None or self._held is None:
            return False
        self._mux(*self._held, self._codec["clock"] // (50 if self._is_sound else 30))
        self._out.close()
        return True

    @property
    def _is_sound(self) -> bool:
        return self._codec["name"] == "OPUS"

    def _mux(self, pts: int, frame: Frame, lasts: int) -> None:
        assert self._out is not None
        packet = av.Packet(frame.data)
        packet.stream, packet.time_base = self._stream, self._base
        packet.pts = packet.dts = pts
        packet.duration = min(lasts, self._codec["clock"])
        packet.is_keyframe = frame.key
        self.seconds = (pts + packet.duration) / self._codec["clock"]  # muxing counts otherwise
        self._out.mux_one(packet)
        self._made.frames += 1
        self._made.keyframes += frame.key

    def _open(self, frame: Frame) -> None:
        name = self._codec["name"]
        kind = "mp4" if name == "H264" else "webm"
        self._made.type = f"{'audio' if self._is_sound else 'video'}/{kind}"
        self._out = av.open(str(self._path), "w", format=kind, options=_OPTIONS[kind])
        if name == "OPUS":  # its encoder is opened for the OpusHead alone
            self._stream = self._out.add_stream("libopus", rate=48_000)
            self._stream.layout = "stereo"
            self._out.start_encoding()
            return
        if name in ("VP8", "VP9"):
            size = {"width": frame.width or 640, "height": frame.height or 360}
            self._stream = self._out.add_mux_stream(name.lower(), **size)
        else:
            raw = av.open(io.BytesIO(frame.data), format="h264" if name == "H264" else "obu")
            self._stream = self._out.add_stream_from_template(raw.streams.video[0], opaque=True)
        self._stream.time_base = self._base


def main(told: BinaryIO, out: BinaryIO) -> None:
    """Until the input ends."""
    muxer: Muxer | None = None
    while head := told.read(5):
        size = int.from_bytes(head[1:], "big")
        body = told.read(size)
        match head[:1]:
            case b"T":
                muxer = Muxer(Path(body.decode()))
            case b"S" if muxer:
                _add(muxer, body)
            case b"E" if muxer:
                out.write(json.dumps(asdict(_closed(muxer))).encode() + b"\n")
                out.flush()
                muxer = None


def _add(muxer: Muxer, data: bytes) -> None:
    """A segment that cannot be read is a gap, not the end."""
    try:
        muxer.add(data)
    except (segments.Unfit, KeyError, TypeError) as no:
        muxer.made.error = f"{type(no).__name__}"


def _closed(muxer: Muxer) -> Made:
    try:
        made = muxer.close()
    except (av.error.FFmpegError, OSError) as no:
        return Made(error=type(no).__name__)
    if made.frames:
        made.error = ""
    return made


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
