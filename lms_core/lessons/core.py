"""Rules of lessons: their states, and the one place where local wall time becomes moments."""

from collections.abc import Iterable
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
    CANCELLED = "cancelled"


Act = Literal["open", "end", "enter", "cancel", "restore"]


class LessonNotOpen(Refusal):
    """Who leads it has not come yet, or it is of a later day."""

    code, status = "lesson_not_open", 409


class LessonEnded(Refusal):
    code, status = "lesson_ended", 409


class LessonCancelled(Refusal):
    """It will not be."""

    code, status = "lesson_cancelled", 409


class LessonBegun(Refusal):
    """Somebody was in it: it can be ended, not changed."""

    code, status = "lesson_begun", 409


class LessonConflict(Refusal):
    """The teacher or a group has another lesson then; `conflicts` says which and when, of the first
    ones, `more` how many lessons there are besides. May be overruled."""

    code, status = "lesson_conflict", 409


class TooManyLessons(Refusal):
    """More than `most` at once, or none at all on these days."""

    code, status = "too_many_lessons", 422


class HourUnfit(Refusal):
    """Not between `least` and `most` minutes, or no time of a day."""

    code, status = "hour_unfit", 422


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
    (State.CANCELLED, "open"): LessonCancelled,
    (State.CANCELLED, "end"): LessonNotOpen,
    (State.CANCELLED, "enter"): LessonCancelled,
    (State.PLANNED, "cancel"): State.CANCELLED,
    (State.OPEN, "cancel"): LessonBegun,
    (State.ENDED, "cancel"): LessonBegun,
    (State.CANCELLED, "cancel"): State.CANCELLED,
    (State.PLANNED, "restore"): State.PLANNED,
    (State.OPEN, "restore"): State.OPEN,
    (State.ENDED, "restore"): State.ENDED,
    (State.CANCELLED, "restore"): State.PLANNED,
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


def seconds_there(spans: Iterable[tuple[datetime, datetime]]) -> int:
    """How long somebody was there who came and went so; who is there twice at once counts once."""
    total, until = timedelta(), None
    for came, went in sorted(spans):
        begins = came if until is None or came > until else until
        if went > begins:
            total, until = total + (went - begins), went
    return round(total.total_seconds())


SHORTEST, LONGEST, MOST = 5, 480, 2000


def days_of(weekday: int, first: date, until: date) -> list[date]:
    """The days with this weekday (0: Monday) from `first` to `until`. Raises TooManyLessons."""
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    if not _FIRST_YEAR <= first.year <= _LAST_YEAR or until - first > timedelta(days=400):
        raise TooManyLessons(most=MOST)
    return [day + timedelta(weeks=week) for week in range((until - day).days // 7 + 1)]


def hour(day: date, begins: str, minutes: int) -> tuple[datetime, timedelta]:
    """When on the wall, and how long. `begins`: `08:30`. Raises HourUnfit."""
    try:
        at = time.fromisoformat(begins.strip().replace(".", ":").zfill(5))
    except ValueError:
        raise HourUnfit(least=SHORTEST, most=LONGEST) from None
    if not SHORTEST <= minutes <= LONGEST or at.tzinfo is not None:
        raise HourUnfit(least=SHORTEST, most=LONGEST)
    return datetime.combine(day, at), timedelta(minutes=minutes)


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
