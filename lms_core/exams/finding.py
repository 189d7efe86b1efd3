"""Finding exams for who may know of them, and in which part."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, or_, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import ExamId, UnitId
from lms_core.kernel.plain import from_plain
from lms_core.orgs import service as orgs

from .model import Exam, ExamMember, ExamTaker
from .settings import ExamData

StaffPart = Literal["chair", "marker", "proctor", "reader"]
PAGE = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """An exam, and the part the actor has in it: of the commission, or `reader` of all exams there."""

    row: Exam
    data: ExamData
    part: StaffPart


def data_of(row: Exam) -> ExamData:
    return from_plain(ExamData, row.settings)


async def find(tx: Tx, exam_id: ExamId, *parts: StaffPart) -> Seen:
    """An exam for its commission and for who reads all. Raises NotFound, Forbidden (has none of `parts`)."""
    row = await tx.one(select(Exam).where(Exam.id == exam_id))
    if row is None or (part := await part_in(tx, row)) is None:
        raise NotFound(kind="exam")
    if parts and part not in parts:
        raise Forbidden(needs=parts[0])
    return Seen(row, data_of(row), part)


async def part_in(tx: Tx, row: Exam) -> StaffPart | None:
    member = await tx.get(ExamMember, (row.organisation_id, row.id, tx.actor.person)) if tx.actor.person else None
    if member is not None:
        return member.part  # type: ignore[return-value]
    organisation = await orgs.unit(tx, row.organisation_id)
    return "reader" if policy.allows(tx.actor, Permission.EXAM_READ, [Scope(organisation.path)]) else None


async def page(tx: Tx, after: ExamId | None) -> tuple[list[Exam], ExamId | None]:
    """The exams that the actor may know of, the newest first; behind `after`."""
    query = select(Exam).where(or_(*await _known(tx))).order_by(Exam.id.desc()).limit(PAGE + 1)
    rows = list(await tx.all(query.where(Exam.id < after) if after else query))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


async def parts_in(tx: Tx, rows: Sequence[Exam]) -> dict[ExamId, StaffPart]:
    """In which of these the actor is of the commission, or reads all."""
    reads = await _read(tx)
    found: dict[ExamId, StaffPart] = {row.id: "reader" for row in rows if row.organisation_id in reads}
    query = select(ExamMember.exam_id, ExamMember.part).where(_mine(tx, ExamMember, {row.id for row in rows}))
    return found | {exam: part for exam, part in await tx.rows(query)}  # type: ignore[misc]


async def _known(tx: Tx) -> list[ColumnElement[bool]]:
    mine = select(ExamMember.exam_id).where(_mine(tx, ExamMember))
    taking = select(ExamTaker.exam_id).where(_mine(tx, ExamTaker), ~ExamTaker.exempt)
    return [
        Exam.organisation_id.in_(await _read(tx)),
        Exam.id.in_(mine),
        Exam.id.in_(taking) & (Exam.state != "draft"),
    ]


async def _read(tx: Tx) -> set[UnitId]:
    paths = policy.paths_permitting(tx.actor, Permission.EXAM_READ)
    return set(await orgs.within_reach(tx, paths)) if paths else set()


def _mine(tx: Tx, table: Any, exams: Collection[ExamId] | None = None) -> ColumnElement[bool]:
    here = (table.organisation_id == tx.actor.organisation) & (table.person_id == tx.actor.id)
    return here if exams is None else here & table.exam_id.in_(exams)
