"""Gaps of Moodle's embedded answers (docs.moodle.org, "Embedded Answers (Cloze) question type"): read and written."""

import re
from collections.abc import Callable
from decimal import Decimal
from html import escape, unescape

from lms_core.items.content import Cloze, Gap, Near, Numeric, Short, Single
from lms_core.items.rich import Words

from . import choices
from .batch import Place, Unfit, number
from .choices import Answer
from .losses import as_text, is_plain
from .xml import Node

_GAP = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^\\}])*)\}", re.DOTALL)
_PART = re.compile(r"(?<!\\)~")
_HEAD = re.compile(r"\s*(?:(=)|%(-?[0-9]+(?:[.,][0-9]+)?)%)?")
_SHORT = {"SHORTANSWER": True, "SA": True, "MW": True, "SHORTANSWER_C": False, "SAC": False, "MWC": False}
_NUMERIC = {"NUMERICAL", "NM"}
_CHOICE = re.compile(r"(MULTICHOICE|MC)(_?[VH])?(_?S)?")


def question(node: Node, place: Place) -> tuple[Words, Cloze]:
    """Of a Moodle XML question. Raises Unfit."""
    return read(node.said("questiontext", "text"), place)


def read(html: str, place: Place) -> tuple[Words, Cloze]:
    """Raises Unfit: no gap, or one of a kind that is not known."""
    gaps: list[Gap] = []

    def gap(found: re.Match[str]) -> str:
        weight, kind, inner = found.groups()
        gaps.append(Gap(f"g{len(gaps) + 1}", _body(kind, unescape(inner), place), int(weight or 1) or 1))
        return f'<span data-blank="{gaps[-1].id}"></span>'

    asked = _GAP.sub(gap, html)
    if not gaps:
        raise Unfit("answers_missing")
    return place.words(place.rich(asked)), Cloze(tuple(gaps))


def written(gap: Gap, language: str) -> str:
    """A gap as HTML. Raises Unfit (no_place_in_format)."""
    match gap.body:
        case Short(accepted=accepted, fold_case=fold, fold_space=True):
            kind = "SHORTANSWER" if fold else "SHORTANSWER_C"
            texts = [one.text if one.pattern else one.text.replace("*", "\\*") for one in accepted]
            parts = [(_said(text), one.share, one.feedback) for text, one in zip(texts, accepted, strict=True)]
        case Numeric(near=near, units=()) if not any(one.relative for one in near):
            kind = "NUMERICAL"
            parts = [(f"{one.value}:{one.tolerance}", one.share, one.feedback) for one in near]
        case Single(options=options, right=right):
            kind = "MULTICHOICE"
            worth = {one.id: one.share for one in gap.body.worth} | dict.fromkeys(right, Decimal(1))
            if not all(is_plain(one.words.of(language)) for one in options):
                raise Unfit("no_place_in_format", gap.id)
            parts = [
                (_said(as_text(one.words.of(language))), worth.get(one.id, Decimal(0)), one.feedback) for one in options
            ]
        case _:
            raise Unfit("no_place_in_format", gap.id)
    return f"{{{gap.weight}:{kind}:{'~'.join(_part(*one, language) for one in parts)}}}"


def _part(text: str, share: Decimal, feedback: Words, language: str) -> str:
    mark = "=" if share == 1 else f"%{number(share * 100)}%" if share else ""
    return mark + text + (f"#{_said(as_text(feedback.of(language)))}" if feedback else "")


def _said(text: str) -> str:
    return escape(re.sub(r"([}#~/\"\\=])", r"\\\1", text).replace("\n", " "), quote=False)


def _body(kind: str, inner: str, place: Place) -> Short | Numeric | Single:
    answers = [*map(_answers(place), _PART.split(inner))] if inner else []
    if kind in _SHORT:
        return choices.short(answers, place, fold_case=_SHORT[kind])
    if kind in _NUMERIC:
        if not answers:
            raise Unfit("answers_missing")
        return Numeric(tuple(_near(one, place) for one in answers))
    if _CHOICE.fullmatch(kind):
        return choices.single(answers)
    raise Unfit("interaction_unknown", kind)


def _near(one: Answer, place: Place) -> Near:
    value, _, tolerance = one.text.partition(":")
    return choices.near(Answer(value, one.share, one.words, one.feedback), tolerance, place)


def _answers(place: Place) -> Callable[[str], Answer]:
    def answer(part: str) -> Answer:
        found = _HEAD.match(part)
        assert found is not None
        sure, percent = found.groups()
        text, *said = re.split(r"(?<!\\)#", part[found.end() :], maxsplit=1)
        text = _back(text)
        feedback = place.plain(_back(said[0])) if said else Words()
        share = Decimal(1) if sure else choices.share(percent or "0")
        return Answer(text, share, place.plain(text.replace("\\*", "*")), feedback)

    return answer


def _back(text: str) -> str:
    return re.sub(r"\\([}#~/\"\\=])", r"\1", text).strip()
