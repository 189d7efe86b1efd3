"""Rules of recordings: who may be recorded, who may watch, and until when. Plain values in and out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from lms_core.kernel.errors import Malformed, Refusal
from lms_core.kernel.text import clean

ConsentState = Literal["given", "asked", "refused", "guardian"]
OF_AGE = 18
LONGEST_TITLE = 120


class State(StrEnum):
    RECORDING = "recording"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"


class NotRecording(Refusal):
    """Nothing is being recorded in this room."""

    code, status = "not_recording", 409


class RecordingNotReady(Refusal):
    """It is still being recorded, or its files are still being made."""

    code, status = "recording_not_ready", 409


@dataclass(frozen=True, slots=True)
class WatchRule:
    """Holds for recordings that begin from `valid_from` on, up to the next rule: which parts in the lesson may
    watch, which of them only what is their own lesson, and for how many days it is kept. `source`: the act it rests
    on."""

    watch: frozenset[str]
    own: frozenset[str]
    days: int
    valid_from: date
    source: str


RULES = (WatchRule(frozenset({"lead", "join", "see"}), frozenset({"join"}), 180, date(2026, 1, 1), "house rule"),)


def rule_of(day: date) -> WatchRule:
    """The rule of a recording that began on a day."""
    return ([rule for rule in RULES if rule.valid_from <= day] or [RULES[0]])[-1]


def may_watch(part: str | None, day: date, *, own: bool) -> bool:
    """Whether who has this part in the lesson may watch what was recorded on a day. `own`: it is a lesson of their
    class or course, they were invited, or they were in it; an unplanned one may be joined by many more."""
    rule = rule_of(day)
    return part == "lead" or (part in rule.watch and (own or part not in rule.own))


def chapter_title(text: str) -> str:
    """Raises Malformed for an empty one, or one that fills a page."""
    title = clean(text)
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Malformed(reason=f"a title has 1 to {LONGEST_TITLE} characters")
    return title


def keep_until(began: datetime) -> datetime:
    return began + timedelta(days=rule_of(began.date()).days)


def is_minor(born: date | None, has_guardian: bool, today: date) -> bool:
    """Whether a guardian's word is needed. Whose age is not known is a child if a guardian is known."""
    if born is None:
        return has_guardian
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years < OF_AGE


def consent(own: bool | None, guardian: bool | None, *, minor: bool) -> ConsentState:
    """What stands between a person and being recorded: `given` nothing, `guardian` only the guardian's word."""
    if own is False or (minor and guardian is False):
        return "refused"
    if minor and guardian is None:
        return "guardian"
    if own or (minor and guardian):
        return "given"
    return "asked"


def in_step(tracks: Mapping[Any, tuple[str, float, float | None]]) -> dict[Any, float]:
    """When each track starts, by (participant, start by arrival, start on the sender's clock where it is known).

    What one sender sent at one moment is heard and seen at one moment: of a sender's tracks the one that was delayed
    least says how far their clock is from ours.
    """
    ahead: dict[str, list[float]] = {}
    for participant, start, ntp in tracks.values():
        if ntp is not None:
            ahead.setdefault(participant, []).append(start - ntp)
    found = {}
    for key, (participant, start, ntp) in tracks.items():
        near = [one for one in ahead.get(participant, ()) if ntp is not None and abs(one - (start - ntp)) < MOST_SKEW]
        found[key] = start if ntp is None else ntp + min(near)
    return found


MOST_SKEW = 1.0
"""Seconds; a sender whose clock was set meanwhile tells nothing."""


def chain_holds(segments: Iterable[tuple[str, str, str]]) -> bool:
    """Whether each segment of a track (own hash, hash of the one before, why it is a gap or "") names the one before
    it; where one was cut out, nobody can tell."""
    before: str | None = ""
    for own, previous, why in segments:
        if why:
            before = None if why == "cut" else before
            continue
        if before is not None and previous != before:
            return False
        before = own
    return True
