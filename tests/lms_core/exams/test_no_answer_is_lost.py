"""No order of saves, cuts, hand-overs and restarts loses an acknowledged answer or lets time grow."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lms_core.exams.core import AGAIN, TABLE, WHO, Act, Row, State, moved, state_of
from lms_core.exams.saves import Held, Holder, Save, claim, judge
from lms_core.exams.timing import Rules, due, left, turned
from lms_core.kernel.errors import Refusal

START = datetime(2026, 12, 1, 9, tzinfo=UTC)
QUESTIONS = (0, 1, 2)
"""By their section, or by their step."""
DEVICES = ("phone", "desk")
RULES = [
    Rules(timedelta(minutes=30)),
    Rules(timedelta(minutes=30), interrupted="grace", grace=timedelta(minutes=3)),
    Rules(timedelta(minutes=30), interrupted="stands", ends_at=START + timedelta(minutes=40)),
    Rules(None, (timedelta(minutes=10),) * 3),
    Rules(timedelta(minutes=20), (timedelta(minutes=10),) * 3, "grace", timedelta(minutes=1)),
    Rules(timedelta(minutes=30), (None,), "stands", steps=(0, 0, 0)),
    Rules(None, (timedelta(minutes=10), timedelta(minutes=5)), steps=(0, 0, 1)),
]


class Sitting(RuleBasedStateMachine):
    """The server keeps `rows`, `held`, `holder`: the rest is reckoned anew at each step, as after a restart."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.latest = START
        self.exam = RULES[0]
        self.rows = [Row(Act.START, State.RUNNING, START, "learner")]
        self.held: dict[int, Held] = {}
        self.holder: Holder | None = None
        self.written: dict[tuple[str, int], int] = {}
        self.waiting: list[tuple[int, Save, datetime]] = []
        self.acknowledged: dict[int, int] = {}
        self.answers: dict[tuple[int, int], str] = {}
        self.seen = left(self.rows, self.exam, self.now)
        self.section = 0

    @precondition(lambda self: len(self.rows) == 1 and not self.waiting and self.now == START)
    @rule(number=st.integers(0, len(RULES) - 1))
    def another_exam(self, number: int) -> None:
        self.exam = RULES[number]
        self.seen = left(self.rows, self.exam, self.now)

    @rule(device=st.sampled_from(DEVICES), question=st.sampled_from(QUESTIONS), text=st.sampled_from("abc"))
    def writes(self, device: str, question: int, text: str) -> None:
        known = self.held[question].revision if question in self.held else 0
        revision = max(self.written.get((device, question), 0), known) + 1
        self.written[device, question] = revision
        self.waiting.append((question, Save(revision, text, device, section=question), self.now))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), again=st.booleans())
    def delivers(self, data: st.DataObject, again: bool) -> None:
        question, save, written = data.draw(st.sampled_from(self.waiting))
        if not again:
            self.waiting.remove((question, save, written))
        self._owed()
        aged = Save(save.revision, save.digest, save.device, self.now - written, save.section)
        held = self.held.get(question)
        try:
            answer = judge(aged, held, self.rows, self.exam, self.holder, self.now)
        except Refusal:
            return
        if answer.outcome == "taken":
            assert held is None or save.revision > held.revision
            self.held[question] = Held(save.revision, save.digest, save.device, self.now)
            self.answers[question, save.revision] = save.digest
        if answer.outcome == "again":
            assert self.answers[question, save.revision] == save.digest
        self.acknowledged[question] = max(self.acknowledged.get(question, 0), save.revision)

    @rule(device=st.sampled_from(DEVICES), bring=st.booleans())
    def opens(self, device: str, bring: bool) -> None:
        try:
            self.holder = claim(self.holder, device, self.now, bring=bring)
        except Refusal:
            assert not bring

    @rule(seconds=st.integers(-30, 400))
    def time_goes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)  # an administrator may set the server's clock back a little
        self.latest = max(self.latest, self.now)

    @rule(act=st.sampled_from([one for one in Act if one not in (Act.ADD_TIME, Act.TURN)]), data=st.data())
    def moves(self, act: Act, data: st.DataObject) -> None:
        self._owed()
        state = state_of(self.rows)
        by = data.draw(st.sampled_from(sorted(WHO[act])))
        try:
            row = moved(self.rows, act, self.now, by, why="because")
        except Refusal:
            assert (state, act) not in TABLE
            return
        assert (row is None) == ((state, act) in AGAIN)
        self.rows += [row] if row else []

    @rule(seconds=st.integers(1, 300))
    def adds_time(self, seconds: int) -> None:
        self._owed()
        before = left(self.rows, self.exam, self.latest)
        added = timedelta(seconds=seconds)
        try:
            row = moved(self.rows, Act.ADD_TIME, self.now, "proctor", why="because", added=added)
        except Refusal:
            return
        assert row is not None
        self.rows.append(row)
        self.seen = left(self.rows, self.exam, self.latest)
        if before.whole is not None and self.seen.whole is not None:
            assert self.seen.whole - before.whole <= added

    @rule()
    def turns(self) -> None:
        self._owed()
        try:
            self.rows.append(turned(self.rows, self.exam, self.now, "learner"))
        except Refusal:
            assert state_of(self.rows) is not State.RUNNING or self.exam.is_last(self.rows[-1].section)

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        for question, revision in self.acknowledged.items():
            assert self.held[question].revision >= revision
            assert self.held[question].digest == self.answers[question, self.held[question].revision]

    @invariant()
    def time_never_grows(self) -> None:
        found = left(self.rows, self.exam, self.latest)
        if found.whole is not None and self.seen.whole is not None:
            assert found.whole <= self.seen.whole
        same = self.exam.part(self.section) == self.exam.part(self.rows[-1].section)
        if same and found.section is not None and self.seen.section is not None:
            assert found.section <= self.seen.section
        self.seen, self.section = found, self.rows[-1].section

    @invariant()
    def rows_are_in_order_and_nothing_stands_beside_them(self) -> None:
        assert all(one.at <= after.at for one, after in zip(self.rows, self.rows[1:], strict=False))

    def _owed(self) -> None:
        for row in due(self.rows, self.exam, self.now):
            assert row.at <= self.now or row.at == self.rows[-1].at
            self.rows.append(row)
        assert due(self.rows, self.exam, self.now) == []


@pytest.mark.req("S456-27.14")
class TestSitting(Sitting.TestCase):
    settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
