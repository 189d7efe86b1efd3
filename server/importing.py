"""`import-questions`: a file of questions into a bank, without a server, and as a server would take it."""

import asyncio
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

from lms_core.items import banks, trade
from lms_core.items.banks import BankRef
from lms_core.items.trade import ImportReport, Note
from lms_core.kernel.actor import SYSTEM, Actor
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.ids import BankId

from . import disk, first_start, migrate, s3
from .app import open_database
from .config import Settings
from .intake import a_folder
from .questions import Questions


@dataclass(frozen=True, slots=True)
class _House:
    """Who imports: the house itself, and no person."""

    db: Database
    actor: Actor = SYSTEM


async def bring_in(settings: Settings, file: Path, format: str, bank: BankId | None) -> ImportReport:
    """The questions of a file, into a bank or the first organisation's shared one; an empty folder is migrated first.

    Raises NotFound, BankArchived, OSError, what `migrate.prepare` raises.
    """
    name = trade.clean_name(file.name)
    size = file.stat().st_size  # noqa: ASYNC240  nobody else waits for this loop
    if size > trade.MOST_BYTES:
        return ImportReport(0, [Note(name, "too_large")])
    clock = SystemClock()
    db = open_database(settings, clock)
    try:
        migrate.prepare(db.engine, settings.data, clock.now())
        blobs = s3.open_blobs(settings, disk.EndlessSpace())
        questions = Questions(clock, blobs, disk.EndlessSpace(), settings.data / "uploads", settings.most_file_mb)
        into = await db.run(SYSTEM, lambda tx: _bank(tx, bank))
        async with a_folder(settings.data / "uploads") as folder:
            await asyncio.to_thread(copyfile, file, folder / "in")
            return await questions.bring_in(_House(db), into, folder, name, format)
    finally:
        await db.close()


def said(report: ImportReport) -> dict[str, Any]:
    """As the operation answers it."""
    return asdict(report)


def tell(report: ImportReport) -> str:
    """For a person: a line for each question that was not taken, or not whole."""
    lines = [f"{one.where}: not taken: {one.why} {one.what}".rstrip() for one in report.refused]
    lines += [f"{one.where}: {one.why} {one.what}".rstrip() for one in report.noted]
    return "\n".join([*lines, f"{report.taken} taken, {len(report.refused)} not"])


async def _bank(tx: Tx, bank: BankId | None) -> BankRef:
    if bank is None:
        place = await first_start.a_place_for_imports(tx)
        await tx.flush()
        bank = await banks.shared_bank(tx, place.id)
        await tx.flush()
    return await banks.any_bank(tx, bank)
