"""Which saves of answers are taken. Server time rules; what a browser's clock says is only written down.

A browser numbers the versions of each answer (`revision`) and sends a version until it is acknowledged. So a save may
come twice, late or after a newer one, and whatever was acknowledged is kept or followed by a newer one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from lms_core.kernel.errors import Malformed, Refusal

from .core import Row, State, state_of
from .timing import Rules

MOST_REVISIONS = 1_000_000
LONGEST_DEVICE = 64
HANDOVER = timedelta(minutes=10)
"""For so long the device before may deliver what it still holds."""
TRAVEL = timedelta(seconds=5)
"""How long a save may be on its way without seeming to be written after the end."""
_OPEN = (State.RUNNING, State.INTERRUPTED)
_CLOSED = (State.PAUSED, State.HANDED_IN, State.TERMINATED)


class SittingNotRunning(Refusal):
    """It has not begun, or is judged already: `state`."""

    code, status = "sitting_not_running", 409


class AnswerTooLate(Refusal):
    """Writing ended at `ended_at`; `state` says why. What was written before is taken for `late` seconds more."""

    code, status = "answer_too_late", 409


class SectionNotOpen(Refusal):
    """The sitting is in `section`; this question is of a later one."""

    code, status = "section_not_open", 409


class OtherDevice(Refusal):
    """The sitting goes on on another device `since` then. It may be brought here."""

    code, status = "other_device", 409


class AnswerConflict(Refusal):
    """Another answer was taken under this revision; `revision` is the newest. Show it, and save with the next."""

    code, status = "answer_conflict", 409


@dataclass(frozen=True, slots=True)
class Save:
    """`digest`: of the answer as sent. `age`: how long ago it was written, by the browser's own steady clock; it
    matters only after the end. `section`: of its question, by the server."""

    revision: int
    digest: str
    device: str
    age: timedelta = timedelta()
    section: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """The newest answer to a question."""

    revision: int
    digest: str
    device: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """The one device of a sitting, and the one before it."""

    device: str
    since: datetime
    before: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`outcome`: taken, or held already (`again`), or a newer one is held (`older`); each is an acknowledgement.
    `revision`: the newest that is held. `late`: it came after the end, and was written before it."""

    outcome: Literal["taken", "again", "older"]
    revision: int
    late: bool = False


def judge(
    save: Save, held: Held | None, rows: Sequence[Row], rules: Rules, holder: Holder | None, now: datetime
) -> Answer:
    """What becomes of a save. `rows`: with what was `due` by now.

    Raises Malformed, OtherDevice, SittingNotRunning, SectionNotOpen, AnswerTooLate, AnswerConflict.
    """
    if not 1 <= save.revision <= MOST_REVISIONS or save.age < timedelta():
        raise Malformed(reason="a revision counts from 1, an age from 0")
    if held and save.revision <= held.revision and _knows(save, holder):
        return _not_newer(save, held, holder)
    _check_device(save, held, holder, now)
    late = _late(save, rows, rules, now)
    return Answer("taken", save.revision, late)


def claim(holder: Holder | None, device: str, now: datetime, *, bring: bool) -> Holder:
    """Which device has the sitting now. `bring`: the learner asks to go on here. Raises OtherDevice, Malformed."""
    if not 0 < len(device) <= LONGEST_DEVICE:
        raise Malformed(reason=f"a device has a token of 1 to {LONGEST_DEVICE} characters")
    if holder is None:
        return Holder(device, now)
    if holder.device == device:
        return holder
    if not bring:
        raise OtherDevice(since=holder.since.isoformat())
    return Holder(device, max(now, holder.since), holder.device)


def _not_newer(save: Save, held: Held, holder: Holder | None) -> Answer:
    if save.revision == held.revision and save.digest != held.digest:
        if holder and save.device != holder.device:
            raise OtherDevice(since=holder.since.isoformat())
        raise AnswerConflict(revision=held.revision)
    return Answer("again" if save.revision == held.revision else "older", held.revision)


def _knows(save: Save, holder: Holder | None) -> bool:
    return holder is None or save.device in (holder.device, holder.before)


def _check_device(save: Save, held: Held | None, holder: Holder | None, now: datetime) -> None:
    """The device before delivers what it wrote until it was left, and never over what the new one wrote."""
    if holder is None or save.device == holder.device:
        return
    left_behind = (
        save.device == holder.before
        and now - save.age <= holder.since + TRAVEL
        and now <= holder.since + HANDOVER
        and not (held and held.device == holder.device)
    )
    if not left_behind:
        raise OtherDevice(since=holder.since.isoformat())


def _late(save: Save, rows: Sequence[Row], rules: Rules, now: datetime) -> bool:
    """Whether it is late and may still be. Raises SittingNotRunning, SectionNotOpen, AnswerTooLate."""
    state = state_of(rows)
    if state not in (*_OPEN, *_CLOSED):
        raise SittingNotRunning(state=state.value)
    current = rows[-1].section
    if save.section > current:
        raise SectionNotOpen(section=current)
    if save.section == current and state in _OPEN:
        return False
    ended = _ended(rows, save.section)
    if now > ended + rules.late or now - save.age > ended + TRAVEL:
        late = int(rules.late.total_seconds())
        raise AnswerTooLate(ended_at=ended.isoformat(), state=state.value, late=late)
    return True


def _ended(rows: Sequence[Row], section: int) -> datetime:
    """When writing in a section ended: it was left, or the first of the newest rows in which nothing is written."""
    if section < rows[-1].section:
        return next(row.at for row in rows if row.section > section)
    closed = rows[-1]
    for row in reversed(rows):
        if row.state not in _CLOSED:
            break
        closed = row
    return closed.at
