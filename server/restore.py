"""`restore FILE`: a backup becomes what this installation holds, or everything stays as it was.

All of the file is checked before anything is touched. The new database, the keys and the blobs are laid ready
beside the old ones; the last step puts them in place. A process that is killed before it leaves the old state;
one that is killed within it leaves the file `restoring`, and no server starts until the restore is repeated.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, Engine, text

from lms_core.access import service as access
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import Blobs, sync_folder
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Tx, sqlite_engine, step
from lms_core.kernel.ids import Ids

from . import migrate
from .backup import Say, say
from .backup_file import BackupUnfit, Manifest, Member, members, verify
from .backup_rows import Columns, Row, load_postgres, load_sqlite, source
from .disk import measure

_MB = 1024 * 1024
_OF_SQLITE = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Done:
    """What is here now. `revision`: of the schema, which may be newer than the backup's."""

    file: str
    made_at: str
    version: str
    revision: str
    organisations: int
    tables: dict[str, int]
    rows: int
    keys: int
    blobs: int | None
    missing_blobs: list[str]
    log_ins_kept: bool


@dataclass(frozen=True, slots=True)
class Target:
    """Where to: an engine on the database (whose file need not be there), blobs, and the data folder."""

    engine: Engine
    blobs: Blobs
    data: Path
    clock: Clock

    @property
    def keys(self) -> Path:
        return self.data / "keys"


async def restore(
    file: IO[bytes], target: Target, *, replace: bool = False, keep_log_ins: bool = False, tell: Say = say
) -> Done:
    """Raises BackupUnfit, and then nothing has changed; the file must be seekable."""
    manifest = verify(file)
    migrate.check_known(manifest.revision)
    if not replace and (full := await _full(target)):
        raise BackupUnfit(f"{full}; --replace puts the backup in its place")
    _check_space(manifest, target)
    tell(f"checked: {manifest.rows} rows, made {manifest.made_at} by version {manifest.version}")
    work = _Sqlite if target.engine.dialect.name == "sqlite" else _Postgres
    with work(target, keep_log_ins=keep_log_ins) as database:
        for kind, found in groupby(members(file), lambda member: member.kind):
            match kind:
                case "table":
                    database.load(manifest.revision, _tables(found, manifest, tell))
                case "key":
                    _lay_keys(target, found)
                case "blob":
                    await _put_blobs(target, found, tell)
                case _:
                    list(found)
        if not manifest.tables:
            database.load(manifest.revision, iter(()))
        database.finish()
        target.data.joinpath(migrate.MARK).touch()
        sync_folder(target.data)
        database.commit()
    _place_keys(target)
    if manifest.blobs is not None:
        await _drop_others(target, manifest)
    target.data.joinpath(migrate.MARK).unlink()
    return Done(
        file=getattr(file, "name", ""),
        made_at=manifest.made_at,
        version=manifest.version,
        revision=migrate.newest(),
        organisations=manifest.organisations,
        tables={name: table.rows for name, table in manifest.tables.items()},
        rows=manifest.rows,
        keys=len(manifest.keys),
        blobs=None if manifest.blobs is None else len(manifest.blobs),
        missing_blobs=manifest.missing_blobs,
        log_ins_kept=keep_log_ins,
    )


async def _full(target: Target) -> str | None:
    """Why the target is not empty."""
    if said := _local(target):
        return said
    async for key, _ in target.blobs.list():
        return f"there are blobs ({key})"
    return None


def _local(target: Target) -> str | None:
    if (target.data / migrate.MARK).exists():
        return "a restore was cut off here"
    if target.keys.exists() and any(target.keys.iterdir()):
        return f"{target.keys} is not empty"
    if target.engine.dialect.name == "sqlite" and not Path(str(target.engine.url.database)).exists():
        return None
    with source(target.engine) as view:
        for table, columns in view.tables().items():
            for _ in view.rows(table, columns):
                return "the database is not empty"
    return None


def _check_space(manifest: Manifest, target: Target) -> None:
    needed = manifest.blob_bytes + 3 * sum(table.size for table in manifest.tables.values())
    _, free = measure(target.data)
    if free < needed:
        raise BackupUnfit(f"it needs about {needed // _MB} MB, and {free // _MB} MB are free in {target.data}")


# --- The database


class _Sqlite:
    """A new file beside the old one, which it replaces at last."""

    def __init__(self, target: Target, *, keep_log_ins: bool) -> None:
        self._target, self._keep = target, keep_log_ins
        self._file = Path(str(target.engine.url.database))
        self._draft = self._file.with_name(f".{self._file.name}.restored")

    def __enter__(self) -> "_Sqlite":
        self._remove(self._draft)
        return self

    def __exit__(self, *_: object) -> None:
        self._remove(self._draft)

    def load(self, revision: str, tables: Iterator[tuple[str, Columns, Iterator[Row]]]) -> None:
        with _engine(self._draft) as engine:
            migrate.upgrade_to(engine, revision)
        load_sqlite(self._draft, tables)

    def finish(self) -> None:
        with _engine(self._draft) as engine:
            migrate.upgrade_to(engine, "head")
            with engine.begin() as connection:
                _after(connection, self._target.clock, keep_log_ins=self._keep)
            with engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        with self._draft.open("rb+") as whole:
            os.fsync(whole.fileno())
        self._target.engine.dispose()
        if self._file.exists():
            with closing(sqlite3.connect(self._file)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def commit(self) -> None:
        """The old write-ahead log, emptied before, belongs to the old file: with the new one it would be nonsense."""
        for suffix in _OF_SQLITE[1:]:
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        self._draft.replace(self._file)
        sync_folder(self._file.parent)

    def _remove(self, file: Path) -> None:
        for suffix in _OF_SQLITE:
            file.with_name(file.name + suffix).unlink(missing_ok=True)


class _Postgres:
    """One transaction: everything of ours is dropped, made anew and filled."""

    def __init__(self, target: Target, *, keep_log_ins: bool) -> None:
        self._target, self._keep = target, keep_log_ins
        self._connection: Connection = None  # type: ignore[assignment]

    def __enter__(self) -> "_Postgres":
        self._connection = self._target.engine.connect()
        others = self._connection.scalar(text(_OTHERS))
        if others:
            self._connection.close()
            raise BackupUnfit(f"{others} connections are open to the database: stop every server and worker first")
        self._connection.execute(text("SET LOCAL statement_timeout = 0"))
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def load(self, revision: str, tables: Iterator[tuple[str, Columns, Iterator[Row]]]) -> None:
        for statement in self._connection.scalars(text(_DROP)).all():
            self._connection.execute(text(statement))
        migrate.upgrade_on(self._connection, revision)
        try:
            load_postgres(self._connection.connection.driver_connection, tables)
        except Exception as no:
            if said := getattr(getattr(no, "diag", None), "message_primary", None):  # the database's, without rows
                raise BackupUnfit(f"the database refuses its rows: {said}") from None
            raise

    def finish(self) -> None:
        migrate.upgrade_on(self._connection, "head")
        _after(self._connection, self._target.clock, keep_log_ins=self._keep)

    def commit(self) -> None:
        self._connection.commit()


_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_DROP = """
SELECT format('DROP TABLE %s CASCADE', c.oid::regclass) FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT format('DROP FUNCTION %s CASCADE', p.oid::regprocedure) FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
"""Of what extensions brought nothing is touched."""


def _after(connection: Connection, clock: Clock, *, keep_log_ins: bool) -> None:
    """Who was logged out since the backup was made must not be in again: everybody logs in anew."""
    if keep_log_ins:
        return
    tx = Tx(connection, SYSTEM, clock.now(), Ids())
    step(access.end_every_login(tx))
    step(tx.flush())
    tx.end()


@contextmanager
def _engine(file: Path) -> Iterator[Engine]:
    engine = sqlite_engine(file)
    try:
        yield engine
    finally:
        engine.dispose()


def _tables(found: Iterator[Member], manifest: Manifest, tell: Say) -> Iterator[tuple[str, Columns, Iterator[Row]]]:
    for name, parts in groupby(found, lambda member: member.name):
        tell(f"{name}: {manifest.tables[name].rows} rows")
        yield name, manifest.tables[name].columns, _rows(parts, len(manifest.tables[name].columns), name)


def _rows(parts: Iterator[Member], width: int, table: str) -> Iterator[Row]:
    read = json.JSONDecoder().decode
    for part in parts:
        for line in part.read().decode().removesuffix("\n").split("\n"):
            row = read(line)
            if not isinstance(row, list) or len(row) != width:
                raise BackupUnfit(f"its table {table} is damaged")
            yield row


# --- Keys and blobs


def _laid(target: Target) -> Path:
    return target.data / ".keys.restored"


def _lay_keys(target: Target, found: Iterator[Member]) -> None:
    shutil.rmtree(_laid(target), ignore_errors=True)
    for member in found:
        file = _laid(target) / member.name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_bytes(member.read())


def _place_keys(target: Target) -> None:
    laid, old = _laid(target), target.data / ".keys.before"
    if not laid.exists():
        return
    laid.chmod(0o700)
    shutil.rmtree(old, ignore_errors=True)
    if target.keys.exists():
        target.keys.replace(old)
    laid.replace(target.keys)
    sync_folder(target.data)
    shutil.rmtree(old, ignore_errors=True)


async def _put_blobs(target: Target, found: Iterator[Member], tell: Say) -> None:
    for count, member in enumerate(found, 1):
        await target.blobs.put(member.name, _stream(member))
        if count % 1000 == 0:
            tell(f"blobs: {count}")


async def _stream(member: Member) -> AsyncIterator[bytes]:
    for piece in member.pieces():
        yield piece


async def _drop_others(target: Target, manifest: Manifest) -> None:
    """Blobs that are not in the backup belong to no row any more."""
    kept = manifest.blobs or {}
    for key in [key async for key, _ in target.blobs.list() if key not in kept]:
        await target.blobs.delete(key)
