"""Formatted text of a question: a small tree, so that no page is ever given strangers' HTML.

Rich
  blocks: Paragraph | Listing | Grid
    runs (inline): Text | Formula | Media | Blank
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

Mark = Literal["bold", "italic", "under", "sub", "sup", "code"]
MARKS: tuple[Mark, ...] = ("bold", "italic", "under", "sub", "sup", "code")
LANGUAGES = ("kk", "ru", "en")


class Shape:
    """What is read from JSON: an unknown key is refused, never dropped."""

    __slots__ = ()
    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Text(Shape):
    """Characters with the same marks; a line break inside is `\\n`. May hold `{{name}}` of a parameter."""

    text: str
    marks: tuple[Mark, ...] = ()
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Formula(Shape):
    """KaTeX source without its dollars; `block` stands in a line of its own."""

    source: str
    block: bool = False
    kind: Literal["formula"] = "formula"


@dataclass(frozen=True, slots=True)
class Media(Shape):
    """A picture, sound or film by what it holds; its bytes lie elsewhere.

    `sha256` in 64 small hexadecimal digits, `type` as in `image/png`, `alt` is what is said to who cannot see or
    hear it; width and height are CSS pixels, 0 is the file's own.
    """

    sha256: str
    name: str
    type: str
    alt: str = ""
    width: int = 0
    height: int = 0
    kind: Literal["media"] = "media"


@dataclass(frozen=True, slots=True)
class Blank(Shape):
    """Where the gap `id` of a cloze stands."""

    id: str
    kind: Literal["blank"] = "blank"


Inline = Text | Formula | Media | Blank


@dataclass(frozen=True, slots=True)
class Paragraph(Shape):
    """`level` 0 is a paragraph, 1 and 2 are headings; `code` keeps its spaces."""

    runs: tuple[Inline, ...] = ()
    level: Literal[0, 1, 2] = 0
    code: bool = False
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Entry(Shape):
    """One entry of a list; `inner` is a list below it."""

    runs: tuple[Inline, ...] = ()
    inner: "tuple[Listing, ...]" = ()


@dataclass(frozen=True, slots=True)
class Listing(Shape):
    entries: tuple[Entry, ...] = ()
    ordered: bool = False
    kind: Literal["list"] = "list"


@dataclass(frozen=True, slots=True)
class Box(Shape):
    """One cell of a table."""

    runs: tuple[Inline, ...] = ()
    head: bool = False
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Grid(Shape):
    rows: tuple[tuple[Box, ...], ...] = ()
    kind: Literal["table"] = "table"


Block = Paragraph | Listing | Grid


@dataclass(frozen=True, slots=True)
class Rich(Shape):
    blocks: tuple[Block, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks)


@dataclass(frozen=True, slots=True)
class Words(Shape):
    """One text in the languages it was written in; None where it was not."""

    kk: Rich | None = None
    ru: Rich | None = None
    en: Rich | None = None

    def __bool__(self) -> bool:
        return bool(self.kk or self.ru or self.en)

    def languages(self) -> tuple[str, ...]:
        return tuple([one for one in LANGUAGES if getattr(self, one)])

    def of(self, language: str) -> Rich:
        """In this language, else in the first one there is."""
        here = getattr(self, language, None) if language in LANGUAGES else None
        return here or self.kk or self.ru or self.en or Rich()


def plain(text: str) -> Rich:
    """Each line of `text` as a paragraph, without any markup read."""
    return Rich(tuple(Paragraph((Text(line),)) for line in text.split("\n") if line.strip()))


def same(text: Rich, *languages: str) -> Words:
    """The same text in each of these languages."""
    return Words(**dict.fromkeys(languages, text))


def runs(rich: Rich) -> Iterator[Inline]:
    """Every inline piece, in reading order."""
    for block in rich.blocks:
        yield from block.runs if isinstance(block, Paragraph) else _of_block(block)


def _of_block(block: Block) -> Iterator[Inline]:
    match block:
        case Paragraph():
            yield from block.runs
        case Listing():
            for entry in block.entries:
                yield from entry.runs
                for inner in entry.inner:
                    yield from _of_block(inner)
        case Grid():
            for row in block.rows:
                for box in row:
                    yield from box.runs


def tidy(rich: Rich) -> Rich:
    """Nothing empty, neighbours with the same marks joined, marks in one order: equal when it looks equal."""
    return Rich(tuple(one for block in rich.blocks if (one := _tidy_block(block))))


def joined(inlines: "tuple[Inline, ...] | list[Inline]") -> tuple[Inline, ...]:
    """One paragraph's pieces, tidied."""
    made: list[Inline] = []
    for one in inlines:
        if isinstance(one, Text):
            marks: tuple[Mark, ...] = tuple(mark for mark in MARKS if mark in one.marks)
            last = made[-1] if made else None
            if isinstance(last, Text) and last.marks == marks:
                made[-1] = Text(last.text + one.text, marks)
            elif one.text:
                made.append(Text(one.text, marks))
        else:
            made.append(one)
    return tuple(made)


def _tidy_block(block: Block) -> Block | None:
    match block:
        case Paragraph():
            pieces = joined(block.runs)
            return Paragraph(pieces, 0 if block.code else block.level, block.code) if pieces else None
        case Listing():
            return _tidy_list(block)
        case Grid():
            rows = tuple(
                tuple(Box(joined(box.runs), box.head, box.columns, box.rows) for box in row)
                for row in block.rows
                if row
            )
            return Grid(rows) if rows else None


def _tidy_list(listing: Listing) -> Listing | None:
    entries = tuple(
        Entry(joined(entry.runs), tuple(one for inner in entry.inner if (one := _tidy_list(inner))))
        for entry in listing.entries
    )
    return Listing(entries, listing.ordered) if entries else None
