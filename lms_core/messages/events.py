from datetime import datetime

from lms_core.kernel.events import event
from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId


@event("messages.message_posted", topic="room:{room_id}")
class MessagePosted:
    """Somebody wrote in a room; with text and name, so that nobody has to ask for each line of a chat."""

    organisation_id: UnitId
    room_id: RoomId
    message_id: MessageId
    author_id: PersonId
    author_name: str
    text: str
    sent_at: datetime
