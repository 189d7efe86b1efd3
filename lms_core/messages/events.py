from datetime import datetime
from typing import Any

from lms_core.kernel.events import event
from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId


@event("messages.message_posted", topic="room:{room_id}")
class MessagePosted:
    """Somebody wrote in a room, and words alone; with text and name, so that nobody has to ask for each line of a
    chat."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    author_id: PersonId
    author_name: str
    text: str
    sent_at: datetime


@event("messages.message_told", topic="room:{room_id}")
class MessageTold:
    """A message as it is now: one that has more than words, or was deleted. `message`: a MessageView."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    message: dict[str, Any]


@event("messages.message_reacted", topic="room:{room_id}")
class MessageReacted:
    """How many reacted in each way since somebody did, or took it back. `counts`: kind → persons."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    person_id: PersonId
    kind: str
    on: bool
    counts: dict[str, int]


@event("messages.leaders_told", topic="leaders:{room_id}")
class LeadersTold:
    """A message between a learner and who leads the lesson, as it is now; for who leads it."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    message: dict[str, Any]


@event("messages.learner_told", topic="private:{room_id}:{person_id}")
class LearnerTold:
    """The same, for the learner."""

    organisation_id: UnitId
    room_id: RoomId
    person_id: PersonId
    message_id: MessageId
    message: dict[str, Any]


@event("messages.place_told")
class PlaceTold:
    """A message of a breakout as it is now, for whoever is in it."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    place: str
    message: dict[str, Any]


@event("messages.rule_changed", topic="room:{room_id}")
class RuleChanged:
    """Who may write in a room's chat from now on."""

    organisation_id: UnitId
    room_id: RoomId
    rule: str
