from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

SAID = Kept("what others answered to in class", "1y", "house rule", date(2026, 11, 1))


class Message(Table):
    """What somebody wrote in a room.

    pii: text, keep: 1y
    """

    __tablename__ = "messages"
    personal = Personal(("author_id",), SAID)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room", primary_key=True)
    id: Mapped[MessageId] = id_column("message", primary_key=True)
    author_id: Mapped[PersonId] = id_column("person")
    text: Mapped[str]
    sent_at: Mapped[datetime]
    __table_args__ = (Index("ix_messages_sent_at", "sent_at"),)
