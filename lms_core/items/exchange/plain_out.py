"""GIFT and Aiken, written."""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from lms_core.items.content import Essay, Item, Matching, Multiple, Numeric, Option, Short, Single, TrueFalse
from lms_core.items.rich import Rich, Text, Words, runs
from lms_core.items.written import to_html

from .batch import Note, Unfit, Written, number
from .losses import as_text, is_plain, losses

_ALL = Decimal(1)
_FORMULA = re.compile(r"[$\\]")
_GIFT_KEEPS = ("markup", "feedback", "tags")


def gift(items: Sequence[Item]) -> Written:
    """Single, multiple, true/false, short, numeric, matching and essay; media and other languages are noted."""
    return _written(items, _gift_item, _GIFT_KEEPS)


def aiken(items: Sequence[Item]) -> Written:
    """Single choice with one right answer, in up to 26 options."""
    return _written(items, _aiken_item, ())


def _written(items: Sequence[Item], one: Callable[[Item], str], keeps: Sequence[str]) -> Written:
    made, noted = [], []
    for at, item in enumerate(items, 1):
        where = f"{at} {item.name}".strip()
        try:
            made.append(one(item))
        except Unfit as no:
            noted.append(Note(where, no.why, no.what))
        else:
            noted += [Note(where, why, what) for why, what in losses(item, keeps)]
    return Written("\n\n".join([*made, ""]).encode(), noted)


def _gift_item(item: Item) -> str:
    language = _language(item)
    head = "// " + " ".join(f"[tag:{_tag(one)}]" for one in item.tags) + "\n" if item.tags else ""
    title = f"::{_escaped(item.name)}::" if item.name else ""
    general = item.feedback.general.of(language)
    said = f"\n####{_text(general)}" if general else ""
    inner = "\n".join(_gift_answers(item, language))
    return f"{head}{title}{_text(item.prompt.of(language))} {{{inner}{said}}}"


def _gift_answers(item: Item, language: str) -> Iterator[str]:
    def told(words: Words) -> str:
        return f"#{_text(words.of(language))}" if words else ""

    body = item.body
    if not isinstance(body, TrueFalse) and any((item.feedback.right, item.feedback.partly, item.feedback.wrong)):
        raise Unfit("no_place_in_format", "feedback")
    match body:
        case Essay() if not (body.least_words or body.most_words or body.sample):
            return
        case TrueFalse(right=right) if not (body.when_true or body.when_false or item.feedback.partly):
            wrong, fine = told(item.feedback.wrong), told(item.feedback.right)
            yield ("T" if right else "F") + (f"{wrong or '#'}{fine}" if wrong or fine else "")
        case Single() | Multiple():
            yield from _gift_choice(body, language, told)
        case Short(fold_case=True, fold_space=True):
            for one in body.accepted:
                if one.pattern != ("*" in one.text) or "->" in one.text or "\\*" in one.text:
                    raise Unfit("no_place_in_format", one.text)
                usual = None if one.text.startswith("%") else _ALL
                yield f"={_share(one.share, usual)}{_escaped(one.text)}{told(one.feedback)}"
        case Numeric(units=()) if not any(one.relative for one in body.near):
            yield "#"
            for one in body.near:
                if not all(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) for text in (one.value, one.tolerance)):
                    raise Unfit("no_place_in_format", one.value)
                yield f"={_share(one.share, _ALL)}{one.value}:{one.tolerance}{told(one.feedback)}"
        case Matching(most=1, reuse=True):
            yield from _gift_pairs(body, language)
        case _:
            raise Unfit("no_place_in_format", item.kind)


def _gift_choice(body: Single | Multiple, language: str, told: Callable[[Words], str]) -> Iterator[str]:
    worth = {one.id: one.share for one in body.worth}
    if isinstance(body, Multiple):
        if body.least or body.most:
            raise Unfit("no_place_in_format", "multiple")
        if not worth:
            worth = _parts(body)
        if not any(share > 0 for share in worth.values()):
            raise Unfit("no_place_in_format", "multiple")
    if any(one.fixed for one in body.options):
        raise Unfit("no_place_in_format", "fixed")
    for one in body.options:
        right = isinstance(body, Single) and one.id in body.right
        text = _option(one, language)
        share = Decimal(1) if right else worth.get(one.id, Decimal(0))
        usual = None if text.startswith("%") else Decimal(right)
        yield f"{'=' if right else '~'}{_share(share, usual)}{text}{told(one.feedback)}"


def _parts(body: Multiple) -> dict[str, Decimal]:
    """Equal parts of the right ones; each wrong one costs as much as a right one gives."""
    part = (1 / Decimal(len(body.right))).quantize(Decimal("0.0000001"))
    return {one.id: part if one.id in body.right else -part for one in body.options}


def _gift_pairs(body: Matching, language: str) -> Iterator[str]:
    left, right = ({one.id: one for one in half} for half in (body.left, body.right))
    of = {pair.left: pair.right for pair in body.pairs}
    if len(of) < len(body.pairs) or of.keys() != left.keys():
        raise Unfit("no_place_in_format", "matching")
    if any(one.feedback or one.fixed for one in (*body.left, *body.right)):
        raise Unfit("no_place_in_format", "feedback")
    if any(_option(one, language).startswith("%") for one in body.left):
        raise Unfit("no_place_in_format", "%")
    for one in body.left:
        yield f"={_option(one, language)} -> {_option(right[of[one.id]], language)}"
    for one in body.right:
        if one.id not in of.values():
            yield f"= -> {_option(one, language)}"


def _option(one: Option, language: str) -> str:
    text = _text(one.words.of(language))
    if not text.strip() or "->" in text:
        raise Unfit("no_place_in_format", text)
    return text


def _aiken_item(item: Item) -> str:
    body, language = item.body, _language(item)
    if not isinstance(body, Single) or len(body.right) != 1 or body.worth or not 2 <= len(body.options) <= 26:
        raise Unfit("no_place_in_format", item.kind)
    asked, *options = (
        " ".join(as_text(one.of(language)).split()) for one in (item.prompt, *(one.words for one in body.options))
    )
    if not all((asked, *options)) or re.match(r"(?i)(ANSWER|ОТВЕТ|ЖАУАБЫ|ЖАУАП)\s*:|[AА][.)]\s", asked):
        raise Unfit("no_place_in_format", "prompt")
    right = [one.id for one in body.options].index(body.right[0])
    lines = [f"{chr(65 + at)}. {option}" for at, option in enumerate(options)]
    return "\n".join([asked, *lines, f"ANSWER: {chr(65 + right)}"])


def _text(text: Rich) -> str:
    """As plain words, if they would not be read as something else: a tag, a formula, a comment, a format."""
    said = as_text(text)
    if not is_plain(text) or any(isinstance(one, Text) and _FORMULA.search(one.text) for one in runs(text)):
        return "[html]" + _escaped(to_html(text, lambda media: media.name))
    return ("[plain]" if "<" in said or said.startswith(("[", "//", "$CATEGORY:")) else "") + _escaped(said)


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", "\\n")


def _tag(text: str) -> str:
    return re.sub(r"([\]\\])", r"\\\1", text)


def _share(share: Decimal, usual: Decimal | None = None) -> str:
    return "" if share == usual else f"%{number(share * 100)}%"


def _language(item: Item) -> str:
    return (*item.languages(), "ru")[0]
