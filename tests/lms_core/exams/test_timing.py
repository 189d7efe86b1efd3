"""The clock of a sitting, moment by moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from lms_core.exams.core import WHO, Act, Row, State, moved, state_of
from lms_core.exams.timing import (
    Allowance,
    ExamNotOpen,
    LastSection,
    Rules,
    allowed,
    check_entry,
    deadline,
    due,
    left,
    turned,
)

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
NONE = timedelta()


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def at(n: float) -> datetime:
    return START + minutes(n)


def sat(*moves: tuple[str, float] | tuple[str, float, float]) -> list[Row]:
    """A sitting started at minute 0 and moved so: act, minute, and minutes added."""
    rows = [Row(Act.START, State.RUNNING, START, "learner")]
    for name, when, *added in moves:
        act = Act(name)
        by = sorted(WHO[act])[0]
        row = moved(rows, act, at(when), by, why="because", added=minutes(added[0]) if added else None)
        assert row is not None
        rows.append(row)
    return rows


HOUR = Rules(minutes(60))


@pytest.mark.parametrize(
    ("rules", "moves", "now", "whole", "until"),
    [
        (HOUR, [], 0, 60, 60),
        (HOUR, [], 25, 35, 60),
        (HOUR, [], 99, 0, 60),
        (HOUR, [("lose", 10), ("return", 30)], 30, 30, 60),
        (Rules(minutes(60), interrupted="stands"), [("lose", 10), ("return", 30)], 30, 50, 80),
        (Rules(minutes(60), interrupted="stands"), [("lose", 10)], 500, 50, None),
        (Rules(minutes(60), interrupted="grace", grace=minutes(5)), [("lose", 10)], 12, 50, 65),
        (Rules(minutes(60), interrupted="grace", grace=minutes(5)), [("lose", 10)], 20, 45, 65),
        # the grace is for all losses together: who pulls the plug again gains nothing more
        (
            Rules(minutes(60), interrupted="grace", grace=minutes(5)),
            [("lose", 10), ("return", 13), ("lose", 20), ("return", 30)],
            30,
            35,
            65,
        ),
        (HOUR, [("pause", 10)], 500, 50, None),
        (HOUR, [("pause", 10), ("resume", 100)], 110, 40, 150),
        (HOUR, [("terminate", 10), ("reactivate", 20)], 30, 40, 70),
        (HOUR, [("add_time", 10, 7)], 10, 57, 67),
        (HOUR, [("pause", 10), ("add_time", 11, 7), ("resume", 12)], 12, 57, 69),
        (Rules(None), [], 5000, None, None),
        (Rules(minutes(60), ends_at=at(40)), [], 10, 50, 40),
        (Rules(minutes(60), ends_at=at(40)), [("pause", 10), ("resume", 15)], 20, 45, 45),
        (Rules(None, interrupted="stands", ends_at=at(40)), [("lose", 10)], 20, None, 40),
    ],
)
def test_time_left(rules: Rules, moves: list, now: float, whole: float | None, until: float | None) -> None:
    found = left(sat(*moves), rules, at(now))
    assert found.whole == (None if whole is None else minutes(whole))
    assert found.deadline == (None if until is None else at(until))


@pytest.mark.parametrize(
    ("rules", "moves", "now", "stands"),
    [
        (HOUR, [], 1, False),
        (HOUR, [("lose", 1)], 2, False),
        (HOUR, [("pause", 1)], 2, True),
        (Rules(minutes(60), interrupted="grace", grace=minutes(5)), [("lose", 1)], 3, True),
        (Rules(minutes(60), interrupted="grace", grace=minutes(5)), [("lose", 1)], 7, False),
    ],
)
def test_whether_it_stands(rules: Rules, moves: list, now: float, stands: bool) -> None:
    assert left(sat(*moves), rules, at(now)).stands is stands


SECTIONS = Rules(None, (minutes(10), None, minutes(20)))


def test_each_section_has_its_own_time_and_who_leaves_one_early_gains_none_in_the_next() -> None:
    rows = sat()
    assert left(rows, SECTIONS, at(4)).section == minutes(6)
    rows.append(turned(rows, SECTIONS, at(4), "learner-1"))
    assert (left(rows, SECTIONS, at(50)).section, deadline(rows, SECTIONS)) == (None, None)
    rows.append(turned(rows, SECTIONS, at(50), "learner-1"))
    assert (left(rows, SECTIONS, at(55)).section, deadline(rows, SECTIONS)) == (minutes(15), at(70))
    with pytest.raises(LastSection):
        turned(rows, SECTIONS, at(56), "learner-1")


def test_what_is_due_is_written_at_the_moment_it_was_due() -> None:
    rules = Rules(None, (minutes(10), minutes(5), minutes(20)))
    owed = due(sat(), rules, at(600))
    assert [(row.act, row.at, row.section) for row in owed] == [
        (Act.TURN, at(10), 1),
        (Act.TURN, at(15), 2),
        (Act.TIME_UP, at(35), 2),
    ]
    assert due(sat(), rules, at(9)) == []
    assert due([*sat(), *owed], rules, at(900)) == []


def test_the_whole_ends_before_its_sections_do() -> None:
    rules = Rules(minutes(12), (minutes(10), minutes(10)))
    assert [(row.act, row.at) for row in due(sat(), rules, at(60))] == [(Act.TURN, at(10)), (Act.TIME_UP, at(12))]
    closing = Rules(None, (minutes(10), minutes(10)), ends_at=at(7))
    assert [(row.act, row.at) for row in due(sat(), closing, at(60))] == [(Act.TIME_UP, at(7))]


STEPS = Rules(minutes(60), (minutes(10), None), steps=(0, 0, 0, 1, 1))


def test_where_one_question_is_open_each_is_a_step_and_its_section_keeps_its_time() -> None:
    rows = sat()
    rows.append(turned(rows, STEPS, at(4), "learner-1"))
    assert (rows[-1].section, left(rows, STEPS, at(6)).section) == (1, minutes(4))
    for when in (7, 8):
        rows.append(turned(rows, STEPS, at(when), "learner-1"))
    assert (rows[-1].section, left(rows, STEPS, at(9)).section) == (3, None)
    rows.append(turned(rows, STEPS, at(9), "learner-1"))
    with pytest.raises(LastSection):
        turned(rows, STEPS, at(10), "learner-1")
    assert [(row.act, row.at) for row in due(rows, STEPS, at(90))] == [(Act.TIME_UP, at(60))]


def test_when_a_sections_time_is_up_what_it_still_has_is_stepped_over_at_once() -> None:
    owed = due(sat(("turn", 2), ("add_time", 3, 5)), STEPS, at(90))
    assert [(row.act, row.at, row.section) for row in owed] == [(Act.TURN, at(15), 3), (Act.TIME_UP, at(65), 3)]
    last = replace(STEPS, whole=None, sections=(minutes(10), minutes(5)))
    owed = due(sat(), last, at(90))
    assert [(row.act, row.at, row.section) for row in owed] == [(Act.TURN, at(10), 3), (Act.TIME_UP, at(15), 3)]


def test_added_time_is_for_the_section_it_is_added_in() -> None:
    rules = Rules(None, (minutes(10), minutes(10)))
    rows = sat(("add_time", 5, 3))
    assert [row.at for row in due(rows, rules, at(60))] == [at(13), at(23)]


def test_time_runs_out_while_the_line_is_lost() -> None:
    rules = Rules(minutes(60), interrupted="grace", grace=minutes(5))
    (up,) = due(sat(("lose", 50)), rules, at(300))
    assert (up.act, up.state, up.at) == (Act.TIME_UP, State.HANDED_IN, at(65))


def test_who_never_came_is_missed_when_entry_closes() -> None:
    rules = Rules(minutes(60), closes_at=at(15))
    (missed,) = due([], rules, at(20))
    assert (missed.act, missed.state, missed.at) == (Act.MISS, State.MISSED, at(15))
    checking = [Row(Act.CHECK_IN, State.CHECKING, at(1), "learner")]
    assert state_of([*checking, *due(checking, rules, at(15))]) is State.MISSED


def test_who_was_admitted_and_never_began_is_missed_too() -> None:
    rules = Rules(minutes(60), closes_at=at(15))
    early, late = ([Row(Act.ADMIT, State.READY, at(when), "proctor")] for when in (1, 14))
    assert [row.at for row in due(early, rules, at(90))] == [at(15)]
    assert [row.at for row in due(late, rules, at(90))] == [at(24)], (
        "however late a proctor was, there is time to begin"
    )
    assert [row.at for row in due(early, replace(rules, ends_at=at(70)), at(90))] == [at(70)]
    assert due(early, Rules(minutes(60)), at(900)) == []


def test_entry_has_its_hours() -> None:
    rules = Rules(minutes(60), opens_at=at(0), closes_at=at(15))
    check_entry(rules, at(0))
    check_entry(rules, at(14))
    for moment in (at(-1), at(15)):
        with pytest.raises(ExamNotOpen) as no:
            check_entry(rules, moment)
        assert no.value.params == {"opens_at": at(0).isoformat(), "closes_at": at(15).isoformat()}


@pytest.mark.req("S456-27.14")
def test_a_learners_own_allowance() -> None:
    rules = Rules(minutes(60), (minutes(20), None, minutes(40)), ends_at=at(90))
    half_more = allowed(rules, Allowance(Fraction(3, 2)))
    assert (half_more.whole, half_more.sections) == (minutes(90), (minutes(30), None, minutes(60)))
    assert half_more.ends_at == at(120)
    extra = allowed(rules, Allowance(extra=minutes(15)))
    assert (extra.whole, extra.sections, extra.ends_at) == (minutes(75), (minutes(25), None, minutes(50)), at(105))
    only_sections = allowed(Rules(None, (minutes(10), minutes(20)), ends_at=at(60)), Allowance(extra=minutes(9)))
    assert (only_sections.sections, only_sections.ends_at) == ((minutes(13), minutes(26)), at(69))
    odd = allowed(Rules(timedelta(seconds=100)), Allowance(Fraction(4, 3)))
    assert odd.whole == timedelta(seconds=134)
    assert allowed(rules, Allowance()) == rules


def test_a_clock_that_is_set_back_gives_no_time() -> None:
    rows = sat(("lose", 30), ("return", 20))
    assert rows[-1].at == at(30)
    assert left(rows, HOUR, at(10)).whole == minutes(30)
