"""The clock of a sitting: how much time is left, and when what is due, reckoned from the rows alone.

Only the server's moments count. Nothing is kept beside the rows, so a restart can neither give nor take time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from lms_core.kernel.errors import Refusal

from .core import Act, Row, State, moved, state_of

NOTHING = timedelta()
BEGIN = timedelta(minutes=10)
"""For so long at least who was admitted may begin, however late that was."""
_SECOND = timedelta(seconds=1)


class LastSection(Refusal):
    """There is no section or question after this one, or all are open at once: hand in instead."""

    code, status = "last_section", 409


class ExamNotOpen(Refusal):
    """Entry is from `opens_at` on and until `closes_at`."""

    code, status = "exam_not_open", 409


@dataclass(frozen=True, slots=True)
class Allowance:
    """A learner's own time: everything times `factor`, and `extra` more."""

    factor: Fraction = Fraction(1)
    extra: timedelta = NOTHING


@dataclass(frozen=True, slots=True)
class Rules:
    """How an exam's time is reckoned.

    `whole`: for the sitting, None without a limit. `sections`: of each section in order; empty where only the whole
    counts, None within it for one without a limit. `interrupted`: what the clock does while the line is lost: it
    runs, or stands, or stands until all losses of the sitting together reach `grace`. `opens_at`, `closes_at`: when
    one may enter. `ends_at`: when even who entered late must end; it moves with allowance, pauses and added time.
    `late`: for how long after the end an answer is taken that was written before it. `steps`: where one question is
    open at a time, the section of each; what a row calls a section is then a step.
    """

    whole: timedelta | None
    sections: tuple[timedelta | None, ...] = ()
    interrupted: Literal["runs", "grace", "stands"] = "runs"
    grace: timedelta = NOTHING
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    ends_at: datetime | None = None
    late: timedelta = timedelta(minutes=2)
    steps: tuple[int, ...] = ()

    def part(self, step: int) -> int:
        """The section of a step."""
        return self.steps[step] if self.steps else step

    def after(self, step: int) -> int | None:
        """The first step of the section after that of a step."""
        parts = self.steps or range(len(self.sections))
        return next((at for at, one in enumerate(parts) if at > step and one > self.part(step)), None)

    def is_last(self, step: int) -> bool:
        return step + 1 >= len(self.steps or self.sections)


@dataclass(frozen=True, slots=True)
class Left:
    """`whole`, `section`: time left, None without a limit. `deadline`: when it is up if nothing changes, None while
    the clock stands. `stands`: whether it stands now."""

    whole: timedelta | None
    section: timedelta | None
    deadline: datetime | None
    stands: bool


def check_entry(rules: Rules, now: datetime) -> None:
    """Raises ExamNotOpen."""
    if (rules.opens_at and now < rules.opens_at) or (rules.closes_at and now >= rules.closes_at):
        opens, closes = (moment.isoformat() if moment else None for moment in (rules.opens_at, rules.closes_at))
        raise ExamNotOpen(opens_at=opens, closes_at=closes)


def allowed(rules: Rules, allowance: Allowance) -> Rules:
    """The exam's rules for one learner. Extra time is shared among the sections by their length."""

    def longer(time: timedelta) -> timedelta:
        return _times(time, allowance.factor)

    whole = None if rules.whole is None else longer(rules.whole) + allowance.extra
    timed = sum((time for time in rules.sections if time), NOTHING)
    sections = tuple(
        time and longer(time) + _times(allowance.extra, Fraction(time // _SECOND, max(1, timed // _SECOND)))
        for time in rules.sections
    )
    gained = allowance.extra
    if rules.whole is not None and whole is not None:
        gained = whole - rules.whole
    elif timed:
        gained = sum((time for time in sections if time), NOTHING) - timed
    ends_at = rules.ends_at + gained if rules.ends_at else None
    return replace(rules, whole=whole, sections=sections, ends_at=ends_at)


def left(rows: Sequence[Row], rules: Rules, now: datetime) -> Left:
    """What is left at `now`; never less than nothing."""
    spent = _spent(rows, rules, now)
    whole = None if rules.whole is None else max(NOTHING, rules.whole + spent.added - spent.whole)
    limit = _limit(rules, spent.section)
    section = None if limit is None else max(NOTHING, limit + spent.added_here - spent.here)
    free = rules.grace - spent.graced if rules.interrupted == "grace" else NOTHING
    state = state_of(rows)
    stands = state is not State.RUNNING and not (
        state is State.INTERRUPTED and rules.interrupted != "stands" and free <= NOTHING
    )
    return Left(whole, section, deadline(rows, rules), stands)


def deadline(rows: Sequence[Row], rules: Rules) -> datetime | None:
    """When the server must act next if nobody else does: entry is over, a section or the sitting ends."""
    state = state_of(rows)
    if state in (State.PLANNED, State.CHECKING):
        return rules.closes_at
    if state is State.READY:
        over = rules.ends_at or rules.closes_at
        return over and max(over, rows[-1].at + BEGIN)
    if state not in (State.RUNNING, State.INTERRUPTED):
        return None
    since, spent = rows[-1].at, _spent(rows, rules, rows[-1].at)
    limit = _limit(rules, spent.section)
    ends = [rules.whole + spent.added - spent.whole] if rules.whole is not None else []
    ends += [limit + spent.added_here - spent.here] if limit is not None else []
    moments = []
    if ends and not (state is State.INTERRUPTED and rules.interrupted == "stands"):
        free = NOTHING
        if state is State.INTERRUPTED and rules.interrupted == "grace":
            free = rules.grace - spent.graced
        moments.append(since + free + max(NOTHING, min(ends)))
    if rules.ends_at:
        moments.append(max(since, rules.ends_at + spent.stood + spent.added))
    return min(moments, default=None)


def due(rows: Sequence[Row], rules: Rules, now: datetime) -> list[Row]:
    """The rows that the server owes at `now`, each at the moment it was due, however late somebody looks."""
    found = list(rows)
    while (moment := deadline(found, rules)) is not None and moment <= now:
        act, to = Act.TIME_UP, None
        if state_of(found) in (State.PLANNED, State.CHECKING, State.READY):
            act = Act.MISS
        elif (to := _next_section(found, rules, moment)) is not None:
            act = Act.TURN
        row = moved(found, act, moment, "server")
        assert row is not None
        found.append(row if to is None else replace(row, section=to))
    return found[len(rows) :]


def turned(rows: Sequence[Row], rules: Rules, now: datetime, who: str) -> Row:
    """A learner leaves a section or a step for good. Raises LastSection, SittingMoveUnfit."""
    if state_of(rows) is State.RUNNING and rules.is_last(rows[-1].section):
        raise LastSection
    row = moved(rows, Act.TURN, now, "learner", who=who)
    assert row is not None
    return row


@dataclass(slots=True)
class _Spent:
    """`here`, `added_here`: in the section of the newest row. `graced`: how long the clock stood for lost lines.
    `stood`: how long it stood because somebody paused or ended the sitting."""

    section: int = 0
    whole: timedelta = NOTHING
    here: timedelta = NOTHING
    added: timedelta = NOTHING
    added_here: timedelta = NOTHING
    graced: timedelta = NOTHING
    stood: timedelta = NOTHING


def _spent(rows: Sequence[Row], rules: Rules, now: datetime) -> _Spent:
    spent = _Spent()
    for row, until in _spans(rows, now):
        if row.act is Act.TURN:
            if rules.part(row.section) != rules.part(spent.section):
                spent.here = spent.added_here = NOTHING
            spent.section = row.section
        spent.added += row.added
        spent.added_here += row.added
        length = max(NOTHING, until - row.at)
        if row.state is State.INTERRUPTED and rules.interrupted != "runs":
            free = length if rules.interrupted == "stands" else min(length, rules.grace - spent.graced)
            spent.graced += free
            length -= free
        if row.state in (State.RUNNING, State.INTERRUPTED):
            spent.whole += length
            spent.here += length
        elif row.state in (State.PAUSED, State.TERMINATED):
            spent.stood += length
    return spent


def _spans(rows: Sequence[Row], now: datetime) -> list[tuple[Row, datetime]]:
    """Each row and when it ended: with the next one, the newest at `now`."""
    ends = [(one, after.at) for one, after in pairwise(rows)]
    return [*ends, (rows[-1], max(now, rows[-1].at))] if rows else []


def _next_section(rows: Sequence[Row], rules: Rules, moment: datetime) -> int | None:
    """Where the section begins that follows one which ends at a moment; None where the whole ends."""
    spent = _spent(rows, rules, moment)
    over = rules.whole is not None and spent.whole >= rules.whole + spent.added
    closing = rules.ends_at is not None and moment >= rules.ends_at + spent.stood + spent.added
    return None if over or closing else rules.after(spent.section)


def _limit(rules: Rules, step: int) -> timedelta | None:
    return rules.sections[rules.part(step)] if rules.sections else None


def _times(time: timedelta, factor: Fraction) -> timedelta:
    """Rounded up to whole seconds."""
    seconds = Fraction(time // timedelta(microseconds=1), 1_000_000) * factor
    return timedelta(seconds=-(-seconds.numerator // seconds.denominator))
