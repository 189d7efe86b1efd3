"""Zip files of strangers, opened within bounds, and packages of ours."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from .batch import Unfit

MOST_FILES, MOST_UNPACKED, MOST_RATIO = 25_000, 400_000_000, 200
SMALL = 1_000_000
"""Up to here a file may be packed as tightly as it likes."""
_PIECE = 1 << 16
_FIXED = (2026, 1, 1, 0, 0, 0)


class Package:
    """A zip, looked through before anything is unpacked. Raises Unfit: `zip_broken`, `zip_bomb`, `zip_path` (a name
    that leaves the folder), `zip_link`, `zip_locked`, `zip_twice` (two files of one name)."""

    def __init__(self, data: bytes) -> None:
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OverflowError, EOFError, IndexError):
            raise Unfit("zip_broken") from None
        self.files: dict[str, zipfile.ZipInfo] = {}
        self.left = MOST_UNPACKED
        entries = self.zip.infolist()
        if len(entries) > MOST_FILES or sum(one.file_size for one in entries) > MOST_UNPACKED:
            raise Unfit("zip_bomb")
        for one in entries:
            _check(one)
            if not one.is_dir():
                if one.filename in self.files:
                    raise Unfit("zip_twice", one.filename)
                self.files[one.filename] = one

    def read(self, name: str) -> bytes:
        """Raises Unfit: `file_missing`, `zip_broken`, `zip_bomb`."""
        entry = self.files.get(name)
        if entry is None:
            raise Unfit("file_missing", name)
        made = bytearray()
        try:
            with self.zip.open(entry) as stream:
                while piece := stream.read(_PIECE):
                    made += piece
                    self.left -= len(piece)
                    if len(made) > entry.file_size or self.left < 0:
                        raise Unfit("zip_bomb", name)
        except (zipfile.BadZipFile, zlib.error, ValueError, struct.error, EOFError, OSError, RuntimeError):
            raise Unfit("zip_broken", name) from None
        return bytes(made)

    def names(self, ending: str) -> Iterator[str]:
        return (name for name in self.files if name.lower().endswith(ending))


def _check(one: zipfile.ZipInfo) -> None:
    """Before it is opened: what it says of itself. Raises Unfit."""
    name = one.filename
    if not name or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unfit("zip_broken", name[:100])
    if name.startswith("/") or "\\" in name or ":" in name or "\0" in name or ".." in name.split("/"):
        raise Unfit("zip_path", name[:100])
    if stat.S_ISLNK(one.external_attr >> 16):
        raise Unfit("zip_link", name[:100])
    if one.flag_bits & 0x1:
        raise Unfit("zip_locked", name[:100])
    if one.file_size > SMALL and one.file_size > MOST_RATIO * max(1, one.compress_size):
        raise Unfit("zip_bomb", name[:100])


def packed(files: Mapping[str, bytes]) -> bytes:
    """The same files are always the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zip_:
        for name, data in files.items():
            stored = name.rpartition(".")[2].lower() not in ("xml", "svg")
            info = zipfile.ZipInfo(name, _FIXED)
            info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            zip_.writestr(info, data)
    return made.getvalue()
