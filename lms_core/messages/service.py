"""Reading and writing the chat of a lesson's room, and the talk of a course, which is made of its lessons' chats."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, true

from lms_core.access.policy import Permission
from lms_core.files import service as files
from lms_core.files.service import FileView
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, FileId, MessageId, PersonId, RoomId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.plain import to_plain
from lms_core.kernel.reads import Write
from lms_core.lessons import service as lessons
from lms_core.lessons import talks
from lms_core.lessons.service import InRoom
from lms_core.lessons.talks import Talk
from lms_core.people import service as people

from . import core, private
from .core import Reaction, Rule
from .events import LeadersTold, LearnerTold, MessagePosted, MessageReacted, MessageTold, PlaceTold, RuleChanged
from .model import ChatRule, Message, MessageReaction
from .views import AuthorView, MessageView, Page, in_room, page_of, rule_of, views_of

_SAID = Write.row(Message)


@dataclass(frozen=True, slots=True)
class Wish:
    """A message to be. `private`: between a learner and who leads the lesson; `to`: the learner, where one of those
    writes it."""

    text: str
    reply_to: MessageId | None = None
    file_ids: Sequence[FileId] = ()
    private: bool = False
    to: PersonId | None = None
    place: str | None = None
    to_all: bool = False


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One course's talk. `last`: the newest message that all may read, of the last of its lessons in which somebody
    wrote; None where nobody did."""

    course_id: CourseId
    title: str
    subject: Names | None
    group: str
    room_id: RoomId
    last: MessageView | None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """The talk of a course: what was written in its lessons. `room_id`: where the next message goes, the lesson's
    that is on, or was last, or comes first; its topic tells of new ones."""

    position: int
    course_id: CourseId
    room_id: RoomId
    title: str
    subject: Names | None
    group: str
    items: list[MessageView]
    earlier: MessageId | None
    rule: Rule
    leads: bool


# --- Reading


async def page(tx: Tx, room_id: RoomId, before: MessageId | None) -> Page:
    """What everybody may read, the newest or those before one, oldest first. Raises NotFound, Forbidden."""
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    return await page_of(tx, there, in_room(there) & Message.with_id.is_(None) & _near(tx, there), before)


async def thread(tx: Tx, course_id: CourseId, before: MessageId | None) -> ThreadPage:
    """The talk of a course, across its lessons. Raises NotFound, Forbidden."""
    known = await talks.one_for(tx, course_id, Permission.MESSAGE_READ)
    there = known.there
    found = await page_of(tx, there, _of_talk(tx, known), before)
    return ThreadPage(
        found.position,
        course_id,
        there.lesson.room_id,
        known.title,
        known.subject,
        known.group,
        found.items,
        found.earlier,
        found.rule,
        found.leads,
    )


async def threads(tx: Tx) -> list[ThreadView]:
    """The talks of the courses that the actor takes or teaches."""
    found: list[ThreadView] = []
    for known in await talks.mine(tx, Permission.MESSAGE_READ):
        row = await tx.one(select(Message).where(_of_talk(tx, known)).order_by(Message.id.desc()))
        last = (await views_of(tx, [row]))[0] if row else None
        room = known.there.lesson.room_id
        found.append(ThreadView(known.course_id, known.title, known.subject, known.group, room, last))
    return found


async def written(tx: Tx, organisation: UnitId, room_id: RoomId) -> dict[PersonId, int]:
    """How many messages each person wrote in a room."""
    here = (Message.organisation_id == organisation) & (Message.room_id == room_id)
    query = select(Message.author_id, func.count()).where(here).group_by(Message.author_id)
    return {person: count for person, count in await tx.rows(query)}


async def said(
    tx: Tx, organisation: UnitId, room_id: RoomId, since: datetime, until: datetime
) -> list[tuple[datetime, MessageView]]:
    """What everybody could read in a room in a span of time, and when it came; without what was taken back."""
    query = select(Message).where(Message.organisation_id == organisation, Message.room_id == room_id)
    query = query.where(Message.sent_at >= since, Message.sent_at <= until).order_by(Message.id)
    rows = await tx.all(query.where(Message.with_id.is_(None), Message.deleted_by.is_(None)))
    return [(view.sent_at, view) for view in await views_of(tx, rows)]


# --- Writing


async def post(tx: Tx, room_id: RoomId, wish: Wish) -> MessageView:
    """Write in a room. Being there is not needed, the right is.

    Raises NotFound, Forbidden, ChatClosed, MessageEmpty, MessageTooLong, TooManyFiles, MessageIsPrivate, FileHeld.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_POST)
    if len(wish.file_ids) > core.MOST_FILES:
        raise core.TooManyFiles(limit=core.MOST_FILES)
    text = core.clean_text(wish.text, len(wish.file_ids))
    core.check_rule(await rule_of(tx, there), leads=there.leads, private=wish.private)
    if wish.to_all and not there.leads:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    place = None if wish.to_all or wish.private else core.clean_place(wish.place)
    if not there.leads and not wish.private:
        core.check_right(there.may_write)
        core.check_place(place, there.place)
    learner = await private.learner_of(tx, there, wish.private, wish.to, to_all=wish.to_all)
    if wish.reply_to:
        await _check_reply(tx, there, wish.reply_to, learner)
    message, author = MessageId(tx.new_id("message")), tx.actor.id
    shown = await _hold(tx, there, wish, message, learner)
    names = await people.names(tx, {author, *([learner] if learner else [])})
    view = MessageView(
        id=message,
        room_id=room_id,
        author=AuthorView(author, names.get(author, "")),
        text=text,
        sent_at=tx.now,
        reply_to=wish.reply_to,
        files=shown,
        reactions=[],
        private_with=AuthorView(learner, names.get(learner, "")) if learner else None,
        place=place,
        to_all=wish.to_all,
    )
    tx.write(
        _SAID,
        organisation_id=there.lesson.organisation_id,
        room_id=room_id,
        id=message,
        author_id=author,
        text=text,
        sent_at=tx.now,
        reply_to=view.reply_to,
        with_id=learner,
        place=view.place,
        to_all=view.to_all,
        extras={"files": to_plain(shown)} if shown else None,
    )
    _tell(tx, there, view)
    return view


async def delete_message(tx: Tx, room_id: RoomId, message_id: MessageId) -> MessageView:
    """Take a message back: one's own, or anybody's for who leads the lesson. Twice is as once.

    Raises NotFound, Forbidden.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    row = await _one(tx, there, message_id)
    if row.author_id != tx.actor.id and not there.leads:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    was = row.deleted_by
    if was is None:
        row.text, row.extras, row.deleted_by = "", None, tx.actor.id
        await tx.execute(delete(MessageReaction).where(_reactions_of(there, [message_id])))
        await files.let_go(tx, there.lesson.organisation_id, message_id)
    [view] = await views_of(tx, [row])
    if was is None:
        _tell(tx, there, view)
    return view


async def react(tx: Tx, room_id: RoomId, message_id: MessageId, kind: Reaction, *, on: bool) -> MessageView:
    """Answer a message by a picture, or take that back; twice is as once.

    Raises NotFound, Forbidden, ChatClosed, MessageIsPrivate, MessageDeleted.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_POST)
    row = await _one(tx, there, message_id)
    if row.with_id:
        raise core.MessageIsPrivate
    if row.deleted_by:
        raise core.MessageDeleted
    core.check_rule(await rule_of(tx, there), leads=there.leads, private=False)
    core.check_right(there.may_write)
    key = (there.lesson.organisation_id, room_id, message_id, tx.actor.id, kind)
    mine = await tx.get(MessageReaction, key)
    changes = (mine is None) == on
    if mine is None and on:
        tx.add(MessageReaction(**dict(zip(_KEY, key, strict=True))))
    elif mine is not None and not on:
        await tx.delete(mine)
    await tx.flush()
    [view] = await views_of(tx, [row])
    if changes:
        fact = MessageReacted(
            organisation_id=there.lesson.organisation_id,
            room_id=room_id,
            message_id=message_id,
            person_id=tx.actor.id,
            kind=kind,
            on=on,
            counts={str(one.kind): one.count for one in view.reactions},
        )
        tx.emit(fact)
    return view


async def set_rule(tx: Tx, room_id: RoomId, rule: Rule) -> Rule:
    """Who may write from now on. Raises NotFound, Forbidden."""
    lesson = await lessons.lead_room(tx, room_id)
    row = await tx.get(ChatRule, (lesson.organisation_id, room_id))
    if (row.rule if row else "all") == rule:
        return rule
    if row is None:
        tx.add(ChatRule(organisation_id=lesson.organisation_id, room_id=room_id, rule=rule))
    else:
        row.rule = rule
    tx.emit(RuleChanged(organisation_id=lesson.organisation_id, room_id=room_id, rule=rule))
    return rule


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (Message, MessageReaction, ChatRule):
        await tx.execute(delete(table).where(table.organisation_id == organisation))


_KEY = ("organisation_id", "room_id", "message_id", "person_id", "kind")


async def _check_reply(tx: Tx, there: InRoom, to: MessageId, learner: PersonId | None) -> None:
    """What all read answers only what all read. Raises NotFound, MessageIsPrivate."""
    row = await _one(tx, there, to)
    if row.with_id not in (None, learner):
        raise core.MessageIsPrivate


async def _hold(tx: Tx, there: InRoom, wish: Wish, message: MessageId, learner: PersonId | None) -> list[FileView]:
    if not wish.file_ids:
        return []
    room_id, private = there.lesson.room_id, learner is not None
    return await files.hold(tx, room_id, wish.file_ids, message, private=private, reader=learner)


async def _one(tx: Tx, there: InRoom, message_id: MessageId) -> Message:
    """A message that the actor may read. Raises NotFound."""
    row = await tx.get(Message, (there.lesson.organisation_id, there.lesson.room_id, message_id))
    if row is None or not (there.leads or row.author_id == tx.actor.id or _is_for(tx, there, row)):
        raise NotFound(kind="message")
    return row


def _is_for(tx: Tx, there: InRoom, row: Message) -> bool:
    return row.with_id in (None, tx.actor.id) and row.place in (None, there.place)


def _tell(tx: Tx, there: InRoom, view: MessageView) -> None:
    """To whom it is for, and nobody else. Events are readable by whoever reads their topic."""
    where: dict[str, Any] = {"organisation_id": there.lesson.organisation_id, "room_id": view.room_id}
    where["message_id"] = view.id
    if view.private_with:
        message = to_plain(view)
        tx.emit(LeadersTold(**where, message=message))
        tx.emit(LearnerTold(**where, person_id=view.private_with.id, message=message))
    elif view.place:
        message = to_plain(replace(view, reactions=[]))
        tx.emit(LeadersTold(**where, message=message))
        tx.emit(PlaceTold(**where, place=view.place, message=message))
    elif view == _words_alone(view):
        author = view.author
        fact = MessagePosted(
            **where, author_id=author.id, author_name=author.name, text=view.text, sent_at=view.sent_at
        )
        tx.emit(fact)
    else:
        tx.emit(MessageTold(**where, message=to_plain(replace(view, reactions=[]))))


def _words_alone(view: MessageView) -> MessageView:
    return MessageView(view.id, view.room_id, view.author, view.text, view.sent_at, [], [])


def _of_talk(tx: Tx, known: Talk) -> ColumnElement[bool]:
    here = Message.organisation_id == known.there.lesson.organisation_id
    return here & Message.room_id.in_(known.rooms) & Message.with_id.is_(None) & _near(tx, known.there)


def _near(tx: Tx, there: InRoom) -> ColumnElement[bool]:
    """What was not written in another breakout than the reader's; who leads reads all."""
    if there.leads:
        return true()
    here = (Message.room_id == there.lesson.room_id) & (Message.place == there.place)
    return Message.place.is_(None) | (Message.author_id == tx.actor.id) | here


def _reactions_of(there: InRoom, messages: Collection[MessageId]) -> ColumnElement[bool]:
    return (
        (MessageReaction.organisation_id == there.lesson.organisation_id)
        & (MessageReaction.room_id == there.lesson.room_id)
        & MessageReaction.message_id.in_(messages)
    )
