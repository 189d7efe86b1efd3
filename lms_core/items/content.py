"""What a question is: its text in up to three languages, one key for all of them, and how it is worth points.

Right answers name options by id, so a translation cannot change them. Amounts in keys (`Amount`) are text: a number
(`-2.5`), or an expression of the item's parameters (`2*a + b`); see `drawing.realise`.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from lms_core.kernel.errors import Refusal

from .rich import Media, Shape, Words

VERSION = 1
"""Of the shape in JSON."""
MOST_DIGITS, MOST_EXPONENT = 30, 90
NO_WORDS = Words()

Amount = str
Rule = Literal["", "all_or_nothing", "per_part", "per_part_minus_wrong", "neighbours"]
"""How parts make points; empty is the kind's own rule (see `scoring`)."""


class ItemUnfit(Refusal):
    """`where` is a path in the item (`body.options[2].words`), `why` one of the words of `checks`."""

    code, status = "item_unfit", 422


@dataclass(frozen=True, slots=True)
class Measured(Shape):
    """Holds numbers, bounded so that whatever is reckoned with them stays small."""

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Decimal) and not is_small(one):
                    raise ItemUnfit(where=name, why="number")


@dataclass(frozen=True, slots=True)
class Option(Shape):
    """`id`: letters, digits, `_`, `.`, `-`. `fixed` keeps its place when others are shuffled ("all of these")."""

    id: str
    words: Words
    feedback: Words = NO_WORDS
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Worth(Measured):
    """Share of the points which choosing this option gives, -1 to 1."""

    id: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class Single(Shape):
    """One option is chosen; each of `right` gives all points, those in `worth` their share."""

    options: tuple[Option, ...]
    right: tuple[str, ...]
    worth: tuple[Worth, ...] = ()
    kind: Literal["single"] = "single"


@dataclass(frozen=True, slots=True)
class Multiple(Shape):
    """Several may be chosen: `least` to `most` of them, 0 is any number.

    With `worth`, the shares of the chosen are added, between 0 and 1, instead of the rule.
    """

    options: tuple[Option, ...]
    right: tuple[str, ...]
    worth: tuple[Worth, ...] = ()
    least: int = 0
    most: int = 0
    kind: Literal["multiple"] = "multiple"


@dataclass(frozen=True, slots=True)
class TrueFalse(Shape):
    right: bool
    when_true: Words = NO_WORDS
    when_false: Words = NO_WORDS
    kind: Literal["true_false"] = "true_false"


@dataclass(frozen=True, slots=True)
class Accepted(Measured):
    """An accepted answer; in a `pattern`, `*` stands for any characters and `\\*` for a star. First match counts."""

    text: str
    share: Decimal = Decimal(1)
    pattern: bool = False
    feedback: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Short(Shape):
    """A few words, typed. `fold_case`: А is а. `fold_space`: runs of spaces are one."""

    accepted: tuple[Accepted, ...]
    fold_case: bool = True
    fold_space: bool = True
    kind: Literal["short"] = "short"


@dataclass(frozen=True, slots=True)
class Near(Measured):
    """A right number; off by no more than `tolerance` (`relative`: that part of the value). First match counts."""

    value: Amount
    tolerance: Amount = "0"
    relative: bool = False
    share: Decimal = Decimal(1)
    feedback: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Unit(Shape):
    """What is typed behind a number; number × `factor` is in the unit of the key."""

    name: str
    factor: Amount = "1"


@dataclass(frozen=True, slots=True)
class Numeric(Measured):
    """A number, with a unit where there are `units`. `unit_share` is lost when the unit is missing or unknown."""

    near: tuple[Near, ...]
    units: tuple[Unit, ...] = ()
    unit_share: Decimal = Decimal(1)
    kind: Literal["numeric"] = "numeric"


@dataclass(frozen=True, slots=True)
class Pair(Shape):
    """Of a matching: ids of `left` and `right`; on a picture: of a label and a zone."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Matching(Shape):
    """`pairs` are right. A left one is matched with up to `most` (0 any) right ones; a right one may stay unused.

    `reuse`: a right one may be used more than once.
    """

    left: tuple[Option, ...]
    right: tuple[Option, ...]
    pairs: tuple[Pair, ...]
    most: int = 1
    reuse: bool = True
    kind: Literal["matching"] = "matching"


@dataclass(frozen=True, slots=True)
class Ordering(Shape):
    """Options in their right order."""

    options: tuple[Option, ...]
    kind: Literal["ordering"] = "ordering"


@dataclass(frozen=True, slots=True)
class Gap(Shape):
    """One place to fill, as a question of its own; `weight` is its part of the points."""

    id: str
    body: Short | Numeric | Single
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Cloze(Shape):
    """The prompt holds a `Blank` for each gap, in every language."""

    gaps: tuple[Gap, ...]
    kind: Literal["cloze"] = "cloze"


@dataclass(frozen=True, slots=True)
class Picture(Shape):
    """A picture in its own pixels; `words` describe it to who cannot see it."""

    media: Media
    width: int
    height: int
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Area(Measured):
    """Part of a picture, in its pixels from the top left.

    `rect`: left, top, right, bottom; `circle`: centre x, y, radius; `polygon`: x, y of each corner.
    """

    shape: Literal["rect", "circle", "polygon"]
    numbers: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Region(Shape):
    """Where one may point; where not `right`, it only has its feedback."""

    id: str
    area: Area
    right: bool = True
    feedback: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Hotspot(Shape):
    """Points are set on a picture, up to `most` (0: as many as there are right regions)."""

    picture: Picture
    regions: tuple[Region, ...]
    most: int = 1
    kind: Literal["hotspot"] = "hotspot"


@dataclass(frozen=True, slots=True)
class Zone(Shape):
    """Where a label may be put; `words` name it for keyboard and screen reader without telling what belongs there."""

    id: str
    area: Area
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class DragOnto(Shape):
    """Labels are put into zones of a picture; `pairs` (label, zone) are right. `reuse`: a label serves many times."""

    picture: Picture
    labels: tuple[Option, ...]
    zones: tuple[Zone, ...]
    pairs: tuple[Pair, ...]
    reuse: bool = False
    kind: Literal["drag_onto"] = "drag_onto"


@dataclass(frozen=True, slots=True)
class Level(Measured):
    """One level of a criterion and its points."""

    id: str
    words: Words
    points: Decimal


@dataclass(frozen=True, slots=True)
class Criterion(Shape):
    """What a person marks; most points of the levels are the criterion's. `shown`: the learner may read it before."""

    id: str
    words: Words
    levels: tuple[Level, ...]
    shown: bool = False


@dataclass(frozen=True, slots=True)
class Essay(Shape):
    """Written at length; word limits, 0 is none. `sample` is a model answer, for markers."""

    rubric: tuple[Criterion, ...] = ()
    least_words: int = 0
    most_words: int = 0
    sample: Words = NO_WORDS
    kind: Literal["essay"] = "essay"


@dataclass(frozen=True, slots=True)
class Files(Shape):
    """Files are handed in; `types` are endings without the dot (`pdf`), none is any."""

    types: tuple[str, ...] = ()
    most_bytes: int = 10_000_000
    most_files: int = 1
    rubric: tuple[Criterion, ...] = ()
    sample: Words = NO_WORDS
    kind: Literal["file"] = "file"


@dataclass(frozen=True, slots=True)
class Spoken(Shape):
    """Said aloud: recorded, up to `most_seconds`; or, where `live`, told to the examiner in a call, and nothing is
    sent: a person marks it in any case."""

    most_seconds: int = 120
    rubric: tuple[Criterion, ...] = ()
    sample: Words = NO_WORDS
    live: bool = False
    kind: Literal["spoken"] = "spoken"


@dataclass(frozen=True, slots=True)
class Variable(Measured):
    """A letter of a formula and the range in which two formulas are compared."""

    name: str
    low: Decimal = Decimal(1)
    high: Decimal = Decimal(5)


@dataclass(frozen=True, slots=True)
class Expression(Shape):
    """A formula is typed and is right when it equals `expression` (plain `2*x^2` or KaTeX)."""

    expression: str
    variables: tuple[Variable, ...] = ()
    kind: Literal["formula"] = "formula"


@dataclass(frozen=True, slots=True)
class Cell(Shape):
    """Of a table to fill: either words or the id of a gap."""

    words: Words = NO_WORDS
    gap: str = ""
    head: bool = False


@dataclass(frozen=True, slots=True)
class Table(Shape):
    rows: tuple[tuple[Cell, ...], ...]
    gaps: tuple[Gap, ...]
    kind: Literal["table"] = "table"


Body = (
    Single | Multiple | TrueFalse | Short | Numeric | Matching | Ordering | Cloze | Hotspot | DragOnto
    | Essay | Files | Spoken | Expression | Table
)  # fmt: skip
KINDS: dict[str, type[Body]] = {
    "single": Single, "multiple": Multiple, "true_false": TrueFalse, "short": Short, "numeric": Numeric,
    "matching": Matching, "ordering": Ordering, "cloze": Cloze, "hotspot": Hotspot, "drag_onto": DragOnto,
    "essay": Essay, "file": Files, "spoken": Spoken, "formula": Expression, "table": Table,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter(Measured):
    """A number drawn for each learner: `low`, `low + step`, … up to `high`; or one of `choices` where there are any."""

    name: str
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    step: Decimal = Decimal(1)
    choices: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived(Shape):
    """A number reckoned from parameters and those derived before it, rounded half up to `digits` behind the point."""

    name: str
    expression: str
    digits: int = 6


@dataclass(frozen=True, slots=True)
class Feedback(Shape):
    """Said after release, beside what the options say."""

    general: Words = NO_WORDS
    right: Words = NO_WORDS
    partly: Words = NO_WORDS
    wrong: Words = NO_WORDS


NO_FEEDBACK = Feedback()


@dataclass(frozen=True, slots=True)
class Item(Measured):
    """`prompt` may hold `{{name}}` of a parameter, in every text. `penalty` is the share of `points` that a wholly
    wrong answer costs (an empty one costs nothing). `difficulty` 1 (easy) to 5, 0 is not said. `objectives` and
    `subject` are codes of the organisation's own directory. Of one `family` (variants of one question, or one gives
    another away) a paper holds one at most."""

    prompt: Words
    body: Body
    points: Decimal = Decimal(1)
    name: str = ""
    rule: Rule = ""
    penalty: Decimal = Decimal(0)
    shuffle: bool = True
    subject: str = ""
    objectives: tuple[str, ...] = ()
    difficulty: Literal[0, 1, 2, 3, 4, 5] = 0
    tags: tuple[str, ...] = ()
    feedback: Feedback = NO_FEEDBACK
    parameters: tuple[Parameter, ...] = ()
    derived: tuple[Derived, ...] = ()
    family: str = ""

    @property
    def kind(self) -> str:
        return self.body.kind

    def languages(self) -> tuple[str, ...]:
        """Those the prompt is written in: every other text is expected in each of them."""
        return self.prompt.languages()


def is_live(body: Body) -> bool:
    """Whether it is answered to a person, so that nothing is sent."""
    return isinstance(body, Spoken) and body.live


def is_small(number: Decimal) -> bool:
    """Whether it is finite, with few digits and no far exponent."""
    if not number.is_finite():
        return False
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    return len(digits) <= MOST_DIGITS and isinstance(exponent, int) and abs(exponent) <= MOST_EXPONENT
