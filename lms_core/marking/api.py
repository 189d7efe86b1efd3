import base64
from dataclasses import dataclass

from lms_core.access.policy import Permission
from lms_core.audit import service as audit
from lms_core.kernel.api import SELF, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import AppealId, ExamId, ItemId, SittingId

from . import appeals, marks, protocol, regrades, releases, results, review, scales, tables
from .outcomes import Protocol, Results, SheetFile, SittingReview
from .views import (
    AddScale,
    AppealList,
    AppealView,
    DecideAppeal,
    Judged,
    JudgeSitting,
    MakeAppeal,
    MarkAnswer,
    MarkingQueue,
    MarkTaken,
    NextTask,
    RegradeItem,
    RegradeList,
    RegradeView,
    ScaleList,
    ScaleView,
)

api = Api()


@dataclass(frozen=True, slots=True)
class ReleaseResults:
    pass


# --- Marks


@api.route("GET", "/api/exams/{exam_id}/marking", needs=Permission.EXAM_MARK)
async def marking_queue(tx: Tx, exam_id: ExamId) -> MarkingQueue:
    """What people mark in an exam, by question and by learner, and what of it waits for me."""
    return await marks.queue(tx, exam_id)


@api.route("GET", "/api/exams/{exam_id}/marking/next", needs=Permission.EXAM_MARK)
async def next_to_mark(
    ctx: Context,
    exam_id: ExamId,
    item: ItemId | None = None,
    sitting: SittingId | None = None,
    place: int | None = None,
    after: str = "",
) -> NextTask:
    """The next answer that waits for me: of one question, of one sitting, or any, behind `after` (`sitting:place`).
    With `sitting` and `place`: that very one. Leaves a line in the journal, for it shows a key."""
    return await ctx.run(
        lambda tx: marks.task(tx, exam_id, ctx.link, item=item, sitting=sitting, place=place, after=after)
    )


@api.route("POST", "/api/sittings/{sitting_id}/marks", needs=Permission.EXAM_MARK)
async def mark_answer(tx: Tx, sitting_id: SittingId, body: MarkAnswer) -> MarkTaken:
    """Give points, or levels of the rubric, and a comment. The newest mark of each marker counts.

    Refusals: own_work, not_marked_by_hand, stale, mark_settled, same_marker, points_unfit, rubric_unfit,
    comment_too_long, results_released.
    """
    return await marks.mark(tx, sitting_id, body)


@api.route("POST", "/api/sittings/{sitting_id}/judge", needs=Permission.EXAM_MARK)
async def judge_sitting(tx: Tx, sitting_id: SittingId, body: JudgeSitting) -> Judged:
    """Whether an ended sitting counts: accept or void it, which is explained.

    Refusals: own_work, sitting_move_unfit, reason_missing.
    """
    return await releases.judge(tx, sitting_id, body)


# --- What comes over marks


@api.route("POST", "/api/exams/{exam_id}/regrades", needs=Permission.EXAM_MARK)
async def regrade_item(tx: Tx, exam_id: ExamId, body: RegradeItem) -> RegradeView:
    """Mark a faulty question again in all sittings, with a record of what that changed.

    Refusals: regrade_unfit, item_unfit, comment_missing, comment_too_long.
    """
    return await regrades.regrade(tx, exam_id, body)


@api.route("GET", "/api/exams/{exam_id}/regrades", needs=Permission.EXAM_MARK)
async def list_regrades(tx: Tx, exam_id: ExamId) -> RegradeList:
    """The questions that were marked again, and what that changed for whom."""
    return RegradeList(await regrades.of_exam(tx, exam_id))


@api.route("POST", "/api/sittings/{sitting_id}/appeal", needs=Permission.EXAM_SIT)
async def appeal(tx: Tx, sitting_id: SittingId, body: MakeAppeal) -> AppealView:
    """Ask to look again at a question of one's own sitting, or at the whole, for as long as the scale's rule says.

    Refusals: results_not_released, appeal_too_late, appeal_open, comment_missing, comment_too_long.
    """
    return await appeals.make(tx, sitting_id, body)


@api.route("GET", "/api/exams/{exam_id}/appeals", needs=Permission.EXAM_MARK)
async def list_appeals(tx: Tx, exam_id: ExamId) -> AppealList:
    """The appeals of an exam, the open ones first."""
    return AppealList(await appeals.of_exam(tx, exam_id))


@api.route("POST", "/api/appeals/{appeal_id}/decide", needs=Permission.EXAM_MARK)
async def decide_appeal(tx: Tx, appeal_id: AppealId, body: DecideAppeal) -> AppealView:
    """Grant or refuse it, with a reason; points never become fewer by it.

    Refusals: appeal_decided, own_work, points_unfit, appeal_lowers, comment_missing, comment_too_long.
    """
    return await appeals.decide(tx, appeal_id, body)


# --- What came out


@api.route("GET", "/api/exams/{exam_id}/results", needs=Permission.EXAM_MARK)
async def exam_results(tx: Tx, exam_id: ExamId) -> Results:
    """A row for each sitting, and what the answers tell about the questions and the test."""
    return await results.of_exam(tx, exam_id)


@api.route("GET", "/api/exams/{exam_id}/results/sheet", needs=Permission.EXAM_MARK)
async def results_sheet(ctx: Context, exam_id: ExamId, language: tables.Language = "kk") -> SheetFile:
    """The same as an Excel file with charts and the commission's record."""

    async def work(tx: Tx) -> tuple[Results, Protocol]:
        found = await results.of_exam(tx, exam_id), await protocol.of_exam(tx, exam_id)
        audit.note(tx, "exported", op="results_sheet", details={"exam": exam_id})
        return found

    found, record = await ctx.run(work)
    content = await ctx.in_thread(tables.workbook, found, record, language)
    return SheetFile(f"sabaq-{exam_id[-6:]}.xlsx", tables.EXCEL, base64.b64encode(content).decode())


@api.route("GET", "/api/exams/{exam_id}/protocol", needs=Permission.EXAM_MARK)
async def exam_protocol(tx: Tx, exam_id: ExamId) -> Protocol:
    """The commission's record of an exam, to be printed and signed."""
    return await protocol.of_exam(tx, exam_id)


@api.route("POST", "/api/exams/{exam_id}/release", needs=Permission.EXAM_MARK)
async def release_results(tx: Tx, exam_id: ExamId, body: ReleaseResults) -> Results:
    """The learners are told what the exam's rules let them see. Twice is as once.

    Refusals: results_not_ready, exam_is_over.
    """
    return await releases.release(tx, exam_id)


@api.route("GET", "/api/sittings/{sitting_id}/review", needs=SELF)
async def review_sitting(ctx: Context, sitting_id: SittingId) -> SittingReview:
    """A sitting looked back at: by its learner as far as they are told, by the commission whole, which leaves a line
    in the journal."""
    return await ctx.run(lambda tx: review.of_sitting(tx, sitting_id, ctx.link))


# --- Scales


@api.route("GET", "/api/scales", needs=Permission.EXAM_MARK)
async def list_scales(tx: Tx) -> ScaleList:
    """The scales that my organisation marks by: its own, and the general ones with the act they come from."""
    return await scales.list_for(tx)


@api.route("POST", "/api/scales", needs=Permission.SCALE_WRITE)
async def add_scale(tx: Tx, body: AddScale) -> ScaleView:
    """Rule a scale of one's own organisation, from a day on; of its level it goes before the general one.

    Refusals: scale_unfit, already_there.
    """
    return await scales.add(tx, body)
