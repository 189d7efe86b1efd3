"""Rules of courses."""

from datetime import date

from lms_core.kernel.errors import Refusal

FIRST_MONTH = 8
"""The school year begins on 1 September; from August on one plans for it."""


class CourseEmpty(Refusal):
    """A course has at least one group and one teacher."""

    code, status = "course_empty", 422


def school_year(day: date) -> int:
    """The year in which the school year of a day began."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def check_members(groups: int, teachers: int) -> None:
    if not groups or not teachers:
        raise CourseEmpty
