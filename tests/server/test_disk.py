"""A disk that is really full: what cannot be kept is refused, and what was acknowledged stays."""

import asyncio
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.clock import ManualClock, SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.errors import NoSpace
from lms_core.kernel.ids import id_to_int
from server.disk import Disk, EndlessSpace, measure
from tests.support.running import Caller, Running, running
from tests.support.small_disk import again_as_root, small_disk
from tests.support.versions import lay


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if again_as_root(request):
        return
    with small_disk(tmp_path / "small", mb=4) as folder:
        lay("0.1.0", folder)
        assert asyncio.run(_filled(folder)) > 0


async def _filled(folder: Path) -> int:
    db = EmbeddedDatabase(folder / "sabaq.sqlite", SystemClock())
    await db.run(SYSTEM, lambda tx: tx.execute(text("CREATE TABLE filling (n INTEGER, what TEXT)")))

    async def add(tx: Tx, number: int) -> None:
        values = {"n": number, "what": "x" * 20_000}
        await tx.execute(text("INSERT INTO filling VALUES (:n, :what)").bindparams(**values))

    acknowledged = 0
    with pytest.raises(NoSpace):
        for number in range(1000):
            await db.run(SYSTEM, lambda tx, n=number: add(tx, n))
            acknowledged += 1
    with pytest.raises(NoSpace):
        await FolderBlobs(folder / "blobs", EndlessSpace()).put("unit_1/material/large", b"x" * 4_000_000)

    async def count(tx: Tx) -> int:
        return len(await tx.rows(text("SELECT n FROM filling")))  # type: ignore[arg-type]

    assert await db.run(SYSTEM, count) == acknowledged
    await db.close()
    again = EmbeddedDatabase(folder / "sabaq.sqlite", SystemClock())
    assert await again.run(SYSTEM, count) == acknowledged, "also after a restart"
    await again.close()
    assert not list((folder / "blobs" / ".drafts").glob("*"))
    return acknowledged


def test_the_guard_measures_the_disk_that_holds_a_folder_to_come(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if again_as_root(request):
        return
    with small_disk(tmp_path / "small", mb=4) as folder:
        total, free = measure(folder / "not" / "yet" / "there")
        assert 0 < free <= total <= 4 * 1024 * 1024
        with pytest.raises(NoSpace):
            Disk(folder, 1024, SystemClock()).check()
        Disk(folder, 1, SystemClock()).check()


def test_what_grows_stops_first_and_goes_on_by_itself(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if again_as_root(request):
        return
    with small_disk(tmp_path / "small", mb=16) as folder:
        asyncio.run(_nearly_full(folder))


async def _nearly_full(folder: Path) -> None:
    clock = ManualClock(datetime(2026, 12, 1, tzinfo=UTC))
    blobs = FolderBlobs(folder / "blobs", Disk(folder, 4, clock))
    db = EmbeddedDatabase(folder / "sabaq.sqlite", SystemClock())
    await db.run(SYSTEM, lambda tx: tx.execute(text("CREATE TABLE filling (n INTEGER)")))
    kept = 0
    with pytest.raises(NoSpace):
        while True:
            await blobs.put(f"unit_1/material/file_{kept}", b"x" * 1_000_000)
            kept += 1
            await clock.advance(1)
    assert kept >= 9, "it refused too early"
    assert measure(folder)[1] > 2_000_000, "it left the database little"
    for number in range(200):
        await db.run(SYSTEM, lambda tx, n=number: tx.execute(text(f"INSERT INTO filling VALUES ({n})")))
    for number in range(3):
        await blobs.delete(f"unit_1/material/file_{number}")
    await clock.advance(1)
    await blobs.put("unit_1/material/again", b"x" * 1_000_000)
    await db.close()


def test_a_server_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if again_as_root(request):
        return
    with small_disk(tmp_path / "small", mb=64) as folder, running(folder, planes=1) as server:
        asyncio.run(_filled_while_it_runs(server, folder))


async def _filled_while_it_runs(server: Running, folder: Path) -> None:
    async with aiohttp.ClientSession() as http:
        teacher = await Caller(server, http).log_in("teacher")
        lesson = (await teacher("GET", "/api/lessons"))["items"][0]
        room = (await teacher("POST", f"/api/lessons/{lesson['id']}/join", {}))["room_id"]
        said: list[str] = []

        async def say() -> str | None:
            """Why not, if not."""
            headers = {"Authorization": f"Bearer {teacher.token}"}
            url = f"{server.url}/api/rooms/{room}/messages"
            async with http.post(url, json={"text": "ұ" * 1500}, headers=headers) as answer:
                told = await answer.json()
                if answer.status != 200:
                    return f"{answer.status} {told['code']}"
                said.append(told["id"])
                return None

        assert await say() is None
        ballast, why = folder / "ballast", None
        while why is None and len(said) < 2000:
            _fill(ballast)
            why = await say()
        assert why == "507 no_space"
        assert (await teacher("GET", "/api/lessons"))["items"], "what is there can be read"
        assert (await teacher("GET", "/api/health"))["status"] == "ok"
        ballast.unlink()
        assert await say() is None, "it goes on by itself"
    assert server.process
    assert server.process.poll() is None
    with closing(sqlite3.connect(folder / "sabaq.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert {id_to_int("message", one).to_bytes(16, "big") for one in said} <= {
            row[0] for row in connection.execute("SELECT id FROM messages")
        }


def _fill(file: Path) -> None:
    """To the last byte."""
    with file.open("ab", buffering=0) as out:
        for size in (1_000_000, 4096):
            with suppress(OSError):
                while out.write(b"x" * size):
                    pass
