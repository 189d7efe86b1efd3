"""What came out of an exam: a row for each sitting, and what the answers tell about the questions and the test."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, SittingRef
from lms_core.groups import service as groups
from lms_core.items import keys
from lms_core.items import service as items
from lms_core.items.content import Item
from lms_core.items.rich import Formula, Media, Text, Words, runs
from lms_core.items.service import Used
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden
from lms_core.kernel.ids import ExamId, ItemId, PersonId, SittingId
from lms_core.kernel.names import Names
from lms_core.kernel.reads import Read
from lms_core.kernel.text import sort_key
from lms_core.orgs import service as orgs
from lms_core.people import service as people

from . import releases, scales, scoring, statistics
from .core import Scale
from .model import AnswerScore, Result
from .outcomes import Column, LabelCount, OptionStatistics, PointsOf, QuestionStatistics, ResultRow, Results, Statistics

COLUMNS = 10
"""Of the chart of percents."""
LONGEST_TITLE = 80
_NOBODY = Names("", "", "")
_RESULTS = Read(
    select(
        *(Result.sitting_id, Result.missing, Result.points, Result.most, Result.percent),
        *(Result.label, Result.value, Result.passed),
    ).where(Result.organisation_id == bindparam("organisation"), Result.exam_id == bindparam("exam"))
)
_SCORES = Read(
    select(
        *(AnswerScore.sitting_id, AnswerScore.place, AnswerScore.item_id, AnswerScore.version),
        *(AnswerScore.points, AnswerScore.most, AnswerScore.chosen),
    )
    .where(AnswerScore.organisation_id == bindparam("organisation"), AnswerScore.exam_id == bindparam("exam"))
    .order_by(AnswerScore.sitting_id, AnswerScore.place)
)


@dataclass(slots=True)
class _Asked:
    """A question of an exam: who was asked it, for how many points, and what they got and chose."""

    item_id: ItemId
    version: int
    most: Decimal
    sittings: list[SittingId]
    points: list[float]
    chosen: list[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of an exam, read once. `scores`: by sitting, in the order of the paper."""

    exam: ExamRef
    sittings: Sequence[SittingRef]
    results: Mapping[SittingId, Any]
    scores: Mapping[SittingId, Sequence[Any]]


async def of_exam(tx: Tx, exam_id: ExamId) -> Results:
    """For chairs and who reads all; for markers, where the exam is not marked anonymously. Raises NotFound,
    Forbidden."""
    exam = await exams.exam_for(tx, exam_id, "chair", "reader", "marker")
    if exam.part == "marker" and exam.data.anonymous:
        raise Forbidden(needs="chair")
    kept = await read(tx, exam)
    return await whole(tx, kept)


async def read(tx: Tx, exam: ExamRef) -> Kept:
    here = {"organisation": exam.organisation_id, "exam": exam.id}
    scores: dict[SittingId, list[Any]] = {}
    for one in await tx.read(_SCORES, **here):
        scores.setdefault(one.sitting_id, []).append(one)
    return Kept(
        exam=exam,
        sittings=await exams.sittings_of(tx, exam.organisation_id, exam.id),
        results={one.sitting_id: one for one in await tx.read(_RESULTS, **here)},
        scores=scores,
    )


async def whole(tx: Tx, kept: Kept) -> Results:
    exam = kept.exam
    asked = _asked(kept)
    rows = await _rows(tx, kept, {key: at for at, key in enumerate(asked)})
    scale = await _scale(tx, exam)
    ended = [one for one in kept.sittings if one.state in scoring.COUNTING]
    missing = sum(kept.results[one.id].missing if one.id in kept.results else 1 for one in ended)
    sits = any(one.state in scoring.UNDER_WAY for one in kept.sittings)
    return Results(
        exam_id=exam.id,
        title=exam.data.title,
        state=exam.state,
        rows=rows,
        scale=scales.view(scale) if scale else None,
        statistics=await _statistics(tx, kept, asked),
        missing=missing,
        ready=bool(ended) and not missing and not sits,
        released=await releases.said_at(tx, exam),
    )


async def unscored(tx: Tx, exam: ExamRef, sittings: Sequence[SittingRef]) -> list[SittingRef]:
    """Those whose job has not run yet."""
    known = {one.sitting_id for one in await tx.read(_RESULTS, organisation=exam.organisation_id, exam=exam.id)}
    return [one for one in sittings if one.id not in known]


async def rows_of(tx: Tx, exam: ExamRef, sittings: Collection[SittingId]) -> list[Any]:
    """The kept results of these."""
    wanted = set(sittings)
    rows = await tx.read(_RESULTS, organisation=exam.organisation_id, exam=exam.id)
    return [one for one in rows if one.sitting_id in wanted]


async def note_uses(tx: Tx, exam: ExamRef) -> None:
    """The bank learns how its questions did."""
    kept = await read(tx, exam)
    totals = _totals(kept)
    used = []
    for one in _asked(kept).values():
        found = _item(one, totals)
        if one.most > 0 and found is not None:
            used.append(Used(one.item_id, one.version, found.answers, found.difficulty, found.discrimination))
    await items.note_uses(tx, exam.organisation_id, exam.id, exam.data.title, used)


async def _scale(tx: Tx, exam: ExamRef) -> Scale | None:
    unit = await orgs.unit(tx, exam.organisation_id)
    day: date = scoring.day_of(exam, exam.data.opens_at, unit.zone, tx.now)
    return await scales.in_force(tx, exam.organisation_id, exam.data.level, day)


async def _rows(tx: Tx, kept: Kept, at: Mapping[tuple[ItemId, int], int]) -> list[ResultRow]:
    """By name; who has no sitting is there too, unless exempt."""
    exam = kept.exam
    takers = await exams.takers_of(tx, exam.organisation_id, exam.id)
    absent = [one for one in takers if not takers[one].exempt and one not in {sat.person_id for sat in kept.sittings}]
    names = await people.names(tx, {*absent, *(one.person_id for one in kept.sittings)})
    named = await groups.views(tx, {one.group_id for one in takers.values() if one.group_id})

    def group_of(person: PersonId) -> Any:
        found = takers.get(person)
        return found.group_id if found else None

    def row(person: PersonId, sat: SittingRef | None) -> ResultRow:
        result = kept.results.get(sat.id) if sat and sat.state in scoring.ENDED else None
        counts = result if sat and sat.state in scoring.COUNTING else None
        group = group_of(person)
        return ResultRow(
            sitting_id=sat.id if sat else None,
            person_id=person,
            name=names.get(person, ""),
            group_id=group,
            group=named[group].name if group in named else "",
            attempt=sat.attempt if sat else 0,
            number=sat.number if sat else "",
            state=sat.state.value if sat else "planned",
            missing=result.missing if result else 0,
            points=result.points if result else None,
            most=result.most if result else None,
            percent=counts.percent if counts else None,
            label=counts.label if counts else "",
            value=counts.value if counts else None,
            passed=counts.passed if counts else None,
            by_question=[
                PointsOf(at.get((one.item_id, one.version)), one.points, one.most)
                for one in (kept.scores.get(sat.id, ()) if sat and result else ())
            ],
        )

    rows = [row(one.person_id, one) for one in kept.sittings] + [row(one, None) for one in absent]
    order = {person: sort_key(name) for person, name in names.items()}
    return sorted(rows, key=lambda one: (order.get(one.person_id, ""), one.person_id, one.attempt))


def _counted(kept: Kept) -> dict[SittingId, Any]:
    """Of each person the first attempt that ended, was not voided, and is marked whole: for statistics."""
    found: dict[PersonId, SittingRef] = {}
    for one in sorted(kept.sittings, key=lambda sat: sat.attempt):
        result = kept.results.get(one.id)
        if one.state in scoring.COUNTING and result and not result.missing:
            found.setdefault(one.person_id, one)
    return {one.id: kept.results[one.id] for one in found.values()}


def _totals(kept: Kept) -> dict[SittingId, float]:
    return {sitting: float(one.points) for sitting, one in _counted(kept).items()}


def _asked(kept: Kept) -> dict[tuple[ItemId, int], _Asked]:
    """The questions that ended sittings were asked, in the order of the first papers."""
    found: dict[tuple[ItemId, int], _Asked] = {}
    counted = _counted(kept)
    for sitting, scores in kept.scores.items():
        counts = sitting in counted
        for one in scores:
            key = (one.item_id, one.version)
            asked = found.get(key)
            if asked is None:
                asked = found[key] = _Asked(one.item_id, one.version, one.most, [], [], [])
            asked.most = max(asked.most, one.most)
            if counts:
                asked.sittings.append(sitting)
                asked.points.append(float(one.points))
                asked.chosen.append(one.chosen.split())
    return found


def _item(asked: _Asked, totals: Mapping[SittingId, float]) -> statistics.Item | None:
    if not asked.sittings or asked.most <= 0:
        return None
    return statistics.item(asked.points, [totals[one] for one in asked.sittings], float(asked.most))


async def _statistics(tx: Tx, kept: Kept, asked: Mapping[tuple[ItemId, int], _Asked]) -> Statistics:
    exam = kept.exam
    counted = _counted(kept)
    found = await items.of_paper(tx, exam.organisation_id, asked.keys())
    titles = await items.titles(tx, exam.organisation_id, {item for item, _ in asked})
    regrades = await scoring.regrades_of(tx, exam)
    regraded = {one.item_id: one.how for one in regrades}
    newest = scoring.corrections(regrades)
    corrected = {one.item_id: newest[one.id] for one in regrades if one.id in newest}
    totals = _totals(kept)
    table = _table(asked.values(), counted)
    whole_test = statistics.reliability(table) if table else None
    points = list(totals.values())
    mean = sum(points) / len(points) if points else None
    percents = [one.percent for one in counted.values() if one.percent is not None]
    labels = Counter(one.label for one in counted.values() if one.label)
    return Statistics(
        count=len(counted),
        mean=mean,
        deviation=statistics.deviation(points) if points else None,
        alpha=whole_test.alpha if whole_test else None,
        sem=whole_test.sem if whole_test else None,
        questions=[
            _question(
                one,
                corrected.get(one.item_id, found[key]),
                titles.get(one.item_id, _NOBODY),
                totals,
                regraded.get(one.item_id),
            )
            for key, one in asked.items()
        ],
        histogram=_histogram(percents),
        labels=[LabelCount(label, count) for label, count in sorted(labels.items())],
    )


def _question(
    asked: _Asked, item: Item, title: Names, totals: Mapping[SittingId, float], regraded: str | None
) -> QuestionStatistics:
    found = _item(asked, totals)
    right = keys.option_keys(item)
    options = statistics.options(asked.chosen, [totals[one] for one in asked.sittings], right) if right else []
    words = keys.option_words(item)
    return QuestionStatistics(
        item_id=asked.item_id,
        version=asked.version,
        title=title,
        kind=item.kind,
        most=asked.most,
        asked=len(asked.sittings),
        facility=found.difficulty if found else None,
        discrimination=found.discrimination if found else None,
        point_biserial=found.point_biserial if found else None,
        options=[
            OptionStatistics(
                id=one.option,
                title=_title(words.get(one.option)),
                right=right[one.option],
                chosen=one.chosen,
                share=one.share,
                upper=one.upper,
                lower=one.lower,
                suspect=one.suspect,
            )
            for one in options
        ],
        regraded=regraded,  # type: ignore[arg-type]
    )


def _table(asked: Iterable[_Asked], counted: Mapping[SittingId, Any]) -> list[list[float]]:
    """A row of points for each sitting, where all were asked the same; else nothing."""
    whole = [one for one in asked if one.most > 0]
    if not counted or not whole or any(len(one.sittings) != len(counted) for one in whole):
        return []
    of = [dict(zip(one.sittings, one.points, strict=True)) for one in whole]
    return [[one[sitting] for one in of] for sitting in counted]


def _histogram(percents: Iterable[Decimal]) -> list[Column]:
    """How many got from 0, 10, … percent on; all of it belongs to the last."""
    counts = Counter(min(max(int(one) * COLUMNS // 100, 0), COLUMNS - 1) for one in percents)
    return [Column(at * 100 // COLUMNS, counts[at]) for at in range(COLUMNS)]


def _title(words: Words | None) -> Names:
    if words is None:
        return _NOBODY
    return Names(_said(words, "kk"), _said(words, "ru"), _said(words, "en"))


def _said(words: Words, language: str) -> str:
    """The first words of an option."""
    text = ""
    for run in runs(words.of(language)):
        match run:
            case Text():
                text += run.text
            case Formula():
                text += f"${run.source}$"
            case Media():
                text += f"[{run.alt or run.name}]"
    return " ".join(text.split())[:LONGEST_TITLE]
