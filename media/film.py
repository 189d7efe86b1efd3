"""The film of a whole recording as an MP4 (H264, AAC): the screen with who speaks beside it, or who speaks alone; all
voices; and the chat, where one was written.

The one place where recordings are decoded and encoded, so it is a process of its own (`python -m media.film`). One
line of JSON comes in: {out, seconds, tracks: [{path, kind, source, participant, starts, ends}], speaking: [[second,
[participant, …]], …], messages: [[second, name, text], …]}; lines of {"progress": 0…1} go out, then {"frames",
"error"}. Memory does not grow with length.
"""

import json
import operator
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TextIO

import av
import av.error
import av.filter

from .film_chat import PAPER, Chat

WIDTH, HEIGHT, RATE = 1280, 720, 15
BESIDE, FACE = 320, 180
"""Pixels: how wide the column beside the stage is, and how high the face of who speaks in it."""
SOUND = 48_000
AHEAD = 3.0
"""Seconds; a picture that is further ahead is sought, not decoded to."""


@dataclass(frozen=True, slots=True)
class Track:
    path: str
    kind: str
    source: str
    participant: str
    starts: float
    ends: float


class Picture:
    """A track's frames at moments that only grow."""

    def __init__(self, track: Track) -> None:
        self._starts = track.starts
        self._file = av.open(track.path)
        self._frames = self._file.decode(video=0)
        self._now: av.VideoFrame | None = None
        self._next: av.VideoFrame | None = None

    def at(self, second: float) -> av.VideoFrame | None:
        wanted = second - self._starts
        reached = self._now.time if self._now is not None and self._now.time is not None else 0.0
        if wanted - reached > AHEAD:
            self._file.seek(max(0, int(wanted * av.time_base)), backward=True)
            self._frames, self._next = self._file.decode(video=0), None
        while True:
            if self._next is None:
                self._next = next(self._frames, None)
            if self._next is None or (self._next.time or 0.0) > wanted:
                return self._now
            self._now, self._next = self._next, None


class Voice:
    """A track's samples, mono, at blocks that follow each other."""

    def __init__(self, track: Track) -> None:
        self._offset = round(track.starts * SOUND)
        self._file = av.open(track.path)
        self._pieces = self._decoded()
        self._piece: tuple[int, array[int]] | None = None

    def add_to(self, block: "array[int]", first: int) -> None:
        """Add what is heard from sample `first` on."""
        while True:
            self._piece = self._piece or next(self._pieces, None)
            if self._piece is None:
                return
            at, samples = self._piece
            start, end = max(at, first), min(at + len(samples), first + len(block))
            if start < end:
                here = slice(start - first, end - first)
                block[here] = array("i", map(operator.add, block[here], samples[start - at : end - at]))
            if at + len(samples) > first + len(block):
                return
            self._piece = None

    def _decoded(self) -> "Iterator[tuple[int, array[int]]]":
        resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND)
        for frame in self._file.decode(audio=0):
            at = self._offset + round((frame.time or 0.0) * SOUND)
            for part in resampler.resample(frame):
                samples = array("h", bytes(part.planes[0])[: part.samples * 2])
                if any(samples):
                    yield at, array("i", samples)
                at += len(samples)


class Film:
    def __init__(self, told: dict[str, Any]) -> None:
        self._seconds = float(told["seconds"])
        tracks = [Track(**one) for one in told["tracks"]]
        self._videos = [one for one in tracks if one.kind == "video"]
        self._voices = [Voice(one) for one in tracks if one.kind == "audio"]
        self._pictures: dict[str, Picture] = {}
        self._speaking = [(float(at), list(who)) for at, who in told["speaking"]]
        self._out = av.open(told["out"], "w", format="mp4", options={"movflags": "faststart"})
        self._video = self._out.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "27"})
        self._video.width, self._video.height, self._video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        self._video.codec_context.gop_size = RATE * 2
        self._sound = self._out.add_stream("aac", rate=SOUND, layout="mono")
        self._chat = Chat([(float(at), name, text) for at, name, text in told["messages"]], BESIDE, HEIGHT - FACE)
        self._stage_width = WIDTH - BESIDE if self._chat else WIDTH
        self._fit: dict[tuple[int, int, str, int, int], av.filter.Graph] = {}
        self.frames = 0

    def make(self, progress: TextIO) -> None:
        for second in range(max(1, int(self._seconds + 0.999))):
            for number in range(RATE):
                self._show(second + number / RATE)
            self._hear(second)
            print(json.dumps({"progress": round(min(1.0, (second + 1) / self._seconds), 4)}), file=progress, flush=True)
        self._out.mux(self._video.encode(None))
        self._out.mux(self._sound.encode(None))
        self._out.close()

    def shown(self, second: float) -> Track | None:
        """What is on the stage: a screen, else who speaks, else who was there first."""
        screens = [one for one in self._here(second) if one.source == "screen"]
        return screens[-1] if screens else self.face(second)

    def face(self, second: float) -> Track | None:
        """Who speaks, of those who have a camera; else who was there first."""
        here = [one for one in self._here(second) if one.source != "screen"]
        at = bisect_right(self._speaking, second, key=lambda one: one[0])
        for before in range(at - 1, max(-1, at - 20), -1):
            for who in self._speaking[before][1]:
                if found := next((one for one in here if one.participant == who), None):
                    return found
        return here[0] if here else None

    def _here(self, second: float) -> list[Track]:
        return [one for one in self._videos if one.starts <= second < one.ends]

    def _show(self, second: float) -> None:
        frame, stage, face = _paper(), self.shown(second), self.face(second)
        if self._chat:
            _fill(frame, self._chat.at(second), self._stage_width, FACE)
        self._paste(frame, stage, second, 0, 0, self._stage_width, HEIGHT)
        if face is not stage:
            self._paste(frame, face, second, WIDTH - BESIDE, 0, BESIDE, FACE)
        frame.pts, frame.time_base = self.frames, Fraction(1, RATE)
        self._out.mux(self._video.encode(frame))
        self.frames += 1

    def _paste(
        self, onto: av.VideoFrame, track: Track | None, second: float, x: int, y: int, width: int, height: int
    ) -> None:
        if track is None:
            return
        if (picture := self._pictures.get(track.path)) is None:
            picture = self._pictures[track.path] = Picture(track)
        if (found := picture.at(second)) is not None:
            _lay(onto, self._fitted(found, width, height), x, y)

    def _hear(self, second: int) -> None:
        block = array("i", bytes(4 * SOUND))
        for voice in self._voices:
            voice.add_to(block, second * SOUND)
        clipped = array("h", (max(-32768, min(32767, one)) for one in block))
        frame = av.AudioFrame(format="s16", layout="mono", samples=SOUND)
        frame.planes[0].update(clipped.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = SOUND, second * SOUND, Fraction(1, SOUND)
        self._out.mux(self._sound.encode(frame))

    def _fitted(self, frame: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
        """As large as fits, with black beside it."""
        shape = (frame.width, frame.height, frame.format.name, width, height)
        graph = self._fit.get(shape)
        if graph is None:
            graph = self._fit[shape] = _fitting(*shape)
        graph.push(frame)
        fitted = graph.pull()
        assert isinstance(fitted, av.VideoFrame)
        return fitted


def _fitting(width: int, height: int, pixels: str, to_width: int, to_height: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat(pixels), time_base=Fraction(1, 1000))
    scale = graph.add("scale", f"{to_width}:{to_height}:force_original_aspect_ratio=decrease")
    pad = graph.add("pad", f"{to_width}:{to_height}:(ow-iw)/2:(oh-ih)/2")
    graph.link_nodes(source, scale, pad, graph.add("format", "yuv420p"), graph.add("buffersink")).configure()
    return graph


def _paper() -> av.VideoFrame:
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    for plane, value in zip(frame.planes, (PAPER, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def _fill(frame: av.VideoFrame, greys: bytes, x: int, y: int) -> None:
    """Lay a column of greys onto a frame, from a pixel on."""
    plane = frame.planes[0]
    onto, stride = memoryview(plane), plane.line_size
    for row in range(len(greys) // BESIDE):
        start = (y + row) * stride + x
        onto[start : start + BESIDE] = greys[row * BESIDE : (row + 1) * BESIDE]


def _lay(frame: av.VideoFrame, picture: av.VideoFrame, x: int, y: int) -> None:
    """Lay a picture onto a frame; even numbers of pixels everywhere."""
    for onto, of, part in zip(frame.planes, picture.planes, (1, 2, 2), strict=True):
        there, here, width = memoryview(onto), memoryview(of), of.width
        for row in range(of.height):
            start = (y // part + row) * onto.line_size + x // part
            there[start : start + width] = here[row * of.line_size : row * of.line_size + width]


def main(told: TextIO, out: TextIO) -> None:
    try:
        film = Film(json.loads(told.readline()))
        film.make(out)
        print(json.dumps({"frames": film.frames, "error": ""}), file=out, flush=True)
    except (av.error.FFmpegError, OSError) as no:
        print(json.dumps({"frames": 0, "error": type(no).__name__}), file=out, flush=True)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
