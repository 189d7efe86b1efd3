"""Recordings: started, stopped, found by who may watch them, and deleted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from lms_core.access.policy import Part
from lms_core.audit import service as audit
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import LessonId, MomentId, PersonId, RecordingId, RoomId, UnitId
from lms_core.lessons import service as lessons
from lms_core.people import service as people

from . import consents, core
from .consents import ConsentView
from .core import ConsentState, State
from .events import RecordingStarted, RecordingStopped
from .model import IS_GAP, Consent, Film, Moment, Recording, Segment, Track

__all__ = ["ConsentState", "ConsentView", "State"]
PAGE = 50
EVENTS = 1000


@dataclass(frozen=True, slots=True)
class On:
    """What is being recorded in a room now."""

    organisation_id: UnitId
    id: RecordingId
    room_id: RoomId
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """A recording as who may watch it sees it, its tracks in the order in which they began, and their names."""

    row: Recording
    title: str
    part: Part | None
    tracks: Sequence[Track]
    gaps: Sequence[Segment]
    names: dict[PersonId, str]


async def start(tx: Tx, room_id: RoomId) -> On:
    """Record a room from now on; the one that is on already, if there is one. Who starts it agrees to be in it.

    Raises NotFound, Forbidden, LessonNotOpen, LessonEnded.
    """
    lesson = await lessons.open_room(tx, room_id, "lead")
    row = await _on(tx, room_id)
    if row is None:
        row = Recording(
            organisation_id=lesson.organisation_id,
            id=RecordingId(tx.new_id("recording")),
            room_id=room_id,
            lesson_id=lesson.id,
            started_by=tx.actor.id,
            started_at=tx.now,
            state=State.RECORDING,
            keep_until=core.keep_until(tx.now),
        )
        tx.add(row)
        await tx.flush()
        fact = RecordingStarted(
            organisation_id=row.organisation_id,
            room_id=room_id,
            lesson_id=lesson.id,
            recording_id=row.id,
            started_at=row.started_at,
        )
        tx.emit(fact)
    if (await consents.states(tx, [tx.actor.id]))[tx.actor.id] != "given":
        await consents.give(tx, tx.actor.id, True)
    return _as_on(row)


async def stop(tx: Tx, room_id: RoomId) -> RecordingId:
    """Stop recording a room. Raises NotFound, Forbidden, NotRecording."""
    lesson = await lessons.open_room(tx, room_id, "lead")
    row = await _on(tx, lesson.room_id)
    if row is None:
        raise core.NotRecording
    end_row(tx, row, "stopped")
    return row.id


async def mark(tx: Tx, room_id: RoomId, title: str) -> tuple[RecordingId, float]:
    """What begins now in a room that is recorded: which recording, and at which second of it.

    Raises NotFound, Forbidden, NotRecording, Malformed.
    """
    lesson = await lessons.open_room(tx, room_id, "lead")
    row = await _on(tx, lesson.room_id)
    if row is None:
        raise core.NotRecording
    at = round((tx.now - row.started_at).total_seconds(), 3)
    moment = Moment(
        organisation_id=row.organisation_id,
        recording_id=row.id,
        id=MomentId(tx.new_id("moment")),
        at_s=at,
        kind="chapter",
        person_id=None,
        body={"title": core.chapter_title(title)},
    )
    tx.add(moment)
    return row.id, at


async def end_in(tx: Tx, room_id: RoomId, why: str) -> None:
    """The room is over, or nothing more can be kept."""
    if row := await _on(tx, room_id):
        end_row(tx, row, why)


def end_row(tx: Tx, row: Recording, why: str) -> None:
    row.ended_at, row.ended_by, row.state = tx.now, why, State.PROCESSING
    fact = RecordingStopped(
        organisation_id=row.organisation_id,
        room_id=row.room_id,
        lesson_id=row.lesson_id,
        recording_id=row.id,
        ended_at=tx.now,
        why=why,
    )
    tx.emit(fact)


async def all_on(tx: Tx) -> list[On]:
    """Everything that is being recorded now, whoever asks."""
    return [_as_on(row) for row in await tx.all(select(Recording).where(Recording.state == State.RECORDING))]


async def is_on(tx: Tx, room_id: RoomId) -> bool:
    return await _on(tx, room_id) is not None


async def list_for(tx: Tx, lesson: LessonId | None, before: RecordingId | None) -> tuple[list[Found], bool]:
    """The newest recordings that the actor may watch, or those before one; and whether there are more."""
    query = select(Recording).where(Recording.lesson_id.in_(await lessons.mine(tx)))
    query = query.where(Recording.state != State.DELETING).order_by(Recording.id.desc()).limit(PAGE + 1)
    if lesson:
        query = query.where(Recording.lesson_id == lesson)
    if before:
        query = query.where(Recording.id < before)
    rows = await tx.all(query)
    return await _found(tx, rows[:PAGE]), len(rows) > PAGE


async def read_for(tx: Tx, recording: RecordingId, op: str) -> Found:
    """A recording to be watched, which is noted. Raises NotFound."""
    found = await _find(tx, recording)
    audit.note(tx, "looked", organisation=found.row.organisation_id, op=op, details={"recording_id": recording})
    return found


async def events_for(
    tx: Tx, recording: RecordingId, after: float
) -> tuple[list[tuple[float, str, dict[str, Any]]], bool]:
    """What happened in it after a second, in order: (second, kind, body with names); and whether there is more.
    Raises NotFound."""
    row = (await _find(tx, recording)).row
    here = (Moment.organisation_id == row.organisation_id) & (Moment.recording_id == recording)
    query = select(Moment).where(here, Moment.at_s > after).order_by(Moment.at_s, Moment.id).limit(EVENTS + 1)
    rows = await tx.all(query)
    shown = list(rows[:EVENTS])
    while len(rows) > EVENTS and len(shown) > 1 and shown[-1].at_s == rows[EVENTS].at_s:
        shown.pop()  # those of one moment come together
    names = await people.names(tx, {one.person_id for one in shown if one.person_id})
    told = [
        (one.at_s, one.kind, {**one.body, "name": names.get(one.person_id, "")} if one.person_id else one.body)
        for one in shown
        if one.body
    ]
    return told, len(rows) > EVENTS


async def remove(tx: Tx, recording: RecordingId) -> None:
    """Delete a recording: from now on nobody sees it, soon after its files are gone. Raises NotFound, Forbidden,
    RecordingNotReady (it is on)."""
    found = await _find(tx, recording)
    if found.part != "lead":
        raise Forbidden(needs="lesson:lead")
    if found.row.state == State.RECORDING:
        raise core.RecordingNotReady
    mark_deleted(tx, found.row, "delete_recording")


def mark_deleted(tx: Tx, row: Recording, op: str) -> None:
    row.state, row.leased = State.DELETING, None
    details = {"recording_id": row.id, "lesson_id": row.lesson_id}
    audit.note(tx, "erased", organisation=row.organisation_id, op=op, details=details)


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (Moment, Segment, Track, Film, Recording, Consent):
        await tx.execute(delete(table).where(table.organisation_id == organisation))


async def _on(tx: Tx, room_id: RoomId) -> Recording | None:
    here = (Recording.room_id == room_id) & (Recording.state == State.RECORDING)
    return await tx.one(select(Recording).where(here))


def _as_on(row: Recording) -> On:
    return On(row.organisation_id, row.id, row.room_id, row.started_at)


async def _find(tx: Tx, recording: RecordingId) -> Found:
    row = await tx.one(select(Recording).where(Recording.id == recording))
    found = await _found(tx, [row]) if row and row.state != State.DELETING else []
    if not found:
        raise NotFound(kind="recording")
    return found[0]


async def _found(tx: Tx, rows: Sequence[Recording]) -> list[Found]:
    wanted = {row.lesson_id for row in rows}
    seen = await lessons.parts_in(tx, wanted)
    own = await lessons.own_of(tx, wanted)
    rows = [row for row in rows if row.lesson_id in seen]
    rows = [
        row for row in rows if core.may_watch(seen[row.lesson_id][1], row.started_at.date(), own=row.lesson_id in own)
    ]
    tracks = await _of(tx, Track, rows)
    tracks.sort(key=lambda one: (one.starts_s, one.id))
    gaps = [one for one in await _of(tx, Segment, rows, gaps=True)]
    names = await people.names(tx, {track.person_id for track in tracks})
    return [
        Found(
            row,
            _title(seen[row.lesson_id][0]),
            seen[row.lesson_id][1],
            [one for one in tracks if one.recording_id == row.id],
            [one for one in gaps if one.recording_id == row.id],
            names,
        )
        for row in rows
    ]


async def _of(tx: Tx, table: type, rows: Collection[Recording], *, gaps: bool = False) -> list:
    if not rows:
        return []
    query = select(table).where(
        table.organisation_id.in_({row.organisation_id for row in rows}),
        table.recording_id.in_({row.id for row in rows}),
    )
    return list(await tx.all(query.where(IS_GAP) if gaps else query))


def _title(lesson: lessons.LessonView) -> str:
    return lesson.title or ""
