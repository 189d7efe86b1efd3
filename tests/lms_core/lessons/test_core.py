"""A lesson's states, and wall time."""

from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.lessons import core
from lms_core.lessons.core import LessonEnded, LessonNotOpen, State

ALMATY = "Asia/Almaty"
START = datetime(2026, 10, 22, 4, 50, tzinfo=UTC)
END = START + timedelta(minutes=45)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


class LessonMachine(RuleBasedStateMachine):
    """Whatever is tried in whatever order: in the room only while open, never planned again, never lost."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.was_open = State.PLANNED, False

    @rule()
    def open(self) -> None:
        self.state, self.was_open = core.after(self.state, "open"), True
        assert self.state is State.OPEN

    @rule()
    def end(self) -> None:
        try:
            self.state = core.after(self.state, "end")
        except LessonNotOpen:
            assert not self.was_open
        else:
            assert self.state is State.ENDED

    @rule()
    def enter(self) -> None:
        try:
            assert core.after(self.state, "enter") is self.state is State.OPEN
        except LessonNotOpen:
            assert self.state is State.PLANNED
        except LessonEnded:
            assert self.state is State.ENDED

    @invariant()
    def planned_means_never_opened(self) -> None:
        assert (self.state is State.PLANNED) == (not self.was_open)


TestLessonMachine = LessonMachine.TestCase


def test_the_table_answers_everything() -> None:
    assert set(core.NEXT) == {(state, act) for state in State for act in get_args(core.Act)}


@pytest.mark.parametrize("state", [State.PLANNED, State.ENDED])
@pytest.mark.parametrize(
    ("wall", "no"),
    [
        ("2026-10-21T23:59", LessonNotOpen),
        ("2026-10-22T00:00", None),
        ("2026-10-22T23:59", None),
        ("2026-10-23T00:00", LessonEnded),
    ],
)
def test_a_lesson_is_opened_on_its_own_local_day(state: State, wall: str, no: type[Refusal] | None) -> None:
    now = core.moment(datetime.fromisoformat(wall), ALMATY)
    if no is None:
        core.check_day(state, START, END, now, ALMATY)
    else:
        with pytest.raises(no):
            core.check_day(state, START, END, now, ALMATY)
        core.check_day(State.OPEN, START, END, now, ALMATY)


def test_a_lesson_over_midnight_has_two_days() -> None:
    starts = core.moment(datetime(2026, 10, 22, 23, 40), ALMATY)  # noqa: DTZ001
    core.check_day(State.PLANNED, starts, starts + core.LENGTH, starts + timedelta(minutes=30), ALMATY)


@given(st.booleans(), moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=3)), moments)
def test_what_is_left_open_ends_some_time_after_it_was_opened(
    planned: bool, starts_at: datetime, length: timedelta, opened_at: datetime
) -> None:
    due = core.left_open_at(planned, starts_at, starts_at + length, opened_at)
    assert due >= opened_at + core.LEFT_OPEN
    assert not planned or due >= starts_at + length + core.LEFT_OPEN


def test_on_now_then_coming_then_past_and_what_is_open_first() -> None:
    now, hour = START + timedelta(minutes=5), timedelta(hours=1)
    given = {
        "open late": (State.OPEN, START - hour, END - hour),
        "on now": (State.PLANNED, START, END),
        "coming": (State.PLANNED, START + hour, END + hour),
        "coming later": (State.PLANNED, START + 2 * hour, END + 2 * hour),
        "missed": (State.PLANNED, START - 2 * hour, END - 2 * hour),
        "ended": (State.ENDED, START, END),
    }
    assert sorted(given, key=lambda name: core.rank(*given[name], now)) == list(given)


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(("Asia/Almaty", "Europe/Berlin", "America/New_York"))
)
def test_days_follow_each_other_without_gap_or_overlap(day: date, zone: str) -> None:
    first, after = core.day_bounds(day, zone)
    assert core.day_bounds(day + timedelta(days=1), zone)[0] == after
    assert core.local_time(first, zone) == datetime.combine(day, time())
    assert timedelta(hours=23) <= after - first <= timedelta(hours=25)


@pytest.mark.parametrize("day", [date.min, date.max, date(1999, 12, 31)])
def test_a_day_far_from_any_school_is_malformed(day: date) -> None:
    with pytest.raises(Malformed):
        core.day_bounds(day, ALMATY)


def test_a_title_may_be_empty_but_not_endless() -> None:
    assert core.clean_title(" \0 ") == ""
    assert core.clean_title("a\n\u202eb") == "a b"
    with pytest.raises(core.LessonTitleTooLong):
        core.clean_title("ә" * 201)
