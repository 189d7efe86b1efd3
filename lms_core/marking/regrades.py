"""A faulty question, marked again in all sittings of an exam, with a record of what that changed."""

from collections.abc import Sequence

from sqlalchemy import select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, SittingRef
from lms_core.items import service as items
from lms_core.items.answers import AnswerUnfit
from lms_core.items.content import Item
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, ItemId, RegradeId, SittingId
from lms_core.kernel.names import Names
from lms_core.people import service as people

from . import core, scoring
from .core import Settled
from .events import ItemRegraded
from .model import AnswerScore, RegradeChange, Regraded
from .views import ChangeView, RegradeItem, RegradeView


async def regrade(tx: Tx, exam_id: ExamId, asked: RegradeItem) -> RegradeView:
    """By a chair, also once the results are told. Raises NotFound, Forbidden, CommentMissing, CommentTooLong,
    RegradeUnfit, Malformed, ItemUnfit."""
    await tx.take_time()
    exam = await exams.exam_for(tx, exam_id, "chair")
    why = core.comment(asked.why, needed=True)
    rows = await _scores(tx, exam, asked.item_id)
    if not rows:
        raise core.RegradeUnfit(why="unasked")
    if any(one.how == "drop" and one.item_id == asked.item_id for one in await scoring.regrades_of(tx, exam)):
        raise core.RegradeUnfit(why="dropped")
    sittings = [one for one in await exams.sittings_of(tx, exam.organisation_id, exam.id) if one.state in scoring.ENDED]
    key = await _key(tx, exam, asked, rows) if asked.how == "key" else {}
    before = {one.sitting_id: Settled(one.points, one.most) for one in rows}
    row = Regraded(
        organisation_id=exam.organisation_id,
        id=RegradeId(tx.new_id("regrade")),
        exam_id=exam.id,
        item_id=asked.item_id,
        how=asked.how,
        why=why,
        only_up=asked.only_up and asked.how == "key",
        key=key,
        by_id=tx.actor.id,
        at=tx.now,
    )
    tx.add(row)
    await tx.flush()
    after = await _reckoned(tx, exam, [one for one in sittings if one.id in before], asked.item_id)
    changed = core.changes({one: was for one, was in before.items() if one in after}, after)
    for one in changed:
        tx.add(
            RegradeChange(
                organisation_id=exam.organisation_id,
                regrade_id=row.id,
                sitting_id=SittingId(one.sitting),
                before=one.before,
                after=one.after,
                most_before=one.most_before,
                most_after=one.most_after,
            )
        )
    fact = ItemRegraded(
        organisation_id=exam.organisation_id,
        exam_id=exam.id,
        regrade_id=row.id,
        item_id=row.item_id,
        how=row.how,
        changed=len(changed),
    )
    tx.emit(fact)
    await tx.flush()
    return (await _views(tx, exam, [row]))[0]


async def of_exam(tx: Tx, exam_id: ExamId) -> list[RegradeView]:
    """For who marks and who reads all. Raises NotFound, Forbidden."""
    return await views_of(tx, await exams.exam_for(tx, exam_id, "chair", "marker", "reader"))


async def views_of(tx: Tx, exam: ExamRef) -> list[RegradeView]:
    return await _views(tx, exam, await scoring.regrades_of(tx, exam))


async def _scores(tx: Tx, exam: ExamRef, item: ItemId) -> Sequence[AnswerScore]:
    here = (AnswerScore.organisation_id == exam.organisation_id) & (AnswerScore.exam_id == exam.id)
    return await tx.all(select(AnswerScore).where(here, AnswerScore.item_id == item))


async def _key(tx: Tx, exam: ExamRef, asked: RegradeItem, rows: Sequence[AnswerScore]) -> dict[str, object]:
    """The corrected question, to which every answer that was given fits. Raises RegradeUnfit."""
    if asked.key is None:
        raise core.RegradeUnfit(why="key")
    judged = items.judge(asked.key)
    versions = {(one.item_id, one.version) for one in rows}
    for was in (await items.of_paper(tx, exam.organisation_id, versions)).values():
        if judged.faults or judged.item.kind != was.kind or any(one.needs_person for one in rows):
            raise core.RegradeUnfit(why="key")
    await _check_fits(tx, exam, judged.item, rows)
    return {"item": judged.plain}


async def _check_fits(tx: Tx, exam: ExamRef, item: Item, rows: Sequence[AnswerScore]) -> None:
    answers = await exams.answers_of(tx, exam.organisation_id, [one.sitting_id for one in rows])
    for one in rows:
        try:
            scoring.answer_of(item, answers[one.sitting_id].get(one.place))
        except AnswerUnfit:
            raise core.RegradeUnfit(why="key") from None


async def _reckoned(tx: Tx, exam: ExamRef, sittings: Sequence[SittingRef], item: ItemId) -> dict[str, Settled]:
    settled = await scoring.score_in(tx, exam, sittings, item)
    return {sitting: found for (sitting, _), found in settled.items()}


async def _views(tx: Tx, exam: ExamRef, rows: Sequence[Regraded]) -> list[RegradeView]:
    here = RegradeChange.organisation_id == exam.organisation_id
    query = select(RegradeChange).where(here, RegradeChange.regrade_id.in_([one.id for one in rows]))
    changes = await tx.all(query) if rows else []
    of = {one.id: one for one in await exams.sittings_of(tx, exam.organisation_id, exam.id)} if changes else {}
    touched = {of[one.sitting_id].person_id for one in changes}
    names = await people.names(tx, touched | {row.by_id for row in rows})
    titles = await items.titles(tx, exam.organisation_id, {row.item_id for row in rows})
    return [
        RegradeView(
            id=row.id,
            item_id=row.item_id,
            title=titles.get(row.item_id, Names("", "", "")),
            how=row.how,  # type: ignore[arg-type]
            why=row.why,
            only_up=row.only_up,
            by=names.get(row.by_id, ""),
            at=row.at,
            changes=[
                ChangeView(
                    sitting_id=one.sitting_id,
                    number=of[one.sitting_id].number,
                    name="" if exam.data.anonymous else names.get(of[one.sitting_id].person_id, ""),
                    before=one.before,
                    after=one.after,
                    most_before=one.most_before,
                    most_after=one.most_after,
                )
                for one in changes
                if one.regrade_id == row.id
            ],
        )
        for row in rows
    ]
