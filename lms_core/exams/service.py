"""What other features ask of exams: who may do what in one, papers, answers and states of sittings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import ExamId, FileId, GroupId, PersonId, SittingId, UnitId

from . import answers, exams, finding, moves, papers, reading
from .admission import Asked, NotAdmitted, admission
from .answers import Kept
from .core import Act, Row, State
from .events import ExamReleased, SittingJudged
from .finding import StaffPart, data_of
from .model import (
    Answer,
    AnswerFile,
    Exam,
    ExamMember,
    ExamPool,
    ExamTaker,
    Sitting,
    SittingMove,
    SittingPaper,
)
from .papers import Place
from .settings import ExamData, ExamState, MemberData
from .takers import TakerView

__all__ = [
    "Act",
    "Asked",
    "ExamData",
    "Kept",
    "MemberData",
    "NotAdmitted",
    "Place",
    "Row",
    "StaffPart",
    "State",
    "TakerView",
    "admission",
]


@dataclass(frozen=True, slots=True)
class ExamRef:
    """An exam as other features see it. `part`: the actor's own; None where nobody asked for it."""

    id: ExamId
    organisation_id: UnitId
    state: ExamState
    data: ExamData
    author_id: PersonId
    published_at: datetime | None
    part: StaffPart | None


@dataclass(frozen=True, slots=True)
class SittingRef:
    """`state`: by its newest change; `since`: when that was. `number`: what markers call it."""

    id: SittingId
    organisation_id: UnitId
    exam_id: ExamId
    person_id: PersonId
    attempt: int
    number: str
    language: str
    state: State
    since: datetime
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class TakerRef:
    person_id: PersonId
    group_id: GroupId | None
    seat: str
    exempt: bool


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed in for a place."""

    id: FileId
    place: int
    key: str
    name: str
    type: str
    bytes: int
    sha256: str


async def exam_for(tx: Tx, exam_id: ExamId, *parts: StaffPart) -> ExamRef:
    """For the commission and who reads all. Raises NotFound, Forbidden (has none of `parts`)."""
    seen = await finding.find(tx, exam_id, *parts)
    return _ref(seen.row, seen.data, seen.part)


async def exam(tx: Tx, organisation: UnitId, exam_id: ExamId) -> ExamRef:
    """Whoever asks. Raises NotFound."""
    row = await tx.get(Exam, (organisation, exam_id))
    if row is None:
        raise NotFound(kind="exam")
    return _ref(row, data_of(row), None)


async def sitting_for(tx: Tx, sitting_id: SittingId, *parts: StaffPart) -> tuple[ExamRef, SittingRef]:
    """A sitting, for the commission and who reads all. Raises NotFound, Forbidden."""
    row = await tx.one(select(Sitting).where(Sitting.id == sitting_id))
    if row is None:
        raise NotFound(kind="sitting")
    try:
        found = await exam_for(tx, row.exam_id)
    except NotFound:
        raise NotFound(kind="sitting") from None
    if parts and found.part not in parts:
        raise Forbidden(needs=parts[0])
    return found, (await _refs(tx, [row]))[0]


async def own_sitting(tx: Tx, sitting_id: SittingId) -> tuple[ExamRef, SittingRef]:
    """The actor's own. Raises NotFound."""
    row = await tx.get(Sitting, (tx.actor.organisation, sitting_id)) if tx.actor.organisation else None
    if row is None or row.person_id != tx.actor.id:
        raise NotFound(kind="sitting")
    return await exam(tx, row.organisation_id, row.exam_id), (await _refs(tx, [row]))[0]


async def sittings_of(tx: Tx, organisation: UnitId, exam_id: ExamId) -> list[SittingRef]:
    """All of an exam, the oldest first."""
    query = select(Sitting).where(Sitting.organisation_id == organisation, Sitting.exam_id == exam_id)
    return await _refs(tx, await tx.all(query.order_by(Sitting.id)))


async def sitting(tx: Tx, organisation: UnitId, sitting_id: SittingId) -> SittingRef:
    """Whoever asks. Raises NotFound."""
    row = await tx.get(Sitting, (organisation, sitting_id))
    if row is None:
        raise NotFound(kind="sitting")
    return (await _refs(tx, [row]))[0]


async def papers_of(
    tx: Tx, organisation: UnitId, sittings: Collection[SittingId]
) -> dict[SittingId, tuple[Place, ...]]:
    """The questions of each, in order."""
    here = (SittingPaper.organisation_id == organisation) & SittingPaper.sitting_id.in_(list(sittings))
    rows = await tx.all(select(SittingPaper).where(here))
    return {row.sitting_id: papers.paper(row.body).places for row in rows}


async def answers_of(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> dict[SittingId, dict[int, Kept]]:
    """The newest answers of each, by their place."""
    return await answers.of_sittings(tx, organisation, sittings)


async def files_of(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> dict[SittingId, list[Handed]]:
    """What was handed in for each."""
    here = (AnswerFile.organisation_id == organisation) & AnswerFile.sitting_id.in_(list(sittings)) & ~AnswerFile.gone
    found: dict[SittingId, list[Handed]] = {one: [] for one in sittings}
    for row in await tx.all(select(AnswerFile).where(here).order_by(AnswerFile.id)):
        one = Handed(row.id, row.place, row.key, row.name, row.type, row.bytes, row.sha256)
        found[row.sitting_id].append(one)
    return found


async def moves_of(tx: Tx, organisation: UnitId, sittings: Collection[SittingId]) -> dict[SittingId, list[Row]]:
    """Every change of each, in order."""
    return await reading.rows_of(tx, organisation, sittings)


async def takers_of(tx: Tx, organisation: UnitId, exam_id: ExamId) -> dict[PersonId, TakerRef]:
    """Who is to take it."""
    here = (ExamTaker.organisation_id == organisation) & (ExamTaker.exam_id == exam_id)
    rows = await tx.all(select(ExamTaker).where(here))
    return {row.person_id: TakerRef(row.person_id, row.group_id, row.seat, row.exempt) for row in rows}


async def commission_of(tx: Tx, organisation: UnitId, exam_id: ExamId) -> dict[PersonId, str]:
    """Who is of the commission, in which part."""
    here = (ExamMember.organisation_id == organisation) & (ExamMember.exam_id == exam_id)
    return {row.person_id: row.part for row in await tx.all(select(ExamMember).where(here))}


async def accept(tx: Tx, sitting_id: SittingId) -> SittingRef:
    """An ended sitting counts. By a chair. Raises NotFound, Forbidden, SittingMoveUnfit."""
    return await _judge(tx, sitting_id, Act.ACCEPT, "")


async def void(tx: Tx, sitting_id: SittingId, why: str) -> SittingRef:
    """An ended sitting does not count. By a chair. Raises NotFound, Forbidden, SittingMoveUnfit, ReasonMissing."""
    return await _judge(tx, sitting_id, Act.VOID, why)


async def release(tx: Tx, exam_id: ExamId) -> None:
    """Learners are told what the exam's rules let them see; nobody begins it any more. By a chair; twice is as once.

    Raises NotFound, Forbidden, ExamIsOver.
    """
    seen = await finding.find(tx, exam_id, "chair")
    if seen.row.state == "released":
        return
    if seen.row.state != "published":
        raise exams.ExamIsOver(state=seen.row.state)
    seen.row.state = "released"
    seen.row.version += 1
    tx.emit(ExamReleased(organisation_id=seen.row.organisation_id, exam_id=exam_id))


async def forget_organisation(tx: Tx, organisation: UnitId) -> None:
    """All of it, but the bytes of files: those are removed soon after."""
    tables: tuple[Any, ...] = (Answer, SittingMove, SittingPaper, Sitting, ExamTaker, ExamMember, ExamPool, Exam)
    for table in tables:
        await tx.execute(delete(table).where(table.organisation_id == organisation))
    for row in await tx.all(select(AnswerFile).where(AnswerFile.organisation_id == organisation)):
        row.gone, row.name = True, ""


async def _judge(tx: Tx, sitting_id: SittingId, act: Act, why: str) -> SittingRef:
    await sitting_for(tx, sitting_id, "chair")
    row = await tx.one(select(Sitting).where(Sitting.id == sitting_id))
    assert row is not None
    live = await moves.load(tx, row)
    if moves.move(tx, live, act, "examiner", why=why):
        fact = SittingJudged(
            organisation_id=row.organisation_id,
            exam_id=row.exam_id,
            sitting_id=row.id,
            state=live.state.value,
            at=live.rows[-1].at,
        )
        tx.emit(fact)
    return (await _refs(tx, [row]))[0]


def _ref(row: Exam, data: ExamData, part: StaffPart | None) -> ExamRef:
    state: Any = row.state
    return ExamRef(row.id, row.organisation_id, state, data, row.author_id, row.published_at, part)


async def _refs(tx: Tx, rows: Sequence[Sitting]) -> list[SittingRef]:
    """Of one organisation."""
    if not rows:
        return []
    states = await reading.newest(tx, rows[0].organisation_id, [row.id for row in rows])
    return [
        SittingRef(
            id=row.id,
            organisation_id=row.organisation_id,
            exam_id=row.exam_id,
            person_id=row.person_id,
            attempt=row.attempt,
            number=row.number,
            language=row.language,
            state=states[row.id].state,
            since=states[row.id].at,
            began_at=row.began_at,
        )
        for row in rows
    ]
