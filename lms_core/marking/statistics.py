"""What answers tell about questions and about a test: classical test theory.

Sources: Crocker & Algina, "Introduction to Classical and Modern Test Theory" (1986), ch. 5, 7 and 14; Kelley 1939, "The
selection of upper and lower groups for the validation of test items" (27 %); Kuder & Richardson 1937 (formula 20);
Cronbach 1951 (alpha). Variances are those of a population (divided by n) throughout, as in KR-20.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

KELLEY = 0.27


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a question with options: which share of all learners, of the best and of the worst chose it. A
    distractor that the best choose more often than the worst misleads who knows: `suspect`, as is a key that the
    worst choose more often."""

    option: str
    chosen: int
    share: float
    upper: float
    lower: float
    suspect: bool


@dataclass(frozen=True, slots=True)
class Item:
    """`difficulty`: mean share of the points (0 to 1; high is easy). `discrimination`: upper group less lower
    group. `point_biserial`: correlation with the points for the rest of the test; None where nothing varies."""

    answers: int
    difficulty: float
    discrimination: float
    point_biserial: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """`alpha`: reliability (None with one question, or where totals do not vary); `sem`: standard error of
    measurement in points."""

    learners: int
    mean: float
    deviation: float
    alpha: float | None
    sem: float | None


def item(scores: Sequence[float], totals: Sequence[float], most: float) -> Item:
    """Of one question: each learner's points and total, and the most points it gives. Raises ValueError where the
    lengths differ or nobody answered."""
    if len(scores) != len(totals) or not scores or most <= 0:
        raise ValueError("as many totals as scores, one at least, and points to get")
    upper, lower = groups(totals)
    rest = [total - score for score, total in zip(scores, totals, strict=True)]
    return Item(
        len(scores),
        _mean(scores) / most,
        (_mean([scores[at] for at in upper]) - _mean([scores[at] for at in lower])) / most,
        correlation(scores, rest),
    )


def options(chosen: Sequence[Sequence[str]], totals: Sequence[float], keys: Mapping[str, bool]) -> list[Option]:
    """Of one question: what each learner chose, and which options it has and whether they are right."""
    upper, lower = groups(totals)

    def share(option: str, among: Sequence[int]) -> float:
        return sum(option in chosen[at] for at in among) / len(among) if among else 0.0

    found = []
    for option, right in keys.items():
        high, low = share(option, upper), share(option, lower)
        count = sum(option in one for one in chosen)
        found.append(
            Option(option, count, share(option, range(len(chosen))), high, low, high < low if right else high > low)
        )
    return found


def reliability(table: Sequence[Sequence[float]]) -> Reliability:
    """Of a test: a row of points for each learner. Raises ValueError for no learner or rows of different length."""
    if not table or not table[0] or len({len(row) for row in table}) != 1:
        raise ValueError("a row for each learner, all of one length")
    totals = [sum(row) for row in table]
    alpha = cronbach(table)
    spread = deviation(totals)
    sem = spread * sqrt(max(0.0, 1 - alpha)) if alpha is not None else None
    return Reliability(len(table), _mean(totals), spread, alpha, sem)


def cronbach(table: Sequence[Sequence[float]]) -> float | None:
    """k/(k-1) · (1 - Σ var(question) / var(total)); with points 0 and 1 it is KR-20 (Cronbach 1951, §2)."""
    count = len(table[0])
    total = _variance([sum(row) for row in table])
    if count < 2 or total == 0:
        return None
    return count / (count - 1) * (1 - sum(_variance(column) for column in zip(*table, strict=True)) / total)


def kr20(table: Sequence[Sequence[int]]) -> float | None:
    """k/(k-1) · (1 - Σ pq / var(total)) of answers right (1) or wrong (0). Raises ValueError for other points."""
    if any(one not in (0, 1) for row in table for one in row):
        raise ValueError("right is 1, wrong is 0")
    count = len(table[0])
    total = _variance([sum(row) for row in table])
    if count < 2 or total == 0:
        return None
    shares = [_mean(column) for column in zip(*table, strict=True)]
    return count / (count - 1) * (1 - sum(p * (1 - p) for p in shares) / total)


def correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Pearson's; with points 0 and 1 it is the point-biserial. None where one of them does not vary."""
    spread = sqrt(_variance(first) * _variance(second))
    if spread == 0:
        return None
    middle, other = _mean(first), _mean(second)
    together = _mean([(a - middle) * (b - other) for a, b in zip(first, second, strict=True)])
    return max(-1.0, min(1.0, together / spread))


def deviation(values: Sequence[float]) -> float:
    """Standard deviation of a population."""
    return sqrt(_variance(values))


def groups(totals: Sequence[float]) -> tuple[list[int], list[int]]:
    """Places of the best and the worst 27 % (one learner at least; nobody is in both). Who stands between equals is
    decided by the order given, so the answer is the same each time."""
    order = sorted(range(len(totals)), key=lambda at: (-totals[at], at))
    size = min(max(1, ceil(len(order) * KELLEY)), len(order) // 2) if len(order) > 1 else 0
    return order[:size], order[len(order) - size :]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _variance(values: Sequence[float]) -> float:
    middle = _mean(values)
    return sum((value - middle) ** 2 for value in values) / len(values)
