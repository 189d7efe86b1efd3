"""What a commission sees of sittings, and does to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import func, select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound
from lms_core.kernel.ids import ExamId, PersonId, SittingId, UnitId
from lms_core.people import service as people

from . import finding, moves, settings
from .core import Act, By, Row, State
from .finding import Seen
from .model import Answer, Exam, ExamTaker, Sitting
from .moves import Live
from .sittings import LeftView, left_view, whole_seconds

OwnAct = Literal["admit", "pause", "resume", "terminate", "reactivate", "add_time", "hand_in", "miss"]
OF_PROCTOR = frozenset({"admit", "pause", "resume", "terminate", "reactivate", "add_time", "hand_in"})


@dataclass(frozen=True, slots=True)
class WatchedSitting:
    """A sitting as the commission sees it. `person_id`, `name`: None where markers must not know whose it is.
    `answered` of `questions`; `interrupted_seconds`: how long its line was lost in all; `why`: of its newest change.
    `seen_at`: when it was last heard of."""

    id: SittingId
    person_id: PersonId | None
    name: str | None
    seat: str
    number: str
    attempt: int
    language: str
    state: State
    act: str
    why: str
    since: datetime
    section: int
    answered: int
    questions: int
    left: LeftView
    seen_at: datetime | None
    interrupted_seconds: int
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class MoveView:
    """One change. `who`: a person's name, "" for the server."""

    act: str
    state: State
    at: datetime
    by: By
    who: str
    why: str
    added_seconds: int
    section: int


async def list_for(tx: Tx, exam_id: ExamId) -> tuple[int, list[WatchedSitting]]:
    """The position of the exam's stream, and its sittings by name. Raises NotFound."""
    seen = await finding.find(tx, exam_id)
    position = await tx.position(seen.row.organisation_id)
    query = select(Sitting).where(Sitting.organisation_id == seen.row.organisation_id, Sitting.exam_id == exam_id)
    lives = await moves.load_all(tx, await tx.all(query.order_by(Sitting.id)), seen.row)
    return position, await _views(tx, seen, lives)


async def move(tx: Tx, sitting_id: SittingId, act: OwnAct, why: str, added_seconds: int | None) -> WatchedSitting:
    """By a chair or a proctor; said twice, it is done once.

    Raises NotFound, Forbidden, SittingMoveUnfit, ReasonMissing, AddedTimeUnfit.
    """
    seen, row = await _find(tx, sitting_id)
    if seen.part not in ("chair", "proctor") or (seen.part == "proctor" and act not in OF_PROCTOR):
        raise Forbidden(needs="chair")
    live = await moves.load(tx, row, seen.row)
    added = timedelta(seconds=added_seconds) if added_seconds is not None else None
    by: By = "examiner" if seen.part == "chair" else "proctor"
    moves.move(tx, live, Act(act), by, why=why, added=added)
    return (await _views(tx, seen, [live]))[0]


async def moves_of(tx: Tx, sitting_id: SittingId) -> list[MoveView]:
    """Every change of a sitting, in order; for the commission, and for whose it is. Raises NotFound."""
    row = await tx.one(select(Sitting).where(Sitting.id == sitting_id))
    if row is None:
        raise NotFound(kind="sitting")
    if row.person_id != tx.actor.person:
        await _find(tx, sitting_id)
    live = (await moves.load_all(tx, [row]))[0]
    names = await people.names(tx, {PersonId(one.who) for one in live.rows if one.who})
    return [
        MoveView(
            act=one.act.value,
            state=one.state,
            at=one.at,
            by=one.by,
            who=names.get(PersonId(one.who), "") if one.who else "",
            why=one.why,
            added_seconds=round(one.added.total_seconds()),
            section=one.section,
        )
        for one in live.rows
    ]


async def check_watch(tx: Tx, exam_id: ExamId) -> UnitId:
    """The organisation of an exam that the actor is of the commission of, or reads. Raises NotFound."""
    return (await finding.find(tx, exam_id)).row.organisation_id


async def check_follow(tx: Tx, sitting_id: SittingId) -> UnitId:
    """The organisation of the actor's own sitting: the commission hears of all in the exam's topic. Raises NotFound."""
    row = await tx.get(Sitting, (tx.actor.organisation, sitting_id)) if tx.actor.organisation else None
    if row is None or row.person_id != tx.actor.person:
        raise NotFound(kind="sitting")
    return row.organisation_id


async def _find(tx: Tx, sitting_id: SittingId) -> tuple[Seen, Sitting]:
    """Raises NotFound."""
    row = await tx.one(select(Sitting).where(Sitting.id == sitting_id))
    if row is None:
        raise NotFound(kind="sitting")
    try:
        return await finding.find(tx, row.exam_id), row
    except NotFound:
        raise NotFound(kind="sitting") from None


async def _views(tx: Tx, seen: Seen, lives: Sequence[Live]) -> list[WatchedSitting]:
    hidden = seen.part == "marker" and seen.data.anonymous
    organisation, ids = seen.row.organisation_id, [one.row.id for one in lives]
    names = {} if hidden else await people.names(tx, {one.row.person_id for one in lives})
    here = (Answer.organisation_id == organisation) & Answer.sitting_id.in_(ids)
    counting = select(Answer.sitting_id, func.count()).where(here, Answer.body.is_not(None))
    answered = {one: count for one, count in await tx.rows(counting.group_by(Answer.sitting_id))}
    seats = await _seats(tx, seen.row)
    questions = settings.questions(seen.data)
    views = [
        WatchedSitting(
            id=live.row.id,
            person_id=None if hidden else live.row.person_id,
            name=None if hidden else names.get(live.row.person_id, ""),
            seat="" if hidden else seats.get(live.row.person_id, ""),
            number=live.row.number,
            attempt=live.row.attempt,
            language=live.row.language,
            state=live.state,
            act=live.rows[-1].act.value,
            why=live.rows[-1].why,
            since=live.rows[-1].at,
            section=live.section,
            answered=answered.get(live.row.id, 0),
            questions=questions,
            left=left_view(live.left(tx.now)),
            seen_at=live.row.seen_at,
            interrupted_seconds=whole_seconds(_lost(live.rows, tx.now)) or 0,
            began_at=live.row.began_at,
        )
        for live in lives
    ]
    return sorted(views, key=lambda one: (one.name or "", one.number))


async def _seats(tx: Tx, exam: Exam) -> dict[PersonId, str]:
    here = (ExamTaker.organisation_id == exam.organisation_id) & (ExamTaker.exam_id == exam.id)
    return {person: seat for person, seat in await tx.rows(select(ExamTaker.person_id, ExamTaker.seat).where(here))}


def _lost(rows: Sequence[Row], now: datetime) -> timedelta:
    """How long the line was lost in all."""
    ends = [*(row.at for row in rows[1:]), now]
    spans = (end - row.at for row, end in zip(rows, ends, strict=True) if row.state is State.INTERRUPTED)
    return sum(spans, timedelta())
