"""Composition of rooms, rows and blobs for recordings: tells rooms what is recorded, takes in what planes wrote."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import Blob, Blobs
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import NoSpace, NotFound
from lms_core.kernel.failures import Busy, DatabaseUnavailable
from lms_core.kernel.ids import PersonId, RecordingId, id_to_int
from lms_core.recordings import consents, kept
from lms_core.recordings import service as recordings
from media import segments
from media.plane import seam
from media.rooms import Recorded, Rooms

from .disk import Disk
from .relay import Told
from .spool import Spool

LOOK_EVERY: Final = 5.0
SWEEP_EVERY: Final = 60.0
AGAIN_AFTER: Final = 2.0
BATCH: Final = 32
"""Segments that one transaction writes down."""

log = structlog.get_logger(__name__)


class Recordings:
    """`rooms` are those of this process."""

    def __init__(
        self, db: Database, clock: Clock, rooms: Rooms, blobs: Blobs, disks: dict[str, Disk], spool: Spool
    ) -> None:
        self._db, self._clock, self._rooms, self._blobs = db, clock, rooms, blobs
        self._disks, self._spool = disks, spool
        self._news = asyncio.Event()
        self._came: asyncio.Queue[Recorded] = asyncio.Queue()
        self._known: set[str] = set()
        self._on: dict[str, recordings.On] = {}
        self.swept = asyncio.Event()
        self.ended: Callable[[], None] = lambda: None
        """Called when a track's last segment is there."""
        self.counters = dict.fromkeys(("segments", "bytes", "lost", "swept"), 0)
        rooms.on_recorded(self._came.put_nowait)
        rooms.on_change(self._changed)

    @property
    def on(self) -> dict[str, recordings.On]:
        """What is recorded now, by room, as far as this process knows."""
        return self._on

    async def heard(self, told: Told) -> None:
        """An event that begins or ends something."""
        if told.name in ("recordings.recording_started", "recordings.recording_stopped", "recordings.consent_changed"):
            self._news.set()

    def dump(self) -> dict[str, Any]:
        return {"on": len(self._on), "waiting": self._came.qsize(), **self.counters}

    # ---- what rooms are told

    async def follow(self) -> None:
        """Until cancelled: rooms are told what is recorded and who agreed, as often as that may have changed."""
        while True:
            self._news.clear()
            try:
                await self.look()
            except (DatabaseUnavailable, Busy):
                await self._clock.sleep(AGAIN_AFTER)
            waits = [asyncio.ensure_future(self._clock.sleep(LOOK_EVERY)), asyncio.ensure_future(self._news.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    async def look(self) -> None:
        """Read what is on, and tell the rooms that are here. A disk without room ends all."""
        is_full = any(disk.state().low for disk in self._disks.values())
        persons = self._rooms.persons()

        async def read(tx: Tx) -> tuple[list[recordings.On], dict[PersonId, str]]:
            on = await recordings.all_on(tx)
            if is_full:
                for one in on:
                    await recordings.end_in(tx, one.room_id, "no_space")
                on = []
            here = {PersonId(person) for one in on for person in persons.get(one.room_id, ())}
            return on, dict(await consents.states(tx, here)) if here else {}

        on, said = await self._db.run(SYSTEM, read)
        self._on = {one.room_id: one for one in on}
        self._known &= persons.keys()
        for room_id, inside in persons.items():
            one = self._on.get(room_id)
            if one is not None:
                self._rooms.set_consents(room_id, {who: said.get(PersonId(who)) == "given" for who in inside})
            since = one and {"id": one.id, "since": round(one.started_at.timestamp(), 3)}
            self._rooms.set_recording(room_id, since or None)

    def _changed(self, room_id: str) -> None:
        if room_id not in self._known:
            self._known.add(room_id)
            self._news.set()

    # ---- what planes wrote

    async def keep(self) -> None:
        """Until cancelled: first what the dead left behind, then what comes."""
        await self.sweep()
        self.swept.set()
        next_sweep = self._clock.monotonic() + SWEEP_EVERY
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    came = [await self._came.get()]
            except TimeoutError:
                came = []
            while len(came) < BATCH and not self._came.empty():
                came.append(self._came.get_nowait())
            if came:
                await self._take_in(came)
            if self._clock.monotonic() >= next_sweep:
                next_sweep = self._clock.monotonic() + SWEEP_EVERY
                await self.sweep()

    async def sweep(self) -> None:
        """Take in what lies in the folders of processes that are no more."""
        for folder, held in self._spool.left():
            try:
                files = self._spool.files(folder)
                for first in range(0, len(files), BATCH):
                    await self._keep_files(files[first : first + BATCH])
                self.counters["swept"] += len(files)
                self._spool.remove(folder)
                if files:
                    log.info("spool_swept", segments=len(files))
            finally:
                held.close()

    async def _take_in(self, came: list[Recorded]) -> None:
        began = [one for one in came if isinstance(one, seam.RecordingBegan)]
        lost = [one for one in came if isinstance(one, seam.SegmentLost)]
        at = self._clock.now()

        async def write(tx: Tx) -> None:
            for one in began:
                await kept.began(tx, one.facts, at)
            for one in lost:
                await kept.lost(tx, one.recording, one.track, one.facts)

        if began or lost:
            await self._written(write)
        for one in lost:
            self.counters["lost"] += 1
            log.error("segment_lost", recording_id=one.recording, track_id=one.track, errno=one.facts["errno"])
        if lost:
            self._news.set()
        await self._keep_files([self._spool.folder / one.file for one in came if isinstance(one, seam.SegmentDone)])

    async def _keep_files(self, files: list[Path]) -> None:
        """Among the blobs and the rows, then off the spool; none is given up while there is hope."""
        headers: list[tuple[dict[str, Any], bytes]] = []
        for file in files:
            try:
                data = await asyncio.to_thread(file.read_bytes)
                headers.append((_checked(segments.read_header(data)[0]), data))
            except FileNotFoundError:
                continue
            except segments.Unfit:
                log.error("spool_unfit", file=file.name)
        rows = await self._written(lambda tx: _rows(tx, [header for header, _ in headers]))
        done = []
        for header, data in headers:
            if row := rows.get(header["recording"]):
                key = kept.blob_key(row, header["track"], header["number"])
                blob = await self._put(key, data)
                done.append((header, kept.Kept(key, blob.size, blob.sha256)))
                self.counters["segments"] += 1
                self.counters["bytes"] += len(data)
        if done:
            await self._written(lambda tx: _keep(tx, done))
        if any(header["final"] for header, _ in done):
            self.ended()
        await asyncio.to_thread(_remove, files)

    async def _put(self, key: str, data: bytes) -> Blob:
        while True:
            try:
                return await self._blobs.put(key, data)
            except NoSpace:
                self._news.set()  # which ends the recordings
            except Exception:
                log.exception("segment_not_kept", key=key)
            await self._clock.sleep(AGAIN_AFTER)

    async def _written(self, work: Any) -> Any:
        while True:
            try:
                return await self._db.run(SYSTEM, work)
            except (DatabaseUnavailable, Busy):
                await self._clock.sleep(AGAIN_AFTER)


async def _rows(tx: Tx, headers: list[dict[str, Any]]) -> dict[str, Any]:
    names = {header["recording"] for header in headers}
    return {name: row for name in names if (row := await kept.find(tx, RecordingId(name)))}


def _checked(header: dict[str, Any]) -> dict[str, Any]:
    """Raises Unfit for what names no recording."""
    try:
        id_to_int("recording", header["recording"])
        id_to_int("track", header["track"])
        id_to_int("person", header["about"]["person"])
    except (NotFound, KeyError, TypeError):
        raise segments.Unfit("no ids") from None
    return header


async def _keep(tx: Tx, done: list[tuple[dict[str, Any], kept.Kept]]) -> None:
    for header, one in done:
        await kept.keep(tx, header, one)


def _remove(files: list[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
