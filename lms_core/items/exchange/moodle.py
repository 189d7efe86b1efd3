"""Moodle XML (docs.moodle.org, "Moodle XML format"), read; `moodle_out` writes it."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from urllib.parse import unquote

from lms_core.items.content import (
    NO_WORDS,
    Body,
    Essay,
    Feedback,
    Files,
    Item,
    Matching,
    Numeric,
    Ordering,
    Pair,
    TrueFalse,
    Unit,
)
from lms_core.items.rich import Media, Words

from . import choices, cloze, moodle_drag, own
from .batch import SAMPLE, Batch, Note, Place, Unfit, decimal, language_of, letter, number, options_of
from .choices import Answer
from .pictures import type_of
from .xml import Node, parse

_NO_QUESTION = {"description"}
_USUAL_PENALTY = {"", "0", "0.1", "0.33333", "0.333333", "0.3333333", "1"}


def read(data: bytes, name: str, batch: Batch) -> None:
    """Adds to a batch. Raises Unfit for a file that is no Moodle XML."""
    root, guessed = parse(data)
    if guessed:
        batch.noted.append(Note(name, "encoding_guessed", guessed))
    if root.tag != "quiz":
        raise Unfit("xml_root_unknown", root.tag, root.line)
    language = language_of(_sample(root))
    category = ""
    for node in root.nodes():
        title = node.said("name", "text") or node.said("idnumber")
        place = Place(batch, f"{name}:{node.line} {title[:80]}".strip(), language)
        if node.tag != "question":
            batch.noted.append(Note(place.where, "setting_lost", node.tag))
        elif node.get("type") == "category":
            category = " ".join(node.said("category", "text").removeprefix("$course$/").split())[:200]
        else:
            batch.attempt(place, partial(_item, node, place, category))


def _sample(root: Node) -> str:
    """Enough of all texts."""
    found: list[str] = []
    much = 0
    for one in root.all("text"):
        found.append(one.text())
        much += len(found[-1]) + 1
        if much > SAMPLE:
            break
    return " ".join(found)


def _item(node: Node, place: Place, category: str) -> Item:
    kind = node.get("type")
    files = _files(node, place)
    place.find = lambda source: files.get(unquote(source.removeprefix("@@PLUGINFILE@@/")).lstrip("/"))
    if mine := own.found(node, place):
        return mine
    if kind in _NO_QUESTION:
        raise Unfit("not_a_question", kind)
    if kind in _WITH_GAPS:
        prompt, body = _WITH_GAPS[kind](node, place)
    elif kind in _KINDS:
        prompt, body = words(node.one("questiontext"), place), _KINDS[kind](node, place)
    else:
        raise Unfit("kind_unknown", kind)
    if not prompt:
        raise Unfit("prompt_missing")
    tags = [*([category] if category else ()), *(one.said("text") for one in node.all("tag"))]
    item = Item(
        prompt,
        body,
        points=_points(node),
        name=place.name(node.said("name", "text")),
        shuffle=node.said("shuffleanswers").lower() not in ("0", "false"),
        tags=tuple(dict.fromkeys(one[:200] for one in tags if one)),
        feedback=_feedback(node, place),
    )
    _rest(node, place)
    return item


def words(node: Node | None, place: Place) -> Words:
    """The text of an element with a format."""
    if node is None:
        return NO_WORDS
    text, form = node.said("text"), node.get("format", "html")
    if form == "markdown":
        place.note("markdown_plain")
    return place.html(text) if form in ("html", "moodle_auto_format") else place.plain(text)


def _files(node: Node, place: Place) -> dict[str, Media]:
    """The files that lie within a question, by their names."""
    found: dict[str, Media] = {}
    for one in node.all("file"):
        name = one.get("name")
        kind = type_of(name)
        if not kind:
            place.note("media_missing", name)
            continue
        try:
            found[name] = place.batch.keep(name, base64.b64decode(one.text(), validate=False), kind)
        except (binascii.Error, ValueError):
            place.note("media_missing", name)
    return found


def _points(node: Node) -> Decimal:
    points = decimal(node.said("defaultgrade") or "1")
    if points <= 0:
        raise Unfit("points_unfit", str(points))
    return points.normalize() + 0 if points != points.to_integral() else points.to_integral()


def _feedback(node: Node, place: Place) -> Feedback:
    named = ("generalfeedback", "correctfeedback", "partiallycorrectfeedback", "incorrectfeedback")
    made = Feedback(*(words(node.one(name), place) for name in named))
    if node.get("type") == "truefalse":
        said = {one.said("text").lower(): words(one.one("feedback"), place) for one in node.nodes("answer")}
        right = {one.said("text").lower() for one in node.nodes("answer") if decimal(one.get("fraction", "0")) > 0}
        for text, told in said.items():
            made = replace(made, right=told) if text in right else replace(made, wrong=told)
    return made


def _rest(node: Node, place: Place) -> None:
    """What stands there besides and has no place with us."""
    if any(one.text().strip() for one in node.nodes("hint")):
        place.note("hint_lost")
    if (penalty := node.said("penalty").rstrip("0").rstrip(".")) not in _USUAL_PENALTY:
        place.note("setting_lost", f"penalty {penalty}")
    if node.said("hidden") == "1":
        place.note("setting_lost", "hidden")


def _answers(node: Node, place: Place) -> list[Answer]:
    return [
        Answer(
            one.said("text"),
            choices.share(one.get("fraction", "0")),
            words(one, place),
            words(one.one("feedback"), place),
        )
        for one in node.nodes("answer")
    ]


def _multichoice(node: Node, place: Place) -> Body:
    answers = _answers(node, place)
    if (style := node.said("answernumbering")) not in ("", "abc", "none", "ABCD", "123", "iii", "IIII"):
        place.note("setting_lost", f"answernumbering {style}")
    one = node.said("single").lower() in ("true", "1", "")
    return choices.single(answers) if one else choices.multiple(answers)


def _truefalse(node: Node, place: Place) -> Body:
    right = [one.said("text").lower() for one in node.nodes("answer") if decimal(one.get("fraction", "0")) > 0]
    if len(right) != 1 or right[0] not in ("true", "false"):
        raise Unfit("key_missing")
    return TrueFalse(right[0] == "true")


def _shortanswer(node: Node, place: Place) -> Body:
    return choices.short(_answers(node, place), place, fold_case=node.said("usecase") in ("", "0"))


def _numerical(node: Node, place: Place) -> Body:
    found = [*node.nodes("answer")]
    if not found:
        raise Unfit("answers_missing")
    near = []
    for one, answer in zip(found, _answers(node, place), strict=True):
        if answer.text == "*":
            place.note("feedback_lost", "*")
        else:
            near.append(choices.near(answer, one.said("tolerance"), place))
    units = []
    for one in node.all("unit"):
        factor = decimal(one.said("multiplier") or "1")
        if factor:
            units.append(Unit(one.said("unit_name"), number((1 / factor).quantize(Decimal("1e-12")))))
    return Numeric(tuple(near), tuple(units), _unit_share(node) if units else Decimal(1))


def _unit_share(node: Node) -> Decimal:
    """Moodle: 0 and 3, units do not matter; 1 and 2, what a wrong one costs."""
    if node.said("unitgradingtype") not in ("1", "2"):
        return Decimal(0)
    return min(Decimal(1), abs(decimal(node.said("unitpenalty") or "0")))


def _matching(node: Node, place: Place) -> Body:
    left, right, pairs = [], [], []
    known: dict[str, str] = {}
    for one in node.nodes("subquestion"):
        asked, answer = words(one, place), one.said("answer", "text")
        if not answer:
            raise Unfit("answer_unreadable", one.said("text")[:80])
        if answer not in known:
            known[answer] = letter(len(right))
            right.append((words(one.one("answer"), place), Words()))
        if asked:
            pairs.append(Pair(letter(len(left)), known[answer]))
            left.append((asked, Words()))
    if not pairs:
        raise Unfit("key_missing")
    return Matching(options_of(left), options_of(right), tuple(pairs))


def _ordering(node: Node, place: Place) -> Body:
    entries = [(words(one, place), Words()) for one in node.nodes("answer")]
    if len(entries) < 2:
        raise Unfit("options_missing")
    if node.said("selecttype") not in ("", "0", "ALL"):
        place.note("setting_lost", "selecttype")
    return Ordering(options_of(entries))


def _essay(node: Node, place: Place) -> Body:
    sample = words(node.one("graderinfo"), place)
    attached = int(decimal(node.said("attachments") or "0"))
    if node.said("responsetemplate", "text"):
        place.note("setting_lost", "responsetemplate")
    if node.said("responseformat") == "noinline" and attached:
        types = tuple(one.strip().lstrip(".") for one in node.said("filetypeslist").split(",") if one.strip())
        return Files(types, most_files=max(1, min(attached, 20)), sample=sample)
    if attached:
        place.note("setting_lost", "attachments")
    least, most = (int(decimal(node.said(name) or "0")) for name in ("minwordlimit", "maxwordlimit"))
    return Essay((), max(0, least), max(0, most), sample)


_KINDS: dict[str, Callable[[Node, Place], Body]] = {
    "multichoice": _multichoice,
    "truefalse": _truefalse,
    "shortanswer": _shortanswer,
    "numerical": _numerical,
    "matching": _matching,
    "match": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "ddmarker": moodle_drag.markers,
    "ddimageortext": moodle_drag.pictures,
}
_WITH_GAPS: dict[str, Callable[[Node, Place], tuple[Words, Body]]] = {
    "cloze": cloze.question,
    "multianswer": cloze.question,
    "gapselect": moodle_drag.gaps,
    "ddwtos": moodle_drag.gaps,
}
"""Their answers stand within the text."""
