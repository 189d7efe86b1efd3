"""No order of saves, cuts, crashes, restarts and hand-overs loses an acknowledged answer: the real service on a real
database, and browsers that number what they write and send it until it is acknowledged."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lms_core.access import service as access
from lms_core.exams import answers, beats, commission, jobs, sittings
from lms_core.exams.answers import AnswerData
from lms_core.exams.sittings import Page
from lms_core.kernel.actor import SYSTEM, Actor
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import EmbeddedDatabase, Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import PersonId, SittingId, UnitId
from tests.lms_core.exams.sat import ITEMS, exam_data
from tests.support.factories import NOW
from tests.support.world import a_world

T = TypeVar("T")
DEVICES = ("phone", "desk")
PLACES = (1, 2, 3)
RULES: tuple[dict[str, Any], ...] = ({}, {"interrupted": "grace", "grace_seconds": 60}, {"interrupted": "stands"})
Fate = Literal["arrives", "request is lost", "answer is lost"]
FATES: tuple[Fate, ...] = ("arrives", "arrives", "request is lost", "answer is lost")


@dataclass(frozen=True)
class _School:
    """A database in which misha's sittings run, one by each of RULES."""

    kept: TemporaryDirectory[str]
    organisation: UnitId
    misha: PersonId
    anna: PersonId
    sittings: tuple[SittingId, ...]


@dataclass
class _Browser:
    """`known`: the newest revision of each answer that it wrote or was told of. `waiting`: what is not acknowledged
    yet, with when it was written."""

    known: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, tuple[int, str, Any]] = field(default_factory=dict)


@cache
def _school() -> _School:
    """Made once, copied for each order of things."""
    kept = TemporaryDirectory(prefix="sabaq-sittings-")

    async def make() -> _School:
        async with a_world(Path(kept.name), database_url="") as world:
            anna, misha = await world.enters("anna", "misha")
            bank = await anna.asks("create_bank", {"title": "A", "shared": True})
            ids = [(await anna.asks("create_item", {"item": one}, bank_id=bank["id"]))["row"]["id"] for one in ITEMS]
            section = {"name": "", "items": [{"item_id": one} for one in ids[:3]]}
            made = []
            for more in RULES:
                fixed = {"kind": "practice", "banks": [bank["id"]], "sections": [section], "shuffle": False}
                data = await exam_data(world, **fixed, **more)
                exam = (await anna.asks("create_exam", data))["id"]
                await anna.asks("publish_exam", {}, exam_id=exam)
                made.append((await misha.asks("start_sitting", {"device": "phone"}, exam_id=exam))["id"])
            people = world.school.persons
            return _School(kept, world.school.school.id, people["misha"], people["anna"], tuple(made))

    return asyncio.run(make())


class RealSitting(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.school = _school()
        self.folder = TemporaryDirectory(prefix="sabaq-sitting-")
        self.clock = ManualClock(NOW)
        self.loop = asyncio.Runner()
        self.generation = 0
        self.file = self._copied(Path(self.school.kept.name))
        self.db = EmbeddedDatabase(self.file, self.clock)
        self.sitting = self.school.sittings[0]
        self.browsers = {one: _Browser() for one in DEVICES}
        self.acknowledged: dict[int, int] = {}
        self.taken: dict[tuple[int, int], str | None] = {}
        self.meant: dict[tuple[int, str], str | None] = {}

    def teardown(self) -> None:
        self.loop.run(self.db.close())
        self.loop.close()
        self.folder.cleanup()

    @precondition(lambda self: self.clock.now() == NOW and not self.taken)
    @rule(which=st.integers(0, len(RULES) - 1))
    def another_exam(self, which: int) -> None:
        self.sitting = self.school.sittings[which]
        self.browsers = {one: _Browser() for one in DEVICES}

    @rule(device=st.sampled_from(DEVICES), place=st.sampled_from(PLACES), option=st.sampled_from(["1", "2", "3", None]))
    def writes(self, device: str, place: int, option: str | None) -> None:
        browser = self.browsers[device]
        browser.known[place] = browser.known.get(place, 0) + 1
        browser.waiting[place] = browser.known[place], option or "", self.clock.now()

    @rule(
        device=st.sampled_from(DEVICES),
        fate=st.sampled_from(["arrives", "arrives", "request is lost", "answer is lost"]),
    )
    def sends(self, device: str, fate: Fate) -> None:
        """All that waits, as a line that is back does."""
        browser = self.browsers[device]
        if fate == "request is lost":
            return
        for place, (revision, option, written) in list(browser.waiting.items()):
            outcome = self._send(device, place, revision, option, written)
            if outcome is None or fate == "answer is lost":
                continue
            self.acknowledged[place] = max(self.acknowledged.get(place, 0), revision)
            if browser.waiting[place][0] == revision:
                del browser.waiting[place]

    @rule(device=st.sampled_from(DEVICES))
    def brings(self, device: str) -> None:
        """The sitting goes on here; what the browser still holds of its own is sent with a newer number."""
        seen = self._as_learner(lambda tx: sittings.bring(tx, self.sitting, Page(device, _link)))
        if isinstance(seen, Refusal):
            return
        browser = self.browsers[device]
        for one in seen.questions:
            browser.known[one.place] = max(browser.known.get(one.place, 0), one.revision)
            if one.place in browser.waiting and browser.waiting[one.place][0] <= one.revision:
                del browser.waiting[one.place]

    @rule(device=st.sampled_from(DEVICES))
    def beats(self, device: str) -> None:
        self._as_learner(lambda tx: beats.beat(tx, self.sitting, device))

    @rule(seconds=st.integers(1, 400))
    def time_goes(self, seconds: int) -> None:
        self.loop.run(self.clock.advance(seconds))

    @rule()
    def the_server_looks_what_is_due(self) -> None:
        self._run(SYSTEM, jobs.write_due.work)

    @rule(act=st.sampled_from(["pause", "resume", "terminate", "reactivate", "add_time", "hand_in"]))
    def the_commission_moves_it(self, act: commission.OwnAct) -> None:
        seconds = 60 if act == "add_time" else None
        self._as(self.school.anna, lambda tx: commission.move(tx, self.sitting, act, "себеп", seconds))

    @rule(device=st.sampled_from(DEVICES))
    def hands_in(self, device: str) -> None:
        self._as_learner(lambda tx: sittings.hand_in(tx, self.sitting, Page(device, _link)))

    @rule()
    def the_server_restarts(self) -> None:
        self.loop.run(self.db.close())
        self._open(self.file)

    @rule()
    def the_machine_stops(self) -> None:
        """What lies on the disk at this moment is all that the next server finds."""
        left = self._copied(self.file.parent)
        self.loop.run(self.db.close())
        self._open(left)

    @invariant()
    def what_was_acknowledged_is_there_or_something_newer(self) -> None:
        found = self._run(SYSTEM, lambda tx: answers.of_sittings(tx, self.school.organisation, [self.sitting]))
        kept = found[self.sitting]
        for place, revision in self.acknowledged.items():
            assert kept[place].revision >= revision
        for place, one in kept.items():
            assert (one.body is None) == (self.taken[place, one.revision] is None)
            assert _said(one.body) == self.taken[place, one.revision]

    def _send(self, device: str, place: int, revision: int, option: str, written: Any) -> str | None:
        """What became of it; None: it was refused."""
        age = int((self.clock.now() - written).total_seconds() * 1000)
        answer = {"kind": "chosen", "ids": [option]} if option else None
        data = AnswerData(place, revision, answer, device, age, written)
        taken = self._as_learner(lambda tx: answers.answer(tx, self.sitting, data))
        if isinstance(taken, Refusal):
            return None
        if taken.outcome == "taken":
            self.taken[place, revision] = self._real(place)
        if taken.outcome != "older":
            kept = self.meant.setdefault((place, option), self.taken[place, revision])
            assert self.taken[place, revision] == kept, "one option is always kept as the same"
            others = [one for key, one in self.meant.items() if key[0] == place]
            assert len(set(others)) == len(others), "and each as another"
        return taken.outcome

    def _real(self, place: int) -> str | None:
        """What the database says it is, right after it was taken: names of options differ from paper to paper."""
        found = self._run(SYSTEM, lambda tx: answers.of_sittings(tx, self.school.organisation, [self.sitting]))
        return _said(found[self.sitting][place].body)

    def _as_learner(self, work: Callable[[Tx], Awaitable[T]]) -> T | Refusal:
        return self._as(self.school.misha, work)

    def _as(self, person: PersonId, work: Callable[[Tx], Awaitable[T]]) -> T | Refusal:
        async def acting(tx: Tx) -> T:
            tx.actor = replace(await access.actor_of(tx, person), organisation=self.school.organisation)
            return await work(tx)

        try:
            return self._run(SYSTEM, acting)
        except Refusal as no:
            return no

    def _run(self, actor: Actor, work: Callable[[Tx], Awaitable[T]]) -> T:
        return self.loop.run(self.db.run(actor, work))

    def _open(self, file: Path) -> None:
        """A new process remembers nothing."""
        answers._MEMORY._papers.clear()
        sittings._POOLS.clear()
        self.file = file
        self.db = EmbeddedDatabase(file, self.clock)

    def _copied(self, folder: Path) -> Path:
        self.generation += 1
        target = Path(self.folder.name) / str(self.generation)
        target.mkdir()
        for file in folder.glob("sabaq.sqlite*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, target / file.name)
        return target / "sabaq.sqlite"


def _said(body: dict[str, Any] | None) -> str | None:
    return None if body is None else str(body)


def _link(*_: object) -> str:
    return ""


@pytest.mark.req("S456-27.14")
class TestRealSitting(RealSitting.TestCase):
    settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
