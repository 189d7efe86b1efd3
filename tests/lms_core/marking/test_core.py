"""Marks by two and three, regrades, and results on scales."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms_core.kernel.names import Names
from lms_core.marking.core import (
    Agreed,
    AppealLowers,
    AppealTooLate,
    Band,
    Change,
    CommentMissing,
    CommentTooLong,
    Double,
    Effect,
    Marked,
    MarkSettled,
    OwnWork,
    PointsUnfit,
    Release,
    ResultsNotReleased,
    RubricUnfit,
    SameMarker,
    Scale,
    ScaleMissing,
    ScaleUnfit,
    Settled,
    agreed,
    changes,
    check_appeal,
    check_decision,
    check_points,
    check_scale,
    check_turn,
    comment,
    neat,
    released_at,
    result,
    rubric_points,
    scale_on,
    settled,
)
from lms_core.marking.scales import general


def act(source: str) -> Names:
    return Names(source, source, source)


SCHOOL = Scale(
    "school",
    tuple(
        Band(D(least), label, D(label), label != "2") for least, label in ((0, "2"), (40, "3"), (65, "4"), (85, "5"))
    ),
    date(2026, 9, 1),
    None,
    act("order 125, annex 1"),
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
    act("order 595"),
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


def test_numbers_are_written_short() -> None:
    assert [str(neat(D(one))) for one in ("4.50", "0.00", "10", "100.0", "2.25", "-1.0")] == [
        "4.5", "0", "10", "100", "2.25", "-1",
    ]  # fmt: skip


def test_points_come_in_steps_up_to_the_most() -> None:
    assert check_points(D("2.5"), D(3), D("0.5")) == D("2.5")
    assert check_points(D("3.3"), D("3.3"), D("0.5")) == D("3.3")
    for points in ("-1", "3.5", "2.25", "NaN", "Infinity", "1e-999999", "1e999999999", "0.1234567890123"):
        with pytest.raises(PointsUnfit):
            check_points(D(points), D(3), D("0.5"))


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def effect(kind: Any, points: str = "0", *, only_up: bool = True, minutes: int = 0) -> Effect:
    return Effect(kind, NOON + timedelta(minutes=minutes), D(points), only_up)


@pytest.mark.parametrize(
    ("marked", "effects", "wanted"),
    [
        ("1", [], ("1", "2")),
        (None, [], (None, "2")),
        ("0", [effect("full")], ("2", "2")),
        (None, [effect("full")], ("2", "2")),
        ("1", [effect("drop")], ("0", "0")),
        ("1", [effect("drop"), effect("full", minutes=1)], ("0", "0")),
        ("0", [effect("key", "2")], ("2", "2")),
        ("2", [effect("key", "0")], ("2", "2")),
        ("2", [effect("key", "0", only_up=False)], ("0", "2")),
        ("2", [effect("key", "1", only_up=False, minutes=1), effect("full")], ("1", "2")),
        ("0", [effect("appeal", "1.5")], ("1.5", "2")),
        ("0", [effect("appeal", "1.5"), effect("key", "1", minutes=5)], ("1.5", "2")),
        ("0", [effect("appeal", "1", minutes=5), effect("key", "0", only_up=False)], ("1", "2")),
    ],
)
def test_regrades_and_appeals_come_over_a_mark_in_order_of_time(
    marked: str | None, effects: list[Effect], wanted: tuple[str | None, str]
) -> None:
    found = settled(D(marked) if marked else None, D(2), effects)
    assert (found.points, found.most) == (D(wanted[0]) if wanted[0] else None, D(wanted[1]))
    assert settled(D(marked) if marked else None, D(2), reversed(effects)) == found


kinds = st.sampled_from(["full", "key", "appeal"])
tenths = st.integers(0, 20).map(lambda one: D(one) / 10)


@given(tenths, st.lists(st.tuples(kinds, tenths, st.integers(0, 5)), max_size=6))
def test_what_goes_only_up_costs_nobody_points(marked: D, given_: list[tuple[Any, D, int]]) -> None:
    effects = [Effect(kind, NOON + timedelta(minutes=at), points) for kind, points, at in given_]
    found = settled(marked, D(2), effects)
    assert found.points is not None
    assert marked <= found.points <= found.most == 2


def test_a_record_of_a_regrade_names_who_it_changed_something_for() -> None:
    before = {"s1": Settled(D(0), D(2)), "s2": Settled(D(2), D(2)), "s3": Settled(None, D(2))}
    after = {"s1": Settled(D(2), D(2)), "s2": Settled(D(2), D(2)), "s3": Settled(D(0), D(0))}
    assert changes(before, after) == [Change("s1", D(0), D(2), D(2), D(2)), Change("s3", None, D(0), D(2), D(0))]


def test_two_markers_who_differ_may_talk_it_over() -> None:
    rule = Double(D(1), third="talk")
    assert agreed(marks("2", "5"), rule) == Agreed(None, "talk")
    assert agreed(marks("4", "5"), rule) == Agreed(D("4.5"), "")
    check_turn("m0", marks("2", "5"), rule)
    with pytest.raises(MarkSettled):
        check_turn("m9", marks("2", "5"), rule)


@pytest.mark.parametrize(
    ("marker", "given_", "refusal"),
    [
        ("m0", (), None), ("m0", ("2",), None), ("m1", ("2",), None),
        ("m0", ("2", "3"), MarkSettled), ("m9", ("2", "3"), MarkSettled),
        ("m0", ("2", "5"), SameMarker), ("m9", ("2", "5"), None),
        ("m2", ("2", "5", "4"), MarkSettled),
    ],
)  # fmt: skip
def test_whose_turn_it_is_to_mark(marker: str, given_: tuple[str, ...], refusal: type[Exception] | None) -> None:
    rule = Double(D(1))
    check_turn(marker, marks(*given_), None)
    if refusal is None:
        check_turn(marker, marks(*given_), rule)
        return
    with pytest.raises(refusal):
        check_turn(marker, marks(*given_), rule)


RUBRIC = {"a": {"lo": D(0), "hi": D(2)}, "b": {"lo": D(0), "mid": D("0.5"), "hi": D(1)}}


def test_levels_of_a_rubric_make_points() -> None:
    assert rubric_points({"a": "hi", "b": "mid"}, RUBRIC, D(3)) == D("2.50")
    assert rubric_points({"a": "hi", "b": "hi"}, RUBRIC, D(10)) == 10
    assert rubric_points({"a": "lo", "b": "mid"}, RUBRIC, D(10)) == D("1.67")
    for chosen in ({}, {"a": "hi"}, {"a": "hi", "b": "none"}, {"a": "hi", "b": "hi", "c": "hi"}):
        with pytest.raises(RubricUnfit):
            rubric_points(chosen, RUBRIC, D(3))
    with pytest.raises(RubricUnfit):
        rubric_points({}, {}, D(3))


LATER, EVEN_LATER = NOON + timedelta(hours=1), NOON + timedelta(hours=2)


@pytest.mark.parametrize(
    ("what", "when", "said", "closes", "ended", "wanted"),
    [
        ("points", "by_hand", None, NOON, NOON, None),
        ("points", "by_hand", LATER, NOON, NOON, LATER),
        ("nothing", "by_hand", LATER, NOON, NOON, None),
        ("keys", "at_once", None, LATER, NOON, NOON),
        ("keys", "at_once", None, LATER, None, None),
        ("keys", "after_close", None, LATER, NOON, LATER),
        ("keys", "after_close", None, NOON, LATER, LATER),
        ("keys", "after_close", None, None, NOON, None),
        ("keys", "after_close", NOON, EVEN_LATER, NOON, NOON),
    ],
)
def test_when_a_learner_is_told(what: Any, when: Any, said: Any, closes: Any, ended: Any, wanted: Any) -> None:
    assert released_at(Release(what, when), said, closes, ended) == wanted


def test_appeals_are_taken_for_so_long() -> None:
    check_appeal(NOON, 24, NOON + timedelta(hours=24))
    with pytest.raises(AppealTooLate) as late:
        check_appeal(NOON, 24, NOON + timedelta(hours=24, seconds=1))
    assert late.value.params == {"until": (NOON + timedelta(hours=24)).isoformat()}
    for released in (None, LATER):
        with pytest.raises(ResultsNotReleased):
            check_appeal(released, 24, NOON)


def test_an_appeal_is_decided_by_another_and_costs_no_points() -> None:
    check_decision("anna", "misha", D(2), D(1), D(2))
    check_decision("anna", "misha", None, D(1), D(2))
    for points, refusal in (("0.5", AppealLowers), ("2.5", PointsUnfit), ("NaN", PointsUnfit)):
        with pytest.raises(refusal):
            check_decision("anna", "misha", D(points), D(1), D(2))
    with pytest.raises(OwnWork):
        check_decision("misha", "misha", None, None, D(2))


def test_what_changes_results_is_explained() -> None:
    assert comment("  a\nb ", needed=True) == "a\nb"
    assert comment("  ") == ""
    with pytest.raises(CommentMissing):
        comment("  ", needed=True)
    with pytest.raises(CommentTooLong):
        comment("x" * 4001)


def ruled(*least: str, **more: Any) -> Scale:
    bands = tuple(Band(D(one), f"b{at}", D(at), at > 0) for at, one in enumerate(least))
    return replace(Scale("tvet-2024", bands, date(2026, 9, 1), None, act("order 7")), **more)


@pytest.mark.req("S141-15.1", "S456-34.10")
def test_a_scale_of_ones_own_is_whole() -> None:
    assert check_scale(ruled("0", "50", "75"))
    for scale, why in (
        (ruled(), "bands"), (ruled("1", "50"), "bands"), (ruled("0", "50", "50"), "bands"),
        (ruled("0", "60", "50"), "bands"), (ruled("0", "101"), "bands"), (ruled("0", "NaN"), "bands"),
        (ruled("0", "1e-999999999"), "bands"),
        (ruled("0", level=" "), "level"), (ruled("0", source=act("")), "source"),
        (ruled("0", valid_to=date(2026, 8, 1)), "dates"), (ruled("0", appeal_hours=-1), "appeals"),
        (replace(ruled("0"), bands=(Band(D(0), " ", D(0), False),)), "label"),
    ):  # fmt: skip
        with pytest.raises(ScaleUnfit) as no:
            check_scale(scale)
        assert no.value.params == {"why": why}


@pytest.mark.req("S141-15.1")
def test_general_scales_begin_at_nothing_and_name_their_act() -> None:
    assert {one.level for one in general()} == {"school", "college", "university"}
    for one in general():
        said = (one.source.kk, one.source.ru, one.source.en, one.sure.kk, one.sure.ru, one.sure.en)
        assert check_scale(one) and len({*said, ""}) == 7, "in each language"
        assert all(band.names for band in one.bands)
    school = scale_on(general(), "school", date(2026, 12, 1))
    assert [result(D(points), D(100), school).label for points in (39, 40, 64, 65, 84, 85)] == list("233445")


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
    assert found.source == act("order 125, annex 1")


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
    old = Scale("school", SCHOOL.bands, date(2020, 9, 1), date(2026, 8, 31), act("older"))
    scales = [SCHOOL, old, LETTERS]
    assert scale_on(scales, "school", date(2026, 8, 31)) is old
    assert scale_on(scales, "school", date(2026, 9, 1)) is SCHOOL
    for level, day in (("school", date(2020, 8, 31)), ("nursery", date(2026, 9, 1))):
        with pytest.raises(ScaleMissing):
            scale_on(scales, level, day)


def test_a_scale_in_tenths_and_one_without_a_beginning() -> None:
    tenths = Scale(
        "x", (Band(D("84.5"), "5", D(5), True), Band(D(0), "4", D(4), True)), date(2026, 1, 1), None, act(""), places=1
    )
    assert result(D("84.45"), D(100), tenths).label == "5"
    for points, most, scale in (
        (D(1), D(0), SCHOOL),
        (D(1), D(9), Scale("x", tenths.bands[:1], tenths.valid_from, None, act(""))),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            result(points, most, scale)
