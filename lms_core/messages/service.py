"""Reading and writing the chat of a lesson's room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from lms_core.access.policy import Permission
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId
from lms_core.lessons import service as lessons
from lms_core.people import service as people

from . import core
from .events import MessagePosted
from .model import Message


@dataclass(frozen=True, slots=True)
class AuthorView:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class MessageView:
    id: MessageId
    room_id: RoomId
    author: AuthorView
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """`position`: of the room's stream, read before the items. `earlier`: give it as `before` for the page
    before this one; None on the first."""

    position: int
    items: list[MessageView]
    earlier: MessageId | None


async def page(tx: Tx, room_id: RoomId, before: MessageId | None) -> Page:
    """The newest messages, or those before one, oldest first. Raises NotFound, Forbidden."""
    lesson = await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)
    position = await tx.position(lesson.organisation_id)
    here = (Message.organisation_id == lesson.organisation_id) & (Message.room_id == room_id)
    query = select(Message).where(here).order_by(Message.id.desc()).limit(core.PAGE + 1)
    rows = await tx.all(query.where(Message.id < before) if before else query)
    shown = rows[: core.PAGE][::-1]
    return Page(position, await _views(tx, shown), shown[0].id if len(rows) > core.PAGE else None)


async def post(tx: Tx, room_id: RoomId, text: str) -> MessageView:
    """Write in a room. Being there is not needed, the right is. Raises NotFound, Forbidden, MessageEmpty,
    MessageTooLong."""
    lesson = await lessons.of_room_for(tx, room_id, Permission.MESSAGE_POST)
    row = Message(
        organisation_id=lesson.organisation_id,
        room_id=room_id,
        id=MessageId(tx.new_id("message")),
        author_id=tx.actor.id,
        text=core.clean_text(text),
        sent_at=tx.now,
    )
    tx.add(row)
    [view] = await _views(tx, [row])
    fact = MessagePosted(
        organisation_id=row.organisation_id,
        room_id=room_id,
        message_id=row.id,
        author_id=view.author.id,
        author_name=view.author.name,
        text=row.text,
        sent_at=row.sent_at,
    )
    tx.emit(fact)
    return view


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(delete(Message).where(Message.organisation_id == organisation))


async def _views(tx: Tx, rows: Sequence[Message]) -> list[MessageView]:
    names = await people.names(tx, {row.author_id for row in rows})
    return [
        MessageView(row.id, row.room_id, AuthorView(row.author_id, names.get(row.author_id, "")), row.text, row.sent_at)
        for row in rows
    ]
