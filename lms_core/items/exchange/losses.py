"""What of an item a format has no word for: one list for all writers."""

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from lms_core.items.content import NO_WORDS, Item
from lms_core.items.rich import Grid, Listing, Media, Paragraph, Rich, Words, runs

_WORDLESS = frozenset({str, int, bool, Decimal})


def losses(item: Item, keeps: Collection[str]) -> Iterator[tuple[str, str]]:
    """(why, what). `keeps`: of languages, media, markup, feedback, settings, rule, penalty, parameters, rubric,
    points, tags; what the format keeps is not looked at."""
    if "languages" not in keeps and len(item.languages()) > 1:
        yield "languages_lost", " ".join(item.languages()[1:])
    texts = all_texts(item)
    if "media" not in keeps:
        yield from (("media_lost", one.name) for text in texts for one in runs(text) if isinstance(one, Media))
    if "markup" not in keeps and any(_is_marked(text) for text in texts):
        yield "markup_lost", ""
    if "feedback" not in keeps and any(path.endswith("feedback") for path, _ in all_words(item)):
        yield "feedback_lost", ""
    if "rule" not in keeps and item.rule:
        yield "rule_lost", item.rule
    if "penalty" not in keeps and item.penalty:
        yield "penalty_lost", str(item.penalty)
    if "parameters" not in keeps and (item.parameters or item.derived):
        yield "parameters_lost", " ".join(one.name for one in item.parameters)
    if "rubric" not in keeps and getattr(item.body, "rubric", ()):
        yield "rubric_lost", ""
    settings = {"points": item.points != 1, "tags": bool(item.tags)}
    yield from (("setting_lost", name) for name, set_ in settings.items() if set_ and name not in keeps)
    if "settings" not in keeps:
        for name in ("subject", "objectives", "difficulty", "family"):
            if getattr(item, name):
                yield "setting_lost", name
        if not item.shuffle:
            yield "setting_lost", "shuffle"


def all_words(item: Item) -> list[tuple[str, Words]]:
    """Every text of an item that is written, with the name of the field it is in."""
    found: list[tuple[str, Words]] = []
    _gather(item, "", found)
    return found


def _gather(value: Any, path: str, found: list[tuple[str, Words]]) -> None:
    if isinstance(value, Words):
        if value:
            found.append((path, value))
    elif isinstance(value, tuple):
        for one in value:
            _gather(one, path, found)
    else:
        for name in _names(type(value)):
            inner = getattr(value, name)
            if inner is not NO_WORDS and type(inner) not in _WORDLESS:
                _gather(inner, "feedback" if path == "feedback" else name, found)


@cache
def _names(kind: type) -> tuple[str, ...]:
    """Of the fields of a dataclass; of anything else none."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def all_texts(item: Item) -> list[Rich]:
    return [text for _, words in all_words(item) for text in (words.kk, words.ru, words.en) if text]


def all_media(item: Item) -> dict[str, Media]:
    """By their hash, those of texts and of the picture that is pointed at."""
    found = [one for text in all_texts(item) for one in runs(text) if isinstance(one, Media)]
    picture = getattr(item.body, "picture", None)
    return {one.sha256: one for one in ([*found, picture.media] if picture else found)}


def as_text(text: Rich, dollar: str = "$") -> str:
    """Only its letters: a line for each paragraph, entry and row of a table; formulas between dollars. `dollar`:
    what is written for one that stands in the text itself."""
    lines: list[str] = []
    for block in text.blocks:
        match block:
            case Paragraph():
                lines.append(_line(block.runs, dollar))
            case Listing():
                lines += _entries(block, dollar)
            case Grid():
                lines += [" | ".join(_line(box.runs, dollar) for box in row) for row in block.rows]
    return "\n".join(line for line in lines if line)


def _entries(listing: Listing, dollar: str) -> Iterator[str]:
    for at, entry in enumerate(listing.entries, 1):
        yield f"{at}. {_line(entry.runs, dollar)}" if listing.ordered else f"- {_line(entry.runs, dollar)}"
        for inner in entry.inner:
            yield from _entries(inner, dollar)


def _line(pieces: tuple[Any, ...], dollar: str) -> str:
    return " ".join("".join([_said(one, dollar) for one in pieces]).split())


def _said(one: Any, dollar: str) -> str:
    match one.kind:
        case "text":
            return one.text.replace("$", dollar)
        case "formula":
            return f"$${one.source}$$"
        case "media":
            return one.alt or one.name
    return "_____"


def is_plain(text: Rich) -> bool:
    """Whether `as_text` tells all of it."""
    return not _is_marked(text) and not any(isinstance(one, Media) for one in runs(text))


def _is_marked(text: Rich) -> bool:
    blocks = any(not isinstance(one, Paragraph) or one.level or one.code for one in text.blocks)
    return blocks or any(getattr(one, "marks", ()) or getattr(one, "block", False) for one in runs(text))
