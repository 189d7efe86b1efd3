"""Making, changing, publishing and listing exams."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.courses import service as courses
from lms_core.items import service as items
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound, Refusal, check_version
from lms_core.kernel.ids import BankId, CourseId, ExamId, ItemId, LessonId, PersonId, SittingId, UnitId
from lms_core.kernel.names import Names
from lms_core.kernel.plain import to_plain
from lms_core.lessons import service as lessons
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import core, finding, moves, papers, settings, takers
from .core import Act, State
from .events import ExamChanged, ExamPublished
from .finding import Seen, StaffPart
from .model import Exam, ExamMember, ExamPool, ExamTaker, Sitting
from .reading import newest
from .settings import ExamData, ExamState, Kind, MemberData

STILL = frozenset({"title", "opens_at", "closes_at", "ends_at", "seconds", "late_seconds", "release", "takers",
                   "commission", "lesson_id"})  # fmt: skip
"""What may be changed once an exam is published."""


class ExamIsPublished(Refusal):
    """Learners rely on it: `fields` stay as they are. Cancel it and make another, or change its times and people."""

    code, status = "exam_is_published", 409


class ExamIsOver(Refusal):
    """It was cancelled, or its results are told: `state`."""

    code, status = "exam_is_over", 409


@dataclass(frozen=True, slots=True)
class MemberView:
    person_id: PersonId
    name: str
    part: settings.Part


@dataclass(frozen=True, slots=True)
class ExamView:
    """An exam for its commission and for who reads all. `part`: the reader's own. `questions` and `points` of a whole
    paper; `points` is text. `sittings`: how many are in each state. `position`: of the exam's stream, read before all
    else; None in the answer to a change."""

    id: ExamId
    organisation_id: UnitId
    position: int | None
    version: int
    state: ExamState
    part: StaffPart
    data: ExamData
    author_id: PersonId
    author: str
    commission: list[MemberView]
    made_at: datetime
    published_at: datetime | None
    takers: int
    sittings: dict[str, int]
    questions: int
    points: str


@dataclass(frozen=True, slots=True)
class MySitting:
    """The newest of the learner's own."""

    id: SittingId
    attempt: int
    state: State
    began_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExamRow:
    """`part`: `taker` for a learner, whose own newest sitting is `sitting`; for others `takers` and `began` count."""

    id: ExamId
    title: str
    kind: Kind
    state: ExamState
    level: str
    course_id: CourseId | None
    subject: Names | None
    part: Literal["chair", "marker", "proctor", "reader", "taker"]
    author: str
    opens_at: datetime | None
    closes_at: datetime | None
    ends_at: datetime | None
    seconds: int | None
    questions: int
    attempts: int
    languages: list[settings.Language]
    supervised: bool
    seat: str
    sitting: MySitting | None
    takers: int
    began: int


async def create(tx: Tx, data: ExamData) -> ExamView:
    """A draft; the actor is its chair. Raises Forbidden, NotFound, ExamUnfit."""
    home = await orgs.unit(tx, await people.home_of(tx, tx.actor.id))
    if not policy.allows(tx.actor, Permission.EXAM_CREATE, [Scope(home.path, tx.actor.id), *_places(tx)]):
        raise Forbidden(needs=Permission.EXAM_CREATE)
    data = settings.checked(data)
    await _check_refers(tx, home, data)
    row = Exam(
        organisation_id=home.id,
        id=ExamId(tx.new_id("exam")),
        state="draft",
        version=1,
        author_id=tx.actor.id,
        made_at=tx.now,
        published_at=None,
    )
    tx.add(row)
    await _keep(tx, row, data)
    return await _view(tx, Seen(row, data, "chair"))


async def read(tx: Tx, exam_id: ExamId) -> ExamView:
    """Raises NotFound."""
    seen = await finding.find(tx, exam_id)
    return await _view(tx, seen, position=await tx.position(seen.row.organisation_id))


async def change(tx: Tx, exam_id: ExamId, version: int, data: ExamData) -> ExamView:
    """By a chair. Raises NotFound, Forbidden, Stale, ExamUnfit, ExamIsPublished, ExamIsOver."""
    seen = await finding.find(tx, exam_id, "chair")
    check_version(seen.row.version, version)
    _check_open(seen.row)
    data = settings.checked(data)
    if seen.row.state == "published":
        _check_still(seen.data, data)
    await _check_refers(tx, await orgs.unit(tx, seen.row.organisation_id), data, before=seen.data)
    seen.row.version += 1
    await _keep(tx, seen.row, data)
    if seen.row.state == "published":
        await takers.fill(tx, seen.row, data)
        await moves.reckon_anew(tx, seen.row)
    _changed(tx, seen.row)
    return await _view(tx, Seen(seen.row, data, "chair"))


async def publish(tx: Tx, exam_id: ExamId) -> ExamView:
    """Its questions are frozen, and it may be sat when it opens. Twice is as once.

    Raises NotFound, Forbidden, ExamIsOver, QuestionNotReady, NoQuestions, BlueprintShort, ExamUnfit (nobody takes it).
    """
    seen = await finding.find(tx, exam_id, "chair")
    _check_open(seen.row)
    if seen.row.state == "published":
        return await _view(tx, seen)
    pool = await papers.gather(tx, seen.row.organisation_id, seen.data)
    papers.check(seen.data, pool)
    if not seen.data.takers.groups and not seen.data.takers.persons:
        raise settings.ExamUnfit(where="takers", why="missing")
    tx.add(ExamPool(organisation_id=seen.row.organisation_id, exam_id=exam_id, body=to_plain(pool)))
    seen.row.state, seen.row.published_at = "published", tx.now
    seen.row.version += 1
    await tx.flush()
    await takers.fill(tx, seen.row, seen.data)
    tx.emit(ExamPublished(organisation_id=seen.row.organisation_id, exam_id=exam_id))
    return await _view(tx, seen)


async def cancel(tx: Tx, exam_id: ExamId, why: str) -> ExamView:
    """It will not be. Who sits it now is stopped, with the reason. Twice is as once.

    Raises NotFound, Forbidden, ExamIsOver (results are told), ReasonMissing.
    """
    seen = await finding.find(tx, exam_id, "chair")
    if seen.row.state == "cancelled":
        return await _view(tx, seen)
    _check_open(seen.row)
    if not why.strip():
        raise core.ReasonMissing(limit=core.LONGEST_WHY)
    for live in await moves.load_all(tx, await tx.all(_sittings(seen.row)), seen.row):
        await moves.owe(tx, live)
        if live.state in moves.UNDER_WAY:
            moves.move(tx, live, Act.TERMINATE, "examiner", why=why)
        elif live.state in moves.BEFORE:
            moves.move(tx, live, Act.MISS, "examiner", why=why)
    seen.row.state = "cancelled"
    seen.row.version += 1
    _changed(tx, seen.row)
    return await _view(tx, seen)


async def make_resit(
    tx: Tx, exam_id: ExamId, persons: Sequence[PersonId], opens_at: datetime | None, closes_at: datetime | None
) -> ExamView:
    """A draft with the same questions' blueprint for some of those who took it; the actor is its chair.

    Raises NotFound, Forbidden, ExamUnfit.
    """
    seen = await finding.find(tx, exam_id, "chair")
    there = set(await tx.all(select(ExamTaker.person_id).where(_in(ExamTaker, seen.row))))
    if not persons or not set(persons) <= there:
        raise NotFound(kind="person")
    data = replace(
        seen.data,
        kind="resit",
        resit_of=exam_id,
        opens_at=opens_at,
        closes_at=closes_at,
        ends_at=None,
        lesson_id=None,
        takers=settings.TakersData(persons=list(dict.fromkeys(persons))),
    )
    return await create(tx, data)


async def list_for(tx: Tx, after: ExamId | None) -> tuple[list[ExamRow], ExamId | None]:
    """Exams that the actor takes, is of the commission of, or reads; the newest first; where the next page begins."""
    rows, behind = await finding.page(tx, after)
    parts = await finding.parts_in(tx, rows)
    counts = await _counts(tx, [row for row in rows if row.id in parts])
    names = await people.names(tx, {row.author_id for row in rows})
    subjects = await courses.views(tx, {row.course_id for row in rows if row.course_id})
    mine, seats = await _my_sittings(tx, rows)
    found = []
    for row in rows:
        data = finding.data_of(row)
        taken, began = counts.get(row.id, (0, 0))
        one = ExamRow(
            id=row.id,
            title=row.title,
            kind=data.kind,
            state=row.state,  # type: ignore[arg-type]
            level=row.level,
            course_id=row.course_id,
            subject=subjects[row.course_id].subject if row.course_id and row.course_id in subjects else None,
            part=parts.get(row.id, "taker"),
            author=names.get(row.author_id, ""),
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            ends_at=row.ends_at,
            seconds=data.seconds,
            questions=settings.questions(data),
            attempts=data.attempts,
            languages=data.languages,
            supervised=data.supervised,
            seat=seats.get(row.id, ""),
            sitting=mine.get(row.id),
            takers=taken,
            began=began,
        )
        found.append(one)
    return found, behind


async def _check_refers(tx: Tx, home: Organisation, data: ExamData, before: ExamData | None = None) -> None:
    """Raises NotFound, Forbidden, ExamUnfit. What stood there already is the chair's who put it there."""
    if data.course_id is not None:
        await courses.one_of(tx, home.id, data.course_id)
    if before is None or before.takers != data.takers:
        fresh = data if before is None else replace(data, takers=_added(before, data))
        if data.resit_of is None:
            await takers.check_choice(tx, home, fresh)
    if data.commission:
        await people.check_those_of(tx, home.id, [one.person_id for one in data.commission])
    if data.resit_of is not None and (before is None or before.resit_of != data.resit_of):
        await finding.find(tx, data.resit_of, "chair")
    if data.lesson_id is not None and (before is None or before.lesson_id != data.lesson_id):
        await _check_call(tx, home, data.lesson_id)
    mine = await items.banks_for(tx, Permission.BANK_READ)
    allowed = {bank.id for bank in mine if bank.organisation_id == home.id} | set(before.banks if before else [])
    for at, bank in enumerate(data.banks):
        if bank not in allowed:
            raise settings.ExamUnfit(where=f"banks[{at}]", why="unknown")
    await _check_named(tx, home, data, before, {bank.id for bank in mine})


async def _check_call(tx: Tx, home: Organisation, lesson: LessonId) -> None:
    """A lesson of the house that the actor may know of. Raises ExamUnfit."""
    known = (await lessons.parts_in(tx, [lesson])).get(lesson)
    if known is None or known[0].organisation_id != home.id:
        raise settings.ExamUnfit(where="lesson_id", why="unknown")


async def _check_named(
    tx: Tx, home: Organisation, data: ExamData, before: ExamData | None, banks: Collection[BankId]
) -> None:
    """Whoever names a question must be able to read it. Raises ExamUnfit."""
    old = set(_named(before)) if before else set()
    fresh = [one for one in _named(data) if one not in old]
    found = await items.chosen(tx, home.id, fresh)
    if any(one not in found or found[one].bank_id not in banks for one in fresh):
        raise settings.ExamUnfit(where="sections", why="unknown")


def _named(data: ExamData) -> list[ItemId]:
    return [one.item_id for section in data.sections for one in section.items]


def _added(before: ExamData, data: ExamData) -> settings.TakersData:
    groups = [one for one in data.takers.groups if one not in before.takers.groups]
    persons = [one for one in data.takers.persons if one not in before.takers.persons]
    return settings.TakersData(groups, persons)


def _check_open(row: Exam) -> None:
    if row.state in ("cancelled", "released"):
        raise ExamIsOver(state=row.state)


def _check_still(before: ExamData, after: ExamData) -> None:
    names = [name for name in ExamData.__dataclass_fields__ if getattr(before, name) != getattr(after, name)]
    if changed := sorted(set(names) - STILL):
        raise ExamIsPublished(fields=changed)


async def _keep(tx: Tx, row: Exam, data: ExamData) -> None:
    """Write it down; whoever else is named, there is a chair."""
    row.title, row.course_id, row.kind, row.level = data.title, data.course_id, data.kind, data.level
    row.resit_of = data.resit_of
    row.opens_at, row.closes_at, row.ends_at = data.opens_at, data.closes_at, data.ends_at
    members: dict[PersonId, settings.Part] = {one.person_id: one.part for one in data.commission}
    if "chair" not in members.values():
        members[tx.actor.id] = "chair"
    data = replace(data, commission=[MemberData(person, part) for person, part in members.items()])
    row.settings = to_plain(data)
    await tx.flush()
    await tx.execute(delete(ExamMember).where(_in(ExamMember, row)))
    there = {"organisation_id": row.organisation_id, "exam_id": row.id}
    tx.add(*(ExamMember(**there, person_id=person, part=part) for person, part in members.items()))
    await tx.flush()


def _changed(tx: Tx, row: Exam) -> None:
    tx.emit(ExamChanged(organisation_id=row.organisation_id, exam_id=row.id, state=row.state))


async def _view(tx: Tx, seen: Seen, *, position: int | None = None) -> ExamView:
    row, data = seen.row, finding.data_of(seen.row)
    names = await people.names(tx, {row.author_id, *(one.person_id for one in data.commission)})
    states = await newest(tx, row.organisation_id, [one.id for one in await tx.all(_sittings(row))])
    sittings: dict[str, int] = {}
    for one in states.values():
        sittings[one.state.value] = sittings.get(one.state.value, 0) + 1
    worth = [one.points for section in data.sections for one in section.items]
    worth += [one.points * one.count for section in data.sections for one in section.cells]
    return ExamView(
        id=row.id,
        organisation_id=row.organisation_id,
        position=position,
        version=row.version,
        state=row.state,  # type: ignore[arg-type]
        part=seen.part,
        data=data,
        author_id=row.author_id,
        author=names.get(row.author_id, ""),
        commission=[MemberView(one.person_id, names.get(one.person_id, ""), one.part) for one in data.commission],
        made_at=row.made_at,
        published_at=row.published_at,
        takers=(await _counts(tx, [row])).get(row.id, (0, 0))[0],
        sittings=sittings,
        questions=settings.questions(data),
        points=str(sum(worth, start=0)),
    )


async def _counts(tx: Tx, rows: Collection[Exam]) -> dict[ExamId, tuple[int, int]]:
    """Of each: how many are to take it, and how many sittings began."""
    if not rows:
        return {}
    here = {row.organisation_id for row in rows}, {row.id for row in rows}
    query = select(ExamTaker.exam_id, func.count()).where(
        ExamTaker.organisation_id.in_(here[0]), ExamTaker.exam_id.in_(here[1]), ~ExamTaker.exempt
    )
    taken = {exam: count for exam, count in await tx.rows(query.group_by(ExamTaker.exam_id))}
    query = select(Sitting.exam_id, func.count()).where(
        Sitting.organisation_id.in_(here[0]), Sitting.exam_id.in_(here[1]), Sitting.began_at.is_not(None)
    )
    began = {exam: count for exam, count in await tx.rows(query.group_by(Sitting.exam_id))}
    return {row.id: (taken.get(row.id, 0), began.get(row.id, 0)) for row in rows}


async def _my_sittings(tx: Tx, rows: Sequence[Exam]) -> tuple[dict[ExamId, MySitting], dict[ExamId, str]]:
    """The actor's own newest sitting of each, and their seats."""
    home, ids = tx.actor.organisation, [row.id for row in rows]
    if home is None or not ids:
        return {}, {}
    mine = (Sitting.organisation_id == home) & (Sitting.person_id == tx.actor.id) & Sitting.exam_id.in_(ids)
    sat = {one.exam_id: one for one in await tx.all(select(Sitting).where(mine).order_by(Sitting.attempt))}
    states = await newest(tx, home, [one.id for one in sat.values()])
    taken = (ExamTaker.organisation_id == home) & (ExamTaker.person_id == tx.actor.id) & ExamTaker.exam_id.in_(ids)
    seats = {exam: seat for exam, seat in await tx.rows(select(ExamTaker.exam_id, ExamTaker.seat).where(taken))}
    found = {
        exam: MySitting(one.id, one.attempt, states[one.id].state, one.began_at)
        for exam, one in sat.items()
        if one.id in states
    }
    return found, seats


def _places(tx: Tx) -> list[Scope]:
    """A tutor holds the role at a group."""
    return [Scope(path) for path in policy.paths_permitting(tx.actor, Permission.EXAM_CREATE)]


def _sittings(row: Exam) -> Any:
    return select(Sitting).where(_in(Sitting, row))


def _in(table: Any, exam: Exam) -> Any:
    return (table.organisation_id == exam.organisation_id) & (table.exam_id == exam.id)
