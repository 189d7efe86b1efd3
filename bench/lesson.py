"""A long lesson of a class is recorded, killed twice, finished by a server and fetched again whole."""

import argparse
import asyncio
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.table import Table
from server.setup_env import ROOT
from server.setup_steps import CannotDo

if TYPE_CHECKING:
    import aiohttp

    from tests.support.running import Caller, Running

ROUNDS = 1
AWAY = 4
"""Seconds of the lesson that pass between a kill and the next recording."""
OPEN = 10.0
"""Seconds that a kill may cost: the open segment."""
_GRACE = 1.0
_RATES = {"microphone": 50, "camera": 10, "screen": 10}
"""Frames a second."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """`kills`: seconds of the lesson at which its recording is killed."""

    seconds: int = 7200
    people: int = 30
    cameras: int = 4
    kills: tuple[int, ...] = (2400, 4800)


@dataclass(slots=True)
class Held:
    """What became of it. `lost`: seconds that each publication which was killed lacks at its end. `wrong`: whatever
    is not as it should be."""

    recording: str = ""
    publications: int = 0
    lost: list[float] = field(default_factory=list)
    frames: int = 0
    segments: int = 0
    segment_bytes: int = 0
    file_bytes: int = 0
    recorded_s: float = 0.0
    finished_s: float = 0.0
    opened_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=int, default=7200, help="how long the lesson is (7200)")
    parser.add_argument("--people", type=int, default=30, help="heard at once (30)")
    parser.add_argument("--cameras", type=int, default=4, help="of them seen; and one screen (4)")


def measure(words: argparse.Namespace) -> Table:
    from tests.support.running import running

    lesson = Lesson(words.seconds, words.people, words.cameras, (words.seconds // 3, words.seconds * 2 // 3))
    with tempfile.TemporaryDirectory(prefix="sabaq-lesson-") as folder, running(Path(folder)) as server:
        held = asyncio.run(hold(server, lesson))
    for line in held.wrong[:20]:
        print(f"✗ {line}", file=sys.stderr)
    if held.wrong:
        raise CannotDo(f"{len(held.wrong)} things are not as they should be")
    return _table(lesson, held)


async def hold(server: "Running", lesson: Lesson) -> Held:
    """Hold it on a running server with demo data, which is dead afterwards."""
    import aiohttp

    from tests.support.running import Caller

    held = Held()
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        row = await teacher("POST", "/api/lessons", {"title": "11 «А» · Алгебра"})
        held.recording = (await teacher("POST", f"/api/rooms/{row['room_id']}/recording", {}))["recording_id"]
        await asyncio.to_thread(_kill, server)
        began, persons = await _set_back(server.data, held.recording, lesson)
        part = {"data": str(server.data), "recording": held.recording, "room": row["room_id"], "began": began}
        started = time.monotonic()
        lives = await _record(lesson, {**part, "persons": persons, "cameras": lesson.cameras})
        held.recorded_s = time.monotonic() - started
        await asyncio.to_thread(server.start)
        found = await _finished(teacher, held)
        with tempfile.TemporaryDirectory(prefix="sabaq-fetched-") as folder:
            for one in found["publications"]:
                await _look(server.url, http, held, one, lives, Path(folder) / "file")
    await asyncio.to_thread(_kill, server)
    await _hash_again(server.data, held)
    _count(lesson, held, lives, found)
    if left := list((server.data / "spool").glob("*/recording_*")):
        held.wrong.append(f"{len(left)} segments still lie in the spool")
    return held


def _kill(server: "Running") -> None:
    """With its planes, which otherwise end when they notice."""
    assert server.process
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


async def _set_back(data: Path, recording: str, lesson: Lesson) -> tuple[float, list[str]]:
    """As if the recording had begun long enough ago: its start in epoch seconds, and who takes part."""
    from sqlalchemy import select

    from lms_core.kernel.actor import SYSTEM
    from lms_core.kernel.clock import SystemClock
    from lms_core.kernel.db import EmbeddedDatabase, Tx
    from lms_core.people.model import Person
    from lms_core.recordings.model import Recording

    async def set_back(tx: Tx) -> tuple[float, list[str]]:
        row = await tx.one(select(Recording).where(Recording.id == recording))
        assert row
        row.started_at -= timedelta(seconds=lesson.seconds + 600)
        others = select(Person.id).where(Person.id != row.started_by).limit(lesson.people - 1)
        return row.started_at.timestamp(), [row.started_by, *(await tx.all(others))]

    db = EmbeddedDatabase(data / "sabaq.sqlite", SystemClock())
    try:
        return await db.run(SYSTEM, set_back)
    finally:
        await db.close()


async def _record(lesson: Lesson, part: dict[str, Any]) -> list[tuple[int, int]]:
    """Each life from its first second to its last, as far as was heard."""
    lives: list[tuple[int, int]] = []
    since = 0
    for kill_at in (*lesson.kills, None):
        last = await _life({**part, "since": since, "until": lesson.seconds, "ends": True}, kill_at)
        lives.append((since, last))
        since = last + AWAY
    return lives


async def _life(part: dict[str, Any], kill_at: int | None) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.load.lesson"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps(part).encode() + b"\n")
    last, killed = int(part["since"]), False
    while line := await process.stdout.readline():
        last = int(line)
        if last % 600 == 0:
            print(f"▸ {last} s recorded", file=sys.stderr, flush=True)
        if kill_at is not None and last >= kill_at and not killed:
            process.send_signal(signal.SIGKILL)
            killed = True
    if await process.wait() != (-signal.SIGKILL if killed else 0):
        raise CannotDo(f"the recording process ended by itself at {last} s")
    return last


async def _finished(teacher: "Caller", held: Held) -> dict[str, Any]:
    """The server makes the files: the recording as the teacher is shown it."""
    started = time.monotonic()
    while True:
        asked = time.monotonic()
        found = await teacher("GET", f"/api/recordings/{held.recording}")
        if found["state"] in ("ready", "failed"):
            break
        await asyncio.sleep(0.5)
    held.finished_s, held.opened_s = asked - started, time.monotonic() - asked
    listed = [one for one in (await teacher("GET", "/api/recordings"))["items"] if one["id"] == held.recording]
    if [len(one["publications"]) for one in listed] != [len(found["publications"])]:
        held.wrong.append("the list has not all publications")
    return found


async def _look(
    base: str, http: "aiohttp.ClientSession", held: Held, one: dict[str, Any], lives: list[tuple[int, int]], file: Path
) -> None:
    """One publication: fetched, read packet by packet, and held against what was sent."""
    name = f"{one['source']} of {one['person_id']} from {one['starts_s']}"
    held.publications += 1
    if not one["url"]:
        held.wrong.append(f"{name}: no file")
        return
    async with http.get(base + one["url"]) as answer:
        with file.open("wb") as out:
            async for piece in answer.content.iter_chunked(1 << 20):
                out.write(piece)
    held.file_bytes += one["bytes"]
    size, frames, longest, shown = await asyncio.to_thread(_read, file)
    held.frames += frames
    if size != one["bytes"]:
        held.wrong.append(f"{name}: {size} bytes of {one['bytes']}")
    life = max(number for number, (since, _) in enumerate(lives) if since <= one["starts_s"] + _GRACE)
    lost = lives[life][1] - one["ends_s"]
    is_cut, rate = life < len(lives) - 1, _RATES[one["source"]]
    if is_cut:
        held.lost.append(max(0.0, lost))
    if not -_GRACE <= lost <= (OPEN if is_cut else 0.0) + _GRACE:
        held.wrong.append(f"{name}: {lost:.1f} s are lost")
    if abs(frames - (one["ends_s"] - one["starts_s"]) * rate) > 1 or longest > 1.5 / rate:
        held.wrong.append(f"{name}: {frames} frames, {longest:.3f} s between two of them")
    if shown != 3:
        held.wrong.append(f"{name}: of three places {shown} can be decoded")
    if [gap["why"] for gap in one["gaps"]] != ["cut"] * is_cut:
        held.wrong.append(f"{name}: gaps {one['gaps']}")


def _read(file: Path) -> tuple[int, int, float, int]:
    """Bytes, frames, the longest time between two, and in how many of three places a frame can be decoded."""
    import av

    with av.open(str(file)) as source:
        stream = source.streams[0]
        times = [float(p.pts * p.time_base) for p in source.demux(stream) if p.pts is not None and p.time_base]
        shown = 0
        for part in (0.1, 0.5, 0.9):
            source.seek(int(times[-1] * part * 1_000_000))
            shown += next(iter(source.decode(stream)), None) is not None
    longest = max((b - a for a, b in pairwise(times)), default=0.0)
    return file.stat().st_size, len(times), longest, shown


async def _hash_again(data: Path, held: Held) -> None:
    """Every segment is what its row says, and each names the one before it."""
    from sqlalchemy import select

    from lms_core.kernel.actor import SYSTEM
    from lms_core.kernel.clock import SystemClock
    from lms_core.kernel.db import EmbeddedDatabase
    from lms_core.recordings import core
    from lms_core.recordings.model import Segment
    from media import segments

    db = EmbeddedDatabase(data / "sabaq.sqlite", SystemClock())
    query = select(Segment).where(Segment.recording_id == held.recording).order_by(Segment.track_id, Segment.number)
    rows = await db.run(SYSTEM, lambda tx: tx.all(query))
    await db.close()
    chains: dict[str, list[tuple[str, str, str]]] = {}
    for row in rows:
        chains.setdefault(row.track_id, []).append((row.sha256, row.previous, row.why))
        if row.blob_key:
            content = (data / "blobs" / row.blob_key).read_bytes()
            header, _ = segments.read_header(content)
            held.segments, held.segment_bytes = held.segments + 1, held.segment_bytes + len(content)
            if hashlib.sha256(content).hexdigest() != row.sha256 or header["previous"] != row.previous:
                held.wrong.append(f"segment {row.number} of {row.track_id} is not what its row says")
    held.wrong += [f"the chain of {track} is broken" for track, chain in chains.items() if not core.chain_holds(chain)]


def _count(lesson: Lesson, held: Held, lives: list[tuple[int, int]], found: dict[str, Any]) -> None:
    expected = (lesson.people + lesson.cameras + 1) * len(lives)
    if held.publications != expected:
        held.wrong.append(f"{held.publications} publications of {expected}")
    if abs(found["seconds"] - lesson.seconds) > _GRACE:
        held.wrong.append(f"it is {found['seconds']} s long")


def _table(lesson: Lesson, held: Held) -> Table:
    table = Table(f"A recorded lesson of {lesson.people}, killed {len(lesson.kills)} times", ["", ""])
    table.rows = [
        ["lesson", f"{lesson.seconds} s: {lesson.people} voices, {lesson.cameras} cameras, 1 screen"],
        ["publications, each with a whole file", str(held.publications)],
        ["frames in them", f"{held.frames:,}"],
        ["lost at a kill, s: most, median", f"{max(held.lost):.1f}, {sorted(held.lost)[len(held.lost) // 2]:.1f}"],
        ["segments, hashed again, chains whole", f"{held.segments:,}"],
        ["MB of segments, of files", f"{held.segment_bytes / 1e6:.0f}, {held.file_bytes / 1e6:.0f}"],
        ["recorded in, s", f"{held.recorded_s:.0f}"],
        ["files made after the end in, s", f"{held.finished_s:.0f}"],
        ["`get_recording`, ms", f"{held.opened_s * 1000:.0f}"],
    ]
    kills = " and ".join(f"{one} s" for one in lesson.kills)
    table.notes = [
        "The real recorder, spool, rows and blobs get packets (Opus, VP8) faster than real time in a process that is "
        f"ended by `kill -9` at {kills} and started again {AWAY} s of the lesson later; then a server, itself killed "
        "before, makes the files. Each file is fetched over HTTP and read packet by packet, and each segment hashed."
    ]
    return table
