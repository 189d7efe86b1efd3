"""A backup holds everything, on either database, and a restore gives it back, whole or not at all."""

import asyncio
import gzip
import io
import json
import os
import random
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import postgres_engine, sqlite_engine
from lms_core.kernel.errors import NotFound
from server import backup, migrate
from server.backup_file import BackupUnfit
from server.backup_rows import source
from server.disk import EndlessSpace
from server.restore import Target, restore
from tests.support.postgres import a_database
from tests.support.versions import lay

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)
KEY = "unit_1/material/file_1"
DATABASES = ("sqlite", "postgresql")


@dataclass
class Place:
    """One installation: a data folder, and a database that is in it or not."""

    target: Target

    @property
    def engine(self) -> Engine:
        return self.target.engine

    @property
    def data(self) -> Path:
        return self.target.data

    def rows(self) -> dict[str, list[Any]]:
        """Everything, in the encoding of backups, in one order; JSON compared by what it says."""
        with source(self.engine) as view:
            return {
                table: sorted(
                    (
                        [json.loads(v) if k == "json" and v else v for v, (_, k) in zip(row, columns, strict=True)]
                        for row in view.rows(table, columns)
                    ),
                    key=repr,
                )
                for table, columns in view.tables().items()
            }

    def backs_up(self, file: Path) -> backup.Done:
        work = backup.write(self.engine, self.target.blobs, self.data / "keys", file, NOW, lambda _: None)
        return asyncio.run(work)

    def restores(self, file: Path, **options: bool) -> None:
        with file.open("rb") as opened:
            asyncio.run(restore(opened, self.target, tell=lambda _: None, **options))

    def blobs(self) -> dict[str, bytes]:
        folder = self.data / "blobs"
        return {
            file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("[!.]*") if file.is_file()
        }

    def keys(self) -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in (self.data / "keys").glob("*")}


@contextmanager
def a_place(kind: str, data: Path) -> Iterator[Place]:
    data.mkdir(parents=True, exist_ok=True)
    with a_database() as url:
        engine = sqlite_engine(data / "sabaq.sqlite") if kind == "sqlite" else postgres_engine(url)
        yield Place(Target(engine, FolderBlobs(data / "blobs", EndlessSpace()), data, ManualClock(NOW)))
        engine.dispose()


@contextmanager
def a_school(kind: str, data: Path) -> Iterator[Place]:
    """With the data of the last version, blobs and keys, on the newest schema."""
    with a_place(kind, data) as place:
        (data / "old").write_bytes(_old())
        place.restores(data / "old", keep_log_ins=True)
        (data / "old").unlink()
        (data / "keys").mkdir()
        (data / "keys" / "grants").write_bytes(b"k" * 32)
        asyncio.run(_put(place, {KEY: os.urandom(3_000_000), "unit_1/photo/empty": b""}))
        yield place


@cache
def _old() -> bytes:
    """A backup of the last version's data, on the newest schema."""
    with TemporaryDirectory() as folder, a_place("sqlite", Path(folder)) as old:
        lay("0.1.0", old.data)
        migrate.upgrade(old.engine)
        old.backs_up(old.data / "file")
        return (old.data / "file").read_bytes()


async def _put(place: Place, blobs: dict[str, bytes]) -> None:
    for key, content in blobs.items():
        await place.target.blobs.put(key, content)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a backup"


@pytest.mark.req("S234-5.3", "S503-11")
@pytest.mark.parametrize("there", DATABASES)
@pytest.mark.parametrize("here", DATABASES)
def test_everything_comes_back_on_either_database(tmp_path: Path, file: Path, here: str, there: str) -> None:
    with a_school(here, tmp_path / "a") as school, a_place(there, tmp_path / "b") as other:
        done = school.backs_up(file)
        other.restores(file, keep_log_ins=True)
        assert other.rows() == school.rows()
        assert other.blobs() == school.blobs()
        assert other.keys() == school.keys()
        assert migrate.revision(other.engine) == migrate.newest()
        assert done.rows == sum(map(len, school.rows().values())) > 1000
        assert (done.organisations, done.keys, done.blobs) == (2, 1, 2)
        assert other.data.joinpath("keys").stat().st_mode & 0o777 == 0o700
        other.backs_up(file)  # and again from there
    with a_place("sqlite", tmp_path / "c") as third:
        third.restores(file)
        assert third.rows().keys() == school_tables(third)


def school_tables(place: Place) -> set[str]:
    return set(inspect(place.engine).get_table_names()) - {"alembic_version"}


@pytest.mark.parametrize("kind", DATABASES)
def test_every_kind_of_value_survives(tmp_path: Path, file: Path, kind: str) -> None:
    odd = 'line\nbreak\t"quotes" \\N \\. \\x00 ә 👍 \u2028 ,;'
    with a_school("sqlite", tmp_path / "a") as school, a_place(kind, tmp_path / "b") as other:
        with school.engine.begin() as connection:
            connection.execute(text("UPDATE messages SET text = :odd"), {"odd": odd})
            connection.execute(text("UPDATE jobs SET args = :args"), {"args": json.dumps({"a": [1.5, None, odd]})})
            connection.execute(text("UPDATE lessons SET opened_at = '2026-01-01 00:00:00.000001'"))
        school.backs_up(file)
        other.restores(file, keep_log_ins=True)
        assert other.rows() == school.rows()
        other.backs_up(file)
        with a_place("sqlite", tmp_path / "c") as third:
            third.restores(file, keep_log_ins=True)
            assert third.rows() == school.rows()
            with third.engine.connect() as connection:
                assert connection.scalar(text("SELECT text FROM messages")) == odd


def test_the_file_has_its_name_and_is_ours_alone(tmp_path: Path) -> None:
    file = tmp_path / "no-ending"
    file.write_text("the one before")
    with a_school("sqlite", tmp_path / "a") as school:
        done = school.backs_up(file)
        assert (done.file, done.size) == (str(file), file.stat().st_size)
        assert file.stat().st_mode & 0o777 == 0o600
        with tarfile.open(file) as opened:
            assert opened.getnames()[0] == "sabaq-backup.json"
        assert sorted(found.name for found in tmp_path.iterdir()) == ["a", "no-ending"]
        with pytest.raises(BackupUnfit, match="folder"):
            school.backs_up(tmp_path)
        with pytest.raises(FileNotFoundError):
            school.backs_up(tmp_path / "nowhere" / "file")


def test_what_cannot_be_finished_leaves_the_one_before(tmp_path: Path, file: Path) -> None:
    file.write_text("the one before")

    class Broken(FolderBlobs):
        async def get(self, key: str, start: int = 0, end: int | None = None) -> Any:
            raise OSError(28, "No space left on device")

    with a_school("sqlite", tmp_path / "a") as school:
        school.target = replace(school.target, blobs=Broken(school.data / "blobs", EndlessSpace()))
        with pytest.raises(OSError, match="No space"):
            school.backs_up(file)
    assert file.read_text() == "the one before"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a", "a backup"]


def test_blobs_that_vanish_meanwhile_are_left_out(tmp_path: Path, file: Path) -> None:
    class Vanishing(FolderBlobs):
        async def get(self, key: str, start: int = 0, end: int | None = None) -> Any:
            if key == KEY:
                raise NotFound(kind="blob")
            return await super().get(key, start, end)

    with a_school("sqlite", tmp_path / "a") as school, a_place("sqlite", tmp_path / "b") as other:
        school.target = replace(school.target, blobs=Vanishing(school.data / "blobs", EndlessSpace()))
        assert school.backs_up(file).blobs == 1
        other.restores(file)
        assert other.blobs() == {"unit_1/photo/empty": b""}


@pytest.mark.parametrize("kind", DATABASES)
def test_only_an_empty_place_takes_a_backup_unasked(tmp_path: Path, file: Path, kind: str) -> None:
    with a_school("sqlite", tmp_path / "a") as school, a_school(kind, tmp_path / "b") as other:
        school.backs_up(file)
        with other.engine.begin() as connection:
            connection.execute(text("DELETE FROM messages"))
        asyncio.run(_put(other, {"unit_1/photo/of-later": b"x"}))
        before = other.rows(), other.blobs()
        with pytest.raises(BackupUnfit, match="--replace"):
            other.restores(file)
        assert (other.rows(), other.blobs()) == before
        other.restores(file, replace=True, keep_log_ins=True)
        assert (other.rows(), other.blobs()) == (school.rows(), school.blobs())


@pytest.mark.parametrize("kind", DATABASES)
def test_everybody_logs_in_anew(tmp_path: Path, file: Path, kind: str) -> None:
    """Who was logged out after the backup, because a cookie was stolen, must not be in again."""
    with a_school(kind, tmp_path / "a") as school, a_place(kind, tmp_path / "b") as other:
        school.backs_up(file)
        other.restores(file)
        with school.engine.connect() as was, other.engine.connect() as now:
            count = text("SELECT count(*) FROM logins WHERE ended IS NULL")
            assert (was.scalar(count), now.scalar(count)) == (3, 0)
            assert now.scalar(text("SELECT count(*) FROM accounts WHERE cut_at IS NULL")) == 0


def test_a_postgresql_that_others_use_is_left_alone(tmp_path: Path, file: Path) -> None:
    with a_school("sqlite", tmp_path / "a") as school, a_school("postgresql", tmp_path / "b") as other:
        school.backs_up(file)
        server = create_engine(other.engine.url)
        other.engine.dispose()
        with server.connect(), pytest.raises(BackupUnfit, match="stop every server"):
            other.restores(file, replace=True)
        server.dispose()


# --- Files that are no backups


def _again(file: Path, change: Callable[[tarfile.TarInfo, bytes], bytes | None], *more: tarfile.TarInfo) -> None:
    """The same tar with changed members; None leaves one out."""
    with tarfile.open(file) as old:
        members = [(info, old.extractfile(info).read()) for info in old]  # type: ignore[union-attr]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as new:
        for info in more:
            new.addfile(info)
        for info, content in members:
            changed = change(info, content)
            if changed is not None:
                info.size = len(changed)
                new.addfile(info, io.BytesIO(changed))
    file.write_bytes(out.getvalue())


def _same(_: tarfile.TarInfo, content: bytes) -> bytes:
    return content


def _in_manifest(**changes: Any) -> Callable[[Path], None]:
    def change(info: tarfile.TarInfo, content: bytes) -> bytes:
        if info.name != "manifest.json":
            return content
        return json.dumps(json.loads(content) | changes).encode()

    return lambda file: _again(file, change)


def _special(name: str, kind: bytes, to: str = "") -> Callable[[Path], None]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return lambda file: _again(file, _same, info)


def _in(part: str, change: Callable[[bytes], bytes | None]) -> Callable[[Path], None]:
    return lambda file: _again(file, lambda info, content: change(content) if part in info.name else content)


BROKEN: dict[str, Callable[[Path], Any]] = {
    "empty": lambda file: file.write_bytes(b""),
    "rubbish": lambda file: file.write_bytes(os.urandom(5000)),
    "gzipped rubbish": lambda file: file.write_bytes(gzip.compress(os.urandom(5000))),
    "another tar": lambda file: _again(file, lambda info, content: None, tarfile.TarInfo("hello.txt")),
    "cut off": lambda file: os.truncate(file, file.stat().st_size // 2),
    "its last bytes cut off": lambda file: os.truncate(file, file.stat().st_size - 3),
    "something behind it": lambda file: file.write_bytes(file.read_bytes() + b"x" * 600),
    "a bit changed": lambda file: file.write_bytes(
        file.read_bytes()[:20000] + bytes([file.read_bytes()[20000] ^ 4]) + file.read_bytes()[20001:]
    ),
    "a row changed": _in("tables/persons/", lambda rows: rows.replace(b"kk", b"ru", 1)),
    "a row missing": _in("tables/persons/", lambda rows: rows.partition(b"\n")[2]),
    "a table missing": _in("tables/persons/", lambda _: None),
    "a key changed": _in("keys/", lambda _: b"z" * 32),
    "a key missing": _in("keys/", lambda _: None),
    "a blob changed": _in("file_1", lambda content: content[:-1] + b"!"),
    "a blob missing": _in("file_1", lambda _: None),
    "no manifest": _in("manifest", lambda _: None),
    "a manifest of rubbish": _in("manifest", lambda _: b"[1]"),
    "no header": _in("sabaq-backup", lambda _: None),
    "of a newer format": _in("sabaq-backup", lambda _: b'{"format": 2, "version": "9.0"}'),
    "of a newer schema": _in_manifest(revision="ffffffffffff"),
    "no such schema": _in_manifest(revision="head"),
    "out of its place": _special("blobs/../../../tmp/evil", tarfile.REGTYPE),
    "an absolute name": _special("/tmp/evil", tarfile.REGTYPE),
    "a hidden key": _special("keys/.ssh/authorized_keys", tarfile.REGTYPE),
    "a link": _special("keys/grants", tarfile.SYMTYPE, "/etc/passwd"),
    "a hard link": _special("blobs/x", tarfile.LNKTYPE, "/etc/passwd"),
    "a device": _special("blobs/x", tarfile.CHRTYPE),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("whole")
    with a_school("sqlite", folder / "a") as school:
        school.backs_up(folder / "file")
    return (folder / "file").read_bytes()


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_not_whole_changes_nothing(tmp_path: Path, file: Path, whole: bytes, how: str) -> None:
    file.write_bytes(whole)
    BROKEN[how](file)
    (tmp_path / "b" / "keys").mkdir(parents=True)
    (tmp_path / "b" / "keys" / "grants").write_bytes(b"mine")
    with a_place("sqlite", tmp_path / "b") as other:
        with pytest.raises((BackupUnfit, migrate.SchemaNewer)) as no:
            other.restores(file, replace=True)
        assert "\n" not in str(no.value)
        assert other.keys() == {"grants": b"mine"}
        assert [found.name for found in other.data.iterdir()] == ["keys"]


def test_any_damage_is_seen(tmp_path: Path, file: Path, whole: bytes) -> None:
    chance = random.Random(1)
    with a_place("sqlite", tmp_path / "b") as other:
        for _ in range(20):
            at = chance.randrange(10, len(whole))
            file.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << chance.randrange(8))]) + whole[at + 1 :])
            with pytest.raises(BackupUnfit):
                other.restores(file)


@pytest.mark.parametrize("kind", DATABASES)
def test_rows_that_contradict_each_other_change_nothing(tmp_path: Path, file: Path, kind: str) -> None:
    """A forged file whose hashes are right: the database's own rules still hold."""
    with a_school("sqlite", tmp_path / "a") as school:
        with school.engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
            connection.execute(text("DELETE FROM accounts"))
            connection.commit()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
        school.backs_up(file)
    with a_school(kind, tmp_path / "b") as other:
        before = other.rows(), other.blobs(), other.keys()
        with pytest.raises(BackupUnfit):
            other.restores(file, replace=True)
        assert (other.rows(), other.blobs(), other.keys()) == before
