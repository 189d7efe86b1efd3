"""Looks into archives and PDF files, with bounded work: strangers made them. Slow: call it in a thread."""

import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from . import core
from .core import FileTypeRefused, FileUnsafe

MOST_ENTRIES = 5_000
MOST_UNPACKED = 400 * 1024 * 1024
MOST_RATIO = 200
"""Times its size that an archive may unpack to, beyond its first megabytes: texts of Office files pack well."""
FREE = 8 * 1024 * 1024
CHUNK = 256 * 1024
MOST_STREAM = 8 * 1024 * 1024
MOST_OF_STREAMS = 128 * 1024 * 1024
_STORED, _DEFLATED = 0, 8
_OFFICE = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/workbook.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xl/workbook.bin": "",
    "ppt/presentation.xml": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_ODF = {
    f"application/vnd.oasis.opendocument.{kind}": f"application/vnd.oasis.opendocument.{kind}"
    for kind in ("text", "spreadsheet", "presentation", "graphics")
}


def look(kind: str, file: BinaryIO, size: int) -> str:
    """The type of a whole file that begins as `kind`. Raises FileTypeRefused, FileUnsafe."""
    try:
        if kind == "application/zip":
            return _zip(file, size)
        if kind == "application/pdf":
            check_pdf(_whole(file))
        elif kind == core.OLE:
            return core.ole_kind(_whole(file))
        elif kind == "application/rtf" and re.search(rb"\\obj(data|emb|link|auto)", _whole(file)):
            raise FileUnsafe(why="scripts")
    except (BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, UnicodeError):
        raise FileUnsafe(why="broken") from None
    return kind


# --- Archives


def _zip(file: BinaryIO, size: int) -> str:
    file.seek(0)
    with ZipFile(file) as archive:
        entries = archive.infolist()
        _check_sizes(entries, size)
        names = {entry.filename for entry in entries}
        of_office = any(name in names for name in _OFFICE)
        left = MOST_UNPACKED
        for entry in entries:
            _check_name(entry.filename)
            left -= _check_entry(archive, entry, left, inside_office=of_office)
        return _of_names(archive, names)


def _check_sizes(entries: list[ZipInfo], size: int) -> None:
    """Before anything is unpacked. Entries that share bytes pack more than there is room for."""
    if len(entries) > MOST_ENTRIES:
        raise FileUnsafe(why="explodes")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileUnsafe(why="protected")
    unpacked, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if unpacked > min(MOST_UNPACKED, FREE + MOST_RATIO * size) or packed > size:
        raise FileUnsafe(why="explodes")
    if any(entry.compress_type not in (_STORED, _DEFLATED) for entry in entries):
        raise FileTypeRefused  # a way of packing that we cannot look into


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise FileUnsafe(why="broken")
    ending = core.ending_of(parts[-1])
    if ending in core.RUN or parts[-1].lower() == "vbaproject.bin":
        raise FileUnsafe(why="program" if ending in core.RUN else "scripts")
    if ending in core.PACKED:
        raise FileUnsafe(why="nested")


def _check_entry(archive: ZipFile, entry: ZipInfo, left: int, *, inside_office: bool) -> int:
    """Unpacks it into nothing: what its header says of its size may be a lie. Its bytes."""
    size = 0
    with archive.open(entry) as inside:
        while piece := inside.read(CHUNK):
            if not size and not inside_office:
                _check_head(piece[: core.HEAD])
            size += len(piece)
            if size > min(left, entry.file_size):
                raise FileUnsafe(why="explodes")
    return size


def _check_head(head: bytes) -> None:
    try:
        kind = core.kind_of(head)
    except FileTypeRefused:
        if head.startswith(b"#!"):
            return  # a script among other files is only text there
        raise FileUnsafe(why="program") from None
    if kind == "application/zip" or head.startswith((b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        raise FileUnsafe(why="nested")


def _of_names(archive: ZipFile, names: set[str]) -> str:
    for name, kind in _OFFICE.items():
        if name in names and "[Content_Types].xml" in names:
            if not kind:
                raise FileTypeRefused  # binary workbooks may hold macros
            return kind
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
        return _ODF.get(archive.read("mimetype").decode("ascii", "replace").strip(), "application/zip")
    return "application/zip"


# --- PDF (ISO 32000-1)

_ACTS = frozenset(
    (b"JavaScript", b"JS", b"Launch", b"ImportData", b"SubmitForm", b"RichMedia", b"EmbeddedFile", b"EmbeddedFiles")
)
"""Names by which a document acts, or brings other files along (§12.6.4, §7.11.4)."""
_NAME = re.compile(rb"/([^\x00\t\n\f\r ()<>\[\]{}/%]{1,127})")
_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_OPENS = re.compile(rb"/OpenAction\s*(\[|<<.{0,400}|\d+\s+\d+\s+R)", re.DOTALL)
_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_SPACE = rb"[\x00\t\n\f\r ]"


def check_pdf(content: bytes) -> None:
    """Raises FileUnsafe for one that acts when it is opened, brings files along, or hides what it does."""
    parts = [content, *_object_streams(content)]
    for part in parts:
        names = {_plain(found[1]) for found in _NAME.finditer(part)}
        if names & _ACTS:
            raise FileUnsafe(why="scripts")
        if b"Encrypt" in names:
            raise FileUnsafe(why="protected")
    for part in parts:
        for found in _OPENS.finditer(_plain(part)):
            if not _only_shows(found[1], parts):
                raise FileUnsafe(why="scripts")


def _only_shows(action: bytes, parts: list[bytes]) -> bool:
    """A place within the document: an array, or an action of the kind GoTo (§12.3.2, §12.6.4.2)."""
    if action.startswith(b"["):
        return True
    if action.startswith(b"<<"):
        return re.search(rb"/S\s*/GoTo\b", action) is not None
    number, generation, _ = action.split()
    header = re.compile(rb"(?<!\d)" + number + rb"\s+" + generation + rb"\s+obj\s*(\[|<<.{0,400})", re.DOTALL)
    direct = [found[1] for part in parts for found in header.finditer(part)]
    packed = [body for part in parts[1:] if (body := _in_stream(part, int(number)))]
    return bool(direct or packed) and all(
        one.startswith(b"[") or re.search(rb"/S\s*/GoTo\b", one[:400]) for one in direct + packed
    )


def _in_stream(part: bytes, number: int) -> bytes | None:
    """The body of an object in an object stream (§7.5.7): pairs of numbers and offsets, then the objects."""
    head = re.match(rb"(?:" + _SPACE + rb"*\d+){2,20000}", part)
    if head is None:
        return None
    numbers = [int(one) for one in head[0].split()]
    pairs = dict(zip(numbers[::2], numbers[1::2], strict=False))
    if number not in pairs:
        return None
    return part[head.end() :].lstrip()[pairs[number] :].lstrip()


def _object_streams(content: bytes) -> Iterator[bytes]:
    """What packed streams hold, where objects can stand in them: of object streams, and of all small ones."""
    left = MOST_OF_STREAMS
    for found in _STREAM.finditer(content):
        before = _plain(content[max(0, found.start() - 1000) : found.start()]).rpartition(b"obj")[2]
        if b"/ObjStm" not in before:
            continue
        if b"/FlateDecode" not in before and b"/Fl" not in before:
            if b"/Filter" in before:
                raise FileUnsafe(why="protected")  # objects packed in a way that nobody uses for them
            continue  # they lie open, and were read with the rest
        end = content.find(b"endstream", found.end())
        unpacker = zlib.decompressobj()
        unpacked = unpacker.decompress(content[found.end() : end if end > 0 else None], MOST_STREAM)
        left -= len(unpacked)
        if unpacker.unconsumed_tail or left < 0:
            raise FileUnsafe(why="explodes")
        yield unpacked


def _plain(name: bytes) -> bytes:
    """Without the hexadecimal that a name may be written in: `/J#53` is `/JS` (§7.3.5)."""
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), name) if b"#" in name else name


def _whole(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read()
