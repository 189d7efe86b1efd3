"""What the recorder brought: tracks and their segments, the gaps between them, and the files made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, or_, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import PersonId, RecordingId, TrackId, UnitId

from .core import State, in_step
from .events import RecordingReady
from .model import Film, Moment, Recording, Segment, Track

LEASE = timedelta(minutes=5)
PATIENCE = timedelta(seconds=30)
"""After a recording's end its last segments have so long to come."""
OPEN_SEGMENT = 10.0
"""Seconds that are lost at the most where a track was cut."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment that is among the blobs now."""

    blob_key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class File:
    """What was made of a track: `about` as its maker measured it, {starts, seconds, ntp, gaps, …}."""

    key: str | None
    type: str
    size: int
    sha256: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """A recording to be worked at, and its tracks."""

    row: Recording
    tracks: Sequence[Track]


async def find(tx: Tx, recording: RecordingId) -> Recording | None:
    return await tx.one(select(Recording).where(Recording.id == recording))


def blob_key(row: Recording, track: str, number: int) -> str:
    return f"{row.organisation_id}/recordings/{row.id}/{track}-{number:06}"


async def began(tx: Tx, facts: dict[str, Any], at: datetime | None = None) -> bool:
    """A track begins. False for a recording that is not known any more."""
    row = await find(tx, facts["recording"])
    if row is None or row.state == State.DELETING:
        return False
    await _track(tx, row, facts, at)
    return True


async def _track(tx: Tx, row: Recording, facts: dict[str, Any], at: datetime | None = None) -> Track:
    """The track as it is known, or is from now on."""
    key = (row.organisation_id, row.id, TrackId(facts["track"]))
    track = await tx.get(Track, key)
    if track is None:
        at = at or datetime.fromtimestamp(facts["began"], tx.now.tzinfo)
        about, starts = facts["about"], max(0.0, (at - row.started_at).total_seconds())
        track = Track(
            organisation_id=row.organisation_id,
            recording_id=row.id,
            id=key[2],
            participant_id=about["participant"],
            person_id=PersonId(about["person"]),
            source=about["source"],
            place=about["place"],
            codec=facts["codec"]["name"],
            began_at=at,
            starts_s=starts,
            ends_s=starts,
            about={},
        )
        tx.add(track)
    return track


async def keep(tx: Tx, header: dict[str, Any], kept: Kept) -> bool:
    """A segment is there; said twice, it is written once. False for a recording that is not known any more."""
    row = await find(tx, header["recording"])
    if row is None or row.state == State.DELETING:
        return False
    track = await _track(tx, row, header)
    await _put(tx, row, track, header, blob_key=kept.blob_key, size=kept.size, sha256=kept.sha256, why="")
    if row.state in (State.READY, State.FAILED):  # it came late, from a machine that was away
        row.state, row.leased = State.PROCESSING, None
    return True


async def lost(tx: Tx, recording: str, track: str, facts: dict[str, Any]) -> None:
    """A segment could not be kept."""
    row = await find(tx, RecordingId(recording))
    known = row and await tx.get(Track, (row.organisation_id, row.id, TrackId(track)))
    if row is not None and known is not None:
        await _put(tx, row, known, {**facts, "previous": "", "dropped": facts["packets"]}, why="full")


async def _put(tx: Tx, row: Recording, track: Track, header: dict[str, Any], **values: Any) -> None:
    began = (track.began_at - row.started_at).total_seconds()
    found = await tx.get(Segment, (row.organisation_id, row.id, track.id, header["number"]))
    if found is not None and found.sha256:
        return
    if found is None:
        found = Segment(
            organisation_id=row.organisation_id, recording_id=row.id, track_id=track.id, number=header["number"],
            size=0, sha256="", blob_key=None,
        )  # fmt: skip
        tx.add(found)
    found.starts_s, found.ends_s = began + header["starts"], began + header["ends"]
    found.previous, found.packets, found.dropped = header["previous"], header["packets"], header["dropped"]
    found.final = header["final"]
    for name, value in values.items():
        setattr(found, name, value)
    track.ends_s = max(track.ends_s, found.ends_s)


async def take(tx: Tx) -> Work | None:
    """A recording that waits for its files to be made, or to be removed; leased. None when there is none."""
    free = or_(Recording.leased.is_(None), Recording.leased < tx.now)
    waits = Recording.state.in_((State.PROCESSING, State.DELETING)) & free
    for row in await tx.all(select(Recording).where(waits).order_by(Recording.id).limit(20)):
        work = await _work(tx, row)
        whole = await _whole(tx, row) if row.state == State.PROCESSING else set()
        unfinished = [track for track in work.tracks if track.id not in whole]
        if row.state == State.PROCESSING and unfinished and row.ended_at and tx.now < row.ended_at + PATIENCE:
            continue
        row.leased = tx.now + LEASE
        if row.state == State.PROCESSING:
            for track in unfinished:
                await _cut(tx, row, track)
        return work
    return None


async def hold(tx: Tx, row: Recording) -> None:
    """Who works at it is still at it."""
    if (found := await find(tx, row.id)) is not None:
        found.leased = tx.now + LEASE


async def made(tx: Tx, row: Recording, files: dict[TrackId, File]) -> None:
    """Its files are there. One that was deleted meanwhile stays so."""
    found = await find(tx, row.id)
    if found is None or found.state != State.PROCESSING:
        return
    work = await _work(tx, found)
    starts = in_step(
        {
            track.id: (track.participant_id, _began(found, track) + files[track.id].about.get("starts", 0.0), ntp)
            for track in work.tracks
            if track.id in files
            for ntp in [files[track.id].about.get("ntp")]
        }
    )
    for track in work.tracks:
        if file := files.get(track.id):
            track.file_key, track.type, track.size, track.sha256 = file.key, file.type, file.size, file.sha256
            track.about = file.about
            track.starts_s = round(max(0.0, starts[track.id]), 3)
            track.ends_s = round(track.starts_s + file.about.get("seconds", 0.0), 3)
    is_empty = bool(work.tracks) and not any(track.file_key for track in work.tracks)
    found.state, found.leased = (State.FAILED if is_empty else State.READY), None
    fact = RecordingReady(
        organisation_id=found.organisation_id, room_id=found.room_id, lesson_id=found.lesson_id,
        recording_id=found.id, state=found.state,
    )  # fmt: skip
    tx.emit(fact)


async def keys_of(tx: Tx, row: Recording) -> list[str]:
    """The blobs of a recording."""
    found: list[str | None] = []
    for column, table in ((Segment.blob_key, Segment), (Track.file_key, Track), (Film.file_key, Film)):
        found += await tx.all(select(column).where(*_of(table, row.organisation_id, row.id)))
    return [key for key in found if key]


async def forget(tx: Tx, row: Recording) -> None:
    """Its blobs are gone: so are its rows."""
    for table in (Moment, Segment, Track, Film):
        await tx.execute(delete(table).where(*_of(table, row.organisation_id, row.id)))
    await tx.execute(delete(Recording).where(Recording.organisation_id == row.organisation_id, Recording.id == row.id))


async def work_of(tx: Tx, recording: RecordingId) -> Work | None:
    row = await find(tx, recording)
    return row and await _work(tx, row)


def _of(table: Any, organisation: UnitId, recording: RecordingId) -> tuple[Any, Any]:
    return table.organisation_id == organisation, table.recording_id == recording


async def pieces_of(tx: Tx, row: Recording, track: TrackId) -> Sequence[tuple[str, int]]:
    """The blobs of a track's segments in order, and their sizes."""
    here = (*_of(Segment, row.organisation_id, row.id), Segment.track_id == track)
    rows = await tx.rows(select(Segment.blob_key, Segment.size).where(*here).order_by(Segment.number))
    return [(key, size) for key, size in rows if key]


async def _work(tx: Tx, row: Recording) -> Work:
    await tx.flush()
    tracks = await tx.all(select(Track).where(*_of(Track, row.organisation_id, row.id)).order_by(Track.id))
    return Work(row, tracks)


def _began(row: Recording, track: Track) -> float:
    return (track.began_at - row.started_at).total_seconds()


async def _whole(tx: Tx, row: Recording) -> set[TrackId]:
    """The tracks that are there from the first segment to the last, with nothing between missing. Counted by the
    database: a lesson of two hours has tens of thousands of segments."""
    last = func.max(case((Segment.final, Segment.number), else_=-1))
    query = select(Segment.track_id, func.count(), func.max(Segment.number), last)
    query = query.where(*_of(Segment, row.organisation_id, row.id)).group_by(Segment.track_id)
    return {track for track, count, newest, final in await tx.rows(query) if final == newest == count - 1}


async def _cut(tx: Tx, row: Recording, track: Track) -> None:
    """Its end is missing, or something between: the chain says so."""
    here = (*_of(Segment, row.organisation_id, row.id), Segment.track_id == track.id)
    columns = select(Segment.number, Segment.ends_s, Segment.sha256, Segment.final)
    there: dict[int, Any] = {one.number: one for one in await tx.rows(columns.where(*here))}
    end = (row.ended_at - row.started_at).total_seconds() if row.ended_at else track.ends_s
    newest = max(there, default=-1)
    missing = [number for number in range(newest) if number not in there]
    missing += [newest + 1] if newest < 0 or not there[newest].final else []
    for number in missing:
        before = there.get(number - 1)
        starts = before.ends_s if before else _began(row, track)
        gap = Segment(
            organisation_id=row.organisation_id, recording_id=row.id, track_id=track.id, number=number,
            starts_s=starts, ends_s=max(starts, min(starts + OPEN_SEGMENT, end)), blob_key=None, size=0, sha256="",
            previous=before.sha256 if before else "", packets=0, dropped=0, final=number > newest, why="cut",
        )  # fmt: skip
        tx.add(gap)
        there[number] = gap
