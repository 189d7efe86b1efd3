"""What a learner may send for each kind of question, and the same as JSON.

| question | answer |
|---|---|
| single, multiple | Chosen |
| true_false | Truth |
| short, numeric, formula | Typed |
| matching, drag_onto | Paired |
| ordering | Ordered |
| cloze, table | Filled |
| hotspot | Spotted |
| essay | Written |
| file | HandedIn |
| spoken | Recorded, empty where it is answered live |
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal, TypeVar

from lms_core.kernel import plain as shapes
from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean

from .content import (
    Body,
    Cloze,
    DragOnto,
    Essay,
    Expression,
    Files,
    Gap,
    Hotspot,
    Matching,
    Measured,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Pair,
    Short,
    Single,
    Spoken,
    Table,
    TrueFalse,
    Zone,
)
from .plain import is_moderate, simple
from .rich import Shape

LONGEST_TYPED, LONGEST_WRITTEN, LONGEST_NAME = 1_000, 200_000, 255
SHA256 = re.compile("[0-9a-f]{64}")


class AnswerUnfit(Refusal):
    """`why`: `shape` (another kind's, or none), `unknown` (no such option, gap, zone), `twice`, `many`, `long`, `place`
    (outside the picture), `order` (not all options once), `type`, `size`, `sum` (no SHA-256)."""

    code, status = "item_answer_unfit", 422


@dataclass(frozen=True, slots=True)
class Chosen(Shape):
    ids: tuple[str, ...] = ()
    kind: Literal["chosen"] = "chosen"


@dataclass(frozen=True, slots=True)
class Truth(Shape):
    """None is not answered."""

    value: bool | None = None
    kind: Literal["truth"] = "truth"


@dataclass(frozen=True, slots=True)
class Typed(Shape):
    text: str = ""
    kind: Literal["typed"] = "typed"


@dataclass(frozen=True, slots=True)
class Paired(Shape):
    pairs: tuple[Pair, ...] = ()
    kind: Literal["paired"] = "paired"


@dataclass(frozen=True, slots=True)
class Ordered(Shape):
    """All options, or none while nothing is answered."""

    ids: tuple[str, ...] = ()
    kind: Literal["ordered"] = "ordered"


@dataclass(frozen=True, slots=True)
class Fill(Shape):
    """What is typed into a gap; of a gap with options, the id of the chosen one."""

    gap: str
    text: str


@dataclass(frozen=True, slots=True)
class Filled(Shape):
    fills: tuple[Fill, ...] = ()
    kind: Literal["filled"] = "filled"


@dataclass(frozen=True, slots=True)
class Spot(Measured):
    """In the picture's own pixels."""

    x: Decimal
    y: Decimal


@dataclass(frozen=True, slots=True)
class Spotted(Shape):
    spots: tuple[Spot, ...] = ()
    kind: Literal["spotted"] = "spotted"


@dataclass(frozen=True, slots=True)
class Written(Shape):
    text: str = ""
    kind: Literal["written"] = "written"


@dataclass(frozen=True, slots=True)
class Handed(Shape):
    """A file by what it holds; `size` in bytes."""

    sha256: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class HandedIn(Shape):
    files: tuple[Handed, ...] = ()
    kind: Literal["handed_in"] = "handed_in"


@dataclass(frozen=True, slots=True)
class Recorded(Shape):
    """Sound by what it holds; empty while nothing is said."""

    sha256: str = ""
    seconds: int = 0
    kind: Literal["recorded"] = "recorded"


Answer = Chosen | Truth | Typed | Paired | Ordered | Filled | Spotted | Written | HandedIn | Recorded
A = TypeVar("A", bound=Answer)
SHAPES: dict[type[Body], type[Answer]] = {
    Single: Chosen, Multiple: Chosen, TrueFalse: Truth, Short: Typed, Numeric: Typed, Expression: Typed,
    Matching: Paired, DragOnto: Paired, Ordering: Ordered, Cloze: Filled, Table: Filled, Hotspot: Spotted,
    Essay: Written, Files: HandedIn, Spoken: Recorded,
}  # fmt: skip


def nothing(body: Body) -> Answer:
    """The empty answer to such a question."""
    return SHAPES[type(body)]()


def is_empty(answer: Answer) -> bool:
    return answer == type(answer)()


def to_plain(answer: Answer) -> dict[str, Any]:
    return simple(answer)


def from_plain(body: Body, plain: object) -> Answer:
    """Raises AnswerUnfit."""
    return fit(body, shaped(body, plain))


def shaped(body: Body, plain: object) -> Answer:
    """Of the right shape, whatever it names. Raises AnswerUnfit."""
    if not is_moderate(plain):
        raise AnswerUnfit(why="shape")
    try:
        return shapes.from_plain(SHAPES[type(body)], plain)
    except (ValueError, Refusal) as e:
        raise AnswerUnfit(why="shape") from e


def fit(body: Body, answer: Answer) -> Answer:
    """As it is kept: texts cleaned, what has no order in the question's order. Raises AnswerUnfit."""
    match body:
        case Single() | Multiple():
            most = 1 if isinstance(body, Single) else body.most or len(body.options)
            return Chosen(_known(expect(answer, Chosen).ids, _ids(body.options), most))
        case TrueFalse():
            return expect(answer, Truth)
        case Short() | Numeric() | Expression():
            return Typed(_short(expect(answer, Typed).text, LONGEST_TYPED))
        case Matching():
            return _paired(expect(answer, Paired), _ids(body.left), _ids(body.right), body)
        case DragOnto():
            return _paired(
                expect(answer, Paired), [one.id for one in body.labels], [one.id for one in body.zones], body
            )
        case Ordering():
            ids = expect(answer, Ordered).ids
            if ids and sorted(ids) != sorted(_ids(body.options)):
                raise AnswerUnfit(why="order")
            return answer
        case Cloze() | Table():
            return _filled(expect(answer, Filled), body.gaps)
        case Hotspot():
            return _spotted(expect(answer, Spotted), body)
        case Essay():
            return Written(_short(expect(answer, Written).text, LONGEST_WRITTEN, lines=True))
        case Files():
            return HandedIn(_files(expect(answer, HandedIn).files, body))
        case Spoken():
            return _recorded(expect(answer, Recorded), body)


def expect(answer: Answer, shape: type[A]) -> A:
    """The answer, where it is of this shape. Raises AnswerUnfit."""
    if not isinstance(answer, shape):
        raise AnswerUnfit(why="shape")
    return answer


def _ids(things: Sequence[Option] | Sequence[Zone]) -> list[str]:
    return [one.id for one in things]


def _known(given: Sequence[str], known: Sequence[str], most: int) -> tuple[str, ...]:
    _once(given)
    if not set(given) <= set(known):
        raise AnswerUnfit(why="unknown")
    if len(given) > most:
        raise AnswerUnfit(why="many")
    return tuple(one for one in known if one in given)


def _once(given: Sequence[object]) -> None:
    if len(set(given)) < len(given):
        raise AnswerUnfit(why="twice")


def _short(text: str, most: int, lines: bool = False) -> str:
    if len(text) > most:
        raise AnswerUnfit(why="long", limit=most)
    return clean("|" + text + "|", lines=True)[1:-1].strip("\n") if lines else clean(text, lines=True)


def _paired(answer: Paired, left: Sequence[str], right: Sequence[str], body: Matching | DragOnto) -> Paired:
    _once(answer.pairs)
    if not ({one.left for one in answer.pairs} <= set(left) and {one.right for one in answer.pairs} <= set(right)):
        raise AnswerUnfit(why="unknown")
    if isinstance(body, Matching):
        _at_most((one.left for one in answer.pairs), body.most)
        _at_most((one.right for one in answer.pairs), 0 if body.reuse else 1)
    else:
        _at_most((one.left for one in answer.pairs), 0 if body.reuse else 1)
    return Paired(tuple(sorted(answer.pairs, key=lambda one: (left.index(one.left), right.index(one.right)))))


def _at_most(given: Iterable[str], most: int) -> None:
    counts: dict[str, int] = {}
    for one in given:
        counts[one] = counts.get(one, 0) + 1
        if most and counts[one] > most:
            raise AnswerUnfit(why="many")


def _filled(answer: Filled, gaps: Sequence[Gap]) -> Filled:
    given = {one.gap: one.text for one in answer.fills}
    _once([one.gap for one in answer.fills])
    if not set(given) <= {gap.id for gap in gaps}:
        raise AnswerUnfit(why="unknown")
    fills = [Fill(gap.id, _short(given[gap.id], LONGEST_TYPED)) for gap in gaps if given.get(gap.id)]
    bodies = {gap.id: gap.body for gap in gaps}
    for one in fills:
        if isinstance(body := bodies[one.gap], Single) and one.text not in {option.id for option in body.options}:
            raise AnswerUnfit(why="unknown")
    return Filled(tuple(one for one in fills if one.text))


def _spotted(answer: Spotted, body: Hotspot) -> Spotted:
    _once(answer.spots)
    if len(answer.spots) > most_spots(body):
        raise AnswerUnfit(why="many")
    for one in answer.spots:
        if not (0 <= one.x <= body.picture.width and 0 <= one.y <= body.picture.height):
            raise AnswerUnfit(why="place")
    return answer


def most_spots(body: Hotspot) -> int:
    return body.most or sum(one.right for one in body.regions)


def _files(files: Sequence[Handed], body: Files) -> tuple[Handed, ...]:
    _once([one.sha256 for one in files])
    if len(files) > body.most_files:
        raise AnswerUnfit(why="many")
    made = []
    for one in files:
        name = _short(one.name, LONGEST_NAME)
        if not SHA256.fullmatch(one.sha256):
            raise AnswerUnfit(why="sum")
        if body.types and name.rpartition(".")[2].casefold() not in body.types:
            raise AnswerUnfit(why="type")
        if not 0 <= one.size <= body.most_bytes:
            raise AnswerUnfit(why="size")
        made.append(replace(one, name=name))
    return tuple(made)


def _recorded(answer: Recorded, body: Spoken) -> Recorded:
    if answer == Recorded():
        return answer
    if body.live:
        raise AnswerUnfit(why="shape")
    if not SHA256.fullmatch(answer.sha256):
        raise AnswerUnfit(why="sum")
    if not 0 <= answer.seconds <= body.most_seconds + 1:
        raise AnswerUnfit(why="long", limit=body.most_seconds)
    return answer
