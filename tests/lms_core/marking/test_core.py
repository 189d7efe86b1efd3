"""Marks by two and three, regrades, and results on scales."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from lms_core.marking.core import (
    Agreed,
    Band,
    Change,
    Double,
    Marked,
    PointsUnfit,
    Regrade,
    SameMarker,
    Scale,
    ScaleMissing,
    agreed,
    check_points,
    regraded,
    result,
    scale_on,
)

SCHOOL = Scale(
    "school",
    tuple(
        Band(D(least), label, D(label), label != "2") for least, label in ((0, "2"), (40, "3"), (65, "4"), (85, "5"))
    ),
    date(2026, 9, 1),
    None,
    "order 125, annex 1",
)
LETTERS = Scale(
    "higher",
    tuple(
        Band(D(least), label, D(value), least >= 50)
        for label, value, least in (
            ("A", "4.0", 95), ("A−", "3.67", 90), ("B+", "3.33", 85), ("B", "3.0", 80), ("B−", "2.67", 75),
            ("C+", "2.33", 70), ("C", "2.0", 65), ("C−", "1.67", 60), ("D+", "1.33", 55), ("D", "1.0", 50),
            ("FX", "0.5", 25), ("F", "0", 0),
        )
    ),
    date(2026, 1, 1),
    None,
    "order 595",
)  # fmt: skip


def marks(*points: str) -> list[Marked]:
    return [Marked(f"m{n}", D(one)) for n, one in enumerate(points)]


@pytest.mark.parametrize(
    ("points", "rule", "wanted"),
    [
        ((), Double(D(2)), Agreed(None, "first")),
        (("7",), Double(D(2)), Agreed(None, "second")),
        (("7", "8"), Double(D(2)), Agreed(D("7.5"), "")),
        (("7", "9"), Double(D(2)), Agreed(D(8), "")),
        (("7", "7.5"), Double(D(2)), Agreed(D("7.5"), "")),  # 7.25, half up
        (("7", "8"), Double(D(2), step=D(1)), Agreed(D(8), "")),
        (("5", "8"), Double(D(2)), Agreed(None, "third")),
        (("5", "8", "7"), Double(D(2)), Agreed(D("7.5"), "")),
        (("5", "9", "7"), Double(D(2)), Agreed(D(8), "")),  # as near to both: the higher
        (("5", "8", "3"), Double(D(2)), Agreed(D(4), "")),
        (("5", "8", "3"), Double(D(2), third="decides"), Agreed(D(3), "")),
        (("7", "8", "1"), Double(D(2)), Agreed(D("7.5"), "")),
    ],
)
def test_marks_of_two_and_a_third(points: tuple[str, ...], rule: Double, wanted: Agreed) -> None:
    assert agreed(marks(*points), rule) == wanted


def test_nobody_marks_an_answer_twice() -> None:
    with pytest.raises(SameMarker):
        agreed([Marked("anna", D(3)), Marked("anna", D(4))], Double(D(1)))


def test_points_come_in_steps_up_to_the_most() -> None:
    assert check_points(D("2.5"), D(3), D("0.5")) == D("2.5")
    assert check_points(D("3.3"), D("3.3"), D("0.5")) == D("3.3")
    for points in ("-1", "3.5", "2.25", "NaN", "Infinity"):
        with pytest.raises(PointsUnfit):
            check_points(D(points), D(3), D("0.5"))


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
GIVEN = {"s1": D(0), "s2": D(2), "s3": D(1)}


def regrade(how, *, only_up: bool = True, anew=None) -> list[Change]:
    return regraded(Regrade("q4", how, "two keys are right", "anna", NOON, only_up), GIVEN, D(2), anew)


def test_a_faulty_question_is_marked_again_with_a_record() -> None:
    assert regrade("full") == [Change("s1", D(0), D(2), D(2), D(2)), Change("s3", D(1), D(2), D(2), D(2))]
    assert regrade("drop") == [Change(s, before, D(0), D(2), D(0)) for s, before in GIVEN.items()]
    anew = {"s1": D(2), "s2": D(0), "s3": D(1)}
    assert regrade("key", anew=anew) == [Change("s1", D(0), D(2), D(2), D(2))]
    both = [Change("s1", D(0), D(2), D(2), D(2)), Change("s2", D(2), D(0), D(2), D(2))]
    assert regrade("key", only_up=False, anew=anew) == both


@pytest.mark.req("S141-15.1")
@pytest.mark.parametrize(
    ("points", "most", "percent", "label"),
    [
        ("73.5", "100", "74", "4"), ("84.4", "100", "84", "4"), ("84.5", "100", "85", "5"), ("39.49", "100", "39", "2"),
        ("39.5", "100", "40", "3"), ("0", "30", "0", "2"), ("30", "30", "100", "5"), ("-1", "30", "-3", "2"),
    ],
)  # fmt: skip
def test_results_of_a_school(points: str, most: str, percent: str, label: str) -> None:
    found = result(D(points), D(most), SCHOOL)
    assert (found.percent, found.label, found.passed) == (D(percent), label, label != "2")
    assert found.source == "order 125, annex 1"


@pytest.mark.req("S141-15.1")
@pytest.mark.parametrize(
    ("points", "letter", "value"),
    [
        ("95", "A", "4.0"),
        ("94.5", "A", "4.0"),
        ("94.49", "A−", "3.67"),
        ("49.5", "D", "1.0"),
        ("49", "FX", "0.5"),
        ("24", "F", "0"),
    ],
)
def test_results_in_letters(points: str, letter: str, value: str) -> None:
    found = result(D(points), D(100), LETTERS)
    assert (found.label, found.value, found.passed) == (letter, D(value), D(value) >= 1)


@pytest.mark.req("S141-15.1")
def test_the_scale_of_the_day() -> None:
    old = Scale("school", SCHOOL.bands, date(2020, 9, 1), date(2026, 8, 31), "older")
    scales = [SCHOOL, old, LETTERS]
    assert scale_on(scales, "school", date(2026, 8, 31)) is old
    assert scale_on(scales, "school", date(2026, 9, 1)) is SCHOOL
    for level, day in (("school", date(2020, 8, 31)), ("nursery", date(2026, 9, 1))):
        with pytest.raises(ScaleMissing):
            scale_on(scales, level, day)


def test_a_scale_in_tenths_and_one_without_a_beginning() -> None:
    tenths = Scale(
        "x", (Band(D("84.5"), "5", D(5), True), Band(D(0), "4", D(4), True)), date(2026, 1, 1), None, "", places=1
    )
    assert result(D("84.45"), D(100), tenths).label == "5"
    for points, most, scale in (
        (D(1), D(0), SCHOOL),
        (D(1), D(9), Scale("x", tenths.bands[:1], tenths.valid_from, None, "")),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            result(points, most, scale)
