"""`backup` and `restore` as an operator types them: beside a running server, and killed half way."""

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from server import migrate
from tests.support.running import ROOT, running
from tests.support.versions import lay


def _verb(*words: str, data: Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *words, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr[-2000:]
    return done


def _tables(data: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(data / "sabaq.sqlite")) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}


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
