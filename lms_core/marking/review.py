"""A sitting looked back at: by its learner as far as the exam's rules let them, by the commission whole."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from lms_core.audit import service as audit
from lms_core.exams import service as exams
from lms_core.exams.service import ExamRef, Kept, Place, SittingRef
from lms_core.items import keys, views
from lms_core.items import service as items
from lms_core.items.content import Item
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import ItemId, SittingId
from lms_core.people import service as people

from . import appeals, marks, releases, scales, scoring, shown
from .core import Scale
from .marks import Link
from .model import AnswerMark, AnswerScore, Regraded, Result
from .outcomes import RegradeTold, ResultShown, ReviewQuestion, SittingReview
from .views import FileShown

HOW_MUCH = ("nothing", "points", "answers", "keys")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What is read of a sitting, and how much of it is told: a place in HOW_MUCH."""

    exam: ExamRef
    sitting: SittingRef
    much: int
    files: Mapping[int, list[FileShown]]
    answers: Mapping[int, Kept]
    marks: Mapping[int, Sequence[AnswerMark]]
    regrades: Mapping[ItemId, Sequence[Regraded]]
    corrected: Mapping[ItemId, Item]


async def of_sitting(tx: Tx, sitting_id: SittingId, link: Link) -> SittingReview:
    """Raises NotFound, Forbidden."""
    try:
        exam, sitting = await exams.own_sitting(tx, sitting_id)
    except NotFound:
        return await _for_staff(tx, sitting_id, link)
    since = await releases.since(tx, exam, sitting)
    told = since is not None and since <= tx.now
    much = HOW_MUCH.index(exam.data.release.what) if told else 0
    return await _review(tx, exam, sitting, link, much=much, told=told, since=since)


async def _for_staff(tx: Tx, sitting_id: SittingId, link: Link) -> SittingReview:
    exam, sitting = await exams.sitting_for(tx, sitting_id, "chair", "marker", "reader")
    if exam.part == "marker" and exam.data.anonymous:
        raise Forbidden(needs="chair")
    audit.note(
        tx,
        "looked",
        organisation=exam.organisation_id,
        op="review_sitting",
        subject=sitting.person_id,
        details={"exam": exam.id, "sitting": sitting.id},
    )
    since = await releases.since(tx, exam, sitting)
    ended = sitting.state in scoring.ENDED
    much = HOW_MUCH.index("keys") if ended else 0
    return await _review(tx, exam, sitting, link, much=much, told=ended, since=since, staff=True)


async def _review(
    tx: Tx,
    exam: ExamRef,
    sitting: SittingRef,
    link: Link,
    *,
    much: int,
    told: bool,
    since: datetime | None,
    staff: bool = False,
) -> SittingReview:
    scale = await appeals.scale_of(tx, exam, sitting)
    questions: list[ReviewQuestion] = []
    regrades: list[RegradeTold] = []
    result = None
    if much:
        if await tx.get(Result, (exam.organisation_id, sitting.id)) is None:
            await scoring.score_in(tx, exam, [sitting])  # its job has not run yet
        result = await _result(tx, sitting, scale)
        reading = await _read(tx, exam, sitting, link, much)
        papers = await exams.papers_of(tx, exam.organisation_id, [sitting.id])
        questions = await _questions(tx, reading, papers[sitting.id], link)
        regrades = _regrades(reading, papers[sitting.id])
    own = await appeals.of_sitting(tx, exam, sitting.id)
    named = await people.names(tx, {sitting.person_id}) if staff else {}
    return SittingReview(
        sitting_id=sitting.id,
        exam_id=exam.id,
        title=exam.data.title,
        name=named.get(sitting.person_id),
        number=sitting.number,
        attempt=sitting.attempt,
        state=sitting.state.value,
        language=sitting.language,
        what=HOW_MUCH[much],  # type: ignore[arg-type]
        told=told,
        since=since,
        result=result,
        questions=questions,
        appeal_until=appeals.until(since, scale) if told and much else None,
        appeals=await appeals.views_of(tx, exam, own, [sitting], named=staff, staff=staff) if much else [],
        regrades=regrades,
    )


async def _result(tx: Tx, sitting: SittingRef, scale: Scale | None) -> ResultShown | None:
    row = await tx.get(Result, (sitting.organisation_id, sitting.id))
    if row is None:
        return None
    counts = sitting.state in scoring.COUNTING
    words = {band.label: band.names for band in scale.bands} if scale else {}
    return ResultShown(
        missing=row.missing,
        points=row.points,
        most=row.most,
        percent=row.percent if counts else None,
        label=row.label if counts else "",
        words=words.get(row.label) if counts else None,
        passed=row.passed if counts else None,
        source=scales.source_named(row.source),
    )


async def _read(tx: Tx, exam: ExamRef, sitting: SittingRef, link: Link, much: int) -> _Reading:
    here = (AnswerMark.organisation_id == exam.organisation_id) & (AnswerMark.sitting_id == sitting.id)
    answers = (await exams.answers_of(tx, exam.organisation_id, [sitting.id]))[sitting.id]
    given: dict[int, list[AnswerMark]] = {}
    for one in await tx.all(select(AnswerMark).where(here).order_by(AnswerMark.nth)):
        given.setdefault(one.place, []).append(one)
    rows = await scoring.regrades_of(tx, exam)
    by_item: dict[ItemId, list[Regraded]] = {}
    for row in rows:
        by_item.setdefault(row.item_id, []).append(row)
    corrections = scoring.corrections(rows)
    corrected = {row.item_id: corrections[row.id] for row in rows if row.id in corrections}
    files = await marks.files_by_place(tx, exam, sitting.id, link)
    return _Reading(exam, sitting, much, files, answers, given, by_item, corrected)


async def _questions(tx: Tx, reading: _Reading, places: Sequence[Place], link: Link) -> list[ReviewQuestion]:
    exam, sitting = reading.exam, reading.sitting
    here = (AnswerScore.organisation_id == exam.organisation_id) & (AnswerScore.sitting_id == sitting.id)
    rows = {row.place: row for row in await tx.all(select(AnswerScore).where(here))}
    found = await items.of_paper(tx, exam.organisation_id, {(one.item_id, one.version) for one in places})
    media = await items.media_urls(tx, [exam.organisation_id], list(found.values()), link)
    return [
        _question(reading, place, found[place.item_id, place.version], rows[place.place], media)
        for place in places
        if place.place in rows
    ]


def _question(
    reading: _Reading, place: Place, item: Item, row: AnswerScore, media: Mapping[str, str]
) -> ReviewQuestion:
    regrades = reading.regrades.get(place.item_id, ())
    told = {
        "place": place.place,
        "section": place.section,
        "points": row.points,
        "most": row.most,
        "regraded": regrades[-1].how if regrades else None,
    }
    if reading.much < HOW_MUCH.index("answers"):
        return ReviewQuestion(**told, **_NOTHING)
    seen = _seen(reading, place, item, row)
    return ReviewQuestion(**told, **seen, media=_media_of(seen, media))


_NOTHING: dict[str, Any] = {
    "shown": None, "media": {}, "answer": None, "files": [], "parts": [], "comments": [], "key": None, "said": None,
}  # fmt: skip


def _seen(reading: _Reading, place: Place, item: Item, row: AnswerScore) -> dict[str, Any]:
    language, seed = reading.sitting.language, place.seed
    newest = reading.corrected.get(place.item_id, item)
    with_key = reading.much >= HOW_MUCH.index("keys")
    share = shown.share_of(row.points, row.most)
    given = reading.marks.get(place.place, ())
    return {
        "shown": views.for_learner(item, seed, language) | {"points": str(place.points)},
        "answer": shown.answer_shown(item, seed, reading.answers.get(place.place)),
        "files": reading.files.get(place.place, []),
        "parts": shown.parts_shown(item, seed, row),
        "comments": [one.comment for one in scoring.newest_marks(given, row.revision) if one.comment],
        "key": shown.key_shown(newest, seed, language) if with_key else None,
        "said": keys.said_of(item, share, seed, language) if with_key and row.points is not None else None,
    }


def _media_of(seen: Mapping[str, Any], media: Mapping[str, str]) -> dict[str, str]:
    """Addresses of what is shown, and of nothing that a key alone shows."""
    key = seen["key"]
    told = [key.answer, key.sample, key.general, key.options] if key else []
    text = json.dumps([seen["shown"], seen["answer"], seen["said"], *told])
    return {digest: url for digest, url in media.items() if digest in text}


def _regrades(reading: _Reading, places: Sequence[Place]) -> list[RegradeTold]:
    return [
        RegradeTold(row.how, row.why, row.at, [one.place for one in places if one.item_id == row.item_id])  # type: ignore[arg-type]
        for rows in reading.regrades.values()
        for row in rows
        if any(one.item_id == row.item_id for one in places)
    ]
