"""The slow work on recordings: after the end one file for each publication, the film on demand, and deletion.

One piece of work at a time in a process of its own (media.muxing, media.film), politely; each is leased by its row, so
that one that was killed is done again.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import structlog

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import CHUNK, Blobs
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database
from lms_core.kernel.errors import NotFound
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import TrackId
from lms_core.recordings import films, kept
from lms_core.recordings.kept import File, Work
from lms_core.recordings.service import State

from .cluster.cluster import Cluster
from .recording import Recordings
from .relay import Told
from .spool import Spool

PAUSE: Final = 5.0
PROGRESS_EVERY: Final = 2.0
POLITE: Final = 10
"""Niceness of the work: lessons that go on come first."""
_ROOT: Final = Path(__file__).resolve().parents[1]

log = structlog.get_logger(__name__)


class RecordingFiles:
    def __init__(
        self, db: Database, clock: Clock, blobs: Blobs, cluster: Cluster, recorded: Recordings, spool: Spool
    ) -> None:
        self._db, self._clock, self._blobs, self._cluster = db, clock, blobs, cluster
        self._recorded, self._spool = recorded, spool
        self._news = asyncio.Event()
        recorded.ended = self._news.set

    async def heard(self, told: Told) -> None:
        if told.name in ("recordings.recording_stopped", "recordings.film_wanted"):
            self._news.set()

    def wake(self) -> None:
        self._news.set()

    async def run(self) -> None:
        """Until cancelled; by the process that leads."""
        await self._recorded.swept.wait()
        while True:
            self._news.clear()
            with suppress(DatabaseUnavailable, Busy):
                while self._cluster.leads() and await self.work_once():
                    pass
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE):
                    await self._news.wait()

    async def work_once(self) -> bool:
        """Do what is due next; whether there was anything."""
        work = await self._db.run(SYSTEM, kept.take)
        if work is None:
            return await self._film_once()
        if work.row.state == State.DELETING:
            await self._delete(work)
        else:
            await self._make(work)
        return True

    async def _delete(self, work: Work) -> None:
        for key in await self._db.run(SYSTEM, lambda tx: kept.keys_of(tx, work.row)):
            await self._blobs.delete(key)
        await self._db.run(SYSTEM, lambda tx: kept.forget(tx, work.row))
        log.info("recording_deleted", recording_id=work.row.id)

    async def _make(self, work: Work) -> None:
        began = self._clock.monotonic()
        files: dict[TrackId, File] = {}
        with TemporaryDirectory(dir=self._spool.folder) as folder:
            muxer = await Child.start("media.muxing")
            try:
                for track in work.tracks:
                    files[track.id] = await self._one(work, track.id, Path(folder) / "file", muxer)
                    await self._db.run(SYSTEM, lambda tx: kept.hold(tx, work.row))
            finally:
                await muxer.end()
        await self._db.run(SYSTEM, lambda tx: kept.made(tx, work.row, files))
        took = round(self._clock.monotonic() - began, 3)
        log.info("recording_made", recording_id=work.row.id, tracks=len(files), seconds=took)

    async def _film_once(self) -> bool:
        taken = await self._db.run(SYSTEM, films.take)
        if taken is None:
            return False
        row, film = taken
        work = await self._db.run(SYSTEM, lambda tx: kept.work_of(tx, row.id))
        speaking = await self._db.run(SYSTEM, lambda tx: films.speakers(tx, row))
        messages = await self._db.run(SYSTEM, lambda tx: films.messages(tx, row))
        key, size = None, 0
        with TemporaryDirectory(dir=self._spool.folder) as folder:
            out = Path(folder) / "film.mp4"
            if work and (tracks := await self._fetched(work, Path(folder))) and row.ended_at:
                seconds = (row.ended_at - row.started_at).total_seconds()
                told = {
                    "out": str(out),
                    "seconds": seconds,
                    "tracks": tracks,
                    "speaking": speaking,
                    "messages": messages,
                }
                if await self._filmed(film, told):
                    blob = await self._blobs.put(f"{row.organisation_id}/recordings/{row.id}/film.mp4", pieces_of(out))
                    key, size = blob.key, blob.size
        await self._db.run(SYSTEM, lambda tx: films.made(tx, film, key, size))
        log.info("film_made", recording_id=row.id, size=size)
        return True

    async def _fetched(self, work: Work, folder: Path) -> list[dict[str, Any]]:
        """The tracks' files, here."""
        tracks = []
        for track in work.tracks:
            if track.file_key:
                path = folder / track.id
                await _copy(await self._blobs.get(track.file_key), path)
                kind = track.type.partition("/")[0]
                said = {"path": str(path), "kind": kind, "source": track.source, "participant": track.participant_id}
                tracks.append({**said, "starts": track.starts_s, "ends": track.ends_s})
        return tracks

    async def _filmed(self, film: films.Film, told: dict[str, Any]) -> bool:
        """Whether a film was made; how far it is is written now and then."""
        maker = await Child.start("media.film")
        told_at = self._clock.monotonic()
        try:
            await maker.say(json.dumps(told).encode() + b"\n")
            while "frames" not in (said := await maker.answer()):
                if self._clock.monotonic() - told_at > PROGRESS_EVERY:
                    told_at = self._clock.monotonic()
                    await self._db.run(SYSTEM, lambda tx, said=said: films.went_on(tx, film, said["progress"]))
        except ValueError:  # it ended without a word
            return False
        finally:
            await maker.end()
        return bool(said["frames"])

    async def _one(self, work: Work, track: TrackId, path: Path, muxer: "Child") -> File:
        await muxer.tell(b"T", str(path).encode())
        for key, size in await self._db.run(SYSTEM, lambda tx: kept.pieces_of(tx, work.row, track)):
            with suppress(NotFound):
                await muxer.tell_stream(b"S", size, await self._blobs.get(key))
        await muxer.tell(b"E", b"")
        about = await muxer.answer()
        if about["error"]:
            return File(None, "", 0, "", about)
        end = about["type"].rpartition("/")[2]
        row = work.row
        blob = await self._blobs.put(f"{row.organisation_id}/recordings/{row.id}/{track}.{end}", pieces_of(path))
        await asyncio.to_thread(path.unlink)
        return File(blob.key, about["type"], blob.size, blob.sha256, about)


class Child:
    """A process that is told frames (letter, length, bytes) and answers lines of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin and process.stdout
        self._process, self._in, self._out = process, process.stdin, process.stdout

    @classmethod
    async def start(cls, module: str) -> "Child":
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
        )
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, POLITE)
        return cls(process)

    async def tell(self, letter: bytes, body: bytes) -> None:
        self._in.write(letter + len(body).to_bytes(4, "big") + body)
        await self._in.drain()

    async def tell_stream(self, letter: bytes, size: int, body: AsyncIterator[bytes]) -> None:
        self._in.write(letter + size.to_bytes(4, "big"))
        async for piece in body:
            self._in.write(piece)
            await self._in.drain()

    async def say(self, line: bytes) -> None:
        self._in.write(line)
        await self._in.drain()

    async def answer(self) -> dict[str, Any]:
        """The next line. Raises ValueError when the process has ended."""
        return json.loads(await self._out.readline())

    async def end(self) -> None:
        self._in.close()
        try:
            async with asyncio.timeout(PAUSE):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def _copy(content: AsyncIterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        async for piece in content:
            await asyncio.to_thread(file.write, piece)


async def pieces_of(path: Path) -> AsyncIterator[bytes]:
    """A file's bytes, a piece at a time."""
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece
