"""Marking: two markers and a third, a faulty question marked again with a record, points on a dated scale.

What an answer is worth follows from four things alone: the rule or the markers, then regrades and appeals in the order
of time (`settled`). So it may be reckoned anew whenever one of them changes, and comes out the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from lms_core.kernel.errors import Refusal
from lms_core.kernel.names import Names
from lms_core.kernel.text import clean

LONGEST_COMMENT = 4000
LONGEST_LABEL, MOST_BANDS = 20, 40
STEP = Decimal("0.5")
"""Of points by hand where the exam says no other; what a rubric's levels come to is taken as it is."""
CENT = Decimal("0.01")
NOT_SAID = Names("", "", "")


class PointsUnfit(Refusal):
    """Not between 0 and `most`, or not in steps of `step`."""

    code, status = "points_unfit", 422


class SameMarker(Refusal):
    """Each of the markers of one answer is another person."""

    code, status = "same_marker", 409


class ScaleMissing(Refusal):
    """No scale of this level is in force on that `day`."""

    code, status = "scale_missing", 409


class ScaleUnfit(Refusal):
    """`why`: `level`, `bands` (none, too many, not from 0 up, one twice), `label`, `dates`, `source`, `appeals`."""

    code, status = "scale_unfit", 422


class RubricUnfit(Refusal):
    """A level for each criterion of the rubric and no other, or points, never both."""

    code, status = "rubric_unfit", 422


class OwnWork(Refusal):
    """Nobody marks, or decides about, what is their own."""

    code, status = "own_work", 403


class MarkSettled(Refusal):
    """The markers agree already, or a third has decided: it changes by a regrade or an appeal."""

    code, status = "mark_settled", 409


class NotMarked(Refusal):
    """Such an answer is marked by its key, or there is none; or the sitting is not ended."""

    code, status = "not_marked_by_hand", 409


class ResultsReleased(Refusal):
    """The learners know their results: they change by a regrade or an appeal."""

    code, status = "results_released", 409


class ResultsNotReady(Refusal):
    """`marks` are missing, `running` sittings are not ended, `undecided` terminated ones neither accepted nor
    voided."""

    code, status = "results_not_ready", 409


class ResultsNotReleased(Refusal):
    """The learner is not told yet."""

    code, status = "results_not_released", 409


class CommentMissing(Refusal):
    """What changes others' results is explained, in `limit` characters at most."""

    code, status = "comment_missing", 422


class CommentTooLong(Refusal):
    code, status = "comment_too_long", 422


class RegradeUnfit(Refusal):
    """`why`: `unasked` (no sitting was asked this question), `dropped` (it is out of the test already), `key` (none,
    or one to which the answers do not fit)."""

    code, status = "regrade_unfit", 422


class AppealTooLate(Refusal):
    """Appeals were taken until `until`."""

    code, status = "appeal_too_late", 409


class AppealOpen(Refusal):
    """The commission has one about the same already."""

    code, status = "appeal_open", 409


class AppealDecided(Refusal):
    code, status = "appeal_decided", 409


class AppealLowers(Refusal):
    """An appeal costs nobody points: not less than `points`."""

    code, status = "appeal_lowers", 422


@dataclass(frozen=True, slots=True)
class Double:
    """How two marks become one. They agree if they differ by `bound` points at most; else a third marker's `third`
    mark decides alone, or is averaged with the nearer of the two (of two equally near, the higher), or the two `talk`:
    each sees the other's mark and may change their own. Averages are rounded half up to `step`."""

    bound: Decimal
    step: Decimal = STEP
    third: Literal["decides", "nearest", "talk"] = "nearest"


@dataclass(frozen=True, slots=True)
class Marked:
    """One marker's points for one answer."""

    marker: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Agreed:
    """`points`: None while marks are missing. `wants`: which marker is wanted next, "" if none; `talk`: the two."""

    points: Decimal | None
    wants: Literal["", "first", "second", "third", "talk"]


@dataclass(frozen=True, slots=True)
class Change:
    """What a regrade changed in one sitting. `most`: the question's most points, before and after."""

    sitting: str
    before: Decimal | None
    after: Decimal | None
    most_before: Decimal
    most_after: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What came over an answer's points after it was marked, `at` a moment. A regrade: `full` gives all points to
    everybody who was asked it, `drop` takes it out of the test, `key` marks by a corrected key, by which it is worth
    `points`; `only_up`: nobody loses points by it. Or an `appeal` that gives `points`."""

    kind: Literal["full", "drop", "key", "appeal"]
    at: datetime
    points: Decimal = Decimal(0)
    only_up: bool = True


@dataclass(frozen=True, slots=True)
class Settled:
    """`points`: None while a person is wanted. `most`: nothing once the question is out of the test."""

    points: Decimal | None
    most: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` percent on. `label`: what is written; `names`: in words, where it has some; `value`: what averages
    reckon with."""

    least: Decimal
    label: str
    value: Decimal
    passed: bool
    names: Names | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """Percent → result, for one `level`, in force from `valid_from` to `valid_to` (its last day), by an act.
    `places`: decimals to which percents are rounded, half up, before they are looked up. `appeal_hours`: for how long
    after the release one may appeal. `sure`: how the numbers are known."""

    level: str
    bands: tuple[Band, ...]
    valid_from: date
    valid_to: date | None
    source: Names
    places: int = 0
    appeal_hours: int = 0
    sure: Names = NOT_SAID


@dataclass(frozen=True, slots=True)
class Release:
    """`what` learners see of their results, and `when`: once their sitting is ended and marked, when the commission
    says so, or when the exam is closed for all."""

    what: Literal["nothing", "points", "answers", "keys"] = "nothing"
    when: Literal["at_once", "by_hand", "after_close"] = "by_hand"


@dataclass(frozen=True, slots=True)
class Result:
    """`percent`: as rounded for the scale."""

    points: Decimal
    most: Decimal
    percent: Decimal
    label: str
    value: Decimal
    passed: bool
    source: Names


def settled(marked: Decimal | None, most: Decimal, effects: Iterable[Effect]) -> Settled:
    """What an answer is worth in the end: `marked` by rule or by hand (None: not yet), then each effect in order."""
    points = marked
    for one in sorted(effects, key=lambda effect: effect.at):
        match one.kind:
            case "full":
                points = most
            case "drop":
                return Settled(Decimal(0), Decimal(0))
            case "key":
                points = one.points if points is None or not one.only_up else max(points, one.points)
            case "appeal":
                points = one.points if points is None else max(points, one.points)
    return Settled(points, most)


def rubric_points(chosen: Mapping[str, str], rubric: Mapping[str, Mapping[str, Decimal]], most: Decimal) -> Decimal:
    """Points of the `chosen` levels (criterion → level) of a rubric (criterion → level → points), as a part of what
    the question gives. Raises RubricUnfit."""
    if not rubric or chosen.keys() != rubric.keys() or any(chosen[one] not in rubric[one] for one in rubric):
        raise RubricUnfit
    whole = sum((max(levels.values()) for levels in rubric.values()), Decimal(0))
    got = sum((rubric[one][level] for one, level in chosen.items()), Decimal(0))
    return to_step(got * most / whole, CENT) if whole else Decimal(0)


def check_marker(marker: str, learner: str) -> None:
    """Raises OwnWork."""
    if marker == learner:
        raise OwnWork


def check_turn(marker: str, marks: Sequence[Marked], rule: Double | None) -> None:
    """Whether somebody may mark an answer with these marks, or change their own one. One marker's mark is replaced by
    whoever marks after them; of two, each changes theirs until they agree or a third is asked for.

    Raises MarkSettled, SameMarker.
    """
    if rule is None:
        return
    wants, own = agreed(marks, rule).wants, marker in {one.marker for one in marks}
    if not wants or (wants == "talk" and not own):
        raise MarkSettled
    if own and wants == "third":
        raise SameMarker


def comment(text: str, *, needed: bool = False) -> str:
    """Raises CommentMissing, CommentTooLong."""
    text = clean(text, lines=True)
    if needed and not text:
        raise CommentMissing(limit=LONGEST_COMMENT)
    if len(text) > LONGEST_COMMENT:
        raise CommentTooLong(limit=LONGEST_COMMENT)
    return text


def released_at(
    release: Release, said: datetime | None, closes: datetime | None, ended: datetime | None
) -> datetime | None:
    """When a learner may see their result; None: nobody knows yet. `said`: the commission released it; `closes`: the
    exam is over for all; `ended`: this sitting was."""
    moments = [said] if said else []
    if release.when == "at_once" and ended:
        moments.append(ended)
    if release.when == "after_close" and closes and ended:
        moments.append(max(closes, ended))
    return min(moments, default=None) if release.what != "nothing" else None


def check_appeal(released: datetime | None, hours: int, now: datetime) -> None:
    """Raises ResultsNotReleased, AppealTooLate."""
    if released is None or now < released:
        raise ResultsNotReleased
    until = released + timedelta(hours=hours)
    if now > until:
        raise AppealTooLate(until=until.isoformat())


def check_decision(decider: str, learner: str, points: Decimal | None, now: Decimal | None, most: Decimal) -> None:
    """Raises OwnWork, PointsUnfit, AppealLowers."""
    check_marker(decider, learner)
    if points is None:
        return
    if not is_plain(points) or not 0 <= points <= most:
        raise PointsUnfit(most=str(most), step=str(CENT))
    if now is not None and points < now:
        raise AppealLowers(points=str(now))


def check_scale(scale: Scale) -> Scale:
    """An organisation's own. Raises ScaleUnfit."""
    least = [one.least for one in scale.bands]
    labels = [clean(one.label) for one in scale.bands]
    faults = {
        "level": not 0 < len(clean(scale.level)) <= LONGEST_LABEL,
        "bands": not 0 < len(least) <= MOST_BANDS
        or not all(is_plain(one) for one in (*least, *(band.value for band in scale.bands)))
        or sorted(set(least)) != least
        or least[0] != 0
        or least[-1] > 100,
        "label": any(not 0 < len(one) <= LONGEST_LABEL for one in labels) or len(set(labels)) < len(labels),
        "dates": scale.valid_to is not None and scale.valid_to < scale.valid_from,
        "source": not 0 < len(clean(scale.source.en)) <= LONGEST_COMMENT,
        "appeals": not 0 <= scale.appeal_hours <= 24 * 366 or not 0 <= scale.places <= 2,
    }
    for why, wrong in faults.items():
        if wrong:
            raise ScaleUnfit(why=why)
    return scale


def check_points(points: Decimal, most: Decimal, step: Decimal) -> Decimal:
    """Raises PointsUnfit."""
    if not is_plain(points) or not 0 <= points <= most or (points % step and points != most):
        raise PointsUnfit(most=str(most), step=str(step))
    return points


def agreed(marks: Sequence[Marked], rule: Double) -> Agreed:
    """What two or three marks, in the order given, come to. Raises SameMarker."""
    if len({one.marker for one in marks}) < len(marks):
        raise SameMarker
    if len(marks) < 2:
        return Agreed(None, "second" if marks else "first")
    first, second = marks[0].points, marks[1].points
    if abs(first - second) <= rule.bound:
        return Agreed(to_step((first + second) / 2, rule.step), "")
    if rule.third == "talk":
        return Agreed(None, "talk")
    if len(marks) < 3:
        return Agreed(None, "third")
    third = marks[2].points
    if rule.third == "decides":
        return Agreed(third, "")
    nearest = min((first, second), key=lambda one: (abs(one - third), -one))
    return Agreed(to_step((nearest + third) / 2, rule.step), "")


def changes(before: Mapping[str, Settled], after: Mapping[str, Settled]) -> list[Change]:
    """What differs, sitting by sitting."""
    return [
        Change(one, was.points, now.points, was.most, now.most)
        for one, was in before.items()
        if (now := after[one]) != was
    ]


def scale_on(scales: Iterable[Scale], level: str, day: date) -> Scale:
    """The scale of a level in force on a day; of several, the one that came into force last. Raises ScaleMissing."""
    valid = [
        one
        for one in scales
        if one.level == level and one.valid_from <= day and (not one.valid_to or day <= one.valid_to)
    ]
    if not valid:
        raise ScaleMissing(day=day.isoformat())
    return max(valid, key=lambda one: one.valid_from)


def result(points: Decimal, most: Decimal, scale: Scale) -> Result:
    """Points on a scale. 84.5 % are 85 where percents are whole: half up, never to even. Raises ValueError where
    there is nothing to get, or the scale does not begin at 0."""
    if most <= 0:
        raise ValueError("a test gives points")
    percent = to_step(points * 100 / most, Decimal(1).scaleb(-scale.places))
    reached = [band for band in scale.bands if band.least <= max(percent, Decimal(0))]
    if not reached:
        raise ValueError("a scale begins at 0")
    band = max(reached, key=lambda one: one.least)
    return Result(points, most, percent, band.label, band.value, band.passed, scale.source)


def is_plain(number: Decimal) -> bool:
    """Whether it is a number that people write: a few digits, and none far from the point."""
    digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
    return number.is_finite() and len(digits) <= 12 and isinstance(exponent, int) and -6 <= exponent <= 6


def to_step(value: Decimal, step: Decimal) -> Decimal:
    """The nearest whole number of steps, half up."""
    return neat((value / step).quantize(Decimal(1), ROUND_HALF_UP) * step)


def neat(number: Decimal) -> Decimal:
    """The same without needless zeros, so that it reads `4.5` and never `4.50` or `1E+1`."""
    short = number.normalize()
    return short if int(short.as_tuple().exponent) <= 0 else short.quantize(Decimal(1))
