"""Rules of groups and of learning in them."""

import re
from dataclasses import dataclass
from datetime import date

from lms_core.kernel.errors import Refusal
from lms_core.kernel.text import clean

LONGEST_NAME = 60
HIGHEST = {"school": 12, "college": 4, "university": 7}
"""Grade of a school, year of a course elsewhere."""


class GradeOutOfRange(Refusal):
    code, status = "grade_out_of_range", 422


class GroupNameUnfit(Refusal):
    """Empty, or of more than `most` letters."""

    code, status = "group_name_unfit", 422


class GroupTaken(Refusal):
    """Another group of that year is called so."""

    code, status = "group_taken", 409


class GroupClosed(Refusal):
    """Nobody learns there any more."""

    code, status = "group_closed", 409


class NotEnrolled(Refusal):
    """Somebody does not learn in that group on that day."""

    code, status = "not_enrolled", 409


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


def clean_name(name: str) -> str:
    name = clean(name)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise GroupNameUnfit(most=LONGEST_NAME)
    return name


def next_name(name: str, grade: int) -> str:
    """The name in the next year: `10 «А»` → `11 «А»`. A name that does not begin with its grade stays."""
    return re.sub(r"\d{1,2}", str(grade + 1), name, count=1) if grade_in(name) == grade else name


def grade_in(name: str) -> int | None:
    """The number a name begins with: 11 of `11 «А»`."""
    found = re.match(r"\s*(\d{1,2})(?!\d)", name)
    return int(found[1]) if found else None
