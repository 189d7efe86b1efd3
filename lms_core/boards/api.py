from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.kernel.api import Api
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import BoardId, FileId, RoomId

from . import core, service
from .service import BoardView, Updates

api = Api()


@dataclass(frozen=True, slots=True)
class BoardList:
    items: list[BoardView]


@dataclass(frozen=True, slots=True)
class AddSlides:
    """`file_id`: of a PDF that was uploaded to the room."""

    title: str
    file_id: FileId
    place: str = core.MAIN


@dataclass(frozen=True, slots=True)
class KeepState:
    """`state`: all changes up to `number` in one (Yjs, base64)."""

    number: int
    state: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Done."""


@api.route("GET", "/api/rooms/{room_id}/boards", needs=Permission.MESSAGE_READ)
async def list_boards(tx: Tx, room_id: RoomId) -> BoardList:
    """The whiteboards, notes and slides of a room; those of a breakout for leaders and who wrote there."""
    return BoardList(await service.list_for(tx, room_id))


@api.route("POST", "/api/rooms/{room_id}/boards", needs=Permission.LESSON_LEAD)
async def add_slides(tx: Tx, room_id: RoomId, body: AddSlides) -> BoardView:
    """Make an uploaded PDF a presentation that can be shown in the room.

    Refusals: not_slides, file_held, board_full.
    """
    return await service.add_slides(tx, room_id, body.place, body.title, body.file_id)


@api.route("GET", "/api/boards/{board_id}/updates", needs=Permission.MESSAGE_READ)
async def board_updates(tx: Tx, board_id: BoardId, after: int = 0, merged: bool = False) -> Updates:
    """The changes of a board, with their times, oldest first, in pages. `merged`: the oldest of them in one."""
    board, _ = await service.board_for(tx, board_id)
    return await service.updates(tx, board, after, merged=merged)


@api.route("POST", "/api/boards/{board_id}/state", needs=Permission.LESSON_LEAD)
async def keep_board_state(tx: Tx, board_id: BoardId, body: KeepState) -> Kept:
    """Keep all changes up to a number in one, so that the board opens fast. The changes themselves stay.

    Refusals: board_update_too_large, board_update_broken.
    """
    await service.keep_state(tx, board_id, body.number, core.update_of(body.state, core.LARGEST_STATE))
    return Kept()
