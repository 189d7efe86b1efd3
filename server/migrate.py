"""Brings a database to the newest schema, and keeps what was there before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from . import backup

log = structlog.get_logger(__name__)

_LOCK = 0x5AB4_0001
"""Any number that no other program on the same database takes."""
FOLDER = Path(__file__).parent / "migrations"


MARK = "restoring"
"""A file in the data folder while a restore puts things in place."""


class CannotStart(Exception):
    """Nothing may use this database as it is; the message says why in one line."""


class SchemaNewer(CannotStart):
    """The database was changed by a newer version."""


def prepare(engine: Engine, data: Path, now: datetime) -> bool:
    """Upgrade what a server is about to use, with a backup of it first; whether anything was done.

    Raises CannotStart, also when the backup cannot be written: then nothing has changed.
    """
    check_whole(data)
    here = revision(engine)
    if here == newest():
        return False
    if here is not None:
        check_known(here)
        with _one_at_a_time(engine):
            if revision(engine) == here:
                _back_up(engine, data, here, now)
    return upgrade(engine)


def check_whole(data: Path) -> None:
    """Raises CannotStart after a restore that was cut off while it put things in place."""
    if (data / MARK).exists():
        raise CannotStart(f"a restore of {data} was cut off: repeat it with --replace")


def _back_up(engine: Engine, data: Path, here: str, now: datetime) -> None:
    try:
        file = backup.before_migration(engine, data, here, now)
    except (backup.BackupUnfit, OSError) as no:
        raise CannotStart(f"no backup could be made before the upgrade: {no}") from no
    log.info("backed_up_before_upgrade", file=str(file), schema=here)


def upgrade(engine: Engine) -> bool:
    """Run what is missing; whether anything was. Costs nothing when the schema is new enough."""
    with _one_at_a_time(engine):
        if revision(engine) == newest():
            return False
        upgrade_to(engine, "head")
    return True


def upgrade_to(engine: Engine, target: str) -> None:
    """All of it or nothing."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="READ COMMITTED")  # it may wait for others' commands
    with engine.connect() as connection, _tables_may_be_replaced(connection), connection.begin():
        upgrade_on(connection, target)
        if engine.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            assert broken is None, f"the upgrade broke a reference of {broken[0]} to {broken[2]}"


@contextmanager
def _tables_may_be_replaced(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making another in its place, which what refers to it must bear meanwhile."""
    raw = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or raw is None:
        yield
        return
    raw.execute("PRAGMA foreign_keys=OFF")  # does nothing within a transaction
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def upgrade_on(connection: Connection, target: str) -> None:
    """Within the connection's transaction. It may take long, and wait for whoever holds a table."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, target)


@contextmanager
def _one_at_a_time(engine: Engine) -> Iterator[None]:
    """Several servers may start at once on one PostgreSQL: the others wait, and find the work done."""
    if engine.dialect.name == "sqlite":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for limit in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"SET {limit} = 0"))
        connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
        try:
            yield
        finally:
            connection.execute(text(f"SELECT pg_advisory_unlock({_LOCK})"))
            connection.invalidate()  # its settings are not for others


def revision(engine: Engine) -> str | None:
    """Of the schema that is there; None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str:
    """The schema that this version works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head
    return head


def check_known(of: str) -> None:
    """Raises SchemaNewer for a schema that this version has never heard of."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if of not in known:
        raise SchemaNewer(
            f"the database has the schema {of} of a newer Sabaq: install that version, or restore a backup"
        )


def write(engine: Engine, message: str) -> None:
    """Write a new migration: the difference between the tables as declared and the database (developers)."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, autogenerate=True)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return config
