"""Statistics of items and tests against vectors reckoned by hand (exact fractions)."""

from math import isclose, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.marking import statistics

TABLE = [
    [1, 1, 1, 1],
    [1, 1, 1, 0],
    [1, 1, 0, 0],
    [1, 0, 0, 0],
    [0, 0, 0, 0],
]
"""A Guttman scale: totals 4 3 2 1 0, variance 2; p = .8 .6 .4 .2, Σpq = .16 + .24 + .24 + .16 = .8."""


def test_reliability_of_a_small_test() -> None:
    found = statistics.reliability(TABLE)
    assert found.alpha == pytest.approx(4 / 3 * (1 - 0.8 / 2))  # 0.8
    assert (found.learners, found.mean) == (5, 2)
    assert found.deviation == pytest.approx(sqrt(2))
    assert found.sem == pytest.approx(sqrt(2) * sqrt(0.2))
    assert statistics.kr20(TABLE) == pytest.approx(0.8)


def test_alpha_of_points() -> None:
    """Totals 9 6 3, variance 6; questions 3 2 1 (2/3), 2 2 0 (8/9), 4 2 2 (8/9): Σ = 22/9."""
    assert statistics.cronbach([[3, 2, 4], [2, 2, 2], [1, 0, 2]]) == pytest.approx(3 / 2 * (1 - 22 / 54))


def test_a_question_by_its_numbers() -> None:
    """Scores 1 1 0 1 0 with rest 3 2 2 0 0: means 3/5 and 7/5, covariance 5/5 - 21/25 = 4/25, variances 6/25 and
    17/5 - 49/25 = 36/25."""
    found = statistics.item([1, 1, 0, 1, 0], [4, 3, 2, 1, 0], 1)
    assert found.difficulty == pytest.approx(0.6)
    assert found.point_biserial == pytest.approx(4 / sqrt(6 * 36))
    assert found.discrimination == pytest.approx(1 - 0.5)  # the best two: 1 1, the worst two: 1 0
    assert statistics.item([2, 0], [5, 3], 4).difficulty == 0.25


def test_a_question_that_all_know_tells_nothing() -> None:
    found = statistics.item([1, 1, 1], [3, 2, 1], 1)
    assert (found.difficulty, found.discrimination, found.point_biserial) == (1, 0, None)


def test_groups_are_the_best_and_the_worst_27_percent() -> None:
    assert statistics.groups(list(range(100))) == ([*range(99, 72, -1)], [*range(26, -1, -1)])
    assert statistics.groups([5, 5, 5, 5]) == ([0, 1], [2, 3])
    assert statistics.groups([7]) == ([], [])
    upper, lower = statistics.groups([1, 2, 3])
    assert (upper, lower) == ([2], [0])


def test_distractors() -> None:
    chosen = [["a"], ["a"], ["b"], ["c"], ["b"], ["b"], ["a"], []]
    totals = [9, 8, 7, 6, 5, 4, 3, 2]  # the best three chose a a b, the worst three b a -
    found = {
        one.option: one for one in statistics.options(chosen, totals, {"a": True, "b": False, "c": False, "d": False})
    }
    assert (found["a"].chosen, found["a"].share) == (3, 3 / 8)
    assert (found["a"].upper, found["a"].lower) == (2 / 3, 1 / 3)
    assert not found["a"].suspect
    assert (found["b"].upper, found["b"].lower, found["b"].suspect) == (1 / 3, 1 / 3, False)
    assert (found["d"].chosen, found["d"].share) == (0, 0)


def test_a_wrong_key_is_suspect() -> None:
    chosen = [["a"], ["a"], ["b"], ["b"]]
    found = statistics.options(chosen, [9, 8, 2, 1], {"a": False, "b": True})
    assert [one.suspect for one in found] == [True, True]


@pytest.mark.parametrize(
    "call",
    [
        lambda: statistics.item([], [], 1),
        lambda: statistics.item([1], [1, 2], 1),
        lambda: statistics.item([1], [1], 0),
        lambda: statistics.reliability([]),
        lambda: statistics.reliability([[1, 0], [1]]),
        lambda: statistics.kr20([[2, 0]]),
    ],
)
def test_nonsense_is_refused(call) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        call()


def test_where_nothing_varies_there_is_no_reliability() -> None:
    assert statistics.reliability([[1, 1], [1, 1]]).alpha is None
    assert statistics.reliability([[1], [0]]).sem is None
    assert statistics.kr20([[1, 1], [1, 1]]) is None


@given(st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=1, max_size=30))
def test_kr20_is_alpha_of_right_and_wrong(table: list[list[int]]) -> None:
    alpha, formula20 = statistics.cronbach(table), statistics.kr20(table)
    if alpha is None or formula20 is None:
        assert alpha is formula20
    else:
        assert isclose(alpha, formula20, rel_tol=1e-9, abs_tol=1e-9)
        assert alpha <= 1 + 1e-9
