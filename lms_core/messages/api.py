from dataclasses import dataclass, field

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import CourseId, FileId, MessageId, PersonId, RoomId, UnitId
from lms_core.lessons import service as lessons

from . import private, service
from .core import Reaction, Rule
from .service import ThreadPage, ThreadView, Wish
from .views import MessageView, Page

api = Api()


@dataclass(frozen=True, slots=True)
class PostMessage:
    """`private`: between a learner and who leads the lesson; `to`: the learner, where one of those writes. `place`: the
    breakout; `to_all`: for all breakouts, by who leads."""

    text: str
    reply_to: MessageId | None = None
    file_ids: list[FileId] = field(default_factory=list)
    private: bool = False
    to: PersonId | None = None
    place: str | None = None
    to_all: bool = False


@dataclass(frozen=True, slots=True)
class ReactToMessage:
    kind: Reaction
    on: bool = True


@dataclass(frozen=True, slots=True)
class ChatRuleView:
    """Who may write: `all`; `leaders`; `private`: learners only to who leads the lesson."""

    rule: Rule


@dataclass(frozen=True, slots=True)
class ThreadList:
    items: list[ThreadView]


_MESSAGES = "/api/rooms/{room_id}/messages"


@api.route("GET", _MESSAGES, needs=Permission.MESSAGE_READ)
async def list_messages(tx: Tx, room_id: RoomId, before: MessageId | None = None) -> Page:
    """The newest messages of a room, oldest first; with `before`, the page before that message."""
    return await service.page(tx, room_id, before)


@api.route("POST", _MESSAGES, needs=Permission.MESSAGE_POST)
async def post_message(tx: Tx, room_id: RoomId, body: PostMessage) -> MessageView:
    """Write in a room, before, during or after its lesson.

    Refusals: message_empty, message_too_long, too_many_files, file_held, chat_closed, message_is_private,
    may_not_write, elsewhere.
    """
    wish = Wish(body.text, body.reply_to, body.file_ids, body.private, body.to, body.place, body.to_all)
    return await service.post(tx, room_id, wish)


@api.route("DELETE", _MESSAGES + "/{message_id}", needs=Permission.MESSAGE_READ)
async def delete_message(tx: Tx, room_id: RoomId, message_id: MessageId) -> MessageView:
    """Take a message back: one's own, or anybody's for who leads the lesson. That there was one stays visible."""
    return await service.delete_message(tx, room_id, message_id)


@api.route("POST", _MESSAGES + "/{message_id}/reactions", needs=Permission.MESSAGE_POST)
async def react_to_message(tx: Tx, room_id: RoomId, message_id: MessageId, body: ReactToMessage) -> MessageView:
    """Answer a message by a picture, or take that back.

    Refusals: chat_closed, message_is_private, message_deleted, may_not_write.
    """
    return await service.react(tx, room_id, message_id, body.kind, on=body.on)


@api.route("GET", "/api/rooms/{room_id}/private-messages", needs=Permission.MESSAGE_READ)
async def list_private_messages(tx: Tx, room_id: RoomId, before: MessageId | None = None) -> Page:
    """What learners and teachers wrote to each other alone: all of it for who leads, else one's own.

    Told on `leaders:{room_id}` and on `private:{room_id}:{person_id}`.
    """
    return await private.page(tx, room_id, before)


@api.route("PUT", "/api/rooms/{room_id}/chat", needs=Permission.LESSON_JOIN)
async def set_chat_rule(tx: Tx, room_id: RoomId, body: ChatRuleView) -> ChatRuleView:
    """Say who may write in a room's chat, by who leads the lesson."""
    return ChatRuleView(await service.set_rule(tx, room_id, body.rule))


@api.route("GET", "/api/threads", needs=Permission.MESSAGE_READ)
async def list_threads(tx: Tx) -> ThreadList:
    """The talks of the courses that one takes or teaches: they outlive each lesson."""
    return ThreadList(await service.threads(tx))


@api.route("GET", "/api/courses/{course_id}/messages", needs=Permission.MESSAGE_READ)
async def read_thread(tx: Tx, course_id: CourseId, before: MessageId | None = None) -> ThreadPage:
    """The talk of a course, across its lessons. One writes in it by `post_message` with its `room_id`."""
    return await service.thread(tx, course_id, before)


@api.topic("room:{room_id}")
async def read_room(tx: Tx, room_id: RoomId) -> UnitId:
    return (await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)).organisation_id


@api.topic("leaders:{room_id}")
async def read_as_leader(tx: Tx, room_id: RoomId) -> UnitId:
    return (await lessons.lead_room(tx, room_id)).organisation_id


@api.topic("private:{room_id}:{person_id}")
async def read_private(tx: Tx, room_id: RoomId, person_id: PersonId) -> UnitId:
    return await private.check(tx, room_id, person_id)
