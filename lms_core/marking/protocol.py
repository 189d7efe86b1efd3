"""The commission's record of an exam: who examined whom, what came out, and what was decided about it."""

from sqlalchemy import func, select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId
from lms_core.kernel.names import Names
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import aloud, appeals, regrades, results
from .model import AnswerScore, Released
from .outcomes import MemberLine, Protocol, ProtocolLine, ResultRow, Results

PARTS = ("chair", "marker", "proctor")


async def of_exam(tx: Tx, exam_id: ExamId) -> Protocol:
    """Raises NotFound, Forbidden."""
    found = await results.of_exam(tx, exam_id)
    exam = await exams.exam_for(tx, exam_id, "chair", "reader")
    unit = await orgs.unit(tx, exam.organisation_id)
    commission = await exams.commission_of(tx, exam.organisation_id, exam_id)
    released = await tx.get(Released, (exam.organisation_id, exam_id))
    names = await people.names(tx, {*commission, *([released.by_id] if released else [])})
    members = [MemberLine(names.get(person, ""), part) for person, part in commission.items()]
    sat = {one.sitting_id: (one.name, one.number) for one in found.rows if one.sitting_id}
    words = {one.label: one.names for one in found.scale.bands} if found.scale else {}
    return Protocol(
        exam_id=exam.id,
        title=exam.data.title,
        kind=exam.data.kind,
        organisation=unit.names,
        opens_at=exam.data.opens_at,
        ends_at=exam.data.ends_at,
        level=exam.data.level,
        scale=found.scale,
        commission=sorted(members, key=lambda one: (PARTS.index(one.part), one.name)),
        lines=[_line(at, one, words.get(one.label)) for at, one in enumerate(found.rows, 1)],
        call=await aloud.call_of(tx, exam),
        aloud=await aloud.lines_of(tx, exam, sat),
        labels=found.statistics.labels,
        absent=len({one.person_id for one in found.rows} - _came(found)),
        mean=found.statistics.mean,
        alpha=found.statistics.alpha,
        marked=await _marked(tx, exam),
        regrades=await regrades.views_of(tx, exam),
        appeals=await appeals.all_of(tx, exam),
        released_by=names.get(released.by_id) if released else None,
        released=released.at if released else None,
    )


def _line(nth: int, row: ResultRow, words: Names | None) -> ProtocolLine:
    return ProtocolLine(
        nth=nth,
        name=row.name,
        group=row.group,
        number=row.number,
        state=row.state,
        points=row.points,
        most=row.most,
        percent=row.percent,
        label=row.label,
        words=words,
        passed=row.passed,
    )


def _came(found: Results) -> set[str]:
    """Who began at all."""
    return {one.person_id for one in found.rows if one.state not in ("planned", "checking", "ready", "missed")}


async def _marked(tx: Tx, exam: ExamRef) -> int:
    here = (AnswerScore.organisation_id == exam.organisation_id) & (AnswerScore.exam_id == exam.id)
    query = select(func.count()).select_from(AnswerScore).where(here, AnswerScore.needs_person, AnswerScore.wants == "")
    return await tx.one(query) or 0
