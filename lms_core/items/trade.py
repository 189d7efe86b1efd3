"""Taking a file's questions into a bank, and giving a bank's questions out.

What a file holds is taken whole or, where that cannot be, not at all: its questions arrive in many small transactions
(a lesson's commands go between them), and one last one shows them.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import bindparam, delete, select, update

from lms_core.access.policy import Permission
from lms_core.audit import service as audit
from lms_core.kernel.actor import Actor
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import ItemId, UnitId
from lms_core.kernel.reads import Write, among
from lms_core.kernel.tables import Spelled
from lms_core.kernel.text import clean

from . import banks, core, media, questions
from .banks import BankRef
from .exchange import apart
from .exchange.apart import Note, One, Reading
from .exchange.batch import FORMATS, MOST_BYTES, MOST_ITEMS, Format
from .model import BankItem, ItemObjective, ItemVersion

__all__ = ["FORMATS", "MOST_BYTES", "Format", "Note", "Reading"]
Plain = dict[str, Any]
AT_ONCE = 200
"""Items in one transaction: some ten milliseconds."""
MOST_MEDIA = 300_000_000
_ENDINGS = {"gift": "gift.txt", "aiken": "txt", "moodle": "xml", "xlsx": "xlsx"}
_ITEM, _VERSION, _OBJECTIVE = Write.row(BankItem), Write.row(ItemVersion), Write.row(ItemObjective)
_THESE = update(BankItem).where(BankItem.organisation_id == bindparam("of"), BankItem.id.in_(among("ids")))
_SHOWN = Write(_THESE.values(state="draft", changed_at=bindparam("now")))
_LAME = Write(_THESE.values(sound=False))


class ExportTooLarge(Refusal):
    """More than `items` questions, or than `bytes` of pictures, sounds and films."""

    code, status = "export_too_large", 422


class ExportFailed(Refusal):
    """The file could not be written; nothing is lost."""

    code, status = "export_failed", 500


@dataclass(frozen=True, slots=True)
class TakenSection:
    name: str
    item_ids: list[ItemId]


@dataclass(frozen=True, slots=True)
class TakenTest:
    """A test that came along: the questions of its sections, in its order."""

    name: str
    sections: list[TakenSection]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many questions were taken, and every one that was not, or that lost something: where it stands in the file
    (`quiz.xml:12 Q7`), a word for why, and what it is about."""

    taken: int
    refused: list[Note]
    noted: list[Note] = field(default_factory=list)
    tests: list[TakenTest] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is to be written: items as `plain` has them, and their media."""

    items: list[Plain]
    media: list[media.Stored]


class Runs(Protocol):
    """Who runs transactions: `Context`, or the house itself."""

    @property
    def actor(self) -> Actor: ...

    @property
    def db(self) -> Database: ...


async def read(folder: Path, name: str, format: str) -> Reading:
    """What the file `in` of a folder gives, and its media in `media` there by their SHA-256; in a process of its own.
    Whatever it holds is answered: taken or refused."""
    return await apart.read(folder, clean_name(name), format)


async def write(folder: Path, leaving: "Leaving", format: Format) -> list[Note]:
    """Makes `out` of a folder whose `media` holds the media; what the format has no word for. Raises ExportFailed."""
    kinds = {one.sha256: one.type for one in leaving.media}
    try:
        return await apart.write(folder, leaving.items, kinds, format)
    except (apart.TooHeavy, apart.Failed) as no:
        raise ExportFailed from no


def clean_name(name: str) -> str:
    """What a file is called in a report."""
    return clean(name[:20_000]).replace("\\", "/").rpartition("/")[2][:120] or "file"


async def take(by: Runs, bank: BankRef, reading: Reading) -> ImportReport:
    """All of a reading, whose media were noted before. Raises what a transaction raises; then nothing was taken."""
    ids: list[ItemId] = []
    shown: dict[ItemId, list[str]] = {}
    try:
        async for some in reading.parts(AT_ONCE):
            made = await by.db.run(by.actor, lambda tx, some=some: _arrive(tx, bank, some))
            shown |= {item: one.said["media"] for item, one in zip(made, some, strict=True) if one.said["media"]}
            ids += made
        await by.db.run(by.actor, lambda tx: _show(tx, bank, ids, shown))
    except Exception:
        with suppress(Exception):  # a job does it later
            for at in range(0, len(ids), AT_ONCE):
                some_ids = ids[at : at + AT_ONCE]
                await by.db.run(by.actor, lambda tx, some=some_ids: _drop(tx, bank.organisation_id, some))
        raise
    tests = [
        TakenTest(test.name, [TakenSection(one.name, [ids[at] for at in one.items]) for one in test.sections])
        for test in reading.tests
    ]
    return ImportReport(len(ids), reading.refused, reading.noted, tests)


async def leaving(by: Runs, bank: BankRef, state: str) -> Leaving:
    """The questions of a bank, the oldest first: those in a state, or all but retired ones; that they leave the house
    stands in the log. Raises ExportTooLarge."""
    last: ItemId | None = None
    items: list[Plain] = []
    shown: set[str] = set()
    while True:
        rows = await by.db.run(by.actor, lambda tx, after=last: _some(tx, bank, state, after))
        for item, body in rows:
            last = item
            items.append(body)
            shown |= _digests(body)
        if len(items) > MOST_ITEMS:
            raise ExportTooLarge(items=MOST_ITEMS, bytes=MOST_MEDIA)
        if len(rows) < AT_ONCE:
            break
    kept = await by.db.run(by.actor, lambda tx: _leave(tx, bank, shown, len(items)))
    if sum(one.bytes for one in kept) > MOST_MEDIA:
        raise ExportTooLarge(items=MOST_ITEMS, bytes=MOST_MEDIA)
    return Leaving(items, kept)


def with_media(leaving: Leaving, found: list[media.Stored]) -> Leaving:
    """With those media only that could be brought."""
    return replace(leaving, media=found)


def file_name(title: str, format: Format) -> str:
    return f"{title.replace('/', '-')}.{_ENDINGS.get(format, 'zip')}"


async def drop_arriving(tx: Tx) -> None:
    """What is left of imports that were cut off."""
    old = (BankItem.state == "arriving") & (BankItem.changed_at < tx.now - core.UNHELD)
    rows = await tx.rows(select(BankItem.organisation_id, BankItem.id).where(old).limit(10 * AT_ONCE))
    for organisation in {one for one, _ in rows}:
        await _drop(tx, organisation, [item for of, item in rows if of == organisation])


async def _arrive(tx: Tx, bank: BankRef, items: Sequence[One]) -> list[ItemId]:
    made = [(ItemId(tx.new_id("item")), core.Described(**one.said)) for one in items]
    here = {"organisation_id": bank.organisation_id}
    same = {**here, "author_id": tx.actor.person, "version": 1}
    tx.write_all(
        _ITEM,
        ({"id": item, **questions.columns(said)} for item, said in made),
        **same,
        bank_id=bank.id,
        state="arriving",
        sound=True,
        made_at=tx.now,
        changed_at=tx.now,
    )
    bodies = ({"item_id": item, "body": Spelled(one.plain)} for (item, _), one in zip(made, items, strict=True))
    tx.write_all(_VERSION, bodies, **same, at=tx.now)
    asked = ({"item_id": item, "objective": one} for item, said in made for one in said.objectives)
    tx.write_all(_OBJECTIVE, asked, **here)
    return [item for item, _ in made]


async def _show(tx: Tx, bank: BankRef, ids: Sequence[ItemId], shown: Mapping[ItemId, Sequence[str]]) -> None:
    """From now on they are in the bank, if it still may be written to. `shown`: the media of those that have any."""
    if tx.actor.person:
        await banks.bank_for(tx, bank.id, Permission.BANK_WRITE)
    missing = await media.hold(tx, bank.organisation_id, {digest for some in shown.values() for digest in some})
    lame = [item for item, digests in shown.items() if missing & set(digests)]
    for some, changed, values in ((ids, _SHOWN, {"now": tx.now}), (lame, _LAME, {})):
        for at in range(0, len(some), AT_ONCE):
            tx.write(changed, of=bank.organisation_id, ids=some[at : at + AT_ONCE], **values)


async def _drop(tx: Tx, organisation: UnitId, items: Sequence[ItemId]) -> None:
    """Items that were never shown to anybody."""
    of_tables = (
        (ItemObjective, ItemObjective.item_id),
        (ItemVersion, ItemVersion.item_id),
        (BankItem, BankItem.id),
    )
    for table, column in of_tables:
        await tx.execute(delete(table).where(table.organisation_id == organisation, column.in_(items)))


async def _some(tx: Tx, bank: BankRef, state: str, after: ItemId | None) -> Sequence[tuple[ItemId, Plain]]:
    same = (ItemVersion.organisation_id == BankItem.organisation_id) & (ItemVersion.item_id == BankItem.id)
    here = (BankItem.organisation_id == bank.organisation_id) & (BankItem.bank_id == bank.id)
    query = (
        select(BankItem.id, ItemVersion.body)
        .join(ItemVersion, same & (ItemVersion.version == BankItem.version))
        .where(here, BankItem.state == state if state else BankItem.state != "retired", BankItem.state != "arriving")
        .order_by(BankItem.id)
        .limit(AT_ONCE)
    )
    rows = await tx.rows(query.where(BankItem.id > after) if after else query)
    return [(item, body) for item, body in rows]


async def _leave(tx: Tx, bank: BankRef, shown: set[str], items: int) -> list[media.Stored]:
    details = {"bank": bank.id, "items": items}
    audit.note(tx, "exported", organisation=bank.organisation_id, op="export_questions", details=details)
    return list((await media.there(tx, bank.organisation_id, shown)).values())


def _digests(body: Any) -> set[str]:
    """Of all media in an item as `plain` has it."""
    found, waiting = set[str](), [body]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("kind") == "media":
                found.add(str(one.get("sha256")))
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found
