"""Folders in which files lie while they are looked at."""

import os
from pathlib import Path

import pytest

from server.intake import LEFT_SECONDS, a_folder, tidy


async def test_a_folder_is_gone_with_all_in_it_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        async with a_folder(tmp_path / "uploads") as folder:
            (folder / "in").write_bytes(b"x")
            raise RuntimeError
    assert os.listdir(tmp_path / "uploads") == []


async def test_what_a_killed_process_left_goes_after_a_day(tmp_path: Path) -> None:
    """Others' work that is under way stays."""
    async with a_folder(tmp_path) as old, a_folder(tmp_path) as new:
        (old / "in").write_bytes(b"x")
        now = new.stat().st_mtime
        os.utime(old, (now - LEFT_SECONDS - 1, now - LEFT_SECONDS - 1))
        tidy(tmp_path, now)
        assert os.listdir(tmp_path) == [new.name]
