"""Faults of a question, and the checks that any part of one may need: texts, media, counts, ids."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .content import Cloze, Item
from .rich import Blank, Block, Formula, Grid, Listing, Media, Rich, Text, Words, runs

MOST_BLOCKS, LONGEST_TEXT, LONGEST_FORMULA, LONGEST_LINE, DEEPEST_LIST = 300, 50_000, 2_000, 500, 4
MOST_CELLS, MOST_PIXELS = 400, 20_000
ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
TYPE = re.compile(r"(?:image|audio|video)/[a-z0-9.+-]{1,60}")


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` as in `body.options[2].words`."""

    where: str
    why: str


def in_ids(where: str, ids: Sequence[str], least: int, most: int) -> Iterator[Fault]:
    yield from in_number(where, ids, least, most)
    yield from told_once(where, ids)
    if any(not ID.fullmatch(one) for one in ids):
        yield Fault(where, "id")


def in_words(where: str, words: Words, item: Item, needed: bool = False) -> Iterator[Fault]:
    """Written in each of the prompt's languages, or, where it is not `needed`, in none."""
    if not words:
        if needed:
            yield Fault(where, "none")
        return
    if not set(item.languages()) <= set(words.languages()):
        yield Fault(where, "language")
    for rich in texts(words):
        yield from in_rich(where, rich, where == "prompt" and isinstance(item.body, Cloze))


def texts(words: Words) -> list[Rich]:
    return [rich for rich in (words.kk, words.ru, words.en) if rich]


def in_rich(where: str, rich: Rich, blanks: bool) -> Iterator[Fault]:
    characters = 0
    if len(rich.blocks) > MOST_BLOCKS:
        yield Fault(where, "many")
    for one in runs(rich):
        match one:
            case Text():
                characters += len(one.text)
            case Formula():
                if not one.source or len(one.source) > LONGEST_FORMULA:
                    yield Fault(where, "long" if one.source else "none")
            case Media():
                yield from in_media(where, one)
            case Blank():
                if not blanks:
                    yield Fault(where, "unknown")
    if characters > LONGEST_TEXT:
        yield Fault(where, "long")
    for block in rich.blocks:
        yield from _block(where, block)


def _block(where: str, block: Block) -> Iterator[Fault]:
    match block:
        case Listing() if _depth(block) > DEEPEST_LIST:
            yield Fault(where, "deep")
        case Grid():
            boxes = [box for row in block.rows for box in row]
            yield from in_number(where, boxes, 1, MOST_CELLS)
            if any(not (1 <= box.columns <= 20 and 1 <= box.rows <= 20) for box in boxes):
                yield Fault(where, "range")


def _depth(listing: Listing) -> int:
    return 1 + max((_depth(inner) for entry in listing.entries for inner in entry.inner), default=0)


def in_media(where: str, media: Media) -> Iterator[Fault]:
    whole = re.fullmatch("[0-9a-f]{64}", media.sha256) and TYPE.fullmatch(media.type)
    if not whole or len(media.alt) > LONGEST_LINE * 4 or not 0 < len(media.name) <= 255:
        yield Fault(where, "file")
    if not (0 <= media.width <= MOST_PIXELS and 0 <= media.height <= MOST_PIXELS):
        yield Fault(where, "range")


def in_line(where: str, text: str, needed: bool = False) -> Iterator[Fault]:
    if needed and not text.strip():
        yield Fault(where, "none")
    if len(text) > LONGEST_LINE:
        yield Fault(where, "long")


def in_number(where: str, things: Sequence[object], least: int, most: int) -> Iterator[Fault]:
    if len(things) < least:
        yield Fault(where, "few" if things else "none")
    if len(things) > most:
        yield Fault(where, "many")


def told_once(where: str, things: Sequence[object]) -> Iterator[Fault]:
    if len(set(things)) < len(things):
        yield Fault(where, "twice")
