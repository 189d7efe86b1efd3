"""Rows of a whole database out and in, in one encoding for SQLite and PostgreSQL.

Tables are taken as the database has them, not as this version declares them: so an older schema is read as well
as ours. A row is a list of plain values: bytes and ids as hex, moments as `2026-09-01 08:00:00.000000` (UTC), JSON
as its text, numbers, booleans and text as they are.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine

from .backup_file import BackupUnfit

Row = list[Any]
Columns = list[list[str]]
"""[name, kind] each."""
NOT_DATA = {"alembic_version"}
_KINDS = {
    "bytes": ("blob", "uuid", "bytea"),
    "moment": ("datetime", "timestamp with time zone"),
    "date": ("date",),
    "time": ("time", "time without time zone"),
    "json": ("json", "jsonb"),
    "bool": ("boolean",),
    "int": ("integer", "bigint", "smallint"),
    "float": ("float", "double", "real", "double precision"),
    "number": ("numeric",),
    "text": ("varchar", "text", "char", "character varying", "character"),
}
_KIND_OF = {declared: kind for kind, all_ in _KINDS.items() for declared in all_}


class Source(Protocol):
    """One unchanging view of a database."""

    revision: str | None

    def tables(self) -> dict[str, Columns]: ...
    def rows(self, table: str, columns: Columns) -> Iterator[Row]: ...


@contextmanager
def source(engine: Engine) -> Iterator[Source]:
    """A view as of now, also while others write: all they have committed before, nothing they commit later."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database), isolation_level=None, timeout=30)) as connection:
            connection.execute("PRAGMA query_only=ON")
            connection.execute("BEGIN")
            yield SqliteSource(connection)
    else:
        taken = engine.raw_connection()
        connection: Any = taken.driver_connection
        taken.detach()  # it is closed afterwards, not given to somebody else with our settings
        with closing(connection):
            connection.rollback()
            connection.autocommit = True
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute("SET LOCAL statement_timeout = 0")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield PostgresSource(connection)


def _kind(table: str, column: str, declared: str) -> str:
    kind = _KIND_OF.get(declared.lower().partition("(")[0].strip())
    if kind is None:
        raise BackupUnfit(f"the column {table}.{column} is of a kind that backups do not know: {declared}")
    return kind


# --- SQLite


class SqliteSource:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        known = self._names()  # the first read fixes the view
        self.revision = _revision(connection) if "alembic_version" in known else None
        self._known = sorted(known - NOT_DATA)

    def tables(self) -> dict[str, Columns]:
        return {name: sqlite_columns(self._connection, name) for name in self._known}

    def rows(self, table: str, columns: Columns) -> Iterator[Row]:
        cursor = self._connection.execute(f"SELECT {_names(columns)} FROM {_quoted(table)}")  # noqa: S608
        yield from _changed(cursor, [_FROM_SQLITE.get(kind) for _, kind in columns])

    def _names(self) -> set[str]:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        return {name for (name,) in self._connection.execute(query)}


_FROM_SQLITE: dict[str, Callable[[Any], Any]] = {
    "bytes": bytes.hex,
    "bool": bool,
    "json": lambda value: value if isinstance(value, str) else repr(value),  # a bare number loses its quotes
    "number": str,
}


def sqlite_columns(connection: sqlite3.Connection, table: str) -> Columns:
    found = connection.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    return [[name, _kind(table, name, declared)] for _, name, declared, *_ in found]


def load_sqlite(file: Path, tables: Iterable[tuple[str, Columns, Iterator[Row]]]) -> None:
    """Fill the empty tables of a file that nobody else has open. Raises BackupUnfit."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for setting in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=MEMORY"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute("BEGIN")
        for table, columns, rows in tables:
            _check_columns(table, columns, sqlite_columns(connection, table))
            marks = ", ".join("?" * len(columns))
            into = [_TO_SQLITE.get(kind) for _, kind in columns]
            statement = f"INSERT INTO {_quoted(table)} ({_names(columns)}) VALUES ({marks})"  # noqa: S608
            try:
                connection.executemany(statement, _changed(rows, into))
            except sqlite3.IntegrityError as no:
                raise BackupUnfit(f"rows of its table {table} contradict each other ({no})") from None
        if broken := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise BackupUnfit(f"a row of its table {broken[0]} refers to one of {broken[2]} that is not there")
        connection.execute("COMMIT")


_TO_SQLITE: dict[str, Callable[[Any], Any]] = {"bytes": bytes.fromhex, "bool": int}


# --- PostgreSQL


class PostgresSource:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        known = _postgres_columns(connection)  # the first read fixes the view
        self.revision = _revision(connection) if "alembic_version" in known else None
        self._known = {name: columns for name, columns in known.items() if name not in NOT_DATA}

    def tables(self) -> dict[str, Columns]:
        return {name: [column[:2] for column in columns] for name, columns in self._known.items()}

    def rows(self, table: str, columns: Columns) -> Iterator[Row]:
        declared = {name: kind for name, _, kind in self._known[table]}
        wanted = ", ".join(_SAID.get(declared[name], "{}::text").format(_quoted(name)) for name, _ in columns)
        out = [_FROM_POSTGRES.get(kind) for _, kind in columns]
        statement = f"COPY (SELECT {wanted} FROM {_quoted(table)}) TO STDOUT"  # noqa: S608
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            yield from _changed(copy.rows(), out)


_SAID = {
    "uuid": "replace({}::text, '-', '')",
    "bytea": "encode({}, 'hex')",
    "timestamp with time zone": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
    "time without time zone": "to_char({}, 'HH24:MI:SS.US')",
}
_FROM_POSTGRES: dict[str, Callable[[str], Any]] = {"bool": lambda said: said[0] == "t", "int": int, "float": float}


def _postgres_columns(connection: Any) -> dict[str, list[list[str]]]:
    """[name, kind, type] of each column of each table."""
    found: dict[str, list[list[str]]] = {}
    query = (
        "SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables "
        "USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' "
        "ORDER BY table_name, ordinal_position"
    )
    for table, name, declared in connection.execute(query).fetchall():
        found.setdefault(table, []).append([name, _kind(table, name, declared), declared])
    return found


def load_postgres(connection: Any, tables: Iterable[tuple[str, Columns, Iterator[Row]]]) -> None:
    """Fill empty tables within the connection's transaction. Raises BackupUnfit.

    The tables may come in any order: what they refer to is checked when all are there.
    """
    known = _postgres_columns(connection)
    links = _dropped_links(connection)
    for table, columns, rows in tables:
        here = known.get(table, [])
        _check_columns(table, columns, [column[:2] for column in here])
        declared = {name: kind for name, _, kind in here}
        into = [_TO_POSTGRES.get(declared[name], str) for name, _ in columns]
        statement = f"COPY {_quoted(table)} ({_names(columns)}) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in _changed(rows, into):
                copy.write_row(row)
    for statement in links:
        connection.execute(statement)


_TO_POSTGRES: dict[str, Callable[[Any], str]] = {
    "bytea": lambda value: f"\\x{value}",
    "boolean": lambda value: "t" if value else "f",
    "timestamp with time zone": lambda value: f"{value}+00",
    "real": repr,
    "double precision": repr,
}


def _dropped_links(connection: Any) -> list[str]:
    """Take the foreign keys off; the statements that put them on again."""
    query = (
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
    )
    again = []
    for table, name, rule in connection.execute(query).fetchall():
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {rule}")
    return again


# --- Both


def _changed(rows: Iterable[Any], changes: Sequence[Callable[[Any], Any] | None]) -> Iterator[Row]:
    wanted = [(at, change) for at, change in enumerate(changes) if change]
    for values in rows:
        row = list(values)
        for at, change in wanted:
            if row[at] is not None:
                row[at] = change(row[at])
        yield row


def _check_columns(table: str, written: Columns, here: Columns) -> None:
    if sorted(map(tuple, written)) != sorted(map(tuple, here)):
        raise BackupUnfit(f"its table {table} has other columns than this version knows at that schema")


def _revision(connection: Any) -> str | None:
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return found and found[0]


def _names(columns: Columns) -> str:
    return ", ".join(_quoted(name) for name, _ in columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
