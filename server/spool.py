"""The folder where planes lay segments until they are among the blobs: one of each process, and those of the dead."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from media.recorder import PART

_LOCK = "lock"


class Spool:
    """`folder` is this process's own, locked as long as it lives."""

    def __init__(self, data: Path) -> None:
        self._all = data / "spool"
        self.folder = self._all / secrets.token_hex(8)
        self._held: IO[bytes] | None = None

    def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held = _locked(self.folder)

    def close(self) -> None:
        """What lies there still is the next one's."""
        if self._held:
            self._held.close()
            self._held = None
            with suppress(OSError):
                (self.folder / _LOCK).unlink()
                self.folder.rmdir()

    def left(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """Folders of processes that are no more, each locked until it is closed."""
        with suppress(FileNotFoundError):
            for folder in sorted(self._all.iterdir()):
                if folder != self.folder and folder.is_dir() and (held := _locked(folder)):
                    yield folder, held

    @staticmethod
    def files(folder: Path) -> list[Path]:
        """The segments in a folder, in order."""
        with suppress(FileNotFoundError):
            return sorted(one for one in folder.iterdir() if one.name != _LOCK and one.suffix != PART and one.is_file())
        return []

    @staticmethod
    def remove(folder: Path) -> None:
        """With the open segments of the dead, which are lost."""
        shutil.rmtree(folder, ignore_errors=True)


def _locked(folder: Path) -> IO[bytes] | None:
    try:
        file = os.fdopen(os.open(folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600), "wb")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
