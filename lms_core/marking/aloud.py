"""What learners tell the commission in a call: marked while they talk, and written into the record."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, SittingRef
from lms_core.items import service as items
from lms_core.items.content import is_live
from lms_core.kernel.db import Tx
from lms_core.kernel.ids import SittingId
from lms_core.kernel.names import Names
from lms_core.lessons import coming
from lms_core.people import service as people

from . import scoring
from .model import AnswerMark, AnswerScore
from .outcomes import AloudLine, AloudMark, CallHeld
from .scoring import Key


async def going_on(
    tx: Tx, exam: ExamRef, sittings: Collection[SittingRef], kept: Iterable[AnswerScore]
) -> list[AnswerScore]:
    """What is told live in sittings that are under way, if the exam names its call; no row of a place is kept before
    it is marked."""
    going = [one for one in sittings if one.state in scoring.UNDER_WAY]
    if exam.data.lesson_id is None or not going:
        return []
    rows: Mapping[Key, AnswerScore] = {(row.sitting_id, row.place): row for row in kept}
    papers = await exams.papers_of(tx, exam.organisation_id, [one.id for one in going])
    asked = {(one.item_id, one.version) for places in papers.values() for one in places}
    found = await items.of_paper(tx, exam.organisation_id, asked)
    return [
        rows.get((sitting, place.place))
        or AnswerScore(
            organisation_id=exam.organisation_id,
            sitting_id=sitting,
            place=place.place,
            exam_id=exam.id,
            item_id=place.item_id,
            version=place.version,
            revision=0,
            needs_person=True,
            wants="first",
            points=None,
            most=place.points,
        )
        for sitting, places in papers.items()
        for place in places
        if is_live(found[place.item_id, place.version].body)
    ]


async def call_of(tx: Tx, exam: ExamRef) -> CallHeld | None:
    """The call that an exam names, if it is still known."""
    lesson = exam.data.lesson_id
    told = await coming.named(tx, exam.organisation_id, lesson) if lesson else None
    return CallHeld(lesson, *told) if lesson and told else None


async def lines_of(tx: Tx, exam: ExamRef, names: Mapping[SittingId, tuple[str, str]]) -> list[AloudLine]:
    """What these sittings (the name and number of each, in order) were asked live, and what it was worth to whom."""
    here = (AnswerScore.organisation_id == exam.organisation_id) & (AnswerScore.exam_id == exam.id)
    rows = await tx.all(select(AnswerScore).where(here, AnswerScore.needs_person).order_by(AnswerScore.place))
    found = await items.of_paper(tx, exam.organisation_id, {(row.item_id, row.version) for row in rows})
    rows = [row for row in rows if row.sitting_id in names and is_live(found[row.item_id, row.version].body)]
    if not rows:
        return []
    titles = await items.titles(tx, exam.organisation_id, list({row.item_id for row in rows}))
    marks = await _marks(tx, exam, {row.sitting_id for row in rows})
    markers = await people.names(tx, {one.marker_id for some in marks.values() for one in some})
    order = {sitting: at for at, sitting in enumerate(names)}
    return [
        AloudLine(
            name=names[row.sitting_id][0],
            number=names[row.sitting_id][1],
            place=row.place,
            title=titles.get(row.item_id, Names("", "", "")),
            points=row.points,
            most=row.most,
            marks=[
                AloudMark(markers.get(one.marker_id, ""), one.points, one.comment, one.at)
                for one in scoring.newest_marks(marks.get((row.sitting_id, row.place), ()), row.revision)
            ],
        )
        for row in sorted(rows, key=lambda one: (order[one.sitting_id], one.place))
    ]


async def _marks(tx: Tx, exam: ExamRef, sittings: Collection[SittingId]) -> dict[Key, list[AnswerMark]]:
    here = (AnswerMark.organisation_id == exam.organisation_id) & AnswerMark.sitting_id.in_(sittings)
    found: dict[Key, list[AnswerMark]] = {}
    for one in await tx.all(select(AnswerMark).where(here).order_by(AnswerMark.nth)):
        found.setdefault((one.sitting_id, one.place), []).append(one)
    return found
