from dataclasses import dataclass, field
from datetime import datetime

from lms_core.access.policy import Permission
from lms_core.kernel.api import SELF, Api, Context
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, PersonId, SittingId, UnitId

from . import answers, beats, choices, commission, entry, exams, finding, sheets, sittings, takers
from .answers import AnswerData, AnswerTaken
from .beats import BeatView
from .choices import ExamChoices, Fits, FitsAsked
from .commission import MoveView, OwnAct, WatchedSitting
from .entry import ExamEntry
from .exams import ExamRow, ExamView
from .settings import ExamData, Language
from .sheets import ExamSheet
from .sittings import Page, SittingView
from .takers import TakerData, TakerView

api = Api()


@dataclass(frozen=True, slots=True)
class ExamList:
    """The newest first. `next`: give it as `after` for those behind. `now`: the server's clock."""

    items: list[ExamRow]
    next: ExamId | None
    now: datetime


@dataclass(frozen=True, slots=True)
class ChangeExam:
    """`version`: the newest that was seen."""

    version: int
    data: ExamData


@dataclass(frozen=True, slots=True)
class PublishExam:
    pass


@dataclass(frozen=True, slots=True)
class CancelExam:
    why: str


@dataclass(frozen=True, slots=True)
class TakerList:
    items: list[TakerView]


@dataclass(frozen=True, slots=True)
class PreviewExam:
    """Another seed, another paper."""

    seed: str = "1"
    language: Language = "kk"


@dataclass(frozen=True, slots=True)
class MakeResit:
    persons: list[PersonId]
    opens_at: datetime | None = None
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartSitting:
    """`device`: a token of the browser's own making, 1 to 64 characters. `bring`: go on here, though the sitting is on
    another device."""

    device: str
    language: Language | None = None
    bring: bool = False


@dataclass(frozen=True, slots=True)
class OfDevice:
    device: str


@dataclass(frozen=True, slots=True)
class TurnSitting:
    """`leaves`: the `section` that is left, so that asking twice is as once."""

    device: str
    leaves: int | None = None


@dataclass(frozen=True, slots=True)
class SpeakSitting:
    device: str
    language: Language


@dataclass(frozen=True, slots=True)
class SittingList:
    """`position`: of the exam's stream, read before the items. `now`: the server's clock."""

    position: int
    items: list[WatchedSitting]
    now: datetime


@dataclass(frozen=True, slots=True)
class MoveSitting:
    """`added_seconds`: for `add_time`. `why`: needed to terminate, to reactivate and to add time."""

    act: OwnAct
    why: str = ""
    added_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class MoveList:
    items: list[MoveView] = field(default_factory=list)


# --- Exams


@api.route("POST", "/api/exams", needs=Permission.EXAM_CREATE)
async def create_exam(tx: Tx, body: ExamData) -> ExamView:
    """A draft of an exam, a test to practise, or a resit; who makes it is its chair.

    Refusals: exam_unfit.
    """
    return await exams.create(tx, body)


@api.route("GET", "/api/exam-choices", needs=Permission.EXAM_CREATE)
async def list_exam_choices(tx: Tx) -> ExamChoices:
    """Of what an author chooses: courses, groups, learners, and who may be of the commission."""
    return await choices.choices(tx)


@api.route("POST", "/api/exam-choices/fits", needs=Permission.EXAM_CREATE)
async def count_fitting(tx: Tx, body: FitsAsked) -> Fits:
    """How many questions of some banks fit each cell of a blueprint."""
    return await choices.fits(tx, body)


@api.route("GET", "/api/exams", needs=SELF)
async def list_exams(tx: Tx, after: ExamId | None = None) -> ExamList:
    """The exams that one takes, is of the commission of, or may read."""
    return ExamList(*await exams.list_for(tx, after), tx.now)


@api.route("GET", "/api/exams/{exam_id}", needs=SELF)
async def read_exam(tx: Tx, exam_id: ExamId) -> ExamView:
    """An exam with all its settings, for its commission and for who reads all."""
    return await exams.read(tx, exam_id)


@api.route("PUT", "/api/exams/{exam_id}", needs=Permission.EXAM_CREATE)
async def change_exam(tx: Tx, exam_id: ExamId, body: ChangeExam) -> ExamView:
    """Change a draft; of a published exam its title, times, release, takers and commission.

    Refusals: stale, exam_unfit, exam_is_published, exam_is_over.
    """
    return await exams.change(tx, exam_id, body.version, body.data)


@api.route("POST", "/api/exams/{exam_id}/publish", needs=Permission.EXAM_CREATE)
async def publish_exam(tx: Tx, exam_id: ExamId, body: PublishExam) -> ExamView:
    """Freeze its questions, and let it be sat when it opens.

    Refusals: exam_is_over, exam_unfit, no_questions, question_not_ready, blueprint_short, blueprint_unfit.
    """
    return await exams.publish(tx, exam_id)


@api.route("POST", "/api/exams/{exam_id}/cancel", needs=Permission.EXAM_CREATE)
async def cancel_exam(tx: Tx, exam_id: ExamId, body: CancelExam) -> ExamView:
    """It will not be; who sits it now is stopped, and told why.

    Refusals: exam_is_over, reason_missing.
    """
    return await exams.cancel(tx, exam_id, body.why)


@api.route("GET", "/api/exams/{exam_id}/takers", needs=SELF)
async def list_takers(tx: Tx, exam_id: ExamId) -> TakerList:
    """Who is to take it, with what admission checks say now; for the commission and who reads all."""
    return TakerList(await takers.list_for(tx, exam_id))


@api.route("PUT", "/api/exams/{exam_id}/takers/{person_id}", needs=Permission.EXAM_CREATE)
async def change_taker(tx: Tx, exam_id: ExamId, person_id: PersonId, body: TakerData) -> TakerView:
    """A learner's seat, allowance, exemption and admission.

    Refusals: taker_unfit, allowance_unfit.
    """
    return await takers.change(tx, exam_id, person_id, body)


@api.route("POST", "/api/exams/{exam_id}/preview", needs=Permission.EXAM_CREATE)
async def preview_exam(ctx: Context, exam_id: ExamId, body: PreviewExam) -> SittingView:
    """As a learner would see it; nothing is kept.

    Refusals: question_not_ready, language_not_offered, blueprint_unfit.
    """

    async def work(tx: Tx) -> SittingView:
        seen = await finding.find(tx, exam_id, "chair")
        return await sittings.preview(tx, seen.row, Page("", ctx.link), body.seed[:100], body.language)

    return await ctx.run(work)


@api.route("GET", "/api/exams/{exam_id}/sheet", needs=Permission.EXAM_CREATE)
async def exam_paper_sheet(
    ctx: Context, exam_id: ExamId, variants: int = 1, language: Language = "kk", keys: bool = False
) -> ExamSheet:
    """Variants of an exam to be printed, with an answer sheet each; with `keys`, what is right, and a line in the log.

    Refusals: too_many_variants, language_not_offered, question_not_ready.
    """
    return await ctx.run(lambda tx: sheets.read(tx, exam_id, variants, language, ctx.link, with_keys=keys))


@api.route("POST", "/api/exams/{exam_id}/resit", needs=Permission.EXAM_CREATE)
async def make_resit(tx: Tx, exam_id: ExamId, body: MakeResit) -> ExamView:
    """A draft of the same exam for some of those who took it.

    Refusals: exam_unfit.
    """
    return await exams.make_resit(tx, exam_id, body.persons, body.opens_at, body.closes_at)


# --- A learner's sitting


@api.route("GET", "/api/exams/{exam_id}/entry", needs=Permission.EXAM_SIT)
async def read_entry(tx: Tx, exam_id: ExamId) -> ExamEntry:
    """An exam as its rules are for the learner who asks: to be read before it begins."""
    return await entry.read(tx, exam_id)


@api.route("POST", "/api/exams/{exam_id}/sittings", needs=Permission.EXAM_SIT)
async def start_sitting(ctx: Context, exam_id: ExamId, body: StartSitting) -> SittingView:
    """Check in and begin; where the commission admits (`checking`), ask again once it did. Asked again, it answers
    the sitting that goes on.

    Refusals: exam_not_sat, exam_not_open, not_admitted, attempts_spent, other_device, language_not_offered.
    """
    page = await _page(ctx, body.device)
    return await ctx.run(lambda tx: sittings.start(tx, exam_id, page, body.language, bring=body.bring))


@api.route("GET", "/api/sittings/{sitting_id}", needs=Permission.EXAM_SIT)
async def read_sitting(ctx: Context, sitting_id: SittingId, device: str = "") -> SittingView:
    """One's own sitting; with its questions for the device that holds it."""
    page = await _page(ctx, device)
    return await ctx.run(lambda tx: sittings.read(tx, sitting_id, page))


@api.route("POST", "/api/sittings/{sitting_id}/answers", needs=Permission.EXAM_SIT, often=True)
async def answer(tx: Tx, sitting_id: SittingId, body: AnswerData) -> AnswerTaken:
    """Save an answer. A browser sends each revision until it is acknowledged; twice is as once.

    Refusals: item_answer_unfit, other_device, answer_conflict, answer_too_late, section_not_open,
    sitting_not_running.
    """
    return await answers.answer(tx, sitting_id, body)


@api.route("POST", "/api/sittings/{sitting_id}/beat", needs=Permission.EXAM_SIT, often=True)
async def beat_sitting(tx: Tx, sitting_id: SittingId, body: OfDevice) -> BeatView:
    """A sign of life, every ten seconds: who is not heard of for thirty has lost the line."""
    return await beats.beat(tx, sitting_id, body.device)


@api.route("POST", "/api/sittings/{sitting_id}/bring", needs=Permission.EXAM_SIT)
async def bring_sitting(ctx: Context, sitting_id: SittingId, body: OfDevice) -> SittingView:
    """Go on with it on this device; the one before may still deliver what it wrote."""
    page = await _page(ctx, body.device)
    return await ctx.run(lambda tx: sittings.bring(tx, sitting_id, page))


@api.route("POST", "/api/sittings/{sitting_id}/turn", needs=Permission.EXAM_SIT)
async def turn_section(ctx: Context, sitting_id: SittingId, body: TurnSitting) -> SittingView:
    """Leave the section for good, or the question where one is open at a time.

    Refusals: last_section, sitting_move_unfit, other_device.
    """
    page = await _page(ctx, body.device)
    return await ctx.run(lambda tx: sittings.turn(tx, sitting_id, page, body.leaves))


@api.route("POST", "/api/sittings/{sitting_id}/hand-in", needs=Permission.EXAM_SIT)
async def hand_in(ctx: Context, sitting_id: SittingId, body: OfDevice) -> SittingView:
    """Done; twice is as once.

    Refusals: other_device, sitting_move_unfit.
    """
    page = await _page(ctx, body.device)
    return await ctx.run(lambda tx: sittings.hand_in(tx, sitting_id, page))


@api.route("PUT", "/api/sittings/{sitting_id}/language", needs=Permission.EXAM_SIT)
async def speak_sitting(ctx: Context, sitting_id: SittingId, body: SpeakSitting) -> SittingView:
    """Read it in another language.

    Refusals: language_not_offered.
    """
    page = await _page(ctx, body.device)
    return await ctx.run(lambda tx: sittings.speak(tx, sitting_id, page, body.language))


# --- The commission


@api.route("GET", "/api/exams/{exam_id}/sittings", needs=SELF)
async def list_sittings(tx: Tx, exam_id: ExamId) -> SittingList:
    """How sittings go on now, for the commission and who reads all."""
    return SittingList(*await commission.list_for(tx, exam_id), tx.now)


@api.route("POST", "/api/sittings/{sitting_id}/moves", needs=Permission.EXAM_WATCH)
async def move_sitting(tx: Tx, sitting_id: SittingId, body: MoveSitting) -> WatchedSitting:
    """Admit, pause, resume, terminate, reactivate, add time, hand in, or write down that nobody came.

    Refusals: sitting_move_unfit, reason_missing, added_time_unfit.
    """
    return await commission.move(tx, sitting_id, body.act, body.why, body.added_seconds)


@api.route("GET", "/api/sittings/{sitting_id}/moves", needs=SELF)
async def list_moves(tx: Tx, sitting_id: SittingId) -> MoveList:
    """Every change of a sitting: who, when, why. For the commission, and for whose it is."""
    return MoveList(await commission.moves_of(tx, sitting_id))


@api.topic("exam:{exam_id}")
async def watch_exam(tx: Tx, exam_id: ExamId) -> UnitId:
    return await commission.check_watch(tx, exam_id)


@api.topic("sitting:{sitting_id}")
async def follow_sitting(tx: Tx, sitting_id: SittingId) -> UnitId:
    return await commission.check_follow(tx, sitting_id)


async def _page(ctx: Context, device: str) -> Page:
    there = ctx.actor.organisation
    return Page(device, ctx.link, await ctx.run(lambda tx: tx.position(there)) if there else 0)
