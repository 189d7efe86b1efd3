"""The boards of rooms: finding them, adding to them, reading them.

Whoever is in a room is asked by the shell (server/boards.py), which also knows who may write there now. Here it is
decided by roles who may know of a board at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from lms_core.access.policy import Permission
from lms_core.files import service as files
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import BoardId, FileId, PersonId, RoomId, UnitId
from lms_core.lessons import service as lessons

from . import core
from .core import Kind, Shared, update_of
from .model import Board, BoardState, BoardUpdate

__all__ = ["Shared", "update_of"]


@dataclass(frozen=True, slots=True)
class BoardView:
    """`place`: of the room, `main` or a breakout's. `head`: the number of its newest change. `file_id`: of slides."""

    id: BoardId
    room_id: RoomId
    place: str
    kind: Kind
    title: str
    file_id: FileId | None
    made_at: datetime
    head: int


@dataclass(frozen=True, slots=True)
class BoardRef:
    """Which board, in whose tables, of which room and place."""

    id: BoardId
    organisation_id: UnitId
    room_id: RoomId
    place: str


@dataclass(frozen=True, slots=True)
class UpdateView:
    """A change (Yjs, base64), and when it was written."""

    number: int
    at: datetime
    update: str


@dataclass(frozen=True, slots=True)
class Updates:
    """A page of changes. `state`: all up to number `state_number` in one (base64), where it was asked for and is
    there; `items` go on from it. `more`: ask again after the last number."""

    head: int
    state: str | None
    state_number: int
    items: list[UpdateView]
    more: bool


@dataclass(frozen=True, slots=True)
class Addition:
    by: PersonId
    data: bytes


async def list_for(tx: Tx, room_id: RoomId) -> list[BoardView]:
    """The boards of a room. Those of a breakout for who leads the lesson or wrote there. Raises NotFound, Forbidden."""
    lesson = await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)
    here = (Board.organisation_id == lesson.organisation_id) & (Board.room_id == room_id)
    query = select(Board).where(here).order_by(Board.id)
    if not await _leads(tx, room_id):
        query = query.where(or_(Board.place == core.MAIN, _wrote(tx.actor.id)))
    return [_view(row) for row in await tx.all(query)]


async def board_for(tx: Tx, board_id: BoardId) -> tuple[BoardRef, BoardView]:
    """A board that the actor may read after the lesson, and as leader during it. Raises NotFound, Forbidden."""
    row = await _find(tx, board_id)
    await lessons.of_room_for(tx, row.room_id, Permission.MESSAGE_READ)
    if row.place != core.MAIN and not await _leads(tx, row.room_id):
        wrote = await tx.one(select(Board.id).where(Board.id == board_id, _wrote(tx.actor.id)))
        if wrote is None:
            raise NotFound(kind="board")
    return _ref(row), _view(row)


async def board_at(tx: Tx, board_id: BoardId, room_id: RoomId) -> tuple[BoardRef, BoardView]:
    """A board of a room that the actor is in: where in it is the shell's to check. Raises NotFound, Forbidden."""
    row = await _find(tx, board_id)
    if row.room_id != room_id:
        raise NotFound(kind="board")
    await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)
    return _ref(row), _view(row)


async def shared(tx: Tx, room_id: RoomId, place: str, kind: Shared) -> BoardView:
    """The whiteboard or the notes of a place; made when first asked for. Raises NotFound, Forbidden."""
    lesson = await lessons.of_room_for(tx, room_id, Permission.MESSAGE_READ)
    here = (Board.organisation_id == lesson.organisation_id) & (Board.room_id == room_id)
    row = await tx.one(select(Board).where(here, Board.place == place, Board.kind == kind))
    return _view(row) if row else await _make(tx, lesson, place, kind, "", None)


async def add_slides(tx: Tx, room_id: RoomId, place: str, title: str, file_id: FileId) -> BoardView:
    """A presentation that the actor uploaded to the room.

    Raises NotFound, Forbidden, FileHeld, NotSlides, BoardFull.
    """
    lesson = await lessons.of_room_for(tx, room_id, Permission.LESSON_LEAD)
    made = await _make(tx, lesson, place, "slides", core.clean_title(title), file_id)
    [file] = await files.hold(tx, room_id, [file_id], made.id)
    if file.type != core.SLIDES:
        raise core.NotSlides
    return made


async def append(tx: Tx, board: BoardRef, additions: Sequence[Addition]) -> int:
    """Write changes behind the newest, in their order; the number of the first. Raises NotFound, BoardFull."""
    size = sum(len(one.data) for one in additions)
    here = (Board.organisation_id == board.organisation_id) & (Board.id == board.id)
    grown = update(Board).where(here).values(head=Board.head + len(additions), size=Board.size + size)
    if not await tx.execute(grown.execution_options(synchronize_session=False)):
        raise NotFound(kind="board")
    [(head, whole)] = await tx.rows(select(Board.head, Board.size).where(here))
    core.check_room_for(whole, 0)
    first = head - len(additions) + 1
    for number, one in enumerate(additions, first):
        tx.add(
            BoardUpdate(
                organisation_id=board.organisation_id,
                board_id=board.id,
                number=number,
                by=one.by,
                at=tx.now,
                data=one.data,
            )
        )
    return first


async def updates(tx: Tx, board: BoardRef, after: int, *, merged: bool) -> Updates:
    """What a board has beyond number `after`, a page of it. `merged`: the oldest of it in one, where that is there."""
    here = (BoardUpdate.organisation_id == board.organisation_id) & (BoardUpdate.board_id == board.id)
    head = await tx.one(select(Board.head).where(Board.organisation_id == board.organisation_id, Board.id == board.id))
    state = await tx.get(BoardState, (board.organisation_id, board.id)) if merged else None
    state = state if state and state.number > after else None
    after = state.number if state else after
    rows = await tx.all(
        select(BoardUpdate)
        .where(here, BoardUpdate.number > after)
        .order_by(BoardUpdate.number)
        .limit(core.PAGE_UPDATES)
    )
    items, left = list[UpdateView](), core.PAGE_BYTES
    for row in rows:
        left -= len(row.data)
        if left < 0 and items:
            break
        items.append(UpdateView(row.number, row.at, core.text_of(row.data)))
    last = items[-1].number if items else after
    text = core.text_of(state.data) if state else None
    return Updates(head or 0, text, state.number if state else 0, items, last < (head or 0) and bool(items))


async def keep_state(tx: Tx, board_id: BoardId, number: int, data: bytes) -> None:
    """All changes up to a number in one, made by a leader's browser. An older one than is there changes nothing.

    Raises NotFound, Forbidden.
    """
    row = await _find(tx, board_id)
    await lessons.of_room_for(tx, row.room_id, Permission.LESSON_LEAD)
    kept = await tx.get(BoardState, (row.organisation_id, row.id))
    if number > row.head or (kept and kept.number >= number):
        return
    if kept:
        kept.number, kept.data = number, data
    else:
        tx.add(BoardState(organisation_id=row.organisation_id, board_id=row.id, number=number, data=data))


async def forget_before(tx: Tx, moment: datetime) -> None:
    """Boards made before a moment, with all that is on them."""
    for row in await tx.all(select(Board).where(Board.made_at < moment).limit(100)):
        for table in (BoardUpdate, BoardState):
            here = (table.organisation_id == row.organisation_id) & (table.board_id == row.id)
            await tx.execute(delete(table).where(here))
        await files.let_go(tx, row.organisation_id, row.id)
        await tx.delete(row)


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    for table in (BoardUpdate, BoardState, Board):
        await tx.execute(delete(table).where(table.organisation_id == organisation))


async def _make(
    tx: Tx, lesson: lessons.LessonRef, place: str, kind: Kind, title: str, file_id: FileId | None
) -> BoardView:
    here = (Board.organisation_id == lesson.organisation_id) & (Board.room_id == lesson.room_id)
    if (await tx.one(select(func.count()).select_from(Board).where(here)) or 0) >= core.MOST_OF_ROOM:
        raise core.BoardFull(boards=core.MOST_OF_ROOM)
    row = Board(
        organisation_id=lesson.organisation_id,
        id=BoardId(tx.new_id("board")),
        room_id=lesson.room_id,
        place=place,
        kind=kind,
        title=title,
        file_id=file_id,
        made_by=tx.actor.id,
        made_at=tx.now,
        head=0,
        size=0,
    )
    tx.add(row)
    return _view(row)


async def _find(tx: Tx, board_id: BoardId) -> Board:
    row = await tx.one(select(Board).where(Board.id == board_id))
    if row is None:
        raise NotFound(kind="board")
    return row


async def _leads(tx: Tx, room_id: RoomId) -> bool:
    try:
        await lessons.of_room_for(tx, room_id, Permission.LESSON_LEAD)
    except Forbidden:
        return False
    return True


def _wrote(person: PersonId) -> ColumnElement[bool]:
    theirs = and_(
        BoardUpdate.organisation_id == Board.organisation_id,
        BoardUpdate.board_id == Board.id,
        BoardUpdate.by == person,
    )
    return exists().where(theirs)


def _view(row: Board) -> BoardView:
    kind: Kind = row.kind  # type: ignore[assignment]
    return BoardView(row.id, row.room_id, row.place, kind, row.title, row.file_id, row.made_at, row.head)


def _ref(row: Board) -> BoardRef:
    return BoardRef(row.id, row.organisation_id, row.room_id, row.place)
