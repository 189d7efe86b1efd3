"""The papers of an exam: of which questions they are drawn, and the questions of one of them.

When an exam is published, what fits its blueprint is frozen with its versions (the pool), so all papers are drawn of
the same; a paper is frozen when its sitting is made. Changing a question changes neither.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lms_core.items import service as items
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import BankId, ItemId, UnitId
from lms_core.kernel.plain import from_plain, to_plain

from . import blueprint, settings
from .blueprint import Candidate, Short
from .settings import ExamData, Kind


class BlueprintShort(Refusal):
    """The banks cannot fill `cells`: `{section, objective, difficulty, wanted, found}` of each."""

    code, status = "blueprint_short", 409


class QuestionNotReady(Refusal):
    """Questions of the exam that are not approved, not in one of its languages, or not to be read: `items`."""

    code, status = "question_not_ready", 409


class NoQuestions(Refusal):
    """An exam needs a question at least, in each of its sections."""

    code, status = "no_questions", 409


@dataclass(frozen=True, slots=True)
class Place:
    """One question of a paper. `place` counts from 1, `section` from 0. `seed`: of all that is drawn in it."""

    place: int
    section: int
    item_id: ItemId
    version: int
    points: Decimal
    seed: str


@dataclass(frozen=True, slots=True)
class PoolItem:
    id: ItemId
    version: int
    objectives: tuple[str, ...]
    difficulty: int
    family: str


@dataclass(frozen=True, slots=True)
class Pool:
    """`items`: to be drawn; `fixed`: those that every paper has."""

    items: tuple[PoolItem, ...]
    fixed: tuple[PoolItem, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    places: tuple[Place, ...]

    def plain(self) -> dict[str, Any]:
        return to_plain(self)


def paper(plain: dict[str, Any]) -> Paper:
    """What `Paper.plain` gave."""
    return from_plain(Paper, plain)


def pool(plain: dict[str, Any]) -> Pool:
    """What `to_plain` of a pool gave."""
    return from_plain(Pool, plain)


async def gather(tx: Tx, organisation: UnitId, data: ExamData) -> Pool:
    """What the exam's questions are now. Raises QuestionNotReady for those that are named and cannot be asked."""
    states = _states(data.kind)
    named = [one.item_id for section in data.sections for one in section.items]
    fixed = await items.chosen(tx, organisation, named)
    missing = [one for one in named if one not in fixed or not _fits(fixed[one], states, data.languages)]
    if missing:
        raise QuestionNotReady(items=missing)
    wanted = any(section.cells for section in data.sections)
    found = await drawable(tx, organisation, data.banks, data.kind, data.languages) if wanted else []
    drawn = (one for one in found if one.id not in fixed)
    return Pool(tuple(_pool_item(one) for one in drawn), tuple(_pool_item(fixed[one]) for one in named))


async def drawable(
    tx: Tx, organisation: UnitId, banks: Collection[BankId], kind: Kind, languages: Collection[str]
) -> list[items.Candidate]:
    """What papers may be drawn of: in all of these languages, and approved unless it is for practice."""
    states = _states(kind)
    found = await items.candidates(tx, organisation, banks, states)
    return [one for one in found if _fits(one, states, languages)]


def check(data: ExamData, questions: Pool) -> None:
    """Whether every paper is whole. Raises NoQuestions, BlueprintShort."""
    if not data.sections or any(not section.items and not section.cells for section in data.sections):
        raise NoQuestions
    if short := _drawn(data, questions, "check")[1]:
        raise BlueprintShort(cells=[_told(one) for one in short])


def draw(data: ExamData, questions: Pool, seed: str) -> Paper:
    """The paper of a seed. What the pool is short of is left out."""
    versions = {one.id: one.version for one in (*questions.items, *questions.fixed)}
    drawn, _ = _drawn(data, questions, seed)
    made: list[tuple[int, str, Decimal]] = []
    for at, section in enumerate(data.sections):
        here = [(at, str(one.item_id), one.points) for one in section.items]
        here += [(at, one.id, one.points) for one in drawn if one.section == at]
        made += blueprint.shuffled(here, seed, f"section {at}") if data.shuffle else here
    return Paper(
        tuple(
            Place(number, at, ItemId(item), versions[ItemId(item)], points, f"{seed}/{number}")
            for number, (at, item, points) in enumerate(made, 1)
        )
    )


def steps(data: ExamData, questions: Paper) -> dict[int, int]:
    """Of each place, what its sitting's rows call a section: its own; with `question` each place is one; and where all
    are open at once, all are of the first."""
    if data.navigation == "question":
        return {one.place: one.place - 1 for one in questions.places}
    in_turn = settings.in_turn(data)
    return {one.place: one.section if in_turn else 0 for one in questions.places}


def _drawn(data: ExamData, questions: Pool, seed: str) -> tuple[Sequence[blueprint.Place], Sequence[Short]]:
    cells = settings.blueprint(data)
    if not any(one.cells for one in cells):
        return (), ()
    bank = (Candidate(one.id, frozenset(one.objectives), one.difficulty, one.family) for one in questions.items)
    found = blueprint.draw(cells, bank, seed)
    return found.places, found.short


def _states(kind: Kind) -> tuple[items.State, ...]:
    return ("approved", "review", "draft") if kind == "practice" else ("approved",)


def _fits(one: items.Candidate, states: Collection[str], languages: Collection[str]) -> bool:
    return one.state in states and set(languages) <= set(one.languages)


def _pool_item(one: items.Candidate) -> PoolItem:
    return PoolItem(one.id, one.version, tuple(sorted(one.objectives)), one.difficulty, one.family)


def _told(short: Short) -> dict[str, Any]:
    cell = short.cell
    return {
        "section": short.section,
        "objective": cell.objective,
        "difficulty": cell.difficulty,
        "wanted": short.wanted,
        "found": short.found,
    }
