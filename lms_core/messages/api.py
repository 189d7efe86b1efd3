from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import MessageId, RoomId, UnitId
from lms_core.lessons import service as lessons

from . import service
from .service import MessageView, Page

api = Api()


@dataclass(frozen=True, slots=True)
class PostMessage:
    text: str


@api.route("GET", "/api/rooms/{room_id}/messages", needs=Permission.MESSAGE_READ)
async def list_messages(tx: Tx, room_id: RoomId, before: MessageId | None = None) -> Page:
    """The newest messages of a room, oldest first; with `before`, the page before that message."""
    return await service.page(tx, room_id, before)


@api.route("POST", "/api/rooms/{room_id}/messages", needs=Permission.MESSAGE_POST)
async def post_message(tx: Tx, room_id: RoomId, body: PostMessage) -> MessageView:
    """Write in a room, before, during or after its lesson.

    Refusals: message_empty, message_too_long.
    """
    return await service.post(tx, room_id, body.text)


@api.topic("room:{room_id}")
async def read_room(tx: Tx, room_id: RoomId) -> UnitId:
    return (await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)).organisation_id
