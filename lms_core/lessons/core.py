"""Rules of lessons: their states, and the one place where local wall time becomes moments."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.text import clean

LENGTH = timedelta(minutes=45)
"""How long an unplanned lesson seems to last until it is ended (order ДСМ-76: at most 45 minutes)."""
LEFT_OPEN = timedelta(minutes=30)
LEFT_OPEN_UNPLANNED = timedelta(hours=12)
KEEP_VISITS = timedelta(days=365)
LONGEST_TITLE = 200
_FIRST_YEAR, _LAST_YEAR = 2000, 2200


class State(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    ENDED = "ended"


Act = Literal["open", "end", "enter"]


class LessonNotOpen(Refusal):
    """Who leads it has not come yet, or it is of a later day."""

    code, status = "lesson_not_open", 409


class LessonEnded(Refusal):
    code, status = "lesson_ended", 409


class LessonTitleTooLong(Refusal):
    code, status = "lesson_title_too_long", 422


NEXT: dict[tuple[State, Act], State | type[Refusal]] = {
    (State.PLANNED, "open"): State.OPEN,
    (State.OPEN, "open"): State.OPEN,
    (State.ENDED, "open"): State.OPEN,  # again, by who leads it
    (State.PLANNED, "end"): LessonNotOpen,
    (State.OPEN, "end"): State.ENDED,
    (State.ENDED, "end"): State.ENDED,
    (State.PLANNED, "enter"): LessonNotOpen,
    (State.OPEN, "enter"): State.OPEN,
    (State.ENDED, "enter"): LessonEnded,
}
"""state, act → the next state, or the refusal. Opening is for the lesson's own local day only."""


def after(state: State, act: Act) -> State:
    """The next state. Raises LessonNotOpen, LessonEnded."""
    found = NEXT[state, act]
    if isinstance(found, State):
        return found
    raise found


def check_day(state: State, starts_at: datetime, ends_at: datetime, now: datetime, zone: str) -> None:
    """Opening waits for the lesson's day, and is over with it; what is open stays open."""
    today = local_time(now, zone).date()
    if state is State.OPEN:
        return
    if today < local_time(starts_at, zone).date():
        raise LessonNotOpen(starts_at=starts_at.isoformat())
    if today > local_time(ends_at, zone).date():
        raise LessonEnded


def left_open_at(planned: bool, starts_at: datetime, ends_at: datetime, opened_at: datetime) -> datetime:
    """When a lesson that nobody ends is ended. One opened late or again gets its whole length."""
    if not planned:
        return opened_at + LEFT_OPEN_UNPLANNED
    return max(ends_at, opened_at + (ends_at - starts_at)) + LEFT_OPEN


def rank(state: State, starts_at: datetime, ends_at: datetime, now: datetime) -> tuple[int, bool, datetime]:
    """Sorts a day's lessons: on now (open ones first), then coming, then past."""
    if state is State.OPEN or (state is State.PLANNED and starts_at <= now < ends_at):
        group = 0
    else:
        group = 1 if state is State.PLANNED and starts_at > now else 2
    return group, state is not State.OPEN, starts_at


def clean_title(title: str) -> str:
    """May be empty: pages then say what it is in their own language."""
    title = clean(title)
    if len(title) > LONGEST_TITLE:
        raise LessonTitleTooLong(limit=LONGEST_TITLE)
    return title


def moment(begins: datetime, zone: str) -> datetime:
    """UTC; what has no zone is local wall time."""
    return (begins if begins.tzinfo else begins.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def local_time(at: datetime, zone: str) -> datetime:
    """What the clock on the wall shows, without a zone."""
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def day_bounds(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moments of a local day and of the next one."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Malformed(fields=[{"at": "date", "why": "out_of_range"}])
    first = datetime.combine(day, time())
    return moment(first, zone), moment(first + timedelta(days=1), zone)
