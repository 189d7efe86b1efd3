"""Our kinds of questions as QTI's interactions."""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from html import escape
from typing import Any

from lms_core.items.content import (
    Area,
    Cloze,
    DragOnto,
    Essay,
    Expression,
    Files,
    Gap,
    Hotspot,
    Matching,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Pair,
    Picture,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
)

from .batch import number
from .qti_pen import Pen, file

Asked = tuple[str, str, str]
"""Declarations of responses, the item's body, the name of the processing template or ""."""


def asked(pen: Pen) -> Asked:
    """Of any item; what its kind has beyond QTI is noted with the pen."""
    body = pen.item.body
    match body:
        case Single() | Multiple():
            return _choice(pen, body)
        case TrueFalse():
            return _true_false(pen, body)
        case Matching():
            return _matching(pen, body)
        case Ordering():
            return _ordering(pen, body)
        case Hotspot():
            return _hotspot(pen, body)
        case DragOnto():
            return _onto(pen, body)
        case Cloze() | Table():
            return _gaps(pen, body)
        case Short() | Numeric() | Expression():
            declaration = _typed(pen, body, "RESPONSE", pen.item.points)
            entry = f"<p>{pen.tag('textEntryInteraction', responseIdentifier='RESPONSE')}</p>"
            return declaration, _prompt(pen) + entry, "map_response"
        case Essay():
            if body.least_words or body.most_words or body.sample:
                pen.lost.append(("setting_lost", "words, sample"))
            declaration = _declared(pen, "RESPONSE", "single", "string")
            return declaration, _prompt(pen) + pen.tag("extendedTextInteraction", responseIdentifier="RESPONSE"), ""
        case Spoken(live=True):
            pen.lost.append(("setting_lost", "spoken, live"))
            return "", _prompt(pen), ""
        case Files() | Spoken():
            pen.lost.append(("setting_lost", body.kind))
            declaration = _declared(pen, "RESPONSE", "single", "file")
            return declaration, _prompt(pen) + pen.tag("uploadInteraction", responseIdentifier="RESPONSE"), ""


def _prompt(pen: Pen) -> str:
    return f"<div>{pen.html(pen.item.prompt)}</div>"


def _declared(
    pen: Pen,
    name: str,
    cardinality: str,
    base: str,
    correct: Iterable[str] = (),
    points: Mapping[str, Decimal] | None = None,
    most: Decimal | None = None,
    **entry: str,
) -> str:
    values = "".join(pen.tag("value", pen.text(one)) for one in correct)
    inner = pen.tag("correctResponse", values) if values else ""
    if points:
        entries = "".join(
            pen.tag("mapEntry", mapKey=key, mappedValue=number(value), **entry) for key, value in points.items()
        )
        inner += pen.tag("mapping", entries, defaultValue="0", lowerBound="0", upperBound=most and number(most))
    return pen.tag("responseDeclaration", inner, identifier=name, cardinality=cardinality, baseType=base)


def _choice(pen: Pen, body: Single | Multiple) -> Asked:
    ids = _ids(body.options)
    points = pen.item.points
    worth = {ids[one.id]: one.share * points for one in body.worth}
    right = [ids[one] for one in body.right]
    single = isinstance(body, Single)
    if single:
        worth |= dict.fromkeys(right, points)
    elif not worth and pen.item.rule != "all_or_nothing":
        part = (points / len(right)).quantize(Decimal("0.0001")) if right else points
        worth = {one: part if one in right else -part for one in ids.values()}
        pen.lost.append(("rule_lost", pen.item.rule or "multiple"))
    if any(one.feedback for one in body.options):
        pen.lost.append(("feedback_lost", "options"))
    kind = "single" if single else "multiple"
    first = right[:1] if single else right
    declaration = _declared(pen, "RESPONSE", kind, "identifier", first, worth, points)
    choices = "".join(_option(pen, "simpleChoice", one, ids[one.id]) for one in body.options)
    held = {"responseIdentifier": "RESPONSE", "shuffle": str(pen.item.shuffle).lower()}
    held |= {"maxChoices": "1" if single else str(body.most)}
    held |= {} if single or not body.least else {"minChoices": str(body.least)}
    made = pen.tag("choiceInteraction", pen.tag("prompt", pen.html(pen.item.prompt)) + choices, **held)
    return declaration, made, "map_response" if worth else "match_correct"


def _option(pen: Pen, tag: str, one: Option, identifier: str, **held: str) -> str:
    held |= {"fixed": "true"} if one.fixed else {}
    return pen.tag(tag, pen.inline(one.words), identifier=identifier, **held)


def _true_false(pen: Pen, body: TrueFalse) -> Asked:
    usual = {"kk": ("Иә", "Жоқ"), "ru": ("Верно", "Неверно"), "en": ("True", "False")}[pen.language]
    right = str(body.right).lower()
    declaration = _declared(pen, "RESPONSE", "single", "identifier", [right], {right: pen.item.points})
    said = zip(("true", "false"), (body.when_true, body.when_false), usual, strict=True)
    choices = "".join(pen.tag("simpleChoice", pen.inline(w) if w else u, identifier=n) for n, w, u in said)
    prompt = pen.tag("prompt", pen.html(pen.item.prompt))
    held = {"responseIdentifier": "RESPONSE", "shuffle": "false", "maxChoices": "1"}
    return declaration, pen.tag("choiceInteraction", prompt + choices, **held), "map_response"


def _matching(pen: Pen, body: Matching) -> Asked:
    left, right = _ids(body.left, "l_"), _ids(body.right, "r_")
    declaration = _paired(pen, body.pairs, left, right)
    often = "0" if body.reuse else "1"
    sets = (
        "".join(
            _option(pen, "simpleAssociableChoice", one, left[one.id], matchMax=str(body.most)) for one in body.left
        ),
        "".join(_option(pen, "simpleAssociableChoice", one, right[one.id], matchMax=often) for one in body.right),
    )
    inner = pen.tag("prompt", pen.html(pen.item.prompt)) + "".join(pen.tag("simpleMatchSet", one) for one in sets)
    held = {"responseIdentifier": "RESPONSE", "shuffle": str(pen.item.shuffle).lower()}
    held |= {"maxAssociations": "0"}
    return declaration, pen.tag("matchInteraction", inner, **held), "map_response"


def _paired(pen: Pen, pairs: tuple[Pair, ...], left: dict[str, str], right: dict[str, str]) -> str:
    part = (pen.item.points / max(1, len(pairs))).quantize(Decimal("0.0001"))
    keys = [f"{left[one.left]} {right[one.right]}" for one in pairs]
    points = dict.fromkeys(keys, part)
    return _declared(pen, "RESPONSE", "multiple", "directedPair", keys, points, pen.item.points)


def _ordering(pen: Pen, body: Ordering) -> Asked:
    ids = _ids(body.options)
    declaration = _declared(pen, "RESPONSE", "ordered", "identifier", ids.values())
    choices = "".join(_option(pen, "simpleChoice", one, ids[one.id]) for one in body.options)
    inner = pen.tag("prompt", pen.html(pen.item.prompt)) + choices
    return (
        declaration,
        pen.tag("orderInteraction", inner, responseIdentifier="RESPONSE", shuffle="true"),
        "match_correct",
    )


def _picture(pen: Pen, picture: Picture) -> str:
    path, alt = f"../{file(picture.media)}", " ".join(re.sub(r"<[^>]*>", " ", pen.html(picture.words)).split())
    size = f'width="{picture.width}" height="{picture.height}"'
    if pen.version == "qti30":
        return f'<img src="{escape(path)}" alt="{alt}" {size}/>'
    return f'<object data="{escape(path)}" type="{escape(picture.media.type)}" {size}>{alt}</object>'


def _area(area: Area) -> dict[str, str]:
    shape = "poly" if area.shape == "polygon" else area.shape
    return {"shape": shape, "coords": ",".join(number(one) for one in area.numbers)}


def _hotspot(pen: Pen, body: Hotspot) -> Asked:
    right = [_name(one.id) for one in body.regions if one.right]
    if any(one.feedback for one in body.regions):
        pen.lost.append(("feedback_lost", "regions"))
    kind = "single" if body.most == 1 else "multiple"
    declaration = _declared(pen, "RESPONSE", kind, "identifier", right[:1] if body.most == 1 else right)
    spots = "".join(pen.tag("hotspotChoice", identifier=_name(one.id), **_area(one.area)) for one in body.regions)
    inner = pen.tag("prompt", pen.html(pen.item.prompt)) + _picture(pen, body.picture) + spots
    held = {"responseIdentifier": "RESPONSE", "maxChoices": str(body.most)}
    return declaration, pen.tag("hotspotInteraction", inner, **held), "match_correct"


def _onto(pen: Pen, body: DragOnto) -> Asked:
    labels, zones = _ids(body.labels, "l_"), {one.id: f"z_{one.id}" for one in body.zones}
    declaration = _paired(pen, body.pairs, labels, zones)
    often = "0" if body.reuse else "1"
    inner = pen.tag("prompt", pen.html(pen.item.prompt)) + _picture(pen, body.picture)
    inner += "".join(_option(pen, "gapText", one, labels[one.id], matchMax=often) for one in body.labels)
    for one in body.zones:
        inner += pen.tag("associableHotspot", identifier=zones[one.id], matchMax="1", **_area(one.area))
    if any(one.words for one in body.zones):
        pen.lost.append(("setting_lost", "words of zones"))
    return declaration, pen.tag("graphicGapMatchInteraction", inner, responseIdentifier="RESPONSE"), "map_response"


def _gaps(pen: Pen, body: Cloze | Table) -> Asked:
    """Each gap is a response of its own; no template adds several, so the processing is left to who reads."""
    total = sum(gap.weight for gap in body.gaps)
    declarations, places = "", {}
    for gap in body.gaps:
        points = (pen.item.points * gap.weight / total).quantize(Decimal("0.0001"))
        name = f"R_{gap.id}"
        declarations += _typed(pen, gap.body, name, points)
        places[gap.id] = _place(pen, gap, name)
    html = pen.html(pen.item.prompt)
    if isinstance(body, Table):
        rows = ("".join(_cell(pen, one, places) for one in row) for row in body.rows)
        html += "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"
    for gap_id, place in places.items():
        html = html.replace(f'<span data-blank="{escape(gap_id)}"></span>', place)
    return declarations, f"<div>{html}</div>", "map_response" if len(body.gaps) == 1 else ""


def _cell(pen: Pen, cell: Any, places: dict[str, str]) -> str:
    tag = "th" if cell.head else "td"
    return f"<{tag}>{places.get(cell.gap, '') or pen.html(cell.words)}</{tag}>"


def _place(pen: Pen, gap: Gap, name: str) -> str:
    if not isinstance(gap.body, Single):
        return pen.tag("textEntryInteraction", responseIdentifier=name)
    ids = _ids(gap.body.options)
    strip: Callable[[str], str] = lambda html: re.sub(r"<[^>]*>", "", html)  # noqa: E731
    choices = "".join(pen.tag("inlineChoice", strip(pen.html(o.words)), identifier=ids[o.id]) for o in gap.body.options)
    return pen.tag("inlineChoiceInteraction", choices, responseIdentifier=name, shuffle="false")


def _typed(pen: Pen, body: Short | Numeric | Single | Expression, name: str, points: Decimal) -> str:
    """The declaration of what is typed, or chosen within a line."""
    match body:
        case Single():
            ids = _ids(body.options)
            gains = {ids[one.id]: one.share * points for one in body.worth}
            gains |= {ids[one]: points for one in body.right}
            return _declared(pen, name, "single", "identifier", [ids[one] for one in body.right[:1]], gains)
        case Short():
            if any(one.pattern or one.feedback for one in body.accepted):
                pen.lost.append(("scoring_replaced", "short"))
            gains = {one.text: one.share * points for one in body.accepted if one.share}
            case = str(not body.fold_case).lower()
            return _declared(pen, name, "single", "string", [*gains][:1], gains, caseSensitive=case)
        case Numeric():
            if body.units or any(one.tolerance != "0" or one.feedback for one in body.near):
                pen.lost.append(("scoring_replaced", "numeric"))
            gains = {one.value: one.share * points for one in body.near if one.share}
            return _declared(pen, name, "single", "float", [*gains][:1], gains)
        case Expression():
            pen.lost.append(("scoring_replaced", "formula"))
            return _declared(pen, name, "single", "string", [body.expression], {body.expression: points})


def _ids(options: tuple[Option, ...], before: str = "") -> dict[str, str]:
    return {one.id: before + one.id if before else _name(one.id) for one in options}


def _name(identifier: str) -> str:
    """QTI's identifiers begin with a letter."""
    return identifier if identifier[:1].isalpha() else f"_{identifier}"
