"""What is right, shown in the names that `views.for_learner` gave: for whoever may see keys, and never before.

Option, gap and zone are called as the learner sees them, so the same widgets that show a question show its key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .answers import Answer, Chosen, Fill, Filled, Ordered, Paired, Spot, Spotted, Truth, Typed, most_spots
from .areas import middle
from .arithmetic import amount
from .content import (
    Accepted,
    Cloze,
    Criterion,
    DragOnto,
    Essay,
    Expression,
    Files,
    Hotspot,
    Item,
    Matching,
    Multiple,
    Near,
    Numeric,
    Ordering,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
)
from .drawing import realise, spelled
from .expressions import ExpressionUnfit
from .rich import Words
from .scoring import Part
from .views import Plain, area_shown, names_of, rich_shown, tell


@dataclass(frozen=True, slots=True)
class Key:
    """`answer`: one right answer, as a browser would send it (None where people mark, or where nothing fits);
    `accepted`: all that are typed, with a gap's name before them in a cloze; `regions`: right parts of a picture;
    `sample`: a model answer; `general`: said of the question; `options`: said of an option, by its shown id."""

    answer: Plain | None
    accepted: tuple[str, ...]
    regions: tuple[Plain, ...]
    sample: Plain | None
    general: Plain | None
    options: Mapping[str, Plain]


def key_of(item: Item, seed: str, language: str) -> Key:
    """Raises ExpressionUnfit where a parameter has no value."""
    item = realise(item, seed)
    body = item.body
    right = right_answer(item)
    sample = body.sample if isinstance(body, Essay | Files | Spoken) else Words()
    regions = [one for one in body.regions if one.right] if isinstance(body, Hotspot) else []
    return Key(
        answer=None if right is None else tell(item, seed, right),
        accepted=tuple(_accepted(item, seed)),
        regions=tuple(area_shown(one.area) for one in regions),
        sample=_rich(item, sample, language),
        general=_rich(item, item.feedback.general, language),
        options=_said_of_options(item, seed, language),
    )


def rubric_of(item: Item) -> tuple[Criterion, ...]:
    """Empty where nobody marks it by one."""
    return item.body.rubric if isinstance(item.body, Essay | Files | Spoken) else ()


def said_of(item: Item, share: float, seed: str, language: str) -> Plain | None:
    """What the author says to an answer that got this share of the points."""
    item = realise(item, seed)
    words = item.feedback.right if share >= 1 else item.feedback.partly if share > 0 else item.feedback.wrong
    return _rich(item, words, language)


def tell_parts(item: Item, seed: str, parts: Iterable[Part]) -> list[Part]:
    """Parts of a score under the names that the learner saw; what was never shown by a name has none."""
    item = realise(item, seed)
    shown = {(kind, held): name for (kind, name), held in names_of(item, seed).items()}
    kinds = {Matching: ("left", "right"), DragOnto: ("left", "right"), Cloze: ("gap",), Table: ("gap",)}
    sides = kinds.get(type(item.body), ("option", "option"))

    def name(where: str) -> str:
        return ">".join(shown.get((kind, one), "") for kind, one in zip(sides, where.split(">"), strict=False))

    return [Part(name(one.where), one.got, one.of, one.why) for one in parts]


def option_keys(item: Item) -> dict[str, bool]:
    """Which options a question has and whether they are right; empty where none is chosen."""
    match item.body:
        case Single() | Multiple():
            worth = {one.id for one in item.body.worth if one.share > 0}
            return {one.id: one.id in item.body.right or one.id in worth for one in item.body.options}
        case TrueFalse():
            return {"true": item.body.right, "false": not item.body.right}
    return {}


def option_words(item: Item) -> dict[str, Words]:
    """The words of the same options; of true and false only where the author wrote some."""
    match item.body:
        case Single() | Multiple():
            return {one.id: one.words for one in item.body.options}
    return {}


def chosen_of(answer: Answer) -> tuple[str, ...]:
    """The options of `option_keys` that an answer chooses."""
    match answer:
        case Chosen():
            return answer.ids
        case Truth() if answer.value is not None:
            return ("true" if answer.value else "false",)
    return ()


def right_answer(item: Item) -> Answer | None:
    """One answer that gets all points, of an item as realised; None where there is none to be written down."""
    body = item.body
    match body:
        case Single():
            return Chosen((best,)) if (best := _best(body)) else None
        case Multiple():
            worth = [one.id for one in body.worth if one.share > 0]
            return Chosen(tuple(one.id for one in body.options if one.id in (worth or body.right)))
        case TrueFalse():
            return Truth(body.right)
        case Short() | Numeric() | Expression():
            return Typed(text) if (text := _text(body)) else None
        case Matching() | DragOnto():
            return Paired(body.pairs)
        case Ordering():
            return Ordered(tuple(one.id for one in body.options))
        case Cloze() | Table():
            fills = (Fill(gap.id, _text(gap.body)) for gap in body.gaps)
            return Filled(tuple(one for one in fills if one.text))
        case Hotspot():
            points = [middle(one.area) for one in body.regions if one.right]
            return Spotted(tuple(Spot(x, y) for x, y in points[: most_spots(body)]))
    return None


def _best(body: Single) -> str:
    if body.right:
        return body.right[0]
    return max(body.worth, key=lambda one: one.share).id if body.worth else ""


def _text(body: Short | Numeric | Expression | Single) -> str:
    """What is typed or, within a gap, chosen."""
    match body:
        case Single():
            return _best(body)
        case Short():
            whole = [one for one in body.accepted if one.share == 1] or list(body.accepted)
            return next((_plain(one) for one in whole), "")
        case Numeric():
            whole = [one for one in body.near if one.share == 1] or list(body.near)
            return next((_number(one, body) for one in whole), "")
        case Expression():
            return body.expression


def _accepted(item: Item, seed: str) -> Iterable[str]:
    match item.body:
        case Cloze() | Table():
            shown = {held: name for (kind, name), held in names_of(item, seed).items() if kind == "gap"}
            for gap in item.body.gaps:
                yield from (f"{shown[gap.id]}: {one}" for one in _all(gap.body))
        case Short() | Numeric() | Expression():
            yield from _all(item.body)


def _all(body: Short | Numeric | Expression | Single) -> list[str]:
    match body:
        case Short():
            return [_plain(one) for one in body.accepted if one.share > 0]
        case Numeric():
            return [_near(one, body) for one in body.near if one.share > 0]
        case Expression():
            return [body.expression]
    return []


def _plain(accepted: Accepted) -> str:
    """A star of a pattern stands for anything: it is shown as an ellipsis."""
    if not accepted.pattern:
        return accepted.text
    return accepted.text.replace("\\*", "\0").replace("*", "…").replace("\0", "*")


def _number(near: Near, body: Numeric) -> str:
    """Empty where no unit is the key's own."""
    units = [one.name for one in body.units if _is_one(one.factor)]
    return "" if body.units and not units else " ".join([_spelled(near.value), *units[:1]])


def _near(near: Near, body: Numeric) -> str:
    number = _number(near, body) or _spelled(near.value)
    off = _spelled(near.tolerance)
    return number if off == "0" else f"{number} (±{off}{' ×' if near.relative else ''})"


def _spelled(written: str) -> str:
    try:
        return spelled(Decimal(str(amount(written))))
    except ExpressionUnfit:
        return written


def _is_one(factor: str) -> bool:
    return _spelled(factor) == "1"


def _said_of_options(item: Item, seed: str, language: str) -> dict[str, Plain]:
    match item.body:
        case TrueFalse():
            said = {"true": item.body.when_true, "false": item.body.when_false}
        case Single() | Multiple() | Ordering():
            shown = {held: name for (_, name), held in names_of(item, seed).items()}
            said = {shown[one.id]: one.feedback for one in item.body.options}
        case _:
            return {}
    return {name: told for name, words in said.items() if (told := _rich(item, words, language))}


def _rich(item: Item, words: Words, language: str) -> Plain | None:
    return rich_shown(item, words, language) if words else None
