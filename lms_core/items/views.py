"""What the learner's browser may see of a question, and what its answer means.

The view holds no key, no tolerance, no feedback, and no name that a person or an importer gave to options, gaps or
files: options are called by the place at which they are shown, and where that place could tell something, it comes from
the seed and from nothing of the key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .answers import (
    Answer,
    AnswerUnfit,
    Chosen,
    Fill,
    Filled,
    Ordered,
    Paired,
    fit,
    most_spots,
    shaped,
    to_plain,
)
from .content import (
    Area,
    Body,
    Cell,
    Cloze,
    Criterion,
    DragOnto,
    Essay,
    Expression,
    Files,
    Gap,
    Hotspot,
    Item,
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
    Zone,
)
from .drawing import realise, shuffled, spelled
from .plain import simple
from .rich import Blank, Block, Box, Entry, Grid, Inline, Listing, Media, Paragraph, Rich, Words

Plain = dict[str, Any]


def for_learner(item: Item, seed: str, language: str) -> Plain:
    """`{"kind", "points", "prompt": Rich, …}`, texts in `language` or the first there is.

    `points` is text. Options are `{"id", "words"}`, gaps `{"id", "kind", …}`, areas as in the item. Raises
    ExpressionUnfit where a parameter has no value.
    """
    item = realise(item, seed)
    scene = _Scene(item, seed, language)
    kind: Plain = {"kind": item.kind, "points": spelled(item.points), "prompt": scene.rich(item.prompt)}
    return kind | scene.of(item.body)


def hear(item: Item, seed: str, plain: object) -> Answer:
    """The answer to what `for_learner` showed with the same seed. Raises AnswerUnfit."""
    answer = shaped(item.body, plain)
    real = partial(_real, _Scene(item, seed, "").names())
    match answer:
        case Chosen():
            answer = Chosen(tuple(real("option", one) for one in answer.ids))
        case Ordered():
            answer = Ordered(tuple(real("option", one) for one in answer.ids))
        case Paired():
            answer = Paired(tuple(Pair(real("left", one.left), real("right", one.right)) for one in answer.pairs))
        case Filled() if isinstance(item.body, Cloze | Table):
            answer = Filled(tuple(_fill(one, item.body.gaps, real) for one in answer.fills))
    return fit(item.body, answer)


def tell(item: Item, seed: str, answer: Answer) -> Plain:
    """An answer that is kept, as the browser that sees `for_learner` would send it: to go on with."""
    shown = {(kind, held): name for (kind, name), held in _Scene(item, seed, "").names().items()}
    match answer:
        case Chosen() | Ordered():
            answer = replace(answer, ids=tuple(shown["option", one] for one in answer.ids))
        case Paired():
            pairs = (Pair(shown["left", one.left], shown["right", one.right]) for one in answer.pairs)
            answer = Paired(tuple(pairs))
        case Filled():
            fills = (
                Fill(shown["gap", one.gap], shown.get((_within(one.gap), one.text), one.text)) for one in answer.fills
            )
            answer = Filled(tuple(fills))
    return to_plain(answer)


def names_of(item: Item, seed: str) -> dict[tuple[str, str], str]:
    """(`option`, `left`, `right`, `gap`; its name in the view) → its id in the item; of a realised one."""
    return _Scene(item, seed, "").names()


def rich_shown(item: Item, words: Words, language: str) -> Plain:
    """Other words of an item, as its view shows the prompt."""
    return _Scene(item, "", language).rich(words)


def area_shown(area: Area) -> Plain:
    return _area(area)


def _real(names: Mapping[tuple[str, str], str], kind: str, name: str) -> str:
    if (kind, name) not in names:
        raise AnswerUnfit(why="unknown")
    return names[kind, name]


def _fill(fill: Fill, gaps: Sequence[Gap], real: Any) -> Fill:
    gap = real("gap", fill.gap)
    chosen = any(one.id == gap and isinstance(one.body, Single) for one in gaps)
    return Fill(gap, real(_within(gap), fill.text) if chosen and fill.text else fill.text)


@dataclass(frozen=True, slots=True)
class _Scene:
    item: Item
    seed: str
    language: str

    def of(self, body: Body) -> Plain:
        match body:
            case Single():
                return {"options": self.options(body.options)}
            case Multiple():
                return {"options": self.options(body.options), "least": body.least, "most": body.most}
            case Ordering():
                return {"options": self.named(self.drawn(body.options))}
            case Matching():
                left, right = self.sides(body)
                told = {"most": body.most, "reuse": body.reuse}
                return {"left": self.named(left), "right": self.named(right)} | told
            case DragOnto():
                labels, zones = self.sides(body)
                told = {"picture": self.picture(body.picture), "reuse": body.reuse}
                return {"labels": self.named(labels), "zones": self.zones(zones)} | told
            case Hotspot():
                return {"picture": self.picture(body.picture), "most": most_spots(body)}
            case Cloze():
                return {"gaps": self.gaps(body.gaps)}
            case Table():
                names = self.gap_names(body.gaps)
                return {"rows": [[self.cell(one, names) for one in row] for row in body.rows],
                        "gaps": self.gaps(body.gaps)}  # fmt: skip
            case Numeric():
                return {"units": _units(body)}
            case Expression():
                return {"variables": sorted(one.name for one in body.variables)}
            case Essay():
                return {"least_words": body.least_words, "most_words": body.most_words} | self.rubric(body.rubric)
            case Files():
                told = {"types": list(body.types), "most_bytes": body.most_bytes, "most_files": body.most_files}
                return told | self.rubric(body.rubric)
            case Spoken():
                return {"most_seconds": body.most_seconds, "live": body.live} | self.rubric(body.rubric)
            case Short() | TrueFalse():
                return {}

    def names(self) -> dict[tuple[str, str], str]:
        """(what it is, its name in the view) → its id in the item; see `_within` for options of a gap."""
        body = self.item.body
        match body:
            case Single() | Multiple():
                return _numbered("option", self.placed(body.options))
            case Ordering():
                return _numbered("option", self.drawn(body.options))
            case Matching() | DragOnto():
                left, right = self.sides(body)
                return _numbered("left", left) | _numbered("right", right)
            case Cloze() | Table():
                made = {("gap", name): gap for gap, name in self.gap_names(body.gaps).items()}
                for gap in body.gaps:
                    if isinstance(gap.body, Single):
                        made |= _numbered(_within(gap.id), self.placed(gap.body.options, gap.id))
                return made
        return {}

    def sides(self, body: Matching | DragOnto) -> tuple[Sequence[Option], Sequence[Option | Zone]]:
        """Right ones are always drawn: as written, they often stand beside their partners. Zones stand in a picture."""
        if isinstance(body, DragOnto):
            return self.drawn(body.labels, "left"), self.drawn(body.zones, "right")
        return self.placed(body.left, "left"), self.drawn(body.right, "right")

    def drawn(self, options: Sequence[Any], *what: str) -> list[Any]:
        return shuffled(options, self.seed, "options", *what, name=lambda one: one.id)

    def placed(self, options: Sequence[Option], *what: str) -> list[Option]:
        """Shuffled where the item says so; fixed ones keep their place."""
        if not self.item.shuffle:
            return list(options)
        free = iter(self.drawn([one for one in options if not one.fixed], *what))
        return [one if one.fixed else next(free) for one in options]

    def options(self, options: Sequence[Option], *what: str) -> list[Plain]:
        return self.named(self.placed(options, *what))

    def named(self, options: Sequence[Option | Zone]) -> list[Plain]:
        return [{"id": str(at), "words": self.rich(one.words)} for at, one in enumerate(options, 1)]

    def zones(self, zones: Sequence[Option | Zone]) -> list[Plain]:
        areas = (_area(one.area) for one in zones if isinstance(one, Zone))
        return [named | {"area": area} for named, area in zip(self.named(zones), areas, strict=True)]

    def gap_names(self, gaps: Sequence[Gap]) -> dict[str, str]:
        """Gaps stand where they stand: they are numbered as they were written."""
        return {gap.id: str(at) for at, gap in enumerate(gaps, 1)}

    def gaps(self, gaps: Sequence[Gap]) -> list[Plain]:
        made = []
        for name, gap in zip(self.gap_names(gaps).values(), gaps, strict=True):
            told: Plain = {"id": name, "kind": gap.body.kind}
            match gap.body:
                case Single():
                    told["options"] = self.options(gap.body.options, gap.id)
                case Numeric():
                    told["units"] = _units(gap.body)
            made.append(told)
        return made

    def cell(self, cell: Cell, names: Mapping[str, str]) -> Plain:
        return {"gap": names[cell.gap]} if cell.gap else {"words": self.rich(cell.words), "head": cell.head}

    def picture(self, picture: Picture) -> Plain:
        size = {"width": picture.width, "height": picture.height}
        return {"media": simple(_unnamed(picture.media)), "words": self.rich(picture.words)} | size

    def rubric(self, rubric: Sequence[Criterion]) -> Plain:
        """Only criteria the author shows."""
        return {"rubric": [
            {"words": self.rich(one.words),
             "levels": [{"words": self.rich(level.words), "points": spelled(level.points)} for level in one.levels]}
            for one in rubric if one.shown
        ]}  # fmt: skip

    def rich(self, words: Words) -> Plain:
        """Without names of files, gaps under the names they have here."""
        body = self.item.body
        gaps = self.gap_names(body.gaps) if isinstance(body, Cloze) else {}
        return simple(_shown(words.of(self.language), gaps))


def _numbered(kind: str, things: Sequence[Any]) -> dict[tuple[str, str], str]:
    return {(kind, str(at)): one.id for at, one in enumerate(things, 1)}


def _within(gap: str) -> str:
    """What the options of a gap are called in `names`; no kind is."""
    return f"in {gap}"


def _units(body: Numeric) -> list[str]:
    return sorted(one.name for one in body.units)


def _area(area: Area) -> Plain:
    return {"shape": area.shape, "numbers": [spelled(one) for one in area.numbers]}


def _unnamed(media: Media) -> Media:
    return replace(media, name="")


def _shown(rich: Rich, gaps: Mapping[str, str]) -> Rich:
    return Rich(tuple(_block(one, gaps) for one in rich.blocks))


def _block(block: Block, gaps: Mapping[str, str]) -> Block:
    match block:
        case Paragraph():
            return replace(block, runs=_runs(block.runs, gaps))
        case Listing():
            return _listing(block, gaps)
        case Grid():
            return Grid(tuple(tuple(_box(box, gaps) for box in row) for row in block.rows))


def _box(box: Box, gaps: Mapping[str, str]) -> Box:
    return replace(box, runs=_runs(box.runs, gaps))


def _listing(listing: Listing, gaps: Mapping[str, str]) -> Listing:
    entries = (Entry(_runs(one.runs, gaps), tuple(_listing(i, gaps) for i in one.inner)) for one in listing.entries)
    return replace(listing, entries=tuple(entries))


def _runs(runs: Sequence[Inline], gaps: Mapping[str, str]) -> tuple[Inline, ...]:
    made: list[Inline] = []
    for one in runs:
        match one:
            case Media():
                made.append(_unnamed(one))
            case Blank():
                made += [Blank(gaps[one.id])] if one.id in gaps else []
            case _:
                made.append(one)
    return tuple(made)
