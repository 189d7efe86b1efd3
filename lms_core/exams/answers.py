"""Taking answers. This is what a learner's browser asks most, and it is written to cost little: one read, one write.

Only where something is owed, the line was lost or the answer comes after the end, the whole sitting is looked at.
"""

import json
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

from lms_core.items import answers as item_answers
from lms_core.items import service as items
from lms_core.items import views
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Malformed, NotFound
from lms_core.kernel.ids import ItemId, PersonId, SittingId, UnitId
from lms_core.kernel.reads import Read, Write

from . import moves, papers, saves, settings
from .core import Act, Row, State
from .events import LateAnswerTaken
from .finding import data_of
from .model import Answer, AnswerFile, Exam, Sitting, SittingMove, SittingPaper
from .moves import Live
from .saves import Held, Holder, Save
from .timing import Rules

OLDEST = timedelta(days=7)
_FREE = Rules(None)
"""Of a sitting that is running: nothing of its rules is asked."""
_REMEMBERED = 2000

_FOUND = Read(
    select(Sitting.device, Sitting.device_since, Sitting.device_before, Sitting.due_at, Sitting.seen_at)
    .add_columns(SittingMove.act, SittingMove.state, SittingMove.at, SittingMove.by, SittingMove.section)
    .add_columns(Answer.revision, Answer.digest, Answer.device.label("from_device"), Answer.at.label("held_at"))
    .add_columns(Answer.marked)
    .join(
        SittingMove,
        (SittingMove.organisation_id == Sitting.organisation_id) & (SittingMove.sitting_id == Sitting.id),
    )
    .outerjoin(
        Answer,
        (Answer.organisation_id == Sitting.organisation_id)
        & (Answer.sitting_id == Sitting.id)
        & (Answer.place == bindparam("place")),
    )
    .where(Sitting.organisation_id == bindparam("organisation"), Sitting.id == bindparam("sitting"))
    .where(Sitting.person_id == bindparam("person"))
    .order_by(SittingMove.nth.desc())
    .limit(1)
)
_NEW = Write.row(Answer)
_KEY = ("organisation_id", "sitting_id", "place")
_CHANGED = ("revision", "digest", "device", "at", "age_ms", "written_at", "late", "marked", "body")
_ANSWER: Any = Answer.__table__
_AGAIN = Write(
    update(_ANSWER)
    .where(*(_ANSWER.c[name] == bindparam(f"the_{name}", type_=_ANSWER.c[name].type) for name in _KEY))
    .values({name: bindparam(name, type_=_ANSWER.c[name].type) for name in _CHANGED})
)


@dataclass(frozen=True, slots=True)
class AnswerData:
    """`answer`: as the view of the question asks for it; None takes it back. `revision`: counts up from 1 with every
    change of this answer, on whichever device. `age_ms`: for how long it has been written, by a steady clock;
    `written_at`: by the browser's own, which is only written down. `marked`: to be looked at again; None: as it was."""

    place: int
    revision: int
    answer: dict[str, Any] | None
    device: str
    age_ms: int = 0
    written_at: datetime | None = None
    marked: bool | None = None


@dataclass(frozen=True, slots=True)
class AnswerTaken:
    """Each is an acknowledgement: `taken`, or held already (`again`), or a newer one is held (`older`). `revision`: the
    newest that is held. `deadline`: when time is up if nothing changes, None while the clock stands."""

    outcome: Literal["taken", "again", "older"]
    revision: int
    late: bool
    state: State
    section: int
    now: datetime
    deadline: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as marking asks for it. `body`: as items.answers.to_plain gives it, None where it was taken back."""

    place: int
    revision: int
    body: dict[str, Any] | None
    late: bool
    at: datetime
    written_at: datetime | None
    age_ms: int


@dataclass(frozen=True, slots=True)
class _Question:
    section: int
    item: tuple[ItemId, int]
    seed: str


async def answer(tx: Tx, sitting_id: SittingId, sent: AnswerData) -> AnswerTaken:
    """Take an answer of the actor's own sitting.

    Raises NotFound, Malformed, AnswerUnfit, OtherDevice, SittingNotRunning, SectionNotOpen, AnswerTooLate,
    AnswerConflict.
    """
    organisation = tx.actor.organisation
    if organisation is None:
        raise NotFound(kind="sitting")
    found = await tx.read(
        _FOUND, organisation=organisation, sitting=sitting_id, person=tx.actor.id, place=_place(sent.place)
    )
    if not found:
        raise NotFound(kind="sitting")
    one = found[0]
    question = (await _questions(tx, organisation, sitting_id)).get(sent.place)
    if question is None:
        raise NotFound(kind="question")
    body = await _body(tx, organisation, sitting_id, question, sent)
    save = _save(sent, question.section)
    held = Held(one.revision, one.digest, one.from_device, one.held_at) if one.revision is not None else None
    holder = Holder(one.device, one.device_since, one.device_before)
    newest = Row(Act(one.act), State(one.state), one.at, one.by, section=one.section)
    live = None if _is_plain(one, newest, save, tx.now) else await _whole(tx, organisation, sitting_id)
    rows, rules = (live.rows, live.rules) if live else ([newest], _FREE)
    judged = saves.judge(save, held, rows, rules, holder, tx.now)
    if judged.outcome == "taken":
        _keep(tx, organisation, sitting_id, sent, save, body, held, late=judged.late, marked=one.marked)
    if live:
        _follow(tx, live, save, sent.place, judged)
    deadline = live.row.due_at if live else one.due_at
    state, section = (live.state, live.section) if live else (newest.state, newest.section)
    return AnswerTaken(judged.outcome, judged.revision, judged.late, state, section, tx.now, deadline)


async def of_sittings(
    tx: Tx, organisation: UnitId, sittings: Collection[SittingId]
) -> dict[SittingId, dict[int, Kept]]:
    """The newest answers of each, by their place."""
    found: dict[SittingId, dict[int, Kept]] = {one: {} for one in sittings}
    columns = (Answer.sitting_id, Answer.place, Answer.revision, Answer.body, Answer.late, Answer.at)
    query = select(*columns, Answer.written_at, Answer.age_ms).where(
        Answer.organisation_id == organisation, Answer.sitting_id.in_(list(sittings))
    )
    for sitting, place, revision, body, late, at, written_at, age_ms in await tx.rows(query):
        found[sitting][place] = Kept(place, revision, body, late, at, written_at, age_ms)
    return found


def _is_plain(one: Any, newest: Row, save: Save, now: datetime) -> bool:
    """Whether the newest row says all: the sitting is running and nothing is owed."""
    owed = (one.due_at is not None and one.due_at <= now) or moves.is_silent(one.seen_at, one.at, now)
    return newest.state is State.RUNNING and not owed and save.section >= newest.section


async def _whole(tx: Tx, organisation: UnitId, sitting_id: SittingId) -> Live:
    row = await tx.get(Sitting, (organisation, sitting_id))
    assert row is not None
    return await moves.load(tx, row)


def _follow(tx: Tx, live: Live, save: Save, place: int, judged: saves.Answer) -> None:
    """Who answers is there. What came after the end is told of, for it may have been marked already."""
    if live.state is State.INTERRUPTED and save.device == live.row.device:
        moves.heard(tx, live)
    if judged.outcome == "taken" and live.state in moves.ENDED:
        fact = LateAnswerTaken(
            organisation_id=live.row.organisation_id,
            exam_id=live.row.exam_id,
            sitting_id=live.row.id,
            place=place,
        )
        tx.emit(fact)


def _keep(
    tx: Tx,
    organisation: UnitId,
    sitting_id: SittingId,
    sent: AnswerData,
    save: Save,
    body: dict[str, Any] | None,
    held: Held | None,
    *,
    late: bool,
    marked: bool | None,
) -> None:
    values = {
        "revision": save.revision,
        "digest": save.digest,
        "device": save.device,
        "at": tx.now,
        "age_ms": sent.age_ms,
        "written_at": sent.written_at,
        "late": late,
        "marked": bool(marked) if sent.marked is None else sent.marked,
        "body": body,
    }
    if held is None:
        key = {"organisation_id": organisation, "sitting_id": sitting_id, "place": sent.place}
        tx.write(_NEW, **key, person_id=PersonId(tx.actor.id), **values)
    else:
        tx.write(_AGAIN, the_organisation_id=organisation, the_sitting_id=sitting_id, the_place=sent.place, **values)


async def _body(
    tx: Tx, organisation: UnitId, sitting_id: SittingId, question: _Question, sent: AnswerData
) -> dict[str, Any] | None:
    """What is kept of it. Raises AnswerUnfit, NotFound (a file that was not sent)."""
    if sent.answer is None:
        return None
    item = (await items.of_paper(tx, organisation, [question.item]))[question.item]
    heard = views.hear(item, question.seed, sent.answer)
    if digests := _files(heard):
        here = (AnswerFile.organisation_id == organisation) & (AnswerFile.sitting_id == sitting_id)
        mine = (AnswerFile.place == sent.place) & ~AnswerFile.gone
        there = set(await tx.all(select(AnswerFile.sha256).where(here, mine)))
        if not digests <= there:
            raise NotFound(kind="file")
    return item_answers.to_plain(heard)


def _files(heard: item_answers.Answer) -> set[str]:
    match heard:
        case item_answers.HandedIn():
            return {one.sha256 for one in heard.files}
        case item_answers.Recorded():
            return {heard.sha256} - {""}
        case _:
            return set()


def _save(sent: AnswerData, section: int) -> Save:
    """Raises Malformed."""
    if not 0 <= sent.age_ms <= OLDEST // timedelta(milliseconds=1):
        raise Malformed(reason="an age is between 0 and 7 days")
    if sent.written_at is not None and sent.written_at.tzinfo is None:
        raise Malformed(reason="a moment without a zone")
    if not 0 < len(sent.device) <= saves.LONGEST_DEVICE:
        raise Malformed(reason=f"a device has a token of 1 to {saves.LONGEST_DEVICE} characters")
    told = json.dumps([sent.answer, sent.marked], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Save(sent.revision, digest, sent.device, timedelta(milliseconds=sent.age_ms), section)


def _place(place: int) -> int:
    """Raises NotFound."""
    if not 0 < place < 1_000_000:
        raise NotFound(kind="question")
    return place


class _Memory:
    """What the questions of papers are: they never change. Shared by all threads that step transactions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._papers = OrderedDict[SittingId, Mapping[int, _Question]]()

    def get(self, sitting: SittingId) -> Mapping[int, _Question] | None:
        with self._lock:
            if sitting in self._papers:
                self._papers.move_to_end(sitting)
            return self._papers.get(sitting)

    def put(self, sitting: SittingId, paper: Mapping[int, _Question]) -> None:
        with self._lock:
            self._papers[sitting] = paper
            while len(self._papers) > _REMEMBERED:
                self._papers.popitem(last=False)


_MEMORY = _Memory()


async def _questions(tx: Tx, organisation: UnitId, sitting: SittingId) -> Mapping[int, _Question]:
    """By their place."""
    known = _MEMORY.get(sitting)
    if known is None:
        paper = await tx.get(SittingPaper, (organisation, sitting))
        row = await tx.get(Sitting, (organisation, sitting))
        assert paper is not None
        assert row is not None
        exam = await tx.get(Exam, (organisation, row.exam_id))
        assert exam is not None
        known = remember(sitting, papers.paper(paper.body), data_of(exam))
    return known


def remember(sitting: SittingId, paper: papers.Paper, data: settings.ExamData) -> Mapping[int, _Question]:
    """The questions of a paper, for the answers that will come: with its first one nobody reads it again."""
    steps = papers.steps(data, paper)
    known = {one.place: _Question(steps[one.place], (one.item_id, one.version), one.seed) for one in paper.places}
    _MEMORY.put(sitting, known)
    return known
