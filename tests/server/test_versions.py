"""Data of earlier versions is upgraded, on both databases, and nothing is lost on the way."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from lms_core.kernel.db import sqlite_engine
from server import backup, migrate
from tests.server.test_backup import DATABASES, a_place
from tests.support.running import Caller, Running
from tests.support.versions import lay, versions

NOW = datetime(2026, 12, 1, 8, tzinfo=UTC)


def _kept(before: dict[str, list[Any]], columns: dict[str, Any], after: dict[str, list[Any]], new: Any) -> None:
    """Each row of before is there, with the same values in the columns that both know."""
    assert before.keys() <= after.keys()
    for table, rows in before.items():
        names = [name for name, _ in columns[table]]
        places = [[name for name, _ in new[table]].index(name) for name in names]
        assert sorted(([row[at] for at in places] for row in after[table]), key=repr) == rows, table


def _columns(place: Any) -> dict[str, Any]:
    with backup.source(place.engine) as view:
        return view.tables()


@pytest.mark.req("S234-5.3")
@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("version", versions())
def test_rows_of_an_earlier_version_stay_what_they_were(tmp_path: Path, version: str, kind: str) -> None:
    with a_place("sqlite", tmp_path / "old") as old, a_place(kind, tmp_path / "new") as new:
        lay(version, old.data)
        before, columns = old.rows(), _columns(old)
        if kind == "sqlite":
            lay(version, new.data)
            assert migrate.prepare(new.engine, new.data, NOW)
        else:
            old.backs_up(tmp_path / "file")
            new.restores(tmp_path / "file", keep_log_ins=True)
        assert migrate.revision(new.engine) == migrate.newest()
        assert all(before[table] for table in ("visits", "messages", "logins", "outbox", "jobs", "lessons"))
        _kept(before, columns, new.rows(), _columns(new))


@pytest.mark.parametrize("version", versions())
async def test_a_server_serves_the_data_of_an_earlier_version(tmp_path: Path, version: str) -> None:
    lay(version, tmp_path)
    server = Running(tmp_path, planes=1)
    await asyncio.to_thread(server.start)
    try:
        assert "backed_up_before_upgrade" in server.log()
        async with aiohttp.ClientSession() as http:
            teacher = await Caller(server, http).log_in("teacher", "demo")
            await Caller(server, http).log_in("student1", "demo")
            lesson = (await teacher("GET", "/api/lessons"))["items"][0]
            room = (await teacher("POST", f"/api/lessons/{lesson['id']}/join", {}))["room_id"]
            await teacher("POST", f"/api/rooms/{room}/messages", {"text": "Сәлем"})
            assert (await teacher("GET", f"/api/rooms/{room}/messages"))["items"][-1]["text"] == "Сәлем"
    finally:
        server.kill()


def test_an_upgrade_keeps_what_was_there_and_the_last_few_of_those(tmp_path: Path) -> None:
    with a_place("sqlite", tmp_path / "a") as place:
        lay("0.1.0", place.data)
        before, old = place.rows(), migrate.revision(place.engine)
        assert old
        for day in range(7):
            backup.before_migration(place.engine, place.data, old, NOW - timedelta(days=9 - day))
        assert migrate.prepare(place.engine, place.data, NOW)
        kept = sorted((place.data / "backups").iterdir())
        assert [file.name[:10] for file in kept][-1] == "2026-12-01"
        assert len(kept) == 5
        assert not migrate.prepare(place.engine, place.data, NOW), "the second time there is nothing to do"
        with a_place("sqlite", tmp_path / "b") as other:
            other.restores(kept[-1], keep_log_ins=True)
            came_back = other.rows()["messages"]
            assert len(came_back) == len(before["messages"]) > 0
            assert [now[: len(was)] for now, was in zip(came_back, before["messages"], strict=True)] == before[
                "messages"
            ]


@pytest.mark.parametrize("kind", DATABASES)
def test_a_newer_schema_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    with a_place(kind, tmp_path) as place:
        migrate.upgrade(place.engine)
        with place.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = 'fffffffff999'"))
        with pytest.raises(migrate.SchemaNewer) as no:
            migrate.prepare(place.engine, place.data, NOW)
        assert "newer" in str(no.value)
        assert "\n" not in str(no.value)


def test_without_a_backup_there_is_no_upgrade(tmp_path: Path) -> None:
    lay("0.1.0", tmp_path)
    (tmp_path / "backups").write_text("in the way")
    engine = sqlite_engine(tmp_path / "sabaq.sqlite")
    before = migrate.revision(engine)
    with pytest.raises(migrate.CannotStart, match="no backup"):
        migrate.prepare(engine, tmp_path, NOW)
    assert migrate.revision(engine) == before
    engine.dispose()


def test_an_upgrade_that_breaks_leaves_the_old_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay("0.1.0", tmp_path)
    engine = sqlite_engine(tmp_path / "sabaq.sqlite")
    before = migrate.revision(engine)
    whole = migrate.upgrade_on

    def breaks(connection: Any, target: str) -> None:
        whole(connection, target)
        raise RuntimeError("power cut")

    monkeypatch.setattr(migrate, "upgrade_on", breaks)  # no real migration may be broken for this
    with pytest.raises(RuntimeError, match="power cut"):
        migrate.upgrade(engine)
    assert migrate.revision(engine) == before
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM persons")) == 282
    engine.dispose()
