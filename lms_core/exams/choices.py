"""Of what an author chooses: whom they may examine, who may help, and what the banks have."""

from collections.abc import Collection
from dataclasses import dataclass

from lms_core.access import accounts
from lms_core.access.policy import Permission, Role
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.items import service as items
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound
from lms_core.kernel.ids import BankId, CourseId, GroupId, PersonId
from lms_core.kernel.names import Names
from lms_core.kernel.text import sort_key
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import papers, takers
from .settings import Kind, Language

COMMISSION = (Role.TEACHER, Role.TUTOR, Role.METHODIST, Role.DEPUTY, Role.PROCTOR)
MOST_STAFF = 1000


@dataclass(frozen=True, slots=True)
class CourseChoice:
    id: CourseId
    subject: Names
    groups: list[GroupId]


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """`learners`: how many learn there today."""

    id: GroupId
    name: str
    learners: int


@dataclass(frozen=True, slots=True)
class LearnerChoice:
    id: PersonId
    name: str
    groups: list[GroupId]


@dataclass(frozen=True, slots=True)
class StaffChoice:
    id: PersonId
    name: str


@dataclass(frozen=True, slots=True)
class ExamChoices:
    """`courses`: of the author. `groups`, `learners`: whom the author may examine. `staff`: of whom a commission is.
    `level`: by whose scale the organisation marks."""

    courses: list[CourseChoice]
    groups: list[GroupChoice]
    learners: list[LearnerChoice]
    staff: list[StaffChoice]
    level: str


@dataclass(frozen=True, slots=True)
class CellAsked:
    objective: str = ""
    difficulty: int = 0


@dataclass(frozen=True, slots=True)
class FitsAsked:
    banks: list[BankId]
    languages: list[Language]
    cells: list[CellAsked]
    kind: Kind = "exam"


@dataclass(frozen=True, slots=True)
class Fits:
    """For each cell, in their order: how many questions of the banks fit it, each cell for itself."""

    counts: list[int]


async def choices(tx: Tx) -> ExamChoices:
    organisation = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
    day = orgs.today(tx, organisation)
    taught = await takers.taught_groups(tx, organisation)
    mine = [one for one in await courses.of_organisation(tx, organisation.id, teacher=tx.actor.id) if not one.ended]
    open_groups = [one for one in await groups.of_organisation(tx, organisation.id) if not one.closed]
    known = [one for one in open_groups if takers.may_examine(tx, one, taught)]
    learning: dict[PersonId, list[GroupId]] = {}
    for one in await groups.learning_in(tx, organisation.id, [group.id for group in known], day):
        learning.setdefault(one.person, []).append(one.group)
    return ExamChoices(
        [CourseChoice(one.id, one.subject, [group.id for group in one.groups]) for one in mine],
        _with_learners(known, learning.values()),
        await _learners(tx, organisation, learning),
        await _staff(tx, organisation),
        organisation.kind.value if organisation.kind else "school",
    )


async def fits(tx: Tx, asked: FitsAsked) -> Fits:
    """Raises NotFound for a bank that one may not read."""
    organisation = await people.home_of(tx, tx.actor.id)
    known = {bank.id for bank in await items.banks_for(tx, Permission.BANK_READ)}
    if not set(asked.banks) <= known:
        raise NotFound(kind="bank")
    found = await papers.drawable(tx, organisation, asked.banks, asked.kind, asked.languages)
    return Fits([
        sum(
            (not cell.objective or cell.objective in one.objectives) and cell.difficulty in (0, one.difficulty)
            for one in found
        )
        for cell in asked.cells
    ])  # fmt: skip


def _with_learners(known: Collection[GroupView], learning: Collection[list[GroupId]]) -> list[GroupChoice]:
    sizes: dict[GroupId, int] = {}
    for of_one in learning:
        for group in of_one:
            sizes[group] = sizes.get(group, 0) + 1
    return [GroupChoice(one.id, one.name, sizes[one.id]) for one in known if one.id in sizes]


async def _learners(tx: Tx, organisation: Organisation, learning: dict[PersonId, list[GroupId]]) -> list[LearnerChoice]:
    found = await people.those_of(tx, organisation.id, learning)
    made = [LearnerChoice(one.id, one.name, learning[one.id]) for one in found.values() if one.active]
    return sorted(made, key=lambda one: sort_key(one.name))


async def _staff(tx: Tx, organisation: Organisation) -> list[StaffChoice]:
    found: dict[PersonId, str] = {}
    for role in COMMISSION:
        within = [accounts.holders(tx, role, organisation.path)]
        page, _ = await people.page(tx, organisation.id, within=within, limit=MOST_STAFF)
        found |= {one.id: one.name for one in page}
    return [StaffChoice(id_, name) for id_, name in sorted(found.items(), key=lambda one: sort_key(one[1]))]
