from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.ids import BoardId, FileId, PersonId, RoomId, UnitId, id_column
from lms_core.kernel.personal import Kept, Personal
from lms_core.kernel.tables import Table

_ONE = text("kind <> 'slides'")

DRAWN = Kept("what others drew and wrote on in class", "1y", "house rule", date(2026, 11, 1))


class Board(Table):
    """A whiteboard, notes or slides of a room. `head`: the number of its newest update; `size`: their bytes.

    pii: who brought it, keep: 1y
    """

    __tablename__ = "boards"
    personal = Personal(("made_by",), DRAWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[BoardId] = id_column("board", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room")
    place: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    file_id: Mapped[FileId | None] = id_column("file", default=None)
    made_by: Mapped[PersonId] = id_column("person")
    made_at: Mapped[datetime]
    head: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        Index("ix_boards_room", "organisation_id", "room_id"),
        # A place of a room has one whiteboard and one document of notes, whoever asks for them first.
        Index(
            "ix_boards_one",
            *("organisation_id", "room_id", "place", "kind"),
            unique=True,
            sqlite_where=_ONE,
            postgresql_where=_ONE,
        ),
        # A command names a board and nothing else.
        Index("ix_boards_id", "id"),
        Index("ix_boards_made_at", "made_at"),
    )


class BoardUpdate(Table):
    """One change of a board, as a browser sent it (yjs.py), numbered from 1 within the board.

    pii: what somebody drew and wrote, keep: 1y
    """

    __tablename__ = "board_updates"
    personal = Personal(("by",), DRAWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    board_id: Mapped[BoardId] = id_column("board", primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    by: Mapped[PersonId] = id_column("person")
    at: Mapped[datetime]
    data: Mapped[bytes]


class BoardState(Table):
    """All updates of a board up to one number in one, so that a board opens fast. The updates stay.

    pii: what a class drew and wrote, keep: 1y
    """

    __tablename__ = "board_states"
    personal = Personal((), DRAWN)
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    board_id: Mapped[BoardId] = id_column("board", primary_key=True)
    number: Mapped[int]
    data: Mapped[bytes]
