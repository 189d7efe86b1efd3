"""Boards over sockets: a browser's change is checked, written, answered, and passed on to who is in its place.

The room says who somebody is and whether they may write there; the bytes themselves are opaque (decision 0011).
Changes of one board that come together are written together, so that thirty people drawing do not wait in line.
"""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from lms_core.boards import service as boards
from lms_core.boards.service import Addition, BoardRef, BoardView, Shared, UpdateView, update_of
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.api import Api
from lms_core.kernel.db import Database
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import BoardId, RoomId

from .cluster.rooms import ClusterRooms
from .sockets import Call

MOST_OPEN: Final = 40
"""Boards that one connection may have open."""


@dataclass(frozen=True, slots=True)
class BoardFind:
    kind: Shared


@dataclass(frozen=True, slots=True)
class BoardOpen:
    """`after`: the number of the newest change that is known already."""

    board_id: BoardId
    after: int = 0


@dataclass(frozen=True, slots=True)
class BoardOpened:
    """`state`: all changes up to number `state_number` in one; `items` go on. `more`: ask again after the last."""

    board: BoardView
    may_write: bool
    head: int
    state: str | None
    state_number: int
    items: list[UpdateView]
    more: bool


@dataclass(frozen=True, slots=True)
class BoardUpdate:
    """`update`: a change (Yjs, base64), at most 128 KiB."""

    board_id: BoardId
    update: str


@dataclass(frozen=True, slots=True)
class BoardUpdated:
    """The number that the change has got: it is written."""

    number: int


@dataclass(slots=True)
class _Line:
    """What waits to be written on one board."""

    board: BoardRef
    waiting: list[tuple[Addition, asyncio.Future[int]]] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Boards:
    def __init__(self, db: Database, rooms: ClusterRooms) -> None:
        self._db, self._rooms = db, rooms
        self._opened: defaultdict[str, dict[str, BoardRef]] = defaultdict(dict)
        self._lines: dict[str, _Line] = {}
        self.api = self._make_api()

    def gone(self, connection: str, unheard: float = 0.0) -> None:
        """The connection ended."""
        self._opened.pop(connection, None)

    def _make_api(self) -> Api:
        api = Api()

        @api.command("board_find")
        async def board_find(call: Call, body: BoardFind) -> BoardView:
            """The whiteboard or the notes of the place that one is at; made when first asked for."""
            there = await self._rooms.standing(call.connection)
            room, place = RoomId(there["room_id"]), there["place"]
            return await self._db.run(call.actor, lambda tx: boards.shared(tx, room, place, body.kind))

        @api.command("board_open")
        async def board_open(call: Call, body: BoardOpen) -> BoardOpened:
            """Read a board of the room from a change on, in pages; later changes come as signals `board_update`."""
            there = await self._rooms.standing(call.connection)
            board, view = await self._db.run(
                call.actor, lambda tx: boards.board_at(tx, body.board_id, RoomId(there["room_id"]))
            )
            _check_place(board, there)
            opened = self._opened[call.connection]
            if len(opened) >= MOST_OPEN:
                opened.pop(next(iter(opened)))
            opened[board.id] = board
            page = await self._db.run(
                call.actor, lambda tx: boards.updates(tx, board, body.after, merged=body.after == 0)
            )
            return BoardOpened(
                view, there["may_write"], page.head, page.state, page.state_number, page.items, page.more
            )

        @api.command("board_update")
        async def board_update(call: Call, body: BoardUpdate) -> BoardUpdated:
            """Change a board that was opened on this connection. It is written when this is answered.

            Refusals: forbidden, not_found, board_update_too_large, board_update_broken, board_full.
            """
            data = update_of(body.update)
            there = await self._rooms.standing(call.connection)
            board = self._opened[call.connection].get(body.board_id)
            if board is None or board.room_id != there["room_id"]:
                raise NotFound(kind="board")
            _check_place(board, there)
            if not there["may_write"]:
                raise Forbidden(needs="write")
            number = await self._write(board, Addition(there["person"], data))
            told = {"board_id": board.id, "number": number, "update": body.update, "by": there["participant_id"]}
            await self._rooms.pass_on(call.connection, board.place, "board_update", told)
            return BoardUpdated(number)

        return api

    async def _write(self, board: BoardRef, addition: Addition) -> int:
        """Its number. Whoever comes while others are being written is written with all who came meanwhile."""
        line = self._lines.setdefault(board.id, _Line(board))
        done = asyncio.get_running_loop().create_future()
        line.waiting.append((addition, done))
        if line.task is None:
            line.task = asyncio.create_task(self._write_all(line), name=f"board {board.id}")
        return await done

    async def _write_all(self, line: _Line) -> None:
        try:
            while line.waiting:
                batch, line.waiting = line.waiting, []
                await self._write_batch(line.board, batch)
        finally:
            line.task = None
            self._lines.pop(line.board.id, None)

    async def _write_batch(self, board: BoardRef, batch: list[tuple[Addition, asyncio.Future[int]]]) -> None:
        additions = [addition for addition, _ in batch]
        try:
            first = await self._db.run(SYSTEM, lambda tx: boards.append(tx, board, additions))
        except Exception as no:
            for _, done in batch:
                if not done.done():
                    done.set_exception(no)
            return
        for number, (_, done) in enumerate(batch, first):
            if not done.done():
                done.set_result(number)


def _check_place(board: BoardRef, there: dict[str, Any]) -> None:
    """A breakout's board is for who is in it. Raises NotFound."""
    if board.place != there["place"]:
        raise NotFound(kind="board")
