"""Reading and writing the chat of a lesson's room, and the talk of a course, which is made of its lessons' chats."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select

from lms_core.access.policy import Permission
from lms_core.files import service as files
from lms_core.files.service import FileView
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import CourseId, FileId, MessageId, PersonId, RoomId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.plain import from_plain, to_plain
from lms_core.kernel.reads import Read, Write
from lms_core.lessons import service as lessons
from lms_core.lessons import talks
from lms_core.lessons.service import InRoom
from lms_core.lessons.talks import Talk
from lms_core.people import service as people

from . import core
from .core import Reaction, Rule
from .events import LeadersTold, LearnerTold, MessagePosted, MessageReacted, MessageTold, RuleChanged
from .model import ChatRule, Message, MessageReaction

_SAID = Write.row(Message)
_RULE = Read(
    select(ChatRule.rule).where(
        ChatRule.organisation_id == bindparam("organisation"), ChatRule.room_id == bindparam("room")
    )
)


@dataclass(frozen=True, slots=True)
class AuthorView:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class ReactionView:
    """`mine`: the reader is among them."""

    kind: Reaction
    count: int
    mine: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """`reply_to`: a message of the same room. `private_with`: the learner whose talk with the teachers it belongs to;
    None: everybody reads it. `place`: the breakout it was written in; `to_all`: for every breakout. Of a deleted one
    only who and when is left."""

    id: MessageId
    room_id: RoomId
    author: AuthorView
    text: str
    sent_at: datetime
    files: list[FileView]
    reactions: list[ReactionView]
    reply_to: MessageId | None = None
    private_with: AuthorView | None = None
    place: str | None = None
    to_all: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """`position`: of the room's stream, read before the items. `earlier`: give it as `before` for the page
    before this one; None on the first. `rule`: who may write now; `leads`: whether the reader leads the lesson."""

    position: int
    items: list[MessageView]
    earlier: MessageId | None
    rule: Rule = "all"
    leads: bool = False


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
    return await _page(tx, there, _in(there) & Message.with_id.is_(None), before)


async def private_page(tx: Tx, room_id: RoomId, before: MessageId | None) -> Page:
    """What learners and teachers wrote to each other alone: all of it for who leads, else the reader's own.

    Raises NotFound, Forbidden.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    mine = Message.with_id.is_not(None) if there.leads else Message.with_id == tx.actor.id
    return await _page(tx, there, _in(there) & mine, before)


async def thread(tx: Tx, course_id: CourseId, before: MessageId | None) -> ThreadPage:
    """The talk of a course, across its lessons. Raises NotFound, Forbidden."""
    known = await talks.one_for(tx, course_id, Permission.MESSAGE_READ)
    there = known.there
    found = await _page(tx, there, _of_talk(known), before)
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
        row = await tx.one(select(Message).where(_of_talk(known)).order_by(Message.id.desc()))
        last = (await _views(tx, [row]))[0] if row else None
        room = known.there.lesson.room_id
        found.append(ThreadView(known.course_id, known.title, known.subject, known.group, room, last))
    return found


async def check_private(tx: Tx, room_id: RoomId, person_id: PersonId) -> UnitId:
    """A learner reads their own private talk. Raises NotFound."""
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_READ)
    if person_id != tx.actor.person:
        raise NotFound(kind="topic")
    return there.lesson.organisation_id


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
    return [(view.sent_at, view) for view in await _views(tx, rows)]


# --- Writing


async def post(tx: Tx, room_id: RoomId, wish: Wish) -> MessageView:
    """Write in a room. Being there is not needed, the right is.

    Raises NotFound, Forbidden, ChatClosed, MessageEmpty, MessageTooLong, TooManyFiles, MessageIsPrivate, FileHeld.
    """
    there = await lessons.in_room_for(tx, room_id, Permission.MESSAGE_POST)
    if len(wish.file_ids) > core.MOST_FILES:
        raise core.TooManyFiles(limit=core.MOST_FILES)
    text = core.clean_text(wish.text, len(wish.file_ids))
    core.check_rule(await _rule(tx, there), leads=there.leads, private=wish.private)
    if wish.to_all and not there.leads:
        raise Forbidden(needs=Permission.LESSON_LEAD)
    learner = await _learner(tx, there, wish)
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
        place=None if wish.to_all else core.clean_place(wish.place),
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
    [view] = await _views(tx, [row])
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
    core.check_rule(await _rule(tx, there), leads=there.leads, private=False)
    key = (there.lesson.organisation_id, room_id, message_id, tx.actor.id, kind)
    mine = await tx.get(MessageReaction, key)
    changes = (mine is None) == on
    if mine is None and on:
        tx.add(MessageReaction(**dict(zip(_KEY, key, strict=True))))
    elif mine is not None and not on:
        await tx.delete(mine)
    await tx.flush()
    [view] = await _views(tx, [row])
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


async def _page(tx: Tx, there: InRoom, which: ColumnElement[bool], before: MessageId | None) -> Page:
    position = await tx.position(there.lesson.organisation_id)
    query = select(Message).where(which).order_by(Message.id.desc()).limit(core.PAGE + 1)
    rows = await tx.all(query.where(Message.id < before) if before else query)
    shown = rows[: core.PAGE][::-1]
    earlier = shown[0].id if len(rows) > core.PAGE else None
    return Page(position, await _views(tx, shown), earlier, await _rule(tx, there), there.leads)


async def _rule(tx: Tx, there: InRoom) -> Rule:
    found = await tx.read(_RULE, organisation=there.lesson.organisation_id, room=there.lesson.room_id)
    return found[0].rule if found else "all"


async def _learner(tx: Tx, there: InRoom, wish: Wish) -> PersonId | None:
    """Whose private talk a message belongs to. Raises MessageIsPrivate, NotFound."""
    if not wish.private:
        if wish.to:
            raise core.MessageIsPrivate
        return None
    if wish.to_all:
        raise core.MessageIsPrivate
    if not there.leads:
        return tx.actor.id
    if wish.to is None or not await _has_been(tx, there, wish.to):
        raise NotFound(kind="person")
    return wish.to


async def _has_been(tx: Tx, there: InRoom, person: PersonId) -> bool:
    """Whether somebody was in the room, or wrote in it."""
    if await talks.was_in(tx, there.lesson, person):
        return True
    return await tx.one(select(Message.id).where(_in(there), Message.author_id == person)) is not None


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
    if row is None or (row.with_id not in (None, tx.actor.id) and not there.leads):
        raise NotFound(kind="message")
    return row


def _tell(tx: Tx, there: InRoom, view: MessageView) -> None:
    """To whom it is for, and nobody else. Events are readable by whoever reads their topic."""
    where: dict[str, Any] = {"organisation_id": there.lesson.organisation_id, "room_id": view.room_id}
    where["message_id"] = view.id
    if view.private_with:
        message = to_plain(view)
        tx.emit(LeadersTold(**where, message=message))
        tx.emit(LearnerTold(**where, person_id=view.private_with.id, message=message))
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


def _in(there: InRoom) -> ColumnElement[bool]:
    return (Message.organisation_id == there.lesson.organisation_id) & (Message.room_id == there.lesson.room_id)


def _of_talk(known: Talk) -> ColumnElement[bool]:
    here = Message.organisation_id == known.there.lesson.organisation_id
    return here & Message.room_id.in_(known.rooms) & Message.with_id.is_(None)


def _reactions_of(there: InRoom, messages: Collection[MessageId]) -> ColumnElement[bool]:
    return (
        (MessageReaction.organisation_id == there.lesson.organisation_id)
        & (MessageReaction.room_id == there.lesson.room_id)
        & MessageReaction.message_id.in_(messages)
    )


async def _views(tx: Tx, rows: Sequence[Message]) -> list[MessageView]:
    if not rows:
        return []
    names = await people.names(tx, {person for row in rows for person in (row.author_id, row.with_id) if person})
    reactions = await _reactions(tx, rows)
    return [
        MessageView(
            id=row.id,
            room_id=row.room_id,
            author=AuthorView(row.author_id, names.get(row.author_id, "")),
            text=row.text,
            sent_at=row.sent_at,
            reply_to=row.reply_to,
            files=from_plain(list[FileView], (row.extras or {}).get("files", [])),
            reactions=reactions.get(row.id, []),
            private_with=AuthorView(row.with_id, names.get(row.with_id, "")) if row.with_id else None,
            place=row.place,
            to_all=row.to_all,
            deleted=row.deleted_by is not None,
        )
        for row in rows
    ]


async def _reactions(tx: Tx, rows: Sequence[Message]) -> dict[MessageId, list[ReactionView]]:
    """In the order of the kinds."""
    query = select(MessageReaction.message_id, MessageReaction.kind, MessageReaction.person_id).where(
        MessageReaction.organisation_id == rows[0].organisation_id,
        MessageReaction.room_id.in_({row.room_id for row in rows}),
        MessageReaction.message_id.in_([row.id for row in rows]),
    )
    found: dict[MessageId, dict[str, set[PersonId]]] = defaultdict(lambda: defaultdict(set))
    for message, kind, person in await tx.rows(query):
        found[message][kind].add(person)
    return {
        message: [
            ReactionView(kind, len(kinds[kind]), tx.actor.person in kinds[kind])
            for kind in core.REACTIONS
            if kind in kinds
        ]
        for message, kinds in found.items()
    }
