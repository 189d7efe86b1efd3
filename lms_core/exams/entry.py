"""What a learner reads before a sitting: the exam's rules as they are for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import ExamId, LessonId

from . import moves, settings, takers
from .exams import MySitting
from .finding import data_of
from .model import Exam, Sitting
from .settings import ExamState, Kind, Language, ReleaseData
from .sittings import SectionView


@dataclass(frozen=True, slots=True)
class ExamEntry:
    """Seconds and `ends_at` are the learner's own, with what they are given beyond others: times `factor` (a fraction
    as text) and `extra_seconds`. `used`: how many attempts began. `refused`: the code by which they are not admitted
    now, else "", and `why` in the commission's words. `sitting`: their newest. `now`: the server's clock."""

    id: ExamId
    title: str
    kind: Kind
    state: ExamState
    opens_at: datetime | None
    closes_at: datetime | None
    ends_at: datetime | None
    seconds: int | None
    factor: str
    extra_seconds: int
    sections: list[SectionView]
    navigation: settings.Navigation
    in_turn: bool
    interrupted: Literal["runs", "grace", "stands"]
    grace_seconds: int
    late_seconds: int
    attempts: int
    used: int
    penalties: bool
    languages: list[Language]
    supervised: bool
    lesson_id: LessonId | None
    questions: int
    release: ReleaseData
    seat: str
    refused: str
    why: str
    sitting: MySitting | None
    now: datetime


async def read(tx: Tx, exam_id: ExamId) -> ExamEntry:
    """An exam that the actor is to take. Raises NotFound."""
    exam = await tx.get(Exam, (tx.actor.organisation, exam_id)) if tx.actor.organisation else None
    taker = exam and await takers.taking(tx, exam, tx.actor.id)
    if exam is None or taker is None or exam.state == "draft":
        raise NotFound(kind="exam")
    data = data_of(exam)
    rules = moves.rules_of(data, taker)
    mine = (Sitting.organisation_id == exam.organisation_id) & (Sitting.exam_id == exam.id)
    query = select(Sitting).where(mine, Sitting.person_id == tx.actor.id).order_by(Sitting.attempt.desc())
    newest = await tx.one(query)
    live = newest and await moves.load(tx, newest, exam)
    own = [int(one.total_seconds()) if one else None for one in rules.sections] or [None] * len(data.sections)
    refused, why = "", ""
    try:
        await takers.check_admitted(tx, exam, taker)
    except Refusal as no:
        refused, why = no.code, str(no.params.get("why", ""))
    return ExamEntry(
        id=exam.id,
        title=exam.title,
        kind=data.kind,
        state=exam.state,  # type: ignore[arg-type]
        opens_at=exam.opens_at,
        closes_at=exam.closes_at,
        ends_at=rules.ends_at,
        seconds=int(rules.whole.total_seconds()) if rules.whole else None,
        factor=taker.factor,
        extra_seconds=taker.extra_seconds,
        sections=[SectionView(one.name, seconds) for one, seconds in zip(data.sections, own, strict=True)],
        navigation=data.navigation,
        in_turn=settings.in_turn(data),
        interrupted=data.interrupted,
        grace_seconds=data.grace_seconds,
        late_seconds=data.late_seconds,
        attempts=data.attempts,
        used=newest.attempt if newest else 0,
        penalties=data.penalties,
        languages=data.languages,
        supervised=data.supervised,
        lesson_id=data.lesson_id,
        questions=settings.questions(data),
        release=data.release,
        seat=taker.seat,
        refused=refused,
        why=why,
        sitting=live and MySitting(live.row.id, live.row.attempt, live.state, live.row.began_at),
        now=tx.now,
    )
