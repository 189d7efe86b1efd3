"""Moodle XML, written. Each question holds our own item too, so that what we wrote we read again without loss."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from lms_core.items.content import (
    Cloze,
    DragOnto,
    Essay,
    Files,
    Item,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    Short,
    Single,
    TrueFalse,
)
from lms_core.items.rich import Blank, Media, Rich, Words, runs
from lms_core.items.written import to_html

from . import cloze, own
from .batch import Note, Unfit, Written, number
from .losses import all_media, losses
from .moodle_drag import coordinates

_KEEPS = ("media", "markup", "feedback", "points", "tags")
Held = Mapping[str, tuple[bytes, str]]


def write(items: Sequence[Item], media: Held) -> Written:
    """What Moodle has no word for is noted: Moodle does not see it, we read it again."""
    made, noted = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>'], []
    for at, item in enumerate(items, 1):
        where = f"{at} {item.name}".strip()
        question = _Question(item, media)
        made.append(own.embed(question.xml(), item))
        noted += [Note(where, why, what) for why, what in (*question.lost, *losses(item, _KEEPS))]
    return Written("\n".join([*made, "</quiz>\n"]).encode(), noted)


class _Question:
    def __init__(self, item: Item, media: Held) -> None:
        self.item, self.media = item, media
        self.language = (*item.languages(), "ru")[0]
        self.lost: list[tuple[str, str]] = []

    def xml(self) -> str:
        try:
            kind, inner = self.body()
            asked = self.asked()
        except Unfit as no:
            self.lost.append(("scoring_replaced", no.what or self.item.kind))
            kind, inner, asked = "essay", _tag("responseformat", "editor"), to_html(self.prompt(), _url)
        missing = [one.name for sha, one in all_media(self.item).items() if sha not in self.media]
        self.lost += [("media_missing", name) for name in missing]
        feedback = self.item.feedback
        parts = [
            f'<question type="{kind}">',
            f"<name><text>{escape(self.item.name)}</text></name>",
            self.text("questiontext", asked),
            self.told("generalfeedback", feedback.general),
            _tag("defaultgrade", number(self.item.points)),
            *([self.told("correctfeedback", feedback.right)] if feedback.right and kind != "truefalse" else []),
            *([self.told("partiallycorrectfeedback", feedback.partly)] if feedback.partly else []),
            *([self.told("incorrectfeedback", feedback.wrong)] if feedback.wrong and kind != "truefalse" else []),
            _tag("shuffleanswers", "true" if self.item.shuffle else "false"),
            inner,
            "".join(f"<tag><text>{escape(one)}</text></tag>" for one in self.item.tags),
        ]
        if self.item.tags:
            parts[-1] = f"<tags>{parts[-1]}</tags>"
        return "\n".join([*(one for one in parts if one), "</question>"])

    def prompt(self) -> Rich:
        return self.item.prompt.of(self.language)

    def asked(self) -> str:
        html = to_html(self.prompt(), _url)
        if isinstance(self.item.body, Cloze):
            for gap in self.item.body.gaps:
                html = html.replace(f'<span data-blank="{escape(gap.id)}"></span>', cloze.written(gap, self.language))
            if {one.id for one in runs(self.prompt()) if isinstance(one, Blank)} != {g.id for g in self.item.body.gaps}:
                raise Unfit("no_place_in_format", "cloze")
        return html

    def body(self) -> tuple[str, str]:
        """Type and what stands in it. Raises Unfit where Moodle has none such."""
        body = self.item.body
        match body:
            case Single() | Multiple():
                return "multichoice", "".join(self.choice(body))
            case TrueFalse():
                return "truefalse", "".join(self.true_false(body))
            case Short(fold_space=True):
                return "shortanswer", "".join(self.short(body))
            case Numeric():
                return "numerical", "".join(self.numeric(body))
            case Matching(most=1, reuse=True):
                return "matching", "".join(self.matching(body))
            case Ordering():
                texts = [to_html(one.words.of(self.language), _url) for one in body.options]
                return "ordering", "".join(
                    self.text("answer", one, f' fraction="{n}.0"') for n, one in enumerate(texts, 1)
                )
            case Cloze():
                return "cloze", ""
            case Essay():
                limits = _tag("minwordlimit", str(body.least_words)) + _tag("maxwordlimit", str(body.most_words))
                return "essay", _tag("responseformat", "editor") + limits + self.told("graderinfo", body.sample)
            case Files():
                types = ",".join(f".{one}" for one in body.types)
                parts = (
                    ("responseformat", "noinline"),
                    ("attachments", str(body.most_files)),
                    ("filetypeslist", types),
                )
                return "essay", "".join(_tag(*one) for one in parts) + self.told("graderinfo", body.sample)
            case DragOnto():
                return "ddmarker", "".join(self.markers(body))
            case _:
                raise Unfit("no_place_in_format", self.item.kind)

    def choice(self, body: Single | Multiple) -> Iterator[str]:
        worth = {one.id: one.share for one in body.worth}
        if isinstance(body, Single):
            worth |= dict.fromkeys(body.right, Decimal(1))
        elif not worth:
            part = (1 / Decimal(len(body.right) or 1)).quantize(Decimal("0.0000001"))
            worth = {one.id: part if one.id in body.right else -part for one in body.options}
            self.lost.append(("rule_lost", self.item.rule or "multiple"))
        if isinstance(body, Multiple) and (body.least or body.most):
            self.lost.append(("setting_lost", "least, most"))
        if any(one.fixed for one in body.options):
            self.lost.append(("setting_lost", "fixed"))
        yield _tag("single", "true" if isinstance(body, Single) else "false")
        for one in body.options:
            yield self.answer(self.html(one.words), worth.get(one.id, Decimal(0)), one.feedback)

    def true_false(self, body: TrueFalse) -> Iterator[str]:
        feedback = self.item.feedback
        if body.when_true or body.when_false:
            self.lost.append(("setting_lost", "when_true, when_false"))
        for value in (True, False):
            told = feedback.right if value == body.right else feedback.wrong
            yield self.answer(str(value).lower(), Decimal(value == body.right), told, "plain_text")

    def short(self, body: Short) -> Iterator[str]:
        yield _tag("usecase", "0" if body.fold_case else "1")
        for one in body.accepted:
            text = one.text if one.pattern else one.text.replace("*", "\\*")
            yield self.answer(text, one.share, one.feedback, "plain_text")

    def numeric(self, body: Numeric) -> Iterator[str]:
        if any(one.relative or not _is_number(one.value) or not _is_number(one.tolerance) for one in body.near):
            raise Unfit("no_place_in_format", "numeric")
        if not all(_is_number(one.factor) and Decimal(one.factor) for one in body.units):
            raise Unfit("no_place_in_format", "units")
        for one in body.near:
            yield self.answer(one.value, one.share, one.feedback, "plain_text", _tag("tolerance", one.tolerance))
        if body.units:
            of = ((number((1 / Decimal(one.factor)).quantize(Decimal("1e-12"))), one.name) for one in body.units)
            units = "".join(f"<unit>{_tag('multiplier', m)}{_tag('unit_name', name)}</unit>" for m, name in of)
            yield _tag("unitgradingtype", "2") + _tag("unitpenalty", number(body.unit_share))
            yield f"<units>{units}</units>"

    def matching(self, body: Matching) -> Iterator[str]:
        of = {pair.left: pair.right for pair in body.pairs}
        right = {one.id: one for one in body.right}
        if len(of) < len(body.pairs) or of.keys() != {one.id for one in body.left}:
            raise Unfit("no_place_in_format", "matching")
        if any(one.feedback or one.fixed for one in (*body.left, *body.right)):
            self.lost.append(("feedback_lost", "matching"))
        rows = [(self.html(one.words), right[of[one.id]]) for one in body.left]
        rows += [("", one) for one in body.right if one.id not in of.values()]
        for asked, one in rows:
            yield self.text("subquestion", asked, more=f"<answer><text>{escape(self.html(one.words))}</text></answer>")

    def markers(self, body: DragOnto) -> Iterator[str]:
        numbers = {one.id: at for at, one in enumerate(body.labels, 1)}
        of = {pair.right: numbers[pair.left] for pair in body.pairs}
        if len(of) < len(body.pairs) or of.keys() != {one.id for one in body.zones}:
            raise Unfit("no_place_in_format", "drag_onto")
        if body.picture.words or any(one.words for one in body.zones):
            self.lost.append(("setting_lost", "words of the picture"))
        yield self.file(body.picture.media)
        for one in body.labels:
            yield f"<drag><no>{numbers[one.id]}</no><text>{escape(self.html(one.words))}</text></drag>"
        for at, one in enumerate(body.zones, 1):
            shape, where = coordinates(one.area)
            parts = (("no", str(at)), ("shape", shape), ("coords", where), ("choice", str(of[one.id])))
            yield f"<drop>{''.join(_tag(*part) for part in parts)}</drop>"

    def answer(self, html: str, share: Decimal, feedback: Words, form: str = "html", more: str = "") -> str:
        told = self.told("feedback", feedback)
        return self.text("answer", html, f' fraction="{number(share * 100)}"', more=told + more, form=form)

    def html(self, words: Words) -> str:
        return to_html(words.of(self.language), _url)

    def told(self, tag: str, words: Words) -> str:
        return self.text(tag, self.html(words)) if words else ""

    def text(self, tag: str, html: str, attributes: str = "", more: str = "", form: str = "html") -> str:
        held = all_media(self.item).values() if form == "html" else ()
        files = [self.file(one) for one in held if tag == "questiontext" or _url(one) in html]
        inner = f"<text>{escape(html, quote=False)}</text>{''.join(files)}{more}"
        return f'<{tag}{attributes} format="{form}">{inner}</{tag}>'

    def file(self, media: Media) -> str:
        data, _ = self.media.get(media.sha256, (b"", ""))
        if not data:
            return ""
        held = base64.b64encode(data).decode()
        return f'<file name="{escape(_name(media))}" path="/" encoding="base64">{held}</file>'


def _name(media: Media) -> str:
    """Two files of one name are two."""
    ending = media.name.rpartition(".")[2] if "." in media.name else media.type.rpartition("/")[2]
    return f"{media.sha256[:16]}.{ending}"


def _url(media: Media) -> str:
    return f"@@PLUGINFILE@@/{_name(media)}"


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text, quote=False)}</{name}>"


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal() and text.isascii()
