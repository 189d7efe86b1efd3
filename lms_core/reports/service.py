"""The report of one lesson, made of what its features kept."""

from dataclasses import dataclass
from datetime import datetime

from lms_core.kernel.db import Tx
from lms_core.kernel.ids import LessonId, PersonId
from lms_core.lessons import attendance
from lms_core.lessons.service import LessonView
from lms_core.messages import service as messages
from lms_core.polls import service as polls


@dataclass(frozen=True, slots=True)
class LineView:
    """One person's part. `expected`: of the lesson's groups, or booked it. `minutes` there, of the whole lesson's
    breakouts too; `spoke` in seconds; `messages` in the chat; `polls` with names that they answered."""

    person_id: PersonId
    name: str
    expected: bool
    minutes: int
    spoke: int
    times: int
    came: datetime | None
    went: datetime | None
    messages: int
    polls: int


@dataclass(frozen=True, slots=True)
class LessonReport:
    """`present`: of those who were `expected`. `polls`: how many with names there were."""

    lesson: LessonView
    expected: int
    present: int
    polls: int
    lines: list[LineView]


async def of_lesson(tx: Tx, lesson_id: LessonId) -> LessonReport:
    """Raises NotFound, Forbidden: learners never see it."""
    ref, view, people = await attendance.of_lesson(tx, lesson_id)
    asked, answered = await polls.answered(tx, ref.organisation_id, ref.room_id)
    written = await messages.written(tx, ref.organisation_id, ref.room_id)
    lines = [
        LineView(
            person_id=one.person_id,
            name=one.name,
            expected=one.expected,
            minutes=(one.seconds + 30) // 60,
            spoke=one.spoke,
            times=one.times,
            came=one.came,
            went=one.went,
            messages=written.get(one.person_id, 0),
            polls=answered.get(one.person_id, 0),
        )
        for one in people
    ]
    expected = [one for one in people if one.expected]
    return LessonReport(view, len(expected), sum(1 for one in expected if one.times), asked, lines)
