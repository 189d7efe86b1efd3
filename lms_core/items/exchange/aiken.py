"""Aiken, read: one right answer, in plain lines (docs.moodle.org, "Aiken format"). `plain_out` writes it."""

import re
from functools import partial

from lms_core.items.content import Item, Single
from lms_core.items.rich import Words

from .batch import Batch, Note, Place, Unfit, language_of, letter, options_of
from .texts import decoded

_OPTION = re.compile(r"\s*([A-ZА-Я])[.)]\s+(.*)")
_ANSWER = re.compile(r"\s*(?:ANSWER|ОТВЕТ|ЖАУАБЫ|ЖАУАП)\s*:\s*(.*?)\s*$", re.IGNORECASE)
_CYRILLIC = "АБВГДЕЖЗИК"
"""How options are lettered where the keyboard is Russian."""


def read(data: bytes, name: str, batch: Batch) -> None:
    """Adds to a batch. Raises Unfit for a file in no encoding that is known."""
    text, guessed = decoded(data)
    if guessed:
        batch.noted.append(Note(name, "encoding_guessed", guessed))
    language, first = language_of(text), 0
    lines: list[str] = []
    for at, line in enumerate([*text.split("\n"), ""], 1):
        if line.strip():
            first = first or at
            lines.append(line)
        ends = bool(_ANSWER.match(line)) or (not line.strip() and any(map(_OPTION.match, lines)))
        if lines and (ends or at > text.count("\n") + 1):
            place = Place(batch, f"{name}:{first}", language)
            batch.attempt(place, partial(_item, lines, place))
            lines, first = [], 0


def _item(lines: list[str], place: Place) -> Item:
    asked: list[str] = []
    options: list[tuple[str, str]] = []
    for line in lines:
        if found := _ANSWER.match(line):
            return _made(asked, options, found[1], place)
        if (found := _OPTION.match(line)) and (options or found[1] in "AА"):
            options.append((found[1], found[2]))
        elif options:
            raise Unfit("answer_unreadable", line.strip()[:80])
        else:
            asked.append(line)
    raise Unfit("key_missing" if options else "answers_missing")


def _made(asked: list[str], options: list[tuple[str, str]], answer: str, place: Place) -> Item:
    prompt = place.plain("\n".join(asked))
    if not prompt:
        raise Unfit("prompt_missing")
    if len(options) < 2:
        raise Unfit("options_missing")
    letters = [one for one, _ in options]
    if len(set(letters)) < len(letters):
        raise Unfit("answer_unreadable", "".join(letters))
    if len(answer) != 1 or answer.upper() not in letters:
        raise Unfit("answer_unknown", answer[:80])
    right = letter(letters.index(answer.upper()))
    return Item(prompt, Single(options_of((place.plain(text), Words()) for _, text in options), (right,)))
