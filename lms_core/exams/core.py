"""The sitting: its states, who may move it, and what each move leaves behind.

Each change is a row (who, when, why); the newest row is the state, and nothing stands beside the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from lms_core.kernel.errors import Forbidden, Refusal

LONGEST_WHY = 1000
KEEP = timedelta(days=3 * 365)
"""What a mark rests on; a house rule, of the tables' own words."""
MOST_ADDED = timedelta(hours=24)
"""At once."""


class State(StrEnum):
    PLANNED = "planned"
    CHECKING = "checking"
    READY = "ready"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    PAUSED = "paused"
    HANDED_IN = "handed_in"
    TERMINATED = "terminated"
    ACCEPTED = "accepted"
    VOIDED = "voided"
    MISSED = "missed"


class Act(StrEnum):
    CHECK_IN = "check_in"
    ADMIT = "admit"
    START = "start"
    LOSE = "lose"
    RETURN = "return"
    PAUSE = "pause"
    RESUME = "resume"
    HAND_IN = "hand_in"
    TIME_UP = "time_up"
    TERMINATE = "terminate"
    REACTIVATE = "reactivate"
    ACCEPT = "accept"
    VOID = "void"
    MISS = "miss"
    ADD_TIME = "add_time"
    TURN = "turn"


By = Literal["learner", "proctor", "examiner", "server"]
"""In which part somebody moves a sitting: whose it is, who watches it, who answers for the exam, or nobody."""

_UNDER_WAY = (State.RUNNING, State.INTERRUPTED, State.PAUSED)

TABLE: dict[tuple[State, Act], State] = {
    (State.PLANNED, Act.CHECK_IN): State.CHECKING,
    (State.CHECKING, Act.ADMIT): State.READY,
    (State.READY, Act.START): State.RUNNING,
    (State.RUNNING, Act.LOSE): State.INTERRUPTED,
    (State.INTERRUPTED, Act.RETURN): State.RUNNING,
    (State.RUNNING, Act.PAUSE): State.PAUSED,
    (State.INTERRUPTED, Act.PAUSE): State.PAUSED,
    (State.PAUSED, Act.RESUME): State.RUNNING,
    **{(state, Act.HAND_IN): State.HANDED_IN for state in _UNDER_WAY},
    **{(state, Act.TIME_UP): State.HANDED_IN for state in _UNDER_WAY},
    **{(state, Act.TERMINATE): State.TERMINATED for state in _UNDER_WAY},
    (State.TERMINATED, Act.REACTIVATE): State.RUNNING,
    (State.HANDED_IN, Act.ACCEPT): State.ACCEPTED,
    (State.HANDED_IN, Act.VOID): State.VOIDED,
    (State.TERMINATED, Act.ACCEPT): State.ACCEPTED,
    (State.TERMINATED, Act.VOID): State.VOIDED,
    (State.PLANNED, Act.MISS): State.MISSED,
    (State.CHECKING, Act.MISS): State.MISSED,
    (State.READY, Act.MISS): State.MISSED,
    # time is added, or a section is turned, and the state stays
    **{(state, Act.ADD_TIME): state for state in (*_UNDER_WAY, State.TERMINATED)},
    (State.RUNNING, Act.TURN): State.RUNNING,
    (State.INTERRUPTED, Act.TURN): State.INTERRUPTED,
}
"""state, act → the next state. What is not in it is refused."""

AGAIN: frozenset[tuple[State, Act]] = frozenset({
    (State.CHECKING, Act.CHECK_IN), (State.READY, Act.ADMIT), (State.RUNNING, Act.START),
    (State.INTERRUPTED, Act.LOSE), (State.RUNNING, Act.RETURN), (State.PAUSED, Act.PAUSE),
    (State.HANDED_IN, Act.HAND_IN), (State.HANDED_IN, Act.TIME_UP), (State.MISSED, Act.MISS),
})  # fmt: skip
"""Asked for what is so already (a second click, an answer that was lost on the way): no refusal, and no row."""

WHO: dict[Act, frozenset[By]] = {
    Act.CHECK_IN: frozenset({"learner"}),
    Act.ADMIT: frozenset({"proctor", "examiner", "server"}),
    Act.START: frozenset({"learner"}),
    Act.LOSE: frozenset({"server"}),
    Act.RETURN: frozenset({"learner", "server"}),
    Act.PAUSE: frozenset({"proctor", "examiner"}),
    Act.RESUME: frozenset({"proctor", "examiner"}),
    Act.HAND_IN: frozenset({"learner", "proctor", "examiner"}),
    Act.TIME_UP: frozenset({"server"}),
    Act.TERMINATE: frozenset({"proctor", "examiner"}),
    Act.REACTIVATE: frozenset({"proctor", "examiner"}),
    Act.ACCEPT: frozenset({"examiner"}),
    Act.VOID: frozenset({"examiner"}),
    Act.MISS: frozenset({"examiner", "server"}),
    Act.ADD_TIME: frozenset({"proctor", "examiner"}),
    Act.TURN: frozenset({"learner", "server"}),
}
WITH_REASON = frozenset({Act.TERMINATE, Act.REACTIVATE, Act.VOID, Act.ADD_TIME})


class SittingMoveUnfit(Refusal):
    """A sitting in `state` cannot do `act`."""

    code, status = "sitting_move_unfit", 409


class ReasonMissing(Refusal):
    """What is done to another's sitting is explained, in `limit` characters at most."""

    code, status = "reason_missing", 422


class AddedTimeUnfit(Refusal):
    """Time is added, never taken: more than nothing and at most `most` seconds at once."""

    code, status = "added_time_unfit", 422


@dataclass(frozen=True, slots=True)
class Row:
    """One change. `who`: a person's id, "" for the server. `added`: the time an ADD_TIME gives. `section`: the one
    that is begun with this row or goes on in it, from 0; a question where one is open at a time."""

    act: Act
    state: State
    at: datetime
    by: By
    who: str = ""
    why: str = ""
    added: timedelta = timedelta()
    section: int = 0


def state_of(rows: Sequence[Row]) -> State:
    return rows[-1].state if rows else State.PLANNED


def moved(
    rows: Sequence[Row],
    act: Act,
    now: datetime,
    by: By,
    *,
    who: str = "",
    why: str = "",
    added: timedelta | None = None,
) -> Row | None:
    """The row that an act adds; None where it is so already. It is never earlier than the row before it.

    Raises SittingMoveUnfit, Forbidden, ReasonMissing, AddedTimeUnfit.
    """
    state = state_of(rows)
    if by not in WHO[act]:
        raise Forbidden
    if (state, act) in AGAIN:
        return None
    if (state, act) not in TABLE:
        raise SittingMoveUnfit(state=state.value, act=act.value)
    why = why.strip()
    if (act in WITH_REASON and not why) or len(why) > LONGEST_WHY:
        raise ReasonMissing(limit=LONGEST_WHY)
    if (act is Act.ADD_TIME) != (added is not None) or (added is not None and not timedelta() < added <= MOST_ADDED):
        raise AddedTimeUnfit(most=int(MOST_ADDED.total_seconds()))
    at = max(now, rows[-1].at) if rows else now
    section = (rows[-1].section if rows else 0) + (act is Act.TURN)
    return Row(act, TABLE[state, act], at, by, who, why, added or timedelta(), section)
