"""Points: each answer's, reckoned anew from the answer, the marks, regrades and appeals; and what a sitting comes to.

Safe to run at any time, any number of times: it writes what follows from what is kept, and nothing else.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamData, ExamRef, Kept, Place, SittingRef
from lms_core.items import answers as item_answers
from lms_core.items import keys, scoring
from lms_core.items import service as items
from lms_core.items.answers import Answer, AnswerUnfit
from lms_core.items.content import Item, is_live
from lms_core.items.drawing import realise
from lms_core.items.expressions import ExpressionUnfit
from lms_core.items.scoring import Scored
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ItemId, PersonId, SittingId, UnitId
from lms_core.kernel.reads import Read, among
from lms_core.orgs import service as orgs

from . import core, scales
from .core import Double, Effect, Marked, Scale, Settled
from .model import AnswerMark, AnswerScore, Appeal, Regraded, Result

ENDED = (exams.State.HANDED_IN, exams.State.TERMINATED, exams.State.ACCEPTED, exams.State.VOIDED)
UNDECIDED = exams.State.TERMINATED
COUNTING = (exams.State.HANDED_IN, exams.State.TERMINATED, exams.State.ACCEPTED)
UNDER_WAY = (exams.State.RUNNING, exams.State.INTERRUPTED, exams.State.PAUSED)
Key = tuple[SittingId, int]
_POINTS = Read(
    select(AnswerScore.sitting_id, AnswerScore.points, AnswerScore.most).where(
        AnswerScore.organisation_id == bindparam("organisation"), AnswerScore.sitting_id.in_(among("sittings"))
    )
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How an exam's answers are scored by their keys."""

    partial: bool
    penalties: bool


@dataclass(frozen=True, slots=True)
class Auto:
    """By the key. `points`: None where a person is wanted."""

    points: Decimal | None
    parts: tuple[scoring.Part, ...]
    chosen: tuple[str, ...]

    @property
    def needs_person(self) -> bool:
        return self.points is None


@dataclass(frozen=True, slots=True)
class _Known:
    """What came over the answers of an exam: marks and appeals by answer, regrades by question."""

    marks: Mapping[Key, Sequence[AnswerMark]]
    appeals: Mapping[Key, Sequence[Appeal]]
    regrades: Mapping[ItemId, Sequence[Regraded]]
    corrected: Mapping[Any, Item]


async def score(
    tx: Tx, organisation: UnitId, sittings: Collection[SittingId], only: ItemId | None = None
) -> dict[Key, Settled]:
    """Reckon ended sittings of one exam anew, or in them the answers to one question only; what those are worth now.

    What is not ended is left alone.
    """
    refs = [one for one in [await exams.sitting(tx, organisation, one) for one in sittings] if one.state in ENDED]
    if not refs:
        return {}
    exam = await exams.exam(tx, organisation, refs[0].exam_id)
    return await score_in(tx, exam, refs, only)


async def score_in(tx: Tx, exam: ExamRef, refs: Sequence[SittingRef], only: ItemId | None = None) -> dict[Key, Settled]:
    """The same, of sittings that are at hand; of one under way, of what is told live, which a person may mark."""
    ids = [one.id for one in refs]
    papers = await exams.papers_of(tx, exam.organisation_id, ids)
    answers = await exams.answers_of(tx, exam.organisation_id, ids)
    wanted = [(ref, place) for ref in refs for place in papers[ref.id] if only in (None, place.item_id)]
    known = await _known(tx, exam, ids)
    versions = {(place.item_id, place.version) for _, place in wanted}
    found = await items.of_paper(tx, exam.organisation_id, versions)
    rows = await _rows(tx, exam, ids, only)
    settled: dict[Key, Settled] = {}
    for ref, place in wanted:
        if ref.state not in ENDED and not is_live(found[place.item_id, place.version].body):
            continue
        sitting, key = ref.id, (ref.id, place.place)
        row = rows.get(key)
        if row is None:
            row = rows[key] = AnswerScore(
                organisation_id=exam.organisation_id, sitting_id=sitting, place=place.place, exam_id=exam.id
            )
            tx.add(row)
        item = found[place.item_id, place.version]
        settled[key] = _write(row, exam.data, place, item, answers[sitting].get(place.place), known)
    await tx.flush()
    if ended := [one for one in refs if one.state in ENDED]:
        await _settle(tx, exam, ended)
    return settled


def revision_of(item: Item, kept: Kept | None) -> int:
    """Which version of an answer is marked; what is told live has one only."""
    return 0 if kept is None or is_live(item.body) else kept.revision


def by_key(item: Item, place: Place, rule: Rule, answer: Answer) -> Auto:
    """What an answer is worth by the item's key, in this exam."""
    item = replace(item, points=place.points)
    if not rule.penalties:
        item = replace(item, penalty=Decimal(0))
    if not rule.partial:
        item = replace(item, rule="all_or_nothing")
    try:
        scored = scoring.score(realise(item, place.seed), answer)
    except (ExpressionUnfit, AnswerUnfit):
        scored = Scored(Fraction(0), Fraction(place.points), needs_person=True)
    return Auto(None if scored.needs_person else _cents(scored.points), scored.parts, keys.chosen_of(answer))


def answer_of(item: Item, kept: Kept | None) -> Answer:
    """The answer that is kept, or the empty one."""
    if kept is None or kept.body is None:
        return item_answers.nothing(item.body)
    return item_answers.from_plain(item.body, kept.body)


def rule_of(data: ExamData) -> Rule:
    return Rule(data.partial, data.penalties)


def double_of(data: ExamData, most: Decimal) -> Double | None:
    """The exam's rule for two markers, for a question that gives so many points."""
    if data.double is None:
        return None
    return Double(data.double.bound * most, data.double.step, "nearest" if data.double.third else "talk")


def newest_marks(marks: Iterable[AnswerMark], revision: int) -> list[AnswerMark]:
    """Each marker's newest mark of this version of the answer, in the order in which they first marked it."""
    newest: dict[PersonId, AnswerMark] = {}
    for one in marks:
        if one.revision == revision:
            newest[one.marker_id] = one
    return list(newest.values())


def corrections(regrades: Iterable[Regraded]) -> dict[Any, Item]:
    """The corrected questions of regrades that have one."""
    return {one.id: items.judge(one.key["item"]).item for one in regrades if one.how == "key"}


def _write(row: AnswerScore, data: ExamData, place: Place, item: Item, kept: Kept | None, known: _Known) -> Settled:
    answer = answer_of(item, kept)
    auto = by_key(item, place, rule_of(data), answer)
    key = (row.sitting_id, place.place)
    revision = revision_of(item, kept)
    points, wants = auto.points, ""
    if auto.needs_person:
        given = [Marked(one.marker_id, one.points) for one in newest_marks(known.marks.get(key, ()), revision)]
        points, wants = by_hand(given, double_of(data, place.points))
    settled = core.settled(points, place.points, _effects(key, data, place, item, answer, known))
    row.item_id, row.version, row.revision = place.item_id, place.version, revision
    row.needs_person, row.automatic = auto.needs_person, auto.points
    row.points, row.most = settled.points, settled.most
    row.wants = wants if settled.points is None else ""
    row.chosen = " ".join(auto.chosen)
    parts = [[one.where, str(_cents(one.got)), str(_cents(one.of)), one.why] for one in auto.parts]
    if row.explanation != {"parts": parts}:
        row.explanation = {"parts": parts}
    return settled


def by_hand(given: Sequence[Marked], double: Double | None) -> tuple[Decimal | None, str]:
    """What marks come to, and who is wanted; of one marker the newest mark counts."""
    if double is None:
        return (given[-1].points, "") if given else (None, "first")
    found = core.agreed(given[:3], double)
    return found.points, found.wants


def _effects(key: Key, data: ExamData, place: Place, item: Item, answer: Answer, known: _Known) -> Iterable[Effect]:
    for one in known.regrades.get(place.item_id, ()):
        points = Decimal(0)
        if one.how == "key":
            corrected = known.corrected[one.id]
            anew = by_key(corrected, place, rule_of(data), answer).points
            points = Decimal(0) if anew is None else anew
        yield Effect(one.how, one.at, points, one.only_up)  # type: ignore[arg-type]
    for appeal in known.appeals.get(key, ()):
        if appeal.points is not None and appeal.decided_at is not None:
            yield Effect("appeal", appeal.decided_at, appeal.points)


async def _settle(tx: Tx, exam: ExamRef, refs: Sequence[SittingRef]) -> None:
    """What ended sittings come to, from the scores of all their answers."""
    of: dict[SittingId, list[Any]] = {}
    for one in await tx.read(_POINTS, organisation=exam.organisation_id, sittings=[ref.id for ref in refs]):
        of.setdefault(one.sitting_id, []).append(one)
    here = (Result.organisation_id == exam.organisation_id) & Result.sitting_id.in_([one.id for one in refs])
    rows = {row.sitting_id: row for row in await tx.all(select(Result).where(here))}
    unit = await orgs.unit(tx, exam.organisation_id)
    days = {ref.id: day_of(exam, ref.began_at, unit.zone, tx.now) for ref in refs}
    known: dict[date, Scale | None] = {
        day: await scales.in_force(tx, exam.organisation_id, exam.data.level, day) for day in set(days.values())
    }
    for ref in refs:
        row = rows.get(ref.id) or Result(
            organisation_id=exam.organisation_id, sitting_id=ref.id, exam_id=exam.id, person_id=ref.person_id
        )
        _sum(row, of.get(ref.id, ()), known[days[ref.id]], tx.now)
        if ref.id not in rows:
            tx.add(row)
    await tx.flush()


def day_of(exam: ExamRef, began_at: datetime | None, zone: str, now: datetime) -> date:
    """The day whose scale counts: on which the sitting began, on the organisation's wall."""
    return (began_at or exam.data.opens_at or now).astimezone(ZoneInfo(zone)).date()


def _sum(row: Result, scores: Sequence[Any], scale: Scale | None, now: datetime) -> None:
    points = core.neat(sum((one.points for one in scores if one.points is not None), Decimal(0)))
    most = core.neat(sum((one.most for one in scores), Decimal(0)))
    missing = sum(one.points is None for one in scores)
    found = core.result(points, most, scale) if scale and most > 0 and not missing else None
    percent = core.to_step(points * 100 / most, Decimal(1)) if most > 0 and not missing else None
    values = {
        "missing": missing,
        "points": points,
        "most": most,
        "percent": found.percent if found else percent,
        "label": found.label if found else "",
        "value": found.value if found else None,
        "passed": found.passed if found else None,
        "source": found.source.en if found else "",
    }
    if any(getattr(row, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(row, name, value)
        row.at = now


async def _known(tx: Tx, exam: ExamRef, sittings: Collection[SittingId]) -> _Known:
    here = AnswerMark.organisation_id == exam.organisation_id
    query = select(AnswerMark).where(here, AnswerMark.sitting_id.in_(sittings)).order_by(AnswerMark.nth)
    marks: dict[Key, list[AnswerMark]] = {}
    for mark in await tx.all(query):
        marks.setdefault((mark.sitting_id, mark.place), []).append(mark)
    of_exam = (Appeal.organisation_id == exam.organisation_id) & Appeal.sitting_id.in_(sittings)
    appeals: dict[Key, list[Appeal]] = {}
    for appeal in await tx.all(select(Appeal).where(of_exam, Appeal.state == "granted")):
        if appeal.place is not None:
            appeals.setdefault((appeal.sitting_id, appeal.place), []).append(appeal)
    rows = await regrades_of(tx, exam)
    regrades: dict[ItemId, list[Regraded]] = {}
    for row in rows:
        regrades.setdefault(row.item_id, []).append(row)
    return _Known(marks, appeals, regrades, corrections(rows))


async def regrades_of(tx: Tx, exam: ExamRef) -> Sequence[Regraded]:
    """All of an exam, the oldest first."""
    here = (Regraded.organisation_id == exam.organisation_id) & (Regraded.exam_id == exam.id)
    return await tx.all(select(Regraded).where(here).order_by(Regraded.id))


async def _rows(tx: Tx, exam: ExamRef, sittings: Collection[SittingId], only: ItemId | None) -> dict[Key, AnswerScore]:
    here = (AnswerScore.organisation_id == exam.organisation_id) & AnswerScore.sitting_id.in_(sittings)
    if only:
        here &= AnswerScore.item_id == only
    return {(row.sitting_id, row.place): row for row in await tx.all(select(AnswerScore).where(here))}


def _cents(points: Fraction) -> Decimal:
    return core.neat(scoring.rounded(points))
