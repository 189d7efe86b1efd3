"""Drawing questions by a blueprint, and shuffling: the same seed always gives the same paper.

Chance comes from SHA-256 of the seed and what is ordered, so a paper can be drawn again on any machine, and a question
that is added to the bank changes the order of no others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from lms_core.kernel.errors import Refusal

T = TypeVar("T")
MOST_QUESTIONS = 500


class BlueprintUnfit(Refusal):
    """A cell asks for no question, or all together for more than `most`; or gives no points."""

    code, status = "blueprint_unfit", 422


@dataclass(frozen=True, slots=True)
class Cell:
    """`count` questions of an objective ("" for any) and a difficulty (0 for any), each for `points`."""

    objective: str
    difficulty: int
    count: int
    points: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question of the bank. Of those with one `family` (variants of one question, or where one gives another away)
    a paper holds one at most."""

    id: str
    objectives: frozenset[str]
    difficulty: int
    family: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """One question of a paper: its section, from 0, and what it is worth."""

    section: int
    id: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Short:
    """A cell that the bank cannot fill: `found` of `wanted`."""

    section: int
    cell: Cell
    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class Paper:
    """`places` in the order of the blueprint; `short` is empty if it is whole."""

    places: tuple[Place, ...]
    short: tuple[Short, ...]


def draw(blueprint: Sequence[Section], bank: Iterable[Candidate], seed: str) -> Paper:
    """A paper: no question twice, and as many as the bank can give in any way (Kuhn 1955, "The Hungarian method":
    where two cells want the same question, one takes another). Raises BlueprintUnfit."""
    cells = [(at, cell) for at, section in enumerate(blueprint) for cell in section.cells]
    if any(cell.count < 1 or cell.points <= 0 for _, cell in cells) or not (
        0 < sum(cell.count for _, cell in cells) <= MOST_QUESTIONS
    ):
        raise BlueprintUnfit(most=MOST_QUESTIONS)
    known = sorted({one.id: one for one in bank}.values(), key=lambda one: _chance(seed, "draw", one.id))
    taken = _match([([one for one in known if _fits(one, cell)], cell.count) for _, cell in cells])
    places, short = [], []
    for (at, cell), found in zip(cells, taken, strict=True):
        places += [Place(at, one.id, cell.points) for one in found]
        if len(found) < cell.count:
            short.append(Short(at, cell, cell.count, len(found)))
    return Paper(tuple(places), tuple(short))


def shuffled(things: Sequence[T], seed: str, label: str, pinned: frozenset[int] = frozenset()) -> list[T]:
    """Another order of the same things. Those at `pinned` places stay ("none of these" at the end); `label` says
    what is shuffled, so that two questions of one paper are shuffled differently."""
    free = [at for at in range(len(things)) if at not in pinned]
    order = iter(sorted(free, key=lambda at: _chance(seed, label, str(at))))
    return [things[at] if at in pinned else things[next(order)] for at in range(len(things))]


def _match(wishes: list[tuple[list[Candidate], int]]) -> list[list[Candidate]]:
    """What each cell (its fitting questions, how many it wants) gets; as much in all as can be: augmenting paths."""
    holder: dict[str, int] = {}
    held: list[dict[str, Candidate]] = [{} for _ in wishes]
    free = [iter(one) for one, _ in wishes]

    def give(cell: int, tried: set[int]) -> bool:
        tried.add(cell)
        for one in free[cell]:  # what is held once is never free again
            if _family(one) not in holder:
                return take(cell, one)
        for one in wishes[cell][0]:
            other = holder[_family(one)]
            if other not in tried and give(other, tried):
                del held[other][_family(one)]
                return take(cell, one)
        return False

    def take(cell: int, one: Candidate) -> bool:
        holder[_family(one)] = cell
        held[cell][_family(one)] = one
        return True

    for cell, (_, count) in enumerate(wishes):
        while len(held[cell]) < count and give(cell, set()):
            pass
    return [list(one.values()) for one in held]


def _family(one: Candidate) -> str:
    return f"family {one.family}" if one.family else f"question {one.id}"


def _fits(one: Candidate, cell: Cell) -> bool:
    return (not cell.objective or cell.objective in one.objectives) and cell.difficulty in (0, one.difficulty)


def _chance(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
