"""Questions of every kind for the tests: whatever belongs to a key, or tells of one, holds the word KEY."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from lms_core.items.content import (
    KINDS,
    Accepted,
    Area,
    Body,
    Cell,
    Cloze,
    Criterion,
    DragOnto,
    Essay,
    Expression,
    Feedback,
    Files,
    Gap,
    Hotspot,
    Item,
    Level,
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
    Spoken,
    Table,
    TrueFalse,
    Unit,
    Variable,
    Worth,
    Zone,
)
from lms_core.items.rich import Blank, Formula, Media, Paragraph, Rich, Text, Words, plain, same

Plain = dict[str, Any]
PICTURE = Picture(Media("b" * 64, "KEY.png", "image/png", "a map", 200, 100), 200, 100)


def says(text: str) -> Words:
    return same(plain(text), "kk", "ru")


def options(count: int, of: str = "option", *, secret: str = "KEY") -> tuple[Option, ...]:
    return tuple(Option(f"{secret}{of}{n}", says(f"{of} {n}"), says("KEY told")) for n in range(count))


def ids(things: Sequence[Option | Zone]) -> list[str]:
    return [one.id for one in things]


@st.composite
def bodies(draw: st.DrawFn, kind: str) -> Body:
    """A sound body of this kind."""
    made = options(draw(st.integers(2, 5)))
    match kind:
        case "single":
            right = draw(st.sampled_from(ids(made)))
            other = next(one for one in ids(made) if one != right)
            return Single(made, (right,), (Worth(other, Decimal("0.25")),) if draw(st.booleans()) else ())
        case "multiple":
            right = draw(st.lists(st.sampled_from(ids(made)), min_size=1, unique=True))
            worth = tuple(Worth(one, 1 / Decimal(len(right)).quantize(Decimal(1))) for one in right)
            weighted = draw(st.booleans()) and len(right) in (1, 2, 4)
            return Multiple(made, tuple(right), worth if weighted else (), least=draw(st.integers(0, 1)))
        case "true_false":
            return TrueFalse(draw(st.booleans()), says("KEY yes"), says("KEY no"))
        case "short":
            return Short((Accepted("KEY*end", pattern=True), Accepted("KEY b", Decimal("0.5"))), draw(st.booleans()))
        case "numeric":
            units = (Unit("kg"), Unit("g", "0.001"))
            near = Near(str(draw(st.integers(90001, 99999))), "0.77123", draw(st.booleans()))
            return Numeric((near,), units if draw(st.booleans()) else ())
        case "matching" | "drag_onto":
            return draw(_paired(kind))
        case "ordering":
            return Ordering(tuple(draw(st.permutations(made))))
        case "cloze" | "table":
            return draw(_gapped(kind))
        case "hotspot":
            flags = draw(st.lists(st.booleans(), min_size=1, max_size=4).filter(any))
            regions = (Region(f"KEY{n}", _box(n), right, says("KEY here")) for n, right in enumerate(flags))
            return Hotspot(PICTURE, tuple(regions), most=draw(st.sampled_from([0, 5])))
        case "formula":
            return Expression(
                draw(st.sampled_from(["987x^2", "sqrt(987x)", "987/x"])), (Variable("x", Decimal("1.773")),)
            )
    bad, good = (Level(one, says("KEY"), Decimal(points)) for one, points in (("a", 0), ("b", 3)))
    rubric = (
        Criterion("KEYc", says("shown"), (replace(bad, words=says("bad")), replace(good, words=says("good"))), True),
        Criterion("KEYd", says("KEY idea"), (bad, good)),
    )
    sample = says("KEY sample")
    match kind:
        case "essay":
            return Essay(rubric, 5, 500, sample)
        case "file":
            return Files(("pdf", "docx"), 1000, 2, rubric, sample)
    return Spoken(60, rubric, sample, draw(st.booleans()))


@st.composite
def _paired(draw: st.DrawFn, kind: str) -> Matching | DragOnto:
    left = options(draw(st.integers(1, 4)), "left")
    right = options(draw(st.integers(len(left), 5)), "right")
    order = draw(st.permutations(range(len(right))))
    pairs = tuple(Pair(one.id, right[at].id) for one, at in zip(left, order, strict=False))
    if kind == "matching":
        several = draw(st.booleans())
        return Matching(left, right, pairs, 0 if several else 1, draw(st.booleans()))
    zones = tuple(Zone(one.id, _box(n), one.words) for n, one in enumerate(right))
    return DragOnto(PICTURE, left, zones, pairs, draw(st.booleans()))


@st.composite
def _gapped(draw: st.DrawFn, kind: str) -> Cloze | Table:
    kinds = draw(st.lists(st.sampled_from(["short", "numeric", "single"]), min_size=1, max_size=3))
    gaps = []
    for n, one in enumerate(kinds):
        body = draw(bodies(one))
        assert isinstance(body, Short | Numeric | Single)
        gaps.append(Gap(f"KEYgap{n}", body, draw(st.integers(1, 3))))
    if kind == "cloze":
        return Cloze(tuple(gaps))
    return Table(tuple((Cell(says("row"), head=True), Cell(gap=gap.id)) for gap in gaps), tuple(gaps))


def _box(n: int) -> Area:
    """The n-th of areas that do not touch, of each shape in turn."""
    left = Decimal(10 + n * 30)
    match n % 3:
        case 0:
            return Area("rect", (left, Decimal(10), left + 20, Decimal(30)))
        case 1:
            return Area("circle", (left + 10, Decimal(20), Decimal(10)))
    return Area("polygon", (left, Decimal(10), left + 20, Decimal(10), left + 10, Decimal(30)))


@st.composite
def items(draw: st.DrawFn, kinds: Sequence[str] = tuple(KINDS)) -> Item:
    body = draw(bodies(draw(st.sampled_from(kinds))))
    picture = Media("c" * 64, "KEY.png", "image/png", "a sketch")
    pieces = [Text("Solve ", ("bold",)), Formula("x^2"), picture]
    if isinstance(body, Cloze):
        pieces += [Blank(gap.id) for gap in body.gaps]
    prompt = same(Rich((Paragraph(tuple(pieces)),)), "kk", "ru")
    return Item(
        prompt,
        body,
        Decimal(draw(st.sampled_from(["1", "2.5", "7"]))),
        name="KEY name",
        rule=draw(st.sampled_from(["", "all_or_nothing", "per_part", "per_part_minus_wrong"])),
        penalty=Decimal(draw(st.sampled_from(["0", "0.25"]))),
        shuffle=draw(st.booleans()),
        objectives=("KEY.1",),
        tags=("KEY",),
        feedback=Feedback(says("KEY general"), says("KEY right")),
    )


def rekeyed(item: Item) -> Item:
    """The same question to whoever looks at it, with another key."""
    return replace(
        item,
        body=_rekeyed(item.body),
        name="KEY other",
        rule="",
        penalty=Decimal(1),
        tags=(),
        objectives=("KEY.2",),
        difficulty=5,
        feedback=Feedback(),
    )


def _rekeyed(body: Body) -> Any:
    match body:
        case Single():
            mute = tuple(replace(one, feedback=Words()) for one in body.options)
            return Single(mute, (next(one for one in ids(mute) if one not in body.right),))
        case Multiple():
            return replace(body, right=tuple(ids(body.options)), worth=())
        case TrueFalse():
            return TrueFalse(not body.right)
        case Short():
            return Short((Accepted("KEY other"),), not body.fold_case)
        case Numeric():
            return replace(body, near=(Near("5", "1"), Near("7")), units=tuple(Unit(u.name, "9") for u in body.units))
        case Matching() | DragOnto():
            rights = [one.right for one in body.pairs]
            turned = (Pair(one.left, right) for one, right in zip(body.pairs, rights[1:] + rights[:1], strict=True))
            return replace(body, pairs=tuple(turned))
        case Ordering():
            return Ordering(body.options[::-1])
        case Cloze() | Table():
            return replace(body, gaps=tuple(replace(one, body=_rekeyed(one.body), weight=9) for one in body.gaps))
        case Hotspot():
            return replace(body, regions=tuple(replace(one, area=_box(5)) for one in body.regions))
        case Expression():
            return Expression("x", (Variable("x"),))
    return replace(body, sample=Words(), rubric=body.rubric[:1])


def perfect(item: Item, view: Plain) -> Plain:
    """What a learner who knows it all sends, who finds options by what they read in the view."""
    body = item.body
    match body:
        case Single():
            return {"kind": "chosen", "ids": [_seen(view["options"], body.options, body.right[0])]}
        case Multiple():
            return {"kind": "chosen", "ids": [_seen(view["options"], body.options, one) for one in body.right]}
        case TrueFalse():
            return {"kind": "truth", "value": body.right}
        case Short() | Numeric() | Expression():
            return {"kind": "typed", "text": _typed(body)}
        case Matching():
            pairs = [_pair(view["left"], body.left, view["right"], body.right, one) for one in body.pairs]
            return {"kind": "paired", "pairs": pairs}
        case DragOnto():
            pairs = [_pair(view["labels"], body.labels, view["zones"], body.zones, one) for one in body.pairs]
            return {"kind": "paired", "pairs": pairs}
        case Ordering():
            return {"kind": "ordered", "ids": [_seen(view["options"], body.options, one.id) for one in body.options]}
        case Cloze() | Table():
            return {"kind": "filled", "fills": [
                {"gap": seen["id"], "text": _seen(seen["options"], gap.body.options, gap.body.right[0])
                 if isinstance(gap.body, Single) else _typed(gap.body)}
                for seen, gap in zip(view["gaps"], body.gaps, strict=True)
            ]}  # fmt: skip
        case Hotspot():
            spots = [_middle(one.area) for one in body.regions if one.right]
            return {"kind": "spotted", "spots": [{"x": str(x), "y": str(y)} for x, y in spots]}
        case Essay():
            return {"kind": "written", "text": "So it is."}
        case Files():
            return {"kind": "handed_in", "files": [{"sha256": "d" * 64, "name": "work.pdf", "size": 10}]}
        case Spoken():
            return {"kind": "recorded"} if body.live else {"kind": "recorded", "sha256": "d" * 64, "seconds": 12}


def _seen(shown: Sequence[Plain], things: Sequence[Option | Zone], wanted: str) -> str:
    words = next(one.words.of("ru") for one in things if one.id == wanted)
    text = "".join(run.text for block in words.blocks for run in getattr(block, "runs", ()))
    return next(one["id"] for one in shown if one["words"]["blocks"][0]["runs"][0]["text"] == text)


def _pair(
    left: Sequence[Plain], lefts: Sequence[Option], right: Sequence[Plain], rights: Sequence[Option | Zone], pair: Pair
) -> Plain:
    return {"left": _seen(left, lefts, pair.left), "right": _seen(right, rights, pair.right)}


def _typed(body: Short | Numeric | Expression) -> str:
    match body:
        case Short():
            return body.accepted[0].text.replace("*", " between ")
        case Numeric():
            return body.near[0].value + (" kg" if body.units else "")
        case Expression():
            return body.expression


def _middle(area: Area) -> tuple[Decimal, Decimal]:
    """A point within: the centre, of a polygon its first corner."""
    if area.shape == "rect":
        return (area.numbers[0] + area.numbers[2]) / 2, (area.numbers[1] + area.numbers[3]) / 2
    return area.numbers[0], area.numbers[1]
