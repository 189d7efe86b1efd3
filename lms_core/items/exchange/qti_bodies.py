"""QTI's interactions as our kinds of questions."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from lms_core.items.content import (
    Accepted,
    Area,
    Body,
    Cloze,
    DragOnto,
    Essay,
    Files,
    Gap,
    Hotspot,
    Matching,
    Multiple,
    Near,
    Numeric,
    Option,
    Ordering,
    Pair,
    Picture,
    Region,
    Short,
    Single,
    Worth,
    Zone,
)
from lms_core.items.rich import Words

from .batch import Place, Unfit, decimal, number
from .pictures import size
from .qti_parts import Declared, area, html
from .xml import Node

_INLINE = ("textEntryInteraction", "inlineChoiceInteraction")
Answers = dict[str, Declared]
Made = tuple[Body, Decimal]


def made(body: Node, answers: Answers, place: Place) -> tuple[Words, Body, Decimal]:
    """Prompt, body and the most points of its mapping (1 where there is none). Raises Unfit."""
    found = [one for one in body.all() if one.tag.endswith("Interaction")]
    if not found:
        raise Unfit("not_a_question")
    if all(one.tag in _INLINE for one in found):
        return _typed(body, found, answers, place)
    if len(found) == 1 and found[0].tag == "gapMatchInteraction" and any(body.all("gap")):
        return _gaps(body, found[0], _answer(found[0], answers), place)
    if len(found) > 1:
        raise Unfit("several_interactions", " ".join(one.tag for one in found)[:200])
    node = found[0]
    if node.tag not in _KINDS:
        raise Unfit("interaction_unknown", node.tag)
    before = html(body, place, lambda one: "" if one is node else None)
    prompt = _prompt(node, place)
    text = _joined(before, prompt)
    kind, most = _KINDS[node.tag](node, _answer(node, answers), place)
    return text, kind, most


def _joined(first: Words, second: Words) -> Words:
    if not first or not second:
        return first or second
    language = first.languages()[0]
    one, other = first.of(language), second.of(language)
    return Words(**{language: type(one)(one.blocks + other.blocks)})


def _prompt(node: Node, place: Place) -> Words:
    prompt = node.one("prompt")
    return html(prompt, place) if prompt is not None else Words()


def _answer(node: Node, answers: Answers) -> Declared:
    found = answers.get(node.get("responseIdentifier"))
    if found is None:
        raise Unfit("key_missing", node.get("responseIdentifier"))
    return found


def _options(nodes: list[Node], place: Place) -> tuple[Option, ...]:
    made = []
    for one in nodes:
        if any(one.all("feedbackInline")):
            place.note("feedback_lost", one.get("identifier"))
        words = html(one, place, lambda inner: "" if inner.tag == "feedbackInline" else None)
        made.append(Option(one.get("identifier"), words, fixed=one.get("fixed") == "true"))
    if len({one.id for one in made}) < len(made):
        raise Unfit("answer_unreadable", "identifier twice")
    return tuple(made)


def _choice(node: Node, answer: Declared, place: Place) -> Made:
    options = _options([*node.nodes("simpleChoice", "inlineChoice")], place)
    known = {one.id for one in options}
    if len(options) < 2:
        raise Unfit("options_missing")
    if missing := [one for one in (*answer.correct, *answer.mapped) if one not in known]:
        raise Unfit("answer_unknown", " ".join(missing)[:80])
    single = answer.cardinality != "multiple"
    gains = {key: value for key, value in answer.mapped.items() if value > 0}
    total = (max(gains.values()) if single else _sum(gains)) if gains else Decimal(1)
    most = min(answer.upper, total) if answer.upper and gains else total
    worth = tuple(Worth(key, _share(value, most)) for key, value in answer.mapped.items() if value)
    right = tuple(answer.correct) or tuple(key for key, value in gains.items() if not single or value == most)
    if not right:
        raise Unfit("key_missing")
    if single:
        if len(right) > 1 or len(answer.mapped) > 1:
            right = tuple(dict.fromkeys((*right[:1], *(key for key, value in gains.items() if value == most))))
        return Single(options, right, tuple(one for one in worth if one.id not in right)), most
    least, limit = (int(decimal(node.get(name) or "0")) for name in ("minChoices", "maxChoices"))
    return Multiple(options, right, worth, max(0, least), max(0, limit) if limit != len(options) else 0), most


def _sum(gains: dict[str, Decimal]) -> Decimal:
    return sum(gains.values(), Decimal(0))


def _share(value: Decimal, most: Decimal) -> Decimal:
    share = (value / most).quantize(Decimal("0.0000001")).normalize() + 0
    return max(Decimal(-1), min(Decimal(1), share))


def _order(node: Node, answer: Declared, place: Place) -> Made:
    options = {one.id: one for one in _options([*node.nodes("simpleChoice")], place)}
    if len(options) < 2:
        raise Unfit("options_missing")
    if sorted(answer.correct) != sorted(options):
        raise Unfit("answer_unknown", " ".join(answer.correct)[:80])
    return Ordering(tuple(options[one] for one in answer.correct)), Decimal(1)


def _pairs(answer: Declared) -> tuple[list[list[str]], Decimal]:
    """The right pairs, and what all of them give."""
    gains = {key: value for key, value in answer.mapped.items() if value > 0}
    pairs = [one.split() for one in (answer.correct or gains)]
    if not pairs or any(len(one) != 2 for one in pairs):
        raise Unfit("key_missing")
    most = _sum(gains) if gains else Decimal(1)
    return pairs, min(answer.upper, most) if answer.upper and gains else most


def _match(node: Node, answer: Declared, place: Place) -> Made:
    sets = [*node.nodes("simpleMatchSet")]
    if len(sets) != 2:
        raise Unfit("options_missing")
    left, right = ([*one.nodes("simpleAssociableChoice")] for one in sets)
    pairs, most = _pairs(answer)
    first, second = _options(left, place), _options(right, place)
    ids = {one.id for one in first}, {one.id for one in second}
    if any(one not in ids[0] or other not in ids[1] for one, other in pairs):
        raise Unfit("answer_unknown", " ".join(answer.correct)[:80])
    if len({value for value in answer.mapped.values() if value > 0}) > 1 or any(v < 0 for v in answer.mapped.values()):
        place.note("scoring_replaced", "mapping")
    limit = max((int(decimal(one.get("matchMax") or "1")) for one in left), default=1)
    reuse = any(one.get("matchMax") != "1" for one in right)
    return Matching(first, second, tuple(Pair(*one) for one in pairs), max(0, limit), reuse), most


def _typed(body: Node, found: list[Node], answers: Answers, place: Place) -> tuple[Words, Body, Decimal]:
    """Typed or chosen within the text: one typed answer is a question, others are gaps."""
    each = []
    for node in found:
        answer = _answer(node, answers)
        if node.tag == "inlineChoiceInteraction":
            one, most = _choice(node, answer, place)
        else:
            one, most = _entry(answer, place)
        each.append((node, one, most))
    alone = len(found) == 1 and found[0].tag == "textEntryInteraction"
    names = {id(node): f"g{at}" for at, node in enumerate(found, 1)}

    def replaced(one: Node) -> str | None:
        if id(one) not in names:
            return None
        return "" if alone and _ends(body, one) else _blank(names[id(one)], alone)

    prompt = html(body, place, replaced)
    total = sum((most for _, _, most in each), Decimal(0))
    if alone:
        return prompt, each[0][1], each[0][2]
    gaps: list[Any] = [Gap(names[id(node)], one, _weight(most, each)) for node, one, most in each]
    return prompt, Cloze(tuple(gaps)), total


def _blank(name: str, alone: bool) -> str:
    return " _____ " if alone else f'<span data-blank="{name}"></span>'


def _ends(body: Node, node: Node) -> bool:
    """Whether nothing but white space stands after an element."""
    text: list[str] = []

    def walk(one: Node) -> None:
        for inner in one.inner:
            if isinstance(inner, str):
                text.append(inner.strip())
            elif inner is node:
                text.append("\0")
            else:
                walk(inner)

    walk(body)
    return "".join(text).endswith("\0")


def _weight(most: Decimal, each: list[tuple[Node, Any, Decimal]]) -> int:
    """Of a gap: its points as a whole number of the least points."""
    least = min(one for _, _, one in each)
    return max(1, int((most / least).to_integral_value()))


def _entry(answer: Declared, place: Place) -> tuple[Short | Numeric, Decimal]:
    points = answer.mapped or dict.fromkeys((" ".join(one.split()) for one in answer.correct), Decimal(1))
    gains = {key: value for key, value in points.items() if value > 0}
    if not gains:
        raise Unfit("key_missing")
    if len(gains) < len(points):
        place.note("share_lost", "mapping")
    most = max(gains.values())
    if answer.base in ("integer", "float"):
        near = (Near(number(decimal(key)), share=_share(value, most)) for key, value in gains.items())
        return Numeric(tuple(near)), most
    accepted = (Accepted(key, _share(value, most)) for key, value in gains.items())
    return Short(tuple(accepted), answer.folds), most


def _gaps(body: Node, node: Node, answer: Declared, place: Place) -> tuple[Words, Body, Decimal]:
    """gapMatchInteraction: every gap offers all the texts."""
    options = _options([*node.nodes("gapText", "gapImg")], place)
    pairs, most = _pairs(answer)
    ids = {one.id for one in options}
    right = {gap: text for text, gap in pairs}
    gaps, names = [], {}
    for one in node.all("gap"):
        key = right.get(one.get("identifier"))
        if key not in ids or key is None:
            raise Unfit("answer_unknown", one.get("identifier"))
        names[id(one)] = f"g{len(gaps) + 1}"
        gaps.append(Gap(names[id(one)], Single(options, (key,))))

    def replaced(one: Node) -> str | None:
        if one.tag in ("gapText", "gapImg"):
            return ""
        return _blank(names[id(one)], False) if id(one) in names else None

    return html(body, place, replaced), Cloze(tuple(gaps)), most


def _extended(node: Node, answer: Declared, place: Place) -> Made:
    if answer.correct or answer.mapped:
        place.note("scoring_replaced", node.tag)
    return Essay(), Decimal(1)


def _upload(node: Node, answer: Declared, place: Place) -> Made:
    return Files(), Decimal(1)


def _picture(node: Node, place: Place) -> Picture:
    shown = next(node.all("object", "img", "picture"), None)
    source = (shown.get("data") or shown.get("src")) if shown is not None else ""
    media = place.find(source)
    if media is None or shown is None:
        raise Unfit("file_missing", source)
    width, height = size(place.batch.media[media.sha256][0])
    wide, high = (int(decimal(shown.get(name) or "0")) for name in ("width", "height"))
    if not (width or wide) or not (height or high):
        raise Unfit("file_missing", source)
    words = place.plain(shown.get("alt") or " ".join(shown.text().split()))
    return Picture(media, wide or width, high or height, words)


def _hotspot(node: Node, answer: Declared, place: Place) -> Made:
    areas = {one.get("identifier"): area(one.get("shape"), one.get("coords")) for one in node.nodes("hotspotChoice")}
    right = answer.correct or [key for key, value in answer.mapped.items() if value > 0]
    if not right or any(one not in areas for one in right):
        raise Unfit("answer_unknown" if right else "key_missing", " ".join(right)[:80])
    regions = tuple(Region(key, one, key in right) for key, one in areas.items())
    return Hotspot(_picture(node, place), regions, int(decimal(node.get("maxChoices") or "1"))), Decimal(1)


def _point(node: Node, answer: Declared, place: Place) -> Made:
    """By the areas that give points; a right point without an area cannot be marked by us."""
    if not answer.areas:
        raise Unfit("key_missing", "areaMapping")
    gains = [one for one in answer.areas if one[1] > 0]
    if not gains or len({value for _, value in gains}) > 1:
        place.note("scoring_replaced", "areaMapping")
    regions = tuple(Region(f"r{at}", one, value > 0) for at, (one, value) in enumerate(answer.areas, 1))
    limit = int(decimal(node.get("maxChoices") or "1"))
    most = sum((value for _, value in gains), Decimal(0)) if limit != 1 else max(value for _, value in gains)
    return Hotspot(_picture(node, place), regions, limit), (min(answer.upper, most) if answer.upper else most)


def _onto(node: Node, answer: Declared, place: Place) -> Made:
    """graphicGapMatchInteraction: labels (words or pictures) into zones."""
    labels = _options([*node.nodes("gapText", "gapImg")], place)
    zones = [
        (one.get("identifier"), area(one.get("shape"), one.get("coords"))) for one in node.nodes("associableHotspot")
    ]
    pairs, most = _pairs(answer)
    known = {one.id for one in labels}, {one for one, _ in zones}
    if any(one not in known[0] or other not in known[1] for one, other in pairs):
        raise Unfit("answer_unknown", " ".join(answer.correct)[:80])
    reuse = any(one.get("matchMax") not in ("", "1") for one in node.nodes("gapText", "gapImg"))
    made: Callable[[tuple[str, Area]], Zone] = lambda one: Zone(*one)  # noqa: E731
    onto = DragOnto(_picture(node, place), labels, tuple(map(made, zones)), tuple(Pair(*p) for p in pairs), reuse)
    return onto, most


_KINDS: dict[str, Callable[[Node, Declared, Place], Made]] = {
    "choiceInteraction": _choice,
    "orderInteraction": _order,
    "matchInteraction": _match,
    "extendedTextInteraction": _extended,
    "uploadInteraction": _upload,
    "hotspotInteraction": _hotspot,
    "selectPointInteraction": _point,
    "graphicGapMatchInteraction": _onto,
}
