"""Blobs in S3 or what speaks like it, and the choice of where blobs are kept."""

import hashlib
import os
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.store import S3Store

from lms_core.kernel.blobs import Blob, Blobs, FolderBlobs, Space, check_key, pieces
from lms_core.kernel.errors import NotFound

from .config import Settings, SettingsError
from .disk import blob_folder

PART = 8 * 1024 * 1024
"""Bytes of one part of an upload: S3 wants 5 MiB and takes 10,000 parts."""
TRY_FOR = timedelta(seconds=30)
_OPTIONS = {"endpoint", "region", "virtual_hosted_style_request"}


def open_blobs(settings: Settings, space: Space) -> Blobs:
    """By `blob_url`: a bucket, a folder, or `blobs` in the data folder. Raises SettingsError."""
    folder = blob_folder(settings)
    return FolderBlobs(folder, space) if folder else S3Blobs(settings.blob_url)


class S3Blobs:
    """One bucket, below a prefix. Who we are: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the same names with
    _FILE, for a file that holds it), or whatever else the environment says (a role, a token in a file)."""

    def __init__(self, url: str, environ: Mapping[str, str] = os.environ) -> None:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query))
        if unknown := given.keys() - _OPTIONS:
            raise SettingsError(f"blob_url: unknown option {', '.join(sorted(unknown))}")
        if not parts.hostname:
            raise SettingsError("blob_url: no bucket")
        endpoint = given.get("endpoint", "")
        self._store: Any = S3Store(
            parts.hostname,
            prefix=parts.path.strip("/") or None,
            client_options={"allow_http": endpoint.startswith("http://")},
            retry_config={"max_retries": 4, "retry_timeout": TRY_FOR},
            **given,  # type: ignore[arg-type]
            **_secrets(environ),  # type: ignore[arg-type]
        )

    async def put(self, key: str, content: bytes | AsyncIterable[bytes]) -> Blob:
        size, digest = 0, hashlib.sha256()

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for piece in pieces(content):
                size += len(piece)
                digest.update(piece)
                yield piece

        await obstore.put_async(self._store, check_key(key), counted(), chunk_size=PART, use_multipart=True)
        return Blob(key, size, digest.hexdigest())

    async def get(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        size = await self.size(key)
        end = size if end is None else min(end, size)
        if start >= end:
            return _nothing()
        answer = await obstore.get_async(self._store, key, options={"range": (start, end)})
        return _plain(answer)

    async def size(self, key: str) -> int:
        try:
            return (await obstore.head_async(self._store, check_key(key)))["size"]
        except FileNotFoundError:
            raise NotFound(kind="blob") from None

    async def delete(self, key: str) -> None:
        try:
            await obstore.delete_async(self._store, check_key(key))
        except FileNotFoundError:
            return

    async def list(self, prefix: str = "") -> AsyncIterator[tuple[str, int]]:
        folder, _, _ = prefix.rpartition("/")  # its prefixes are whole folders
        async for page in obstore.list(self._store, prefix=folder or None):
            for found in page:
                if found["path"].startswith(prefix):
                    yield found["path"], found["size"]


def _secrets(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in ("access_key_id", "secret_access_key"):
        variable = f"AWS_{name.upper()}"
        if file := environ.get(f"{variable}_FILE"):
            found[name] = Path(file).read_text("utf-8").strip()
        elif value := environ.get(variable):
            found[name] = value
    return found


async def _plain(answer: Any) -> AsyncIterator[bytes]:
    async for piece in answer:
        yield bytes(piece)


async def _nothing() -> AsyncIterator[bytes]:
    for piece in ():
        yield piece
