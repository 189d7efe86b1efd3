"""What is sent is taken piece by piece onto the disk, before anybody looks at it."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

from lms_core.files import service as files
from lms_core.kernel.api import Content
from lms_core.kernel.blobs import CHUNK, Space

SECONDS = 15 * 60
"""That one file may take to come: 50 MB at 60 KB/s."""
SILENCE = 30
"""Seconds without a byte."""
LEFT_SECONDS = 24 * 3600


async def receive(content: Content, draft: BinaryIO, most: int, space: Space) -> tuple[int, str]:
    """Writes it all; its bytes and their SHA-256. Raises FileTooLarge, UploadTooSlow, NoSpace."""
    size, digest = 0, hashlib.sha256()
    try:
        async with asyncio.timeout(SECONDS):
            coming = aiter(content.pieces)
            while (piece := await _next(coming)) is not None:
                size += len(piece)
                if size > most:
                    raise files.too_large(most)
                space.check()
                digest.update(piece)
                await asyncio.to_thread(draft.write, piece)
    except TimeoutError:
        raise files.too_slow() from None
    return size, digest.hexdigest()


async def pieces(draft: BinaryIO) -> AsyncIterator[bytes]:
    """All of a file, from its beginning."""
    draft.seek(0)
    while piece := await asyncio.to_thread(draft.read, CHUNK):
        yield piece


@asynccontextmanager
async def a_folder(within: Path) -> AsyncIterator[Path]:
    """One for the while, for us alone."""
    await asyncio.to_thread(within.mkdir, parents=True, exist_ok=True, mode=0o700)
    folder = Path(await asyncio.to_thread(mkdtemp, dir=within))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def tidy(within: Path, now: float) -> None:
    """Removes what processes that were killed left behind a day ago. `now`: epoch seconds."""
    for folder in within.glob("tmp*"):
        with suppress(FileNotFoundError):
            if folder.is_dir() and folder.stat().st_mtime < now - LEFT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


async def _next(coming: AsyncIterator[bytes]) -> bytes | None:
    async with asyncio.timeout(SILENCE):
        return await anext(coming, None)
