"""Signs of life. Every learner's browser gives one each ten seconds: where nothing else happened, one read and one
write."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, select, update

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, SittingId, UnitId
from lms_core.kernel.reads import Read, Write

from . import moves, settings, sittings, timing
from .core import State
from .finding import data_of
from .model import Exam, ExamTaker, Sitting, SittingMove
from .reading import COLUMNS, row_of
from .sittings import LeftView
from .timing import Rules

_REMEMBERED = 200

_FOUND = Read(
    select(*COLUMNS, Sitting.exam_id, Sitting.device, Sitting.seen_at, Sitting.due_at)
    .add_columns(Exam.version, ExamTaker.factor, ExamTaker.extra_seconds)
    .join(
        SittingMove,
        (SittingMove.organisation_id == Sitting.organisation_id) & (SittingMove.sitting_id == Sitting.id),
    )
    .join(Exam, (Exam.organisation_id == Sitting.organisation_id) & (Exam.id == Sitting.exam_id))
    .outerjoin(
        ExamTaker,
        (ExamTaker.organisation_id == Sitting.organisation_id)
        & (ExamTaker.exam_id == Sitting.exam_id)
        & (ExamTaker.person_id == Sitting.person_id),
    )
    .where(Sitting.organisation_id == bindparam("organisation"), Sitting.id == bindparam("sitting"))
    .where(Sitting.person_id == bindparam("person"))
    .order_by(SittingMove.nth)
)
_ROW: Any = Sitting.__table__
_SEEN = Write(
    update(_ROW)
    .where(_ROW.c.organisation_id == bindparam("organisation", type_=_ROW.c.organisation_id.type))
    .where(_ROW.c.id == bindparam("sitting", type_=_ROW.c.id.type))
    .values(seen_at=bindparam("at", type_=_ROW.c.seen_at.type))
)


@dataclass(frozen=True, slots=True)
class BeatView:
    state: State
    section: int
    left: LeftView
    now: datetime
    holds: bool


async def beat(tx: Tx, sitting_id: SittingId, device: str) -> BeatView:
    """A sign of life: who had lost the line is back. Raises NotFound."""
    return await _plain(tx, sitting_id, device) or await _whole(tx, sitting_id, device)


async def _plain(tx: Tx, sitting_id: SittingId, device: str) -> BeatView | None:
    """Of a sitting that is running and to which nothing is owed; None of any other."""
    organisation = tx.actor.organisation
    if organisation is None:
        return None
    found = await tx.read(_FOUND, organisation=organisation, sitting=sitting_id, person=tx.actor.id)
    if not found:
        return None
    rows, one = [row_of(row) for row in found], found[-1]
    owed = one.due_at is not None and one.due_at <= tx.now
    if rows[-1].state is not State.RUNNING or owed or moves.is_silent(one.seen_at, one.at, tx.now):
        return None
    rules = await _rules(tx, organisation, one.exam_id, one.version)
    if one.factor is not None:
        rules = timing.allowed(rules, settings.allowance(one.factor, one.extra_seconds))
    if holds := one.device == device:
        tx.write(_SEEN, organisation=organisation, sitting=sitting_id, at=tx.now)
    left = sittings.left_view(timing.left(rows, rules, tx.now))
    return BeatView(State.RUNNING, rows[-1].section, left, tx.now, holds)


async def _whole(tx: Tx, sitting_id: SittingId, device: str) -> BeatView:
    live = await sittings.own(tx, sitting_id)
    if holds := live.row.device == device:
        moves.heard(tx, live)
    return BeatView(live.state, live.section, sittings.left_view(live.left(tx.now)), tx.now, holds)


class _Memory:
    """The rules of exams by version, which they never change. Shared by all threads that step transactions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules = OrderedDict[tuple[ExamId, int], Rules]()

    def get(self, exam: ExamId, version: int) -> Rules | None:
        with self._lock:
            return self._rules.get((exam, version))

    def put(self, exam: ExamId, version: int, rules: Rules) -> None:
        with self._lock:
            self._rules[exam, version] = rules
            while len(self._rules) > _REMEMBERED:
                self._rules.popitem(last=False)


_MEMORY = _Memory()


async def _rules(tx: Tx, organisation: UnitId, exam_id: ExamId, version: int) -> Rules:
    known = _MEMORY.get(exam_id, version)
    if known is None:
        exam = await tx.get(Exam, (organisation, exam_id))
        assert exam is not None
        known = settings.rules(data_of(exam))
        _MEMORY.put(exam_id, version, known)
    return known
