"""Moving a sitting through its states: the one place where its changes are written."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import ExamId, PersonId, SittingId

from . import core, settings, timing
from .core import Act, By, Row, State
from .events import HandedIn, SittingMoved, SittingTold
from .finding import data_of
from .model import Answer, Exam, ExamTaker, Sitting
from .reading import rows_of, write_row
from .settings import ExamData
from .timing import Rules

SILENCE = timedelta(seconds=30)
"""Who was not heard of for so long has lost the line."""
ENDED = (State.HANDED_IN, State.TERMINATED)
UNDER_WAY = (State.RUNNING, State.INTERRUPTED, State.PAUSED)
BEFORE = (State.PLANNED, State.CHECKING, State.READY)


@dataclass(slots=True)
class Live:
    """A sitting with all that its clock is reckoned from. `rules`: with the learner's own allowance."""

    row: Sitting
    exam: Exam
    data: ExamData
    rules: Rules
    rows: list[Row]

    @property
    def state(self) -> State:
        return core.state_of(self.rows)

    @property
    def section(self) -> int:
        return self.rows[-1].section if self.rows else 0

    def left(self, now: datetime) -> timing.Left:
        return timing.left(self.rows, self.rules, now)


async def load(tx: Tx, row: Sitting, exam: Exam | None = None) -> Live:
    """A sitting, with what is owed by now written."""
    live = (await load_all(tx, [row], exam))[0]
    await owe(tx, live)
    return live


async def load_all(tx: Tx, sittings: Collection[Sitting], exam: Exam | None = None) -> list[Live]:
    """Sittings of one organisation as they are written down."""
    if not sittings:
        return []
    organisation = next(iter(sittings)).organisation_id
    exams: dict[ExamId, Exam] = {exam.id: exam} if exam else {}
    wanted = {one.exam_id for one in sittings} - exams.keys()
    if wanted:
        query = select(Exam).where(Exam.organisation_id == organisation, Exam.id.in_(wanted))
        exams |= {one.id: one for one in await tx.all(query)}
    here = (ExamTaker.organisation_id == organisation) & ExamTaker.exam_id.in_(exams)
    query = select(ExamTaker).where(here, ExamTaker.person_id.in_({one.person_id for one in sittings}))
    takers = {(one.exam_id, one.person_id): one for one in await tx.all(query)}
    rows = await rows_of(tx, organisation, [one.id for one in sittings])
    data = {one.id: data_of(one) for one in exams.values()}
    return [
        Live(
            one,
            exams[one.exam_id],
            data[one.exam_id],
            rules_of(data[one.exam_id], takers.get((one.exam_id, one.person_id))),
            rows[one.id],
        )
        for one in sittings
    ]


def rules_of(data: ExamData, taker: ExamTaker | None) -> Rules:
    """The exam's rules for one learner."""
    rules = settings.rules(data)
    if taker is None:
        return rules
    return timing.allowed(rules, settings.allowance(taker.factor, taker.extra_seconds))


def begin(tx: Tx, row: Sitting, exam: Exam, data: ExamData, rules: Rules) -> Live:
    """A sitting that was just made, without a row yet."""
    tx.add(row)
    return Live(row, exam, data, rules, [])


async def owe(tx: Tx, live: Live) -> None:
    """Write what the server owes by now, each at the moment it was due. Before any act.

    Who fell silent lost the line at their last sign, be it long ago: the clock may stand since then.
    """
    if live.state is State.RUNNING and is_silent(live.row.seen_at, live.rows[-1].at, tx.now):
        sign = max(await _last_sign(tx, live.row), live.rows[-1].at)
        if sign + SILENCE <= tx.now:
            move(tx, live, Act.LOSE, "server", at=sign)
        else:
            live.row.seen_at = sign
    for row in timing.due(live.rows, live.rules, tx.now):
        write(tx, live, row)


def move(
    tx: Tx,
    live: Live,
    act: Act,
    by: By,
    *,
    why: str = "",
    added: timedelta | None = None,
    at: datetime | None = None,
    quietly: bool = False,
) -> bool:
    """Whether it changed anything. Raises what core.moved raises."""
    who = "" if by == "server" else tx.actor.id
    row = core.moved(live.rows, act, at or tx.now, by, who=who, why=why, added=added)
    if row is not None:
        write(tx, live, row, quietly=quietly)
    return row is not None


def write(tx: Tx, live: Live, row: Row, *, quietly: bool = False) -> None:
    """One more row, and what is told of it. `quietly`: nobody is told of this one by itself."""
    sitting = live.row
    write_row(tx, sitting.organisation_id, sitting.id, len(live.rows) + 1, row)
    before = live.state
    live.rows.append(row)
    _settle(tx, live)
    if not quietly:
        _tell(tx, live, row)
    if row.state in ENDED and before not in ENDED:
        fact = HandedIn(
            organisation_id=sitting.organisation_id,
            exam_id=sitting.exam_id,
            sitting_id=sitting.id,
            person_id=sitting.person_id,
            state=row.state.value,
            at=row.at,
        )
        tx.emit(fact)


async def reckon_anew(tx: Tx, exam: Exam, person: PersonId | None = None) -> None:
    """The exam's times changed, or somebody's allowance: its sittings end when they say now."""
    query = select(Sitting).where(Sitting.organisation_id == exam.organisation_id, Sitting.exam_id == exam.id)
    if person:
        query = query.where(Sitting.person_id == person)
    for live in await load_all(tx, await tx.all(query), exam):
        live.row.due_at = timing.deadline(live.rows, live.rules)
        if live.row.due_at is not None:
            fact = SittingTold(
                organisation_id=exam.organisation_id,
                sitting_id=live.row.id,
                act="clock",
                state=live.state.value,
                at=tx.now,
            )
            tx.emit(fact)


def heard(tx: Tx, live: Live) -> None:
    """Its device gave a sign of life."""
    live.row.seen_at = tx.now
    if live.state is State.INTERRUPTED:
        move(tx, live, Act.RETURN, "learner")


def is_silent(seen_at: datetime | None, moved_at: datetime, now: datetime) -> bool:
    """Whether a running sitting counts as lost, unless an answer came meanwhile."""
    return max(seen_at or moved_at, moved_at) + SILENCE <= now


def _settle(tx: Tx, live: Live) -> None:
    row = live.row
    row.due_at = timing.deadline(live.rows, live.rules)
    row.quiet_at = tx.now + SILENCE if live.state is State.RUNNING else None
    if row.began_at is None and live.state is State.RUNNING:
        row.began_at = live.rows[-1].at


def _tell(tx: Tx, live: Live, row: Row) -> None:
    sitting = live.row
    moved = SittingMoved(
        organisation_id=sitting.organisation_id,
        exam_id=sitting.exam_id,
        sitting_id=sitting.id,
        act=row.act.value,
        state=row.state.value,
        at=row.at,
    )
    tx.emit(moved)
    if row.by != "learner":
        tell_learner(tx, sitting, row.act.value, row.state, row.at)


def tell_learner(tx: Tx, sitting: Sitting, act: str, state: State, at: datetime) -> None:
    told = SittingTold(
        organisation_id=sitting.organisation_id, sitting_id=sitting.id, act=act, state=state.value, at=at
    )
    tx.emit(told)


async def _last_sign(tx: Tx, row: Sitting) -> datetime:
    """An answer is a sign too; it does not say so in the sitting's row, which costs less."""
    here = (Answer.organisation_id == row.organisation_id) & (Answer.sitting_id == row.id)
    found = await tx.one(select(func.max(Answer.at)).where(here, Answer.device == row.device))
    return max(one for one in (row.seen_at, found, row.made_at) if one)


async def by_ids(tx: Tx, sittings: Collection[SittingId]) -> list[Sitting]:
    return list(await tx.all(select(Sitting).where(Sitting.id.in_(sittings))))
