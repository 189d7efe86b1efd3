"""Files and recorded answers of sittings: taken in before an answer names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from lms_core.items import service as items
from lms_core.items.content import Files, Spoken, is_live
from lms_core.kernel.blobs import Leaving
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, NotFound, Refusal
from lms_core.kernel.ids import FileId, SittingId, UnitId

from . import moves, sittings
from .model import AnswerFile, Sitting
from .moves import Live
from .saves import SittingNotRunning

MOST_FILES, MOST_BYTES = 30, 300_000_000
"""Of one sitting."""
SPOKEN_BYTES = 20_000_000


class TooManyAnswerFiles(Refusal):
    """A sitting holds `limit` files, or `bytes` in all."""

    code, status = "too_many_answer_files", 409


@dataclass(frozen=True, slots=True)
class Room:
    """Where a file's bytes go, and how many they may be."""

    organisation_id: UnitId
    id: FileId
    key: str
    most: int


@dataclass(frozen=True, slots=True)
class AnswerFileView:
    """What an answer names: `{"sha256", "name", "size"}` of `handed_in`, `sha256` of `recorded`."""

    file_id: FileId
    name: str
    type: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A file's bytes, as they were found."""

    name: str
    type: str
    bytes: int
    sha256: str


async def begin(tx: Tx, sitting_id: SittingId, place: int) -> Room:
    """Where one more file of the actor's own sitting may go.

    Raises NotFound, Malformed (a question without files), SittingNotRunning, TooManyAnswerFiles.
    """
    live = await _open(tx, sitting_id)
    one = next((one for one in (await sittings.paper_of(tx, live.row)).places if one.place == place), None)
    if one is None:
        raise NotFound(kind="question")
    body = (await items.of_paper(tx, live.row.organisation_id, [(one.item_id, one.version)]))[
        one.item_id, one.version
    ].body
    if not isinstance(body, Files | Spoken) or is_live(body):
        raise Malformed(reason="this question takes no file")
    here = _in(live.row)
    [(count, size)] = await tx.rows(select(func.count(), func.coalesce(func.sum(AnswerFile.bytes), 0)).where(*here))
    if count >= MOST_FILES or size >= MOST_BYTES:
        raise TooManyAnswerFiles(limit=MOST_FILES, bytes=MOST_BYTES)
    file_id = FileId(tx.new_id("file"))
    most = body.most_bytes if isinstance(body, Files) else SPOKEN_BYTES
    return Room(live.row.organisation_id, file_id, f"{live.row.organisation_id}/answer/{file_id}", most)


async def finish(tx: Tx, sitting_id: SittingId, place: int, room: Room, sent: Sent) -> tuple[AnswerFileView, bool]:
    """Its bytes are kept: now an answer may name it. The same file once more is the one that is there; whether the
    new bytes are needed. Raises NotFound, SittingNotRunning."""
    live = await _open(tx, sitting_id)
    same = select(AnswerFile).where(*_in(live.row), AnswerFile.place == place, AnswerFile.sha256 == sent.sha256)
    row, needed = await tx.one(same), False
    if row is None:
        row, needed = (
            AnswerFile(
                organisation_id=room.organisation_id,
                id=room.id,
                sitting_id=sitting_id,
                place=place,
                person_id=tx.actor.id,
                key=room.key,
                name=sent.name,
                type=sent.type,
                bytes=sent.bytes,
                sha256=sent.sha256,
                at=tx.now,
                gone=False,
            ),
            True,
        )
        tx.add(row)
    return AnswerFileView(row.id, row.name, row.type, row.bytes, row.sha256), needed


async def gone(tx: Tx, most: int = 100) -> list[Leaving]:
    """Files whose bytes are to be removed."""
    rows = await tx.all(select(AnswerFile).where(AnswerFile.gone).order_by(AnswerFile.id).limit(most))
    return [Leaving(row.organisation_id, row.id, row.key) for row in rows]


async def removed(tx: Tx, files: Sequence[Leaving]) -> None:
    """Their bytes are gone: so are they."""
    for one in files:
        here = AnswerFile.organisation_id == one.organisation_id
        await tx.execute(delete(AnswerFile).where(here, AnswerFile.id == one.id))


async def _open(tx: Tx, sitting_id: SittingId) -> Live:
    """A sitting for which answers may still come. Raises NotFound, SittingNotRunning."""
    live = await sittings.own(tx, sitting_id)
    late = live.state in moves.ENDED and tx.now <= live.rows[-1].at + live.rules.late
    if live.state not in moves.UNDER_WAY and not late:
        raise SittingNotRunning(state=live.state.value)
    return live


def _in(row: Sitting) -> tuple[Any, ...]:
    return (
        AnswerFile.organisation_id == row.organisation_id,
        AnswerFile.sitting_id == row.id,
        AnswerFile.gone.is_(False),
    )
