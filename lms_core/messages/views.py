"""Messages as they are shown."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, select

from lms_core.files.service import FileView
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import MessageId, PersonId, RoomId
from lms_core.kernel.plain import from_plain
from lms_core.kernel.reads import Read
from lms_core.lessons.service import InRoom
from lms_core.people import service as people

from . import core
from .core import Reaction, Rule
from .model import ChatRule, Message, MessageReaction

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
    before this one; None on the first. `rule`: who may write now; `leads`: whether the reader leads the lesson;
    `may_write`: whether the room lets them write to all; `place`: the breakout they are in, or main."""

    position: int
    items: list[MessageView]
    earlier: MessageId | None
    rule: Rule = "all"
    leads: bool = False
    may_write: bool = True
    place: str = "main"


async def page_of(tx: Tx, there: InRoom, which: ColumnElement[bool], before: MessageId | None) -> Page:
    position = await tx.position(there.lesson.organisation_id)
    query = select(Message).where(which).order_by(Message.id.desc()).limit(core.PAGE + 1)
    rows = await tx.all(query.where(Message.id < before) if before else query)
    shown = rows[: core.PAGE][::-1]
    earlier = shown[0].id if len(rows) > core.PAGE else None
    return Page(
        position,
        await views_of(tx, shown),
        earlier,
        await rule_of(tx, there),
        there.leads,
        may_write=there.may_write,
        place=there.place or "main",
    )


async def rule_of(tx: Tx, there: InRoom) -> Rule:
    found = await tx.read(_RULE, organisation=there.lesson.organisation_id, room=there.lesson.room_id)
    return found[0].rule if found else "all"


def in_room(there: InRoom) -> ColumnElement[bool]:
    return (Message.organisation_id == there.lesson.organisation_id) & (Message.room_id == there.lesson.room_id)


async def views_of(tx: Tx, rows: Sequence[Message]) -> list[MessageView]:
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
