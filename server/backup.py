"""`backup FILE`: database, blobs and keys together, in one file, also while servers run.

The database is read in one view; blobs are read after it, so that every blob a row of the view refers to was
there before. The file holds the installation's keys: whoever has it has everything.
"""

import hashlib
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Engine

from lms_core.kernel.blobs import BlobKey, Blobs, sync_folder
from lms_core.kernel.errors import NotFound
from lms_core.kernel.tables import Table

from . import VERSION
from .backup_file import FORMAT, HEADER, MANIFEST, BackupUnfit, Manifest, TableEntry, TableWriter, Writer
from .backup_rows import Columns, Row, Source, source

KEEP = 5
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What was written; `missing_blobs` are referred to by rows but were not there."""

    file: str
    size: int
    version: str
    revision: str
    made_at: str
    organisations: int
    tables: dict[str, int]
    rows: int
    keys: int
    blobs: int | None
    blob_bytes: int
    missing_blobs: list[str]


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def write(engine: Engine, blobs: Blobs, keys: Path, file: Path, now: datetime, tell: Say = say) -> Done:
    """All of it into `file`, which is replaced whole or not at all. Raises BackupUnfit, OSError."""
    with _whole(file) as out:
        writer = Writer(out, int(now.timestamp()))
        manifest, wanted = _database(writer, engine, keys, now, tell)
        manifest.blobs = {}
        async for key, size in blobs.list():
            await _blob(writer, manifest, blobs, key, size)
            if len(manifest.blobs) % 1000 == 0:
                tell(f"blobs: {len(manifest.blobs)}")
        manifest.missing_blobs = sorted(wanted - manifest.blobs.keys() | set(manifest.missing_blobs) & wanted)
        _finish(writer, manifest)
    return _done(file, manifest)


def write_without_blobs(engine: Engine, keys: Path, file: Path, now: datetime, tell: Say = say) -> Done:
    """Database and keys alone: what a migration may change."""
    with _whole(file) as out:
        writer = Writer(out, int(now.timestamp()))
        manifest, _ = _database(writer, engine, keys, now, tell)
        _finish(writer, manifest)
    return _done(file, manifest)


def before_migration(engine: Engine, data: Path, revision: str, now: datetime) -> Path:
    """A backup of the schema that is about to change, into `backups` in the data folder; the last few are kept."""
    folder = data / "backups"
    folder.mkdir(exist_ok=True, mode=0o700)
    file = folder / f"{now:%Y-%m-%dT%H%M%SZ}-{revision}.sabaq"
    write_without_blobs(engine, data / "keys", file, now, lambda _: None)
    for old in sorted(folder.glob("*.sabaq"))[:-KEEP]:
        old.unlink()
    return file


# --- The parts


def _database(writer: Writer, engine: Engine, keys: Path, now: datetime, tell: Say) -> tuple[Manifest, set[str]]:
    """Rows and keys; the manifest so far, and the blobs that rows refer to."""
    writer.member(HEADER, json.dumps({"format": FORMAT, "version": VERSION}).encode())
    wanted: set[str] = set()
    with source(engine) as view:
        if view.revision is None:
            raise BackupUnfit("there is no school in this database yet")
        made_at = now.isoformat(timespec="seconds")
        manifest = Manifest(FORMAT, VERSION, view.revision, made_at, engine.dialect.name)
        for table, columns in view.tables().items():
            manifest.tables[table] = _table(writer, view, table, columns, wanted, manifest)
            if manifest.tables[table].rows:
                tell(f"{table}: {manifest.tables[table].rows} rows")
    for file in sorted(_files(keys)):
        content, name = file.read_bytes(), file.relative_to(keys).as_posix()
        writer.member(f"keys/{name}", content)
        manifest.keys[name] = hashlib.sha256(content).hexdigest()
    return manifest, wanted


def _table(
    writer: Writer, view: Source, table: str, columns: Columns, wanted: set[str], manifest: Manifest
) -> TableEntry:
    entry = TableEntry(columns)
    rows: Iterator[Row] = view.rows(table, columns)
    refers = [at for at, (name, _) in enumerate(columns) if _is_blob_key(table, name)]
    if refers:
        rows = _noting(rows, refers, wanted)
    if table == "units":
        level = [name for name, _ in columns].index("level")
        rows = _counting(rows, level, manifest)
    out = TableWriter(writer, table, entry)
    for row in rows:
        out.add(row)
    out.close()
    return entry


def _noting(rows: Iterator[Row], columns: list[int], wanted: set[str]) -> Iterator[Row]:
    for row in rows:
        wanted.update(row[at] for at in columns if row[at] is not None)
        yield row


def _counting(rows: Iterator[Row], level: int, manifest: Manifest) -> Iterator[Row]:
    for row in rows:
        manifest.organisations += row[level] == "organisation"
        yield row


def _is_blob_key(table: str, column: str) -> bool:
    declared: Any = Table.metadata.tables.get(table)
    return declared is not None and column in declared.c and isinstance(declared.c[column].type, BlobKey)


async def _blob(writer: Writer, manifest: Manifest, blobs: Blobs, key: str, size: int) -> None:
    assert manifest.blobs is not None
    try:
        stream = await blobs.get(key)
    except NotFound:  # deleted since it was listed
        manifest.missing_blobs.append(key)
        return
    digest = hashlib.sha256()
    writer.begin(f"blobs/{key}", size)
    async for piece in stream:
        digest.update(piece)
        writer.write(piece)
    writer.end()
    manifest.blobs[key] = size, digest.hexdigest()


def _finish(writer: Writer, manifest: Manifest) -> None:
    writer.member(MANIFEST, json.dumps(asdict(manifest), ensure_ascii=False).encode())
    writer.close()


def _done(file: Path, made: Manifest) -> Done:
    return Done(
        file=str(file),
        size=file.stat().st_size,
        version=made.version,
        revision=made.revision,
        made_at=made.made_at,
        organisations=made.organisations,
        tables={name: table.rows for name, table in made.tables.items()},
        rows=made.rows,
        keys=len(made.keys),
        blobs=None if made.blobs is None else len(made.blobs),
        blob_bytes=made.blob_bytes,
        missing_blobs=made.missing_blobs,
    )


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("[!.]*") if file.is_file() and not file.is_symlink())


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """A file for us alone that has its name once the disk has all of it; another of that name goes then."""
    if file.is_dir():
        raise BackupUnfit(f"{file} is a folder")
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        sync_folder(file.absolute().parent)
    finally:
        draft.unlink(missing_ok=True)
