"""Marks by hand: what waits for whom, one answer at a time, and giving a mark."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zlib import crc32

from sqlalchemy import select

from lms_core.audit import service as audit
from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, Kept, Place, SittingRef
from lms_core.items import keys, views
from lms_core.items import service as items
from lms_core.items.content import Item
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Stale
from lms_core.kernel.ids import ExamId, ItemId, PersonId, SittingId
from lms_core.kernel.names import Names
from lms_core.people import service as people

from . import aloud, core, scoring, shown
from .core import Marked as Given
from .events import AnswerMarked
from .model import AnswerMark, AnswerScore
from .scoring import Key
from .views import (
    CriterionView,
    FileShown,
    LevelChosen,
    LevelView,
    MarkAnswer,
    MarkingQueue,
    MarkingTask,
    MarkTaken,
    MarkView,
    NextTask,
    QuestionTodo,
    SittingTodo,
)

Link = Callable[[str, str, str, int], str]
LINK_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer that people mark, and how it stands for the reader. `todo`: it waits for them."""

    row: AnswerScore
    sitting: SittingRef
    marks: Sequence[AnswerMark]
    todo: bool


async def queue(tx: Tx, exam_id: ExamId) -> MarkingQueue:
    """What people mark in an exam. Raises NotFound, Forbidden."""
    exam = await exams.exam_for(tx, exam_id, "chair", "marker")
    sittings = await exams.sittings_of(tx, exam.organisation_id, exam.id)
    waiting = await _waiting(tx, exam, sittings)
    named = {} if exam.data.anonymous else await people.names(tx, {one.sitting.person_id for one in waiting})
    open_ = [one for one in sittings if one.state not in (*scoring.ENDED, exams.State.MISSED)]
    return MarkingQueue(
        questions=await _questions(tx, exam, waiting),
        sittings=_sittings(waiting, named),
        anonymous=exam.data.anonymous,
        double=exam.data.double is not None,
        released=exam.state == "released",
        running=len(open_),
        undecided=sum(one.state is scoring.UNDECIDED for one in sittings),
    )


async def task(
    tx: Tx,
    exam_id: ExamId,
    link: Link,
    *,
    item: ItemId | None = None,
    sitting: SittingId | None = None,
    place: int | None = None,
    after: str = "",
) -> NextTask:
    """The next answer that waits for the actor, behind `after` (`sitting:place`): of one question, of one sitting, or
    any; or, with `sitting` and `place`, that very one, however it stands. Raises NotFound, Forbidden."""
    exam = await exams.exam_for(tx, exam_id, "chair", "marker")
    waiting = await _waiting(tx, exam, await exams.sittings_of(tx, exam.organisation_id, exam.id))
    if sitting and place is not None:
        found = [one for one in waiting if (one.row.sitting_id, one.row.place) == (sitting, place)]
        if not found:
            raise NotFound(kind="answer")
        return NextTask(await _task(tx, exam, found[0], link), sum(one.todo for one in waiting))
    fitting = [one for one in waiting if item in (None, one.row.item_id) and sitting in (None, one.row.sitting_id)]
    ordered = sorted(fitting, key=lambda one: (one.row.item_id, one.sitting.number, one.row.place))
    if sitting is None and ordered:
        ordered = _turned(ordered, tx.actor.id)
    at = next((n for n, one in enumerate(ordered, 1) if f"{one.row.sitting_id}:{one.row.place}" == after), 0)
    left = [one for one in [*ordered[at:], *ordered[:at]] if one.todo]
    return NextTask(await _task(tx, exam, left[0], link) if left else None, len(left))


async def mark(tx: Tx, sitting_id: SittingId, given: MarkAnswer) -> MarkTaken:
    """Raises NotFound, Forbidden, OwnWork, NotMarked, Stale, MarkSettled, SameMarker, PointsUnfit, RubricUnfit,
    CommentTooLong, ResultsReleased."""
    exam, sitting = await exams.sitting_for(tx, sitting_id, "chair", "marker")
    core.check_marker(tx.actor.id, sitting.person_id)
    row = await _row(tx, exam, sitting, given.place)
    item, place = await _asked(tx, exam, row)
    marks = await _marks_of(tx, row)
    double = scoring.double_of(exam.data, row.most)
    current = scoring.newest_marks(marks, row.revision)
    kept = (await exams.answers_of(tx, exam.organisation_id, [sitting_id]))[sitting_id].get(given.place)
    newest = scoring.revision_of(item, kept)
    if given.revision != newest or row.revision != newest:
        raise Stale(version=newest)
    if given.seen != _seen(current, tx.actor.id, double=double is not None):
        raise Stale(version=_seen(current, tx.actor.id, double=double is not None))
    if row.points is not None and exam.state == "released":
        raise core.ResultsReleased
    core.check_turn(tx.actor.id, [Given(one.marker_id, one.points) for one in current], double)
    points, levels = _points(given, item, place.points, double.step if double else core.STEP)
    tx.add(
        AnswerMark(
            organisation_id=exam.organisation_id,
            sitting_id=sitting_id,
            place=given.place,
            nth=len(marks) + 1,
            exam_id=exam.id,
            marker_id=tx.actor.id,
            revision=newest,
            points=points,
            levels=levels,
            comment=core.comment(given.comment),
            at=tx.now,
        )
    )
    await tx.flush()
    await scoring.score_in(tx, exam, [sitting], row.item_id)
    fact = AnswerMarked(
        organisation_id=exam.organisation_id,
        exam_id=exam.id,
        sitting_id=sitting_id,
        place=given.place,
        wants=row.wants,
    )
    tx.emit(fact)
    return MarkTaken(row.points, not row.wants, row.wants)  # type: ignore[arg-type]


async def _row(tx: Tx, exam: ExamRef, sitting: SittingRef, place: int) -> AnswerScore:
    """Of an answer that people mark now: the sitting ended, or it is told live while it goes on. Raises NotMarked."""
    open_ = sitting.state in scoring.COUNTING
    if sitting.state in scoring.UNDER_WAY and exam.data.lesson_id is not None:
        open_ = (sitting.id, place) in await scoring.score_in(tx, exam, [sitting])
    row = await tx.get(AnswerScore, (exam.organisation_id, sitting.id, place)) if open_ else None
    if row is None or not row.needs_person:
        raise core.NotMarked
    return row


def _points(given: MarkAnswer, item: Item, most: Decimal, step: Decimal) -> tuple[Decimal, dict[str, str]]:
    """Raises PointsUnfit, RubricUnfit."""
    chosen = {one.criterion: one.level for one in given.levels}
    if not chosen and given.points is not None:
        return core.check_points(given.points, most, step), {}
    if given.points is not None or len(chosen) < len(given.levels):
        raise core.RubricUnfit
    rubric = {one.id: {level.id: level.points for level in one.levels} for one in keys.rubric_of(item)}
    return core.rubric_points(chosen, rubric, most), chosen


async def _waiting(tx: Tx, exam: ExamRef, sittings: Collection[SittingRef]) -> list[Waiting]:
    """All answers that people mark: of sittings that are ended and count, and what is told live in those under way."""
    of = {one.id: one for one in sittings}
    here = (AnswerScore.organisation_id == exam.organisation_id) & (AnswerScore.exam_id == exam.id)
    rows = await tx.all(select(AnswerScore).where(here, AnswerScore.needs_person))
    given = (AnswerMark.organisation_id == exam.organisation_id) & (AnswerMark.exam_id == exam.id)
    marks: dict[Key, list[AnswerMark]] = {}
    for one in await tx.all(select(AnswerMark).where(given).order_by(AnswerMark.nth)):
        marks.setdefault((one.sitting_id, one.place), []).append(one)
    counting = {one.id for one in sittings if one.state in scoring.COUNTING}
    found = []
    for row in (*(row for row in rows if row.sitting_id in counting), *await aloud.going_on(tx, exam, sittings, rows)):
        current = scoring.newest_marks(marks.get((row.sitting_id, row.place), ()), row.revision)
        sitting = of[row.sitting_id]
        found.append(Waiting(row, sitting, current, _waits(tx.actor.id, row, sitting, current)))
    return found


def _waits(reader: PersonId, row: AnswerScore, sitting: SittingRef, marks: Sequence[AnswerMark]) -> bool:
    if not row.wants or sitting.person_id == reader:
        return False
    return (reader in {one.marker_id for one in marks}) == (row.wants == "talk")


async def _questions(tx: Tx, exam: ExamRef, waiting: Sequence[Waiting]) -> list[QuestionTodo]:
    of: dict[ItemId, list[Waiting]] = {}
    for one in waiting:
        of.setdefault(one.row.item_id, []).append(one)
    titles = await items.titles(tx, exam.organisation_id, list(of))
    found = await items.of_paper(tx, exam.organisation_id, {(one.row.item_id, one.row.version) for one in waiting})
    made = [
        QuestionTodo(
            item_id=item,
            version=(first := those[0].row).version,
            title=titles.get(item, Names("", "", "")),
            kind=found[item, first.version].kind,
            most=max(one.row.most for one in those),
            todo=sum(one.todo for one in those),
            done=sum(not one.row.wants for one in those),
            third=sum(one.row.wants in ("third", "talk") for one in those),
        )
        for item, those in of.items()
    ]
    return sorted(made, key=lambda one: one.item_id)


def _sittings(waiting: Sequence[Waiting], named: Mapping[PersonId, str]) -> list[SittingTodo]:
    """By their numbers, which tell nothing."""
    of: dict[SittingId, list[Waiting]] = {}
    for one in waiting:
        of.setdefault(one.row.sitting_id, []).append(one)
    made = []
    for sitting, those in of.items():
        ref = those[0].sitting
        name = named.get(ref.person_id)
        made.append(
            SittingTodo(
                sitting_id=sitting,
                number=ref.number,
                person_id=None if name is None else ref.person_id,
                name=name,
                todo=sum(one.todo for one in those),
                done=sum(not one.row.wants for one in those),
            )
        )
    return sorted(made, key=lambda one: one.number)


def _turned(ordered: Sequence[Waiting], reader: PersonId) -> list[Waiting]:
    """Each marker begins elsewhere, so that two who mark at once seldom meet at one answer."""
    at = crc32(reader.encode()) % len(ordered)
    return [*ordered[at:], *ordered[:at]]


async def _task(tx: Tx, exam: ExamRef, one: Waiting, link: Link) -> MarkingTask:
    row, ref = one.row, one.sitting
    item, place = await _asked(tx, exam, row)
    answers = (await exams.answers_of(tx, exam.organisation_id, [ref.id]))[ref.id]
    kept: Kept | None = answers.get(row.place)
    double = scoring.double_of(exam.data, place.points)
    key = shown.key_shown(item, place.seed, ref.language)
    details = {"exam": exam.id, "item": row.item_id, "sitting": ref.id}
    audit.note(tx, "looked", organisation=exam.organisation_id, op="next_to_mark", details=details)
    names = {} if exam.data.anonymous else await people.names(tx, {ref.person_id})
    may = ref.person_id != tx.actor.id and not (row.points is not None and exam.state == "released")
    return MarkingTask(
        sitting_id=ref.id,
        place=row.place,
        number=ref.number,
        name=names.get(ref.person_id),
        item_id=row.item_id,
        kind=item.kind,
        language=ref.language,
        revision=row.revision,
        seen=_seen(one.marks, tx.actor.id, double=double is not None),
        shown=views.for_learner(item, place.seed, ref.language),
        media=await items.media_urls(tx, [exam.organisation_id], [item], link),
        answer=shown.answer_shown(item, place.seed, kept),
        key=key,
        rubric=_rubric(item, ref.language, place.points),
        files=(await files_by_place(tx, exam, ref.id, link)).get(row.place, []),
        most=place.points,
        step=double.step if double else core.STEP,
        points=row.points,
        wants=row.wants,  # type: ignore[arg-type]
        may=may and _may(tx.actor.id, one.marks, double),
        marks=await _shown_marks(tx, one.marks, row.wants, double=double is not None),
    )


def _may(reader: PersonId, marks: Sequence[AnswerMark], double: core.Double | None) -> bool:
    try:
        core.check_turn(reader, [Given(one.marker_id, one.points) for one in marks], double)
    except (core.MarkSettled, core.SameMarker):
        return False
    return True


async def files_by_place(tx: Tx, exam: ExamRef, sitting: SittingId, link: Link) -> dict[int, list[FileShown]]:
    """What was handed in for each place, with addresses."""
    found: dict[int, list[FileShown]] = {}
    for one in (await exams.files_of(tx, exam.organisation_id, [sitting]))[sitting]:
        shown_ = FileShown(one.name, one.type, one.bytes, link(one.key, one.name, one.type, LINK_SECONDS))
        found.setdefault(one.place, []).append(shown_)
    return found


async def _asked(tx: Tx, exam: ExamRef, row: AnswerScore) -> tuple[Item, Place]:
    papers = await exams.papers_of(tx, exam.organisation_id, [row.sitting_id])
    place = next(one for one in papers[row.sitting_id] if one.place == row.place)
    key = (place.item_id, place.version)
    return (await items.of_paper(tx, exam.organisation_id, [key]))[key], place


async def _marks_of(tx: Tx, row: AnswerScore) -> Sequence[AnswerMark]:
    here = (AnswerMark.organisation_id == row.organisation_id) & (AnswerMark.sitting_id == row.sitting_id)
    return await tx.all(select(AnswerMark).where(here, AnswerMark.place == row.place).order_by(AnswerMark.nth))


def _seen(marks: Sequence[AnswerMark], reader: PersonId, *, double: bool) -> int:
    """What a marker has seen of the marks: their own newest one, or, where one marks alone, whose ever it is."""
    return max((one.nth for one in marks if not double or one.marker_id == reader), default=0)


async def _shown_marks(tx: Tx, marks: Sequence[AnswerMark], wants: str, *, double: bool) -> list[MarkView]:
    """Of two markers neither knows what the other gave until they agree, or are to talk."""
    all_ = not double or wants in ("", "talk")
    seen = [one for one in marks if all_ or one.marker_id == tx.actor.id]
    names = await people.names(tx, {one.marker_id for one in seen})
    return [
        MarkView(
            marker_id=one.marker_id,
            marker=names.get(one.marker_id, ""),
            mine=one.marker_id == tx.actor.id,
            points=one.points,
            levels=[LevelChosen(criterion, level) for criterion, level in one.levels.items()],
            comment=one.comment,
            at=one.at,
        )
        for one in seen
    ]


def _rubric(item: Item, language: str, most: Decimal) -> list[CriterionView]:
    """Its levels with the points that they give in this exam."""
    rubric = keys.rubric_of(item)
    whole = sum((max(level.points for level in one.levels) for one in rubric), Decimal(0))
    scale = most / whole if whole else Decimal(0)
    return [
        CriterionView(
            one.id,
            views.rich_shown(item, one.words, language),
            [
                LevelView(
                    level.id,
                    views.rich_shown(item, level.words, language),
                    core.to_step(level.points * scale, core.CENT),
                )
                for level in one.levels
            ],
        )
        for one in rubric
    ]
