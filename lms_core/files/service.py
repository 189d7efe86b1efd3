"""Files of a room: taken in, held by what shows them, opened by who may, and forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from sqlalchemy import delete, func, select, update

from lms_core.access.policy import Permission
from lms_core.kernel.blobs import Leaving
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import FileId, PersonId, RoomId, UnitId
from lms_core.lessons import service as lessons

from . import core, inside
from .model import File

AT_ONCE, UPLOADS_RULE = core.AT_ONCE, core.UPLOADS_RULE


@dataclass(frozen=True, slots=True)
class FileView:
    """`type`: what its content is, whatever its name says."""

    id: FileId
    name: str
    type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bytes of a file that is on its way will lie."""

    organisation_id: UnitId
    id: FileId
    key: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A file's bytes: where, and as what."""

    key: str
    name: str
    type: str
    bytes: int
    sha256: str


def too_large(limit: int) -> core.FileTooLarge:
    return core.FileTooLarge(limit=limit)


def too_many(limit: int) -> core.TooManyBytes:
    return core.TooManyBytes(limit=limit)


def too_slow() -> core.UploadTooSlow:
    return core.UploadTooSlow()


def judge(name: str, file: BinaryIO, size: int) -> tuple[str, str]:
    """The name to keep, and the type by content. Slow: call it in a thread.

    Raises FileEmpty, FileTypeRefused, FileLies, FileUnsafe.
    """
    if not size:
        raise core.FileEmpty
    file.seek(0)
    head = file.read(core.HEAD)
    kind = core.kind_of(head)
    if kind is None:
        raise core.FileTypeRefused
    kind = inside.look(kind, file, size)
    core.check_pixels(kind, head)
    return core.check_name(core.clean_name(name), kind), kind


def check_sent(name: str) -> None:
    """Raises FileNameTooLong."""
    core.check_sent(name)


async def begin(tx: Tx, room_id: RoomId) -> Place:
    """Where the actor may put one more file. Raises NotFound, Forbidden, TooManyBytes."""
    lesson = await lessons.of_room_for(tx, room_id, Permission.MESSAGE_POST)
    own = (File.organisation_id == lesson.organisation_id) & (File.owner_id == tx.actor.id)
    query = select(func.coalesce(func.sum(File.bytes), 0)).where(own, File.made_at > tx.now - timedelta(days=1))
    if (await tx.one(query) or 0) >= core.MOST_A_DAY:
        raise core.TooManyBytes(limit=core.MOST_A_DAY)
    file_id = FileId(tx.new_id("file"))
    return Place(lesson.organisation_id, file_id, f"{lesson.organisation_id}/file/{file_id}")


async def finish(tx: Tx, room_id: RoomId, place: Place, stored: Stored) -> FileView:
    """Its bytes are kept: now it is a file, held by nothing yet. Raises NotFound, Forbidden."""
    await lessons.of_room_for(tx, room_id, Permission.MESSAGE_POST)
    row = File(
        organisation_id=place.organisation_id,
        id=place.id,
        room_id=room_id,
        owner_id=tx.actor.id,
        name=stored.name,
        type=stored.type,
        bytes=stored.bytes,
        sha256=stored.sha256,
        key=stored.key,
        made_at=tx.now,
        private=False,
        gone=False,
    )
    tx.add(row)
    return _view(row)


async def open_for(tx: Tx, file_id: FileId) -> Stored:
    """A file that the actor may open: whoever reads the room, or, if it is private, its owner, whom it was sent to
    and who leads the lesson. Raises NotFound, Forbidden."""
    row = await tx.one(select(File).where(File.id == file_id, ~File.gone))
    if row is None:
        raise NotFound(kind="file")
    there = await lessons.in_room_for(tx, row.room_id, Permission.MESSAGE_READ)
    mine = tx.actor.id in (row.owner_id, row.reader_id)
    if there.lesson.organisation_id != row.organisation_id or (row.private and not mine and not there.leads):
        raise NotFound(kind="file")
    return Stored(row.key, row.name, row.type, row.bytes, row.sha256)


async def hold(
    tx: Tx,
    room_id: RoomId,
    files: Sequence[FileId],
    by: str,
    *,
    private: bool = False,
    reader: PersonId | None = None,
) -> list[FileView]:
    """What shows them from now on (`by`: its id), so that they stay as long as it does. Only the actor's own of
    that room that nothing holds. `private`: for who leads the lesson, and `reader`. Raises NotFound, FileHeld."""
    found: list[FileView] = []
    for file_id in dict.fromkeys(files):
        row = await tx.one(select(File).where(File.id == file_id, File.room_id == room_id, ~File.gone))
        if row is None:
            raise NotFound(kind="file")
        if row.owner_id != tx.actor.id or row.held_by not in (None, by):
            raise core.FileHeld
        row.held_by, row.private, row.reader_id = by, private, reader
        found.append(_view(row))
    return found


async def read(tx: Tx, organisation: UnitId, room_id: RoomId, file_id: FileId) -> Stored:
    """A file of a room, for features that show it. Raises NotFound."""
    row = await tx.get(File, (organisation, file_id))
    if row is None or row.gone or row.room_id != room_id:
        raise NotFound(kind="file")
    return Stored(row.key, row.name, row.type, row.bytes, row.sha256)


async def let_go(tx: Tx, organisation: UnitId, by: str) -> None:
    """What showed them is gone, and they with it."""
    here = (File.organisation_id == organisation) & (File.held_by == by)
    await tx.execute(update(File).where(here).values(gone=True, name=""))


async def forget_old(tx: Tx) -> None:
    """Mark as gone what nothing holds, and what is older than may be kept."""
    unheld = File.held_by.is_(None) & (File.made_at < tx.now - core.UNHELD)
    old = File.made_at < tx.now - core.KEEP
    await tx.execute(update(File).where(unheld | old, ~File.gone).values(gone=True, name=""))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    await tx.execute(update(File).where(File.organisation_id == organisation).values(gone=True, name=""))


async def gone(tx: Tx, most: int = 100) -> list[Leaving]:
    """Files whose bytes are to be removed."""
    rows = await tx.all(select(File).where(File.gone).order_by(File.id).limit(most))
    return [Leaving(row.organisation_id, row.id, row.key) for row in rows]


async def removed(tx: Tx, files: Sequence[Leaving]) -> None:
    """Their bytes are gone: so are they."""
    for one in files:
        await tx.execute(delete(File).where(File.organisation_id == one.organisation_id, File.id == one.id))


def _view(row: File) -> FileView:
    return FileView(row.id, row.name, row.type, row.bytes)
