"""Reading and writing files of questions in a process of its own: with little memory, in bounded time, and only while
nobody else needs the machine. Strangers made what is read, and lessons go on beside it.

Both sides share a folder. `asked.json` says what is wanted; `in` is read into `items`, a line each, and
`media/<sha256>`, or `media/<sha256>` is written into `out`; `out.json` is what came of it.
"""

import asyncio
import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from lms_core.kernel import plain as shapes

if TYPE_CHECKING:
    from .batch import Batch

MEMORY = 2 * 1024**3
SECONDS = 240
MOST_TOLD = 500_000_000
NICENESS = 10
_TOO_HEAVY = 3
_ROOT = Path(__file__).parents[3]


class TooHeavy(Exception):
    """It took more memory or time than there is for it."""


class Failed(Exception):
    """It ended as it should not; `code` as the system says."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Note:
    """As `batch.Note`."""

    where: str
    why: str
    what: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """`items`: places among the questions of the reading."""

    name: str
    items: list[int]


@dataclass(frozen=True, slots=True)
class Test:
    name: str
    sections: list[Section]


@dataclass(frozen=True, slots=True)
class One:
    """A question that may be kept: as `plain` writes it, in JSON, and as `core.described` describes it."""

    plain: str
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file gives. `items`: how many questions, which lie in the file `lines`; `media`: SHA-256 → type, their
    bytes lie in `media` of the folder."""

    items: int = 0
    media: dict[str, str] = field(default_factory=dict)
    refused: list[Note] = field(default_factory=list)
    noted: list[Note] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    lines: Path | None = None

    async def parts(self, size: int) -> AsyncIterator[list[One]]:
        """The questions in their order, so many at once. Read beside the loop, a line at a time: all of a large file
        at once would keep everybody waiting."""
        if self.lines is None:
            return
        with await asyncio.to_thread(self.lines.open, encoding="utf-8", newline="\n") as file:
            while some := await asyncio.to_thread(_some, file, size):
                yield some


def _some(file: TextIO, size: int) -> list[One]:
    return [One(**json.loads(line)) for line in islice(file, size)]


async def read(folder: Path, name: str, format: str) -> Reading:
    """What `in` of a folder gives; like `files.read`, whatever it holds: too much of it is one refusal."""
    try:
        told = await _run(folder, {"read": name, "format": format})
        _check(folder / "items")
    except TooHeavy:
        return Reading(refused=[Note(name, "too_heavy")])
    except Failed as no:
        return Reading(refused=[Note(name, "reader_failed", str(no.code))])
    return await asyncio.to_thread(shapes.from_plain, Reading, {**told, "lines": folder / "items"})


async def write(folder: Path, items: Sequence[Mapping[str, Any]], media: Mapping[str, str], format: str) -> list[Note]:
    """Makes `out` of a folder of items; what the format has no word for, by the item's place, from 1. `media`:
    SHA-256 → type of those in the folder. Raises TooHeavy, Failed."""
    told = await _run(folder, {"items": list(items), "media": dict(media), "format": format})
    return [Note(**one) for one in told["noted"]]


async def _run(folder: Path, asked: Mapping[str, Any]) -> Any:
    await asyncio.to_thread(_say, folder / "asked.json", asked)
    command = [sys.executable, "-m", "lms_core.items.exchange.apart", os.path.abspath(folder)]  # noqa: ASYNC240
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, cwd=_ROOT, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        async with asyncio.timeout(SECONDS):
            code = await process.wait()
    except TimeoutError:
        raise TooHeavy from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if code == _TOO_HEAVY or code < 0:
        raise TooHeavy
    if code:
        raise Failed(code)
    return await asyncio.to_thread(_told, folder / "out.json")


def _say(file: Path, told: Any) -> None:
    file.write_text(_json(told), "utf-8")


_json = json.JSONEncoder(ensure_ascii=False).encode


def _check(file: Path) -> None:
    if file.stat().st_size > MOST_TOLD:
        raise TooHeavy


def _told(file: Path) -> Any:
    _check(file)
    return json.loads(file.read_text("utf-8"))


# --- In the other process


def _main(folder: Path) -> None:
    _step_back()
    gc.disable()  # all that is made is needed until the end
    asked = json.loads((folder / "asked.json").read_text("utf-8"))
    told = _read(folder, asked) if "read" in asked else _write(folder, asked)
    (folder / "out.json").write_text(told, "utf-8")


def _step_back() -> None:
    with suppress(ImportError, AttributeError, OSError, ValueError):  # not every system knows such limits
        import resource

        os.nice(NICENESS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _read(folder: Path, asked: Mapping[str, Any]) -> str:
    from .files import read

    batch = read((folder / "in").read_bytes(), asked["read"], asked["format"])
    (folder / "media").mkdir(exist_ok=True)
    for digest, (data, _) in batch.media.items():
        (folder / "media" / digest).write_bytes(data)
    _put(batch, folder / "items")
    return _json(
        {
            "items": len(batch.items),
            "media": {digest: kind for digest, (_, kind) in batch.media.items()},
            "refused": [asdict(one) for one in batch.refused],
            "noted": [asdict(one) for one in batch.noted],
            "tests": [
                {"name": test.name, "sections": [{"name": name, "items": items} for name, items in test.sections]}
                for test in batch.tests
            ],
        }
    )


def _put(batch: "Batch", file: Path) -> None:
    """A line for each question, as `One`."""
    from lms_core.items.core import described

    with file.open("w", encoding="utf-8", newline="\n") as lines:
        for item, text in zip(batch.items, batch.texts, strict=True):
            lines.write(_json({"plain": text, "said": _fields(described(item))}) + "\n")


def _fields(said: Any) -> dict[str, Any]:
    return {name: getattr(said, name) for name in said.__slots__}


def _write(folder: Path, asked: Mapping[str, Any]) -> str:
    from lms_core.items.plain import from_plain

    from .files import write

    media = {digest: ((folder / "media" / digest).read_bytes(), kind) for digest, kind in asked["media"].items()}
    written = write([from_plain(one) for one in asked["items"]], media, asked["format"])
    (folder / "out").write_bytes(written.data)
    return _json({"noted": [asdict(one) for one in written.noted]})


if __name__ == "__main__":
    try:
        _main(Path(sys.argv[1]))
    except (MemoryError, RecursionError):
        os._exit(_TOO_HEAVY)  # nothing is tidied up where there is no room left
