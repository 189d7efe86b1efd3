"""What a file is, by its first bytes and its name, and what is never taken."""

import struct
from dataclasses import dataclass
from datetime import timedelta

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean

KEEP = timedelta(days=365)
UNHELD = timedelta(days=1)
"""A file that nothing refers to is gone after this."""
LONGEST_NAME = 120
LONGEST_SENT = 255
"""Bytes of UTF-8: the longest name that file systems have. It travels in a header, percent-encoded."""
MOST_PIXELS = 100_000_000
HEAD = 4096
"""Bytes that `kind_of` is told by."""
UPLOADS_RULE = "40/10minute"
MOST_A_DAY = 1024 * 1024 * 1024
"""Bytes that one person may send in a day."""
AT_ONCE = 3


class FileTypeRefused(Refusal):
    """A program, a script that a double click runs, or a kind of file that cannot be looked into."""

    code, status = "file_type_refused", 422


class FileLies(Refusal):
    """The name says that it is one thing (`named`) and the content is another (`type`)."""

    code, status = "file_lies", 422


class FileUnsafe(Refusal):
    """`why`: `scripts`, `explodes`, `nested`, `program`, `protected`, `broken`, `too_many_pixels`."""

    code, status = "file_unsafe", 422


class FileTooLarge(Refusal):
    """More than `limit` bytes."""

    code, status = "file_too_large", 413


class FileNameTooLong(Refusal):
    """Sent with a name of more than `limit` bytes of UTF-8."""

    code, status = "file_name_too_long", 422


class FileEmpty(Refusal):
    code, status = "file_empty", 422


class TooManyBytes(Refusal):
    """More than `limit` bytes of one person within a day."""

    code, status = "too_many_bytes", 429


class UploadTooSlow(Refusal):
    code, status = "upload_too_slow", 408


class FileHeld(Refusal):
    """Something refers to it already, or it is somebody else's."""

    code, status = "file_held", 409


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of content. `names`: the endings it may have, the usual one first."""

    type: str
    names: tuple[str, ...]


_K = Kind
_ZIP = ("zip", "ggb", "sb3", "epub", "apkg", "mbz", "h5p")
KINDS = {
    kind.type: kind
    for kind in (
        *(_K("image/png", ("png",)), _K("image/jpeg", ("jpg", "jpeg", "jfif")), _K("image/gif", ("gif",))),
        *(_K("image/webp", ("webp",)), _K("image/avif", ("avif",)), _K("image/heic", ("heic", "heif"))),
        *(_K("image/bmp", ("bmp",)), _K("image/tiff", ("tif", "tiff")), _K("image/vnd.djvu", ("djvu", "djv"))),
        *(_K("application/pdf", ("pdf",)), _K("application/rtf", ("rtf",)), _K("application/zip", _ZIP)),
        *(_K("audio/mpeg", ("mp3",)), _K("audio/mp4", ("m4a",)), _K("audio/ogg", ("ogg", "oga", "opus", "ogv"))),
        *(_K("audio/wav", ("wav",)), _K("video/webm", ("webm", "weba", "mkv"))),
        *(_K("video/mp4", ("mp4", "m4v", "mov", "3gp")), _K("audio/flac", ("flac",))),
        _K("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ("docx",)),
        _K("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ("xlsx",)),
        _K("application/vnd.openxmlformats-officedocument.presentationml.presentation", ("pptx", "ppsx")),
        _K("application/vnd.oasis.opendocument.text", ("odt",)),
        _K("application/vnd.oasis.opendocument.spreadsheet", ("ods",)),
        _K("application/vnd.oasis.opendocument.presentation", ("odp",)),
        _K("application/vnd.oasis.opendocument.graphics", ("odg",)),
        _K("application/msword", ("doc",)),
        _K("application/vnd.ms-excel", ("xls",)),
        _K("application/vnd.ms-powerpoint", ("ppt", "pps")),
        _K("text/plain", ("txt",)),
    )
}
OLE = "application/x-ole-storage"
"""What old office programs wrote; which one, the whole file says."""
_RUN = (
    "exe dll com scr pif cpl msi msp mst bat cmd vbs vbe jse wsf wsh hta ps1 psm1 psd1 reg lnk url scf inf jar apk "
    "sys desktop application gadget msc chm iso img vhd dmg pkg deb rpm elf command workflow docm xlsm pptm "
    "dotm xltm potm ppam xlam ade adp appx msix xll one settingcontent-ms library-ms search-ms"
)
RUN = frozenset(_RUN.split(" "))
"""Endings that a double click runs somewhere."""
PACKED = frozenset(["zip", "rar", "7z", "gz", "bz2", "xz", "tar", "tgz", "cab", "arj", "lzh", "ace", "zst", "lz4", "z"])
_OF_ENDING = {ending: kind.type for kind in KINDS.values() for ending in kind.names}
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"AT&TFORM", "image/vnd.djvu"),
)
_PROGRAMS = (
    *(b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe"),
    *(b"\xca\xfe\xba\xbe", b"L\0\0\0\x01\x14\x02\0", b"\0asm", b"dex\n", b"ITSF", b"!<arch>\n", b"\xed\xab\xee\xdb"),
    *(b"#!/", b"#! /"),
)
"""Windows, Linux, macOS and Java programs, links, WebAssembly, Android, packages, help files, shell scripts."""
_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"heic": "image/heic", b"heix": "image/heic"}
_BRANDS |= {b"mif1": "image/heic", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4"}
_OLE_STREAMS = {"WordDocument": "application/msword", "Workbook": "application/vnd.ms-excel"}
_OLE_STREAMS |= {"PowerPoint Document": "application/vnd.ms-powerpoint", "Book": "application/vnd.ms-excel"}


def check_sent(name: str) -> None:
    """Raises FileNameTooLong."""
    if len(name.encode("utf-8", "replace")) > LONGEST_SENT:
        raise FileNameTooLong(limit=LONGEST_SENT)


def clean_name(name: str) -> str:
    """One line without directions, control characters or folders, cut but for its ending; `file` for nothing."""
    name = clean(name[:20_000]).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if letter not in '<>:"|?*').strip(" .")
    stem, dot, ending = name.rpartition(".")
    if dot and stem and len(ending) <= 20:
        return (
            f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}" if stem.strip(" .") else f"file.{ending}"
        )
    return name[:LONGEST_NAME].strip(" .") or "file"


def ending_of(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem and ending.isalnum() else ""


def kind_of(head: bytes) -> str | None:
    """The type of what begins with `head` (HEAD bytes or all); OLE where more is to be read; None: unknown.

    Raises FileTypeRefused for programs.
    """
    if head.startswith(_PROGRAMS):
        raise FileTypeRefused
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:2] == b"BM" and len(head) > 26 and head[6:10] == b"\0\0\0\0":
        return "image/bmp"
    if len(head) > 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return "text/plain" if looks_like_text(head) else None


def ole_kind(content: bytes) -> str:
    """Which old office program wrote it. Raises FileTypeRefused (an installer, a mail…), FileUnsafe (macros)."""
    for name in ("_VBA_PROJECT", "Macros", "VBA", "Ole10Native"):
        if _entry(name) in content:
            raise FileUnsafe(why="scripts")
    if _entry("EncryptedPackage") in content:
        raise FileUnsafe(why="protected")
    for name, kind in _OLE_STREAMS.items():
        if _entry(name) in content:
            return kind
    raise FileTypeRefused


def check_name(name: str, kind: str) -> str:
    """The name to keep: one without a known ending gets that of its content.

    Raises FileTypeRefused (an ending that a double click runs), FileLies.
    """
    ending = ending_of(name)
    if ending in RUN:
        raise FileTypeRefused
    claimed = _OF_ENDING.get(ending)
    if claimed == kind or (claimed and {claimed, kind} <= {"audio/mp4", "video/mp4"}):
        return name
    if claimed:
        raise FileLies(named=ending, type=kind)
    if kind == "text/plain":
        return name if ending else f"{name}.txt"
    return f"{name}.{KINDS[kind].names[0]}"


def looks_like_text(head: bytes) -> bool:
    """UTF-8, cut anywhere, without what no text has; or UTF-16 with its mark."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return len(head) % 2 == 0 or len(head) == HEAD
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head):
        return False
    for cut in range(4):
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return True
    return _cp1251(head)


def check_pixels(kind: str, head: bytes) -> None:
    """Raises FileUnsafe for a picture that no browser bears."""
    size = _pixels(kind, head)
    if size and size[0] * size[1] > MOST_PIXELS:
        raise FileUnsafe(why="too_many_pixels")


def _pixels(kind: str, head: bytes) -> tuple[int, int] | None:
    if kind == "image/png" and len(head) >= 24:
        return struct.unpack(">II", head[16:24])
    if kind == "image/gif" and len(head) >= 10:
        return struct.unpack("<HH", head[6:10])
    if kind == "image/webp" and head[12:16] == b"VP8X" and len(head) >= 30:
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == "image/bmp" and len(head) >= 26:
        width, height = struct.unpack("<ii", head[18:26])
        return abs(width), abs(height)
    return _jpeg_pixels(head) if kind == "image/jpeg" else None


def _jpeg_pixels(head: bytes) -> tuple[int, int] | None:
    """From the frame header (ITU-T T.81 B.2.2), where it stands in the head."""
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None


def _cp1251(head: bytes) -> bool:
    """Russian and Kazakh texts of old programs: mostly Cyrillic and plain letters."""
    high = sum(byte >= 0x80 for byte in head)
    return high > 0 and sum(byte >= 0xC0 for byte in head) > 0.8 * high and 0x98 not in head


def _entry(name: str) -> bytes:
    """The name of a stream in the directory of an OLE file ([MS-CFB] 2.6.1), with its end."""
    return name.encode("utf-16-le") + b"\0\0"
