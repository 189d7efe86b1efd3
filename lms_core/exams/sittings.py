"""A learner's sitting: begun, gone on with, brought to another device, turned, handed in; and how it is shown."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from lms_core.items import answers as item_answers
from lms_core.items import media, views
from lms_core.items import service as items
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import NotFound, Refusal
from lms_core.kernel.ids import ExamId, LessonId, SittingId

from . import answers, moves, papers, saves, settings, takers, timing
from .core import Act, State
from .finding import data_of
from .model import Answer, Exam, ExamPool, ExamTaker, Sitting, SittingPaper
from .moves import Live
from .papers import Paper, Place
from .saves import Holder
from .settings import Language

NUMBER = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
NUMBER_LENGTH = 6
_POOLS: dict[tuple[ExamId, datetime], papers.Pool] = {}
_MOST_POOLS = 64


@dataclass(frozen=True, slots=True)
class Page:
    """What a view needs of the request. `link`: `Context.link`; `position`: of the learner's stream, read before and
    not within the command, for who writes a fact reads no position."""

    device: str
    link: Callable[[str, str, str, int], str]
    position: int = 0


class ExamNotSat(Refusal):
    """It is not open to be sat: `state` is `draft`, `released` or `cancelled`."""

    code, status = "exam_not_sat", 409


class AttemptsSpent(Refusal):
    """There are `limit`, and all were used."""

    code, status = "attempts_spent", 409


class LanguageNotOffered(Refusal):
    """The exam is in `languages` only."""

    code, status = "language_not_offered", 422


@dataclass(frozen=True, slots=True)
class SectionView:
    name: str
    seconds: int | None


@dataclass(frozen=True, slots=True)
class SatExam:
    """`sections`: with the learner's own time. `in_turn`: one is open at a time, or with `question` one question.
    `lesson_id`: of the call in which it is answered aloud."""

    id: ExamId
    title: str
    kind: settings.Kind
    navigation: settings.Navigation
    in_turn: bool
    languages: list[Language]
    sections: list[SectionView]
    supervised: bool
    lesson_id: LessonId | None


@dataclass(frozen=True, slots=True)
class LeftView:
    """Whole seconds left, None without a limit. `deadline`: when it is up if nothing changes; None while the clock
    `stands`."""

    whole: int | None
    section: int | None
    deadline: datetime | None
    stands: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """`shown`: `items.views.for_learner`; `answer`: what is held of it, as this browser would send it. `revision`: 0
    where nothing is held."""

    place: int
    section: int
    points: str
    shown: dict[str, Any]
    media: dict[str, str]
    answer: dict[str, Any] | None
    revision: int
    marked: bool


@dataclass(frozen=True, slots=True)
class MoveTold:
    """What somebody else did to the sitting."""

    act: str
    why: str
    added_seconds: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SittingView:
    """A learner's own. `questions`: of the open sections, while it goes on, for the device that `holds` it. `places`:
    how many questions each section has. `section`: the open one, from 0; with `question`, how many questions lie
    behind. `now`: the server's clock."""

    id: SittingId
    position: int
    exam: SatExam
    state: State
    attempt: int
    language: Language
    section: int
    now: datetime
    left: LeftView
    late_seconds: int
    seat: str
    places: list[int]
    questions: list[QuestionView]
    messages: list[MoveTold]
    holds: bool


async def start(tx: Tx, exam_id: ExamId, page: Page, language: Language | None, *, bring: bool = False) -> SittingView:
    """Check in; where nobody has to admit, begin at once; else begin once somebody did. Asked again: the sitting that
    goes on.

    Raises NotFound, ExamNotSat, ExamNotOpen, NotAdmitted, AttemptsSpent, OtherDevice, LanguageNotOffered, Malformed.
    """
    exam, taker = await _mine(tx, exam_id)
    data = data_of(exam)
    live, fresh = await _newest(tx, exam, taker), False
    if live is None or live.state not in (*moves.BEFORE, *moves.UNDER_WAY):
        live, fresh = await _begin(tx, exam, data, taker, live, page.device, language), True
    else:
        _claim(tx, live, page.device, bring=bring)
    if live.state is State.READY:
        moves.move(tx, live, Act.START, "learner")
    moves.heard(tx, live)
    return await _view(tx, live, page, fresh=fresh)


async def read(tx: Tx, sitting_id: SittingId, page: Page) -> SittingView:
    """Raises NotFound."""
    return await _view(tx, await own(tx, sitting_id), page)


async def bring(tx: Tx, sitting_id: SittingId, page: Page) -> SittingView:
    """Go on here; the device before may deliver what it still holds. Raises NotFound, Malformed."""
    live = await own(tx, sitting_id)
    _claim(tx, live, page.device, bring=True)
    moves.heard(tx, live)
    return await _view(tx, live, page)


async def turn(tx: Tx, sitting_id: SittingId, page: Page, leaves: int | None = None) -> SittingView:
    """Leave the section or question for good. `leaves`: which one, so that asking twice is as once.

    Raises NotFound, OtherDevice, LastSection, SittingMoveUnfit.
    """
    live = await own(tx, sitting_id)
    _claim(tx, live, page.device, bring=False)
    moves.heard(tx, live)
    if leaves in (None, live.section):
        row = timing.turned(live.rows, live.rules, tx.now, tx.actor.id)
        moves.write(tx, live, row, quietly=bool(live.rules.steps))
    return await _view(tx, live, page)


async def hand_in(tx: Tx, sitting_id: SittingId, page: Page) -> SittingView:
    """Done; twice is as once. Raises NotFound, OtherDevice, SittingMoveUnfit."""
    live = await own(tx, sitting_id)
    _claim(tx, live, page.device, bring=False)
    moves.move(tx, live, Act.HAND_IN, "learner")
    live.row.seen_at = tx.now
    return await _view(tx, live, page)


async def speak(tx: Tx, sitting_id: SittingId, page: Page, language: Language) -> SittingView:
    """Read it in another of the exam's languages. Raises NotFound, LanguageNotOffered."""
    live = await own(tx, sitting_id)
    live.row.language = _language(live.data, language)
    return await _view(tx, live, page)


async def preview(tx: Tx, exam: Exam, page: Page, seed: str, language: Language) -> SittingView:
    """As a learner would see it, every section open; nothing is kept. Raises what papers.gather raises."""
    data = data_of(exam)
    paper = papers.draw(data, await pool_of(tx, exam), seed)
    rules = settings.rules(data)
    left = LeftView(whole_seconds(rules.whole), None, None, stands=True)
    return SittingView(
        id=SittingId(""),
        position=0,
        exam=_sat(exam, data, rules),
        state=State.RUNNING,
        attempt=1,
        language=_language(data, language),
        section=0,
        now=tx.now,
        left=left,
        late_seconds=data.late_seconds,
        seat="",
        places=_places(data, paper),
        questions=await _questions(tx, exam, paper.places, {}, language, page),
        messages=[],
        holds=True,
    )


async def pool_of(tx: Tx, exam: Exam) -> papers.Pool:
    """The exam's questions: frozen since it is published, else as they are now."""
    if exam.published_at is None:
        return await papers.gather(tx, exam.organisation_id, data_of(exam))
    key = exam.id, exam.published_at
    if key not in _POOLS:
        row = await tx.get(ExamPool, (exam.organisation_id, exam.id))
        assert row is not None
        if len(_POOLS) >= _MOST_POOLS:
            _POOLS.clear()
        _POOLS[key] = papers.pool(row.body)
    return _POOLS[key]


async def paper_of(tx: Tx, row: Sitting) -> Paper:
    found = await tx.get(SittingPaper, (row.organisation_id, row.id))
    assert found is not None
    return papers.paper(found.body)


async def _mine(tx: Tx, exam_id: ExamId) -> tuple[Exam, ExamTaker]:
    """An exam that the actor is to take. Raises NotFound, ExamNotSat."""
    exam = await tx.get(Exam, (tx.actor.organisation, exam_id)) if tx.actor.organisation else None
    taker = exam and await takers.taking(tx, exam, tx.actor.id)
    if exam is None or taker is None or exam.state == "draft":
        raise NotFound(kind="exam")
    if exam.state != "published":
        raise ExamNotSat(state=exam.state)
    return exam, taker


async def _newest(tx: Tx, exam: Exam, taker: ExamTaker) -> Live | None:
    """The actor's newest sitting, with what is owed."""
    if taker.sitting_id is None:
        return None
    row = await tx.get(Sitting, (exam.organisation_id, taker.sitting_id))
    return await moves.load(tx, row, exam) if row else None


async def own(tx: Tx, sitting_id: SittingId) -> Live:
    """The actor's own, with what is owed by now written. Raises NotFound."""
    row = await tx.get(Sitting, (tx.actor.organisation, sitting_id)) if tx.actor.organisation else None
    if row is None or row.person_id != tx.actor.id:
        raise NotFound(kind="sitting")
    return await moves.load(tx, row)


async def _begin(
    tx: Tx,
    exam: Exam,
    data: settings.ExamData,
    taker: ExamTaker,
    last: Live | None,
    device: str,
    language: Language | None,
) -> Live:
    rules = moves.rules_of(data, taker)
    attempt = last.row.attempt + 1 if last else 1
    await takers.check_admitted(tx, exam, taker)
    timing.check_entry(rules, tx.now)
    if attempt > data.attempts:
        raise AttemptsSpent(limit=data.attempts)
    holder = saves.claim(None, device, tx.now, bring=True)
    sitting = SittingId(tx.new_id("sitting"))
    row = Sitting(
        organisation_id=exam.organisation_id,
        id=sitting,
        exam_id=exam.id,
        person_id=tx.actor.id,
        attempt=attempt,
        number=_number(),
        language=_language(data, language or data.languages[0]),
        made_at=tx.now,
        began_at=None,
        due_at=None,
        seen_at=tx.now,
        quiet_at=None,
        device=holder.device,
        device_since=holder.since,
        device_before="",
    )
    paper = papers.draw(data, await pool_of(tx, exam), sitting)
    tx.add(SittingPaper(organisation_id=exam.organisation_id, sitting_id=sitting, body=paper.plain()))
    answers.remember(sitting, paper, data)
    taker.sitting_id = sitting
    live = moves.begin(tx, row, exam, data, rules)
    moves.move(tx, live, Act.CHECK_IN, "learner", quietly=not data.supervised)
    if not data.supervised:
        moves.move(tx, live, Act.ADMIT, "server", quietly=True)
    return live


def _number() -> str:
    """What markers call it: nothing can be learnt from it. That nobody else of the exam has it is for its index."""
    return "".join(secrets.choice(NUMBER) for _ in range(NUMBER_LENGTH))


def _claim(tx: Tx, live: Live, device: str, *, bring: bool) -> None:
    """Raises OtherDevice, Malformed."""
    row = live.row
    before = Holder(row.device, row.device_since, row.device_before)
    holder = saves.claim(before, device, tx.now, bring=bring)
    if holder != before:
        row.device, row.device_since, row.device_before = holder.device, holder.since, holder.before
        moves.tell_learner(tx, row, "bring", live.state, tx.now)


def _language(data: settings.ExamData, language: Language) -> Language:
    if language not in data.languages:
        raise LanguageNotOffered(languages=list(data.languages))
    return language


async def _view(tx: Tx, live: Live, page: Page, *, fresh: bool = False) -> SittingView:
    """`fresh`: it was just made, and nothing is answered yet."""
    row, data = live.row, live.data
    paper = await paper_of(tx, row)
    taker = await takers.taking(tx, live.exam, row.person_id)
    holds = row.device == page.device
    shown: Collection[Place] = ()
    if holds and live.state in (State.RUNNING, State.INTERRUPTED):
        steps = papers.steps(data, paper)
        shown = [one for one in paper.places if steps[one.place] == live.section]
    here = (Answer.organisation_id == row.organisation_id) & (Answer.sitting_id == row.id)
    held = {one.place: one for one in await tx.all(select(Answer).where(here))} if shown and not fresh else {}
    return SittingView(
        id=row.id,
        position=page.position,
        exam=_sat(live.exam, data, live.rules),
        state=live.state,
        attempt=row.attempt,
        language=row.language,  # type: ignore[arg-type]
        section=live.section,
        now=tx.now,
        left=left_view(live.left(tx.now)),
        late_seconds=data.late_seconds,
        seat=taker.seat if taker else "",
        places=_places(data, paper),
        questions=await _questions(tx, live.exam, shown, held, row.language, page),
        messages=_messages(live),
        holds=holds,
    )


async def _questions(
    tx: Tx, exam: Exam, places: Collection[Place], held: dict[int, Answer], language: str, page: Page
) -> list[QuestionView]:
    found = await items.of_paper(tx, exam.organisation_id, {(one.item_id, one.version) for one in places})
    shown = {one.place: views.for_learner(found[one.item_id, one.version], one.seed, language) for one in places}
    needed = {place: digests(of) for place, of in shown.items()}
    there = await media.there(tx, exam.organisation_id, set().union(*needed.values()))
    links = media.addresses(there, page.link)
    made = []
    for one in places:
        item, row = found[one.item_id, one.version], held.get(one.place)
        answer = None
        if row is not None and row.body is not None:
            answer = views.tell(item, one.seed, item_answers.from_plain(item.body, row.body))
        view = QuestionView(
            place=one.place,
            section=one.section,
            points=str(one.points),
            shown=shown[one.place] | {"points": str(one.points)},
            media={digest: links[digest] for digest in sorted(needed[one.place] & links.keys())},
            answer=answer,
            revision=row.revision if row else 0,
            marked=bool(row and row.marked),
        )
        made.append(view)
    return made


def digests(shown: Any) -> set[str]:
    """Of what is to be seen or heard; what a feedback shows is not told of yet."""
    found: set[str] = set()
    waiting = [shown]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            found |= {one["sha256"]} if isinstance(one.get("sha256"), str) else set()
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def _sat(exam: Exam, data: settings.ExamData, rules: timing.Rules) -> SatExam:
    own = [whole_seconds(one) for one in rules.sections] or [None] * len(data.sections)
    return SatExam(
        id=exam.id,
        title=exam.title,
        kind=data.kind,
        navigation=data.navigation,
        in_turn=settings.in_turn(data),
        languages=data.languages,
        sections=[SectionView(one.name, seconds) for one, seconds in zip(data.sections, own, strict=True)],
        supervised=data.supervised,
        lesson_id=data.lesson_id,
    )


def _places(data: settings.ExamData, paper: Paper) -> list[int]:
    return [sum(one.section == at for one in paper.places) for at in range(len(data.sections))]


def _messages(live: Live) -> list[MoveTold]:
    """What others did, the newest last."""
    return [
        MoveTold(row.act.value, row.why, round(row.added.total_seconds()), row.at)
        for row in live.rows
        if row.by in ("proctor", "examiner")
    ]


def left_view(left: timing.Left) -> LeftView:
    return LeftView(whole_seconds(left.whole), whole_seconds(left.section), left.deadline, left.stands)


def whole_seconds(time: timedelta | None) -> int | None:
    """Rounded down: nobody is shown a second that they do not have."""
    return None if time is None else int(time.total_seconds())
