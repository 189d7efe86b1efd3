"""`backup` and `restore` as an operator types them: beside a running server, and killed half way."""

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from lms_core.kernel.ids import id_to_int
from server import migrate
from tests.support.running import ROOT, Caller, Running, running
from tests.support.versions import lay

WRITERS = ("teacher", "student1", "student2")


def _verb(*words: str, data: Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *words, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr[-2000:]
    return done


def _tables(data: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(data / "sabaq.sqlite")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


@pytest.mark.req("S234-5.3")
def test_what_was_acknowledged_before_is_in_a_backup_made_under_load(tmp_path: Path) -> None:
    file = str(tmp_path / "made under load")
    with running(tmp_path / "a") as server:
        before, told, after = asyncio.run(_backed_up_while_people_write(server, file))
    assert (told["file"], told["missing_blobs"]) == (file, [])
    assert len(before) < len(after), "nobody wrote meanwhile"
    again = json.loads(_verb("restore", file, "--json", data=tmp_path / "b").stdout)
    assert again["tables"] == told["tables"]
    was, now = _tables(tmp_path / "a"), _tables(tmp_path / "b")
    there = {row[2] for row in now["messages"]}
    assert {id_to_int("message", said).to_bytes(16, "big") for said in before} <= there
    assert len(now["messages"]) <= len(after) + len(WRITERS)
    for table in ("messages", "persons", "lessons", "courses", "role_assignments", "enrolments"):
        assert set(now[table]) <= set(was[table]), table
    assert set(now["persons"]) == set(was["persons"])
    _starts(Running(tmp_path / "b", planes=1))


async def _backed_up_while_people_write(server: Running, file: str) -> tuple[list[str], dict[str, Any], list[str]]:
    """The messages acknowledged before the backup began, what it told, and those acknowledged when it ended."""
    said: list[str] = []
    stop, many = asyncio.Event(), asyncio.Event()
    async with aiohttp.ClientSession() as http:
        people = [await Caller(server, http).log_in(name) for name in WRITERS]
        lesson = (await people[0]("GET", "/api/lessons"))["items"][0]
        room = (await people[0]("POST", f"/api/lessons/{lesson['id']}/join", {}))["room_id"]

        async def write(person: Caller) -> None:
            while not stop.is_set():
                answer = await person("POST", f"/api/rooms/{room}/messages", {"text": f"хабар {len(said)}"})
                said.append(answer["id"])
                if len(said) == 50:
                    many.set()

        writing = [asyncio.create_task(write(person)) for person in people]
        await many.wait()
        before = said.copy()
        done = await asyncio.to_thread(_verb, "backup", file, "--json", data=server.data)
        after = said.copy()
        stop.set()
        await asyncio.gather(*writing)
    return before, json.loads(done.stdout), after


def _starts(server: Running) -> None:
    """A server starts on it, and people come in."""
    server.start()
    try:
        asyncio.run(_logs_in(server))
    finally:
        server.kill()


async def _logs_in(server: Running) -> None:
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        assert (await teacher("GET", "/api/lessons"))["items"]


def test_a_running_server_keeps_a_restore_away(tmp_path: Path) -> None:
    with running(tmp_path / "a", planes=1) as server:
        _verb("backup", str(tmp_path / "file"), data=server.data)
        no = _verb("restore", str(tmp_path / "file"), "--replace", data=server.data, expect=1)
        assert "another server runs" in no.stderr


def test_refusals_are_one_line_and_json_stays_json(tmp_path: Path) -> None:
    lay("0.1.0", tmp_path / "a")
    no = _verb("backup", str(tmp_path / "file"), "--json", data=tmp_path / "nothing", expect=1)
    assert no.stdout == ""
    assert no.stderr.startswith("sabaq: there is no school")
    (tmp_path / "rubbish").write_bytes(b"rubbish")
    no = _verb("restore", str(tmp_path / "rubbish"), "--json", data=tmp_path / "b", expect=1)
    assert (no.stdout, no.stderr.count("\n")) == ("", 1)
    no = _verb("restore", str(tmp_path / "missing"), data=tmp_path / "b", expect=1)
    assert "No such file" in no.stderr
    no = _verb("backup", str(tmp_path), data=tmp_path / "a", expect=1)
    assert "is a folder" in no.stderr


def _copied(tmp_path: Path, rows: int) -> Path:
    """A school with many rows, so that a restore takes a while."""
    data = tmp_path / "large"
    lay("0.1.0", data)
    with closing(sqlite3.connect(data / "sabaq.sqlite")) as connection:
        connection.execute(
            "INSERT INTO messages (organisation_id, room_id, id, author_id, text, sent_at) "
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "SELECT organisation_id, room_id, randomblob(16), author_id, text || i, sent_at FROM n, "
            "(SELECT * FROM messages LIMIT 1)",
            (rows,),
        )
        connection.commit()
    return data


@pytest.mark.req("S503-11")
def test_a_restore_that_is_killed_leaves_the_old_state(tmp_path: Path) -> None:
    file, here = str(tmp_path / "file"), tmp_path / "here"
    _verb("backup", file, data=_copied(tmp_path, 100_000))
    lay("0.1.0", here)
    _verb("migrate", data=here)
    (here / "keys").mkdir()
    (here / "keys" / "grants").write_bytes(b"k" * 32)
    before, killed = _tables(here), 0
    command = [sys.executable, "-m", "server", "restore", file, "--replace", "--data", str(here)]
    for wait in (0.1, 0.6):
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)
        assert process.stderr
        process.stderr.readline()  # checked: from here on it works
        time.sleep(wait)
        process.kill()
        process.communicate()
        if (here / migrate.MARK).exists() or process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
        killed += 1
        assert _tables(here) == before
        assert (here / "keys" / "grants").read_bytes() == b"k" * 32
    assert killed
    _verb("restore", file, "--replace", data=here)
    assert len(_tables(here)["messages"]) == 100_003
    assert sorted(found.name for found in here.iterdir() if found.name.startswith(".")) == []


def test_a_restore_that_was_cut_off_while_putting_things_in_place_is_repeated(tmp_path: Path) -> None:
    here, file = tmp_path / "here", str(tmp_path / "file")
    lay("0.1.0", here)
    _verb("backup", file, data=here)
    (here / migrate.MARK).touch()
    no = _verb("run", "--port", "0", data=here, expect=1)
    assert "was cut off: repeat it" in no.stderr
    assert "was cut off" in _verb("restore", file, data=here, expect=1).stderr
    _verb("restore", file, "--replace", data=here)
    assert not (here / migrate.MARK).exists()
