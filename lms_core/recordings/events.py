from datetime import datetime

from lms_core.kernel.events import event
from lms_core.kernel.ids import LessonId, PersonId, RecordingId, RoomId, UnitId


@event("recordings.recording_started", topic="room:{room_id}")
class RecordingStarted:
    """From now on the room is recorded."""

    organisation_id: UnitId
    room_id: RoomId
    lesson_id: LessonId
    recording_id: RecordingId
    started_at: datetime


@event("recordings.recording_stopped", topic="room:{room_id}")
class RecordingStopped:
    """The room is not recorded any more. `why`: stopped, lesson_ended, no_space."""

    organisation_id: UnitId
    room_id: RoomId
    lesson_id: LessonId
    recording_id: RecordingId
    ended_at: datetime
    why: str


@event("recordings.recording_ready", topic="room:{room_id}")
class RecordingReady:
    """It can be watched, or there is nothing to watch (`state`: ready, failed)."""

    organisation_id: UnitId
    room_id: RoomId
    lesson_id: LessonId
    recording_id: RecordingId
    state: str


@event("recordings.film_wanted")
class FilmWanted:
    """Somebody wants the whole recording as one file."""

    organisation_id: UnitId
    recording_id: RecordingId


@event("recordings.consent_changed")
class ConsentChanged:
    """A person agreed to be recorded, or took that back."""

    organisation_id: UnitId
    person_id: PersonId
