"""Blobs in a folder and in a bucket keep the same promises."""

import asyncio
import errno
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from lms_core.kernel.blobs import BlobKeyInvalid, Blobs, FolderBlobs
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.errors import NoSpace, NotFound
from server.config import Settings, SettingsError
from server.disk import Disk, EndlessSpace
from server.s3 import S3Blobs, open_blobs
from tests.support.running import ROOT, free_port

KEY = "unit_1/material/file_1"
BUCKET_KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The `blob_url` of a bucket on moto's real HTTP server."""
    import boto3

    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port)
    server.start()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.create_bucket(Bucket="school")
    yield f"s3://school/blobs?endpoint=http://127.0.0.1:{port}&region=us-east-1"
    client.close()
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return FolderBlobs(tmp_path / "blobs", EndlessSpace())
    url = request.getfixturevalue("bucket").replace("/blobs?", f"/{tmp_path.name}?")
    return S3Blobs(url, BUCKET_KEYS)


async def _whole(stream: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in stream])


async def _in_pieces(content: bytes, size: int = 300_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def test_what_is_put_is_got_whole_and_in_parts(blobs: Blobs) -> None:
    content = os.urandom(20_000_003)
    put = await blobs.put(KEY, _in_pieces(content))
    assert (put.size, put.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert await blobs.size(KEY) == len(content)
    assert await _whole(await blobs.get(KEY)) == content
    assert await _whole(await blobs.get(KEY, 5, 4_000_000)) == content[5:4_000_000]
    assert await _whole(await blobs.get(KEY, len(content) - 3)) == content[-3:]
    assert await _whole(await blobs.get(KEY, 7, 7)) == b""
    assert await _whole(await blobs.get(KEY, len(content))) == b""


async def test_one_of_the_same_key_is_replaced_and_one_may_be_empty(blobs: Blobs) -> None:
    await blobs.put(KEY, b"first")
    await blobs.put(KEY, b"")
    assert await blobs.size(KEY) == 0
    assert await _whole(await blobs.get(KEY)) == b""


async def test_what_is_not_there_is_not_found_and_deleting_it_is_fine(blobs: Blobs) -> None:
    with pytest.raises(NotFound):
        await blobs.get(KEY)
    with pytest.raises(NotFound):
        await blobs.size(KEY)
    await blobs.delete(KEY)
    await blobs.put(KEY, b"there")
    await blobs.delete(KEY)
    with pytest.raises(NotFound):
        await blobs.size(KEY)


async def test_a_list_holds_what_begins_alike(blobs: Blobs) -> None:
    for key in ("unit_1/material/a", "unit_1/material/ab", "unit_1/photo/c", "unit_12/material/d"):
        await blobs.put(key, key.encode())
    assert [found async for found in blobs.list("nothing/")] == []
    assert {key async for key, _ in blobs.list()} >= {"unit_1/photo/c", "unit_12/material/d"}
    assert {key async for key, _ in blobs.list("unit_1/")} == {
        "unit_1/material/a",
        "unit_1/material/ab",
        "unit_1/photo/c",
    }
    assert {found async for found in blobs.list("unit_1/material/a")} == {
        ("unit_1/material/a", 17),
        ("unit_1/material/ab", 18),
    }


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", ".drafts/x", "a/.x", "a\\b", "a\0b", "a b", "a/", "é", "a" * 129],
)
async def test_a_key_never_leaves_its_place(blobs: Blobs, key: str) -> None:
    for ask in (blobs.put(key, b"x"), blobs.get(key), blobs.size(key), blobs.delete(key)):
        with pytest.raises(BlobKeyInvalid):
            await ask


async def test_a_stream_that_breaks_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 6_000_000
        raise ConnectionResetError

    await blobs.put(KEY, b"the one before")
    with pytest.raises(ConnectionResetError):
        await blobs.put(KEY, broken())
    assert await _whole(await blobs.get(KEY)) == b"the one before"
    assert not list((tmp_path / "blobs" / ".drafts").glob("*"))


async def test_a_put_that_is_killed_leaves_the_one_before(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path, EndlessSpace())
    await blobs.put(KEY, b"the one before")
    killed = """
import asyncio, os, pathlib, signal, sys
from lms_core.kernel.blobs import FolderBlobs
from server.disk import EndlessSpace
async def half():
    yield b"x" * 1000000
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(FolderBlobs(pathlib.Path(sys.argv[1]), EndlessSpace()).put(sys.argv[2], half()))
"""
    words = [sys.executable, "-c", killed, str(tmp_path), KEY]
    done = await asyncio.to_thread(subprocess.run, words, cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert await _whole(await blobs.get(KEY)) == b"the one before"
    assert [found async for found in blobs.list()] == [(KEY, 14)]
    [draft] = (tmp_path / ".drafts").iterdir()
    blobs.tidy(draft.stat().st_mtime + 3600)
    assert draft.exists()
    blobs.tidy(draft.stat().st_mtime + 25 * 3600)
    assert not draft.exists()


async def test_only_we_may_read_the_files(tmp_path: Path) -> None:
    await FolderBlobs(tmp_path / "blobs", EndlessSpace()).put(KEY, b"x")
    assert (tmp_path / "blobs" / KEY).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "blobs" / "unit_1").stat().st_mode & 0o777 == 0o700


async def test_below_the_least_nothing_grows(tmp_path: Path) -> None:
    free = 2_000 * 1024 * 1024
    clock = ManualClock(datetime(2026, 9, 1, tzinfo=UTC))
    disk = Disk(tmp_path, 1024, clock, lambda _: (10**12, free))
    blobs = FolderBlobs(tmp_path, disk)
    await blobs.put(KEY, b"fits")

    async def fills_the_disk() -> AsyncIterator[bytes]:
        nonlocal free
        yield b"x"
        free = 1023 * 1024 * 1024
        await clock.advance(2)
        yield b"y"

    with pytest.raises(NoSpace):
        await blobs.put("unit_1/material/other", fills_the_disk())
    with pytest.raises(NoSpace):
        await blobs.put("unit_1/material/third", b"")
    assert [found async for found in blobs.list()] == [(KEY, 4)]
    assert await _whole(await blobs.get(KEY)) == b"fits"
    free = 1025 * 1024 * 1024
    await clock.advance(2)
    assert disk.state().low, "at the edge it stays"
    free = 1200 * 1024 * 1024
    await clock.advance(2)
    await blobs.put("unit_1/material/third", b"")


async def test_a_full_disk_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    blobs = FolderBlobs(tmp_path, EndlessSpace())
    monkeypatch.setattr("os.fsync", full)  # the disk cannot be filled here; test_disk.py fills one where it may
    with pytest.raises(NoSpace):
        await blobs.put(KEY, b"x")
    assert [found async for found in blobs.list()] == []


async def test_where_blobs_are_kept_is_a_setting(tmp_path: Path, bucket: str) -> None:
    await open_blobs(Settings(data=tmp_path), EndlessSpace()).put(KEY, b"x")
    assert (tmp_path / "blobs" / KEY).exists()
    await open_blobs(Settings(data=tmp_path, blob_url=str(tmp_path / "else")), EndlessSpace()).put(KEY, b"x")
    assert (tmp_path / "else" / KEY).exists()
    assert isinstance(open_blobs(Settings(blob_url=bucket), EndlessSpace()), S3Blobs)
    with pytest.raises(SettingsError, match="colour"):
        open_blobs(Settings(blob_url="s3://school/?colour=red"), EndlessSpace())


async def test_the_bucket_s_secret_may_stand_in_a_file(tmp_path: Path, bucket: str) -> None:
    (tmp_path / "secret").write_text("testing\n")
    environ = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY_FILE": str(tmp_path / "secret")}
    await S3Blobs(bucket, environ).put(KEY, b"x")
    assert await _whole(await S3Blobs(bucket, environ).get(KEY)) == b"x"


async def test_readers_and_writers_do_not_disturb_each_other(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path, EndlessSpace())
    one, other = b"a" * 3_000_000, b"b" * 3_000_000
    await blobs.put(KEY, one)
    reading = await blobs.get(KEY)
    first = await anext(reading)
    await asyncio.gather(blobs.put(KEY, other), blobs.put(KEY, other))
    assert first + await _whole(reading) == one
    assert await _whole(await blobs.get(KEY)) == other
