"""A backup made while a school works, put into a new place and compared: nothing acknowledged before is lost."""

import asyncio
import hashlib
import json
import os
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.db import postgres_engine, sqlite_engine
from lms_core.kernel.ids import id_to_int
from server.backup_rows import source
from server.disk import EndlessSpace
from tests.support.postgres import a_database
from tests.support.running import ROOT, Caller, Running, running

WRITERS = ("teacher", "student1", "student2")
MANY = 40


@dataclass
class Written:
    """What was acknowledged: ids of messages and people, and hashes of files."""

    messages: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    blobs: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Written":
        return Written(self.messages.copy(), self.people.copy(), self.blobs.copy())

    def enough(self) -> bool:
        return len(self.messages) >= MANY and len(self.people) >= 5 and len(self.blobs) >= 5


@dataclass(frozen=True, slots=True)
class Place:
    """A data folder, and the URL of its database when that is not in it."""

    data: Path
    url: str

    @property
    def environ(self) -> dict[str, str]:
        return {"SABAQ_DATABASE_URL": self.url} if self.url else {}

    def verb(self, *words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "server", *words, "--json", "--data", str(self.data)]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | self.environ, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    def rows(self) -> dict[str, dict[str, Any]]:
        """By table, rows by their hash; each as a dict."""
        engine = postgres_engine(self.url) if self.url else sqlite_engine(self.data / "sabaq.sqlite")
        with source(engine) as view:
            found = {
                table: {
                    _hash(row): dict(zip((name for name, _ in columns), row, strict=True))
                    for row in view.rows(table, columns)
                }
                for table, columns in view.tables().items()
            }
        engine.dispose()
        return found

    def blobs(self) -> dict[str, str]:
        folder = self.data / "blobs"
        files = (file for file in folder.rglob("[!.]*") if file.is_file())
        return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _hash(row: Any) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


@contextmanager
def places(kind: str, folder: Path) -> Iterator[tuple[Place, Place]]:
    """Two: one to work in, an empty one to restore into."""
    if kind == "sqlite":
        yield Place(folder / "a", ""), Place(folder / "b", "")
        return
    with a_database() as one, a_database() as other:
        yield Place(folder / "a", one), Place(folder / "b", other)


@pytest.mark.req("S234-5.3", "S503-11")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_before_is_in_a_backup_made_under_load(tmp_path: Path, kind: str) -> None:
    file = str(tmp_path / "made under load")
    with places(kind, tmp_path) as (here, there):
        with running(here.data, planes=1, environ=here.environ) as server:
            before, told, after = asyncio.run(_backed_up_while_people_write(server, here, file))
        assert (told["file"], told["missing_blobs"]) == (file, [])
        assert len(before.messages) < len(after.messages), "nobody wrote meanwhile"
        assert len(before.people) < len(after.people), "nobody was added meanwhile"
        again = there.verb("restore", file, "--keep-log-ins")
        assert (again["tables"], again["missing_blobs"]) == (told["tables"], [])
        _compare(before, after, here, there, told)
        server = Running(there.data, planes=1, environ=there.environ)
        server.start()
        try:
            asyncio.run(_logs_in(server))
        finally:
            server.kill()


def _compare(before: Written, after: Written, here: Place, there: Place, told: dict[str, Any]) -> None:
    was, now = here.rows(), there.rows()
    assert {table: len(rows) for table, rows in now.items()} == told["tables"]
    for table in ("messages", "persons", "accounts", "lessons", "courses", "role_assignments", "enrolments", "units"):
        assert now[table].keys() <= was[table].keys(), f"{table} holds a row that nobody wrote so"
    messages = {row["id"] for row in now["messages"].values()}
    people = {row["id"] for row in now["persons"].values()}
    assert _raw(before.messages) <= messages
    assert _raw(before.people) <= people
    for table, column in (("accounts", "person_id"), ("role_assignments", "person_id"), ("messages", "author_id")):
        assert {row[column] for row in now[table].values()} <= people, f"{table} without a person"
    with_account = {row["person_id"] for row in now["accounts"].values()}
    assert _raw(before.people) <= with_account, "a person of the roll came without the account made with them"
    if not there.url:  # PostgreSQL looks while it takes rows in
        with closing(sqlite3.connect(there.data / "sabaq.sqlite")) as connection:
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert before.blobs.items() <= there.blobs().items() <= here.blobs().items()


def _raw(ids: list[str]) -> set[str]:
    """As a backup writes them."""
    return {f"{id_to_int(one.partition('_')[0], one):032x}" for one in ids}


async def _backed_up_while_people_write(
    server: Running, place: Place, file: str
) -> tuple[Written, dict[str, Any], Written]:
    """What was acknowledged before the backup began, what it told, and what was acknowledged when it ended."""
    written, stop, many = Written(), asyncio.Event(), asyncio.Event()
    blobs = FolderBlobs(place.data / "blobs", EndlessSpace())
    async with aiohttp.ClientSession() as http:
        people = [await Caller(server, http).log_in(name) for name in WRITERS]
        admin = await Caller(server, http).log_in("admin")
        organisation = (await admin("GET", "/api/me"))["roles"][0]["organisation_id"]
        lesson = (await people[0]("GET", "/api/lessons"))["items"][0]
        room = (await people[0]("POST", f"/api/lessons/{lesson['id']}/join", {}))["room_id"]

        async def write(person: Caller) -> None:
            text = {"text": f"хабар {len(written.messages)}"}
            written.messages.append((await person("POST", f"/api/rooms/{room}/messages", text))["id"])

        async def add() -> None:
            data = {"family": "Жаңа", "given": f"Оқушы {len(written.people)}"}
            body = {"data": data, "role": "teacher"}
            made = await admin("POST", f"/api/organisations/{organisation}/people", body)
            written.people.append(made["id"])

        async def keep() -> None:
            made = await blobs.put(f"unit_1/material/file_{len(written.blobs)}", secrets.token_bytes(200_000))
            written.blobs[made.key] = made.sha256
            await asyncio.sleep(0.02)

        async def always(work: Any, *arguments: Any) -> None:
            while not stop.is_set():
                await work(*arguments)
                if written.enough():
                    many.set()

        writing = [asyncio.create_task(always(write, person)) for person in people]
        writing += [asyncio.create_task(always(work)) for work in (add, keep)]
        enough = asyncio.create_task(many.wait())
        await asyncio.wait([enough, *writing], return_when=asyncio.FIRST_COMPLETED)
        assert enough.done(), await asyncio.gather(*writing)
        before = written.copy()
        told = await asyncio.to_thread(place.verb, "backup", file)
        after = written.copy()
        stop.set()
        await asyncio.gather(*writing)
    return before, told, after


async def _logs_in(server: Running) -> None:
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        assert (await teacher("GET", "/api/lessons"))["items"]
