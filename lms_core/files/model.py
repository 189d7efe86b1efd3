from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from lms_core.kernel.blobs import BlobKey
from lms_core.kernel.ids import FileId, PersonId, RoomId, UnitId, id_column
from lms_core.kernel.personal import Blanked, Personal
from lms_core.kernel.tables import Table

_GONE = text("gone")


class File(Table):
    """What somebody shared in a room. `held_by`: the id of the message or board that shows it; `private`: only who
    leads the lesson, `owner_id` and `reader_id` may open it; `gone`: its bytes are to be removed, then the row is.

    pii: name and content, keep: 1y
    """

    __tablename__ = "files"
    personal = Personal(("owner_id", "reader_id"), Blanked({"gone": True, "name": ""}), frozenset({"key", "sha256"}))
    organisation_id: Mapped[UnitId] = id_column("unit", primary_key=True)
    id: Mapped[FileId] = id_column("file", primary_key=True)
    room_id: Mapped[RoomId] = id_column("room")
    owner_id: Mapped[PersonId] = id_column("person")
    reader_id: Mapped[PersonId | None] = id_column("person")
    name: Mapped[str]
    type: Mapped[str]
    bytes: Mapped[int]
    sha256: Mapped[str]
    key: Mapped[str] = mapped_column(BlobKey)
    made_at: Mapped[datetime]
    held_by: Mapped[str | None]
    private: Mapped[bool]
    gone: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (
        Index("ix_files_made_at", "made_at"),
        Index("ix_files_owner", "organisation_id", "owner_id", "made_at"),
        Index("ix_files_gone", "id", sqlite_where=_GONE, postgresql_where=_GONE),
        Index("ix_files_one", "id"),
    )
