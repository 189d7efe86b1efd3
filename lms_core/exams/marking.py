"""Marking: two markers and a third, a faulty question marked again with a record, points on a dated scale."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from lms_core.kernel.errors import Refusal


class PointsUnfit(Refusal):
    """Not between 0 and `most`, or not in steps of `step`."""

    code, status = "points_unfit", 422


class SameMarker(Refusal):
    """Each of the markers of one answer is another person."""

    code, status = "same_marker", 409


class ScaleMissing(Refusal):
    """No scale of this level is in force on that `day`."""

    code, status = "scale_missing", 409


@dataclass(frozen=True, slots=True)
class Double:
    """How two marks become one. They agree if they differ by `bound` points at most; else a third marker's `third`
    mark decides alone, or is averaged with the nearer of the two (of two equally near, the higher). Averages are
    rounded half up to `step`."""

    bound: Decimal
    step: Decimal = Decimal("0.5")
    third: Literal["decides", "nearest"] = "nearest"


@dataclass(frozen=True, slots=True)
class Marked:
    """One marker's points for one answer."""

    marker: str
    points: Decimal


@dataclass(frozen=True, slots=True)
class Agreed:
    """`points`: None while marks are missing. `wants`: which marker is wanted next, "" if none."""

    points: Decimal | None
    wants: Literal["", "first", "second", "third"]


@dataclass(frozen=True, slots=True)
class Regrade:
    """Why a question was marked again, by whom, and how: `full` gives all points to everybody who was asked it,
    `drop` takes it out of the test, `key` marks by a corrected key. `only_up`: nobody loses points by it."""

    question: str
    how: Literal["full", "drop", "key"]
    why: str
    by: str
    at: datetime
    only_up: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """What it changed in one sitting, kept beside the regrade. `most`: the question's most points, before and after."""

    sitting: str
    before: Decimal
    after: Decimal
    most_before: Decimal
    most_after: Decimal


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` percent on. `label`: what is written; `value`: what averages reckon with."""

    least: Decimal
    label: str
    value: Decimal
    passed: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """Percent → result, for one `level`, in force from `valid_from` to `valid_to` (its last day), by an act.
    `places`: decimals to which percents are rounded, half up, before they are looked up."""

    level: str
    bands: tuple[Band, ...]
    valid_from: date
    valid_to: date | None
    source: str
    places: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """`percent`: as rounded for the scale."""

    points: Decimal
    most: Decimal
    percent: Decimal
    label: str
    value: Decimal
    passed: bool
    source: str


def check_points(points: Decimal, most: Decimal, step: Decimal) -> Decimal:
    """Raises PointsUnfit."""
    if not points.is_finite() or not 0 <= points <= most or (points % step and points != most):
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
    if len(marks) < 3:
        return Agreed(None, "third")
    third = marks[2].points
    if rule.third == "decides":
        return Agreed(third, "")
    nearest = min((first, second), key=lambda one: (abs(one - third), -one))
    return Agreed(to_step((nearest + third) / 2, rule.step), "")


def regraded(
    regrade: Regrade, given: Mapping[str, Decimal], most: Decimal, anew: Mapping[str, Decimal] | None = None
) -> list[Change]:
    """What a regrade changes: sitting → its points for the question, and with `key` what the corrected key gives.
    Only sittings that change; all of them where the question is dropped."""
    changes = []
    for sitting, before in given.items():
        after, most_after = before, most
        if regrade.how == "full":
            after = most
        elif regrade.how == "drop":
            after = most_after = Decimal(0)
        else:
            after = (anew or {}).get(sitting, before)
            after = max(before, after) if regrade.only_up else after
        if (after, most_after) != (before, most):
            changes.append(Change(sitting, before, after, most, most_after))
    return changes


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


def to_step(value: Decimal, step: Decimal) -> Decimal:
    """The nearest whole number of steps, half up."""
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step
