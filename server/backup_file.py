"""The file of a backup: a gzipped tar that is written in one go and read in one go.

sabaq-backup.json            {"format": 1, "version": "0.1.0"}
tables/persons/000000.jsonl  rows, one a line, a few MB in each part
keys/grants                  files of the keys folder
blobs/unit_…/material/file_… files, under their keys
manifest.json                what all of it must be: rows, sizes, SHA-256
"""

import gzip
import hashlib
import json
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from lms_core.kernel.blobs import BlobKeyInvalid, check_key

FORMAT = 1
HEADER, MANIFEST = "sabaq-backup.json", "manifest.json"
PART = 4 * 1024 * 1024
LONGEST_PART = 256 * 1024 * 1024
READ = 1024 * 1024
_TABLE = re.compile(r"tables/([a-z][a-z0-9_]{0,62})/(\d{6})\.jsonl")
_BLOCK = 512


class BackupUnfit(Exception):
    """A file that cannot be restored here; the message says why in one line."""


@dataclass
class TableEntry:
    """One table: columns with their kinds, and what its parts hold together."""

    columns: list[list[str]]
    rows: int = 0
    parts: int = 0
    size: int = 0
    sha256: str = ""


@dataclass
class Manifest:
    """What a backup holds. `blobs` is None where they were left out; missing ones are referred to by a row."""

    format: int
    version: str
    revision: str
    made_at: str
    database: str
    organisations: int = 0
    tables: dict[str, TableEntry] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    blobs: dict[str, tuple[int, str]] | None = None
    missing_blobs: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    @property
    def blob_bytes(self) -> int:
        return sum(size for size, _ in (self.blobs or {}).values())

    @classmethod
    def of(cls, plain: dict[str, Any]) -> "Manifest":
        """Raises BackupUnfit for anything else than what was once written."""
        try:
            tables = {name: TableEntry(**table) for name, table in plain.pop("tables").items()}
            return cls(**plain, tables=tables)
        except (TypeError, KeyError, AttributeError, ValueError):
            raise BackupUnfit("its manifest cannot be read") from None


# --- Writing


class Writer:
    """Members one after another; `begin`, `write` and `end` for what does not fit in memory."""

    def __init__(self, out: IO[bytes], mtime: int) -> None:
        self._out = gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, filename="", mtime=0)
        self._mtime, self._left, self._size = mtime, 0, 0

    def member(self, name: str, content: bytes) -> None:
        self.begin(name, len(content))
        self.write(content)
        self.end()

    def begin(self, name: str, size: int) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = size, 0o600, self._mtime
        self._out.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8"))
        self._left = self._size = size

    def write(self, piece: bytes) -> None:
        self._left -= len(piece)
        self._out.write(piece)

    def end(self) -> None:
        if self._left:
            raise BackupUnfit("a file changed its size while it was read")
        self._out.write(bytes(-self._size % _BLOCK))

    def close(self) -> None:
        self._out.write(bytes(2 * _BLOCK))
        self._out.close()


class TableWriter:
    """The rows of one table, in parts."""

    def __init__(self, writer: Writer, name: str, entry: TableEntry) -> None:
        self._writer, self._name, self._entry = writer, name, entry
        self._lines: list[str] = []
        self._size, self._digest = 0, hashlib.sha256()
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def add(self, row: list[Any]) -> None:
        line = self._encode(row)
        self._lines.append(line)
        self._size += len(line)
        if self._size >= PART:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._entry.sha256 = self._digest.hexdigest()

    def _flush(self) -> None:
        if not self._lines:
            return
        content = ("\n".join(self._lines) + "\n").encode()
        self._writer.member(f"tables/{self._name}/{self._entry.parts:06}.jsonl", content)
        self._digest.update(content)
        self._entry.parts += 1
        self._entry.rows += len(self._lines)
        self._entry.size += len(content)
        self._lines, self._size = [], 0


# --- Reading


@dataclass(frozen=True, slots=True)
class Member:
    """`kind`: table, key, blob, header or manifest; `name`: of the table, key or blob."""

    kind: str
    name: str
    size: int
    content: IO[bytes]

    def read(self) -> bytes:
        if self.size > LONGEST_PART:
            raise BackupUnfit("a part of it is too large")
        with _whole():
            return self.content.read()

    def pieces(self) -> Iterator[bytes]:
        while piece := self._piece():
            yield piece

    def _piece(self) -> bytes:
        with _whole():
            return self.content.read(READ)


def members(file: IO[bytes]) -> Iterator[Member]:
    """From the start, in order. Raises BackupUnfit for what is no whole backup; nothing is ever extracted."""
    file.seek(0)
    with _whole(), gzip.GzipFile(fileobj=file, mode="rb") as plain, tarfile.open(fileobj=plain, mode="r|") as tar:
        for info in tar:
            content = tar.extractfile(info) if info.isreg() else None
            if content is None:
                raise BackupUnfit(f"it holds something that is no file: {info.name[:80]!r}")
            yield Member(*_what(info.name), info.size, content)
        while rest := plain.read(READ):
            if rest.strip(b"\0"):
                raise BackupUnfit("something follows its end")


@contextmanager
def _whole() -> Iterator[None]:
    """What reading can stumble over, in one line."""
    try:
        yield
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, UnicodeError):
        raise BackupUnfit("it is no whole backup: cut off, damaged, or another kind of file") from None


def _what(name: str) -> tuple[str, str]:
    if name in (HEADER, MANIFEST):
        return ("header" if name == HEADER else "manifest"), ""
    if table := _TABLE.fullmatch(name):
        return "table", table[1]
    kind, _, key = name.partition("/")
    try:
        if kind in ("keys", "blobs"):
            return kind[:-1], check_key(key)
    except BlobKeyInvalid:
        pass
    raise BackupUnfit(f"it holds a name that no backup has: {name[:80]!r}")


def verify(file: IO[bytes]) -> Manifest:
    """Read all of it and hold every hash against the manifest. Raises BackupUnfit; changes nothing."""
    tables: dict[str, TableEntry] = {}
    digests: dict[str, Any] = {}
    keys: dict[str, str] = {}
    blobs: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    for place, member in enumerate(members(file)):
        if (member.kind == "header") != (place == 0) or manifest:
            raise BackupUnfit("its parts are not in order")
        match member.kind:
            case "header":
                _check_format(member.read())
            case "table":
                entry = tables.setdefault(member.name, TableEntry([]))
                content = member.read()
                digests.setdefault(member.name, hashlib.sha256()).update(content)
                entry.rows += content.count(b"\n")
                entry.size += len(content)
                entry.parts += 1
            case "key":
                keys[member.name] = hashlib.sha256(member.read()).hexdigest()
            case "blob":
                digest = hashlib.sha256()
                for piece in member.pieces():
                    digest.update(piece)
                blobs[member.name] = member.size, digest.hexdigest()
            case _:
                manifest = Manifest.of(_json(member.read()))
    if manifest is None:
        raise BackupUnfit("it is no whole backup: its end is missing")
    for name, entry in tables.items():
        entry.sha256 = digests[name].hexdigest()
    _compare(manifest, tables, keys, blobs)
    return manifest


def _check_format(content: bytes) -> None:
    written = _json(content).get("format")
    if not isinstance(written, int) or written < 1:
        raise BackupUnfit("it is no backup of Sabaq")
    if written > FORMAT:
        raise BackupUnfit(f"it was made by a newer Sabaq (format {written}, this one reads up to {FORMAT})")


def _json(content: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except ValueError:
        plain = None
    if not isinstance(plain, dict):
        raise BackupUnfit("its description cannot be read")
    return plain


def _compare(manifest: Manifest, tables: dict[str, TableEntry], keys: Any, blobs: dict[str, tuple[int, str]]) -> None:
    for name, said in manifest.tables.items():
        found = tables.get(name, TableEntry([], sha256=hashlib.sha256().hexdigest()))
        if (found.rows, found.parts, found.size, found.sha256) != (said.rows, said.parts, said.size, said.sha256):
            raise BackupUnfit(f"its table {name} is damaged")
    said_blobs = {key: tuple(said) for key, said in (manifest.blobs or {}).items()}
    if tables.keys() - manifest.tables.keys() or keys != manifest.keys or blobs != said_blobs:
        raise BackupUnfit("its files are damaged")
