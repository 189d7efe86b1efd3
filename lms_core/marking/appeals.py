"""Appeals: a learner asks to look again, the commission decides with a reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, SittingRef
from lms_core.items import service as items
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, NotFound
from lms_core.kernel.ids import AppealId, ExamId, SittingId
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import core, releases, scales, scoring
from .core import Scale
from .events import AppealDecided, AppealMade
from .model import AnswerScore, Appeal
from .views import AppealView, DecideAppeal, MakeAppeal


async def make(tx: Tx, sitting_id: SittingId, asked: MakeAppeal) -> AppealView:
    """Of one's own sitting. Raises NotFound, ResultsNotReleased, AppealTooLate, AppealOpen, CommentMissing,
    CommentTooLong."""
    exam, sitting = await exams.own_sitting(tx, sitting_id)
    scale = await scale_of(tx, exam, sitting)
    core.check_appeal(await releases.since(tx, exam, sitting), hours_of(scale), tx.now)
    why = core.comment(asked.why, needed=True)
    if asked.place is not None and await _score(tx, exam, sitting_id, asked.place) is None:
        raise NotFound(kind="question")
    if any(one.state == "open" and one.place == asked.place for one in await of_sitting(tx, exam, sitting_id)):
        raise core.AppealOpen
    row = Appeal(
        organisation_id=exam.organisation_id,
        id=AppealId(tx.new_id("appeal")),
        exam_id=exam.id,
        sitting_id=sitting_id,
        place=asked.place,
        person_id=tx.actor.id,
        why=why,
        at=tx.now,
        state="open",
        points=None,
        before=None,
        answer="",
        decided_by=None,
        decided_at=None,
    )
    tx.add(row)
    fact = AppealMade(
        organisation_id=exam.organisation_id,
        exam_id=exam.id,
        sitting_id=sitting_id,
        appeal_id=row.id,
        place=row.place,
    )
    tx.emit(fact)
    await tx.flush()
    return (await views_of(tx, exam, [row], [sitting], named=False, staff=False))[0]


async def of_exam(tx: Tx, exam_id: ExamId) -> list[AppealView]:
    """For the commission and who reads all; the open ones first. Raises NotFound."""
    exam = await exams.exam_for(tx, exam_id, "chair", "marker", "reader")
    return await all_of(tx, exam)


async def all_of(tx: Tx, exam: ExamRef) -> list[AppealView]:
    here = (Appeal.organisation_id == exam.organisation_id) & (Appeal.exam_id == exam.id)
    rows = sorted(await tx.all(select(Appeal).where(here)), key=lambda one: (one.state != "open", one.id))
    sittings = await exams.sittings_of(tx, exam.organisation_id, exam.id) if rows else []
    return await views_of(tx, exam, rows, sittings, named=not exam.data.anonymous, staff=True)


async def decide(tx: Tx, appeal_id: AppealId, asked: DecideAppeal) -> AppealView:
    """By a chair. Raises NotFound, Forbidden, AppealDecided, OwnWork, PointsUnfit, AppealLowers, CommentMissing,
    CommentTooLong."""
    row = await tx.one(select(Appeal).where(Appeal.id == appeal_id))
    if row is None:
        raise NotFound(kind="appeal")
    exam, sitting = await exams.sitting_for(tx, row.sitting_id, "chair")
    if row.state != "open":
        raise core.AppealDecided
    why = core.comment(asked.why, needed=True)
    if asked.points is not None and (row.place is None or asked.decision == "refuse"):
        raise Malformed(reason="points are granted for a place")
    score = None if row.place is None else await _score(tx, exam, row.sitting_id, row.place)
    points = asked.points if asked.decision == "grant" and score is not None else None
    now, most = (score.points, score.most) if score else (None, core.CENT)
    core.check_decision(tx.actor.id, sitting.person_id, points, now, most)
    row.state = "granted" if asked.decision == "grant" else "refused"
    row.points, row.before, row.answer = points, now, why
    row.decided_by, row.decided_at = tx.actor.id, tx.now
    await tx.flush()
    if score is not None and points is not None:
        await scoring.score_in(tx, exam, [sitting], score.item_id)
    fact = AppealDecided(
        organisation_id=exam.organisation_id,
        exam_id=exam.id,
        sitting_id=row.sitting_id,
        appeal_id=row.id,
        person_id=row.person_id,
        state=row.state,
        points=points,
        at=tx.now,
    )
    tx.emit(fact)
    return (await views_of(tx, exam, [row], [sitting], named=not exam.data.anonymous, staff=True))[0]


async def of_sitting(tx: Tx, exam: ExamRef, sitting_id: SittingId) -> Sequence[Appeal]:
    here = (Appeal.organisation_id == exam.organisation_id) & (Appeal.sitting_id == sitting_id)
    return await tx.all(select(Appeal).where(here).order_by(Appeal.id))


async def views_of(
    tx: Tx, exam: ExamRef, rows: Sequence[Appeal], sittings: Sequence[SittingRef], *, named: bool, staff: bool
) -> list[AppealView]:
    of = {one.id: one for one in sittings}
    persons = {row.person_id for row in rows} | {row.decided_by for row in rows if row.decided_by}
    names = await people.names(tx, persons)
    asked = await _asked(tx, exam, rows) if staff else {}
    return [
        AppealView(
            id=row.id,
            sitting_id=row.sitting_id,
            number=of[row.sitting_id].number,
            name=names.get(row.person_id) if named else None,
            place=row.place,
            why=row.why,
            at=row.at,
            state=row.state,  # type: ignore[arg-type]
            before=row.before,
            points=row.points,
            answer=row.answer,
            decided_by=names.get(row.decided_by) if row.decided_by else None,
            decided_at=row.decided_at,
            **asked.get((row.sitting_id, row.place), {}),
        )
        for row in rows
    ]


async def _asked(tx: Tx, exam: ExamRef, rows: Sequence[Appeal]) -> dict[tuple[SittingId, int | None], dict[str, Any]]:
    """What stands at the places that appeals are about."""
    of = {row.sitting_id for row in rows if row.place is not None}
    if not of:
        return {}
    here = (AnswerScore.organisation_id == exam.organisation_id) & AnswerScore.sitting_id.in_(of)
    columns = (AnswerScore.sitting_id, AnswerScore.place, AnswerScore.item_id, AnswerScore.most)
    found = await tx.rows(select(*columns).where(here))
    titles = await items.titles(tx, exam.organisation_id, {item for _, _, item, _ in found})
    return {(sitting, place): {"title": titles.get(item), "most": most} for sitting, place, item, most in found}


async def scale_of(tx: Tx, exam: ExamRef, sitting: SittingRef) -> Scale | None:
    """By which a sitting is judged."""
    unit = await orgs.unit(tx, exam.organisation_id)
    day = scoring.day_of(exam, sitting.began_at, unit.zone, tx.now)
    return await scales.in_force(tx, exam.organisation_id, exam.data.level, day)


def hours_of(scale: Scale | None) -> int:
    return scale.appeal_hours if scale else 0


def until(released: datetime | None, scale: Scale | None) -> datetime | None:
    return released + timedelta(hours=hours_of(scale)) if released else None


async def _score(tx: Tx, exam: ExamRef, sitting_id: SittingId, place: int) -> AnswerScore | None:
    return await tx.get(AnswerScore, (exam.organisation_id, sitting_id, place))
