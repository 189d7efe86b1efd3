"""The private talk of a learner with who leads the lesson."""

from sqlalchemy import select

from lms_core.access.policy import Permission
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import MessageId, PersonId, RoomId, UnitId
from lms_core.lessons import service as lessons
from lms_core.lessons import talks
from lms_core.lessons.service import InRoom

from . import core
from .model import Message
from .views import Page, in_room, page_of


async def page(tx: Tx, room_id: RoomId, before: MessageId | None) -> Page:
    """What learners and teachers wrote to each other alone: all of it for who leads, else the reader's own.

    Raises NotFound, Forbidden.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    mine = Message.with_id.is_not(None) if there.leads else Message.with_id == tx.actor.id
    return await page_of(tx, there, in_room(there) & mine, before)


async def check(tx: Tx, room_id: RoomId, person_id: PersonId) -> UnitId:
    """A learner reads their own private talk. Raises NotFound."""
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    if person_id != tx.actor.person:
        raise NotFound(kind="topic")
    return there.lesson.organisation_id


async def learner_of(tx: Tx, there: InRoom, private: bool, to: PersonId | None, *, to_all: bool) -> PersonId | None:
    """Whose private talk a message belongs to; `to`: whom the writer means. Raises MessageIsPrivate, NotFound."""
    if not private:
        if to:
            raise core.MessageIsPrivate
        return None
    if to_all:
        raise core.MessageIsPrivate
    if not there.leads:
        return tx.actor.id
    if to is None or not await _has_been(tx, there, to):
        raise NotFound(kind="person")
    return to


async def _has_been(tx: Tx, there: InRoom, person: PersonId) -> bool:
    """Whether somebody was in the room, or wrote in it."""
    if await talks.was_in(tx, there.lesson, person):
        return True
    return await tx.one(select(Message.id).where(in_room(there), Message.author_id == person)) is not None
