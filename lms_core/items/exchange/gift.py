"""GIFT, the text format of Moodle (docs.moodle.org, "GIFT format"), read; `plain_out` writes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from lms_core.items.content import (
    Accepted,
    Body,
    Essay,
    Feedback,
    Item,
    Matching,
    Multiple,
    Near,
    Numeric,
    Pair,
    Short,
    Single,
    TrueFalse,
)
from lms_core.items.rich import Words

from .batch import Batch, Note, Place, Unfit, decimal, language_of, letter, number, options_of, percent, worth_of
from .texts import decoded

LONGEST_ITEM = 200_000
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_BACK = str.maketrans({chr(0xE000 + at): mark for at, mark in enumerate("~=#{}:\\\n")})
_CODE = {mark: chr(0xE000 + at) for at, mark in enumerate("~=#{}:\\")} | {"n": chr(0xE007)}
_PRIVATE = re.compile("[\ue000-\ue007]")
_TITLE = re.compile(r"::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|plain|markdown|moodle)\]", re.IGNORECASE)
_MARK = re.compile(r"([=~])")
_SHARE = re.compile(r"\s*%(-?[0-9]+(?:[.,][0-9]*)?)%")
_TAG = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
_TRUE = {"T": True, "TRUE": True, "F": False, "FALSE": False}


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer between the braces; marks that were escaped stand as private letters until it is taken apart."""

    right: bool
    share: Decimal | None
    text: str
    feedback: str


def read(data: bytes, name: str, batch: Batch) -> None:
    """Adds to a batch. Raises Unfit for a file in no encoding that is known."""
    text, guessed = decoded(data)
    if guessed:
        batch.noted.append(Note(name, "encoding_guessed", guessed))
    language = language_of(text)
    category = ""
    for line, tags, block in _blocks(text):
        place = Place(batch, f"{name}:{line}", language)
        while block.startswith("$CATEGORY:"):
            first, _, block = block.partition("\n")
            category = " ".join(first.removeprefix("$CATEGORY:").split())[:200]
        if not block.strip():
            continue
        tagged = tuple(dict.fromkeys((*([category] if category else ()), *tags)))
        batch.attempt(place, partial(_item, block.strip(), place, tagged))


def _blocks(text: str) -> Iterator[tuple[int, list[str], str]]:
    """(line, tags of the comments before it, text) of each item: a blank line ends one, even between braces, so that
    one brace that is missing costs one item."""
    lines: list[str] = []
    tags: list[str] = []
    first = 0
    for at, line in enumerate([*text.split("\n"), ""], 1):
        if line.lstrip().startswith("//"):
            tags += [_unescaped(one) for kind, one in _TAG.findall(line) if kind == "tag"]
        elif line.strip():
            first = first or at
            lines.append(line)
        elif lines:
            yield first, tags, "\n".join(lines)
            lines, tags, first = [], [], 0


def _item(block: str, place: Place, tags: tuple[str, ...]) -> Item:
    if len(block) > LONGEST_ITEM:
        raise Unfit("too_long")
    text = _ESCAPED.sub(lambda found: _CODE[found[1]], _PRIVATE.sub("", block))
    title = ""
    if text.startswith("::") and (found := _TITLE.match(text)):
        title, text = place.name(_plain(found[1])), text[found.end() :]
    form = "moodle"
    if found := _FORMAT.match(text):
        form, text = found[1].lower(), text[found.end() :]
    before, inner, after = _parted(text)
    general = ""
    if "####" in inner:
        inner, _, general = inner.partition("####")
    body, asked = _body(inner.strip(), place, form), before.strip()
    if after.strip():
        asked = f"{before.rstrip()} _____ {after.strip()}"
        place.note("blank_added")
    prompt = _words(asked, place, form)
    if not prompt:
        raise Unfit("prompt_missing")
    feedback = Feedback(general=_words(general, place, form))
    if isinstance(body, tuple):
        body, wrong, right = body
        feedback = Feedback(feedback.general, right=right, wrong=wrong)
    return Item(prompt, body, name=title, tags=tags, feedback=feedback)


def _parted(text: str) -> tuple[str, str, str]:
    """Before, between and after the braces. Raises Unfit."""
    if text.count("{") != 1 or text.count("}") != 1 or text.index("{") > text.index("}"):
        raise Unfit("braces_unbalanced" if "{" in text or "}" in text else "answers_missing", _plain(text)[:80])
    before, _, rest = text.partition("{")
    inner, _, after = rest.partition("}")
    return before, inner, after


def _body(inner: str, place: Place, form: str) -> Body | tuple[TrueFalse, Words, Words]:
    if not inner:
        return Essay()
    if inner.startswith("#"):
        return _numeric(inner[1:].strip(), place, form)
    word, *said = inner.split("#")
    if (right := _TRUE.get(word.strip().upper())) is not None and len(said) <= 2:
        wrong, fine = ([_words(one, place, form) for one in said] + [Words(), Words()])[:2]
        return TrueFalse(right), wrong, fine
    answers = [*_answers(inner)]
    if all("->" in one.text for one in answers):
        return _matching(answers, place, form)
    if all(one.right for one in answers):
        return _short(answers, place, form)
    return _choice(answers, place, form)


def _answers(inner: str) -> Iterator[_Answer]:
    """Raises Unfit where something stands before the first, or one is empty."""
    head, *parts = _MARK.split(inner)
    if head.strip() or not parts:
        raise Unfit("answer_unreadable", _plain(head or inner)[:80])
    for mark, text in zip(parts[::2], parts[1::2], strict=True):
        share = None
        if found := _SHARE.match(text):
            share, text = percent(found[1]), text[found.end() :]
        said, _, feedback = text.partition("#")
        if not said.strip():
            raise Unfit("answer_unreadable", _plain(text)[:80])
        if share is not None and abs(share) > 1:
            raise Unfit("answer_unreadable", f"{share * 100}%")
        yield _Answer(mark == "=", share, said.strip(), feedback.strip())


def _choice(answers: list[_Answer], place: Place, form: str) -> Body:
    options = options_of((_words(one.text, place, form), _words(one.feedback, place, form)) for one in answers)
    if len(options) < 2:
        raise Unfit("options_missing")
    shares = {
        letter(at): Decimal(1) if one.right and one.share is None else one.share or Decimal(0)
        for at, one in enumerate(answers)
    }
    best = [one for one, share in shares.items() if share == 1]
    if any(one.right for one in answers) and best:
        rest = {one: share for one, share in shares.items() if one not in best}
        return Single(options, tuple(best), worth_of(rest.items()))
    right = tuple(one for one, share in shares.items() if share > 0)
    if not right:
        raise Unfit("key_missing")
    return Multiple(options, right, worth_of(shares.items()))


def _short(answers: list[_Answer], place: Place, form: str) -> Short:
    accepted = []
    for one in answers:
        text = _plain(one.text)
        feedback = _words(one.feedback, place, form)
        share = _share(one, place)
        accepted.append(Accepted(text, share, "*" in text, feedback))
    return Short(tuple(accepted))


def _matching(answers: list[_Answer], place: Place, form: str) -> Matching:
    """An empty left side only offers one more right one."""
    left, right, pairs = [], [], []
    known: dict[str, str] = {}
    for one in answers:
        asked, _, found = (half.strip() for half in one.text.partition("->"))
        if not found:
            raise Unfit("answer_unreadable", _plain(one.text)[:80])
        if found not in known:
            known[found] = letter(len(right))
            right.append((_words(found, place, form), Words()))
        if asked:
            pairs.append(Pair(letter(len(left)), known[found]))
            left.append((_words(asked, place, form), Words()))
        if one.share is not None:
            place.note("share_lost", _plain(one.text)[:80])
        if one.feedback:
            place.note("feedback_lost", _plain(one.feedback)[:80])
    if not pairs:
        raise Unfit("key_missing")
    return Matching(options_of(left), options_of(right), tuple(pairs))


def _numeric(inner: str, place: Place, form: str) -> Numeric:
    if not inner:
        raise Unfit("answers_missing")
    answers = [*_answers(inner)] if inner.startswith(("=", "~")) else []
    if not answers:
        said, _, feedback = inner.partition("#")
        answers = [_Answer(True, None, said.strip(), feedback.strip())]
    near = []
    for one in answers:
        value, tolerance = _near(one.text)
        share = _share(one, place) if one.right or one.share is not None else Decimal(0)
        near.append(Near(number(value), number(tolerance), share=share, feedback=_words(one.feedback, place, form)))
    return Numeric(tuple(near))


def _share(one: _Answer, place: Place) -> Decimal:
    """What is typed costs nothing with us."""
    if one.share is not None and one.share < 0:
        place.note("share_lost", _plain(one.text)[:80])
    return Decimal(1) if one.share is None else max(one.share, Decimal(0))


def _near(text: str) -> tuple[Decimal, Decimal]:
    """`3:0.5` and `1..5`: the middle and how far from it. Raises Unfit."""
    text = _plain(text)
    if ".." in text:
        low, high = (decimal(half) for half in text.split("..", 1))
        if low > high:
            raise Unfit("answer_unreadable", text)
        return (low + high) / 2, (high - low) / 2
    value, _, tolerance = text.partition(":")
    return decimal(value), abs(decimal(tolerance or "0"))


def _words(text: str, place: Place, form: str) -> Words:
    if not text:
        return Words()
    if text.startswith("[") and (found := _FORMAT.match(text)):
        form, text = found[1].lower(), text[found.end() :]
    text = text.translate(_BACK).strip()
    if form == "markdown" and re.search(r"[*_`#\[]", text):
        place.note("markdown_plain")
    return place.html(text) if form in ("html", "moodle") and "<" in text else place.plain(text)


def _plain(text: str) -> str:
    return text.translate(_BACK).strip()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).strip()
