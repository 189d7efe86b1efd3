"""Keys of this installation: files in the data folder that only its owner can read."""

import os
import secrets
from pathlib import Path


def key(folder: Path, name: str, size: int = 32) -> bytes:
    """The key `name`, made on first use. Kept over restarts, so that grants stay valid."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / name
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(size))
        out.flush()
        os.fsync(out.fileno())
    return file.read_bytes()
