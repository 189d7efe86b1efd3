from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import LessonId, MomentId, PersonId, RecordingId, RoomId, TrackId, UnitId, id_column
from lms_core.kernel.personal import Gone, Kept, Personal
from lms_core.kernel.tables import Table

_ON = text("state = 'recording'")
_WORK = text("state IN ('processing', 'deleting')")
IS_GAP = text("why <> ''")
"""Of a segment; as a text, so that the index is found."""
SHOWN = Kept("a lesson as its class saw it", "until the recording is deleted", "house rule", date(2026, 11, 1))


class Recording(Table):
    """The kept record of a room, from a start to a stop. `ended_by`: why it ended. `leased`: until when somebody
    works at it. `keep_until`: by the rule of the day it began.

    pii: who started it, keep: until the recording is deleted
    """

    __tablename__ = "recordings"
    personal = Personal(("started_by",), SHOWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[RecordingId] = id_column("recording", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room")
    lesson_id: Mapped[LessonId] = id_column("lesson")
    started_by: Mapped[PersonId] = id_column("person")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    keep_until: Mapped[datetime]
    leased: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_recordings_id", "id"),
        Index("ix_recordings_lesson", "organisation_id", "lesson_id"),
        Index("ix_recordings_on", "room_id", unique=True, sqlite_where=_ON, postgresql_where=_ON),
        Index("ix_recordings_work", "state", sqlite_where=_WORK, postgresql_where=_WORK),
    )


class Track(Table):
    """One publication of a recording, and the file made of it. Seconds count from the recording's start.
    `codec`: as in RTP. `about`: what the file's maker measured (frames, gaps).

    pii: whose voice and picture it is, keep: until the recording is deleted
    """

    __tablename__ = "recording_publications"
    personal = Personal(("person_id",), SHOWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    recording_id: Mapped[RecordingId] = id_column("recording", primary_key=True)
    id: Mapped[TrackId] = id_column("track", primary_key=True)
    participant_id: Mapped[str]
    person_id: Mapped[PersonId] = id_column("person")
    source: Mapped[str]
    place: Mapped[str]
    codec: Mapped[str]
    began_at: Mapped[datetime]
    starts_s: Mapped[float]
    ends_s: Mapped[float]
    file_key: Mapped[str | None] = mapped_column(BlobKey)
    type: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(default="")
    about: Mapped[dict[str, Any]]


class Segment(Table):
    """About ten seconds of one track as they came, or a gap where such are lost (`why` is not empty). `sha256` is
    the segment's, `previous` the one before it in the track: a chain."""

    __tablename__ = "recording_segments"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    recording_id: Mapped[RecordingId] = id_column("recording", primary_key=True)
    track_id: Mapped[TrackId] = id_column("track", primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_s: Mapped[float]
    ends_s: Mapped[float]
    blob_key: Mapped[str | None] = mapped_column(BlobKey)
    size: Mapped[int]
    sha256: Mapped[str]
    previous: Mapped[str]
    packets: Mapped[int]
    dropped: Mapped[int]
    final: Mapped[bool]
    why: Mapped[str]
    __table_args__ = (
        Index(
            "ix_recording_segments_gaps",
            *("organisation_id", "recording_id"),
            sqlite_where=IS_GAP,
            postgresql_where=IS_GAP,
        ),
    )


class Moment(Table):
    """Something that happened during a recording: a message, a hand, who spoke. `body`: what a page shows of it.

    pii: what was written and done in class, keep: until the recording is deleted
    """

    __tablename__ = "recording_events"
    personal = Personal(("person_id",), SHOWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    recording_id: Mapped[RecordingId] = id_column("recording", primary_key=True)
    id: Mapped[MomentId] = id_column("moment", primary_key=True)
    at_s: Mapped[float]
    kind: Mapped[str]
    person_id: Mapped[PersonId | None] = id_column("person")
    body: Mapped[dict[str, Any]]


class Film(Table):
    """One file of a whole recording, made when somebody asked for it. `progress`: 0 to 1."""

    __tablename__ = "recording_films"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    recording_id: Mapped[RecordingId] = id_column("recording", primary_key=True)
    state: Mapped[str]
    asked_at: Mapped[datetime]
    leased: Mapped[datetime | None]
    progress: Mapped[float]
    tries: Mapped[int]
    file_key: Mapped[str | None] = mapped_column(BlobKey)
    size: Mapped[int] = mapped_column(BigInteger)
    __table_args__ = (Index("ix_recording_films_state", "state"),)


class Consent(Table):
    """Whether a person may be recorded: their own word, and for a minor the guardian's.

    pii: who agreed to be recorded, keep: until the person is erased
    """

    __tablename__ = "recording_consents"
    personal = Personal(("person_id", "guardian_id"), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    agrees: Mapped[bool | None]
    agreed_at: Mapped[datetime | None]
    guardian_agrees: Mapped[bool | None]
    guardian_id: Mapped[PersonId | None] = id_column("person")
    guardian_at: Mapped[datetime | None]
