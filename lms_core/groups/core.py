"""Rules of groups and of learning in them."""

from dataclasses import dataclass
from datetime import date

from lms_core.kernel.errors import Refusal

HIGHEST = {"school": 12, "college": 4, "university": 7}
"""Grade of a school, year of a course elsewhere."""


class GradeOutOfRange(Refusal):
    code, status = "grade_out_of_range", 422


class AlreadyEnrolled(Refusal):
    """The person learns in that group on some of these days already."""

    code, status = "already_enrolled", 409


class DatesTurned(Refusal):
    """It would end before it begins."""

    code, status = "dates_turned", 422


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` up to and without `after`; None: open."""

    first: date
    after: date | None = None


def check_grade(kind: str, grade: int) -> None:
    if not 1 <= grade <= HIGHEST[kind]:
        raise GradeOutOfRange(grade=grade, highest=HIGHEST[kind])


def check_span(span: Span, others: list[Span]) -> None:
    """A new span among the others of the same person in the same group."""
    if span.after is not None and span.after <= span.first:
        raise DatesTurned
    if any(_overlap(span, other) for other in others):
        raise AlreadyEnrolled


def _overlap(one: Span, other: Span) -> bool:
    return (other.after is None or one.first < other.after) and (one.after is None or other.first < one.after)
