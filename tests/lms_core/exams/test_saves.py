"""Saves of answers: twice, late, out of order, after the end, from elsewhere."""

from datetime import UTC, datetime, timedelta

import pytest

from lms_core.exams.core import Act, Row, State
from lms_core.exams.saves import (
    Answer,
    AnswerConflict,
    AnswerTooLate,
    Held,
    Holder,
    OtherDevice,
    Save,
    SectionNotOpen,
    SittingNotRunning,
    claim,
    judge,
)
from lms_core.exams.timing import Rules
from lms_core.kernel.errors import Malformed, Refusal

T = datetime(2026, 12, 1, 9, tzinfo=UTC)
RULES = Rules(timedelta(minutes=60), late=timedelta(seconds=120))
RUNNING = [Row(Act.START, State.RUNNING, T, "learner")]
HERE = Holder("here", T)


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def sent(
    revision: int = 1,
    digest: str = "a",
    *,
    device: str = "here",
    age: float = 0,
    section: int = 0,
    held: Held | None = None,
    rows: list[Row] = RUNNING,
    holder: Holder | None = HERE,
    now: float = 60,
) -> Answer:
    return judge(Save(revision, digest, device, seconds(age), section), held, rows, RULES, holder, T + seconds(now))


def ended(state: State, at: float = 100) -> list[Row]:
    return [*RUNNING, Row(Act.TIME_UP, state, T + seconds(at), "server")]


def test_a_save_is_taken_and_asked_again_it_is_acknowledged_again() -> None:
    held = Held(3, "a", "here", T)
    assert sent(1) == Answer("taken", 1)
    assert sent(3, "a", held=held) == Answer("again", 3)
    assert sent(2, "other", held=held) == Answer("older", 3)
    assert sent(9, held=held) == Answer("taken", 9)


def test_two_answers_under_one_revision_are_told_apart() -> None:
    with pytest.raises(AnswerConflict) as no:
        sent(3, "b", held=Held(3, "a", "here", T))
    assert no.value.params == {"revision": 3}


@pytest.mark.parametrize("state", [State.HANDED_IN, State.TERMINATED, State.PAUSED])
def test_after_the_end_what_was_written_before_it_is_taken_for_a_while(state: State) -> None:
    rows = ended(state)
    assert sent(age=50, rows=rows, now=150) == Answer("taken", 1, late=True)
    assert sent(age=120, rows=rows, now=220) == Answer("taken", 1, late=True)
    for age, now in ((10, 150), (0, 106), (500, 221)):
        with pytest.raises(AnswerTooLate) as no:
            sent(age=age, rows=rows, now=now)
        assert no.value.params == {"ended_at": (T + seconds(100)).isoformat(), "state": state, "late": 120}


def test_what_was_on_its_way_at_the_end_is_not_late_written() -> None:
    assert sent(age=0, rows=ended(State.HANDED_IN), now=104).late


def test_what_was_acknowledged_stays_acknowledged_after_the_end() -> None:
    assert sent(3, held=Held(3, "a", "here", T), rows=ended(State.ACCEPTED), now=9999) == Answer("again", 3)


def test_writing_ended_with_the_pause_and_not_with_what_came_after_it() -> None:
    rows = [*ended(State.PAUSED, 100), Row(Act.TERMINATE, State.TERMINATED, T + seconds(200), "proctor")]
    with pytest.raises(AnswerTooLate) as no:
        sent(age=40, rows=rows, now=210)
    assert no.value.params["ended_at"] == (T + seconds(100)).isoformat()
    again = [*rows, Row(Act.REACTIVATE, State.RUNNING, T + seconds(300), "proctor")]
    assert sent(age=40, rows=again, now=310) == Answer("taken", 1)


@pytest.mark.parametrize("state", [State.PLANNED, State.CHECKING, State.READY, State.MISSED, State.VOIDED])
def test_a_sitting_that_is_not_on_takes_none(state: State) -> None:
    with pytest.raises(SittingNotRunning):
        sent(rows=[Row(Act.ADMIT, state, T, "server")])


def test_a_section_that_was_left_is_closed_and_one_to_come_is_not_open() -> None:
    rows = [*RUNNING, Row(Act.TURN, State.RUNNING, T + seconds(100), "server", section=1)]
    assert sent(section=1, rows=rows, now=130) == Answer("taken", 1)
    assert sent(section=0, age=40, rows=rows, now=130).late
    with pytest.raises(AnswerTooLate):
        sent(section=0, age=10, rows=rows, now=130)
    with pytest.raises(SectionNotOpen):
        sent(section=2, rows=rows, now=130)


def test_one_device_at_a_time_and_it_changes_only_when_asked_to() -> None:
    assert claim(None, "here", T, bring=False) == HERE
    assert claim(HERE, "here", T + seconds(9), bring=True) == HERE
    with pytest.raises(OtherDevice) as no:
        claim(HERE, "there", T, bring=False)
    assert no.value.params == {"since": T.isoformat()}
    assert claim(HERE, "there", T + seconds(9), bring=True) == Holder("there", T + seconds(9), "here")
    for token in ("", "x" * 65):
        with pytest.raises(Malformed):
            claim(None, token, T, bring=True)


MOVED = Holder("there", T + seconds(50), "here")


def test_the_device_before_delivers_what_it_had_and_writes_no_more() -> None:
    assert sent(5, age=20, holder=MOVED) == Answer("taken", 5)
    assert sent(5, age=20, holder=MOVED, held=Held(4, "x", "here", T)) == Answer("taken", 5)
    refused = [
        {"age": 1, "holder": MOVED},
        {"age": 1000, "holder": MOVED, "now": 700},
        {"age": 20, "holder": MOVED, "held": Held(4, "x", "there", T)},
        {"revision": 4, "digest": "y", "age": 20, "holder": MOVED, "held": Held(4, "x", "there", T)},
        {"age": 20, "holder": MOVED, "device": "third"},
    ]
    for how in refused:
        with pytest.raises(OtherDevice):
            sent(**{"revision": 5, **how})


@pytest.mark.parametrize("revision", [0, -1, 1_000_001])
def test_revisions_count_from_one(revision: int) -> None:
    with pytest.raises(Malformed):
        sent(revision)
    with pytest.raises(Refusal):
        sent(1, age=-5)
