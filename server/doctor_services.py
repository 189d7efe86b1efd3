"""What `doctor` asks of others: database, Redis, blobs, mail, relay."""

import asyncio
import secrets
import smtplib
import socket
import sqlite3
import ssl
from collections.abc import Callable
from contextlib import closing
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lms_core.kernel.blobs import Blobs
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import postgres_engine

from . import migrate
from .config import Settings, SettingsError
from .disk import EndlessSpace
from .doctor import Check, bad, warn
from .fanout import open_redis
from .s3 import open_blobs

PATIENCE = 5.0
POSTGRES_FROM, SQLITE_FROM, REDIS_FROM = 130000, (3, 35), (6, 2)
CLOCKS_APART = 2.0
"""Seconds by which the database's clock may differ before logs and deadlines confuse people."""
_MAGIC = bytes.fromhex("2112a442")


def database(settings: Settings, clock: Clock) -> str:
    return _postgres(settings, clock) if settings.database_url else _sqlite(settings)


def redis(settings: Settings, _: Clock) -> str:
    if not settings.redis_url:
        if settings.database_url:
            raise warn("no redis_url: with several processes events take up to a second, and limits count for each")
        return "not needed with one process"

    async def ask() -> dict[str, Any]:
        async with open_redis(settings.redis_url, PATIENCE) as connection:
            return await connection.info()

    try:
        told = asyncio.run(ask())
    except Exception as no:
        raise bad(
            f"Redis does not answer ({type(no).__name__}): look at redis_url, its password and firewall"
        ) from None
    version, policy = str(told["redis_version"]), told.get("maxmemory_policy", "noeviction")
    if tuple(map(int, version.split(".")[:2])) < REDIS_FROM:
        raise bad(f"Redis {version} is too old: install 6.2 or newer")
    if policy != "noeviction":
        raise warn(f"Redis {version} may forget what waits ({policy}): set maxmemory-policy noeviction")
    return f"Redis {version} answers"


def blobs(settings: Settings, _: Clock) -> str:
    try:
        store = open_blobs(settings, EndlessSpace())
        asyncio.run(_tried(store))
    except SettingsError as no:
        raise bad(str(no)) from None
    except Exception as no:
        raise bad(f"files cannot be kept ({type(no).__name__}): look at blob_url and who may write there") from None
    return "a file was written, read and removed"


def mail(settings: Settings, _: Clock) -> str:
    smtp = settings.smtp
    if smtp is None:
        return "not set: forgotten passwords are replaced by teachers and administrators"
    try:
        make = smtplib.SMTP_SSL if smtp.security == "tls" else smtplib.SMTP
        with make(smtp.host, smtp.port, timeout=PATIENCE) as connection:
            if smtp.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if smtp.user:
                connection.login(smtp.user, smtp.password)
            connection.ehlo()
    except (OSError, smtplib.SMTPException) as no:
        raise bad(f"{smtp.host}:{smtp.port} takes no mail from us ({type(no).__name__}): look at smtp") from None
    return f"{smtp.host}:{smtp.port} takes mail from us"


def relay(settings: Settings, _: Clock) -> str:
    if settings.turn is None:
        raise warn("no TURN relay: from networks that let only web pages through, calls do not pass")
    silent = [url for url in settings.turn.urls if not _stun(url)]
    if silent:
        raise bad(f"no answer from {', '.join(silent)}: does coturn run there, and does the firewall let us through?")
    return f"{len(settings.turn.urls)} addresses answer"


CHECKS: dict[str, Check] = {"database": database, "redis": redis, "blobs": blobs, "mail": mail, "relay": relay}


# --- The database


def _sqlite(settings: Settings) -> str:
    if sqlite3.sqlite_version_info < SQLITE_FROM:
        raise bad(f"SQLite {sqlite3.sqlite_version} is too old: install 3.35 or newer")
    file = settings.data / "sabaq.sqlite"
    if not file.exists():
        raise warn("there is no database yet: it is made at the first start")
    with closing(sqlite3.connect(file, timeout=PATIENCE)) as connection:
        connection.execute("PRAGMA query_only=ON")
        if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise bad("the database file is damaged: restore the last backup")
        _check_schema(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    return f"SQLite {sqlite3.sqlite_version}, whole, on the newest schema"


def _postgres(settings: Settings, clock: Clock) -> str:
    engine = postgres_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            ask: Callable[[str], Any] = lambda query: connection.scalar(text(query))  # noqa: E731
            number, version = int(ask("SHOW server_version_num")), ask("SHOW server_version")
            if number < POSTGRES_FROM:
                raise bad(f"PostgreSQL {version} is too old: install 13 or newer")
            if ask("SHOW server_encoding") != "UTF8":
                raise bad("the database is not UTF8: make it anew with ENCODING 'UTF8'")
            if not ask("SELECT count(*) FROM pg_collation WHERE collname = 'kk-x-icu'"):
                raise warn("this PostgreSQL was built without ICU: Kazakh names are sorted wrongly")
            apart = abs((ask("SELECT clock_timestamp()") - clock.now()).total_seconds())
            if apart > CLOCKS_APART:
                raise warn(f"the database's clock is {apart:.0f} s away from ours: let both follow NTP")
            known = ask("SELECT to_regclass('alembic_version')")
            if known is None:
                raise warn("the database is empty: its tables are made at the first start")
            _check_schema(ask("SELECT version_num FROM alembic_version"))
    except OperationalError:
        raise bad("the database does not answer: look at database_url, its password and pg_hba.conf") from None
    finally:
        engine.dispose()
    return f"PostgreSQL {version} on the newest schema"


def _check_schema(here: str) -> None:
    if here == migrate.newest():
        return
    try:
        migrate.check_known(here)
    except migrate.SchemaNewer as no:
        raise bad(str(no)) from None
    raise warn("its schema is older: it is backed up and upgraded at the next start")


# --- Others


async def _tried(store: Blobs) -> None:
    key, content = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(1024)
    await store.put(key, content)
    try:
        if b"".join([piece async for piece in await store.get(key)]) != content:
            raise ValueError
    finally:
        await store.delete(key)


def _stun(url: str) -> bool:
    """Whether a STUN binding request (RFC 8489 §6) is answered at a `turn:` or `turns:` address."""
    kind, _, rest = url.partition(":")
    place, _, options = rest.partition("?")
    host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
    number = int(port or (5349 if kind == "turns" else 3478))
    transaction = secrets.token_bytes(12)
    request = bytes.fromhex("00010000") + _MAGIC + transaction
    try:
        if kind == "turn" and "transport=tcp" not in options:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
                wire.settimeout(PATIENCE / 2)
                wire.sendto(request, (host, number))
                return wire.recv(1500)[8:20] == transaction
        with socket.create_connection((host, number), timeout=PATIENCE) as wire:
            if kind != "turns":
                wire.sendall(request)
                return wire.recv(1500)[8:20] == transaction
            with ssl.create_default_context().wrap_socket(wire, server_hostname=host) as sealed:
                sealed.sendall(request)
                return sealed.recv(1500)[8:20] == transaction
    except OSError:
        return False
