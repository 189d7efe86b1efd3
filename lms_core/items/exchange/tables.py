"""Questions in Excel: a row for each, under a header in Kazakh, Russian or English.

The right answer is a letter or number of an option (`B`, `2`), several apart by `;`; typed answers apart by `;`; a
number with its tolerance (`9.81 ± 0.05`); `true` or `false`. Options of a matching are pairs (`left -> right`), those
of an ordering stand in their right order.
"""

import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from typing import Literal

import xlsxwriter

from lms_core.items.content import (
    Body,
    Essay,
    Feedback,
    Item,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    Pair,
    Short,
    Single,
    TrueFalse,
)
from lms_core.items.rich import Rich, Words
from lms_core.kernel import sheets
from lms_core.kernel.text import clean, match_key

from . import choices
from .batch import Batch, Note, Place, Unfit, Written, decimal, language_of, letter, number, options_of
from .choices import Answer
from .losses import as_text, is_plain, losses

MOST_OPTIONS = 12
MOST_ROWS, LONGEST_CELL, MOST_OUT = 20_001, 32_767, 200_000_000
_COLUMNS = {
    "kind": ("Түрі", "Тип", "Type"),
    "name": ("Атауы", "Название", "Name"),
    "question": ("Сұрақ", "Вопрос", "Question"),
    "right": ("Дұрыс жауап", "Правильный ответ", "Right answer"),
    "points": ("Ұпай", "Баллы", "Points"),
    "difficulty": ("Қиындығы", "Сложность", "Difficulty"),
    "tags": ("Белгілер", "Метки", "Tags"),
    "comment": ("Түсіндірме", "Пояснение", "Comment"),
}
_OPTION = ("Нұсқа", "Вариант", "Option")
_KINDS = {
    "single": ("бір жауап", "один ответ", "single", "single choice", "multiple choice", "mcq"),
    "multiple": ("бірнеше жауап", "несколько ответов", "multiple", "multiple response"),
    "true_false": ("иә жоқ", "верно неверно", "да нет", "true false", "truefalse"),
    "short": ("қысқа жауап", "краткий ответ", "short", "short answer"),
    "numeric": ("сан", "число", "numeric", "number"),
    "matching": ("сәйкестендіру", "соответствие", "сопоставление", "matching"),
    "ordering": ("реттеу", "порядок", "последовательность", "ordering"),
    "essay": ("эссе", "развёрнутый ответ", "развернутый ответ", "essay"),
}
_LEVELS: dict[str, Literal[0, 1, 2, 3, 4, 5]] = {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
_OF_TITLE = {match_key(title): name for name, titles in _COLUMNS.items() for title in titles}
_OF_KIND = {match_key(word): kind for kind, words in _KINDS.items() for word in words}
_TRUE = {match_key(one) for one in ("true", "t", "1", "иә", "да", "верно", "дұрыс", "рас", "yes")}
_FALSE = {match_key(one) for one in ("false", "f", "0", "жоқ", "нет", "неверно", "бұрыс", "қате", "жалған", "no")}
_LETTERS = {**{one: at for at, one in enumerate("ABCDEFGHIJKL")}, **{one: at for at, one in enumerate("АБВГДЕЖЗИКЛМ")}}


def read(data: bytes, name: str, batch: Batch) -> None:
    """Adds to a batch what the first sheet holds. Raises Unfit: `sheet_broken`, `column_missing`."""
    try:
        table = sheets.read(data, MOST_ROWS, LONGEST_CELL, MOST_OUT)
    except sheets.Unreadable:
        raise Unfit("sheet_broken") from None
    rows = [(at, cells) for at, cells in enumerate(table, 1) if any(cell.strip() for cell in cells)]
    if not rows:
        raise Unfit("empty")
    at, head = rows[0]
    titles = _titles(head)
    if missing := {"question", "right"} - set(titles.values()):
        raise Unfit("column_missing", " ".join(sorted(missing)), at)
    for column, title in enumerate(head):
        if title.strip() and column not in titles:
            batch.noted.append(Note(f"{name}:{at}", "setting_lost", title[:100]))
    language = language_of(" ".join(cell for _, cells in rows[1:] for cell in cells))
    for at, cells in rows[1:]:
        place = Place(batch, f"{name}:{at}", language)
        batch.attempt(place, partial(_item, titles, cells, place))


def write(items: Sequence[Item]) -> Written:
    """A workbook. What a cell has no place for is noted, and what has no place at all left out."""
    rows, noted = [], []
    for at, item in enumerate(items, 1):
        where = f"{at} {item.name}".strip()
        try:
            rows.append(_row(item))
        except Unfit as no:
            noted.append(Note(where, no.why, no.what))
        else:
            lost = [*losses(item, ("points", "tags", "settings", "feedback")), *_lost(item)]
            noted += [Note(where, *one) for one in dict.fromkeys(lost)]
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page, bold, wrapped = (
            book.add_worksheet(),
            book.add_format({"bold": True}),
            book.add_format({"text_wrap": True}),
        )
        titles = [titles[1] for titles in _COLUMNS.values()] + [f"{_OPTION[1]} {n + 1}" for n in range(MOST_OPTIONS)]
        for column, title in enumerate(titles):
            page.write_string(0, column, title, bold)
        for at, row in enumerate(rows, 1):
            for column, cell in enumerate(row):
                page.write_string(at, column, cell, wrapped)
        page.set_column(0, len(titles), 24)
        page.freeze_panes(1, 0)
    return Written(made.getvalue(), noted)


def _titles(head: list[str]) -> dict[int, str]:
    found = {}
    for column, title in enumerate(head):
        word, _, count = clean(title).rpartition(" ")
        if match_key(title) in _OF_TITLE:
            found[column] = _OF_TITLE[match_key(title)]
        elif match_key(word) in map(match_key, _OPTION) and count.isdecimal() and 1 <= int(count[:3]) <= MOST_OPTIONS:
            found[column] = f"option {int(count):02d}"
    return found


def _item(titles: dict[int, str], cells: list[str], place: Place) -> Item:
    held = {title: cells[column].strip() for column, title in titles.items() if column < len(cells)}
    options = [held[title] for title in sorted(held) if title.startswith("option ") and held[title]]
    if not held["question"]:
        raise Unfit("prompt_missing")
    said = match_key(held.get("kind", ""))
    if said and said not in _OF_KIND:
        raise Unfit("kind_unknown", held["kind"])
    right = held.get("right", "")
    body = _body(_OF_KIND.get(said) or _guessed(options, right), options, right, place)
    points = decimal(held.get("points") or "1")
    if points <= 0:
        raise Unfit("points_unfit", str(points))
    difficulty = held.get("difficulty") or "0"
    if difficulty not in _LEVELS:
        place.note("setting_lost", f"difficulty {difficulty}")
        difficulty = "0"
    tags = [clean(one) for one in held.get("tags", "").split(";") if clean(one)]
    return Item(
        place.plain(held["question"]),
        body,
        points,
        place.name(held.get("name", "")),
        difficulty=_LEVELS[difficulty],
        tags=tuple(dict.fromkeys(tags)),
        feedback=Feedback(place.plain(held.get("comment", ""))),
    )


def _guessed(options: list[str], right: str) -> str:
    """Where no kind is written: by what stands there."""
    if options:
        return "matching" if all("->" in one for one in options) else "multiple" if ";" in right else "single"
    if match_key(right) in _TRUE | _FALSE and right.strip() not in ("0", "1"):
        return "true_false"
    if re.fullmatch(r"-?\d+([.,]\d+)?\s*(±.*)?", right):
        return "numeric"
    return "short" if right else "essay"


def _body(kind: str, options: list[str], right: str, place: Place) -> Body:
    match kind:
        case "single" | "multiple":
            return _choice(kind, options, right, place)
        case "true_false":
            if match_key(right) not in _TRUE | _FALSE:
                raise Unfit("key_missing", right)
            return TrueFalse(match_key(right) in _TRUE)
        case "short":
            answers = [Answer(one.strip(), Decimal(1)) for one in right.split(";") if one.strip()]
            return choices.short(answers, place, fold_case=True)
        case "numeric":
            value, _, tolerance = right.partition("±")
            return Numeric((choices.near(Answer(value.strip(), Decimal(1)), tolerance.strip(), place),))
        case "matching":
            return _matching(options, place)
        case "ordering":
            if len(options) < 2:
                raise Unfit("options_missing")
            return Ordering(options_of((place.plain(one), Words()) for one in options))
        case _:
            return Essay(sample=place.plain(right))


def _choice(kind: str, options: list[str], right: str, place: Place) -> Single | Multiple:
    if len(options) < 2:
        raise Unfit("options_missing")
    chosen: list[str] = []
    for one in (one.strip() for one in re.split(r"[;,]", right)):
        if one.isdecimal() and 1 <= int(one[:3]) <= len(options):
            chosen.append(letter(int(one) - 1))
        elif one.upper() in _LETTERS and _LETTERS[one.upper()] < len(options):
            chosen.append(letter(_LETTERS[one.upper()]))
        elif right in options:
            chosen.append(letter(options.index(right)))
        elif one:
            raise Unfit("answer_unknown", one)
    if not chosen:
        raise Unfit("key_missing")
    made = options_of((place.plain(one), Words()) for one in options)
    chosen = list(dict.fromkeys(chosen))
    if kind == "single" and len(chosen) > 1:
        raise Unfit("answer_unknown", right)
    return Single(made, tuple(chosen)) if kind == "single" else Multiple(made, tuple(chosen))


def _matching(options: list[str], place: Place) -> Matching:
    left, right, pairs, known = [], [], [], dict[str, str]()
    for one in options:
        first, arrow, second = (half.strip() for half in one.partition("->"))
        if not arrow or not second:
            raise Unfit("answer_unreadable", one)
        if second not in known:
            known[second] = letter(len(right))
            right.append((place.plain(second), Words()))
        if first:
            pairs.append(Pair(letter(len(left)), known[second]))
            left.append((place.plain(first), Words()))
    if not pairs:
        raise Unfit("key_missing")
    return Matching(options_of(left), options_of(right), tuple(pairs))


def _row(item: Item) -> list[str]:
    language = (*item.languages(), "ru")[0]

    def said(words: Words) -> str:
        return _cell(words.of(language))

    right, options = _answer(item.body, said)
    cells = [
        _KINDS[item.kind][1], item.name, said(item.prompt), right, number(item.points), str(item.difficulty or ""),
        "; ".join(item.tags), said(item.feedback.general), *options,
    ]  # fmt: skip
    if len(options) > MOST_OPTIONS or any(len(cell) > LONGEST_CELL for cell in cells):
        raise Unfit("no_place_in_format", "long")
    if not cells[2] or not all(one.strip() for one in options):
        raise Unfit("no_place_in_format", "empty")
    return cells


def _cell(text: Rich) -> str:
    """One dollar alone begins no formula; several, or one behind a backslash, are told from formulas by `\\$`."""
    said = as_text(text)
    return as_text(text, "\\$") if said.count("$") > 1 or "\\$" in said else said


def _answer(body: Body, said: Callable[[Words], str]) -> tuple[str, list[str]]:
    """The cell of the right answer, and the options. Raises Unfit."""
    match body:
        case Single(options=options, right=right) | Multiple(options=options, right=right):
            if isinstance(body, Single) and len(right) != 1:
                raise Unfit("no_place_in_format", "right")
            ids = [one.id for one in options]
            return "; ".join(str(ids.index(one) + 1) for one in right), [said(one.words) for one in options]
        case TrueFalse(right=right):
            return ("Верно" if right else "Неверно"), []
        case Short(accepted=accepted, fold_case=True):
            if any(one.share != 1 or ";" in one.text for one in accepted):
                raise Unfit("no_place_in_format", "share")
            return "; ".join(one.text if one.pattern else one.text.replace("*", "\\*") for one in accepted), []
        case Numeric(near=(one,), units=()) if not one.relative:
            return f"{one.value} ± {one.tolerance}", []
        case Ordering(options=options):
            return "", [said(one.words) for one in options]
        case Essay(rubric=(), sample=sample, least_words=0, most_words=0):
            return said(sample), []
        case Matching(most=1, reuse=True):
            right = {one.id: said(one.words) for one in body.right}
            of = {pair.left: pair.right for pair in body.pairs}
            texts = [*right.values(), *(said(one.words) for one in body.left)]
            if (
                of.keys() != {one.id for one in body.left}
                or len(of) < len(body.pairs)
                or any("->" in one for one in texts)
            ):
                raise Unfit("no_place_in_format", "matching")
            pairs = [f"{said(one.words)} -> {right[of[one.id]]}" for one in body.left]
            return "", [*pairs, *(f"-> {text}" for one, text in right.items() if one not in of.values())]
    raise Unfit("no_place_in_format", body.kind)


def _lost(item: Item) -> list[tuple[str, str]]:
    """What stands beside the words of an item."""
    lost = []
    if getattr(item.body, "worth", ()):
        lost.append(("scoring_replaced", "worth"))
    told = (getattr(item.body, name, ()) for name in ("options", "accepted", "near", "left", "right"))
    kept = [one for held in told if isinstance(held, tuple) for one in held if getattr(one, "feedback", None)]
    feedback = item.feedback
    if kept or feedback.right or feedback.partly or feedback.wrong:
        lost.append(("feedback_lost", ""))
    texts = [text for text in (item.prompt.kk, item.prompt.ru, item.prompt.en) if text]
    if not all(map(is_plain, texts)):
        lost.append(("markup_lost", ""))
    return lost
