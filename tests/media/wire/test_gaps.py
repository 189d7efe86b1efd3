"""When a missing packet is asked for, and when it is given up."""

from media.wire.gaps import FIRST_WAIT, MAX_AGE, MAX_ASKED, MAX_MISSING, Gaps


def test_a_gap_is_asked_for_soon_but_not_at_once() -> None:
    gaps = Gaps()
    gaps.skipped(10, 12, now=0.0)
    assert gaps.due(0.001) == ([], 0)
    assert gaps.due(FIRST_WAIT) == ([10, 11], 0)
    assert gaps.due(FIRST_WAIT + 0.01) == ([], 0)


def test_it_is_asked_for_again_after_a_round_trip_and_a_half() -> None:
    gaps = Gaps()
    gaps.round_trip = 0.1
    gaps.skipped(1, 2, now=0.0)
    gaps.due(0.005)
    assert gaps.due(0.1) == ([], 0)
    assert gaps.due(0.156) == ([1], 0)


def test_what_arrives_is_not_asked_for_and_teaches_the_round_trip() -> None:
    gaps = Gaps()
    before = gaps.round_trip
    gaps.skipped(1, 4, now=0.0)
    gaps.due(0.005)
    assert gaps.arrived(2, now=0.025)
    assert gaps.round_trip < before
    assert not gaps.arrived(2, now=0.03)
    assert not gaps.arrived(99, now=0.03)
    assert len(gaps) == 2
    assert gaps


def test_one_that_came_by_itself_teaches_nothing() -> None:
    gaps = Gaps()
    before = gaps.round_trip
    gaps.skipped(1, 2, now=0.0)
    assert gaps.arrived(1, now=0.5)
    assert gaps.round_trip == before
    assert not gaps


def test_it_is_given_up_after_so_many_times_or_so_long() -> None:
    gaps = Gaps()
    gaps.round_trip = 0.02
    gaps.skipped(1, 2, now=0.0)
    asked, now = 0, 0.0
    lost = 0
    while not lost:
        now += 0.01
        wanted, lost = gaps.due(now)
        asked += len(wanted)
    assert (asked, lost) == (MAX_ASKED, 1)
    assert now < MAX_AGE
    gaps.round_trip = 5.0
    gaps.skipped(2, 3, now=10.0)
    assert gaps.due(10.0 + MAX_AGE + 0.01) == ([], 1)


def test_too_wide_a_gap_is_not_asked_for() -> None:
    gaps = Gaps()
    gaps.skipped(0, 10, now=0.0)
    assert not gaps.skipped(20, 20 + MAX_MISSING, now=0.0)
    assert not gaps
    assert gaps.skipped(300, 300 + MAX_MISSING, now=0.0)


def test_what_may_not_be_asked_for_is_forgotten_in_time() -> None:
    gaps = Gaps()
    gaps.skipped(1, 2, now=0.0)
    gaps.skipped(3, 4, now=1.0)
    gaps.expire(MAX_AGE + 0.1)
    assert not gaps.arrived(1, now=1.4)
    assert gaps.arrived(3, now=1.4)
