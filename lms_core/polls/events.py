from datetime import datetime

from lms_core.kernel.events import event
from lms_core.kernel.ids import PersonId, PollId, RoomId, UnitId


@event("polls.poll_opened", topic="room:{room_id}")
class PollOpened:
    """A question to the room. The right answers are not told yet."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId
    author_id: PersonId
    kind: str
    question: str
    options: list[str]
    anonymous: bool
    quiz: bool
    live: bool
    may_change: bool
    place: str | None
    opened_at: datetime


@event("polls.voted")
class Voted:
    """Somebody answered; who is not said. Nobody reads it: counts are told from it, now and then."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId


@event("polls.poll_counted", topic="room:{room_id}")
class PollCounted:
    """How many chose each option by now, of a poll whose bars all may watch."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId
    counts: list[int]
    voters: int


@event("polls.poll_counted_for_leaders", topic="leaders:{room_id}")
class PollCountedForLeaders:
    """The same, of a poll whose result is not told yet; for who leads the lesson."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId
    counts: list[int]
    voters: int


@event("polls.poll_closed", topic="room:{room_id}")
class PollClosed:
    """No more answers. `right`: the right options of a quiz."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId
    closed_at: datetime
    right: list[int]


@event("polls.poll_published", topic="room:{room_id}")
class PollPublished:
    """Its result, for all."""

    organisation_id: UnitId
    room_id: RoomId
    poll_id: PollId
    counts: list[int]
    voters: int
