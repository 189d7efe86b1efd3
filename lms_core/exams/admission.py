"""Who may sit an exam: checks that features above bring along (debts, attendance, marks of the term)."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass

from lms_core.kernel.db import Tx
from lms_core.kernel.errors import Refusal
from lms_core.kernel.ids import CourseId, ExamId, PersonId, UnitId


@dataclass(frozen=True, slots=True)
class Asked:
    """The exam that somebody wants to sit."""

    organisation_id: UnitId
    exam_id: ExamId
    course_id: CourseId | None
    kind: str


Check = Callable[[Tx, Asked, Collection[PersonId]], Awaitable[Mapping[PersonId, Refusal]]]
_CHECKS: list[Check] = []


class NotAdmitted(Refusal):
    """The commission does not admit this learner; `why` is theirs."""

    code, status = "not_admitted", 403


def admission(check: Check) -> Check:
    """Declare a check: of these persons, whom it refuses and why."""
    _CHECKS.append(check)
    return check


async def refused(tx: Tx, exam: Asked, persons: Collection[PersonId]) -> dict[PersonId, Refusal]:
    """Whom any check refuses, by the first that does."""
    found: dict[PersonId, Refusal] = {}
    for check in _CHECKS:
        for person, no in (await check(tx, exam, persons)).items():
            found.setdefault(person, no)
    return found
