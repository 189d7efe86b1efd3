"""Recordings over HTTP: views with links to their files, starting and stopping, and the film on demand."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lms_core.kernel.api import SELF, Api, Context
from lms_core.kernel.blobs import Links
from lms_core.kernel.db import Database
from lms_core.kernel.errors import NotFound
from lms_core.kernel.failures import AlreadyThere
from lms_core.kernel.ids import LessonId, PersonId, RecordingId, RoomId
from lms_core.recordings import consents, films
from lms_core.recordings import service as recordings
from lms_core.recordings.service import ConsentState, Found

from .disk import Disk
from .signals import Source
from .sockets import Call

LINK_SECONDS = 6 * 3600
"""Somebody who watches a long lesson with breaks asks for no new links."""

State = Literal["recording", "processing", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class StartRecording:
    pass


@dataclass(frozen=True, slots=True)
class StopRecording:
    pass


@dataclass(frozen=True, slots=True)
class Started:
    recording_id: RecordingId
    since: datetime


@dataclass(frozen=True, slots=True)
class StoppedRecording:
    recording_id: RecordingId


@dataclass(frozen=True, slots=True)
class MarkChapter:
    title: str


@dataclass(frozen=True, slots=True)
class Marked:
    """`at_s`: seconds since the recording's start."""

    recording_id: RecordingId
    at_s: float


@dataclass(frozen=True, slots=True)
class GapView:
    """What is missing, and why: `cut` (a process died), `full` (too much came at once, or the disk was full)."""

    starts_s: float
    ends_s: float
    why: str


@dataclass(frozen=True, slots=True)
class RecordedPublication:
    """One track. `url` plays by ranges; null until its file is made, or when nothing of it could be shown. `type`:
    as in HTTP. Seconds count from the recording's start."""

    id: str
    participant_id: str
    person_id: PersonId
    name: str
    source: Source
    kind: Literal["audio", "video"]
    place: str
    starts_s: float
    ends_s: float
    url: str | None
    bytes: int
    type: str
    gaps: list[GapView]


@dataclass(frozen=True, slots=True)
class RecordingView:
    """`ended_by`: stopped, lesson_ended, no_space; empty while it is on. `seconds`: how long it is."""

    id: RecordingId
    room_id: RoomId
    lesson_id: LessonId
    title: str
    started_at: datetime
    ended_at: datetime | None
    ended_by: str
    state: State
    seconds: float
    publications: list[RecordedPublication]
    keep_until: datetime
    may_delete: bool


@dataclass(frozen=True, slots=True)
class RecordingList:
    """The newest first. `earlier`: give it as `before` for the page before this one; null on the first."""

    items: list[RecordingView]
    earlier: RecordingId | None


@dataclass(frozen=True, slots=True)
class Download:
    """A file to keep. `state`: it waits its turn, is being made (`progress` 0–1), is ready (`url`), or could not be
    made. `cost_s`: about how many seconds of work it takes."""

    state: Literal["waiting", "working", "ready", "failed"]
    progress: float
    cost_s: float
    url: str | None
    bytes: int
    type: str


@dataclass(frozen=True, slots=True)
class SetConsent:
    agrees: bool


@dataclass(frozen=True, slots=True)
class Consented:
    """What stands between the person and being recorded now."""

    consent: ConsentState


def recording_api(db: Database, links: Links, disks: dict[str, Disk]) -> Api:
    api = Api()

    @api.route("POST", "/api/rooms/{room_id}/recording", needs=SELF)
    async def start_recording(ctx: Context, room_id: RoomId, body: StartRecording) -> Started:
        """Record a room from now on: those who agreed to it. Twice is as once.

        Refusals: lesson_not_open, lesson_ended, no_space.
        """
        for disk in disks.values():
            disk.check()
        try:
            on = await ctx.run(lambda tx: recordings.start(tx, room_id))
        except AlreadyThere:  # another teacher was first
            on = await ctx.run(lambda tx: recordings.start(tx, room_id))
        return Started(on.id, on.started_at)

    @api.route("POST", "/api/rooms/{room_id}/recording/stop", needs=SELF)
    async def stop_recording(ctx: Context, room_id: RoomId, body: StopRecording) -> StoppedRecording:
        """Stop recording a room.

        Refusals: not_recording, lesson_ended.
        """
        return StoppedRecording(await ctx.run(lambda tx: recordings.stop(tx, room_id)))

    @api.route("POST", "/api/rooms/{room_id}/recording/chapters", needs=SELF)
    async def mark_chapter(ctx: Context, room_id: RoomId, body: MarkChapter) -> Marked:
        """Mark what begins now as a chapter of the recording; who leads the lesson may.

        Refusals: not_recording, lesson_ended.
        """
        return Marked(*await ctx.run(lambda tx: recordings.mark(tx, room_id, body.title)))

    @api.route("GET", "/api/recordings", needs=SELF)
    async def list_recordings(
        ctx: Context, lesson_id: LessonId | None = None, before: RecordingId | None = None
    ) -> RecordingList:
        """What I may watch, of one lesson or of all, the newest first; links to the files are in `get_recording`."""
        found, more = await ctx.run(lambda tx: recordings.list_for(tx, lesson_id, before))
        items = [_view(one, None, ctx.clock.now()) for one in found]
        return RecordingList(items, items[-1].id if more else None)

    @api.route("GET", "/api/recordings/{recording_id}", needs=SELF)
    async def get_recording(ctx: Context, recording_id: RecordingId) -> RecordingView:
        """One recording, with links to its files that are good for six hours; that somebody watches is noted."""
        found = await ctx.run(lambda tx: recordings.read_for(tx, recording_id, "get_recording"))
        return _view(found, links, ctx.clock.now())

    @api.route("GET", "/api/recordings/{recording_id}/download", needs=SELF)
    async def download_recording(ctx: Context, recording_id: RecordingId, publication: str | None = None) -> Download:
        """A file to keep: of one publication at once; of the whole as an MP4, which is made when it is first asked
        for: ask again until `state` is ready.

        Refusals: recording_not_ready.
        """
        found = await ctx.run(lambda tx: recordings.read_for(tx, recording_id, "download_recording"))
        if publication is not None:
            return _one(found, publication, links)
        film = await ctx.run(lambda tx: films.ask(tx, recording_id))
        url = film.key and f"/files/{links.make(film.key, f'{_name(found)}.mp4', 'video/mp4', LINK_SECONDS)}"
        return Download(film.state, round(film.progress, 3), film.cost_s, url, film.size, "video/mp4")

    @api.command("set_consent")
    async def set_consent(call: Call, body: SetConsent) -> Consented:
        """Agree to be recorded, or take that back, in a lesson that goes on."""
        return Consented(await db.run(call.actor, lambda tx: consents.give(tx, call.actor.id, body.agrees)))

    return api


def _view(found: Found, links: Links | None, now: datetime) -> RecordingView:
    row = found.row
    return RecordingView(
        id=row.id,
        room_id=row.room_id,
        lesson_id=row.lesson_id,
        title=found.title,
        started_at=row.started_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        state=row.state,  # type: ignore[arg-type]
        seconds=round(((row.ended_at or now) - row.started_at).total_seconds(), 3),
        publications=[_publication(found, track, links) for track in found.tracks],
        keep_until=row.keep_until,
        may_delete=found.part == "lead" and row.ended_at is not None,
    )


def _publication(found: Found, track: recordings.Track, links: Links | None) -> RecordedPublication:
    key = track.file_key
    url = f"/files/{links.make(key, _file_name(found, track), track.type, LINK_SECONDS)}" if links and key else None
    return RecordedPublication(
        id=track.id,
        participant_id=track.participant_id,
        person_id=track.person_id,
        name=found.names.get(track.person_id, ""),
        source=track.source,  # type: ignore[arg-type]
        kind="audio" if track.codec == "OPUS" else "video",
        place=track.place,
        starts_s=track.starts_s,
        ends_s=track.ends_s,
        url=url,
        bytes=track.size,
        type=track.type,
        gaps=[GapView(gap.starts_s, gap.ends_s, gap.why) for gap in found.gaps if gap.track_id == track.id],
    )


def _one(found: Found, publication: str, links: Links) -> Download:
    for track in found.tracks:
        if track.id == publication and track.file_key:
            url = f"/files/{links.make(track.file_key, _file_name(found, track), track.type, LINK_SECONDS)}"
            return Download("ready", 1.0, 0.0, url, track.size, track.type)
    raise NotFound(kind="track")


def _file_name(found: Found, track: recordings.Track) -> str:
    end = "mp4" if track.type.endswith("/mp4") else "webm"
    return f"{_name(found)} {found.names.get(track.person_id, '')} {track.source}.{end}"


def _name(found: Found) -> str:
    return f"{found.title} {found.row.started_at:%Y-%m-%d %H-%M}".strip()
