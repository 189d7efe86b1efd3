"""Packets → segments and their hashes, without decoding (segments.py); facts upward.

A tape takes the packets of one publication from the wire. What it gathers is handed over every ten seconds to a
writer beside the packets' thread, which writes the file into the spool whole: under another name first, then synced,
then renamed, then told of. What does not fit into memory is counted and left out; packets never wait.
"""

import hashlib
import os
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lms_core.kernel.ids import new_id

from . import segments
from .plane import seam
from .segments import RECORD
from .wire.history import Packet

SEGMENT_SECONDS = 10.0
SEGMENT_BYTES = 4 * 1024 * 1024
"""A segment ends early at so many bytes."""
HELD_BYTES = 96 * 1024 * 1024
"""Bytes of all tapes that are not on the disk yet; what comes beyond is left out."""
PART = ".part"

_MICRO = 1_000_000
_pack = RECORD.pack
_OVERHEAD = RECORD.size

Report = seam.SegmentDone | seam.SegmentLost
Write = Callable[[], Report]


class Writer:
    """A thread that writes one segment after the other."""

    def __init__(self, tell: Callable[[Report], None]) -> None:
        """`tell` is called on the writer's thread."""
        self._tell = tell
        self._work: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def __call__(self, write: Write) -> None:
        self._work.put(write)

    def close(self) -> None:
        """Once all is written."""
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (write := self._work.get()) is not None:
            self._tell(write())


class Recorder:
    """All tapes of a plane. `clock` tells monotonic seconds, `wall` epoch seconds; `write` performs what it is given,
    sooner or later, in order, and sees to it that `written` hears the outcome on the packets' thread; `finish` waits
    until it has."""

    def __init__(
        self,
        folder: Path,
        write: Callable[[Write], None],
        report: Callable[[seam.Report], None],
        clock: Callable[[], float],
        wall: Callable[[], float],
        finish: Callable[[], None] = lambda: None,
        held_bytes: int = HELD_BYTES,
    ) -> None:
        self.folder, self.clock, self.write, self.limit = folder, clock, write, held_bytes
        self.held = 0
        self._report, self._wall, self._finish = report, wall, finish
        self._tapes: dict[str, Tape] = {}
        self.counters = dict.fromkeys(("segments", "bytes", "dropped", "lost"), 0)

    def begin(self, publication: str, recording: str, codec: dict[str, Any], about: dict[str, Any]) -> "Tape":
        """Record a publication from now on; whatever was recorded of it before ends."""
        self.end(publication)
        wall = self._wall()
        track = new_id("track", int(wall * 1000))
        facts = {"recording": recording, "track": track, "codec": codec, "about": about, "began": round(wall, 6)}
        tape = self._tapes[publication] = Tape(self, facts)
        self._report(seam.RecordingBegan(recording, track, facts))
        return tape

    def end(self, publication: str) -> None:
        if tape := self._tapes.pop(publication, None):
            tape.cut(final=True)

    def tape(self, publication: str) -> "Tape | None":
        return self._tapes.get(publication)

    def tick(self) -> list[str]:
        """To be called a few times a second; the publications whose next segment begins now."""
        now = self.clock()
        return [name for name, tape in list(self._tapes.items()) if tape.let_pass(now)]

    def written(self, report: Report) -> None:
        """A segment is on the disk, or will never be."""
        self.held -= report.held
        if isinstance(report, seam.SegmentDone):
            self.counters["segments"] += 1
            self.counters["bytes"] += report.size
        else:
            self.counters["lost"] += 1
        self._report(report)

    def close(self) -> None:
        """End all; it is on the disk then."""
        for publication in list(self._tapes):
            self.end(publication)
        self._finish()

    def dump(self) -> dict[str, Any]:
        return {"tapes": len(self._tapes), "held_bytes": self.held, **self.counters}


class Tape:
    """One publication being recorded (a `media.wire.Tap`)."""

    def __init__(self, recorder: Recorder, facts: dict[str, Any]) -> None:
        self._recorder, self._facts = recorder, facts
        self._began = self._opened = recorder.clock()
        self._number = 0
        self._previous = [""]
        """The newest hash; the writer's own, since it alone knows it."""
        self._begin()

    def packets(self, packets: list[Packet]) -> None:
        """In the order of arrival."""
        recorder = self._recorder
        if recorder.held > recorder.limit:
            self._dropped += len(packets)
            recorder.counters["dropped"] += len(packets)
            return
        append, began, size = self._parts.append, self._began, 0
        for first, kind, index, timestamp, payload, _, arrived in packets:
            length = len(payload)
            append(_pack(first | 0x80, kind, length, index, timestamp, int((arrived - began) * _MICRO)))
            append(payload)
            size += length
        size += _OVERHEAD * len(packets)
        self._count += len(packets)
        self._size += size
        recorder.held += size
        if self._size >= SEGMENT_BYTES:
            self.cut()

    def report(self, ntp: int, timestamp: int, now: float) -> None:
        """The sender says which of its own moments a timestamp is."""
        self._parts += (_pack(0, 0, 8, 0, timestamp, int((now - self._began) * _MICRO)), ntp.to_bytes(8, "big"))
        self._size += _OVERHEAD + 8
        self._recorder.held += _OVERHEAD + 8

    def let_pass(self, now: float) -> bool:
        """Whether a segment ended."""
        if now - self._opened < SEGMENT_SECONDS:
            return False
        self.cut()
        return True

    def cut(self, *, final: bool = False) -> None:
        """End the segment, and begin the next. One without a packet is not kept, save a last one."""
        now = self._recorder.clock()
        if self._count or self._dropped or final:
            header = {
                **self._facts,
                "number": self._number,
                "starts": round(self._opened - self._began, 6),
                "ends": round(now - self._began, 6),
                "packets": self._count,
                "dropped": self._dropped,
                "final": final,
            }
            self._number += 1
            self._recorder.write(_writing(self._recorder.folder, header, self._parts, self._size, self._previous))
            self._begin()
        self._opened = now

    def _begin(self) -> None:
        self._parts: list[bytes] = []
        self._count = self._dropped = self._size = 0


def _writing(folder: Path, header: dict[str, Any], parts: list[bytes], held: int, previous: list[str]) -> Write:
    recording, track, number = header["recording"], header["track"], header["number"]

    def write() -> Report:
        data = b"".join([segments.head({**header, "previous": previous[0]}), *parts])
        name = f"{recording}-{track}-{number:06}"
        try:
            keep(folder, name, data)
        except OSError as no:
            lost = {"number": number, "starts": header["starts"], "ends": header["ends"], "packets": header["packets"]}
            return seam.SegmentLost(recording, track, {**lost, "final": header["final"], "errno": no.errno}, held)
        previous[0] = hashlib.sha256(data).hexdigest()
        return seam.SegmentDone(recording, track, name, len(data), previous[0], held)

    return write


def keep(folder: Path, name: str, data: bytes) -> None:
    """Into the folder: whoever sees the name sees all of it, also after a power cut. Raises OSError."""
    draft = folder / f"{name}{PART}"
    try:
        with draft.open("wb", buffering=0) as out:
            view = memoryview(data)
            while view:
                view = view[out.write(view) :]
            os.fsync(out.fileno())
        draft.replace(folder / name)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
