"""What an answer is worth, exactly, and why.

An answer is taken apart into parts, each with its weight. The rule makes points of them:

| rule | share of the points |
|---|---|
| all_or_nothing | 1 where every part is right and nothing wrong beside |
| per_part | weight of what is right / weight of all |
| per_part_minus_wrong | the same, and what is wrong takes as much as a right part gives, down to 0 |
| neighbours | of an ordering: pairs that rightly follow each other / all such pairs |

The kind's own rule: `per_part_minus_wrong` for multiple, hotspot and a matching with several partners, since there all
could be chosen; `per_part` for the others. A wholly wrong answer costs the item's `penalty`, an empty one nothing.
What is written, handed in or recorded waits for a person; what is told to the examiner does so in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from .answers import (
    Answer,
    AnswerUnfit,
    Chosen,
    Filled,
    HandedIn,
    Ordered,
    Paired,
    Recorded,
    Spotted,
    Truth,
    Typed,
    Written,
    expect,
    is_empty,
)
from .areas import inside
from .content import (
    Body,
    Cloze,
    DragOnto,
    Expression,
    Gap,
    Hotspot,
    Item,
    Matching,
    Multiple,
    Numeric,
    Ordering,
    Pair,
    Short,
    Single,
    Table,
    TrueFalse,
    is_live,
)
from .expressions import ExpressionUnfit
from .formulas import compare
from .reading import number_worth, text_worth

Why = Literal["right", "partly", "wrong", "missing", "extra", "unit", "unread", "person"]


@dataclass(frozen=True, slots=True)
class Part:
    """`where`: id of an option, a gap, a region, `left>right` of a pair, or empty for the whole answer."""

    where: str
    got: Fraction
    of: Fraction
    why: Why


@dataclass(frozen=True, slots=True)
class Scored:
    """`points` may be below 0 by a penalty. `needs_person`: these points are not known yet."""

    points: Fraction
    most: Fraction
    parts: tuple[Part, ...] = ()
    needs_person: bool = False


def score(item: Item, answer: Answer) -> Scored:
    """`item` as realised for this learner (`drawing.realise`), `answer` as `answers.fit` left it."""
    most = Fraction(item.points)
    if isinstance(answer, Written | HandedIn | Recorded):
        waits = is_live(item.body) or not is_empty(answer)
        return Scored(Fraction(0), most, (Part("", Fraction(0), most, "person" if waits else "missing"),), waits)
    parts = _parts(item, answer)
    share = _share(item, parts)
    whole = sum((one.of for one in parts), Fraction(0))
    scale = most / whole if whole else Fraction(0)
    shown = tuple(Part(one.where, one.got * scale, one.of * scale, one.why) for one in parts)
    if share <= 0 and not is_empty(answer):
        share = min(share, -Fraction(item.penalty))
    return Scored(share * most, most, shown)


def _share(item: Item, parts: Sequence[Part]) -> Fraction:
    of = sum((one.of for one in parts), Fraction(0))
    if not of:
        return Fraction(0)
    got = sum((one.got for one in parts), Fraction(0))
    match _rule(item):
        case "all_or_nothing":
            return Fraction(int(all(one.got == one.of for one in parts) and all(one.why != "extra" for one in parts)))
        case "per_part_minus_wrong" if not _weighted(item):
            unit = of / sum(one.of > 0 for one in parts)
            lost = sum((one.of if one.of else unit) for one in parts if one.why in ("wrong", "extra"))
            return max((got - lost) / of, Fraction(0))
    return max(min(got / of, Fraction(1)), Fraction(-1) if isinstance(item.body, Single) else Fraction(0))


def _rule(item: Item) -> str:
    body = item.body
    if item.rule:
        return item.rule
    return "per_part_minus_wrong" if isinstance(body, Multiple | Hotspot) or _several(body) else "per_part"


def _several(body: Body) -> bool:
    """Whether everything could be paired with everything."""
    return (isinstance(body, Matching) and body.most != 1) or (isinstance(body, DragOnto) and body.reuse)


def _weighted(item: Item) -> bool:
    """Whether shares of the options already say what is lost; one part has nothing wrong beside it."""
    body = item.body
    return (isinstance(body, Multiple) and bool(body.worth)) or isinstance(
        body, Single | TrueFalse | Short | Numeric | Expression
    )


def _parts(item: Item, answer: Answer) -> list[Part]:
    body = item.body
    match body:
        case Single():
            return [_single(body, "".join(expect(answer, Chosen).ids))]
        case Multiple():
            return _multiple(body, expect(answer, Chosen).ids)
        case TrueFalse():
            said = expect(answer, Truth).value
            return [_part("", said is not None, Fraction(int(said == body.right)))]
        case Short() | Numeric():
            return [_typed("", body, expect(answer, Typed).text)]
        case Expression():
            return [_formula(body, expect(answer, Typed).text)]
        case Matching() | DragOnto():
            return _pairs(body.pairs, expect(answer, Paired).pairs, _several(body))
        case Ordering():
            return _ordering([one.id for one in body.options], expect(answer, Ordered).ids, _rule(item))
        case Cloze() | Table():
            given = {one.gap: one.text for one in expect(answer, Filled).fills}
            return [_gap(gap, given.get(gap.id, "")) for gap in body.gaps]
        case Hotspot():
            return _hotspot(body, expect(answer, Spotted))
    raise AnswerUnfit(why="shape")


def _part(where: str, given: bool, share: Fraction, why: Why | None = None) -> Part:
    """One part of weight 1, with a share of it."""
    said: Why = "right" if share == 1 else "partly" if share > 0 else "wrong" if given else "missing"
    return Part(where, share, Fraction(1), why or said)


def _single(body: Single, chosen: str) -> Part:
    worth = {one.id: Fraction(one.share) for one in body.worth} | dict.fromkeys(body.right, Fraction(1))
    return _part(chosen, bool(chosen), worth.get(chosen, Fraction(0)))


def _multiple(body: Multiple, chosen: Sequence[str]) -> list[Part]:
    if body.worth:
        worth = {one.id: Fraction(one.share) for one in body.worth}
        got = sum((worth.get(one, Fraction(0)) for one in chosen), Fraction(0))
        return [_part("", bool(chosen), min(max(got, Fraction(0)), Fraction(1)))]
    parts = [_part(one, False, Fraction(int(one in chosen))) for one in body.right]
    return parts + [Part(one, Fraction(0), Fraction(0), "extra") for one in chosen if one not in body.right]


def _typed(where: str, body: Short | Numeric, text: str) -> Part:
    if isinstance(body, Short):
        return _part(where, bool(text), text_worth(body, text))
    share, why = number_worth(body, text)
    return _part(where, bool(text), share, why if text else None)


def _formula(body: Expression, text: str) -> Part:
    if not text:
        return _part("", False, Fraction(0))
    try:
        return _part("", True, Fraction(int(compare(body.expression, text, body.variables).same)))
    except ExpressionUnfit:
        return _part("", True, Fraction(0), "unread")


def _pairs(right: Sequence[Pair], given: Sequence[Pair], several: bool) -> list[Part]:
    answered, held = {one.left for one in given}, {one.left for one in right}
    parts = [
        _part(f"{one.left}>{one.right}", not several and one.left in answered, Fraction(int(one in given)))
        for one in right
    ]
    extra = [one for one in given if one not in right and (several or one.left not in held)]
    return parts + [Part(f"{one.left}>{one.right}", Fraction(0), Fraction(0), "extra") for one in extra]


def _ordering(right: Sequence[str], given: Sequence[str], rule: str) -> list[Part]:
    if rule == "neighbours":
        follows = set(pairwise(given))
        return [_part(f"{a}>{b}", bool(given), Fraction(int((a, b) in follows))) for a, b in pairwise(right)]
    placed = dict(enumerate(given))
    return [_part(one, bool(given), Fraction(int(placed.get(at) == one))) for at, one in enumerate(right)]


def _gap(gap: Gap, text: str) -> Part:
    part = _single(gap.body, text) if isinstance(gap.body, Single) else _typed(gap.id, gap.body, text)
    weight = Fraction(gap.weight)
    return Part(gap.id, max(part.got, Fraction(0)) * weight, weight, part.why)


def _hotspot(body: Hotspot, answer: Spotted) -> list[Part]:
    """Each spot counts for the first right region around it that no earlier spot has taken."""
    hit: set[str] = set()
    extra = 0
    for spot in answer.spots:
        around = [one.id for one in body.regions if one.right and inside(one.area, spot.x, spot.y)]
        fresh = [one for one in around if one not in hit]
        hit |= set(fresh[:1])
        extra += not around
    parts = [_part(one.id, False, Fraction(int(one.id in hit))) for one in body.regions if one.right]
    return parts + [Part("", Fraction(0), Fraction(0), "extra")] * extra


def rounded(points: Fraction, digits: int = 2) -> Decimal:
    """Half up, as points are shown."""
    whole = int(abs(points) * 10**digits + Fraction(1, 2))
    return Decimal(whole if points >= 0 else -whole).scaleb(-digits)
