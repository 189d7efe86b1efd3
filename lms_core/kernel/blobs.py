"""Files of any size beside the database: a port, a folder that fulfils it, and links that end.

A key is `<organisation>/<kind>/<id>`; a row that refers to a blob keeps its key in a `BlobKey` column, so that
a backup can tell which blobs are missing.
"""

import asyncio
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from .clock import Clock
from .errors import NoSpace, NotFound, Refusal
from .ids import UnitId

CHUNK = 256 * 1024
LINK_SECONDS = 300
DRAFT_SECONDS = 24 * 3600
_DRAFTS = ".drafts"
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}){0,7}")


class BlobKeyInvalid(ValueError):
    """A key that could leave its place; never made from what a person sends."""


class FileLinkExpired(Refusal):
    """The link was good, and its minutes are over: the page asks for a new one."""

    code, status = "file_link_expired", 410


@dataclass(frozen=True, slots=True)
class Blob:
    """What was put: bytes, and their SHA-256 in hex."""

    key: str
    size: int
    sha256: str


class Space(Protocol):
    """Whether there is room for what grows."""

    def check(self) -> None:
        """Raises NoSpace."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """A blob that is to be removed, and the row of it, whose own id is `id`."""

    organisation_id: UnitId
    id: str
    key: str


class Blobs(Protocol):
    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> Blob:
        """Keep it, all or nothing; one of the same key is replaced. Raises NoSpace."""
        ...

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Its bytes from `start` up to and without `end`, in pieces. Raises NotFound before the first."""
        ...

    async def size(self, key: str) -> int:
        """Bytes. Raises NotFound."""
        ...

    async def delete(self, key: str) -> None:
        """It is gone afterwards, also when it was not there."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int]]:
        """Keys that begin with `prefix`, and their bytes; in no order."""
        ...


class BlobKey(TypeDecorator[str]):
    """A column that holds the key of a blob."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and check_key(value)


def check_key(key: str) -> str:
    """The key itself. Raises BlobKeyInvalid."""
    if not _KEY.fullmatch(key):
        raise BlobKeyInvalid(key)
    return key


async def pieces(content: bytes | AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Either kind of content as a stream."""
    if isinstance(content, bytes):
        yield content
        return
    async for piece in content:
        yield piece


# --- A folder


class FolderBlobs:
    """Blobs as files below one folder, which several processes may share."""

    def __init__(self, folder: Path, space: Space) -> None:
        self._folder, self._space = folder, space

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> Blob:
        place = self._place(key)
        self._space.check()
        draft, out = await asyncio.to_thread(self._open_draft)
        try:
            size, digest = 0, hashlib.sha256()
            async for piece in pieces(content):
                self._space.check()
                await asyncio.to_thread(out.write, piece)
                digest.update(piece)
                size += len(piece)
            await asyncio.to_thread(_settle, out, draft, place)
        except OSError as no:
            await asyncio.to_thread(_discard, out, draft)
            raise no_space(no) from no
        except BaseException:
            _discard(out, draft)
            raise
        return Blob(key, size, digest.hexdigest())

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        await self.size(key)
        return self._read(key, start, None if end is None else max(0, end - start))

    async def size(self, key: str) -> int:
        try:
            found = await asyncio.to_thread(self._place(key).stat)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(kind="blob") from None
        if stat.S_ISDIR(found.st_mode):
            raise NotFound(kind="blob")
        return found.st_size

    async def delete(self, key: str) -> None:
        await asyncio.to_thread(self._place(key).unlink, missing_ok=True)

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int]]:
        walk = self._walk(self._folder)
        while found := await asyncio.to_thread(_some, walk):
            for key, size in found:
                if key.startswith(prefix):
                    yield key, size

    def tidy(self, now: float) -> None:
        """Remove what puts that were cut off left behind a day ago. `now`: epoch seconds."""
        for draft in (self._folder / _DRAFTS).glob("*"):
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < now - DRAFT_SECONDS:
                    draft.unlink()

    def _place(self, key: str) -> Path:
        return self._folder / check_key(key)

    def _open_draft(self) -> tuple[Path, IO[bytes]]:
        drafts = self._folder / _DRAFTS
        _make_folder(drafts)
        draft = drafts / secrets.token_hex(16)
        return draft, os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    async def _read(self, key: str, start: int, left: int | None) -> AsyncIterator[bytes]:
        """Opened with the first piece, so that a stream nobody reads holds no file."""
        try:
            file = await asyncio.to_thread(self._place(key).open, "rb")
        except FileNotFoundError:
            raise NotFound(kind="blob") from None
        try:
            file.seek(start)
            while left is None or left > 0:
                piece = await asyncio.to_thread(file.read, CHUNK if left is None else min(CHUNK, left))
                if not piece:
                    return
                left = None if left is None else left - len(piece)
                yield piece
        finally:
            file.close()

    def _walk(self, folder: Path) -> Iterator[tuple[str, int]]:
        try:
            found = list(os.scandir(folder))
        except FileNotFoundError:
            return
        for entry in found:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from self._walk(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    yield Path(entry.path).relative_to(self._folder).as_posix(), entry.stat().st_size


def no_space(no: OSError) -> Exception:
    """NoSpace where the disk or a quota was full, else the error itself."""
    import errno

    return NoSpace() if no.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else no


def _settle(out: IO[bytes], draft: Path, place: Path) -> None:
    """Into its place once the disk has it: whoever sees the name sees all of it, also after a power cut."""
    out.flush()
    os.fsync(out.fileno())
    out.close()
    _make_folder(place.parent)
    draft.replace(place)
    sync_folder(place.parent)


def _make_folder(folder: Path) -> None:
    """Each folder on the way for us alone: `parents=True` would leave all but the last open."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True, mode=0o700)


def sync_folder(folder: Path) -> None:
    """The disk knows the names in it afterwards."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _discard(out: IO[bytes], draft: Path) -> None:
    with suppress(OSError):  # closing writes what is left, and the disk may be full
        out.close()
    draft.unlink(missing_ok=True)


def _some(walk: Iterator[tuple[str, int]]) -> list[tuple[str, int]]:
    return [found for found, _ in zip(walk, range(500), strict=False)]


# --- Links


@dataclass(frozen=True, slots=True)
class Link:
    """One blob to be fetched until a moment (epoch seconds), under a name and as a kind of content."""

    key: str
    name: str
    content_type: str
    until: int


class Links:
    """Signs and reads links. Whoever has one may fetch that one blob until it ends; nobody needs to ask."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key, self._clock = key, clock

    def make(self, key: str, name: str, content_type: str, seconds: int = LINK_SECONDS) -> str:
        """The token for `/files/<token>`. `name`: what it is saved as, any letters."""
        until = int(self._clock.now().timestamp()) + seconds
        plain = json.dumps(asdict(Link(check_key(key), name, content_type, until)), ensure_ascii=False).encode()
        return f"{_letters(plain)}.{_letters(self._mac(plain))}"

    def read(self, token: str) -> Link:
        """Raises NotFound for what was not made here, FileLinkExpired afterwards."""
        try:
            plain, mac = (urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
        except (ValueError, NotBase64):
            raise NotFound(kind="file") from None
        if not hmac.compare_digest(mac, self._mac(plain)):
            raise NotFound(kind="file")
        link = Link(**json.loads(plain))
        if self._clock.now().timestamp() >= link.until:
            raise FileLinkExpired
        return link

    def _mac(self, plain: bytes) -> bytes:
        return hmac.digest(self._key, b"file " + plain, "sha256")


def _letters(plain: bytes) -> str:
    return urlsafe_b64encode(plain).rstrip(b"=").decode()
