"""What of an item a format has no word for: one list for all writers."""

from collections.abc import Collection, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from lms_core.items.content import Item
from lms_core.items.rich import Grid, Listing, Media, Paragraph, Rich, Words, runs


def losses(item: Item, keeps: Collection[str]) -> Iterator[tuple[str, str]]:
    """(why, what). `keeps`: of languages, media, markup, feedback, settings, rule, penalty, parameters, rubric,
    points, tags; what the format keeps is not looked at."""
    if "languages" not in keeps and len(item.languages()) > 1:
        yield "languages_lost", " ".join(item.languages()[1:])
    texts = [*all_texts(item)]
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


def all_words(value: Any, path: str = "") -> Iterator[tuple[str, Words]]:
    """Every text of an item that is written, with the name of the field it is in."""
    if isinstance(value, Words):
        if value:
            yield path, value
    elif isinstance(value, tuple):
        for one in value:
            yield from all_words(one, path)
    elif is_dataclass(value):
        for field in fields(value):
            inner = "feedback" if path == "feedback" else field.name
            yield from all_words(getattr(value, field.name), inner)


def all_texts(item: Item) -> Iterator[Rich]:
    for _, words in all_words(item):
        yield from (text for text in (words.kk, words.ru, words.en) if text)


def all_media(item: Item) -> dict[str, Media]:
    """By their hash, those of texts and of the picture that is pointed at."""
    found = [one for text in all_texts(item) for one in runs(text) if isinstance(one, Media)]
    picture = getattr(item.body, "picture", None)
    return {one.sha256: one for one in ([*found, picture.media] if picture else found)}


def as_text(text: Rich) -> str:
    """Only its letters: a line for each paragraph, entry and row of a table; formulas between dollars."""
    lines: list[str] = []
    for block in text.blocks:
        match block:
            case Paragraph():
                lines.append(_line(block.runs))
            case Listing():
                lines += _entries(block)
            case Grid():
                lines += [" | ".join(_line(box.runs) for box in row) for row in block.rows]
    return "\n".join(line for line in lines if line)


def _entries(listing: Listing) -> Iterator[str]:
    for at, entry in enumerate(listing.entries, 1):
        yield f"{at}. {_line(entry.runs)}" if listing.ordered else f"- {_line(entry.runs)}"
        for inner in entry.inner:
            yield from _entries(inner)


def _line(pieces: tuple[Any, ...]) -> str:
    said = {
        "text": lambda one: one.text,
        "formula": lambda one: f"$${one.source}$$",
        "media": lambda one: one.alt or one.name,
        "blank": lambda one: "_____",
    }
    return " ".join("".join(said[one.kind](one) for one in pieces).split())


def is_plain(text: Rich) -> bool:
    """Whether `as_text` tells all of it."""
    return not _is_marked(text) and not any(isinstance(one, Media) for one in runs(text))


def _is_marked(text: Rich) -> bool:
    blocks = any(not isinstance(one, Paragraph) or one.level or one.code for one in text.blocks)
    return blocks or any(getattr(one, "marks", ()) or getattr(one, "block", False) for one in runs(text))
