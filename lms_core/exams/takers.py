"""Who is to pass an exam: named or by their groups, with seats, allowances and admission."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from lms_core.access import policy
from lms_core.access.policy import Permission, Scope
from lms_core.courses import service as courses
from lms_core.groups import service as groups
from lms_core.groups.service import GroupView
from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Forbidden, NotFound, Refusal
from lms_core.kernel.ids import ExamId, GroupId, PersonId, SittingId
from lms_core.kernel.text import clean
from lms_core.orgs import service as orgs
from lms_core.orgs.service import Organisation
from lms_core.people import service as people

from . import admission, finding, moves, settings
from .admission import Asked, NotAdmitted
from .events import ExamChanged
from .model import Exam, ExamTaker, Sitting
from .reading import newest
from .settings import ExamData
from .timing import Allowance

LONGEST_SEAT, LONGEST_REFUSAL = 40, 500


class TakerUnfit(Refusal):
    """A seat or a reason is too long."""

    code, status = "taker_unfit", 422


@dataclass(frozen=True, slots=True)
class TheirSitting:
    id: SittingId
    attempt: int
    state: str


@dataclass(frozen=True, slots=True)
class TakerView:
    """`factor`: a fraction as text (`5/4`). `check`: the code by which an admission check refuses them, else "".
    `admitted`: by the commission, in spite of it; `refusal`: why the commission does not."""

    person_id: PersonId
    name: str
    group_id: GroupId | None
    group: str
    seat: str
    factor: str
    extra_seconds: int
    exempt: bool
    admitted: bool
    refusal: str
    check: str
    sittings: list[TheirSitting]


@dataclass(frozen=True, slots=True)
class TakerData:
    seat: str = ""
    factor: str = "1"
    extra_seconds: int = 0
    exempt: bool = False
    admitted: bool = False
    refusal: str = ""


async def list_for(tx: Tx, exam_id: ExamId) -> list[TakerView]:
    """For the commission and who reads all. Raises NotFound."""
    seen = await finding.find(tx, exam_id)
    return await _views(tx, seen.row, await tx.all(_of(seen.row).order_by(ExamTaker.person_id)))


async def change(tx: Tx, exam_id: ExamId, person: PersonId, data: TakerData) -> TakerView:
    """By a chair; a running sitting has its new time at once.

    Raises NotFound, Forbidden, TakerUnfit, AllowanceUnfit.
    """
    seen = await finding.find(tx, exam_id, "chair")
    row = await tx.get(ExamTaker, (seen.row.organisation_id, exam_id, person))
    if row is None:
        raise NotFound(kind="person")
    settings.allowance(data.factor, data.extra_seconds)
    row.seat, row.refusal = _short(data.seat, LONGEST_SEAT), _short(data.refusal, LONGEST_REFUSAL)
    row.factor, row.extra_seconds = data.factor, data.extra_seconds
    row.exempt, row.admitted = data.exempt, data.admitted
    await tx.flush()
    await moves.reckon_anew(tx, seen.row, person)
    tx.emit(ExamChanged(organisation_id=seen.row.organisation_id, exam_id=exam_id, state=seen.row.state))
    return (await _views(tx, seen.row, [row]))[0]


async def check_choice(tx: Tx, organisation: Organisation, data: ExamData) -> None:
    """Whether the actor may examine these: groups that they teach or look after, and who learns in such.

    Raises NotFound, Forbidden.
    """
    wanted = await groups.views(tx, data.takers.groups)
    if any(one not in wanted or wanted[one].organisation_id != organisation.id for one in data.takers.groups):
        raise NotFound(kind="group")
    taught = await taught_groups(tx, organisation)
    if not all(may_examine(tx, one, taught) for one in wanted.values()):
        raise Forbidden(needs=Permission.EXAM_CREATE)
    if data.takers.persons:
        await _check_persons(tx, organisation, data.takers.persons, taught)


async def taught_groups(tx: Tx, organisation: Organisation) -> set[GroupId]:
    """The groups of the courses that the actor teaches."""
    mine = await courses.of_organisation(tx, organisation.id, teacher=tx.actor.id)
    return {group for course in mine if not course.ended for group in course.group_ids}


def may_examine(tx: Tx, group: GroupView, taught: Collection[GroupId]) -> bool:
    return group.id in taught or policy.allows(tx.actor, Permission.EXAM_CREATE, [Scope(group.path)])


async def fill(tx: Tx, exam: Exam, data: ExamData) -> None:
    """A row for each who is to pass it now; rows that are there stay as they are. Who is named no more, and has not
    begun, is taken away."""
    organisation = await orgs.unit(tx, exam.organisation_id)
    learning = await groups.learning_in(tx, organisation.id, data.takers.groups, orgs.today(tx, organisation))
    wanted: dict[PersonId, GroupId | None] = {person: None for person in data.takers.persons}
    wanted |= {one.person: one.group for one in learning}
    there = {row.person_id for row in await tx.all(_of(exam))}
    began = set(await tx.all(select(Sitting.person_id).where(_in(Sitting, exam))))
    gone = there - wanted.keys() - began
    await tx.execute(delete(ExamTaker).where(_in(ExamTaker, exam), ExamTaker.person_id.in_(gone)))
    tx.add(
        *(
            ExamTaker(organisation_id=organisation.id, exam_id=exam.id, person_id=person, group_id=group)
            for person, group in wanted.items()
            if person not in there
        )
    )
    await tx.flush()


async def taking(tx: Tx, exam: Exam, person: PersonId) -> ExamTaker | None:
    return await tx.get(ExamTaker, (exam.organisation_id, exam.id, person))


def allowance_of(row: ExamTaker | None) -> Allowance:
    return settings.allowance(row.factor, row.extra_seconds) if row else Allowance()


async def check_admitted(tx: Tx, exam: Exam, taker: ExamTaker) -> None:
    """Raises NotAdmitted, and what an admission check says."""
    if taker.refusal or taker.exempt:
        raise NotAdmitted(why=taker.refusal)
    if not taker.admitted:
        for no in (await admission.refused(tx, _asked(exam), [taker.person_id])).values():
            raise no


async def _check_persons(
    tx: Tx, organisation: Organisation, persons: Collection[PersonId], taught: Collection[GroupId]
) -> None:
    await people.check_those_of(tx, organisation.id, persons)
    found = await groups.places_of(tx, organisation.id, persons, orgs.today(tx, organisation))
    views = await groups.views(tx, {group for _, group, _ in found})
    allowed = {person for person, group, _ in found if may_examine(tx, views[group], taught)}
    if not set(persons) <= allowed and not policy.allows(tx.actor, Permission.EXAM_CREATE, [Scope(organisation.path)]):
        raise Forbidden(needs=Permission.EXAM_CREATE)


async def _views(tx: Tx, exam: Exam, rows: Collection[ExamTaker]) -> list[TakerView]:
    persons = [row.person_id for row in rows]
    names = await people.names(tx, persons)
    known = await groups.views(tx, {row.group_id for row in rows if row.group_id})
    refused = await admission.refused(tx, _asked(exam), persons)
    sat = await tx.all(
        select(Sitting).where(_in(Sitting, exam), Sitting.person_id.in_(persons)).order_by(Sitting.attempt)
    )
    states = await newest(tx, exam.organisation_id, [one.id for one in sat])
    theirs: dict[PersonId, list[TheirSitting]] = {}
    for one in sat:
        theirs.setdefault(one.person_id, []).append(TheirSitting(one.id, one.attempt, states[one.id].state))
    views = [
        TakerView(
            person_id=row.person_id,
            name=names.get(row.person_id, ""),
            group_id=row.group_id,
            group=known[row.group_id].name if row.group_id and row.group_id in known else "",
            seat=row.seat,
            factor=row.factor,
            extra_seconds=row.extra_seconds,
            exempt=row.exempt,
            admitted=row.admitted,
            refusal=row.refusal,
            check=refused[row.person_id].code if row.person_id in refused else "",
            sittings=theirs.get(row.person_id, []),
        )
        for row in rows
    ]
    return sorted(views, key=lambda one: (one.group, one.name))


def _asked(exam: Exam) -> Asked:
    return Asked(exam.organisation_id, exam.id, exam.course_id, exam.kind)


def _of(exam: Exam) -> Any:
    return select(ExamTaker).where(_in(ExamTaker, exam))


def _in(table: Any, exam: Exam) -> Any:
    return (table.organisation_id == exam.organisation_id) & (table.exam_id == exam.id)


def _short(text: str, most: int) -> str:
    made = clean(text)
    if len(made) > most:
        raise TakerUnfit(limit=most)
    return made
