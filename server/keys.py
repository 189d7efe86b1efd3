"""Keys of this installation: files in the data folder that only its owner can read."""

import contextlib
import os
import secrets
from pathlib import Path


def key(folder: Path, name: str, size: int = 32) -> bytes:
    """The key `name`, made on first use. Kept over restarts, so that grants stay valid."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    if not file.exists():
        write_whole(file, secrets.token_bytes(size))
    return file.read_bytes()


def write_whole(file: Path, content: bytes) -> None:
    """All of it or nothing, though the process may be killed; an existing file stays as it is."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
