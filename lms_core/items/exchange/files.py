"""Reading and writing files of questions: the two doors of the exchange."""

from collections.abc import Callable, Mapping, Sequence

from lms_core.items.content import Item

from . import aiken, gift, moodle, moodle_out, plain_out, qti, qti_out, tables
from .batch import MOST_BYTES, Batch, Note, Unfit, Written
from .detect import detect

_READERS: dict[str, Callable[[bytes, str, Batch], None]] = {
    "gift": gift.read,
    "aiken": aiken.read,
    "moodle": moodle.read,
    "qti": qti.read_file,
    "package": qti.read_package,
    "xlsx": tables.read,
}
_WRITERS: dict[str, Callable[[Sequence[Item], Mapping[str, tuple[bytes, str]]], Written]] = {
    "gift": lambda items, media: plain_out.gift(items),
    "aiken": lambda items, media: plain_out.aiken(items),
    "moodle": moodle_out.write,
    "xlsx": lambda items, media: tables.write(items),
    "qti21": lambda items, media: qti_out.write(items, media, "qti21"),
    "qti22": lambda items, media: qti_out.write(items, media, "qti22"),
    "qti30": lambda items, media: qti_out.write(items, media, "qti30"),
}


def read(data: bytes, name: str, format: str = "auto") -> Batch:
    """Everything a file gives, and a report of all that it does not. `format`: one of FORMATS, `qti` or `auto`.

    Nothing of what strangers write is raised: a file that cannot be read at all is one refusal. Slow for large files;
    call it beside the event loop.
    """
    batch = Batch()
    name = name.replace("\\", "/").rpartition("/")[2][:120] or "file"
    try:
        if len(data) > MOST_BYTES:
            raise Unfit("too_large")
        kind = detect(data) if format in ("auto", "qti21", "qti22", "qti30", "qti") else format
        if kind not in _READERS:
            raise Unfit("format_unknown", kind)
        _READERS[kind](data, name, batch)
        if not batch.items and not batch.refused:
            raise Unfit("empty")
    except Unfit as no:
        batch.refused.append(Note(f"{name}:{no.line}" if no.line else name, no.why, no.what[:200]))
    return batch


def write(items: Sequence[Item], media: Mapping[str, tuple[bytes, str]], format: str) -> Written:
    """A file of items, with what the format has no word for. `media`: as in Batch. Raises KeyError (no format)."""
    return _WRITERS[format](items, media)
