from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId, id_column
from lms_core.kernel.personal import Gone, Kept, Personal
from lms_core.kernel.tables import Table

_PRIVATE, _DELETED = text("with_id IS NOT NULL"), text("deleted_by IS NOT NULL")
SAID = Kept("what others answered to in class", "1y", "house rule", date(2026, 11, 1))


class Message(Table):
    """What somebody wrote in a room. `with_id`: the learner whose private talk with the teachers it belongs to;
    `place`: the breakout it was written in, None for the main room; `to_all`: for every breakout; `extras`: its files
    as they are shown; `deleted_by`: whoever took it back, and its text with it.

    pii: text, keep: 1y
    """

    __tablename__ = "messages"
    personal = Personal(("author_id", "with_id", "deleted_by"), SAID)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room", primary_key=True)
    id: Mapped[MessageId] = id_column("message", primary_key=True)
    author_id: Mapped[PersonId] = id_column("person")
    text: Mapped[str]
    sent_at: Mapped[datetime]
    reply_to: Mapped[MessageId | None] = id_column("message")
    with_id: Mapped[PersonId | None] = id_column("person")
    place: Mapped[str | None]
    to_all: Mapped[bool] = mapped_column(default=False, server_default="0")
    extras: Mapped[dict[str, Any] | None]
    deleted_by: Mapped[PersonId | None] = id_column("person")
    __table_args__ = (
        Index("ix_messages_sent_at", "sent_at"),
        Index("ix_messages_author", "author_id"),
        Index("ix_messages_with", "with_id", sqlite_where=_PRIVATE, postgresql_where=_PRIVATE),
        Index("ix_messages_deleted_by", "deleted_by", sqlite_where=_DELETED, postgresql_where=_DELETED),
    )


class MessageReaction(Table):
    """Somebody's answer to a message by one picture.

    pii: who reacted how, keep: as the message
    """

    __tablename__ = "message_reactions"
    personal = Personal(("person_id",), Gone())
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room", primary_key=True)
    message_id: Mapped[MessageId] = id_column("message", primary_key=True)
    person_id: Mapped[PersonId] = id_column("person", primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)


class ChatRule(Table):
    """Who may write in a room's chat, where that is not everybody."""

    __tablename__ = "chat_rules"
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room", primary_key=True)
    rule: Mapped[str]
