"""A disk that is really full: what cannot be kept is refused, and what was acknowledged stays."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import FolderBlobs
from lms_core.kernel.clock import SystemClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.errors import NoSpace
from server.disk import Disk, EndlessSpace, measure
from tests.support.versions import lay


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_and_loses_nothing(small: Path) -> None:
    lay("0.1.0", small)
    kept = asyncio.run(_filled(small))
    assert kept > 0


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


def test_the_guard_measures_the_disk_that_holds_a_folder_to_come(small: Path) -> None:
    total, free = measure(small / "not" / "yet" / "there")
    assert 0 < free <= total <= 4 * 1024 * 1024
    with pytest.raises(NoSpace):
        Disk(small, 1024, SystemClock()).check()
    Disk(small, 1, SystemClock()).check()
