"""The sitting's table: every state with every act by everybody."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from lms_core.exams.core import (
    AGAIN,
    MOST_ADDED,
    TABLE,
    WHO,
    WITH_REASON,
    Act,
    AddedTimeUnfit,
    ReasonMissing,
    Row,
    SittingMoveUnfit,
    State,
    moved,
    state_of,
)
from lms_core.kernel.errors import Forbidden, Refusal

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LAW = """
planned check_in checking · checking admit ready · ready start running · running lose interrupted
interrupted return running · running pause paused · interrupted pause paused · paused resume running
running hand_in handed_in · interrupted hand_in handed_in · paused hand_in handed_in
running time_up handed_in · interrupted time_up handed_in · paused time_up handed_in
running terminate terminated · interrupted terminate terminated · paused terminate terminated
terminated reactivate running · handed_in accept accepted · handed_in void voided · terminated accept accepted
terminated void voided · planned miss missed · checking miss missed · ready miss missed
"""


def in_state(state: State) -> list[Row]:
    return [Row(Act.START, state, NOW, "server")] if state is not State.PLANNED else []


def move(rows: list[Row], act: Act, by: str | None = None, at: datetime = NOW) -> Row | None:
    added = MINUTE if act is Act.ADD_TIME else None
    return moved(rows, act, at, by or sorted(WHO[act])[0], who="p", why="because", added=added)  # type: ignore[arg-type]


@pytest.mark.req("S456-27.14")
def test_a_sitting_changes_its_state_as_its_table_says_and_not_otherwise() -> None:
    words = [line.split() for line in LAW.replace("\n", " · ").split(" · ") if line.strip()]
    wanted = {(State(a), Act(act)): State(b) for a, act, b in words}
    found = {}
    for state, act in product(State, Act):
        try:
            row = move(in_state(state), act)
        except SittingMoveUnfit as no:
            assert no.params == {"state": state, "act": act}
            continue
        if row is not None and row.state is not state:
            found[state, act] = row.state
    assert found == wanted


def test_asked_for_again_nothing_changes_and_nothing_is_refused() -> None:
    assert {(s, a) for s, a in product(State, Act) if (s, a) in AGAIN} == {
        (s, a) for s, a in product(State, Act) if _is_none(s, a)
    }
    assert not AGAIN & TABLE.keys()


def _is_none(state: State, act: Act) -> bool:
    try:
        return move(in_state(state), act) is None
    except Refusal:
        return False


def test_only_who_may_moves_it() -> None:
    for (state, act), by in product(TABLE, ("learner", "proctor", "examiner", "server")):
        if by in WHO[act]:
            assert move(in_state(state), act, by)
        else:
            with pytest.raises(Forbidden):
                move(in_state(state), act, by)
    assert not WHO[Act.VOID] & {"learner", "server", "proctor"}
    assert not any("learner" in WHO[act] for act in (Act.ADMIT, Act.RESUME, Act.ADD_TIME, Act.ACCEPT, Act.LOSE))


@pytest.mark.parametrize("act", sorted(WITH_REASON))
@pytest.mark.parametrize("why", ["", " \n ", "a" * 1001])
def test_what_is_done_to_anothers_sitting_is_explained(act: Act, why: str) -> None:
    state = next(state for state, one in TABLE if one is act)
    added = MINUTE if act is Act.ADD_TIME else None
    with pytest.raises(ReasonMissing):
        moved(in_state(state), act, NOW, "examiner", why=why, added=added)


@pytest.mark.parametrize("added", [None, timedelta(), -MINUTE, MOST_ADDED + MINUTE])
def test_time_is_only_ever_added(added: timedelta | None) -> None:
    with pytest.raises(AddedTimeUnfit):
        moved(in_state(State.RUNNING), Act.ADD_TIME, NOW, "proctor", why="fire alarm", added=added)


def test_other_moves_add_no_time() -> None:
    with pytest.raises(AddedTimeUnfit):
        moved(in_state(State.RUNNING), Act.PAUSE, NOW, "proctor", added=MINUTE)


def test_a_row_says_who_when_and_why_and_is_never_before_the_one_before_it() -> None:
    rows = in_state(State.RUNNING)
    row = moved(rows, Act.TERMINATE, NOW - MINUTE, "proctor", who="p7", why=" two people ")
    assert row is not None
    assert row == Row(Act.TERMINATE, State.TERMINATED, NOW, "proctor", "p7", "two people")
    assert state_of([*rows, row]) is State.TERMINATED


def test_turning_begins_the_next_section_and_every_later_row_stays_in_it() -> None:
    rows = in_state(State.RUNNING)
    for act in (Act.TURN, Act.LOSE, Act.RETURN, Act.TURN, Act.PAUSE):
        row = move(rows, act, "server" if "server" in WHO[act] else None)
        assert row is not None
        rows.append(row)
    assert [row.section for row in rows] == [0, 1, 1, 1, 2, 2]
