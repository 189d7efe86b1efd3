"""The estimate of a viewer's line, on lines that are made up, in virtual time."""

import pytest

from media.wire import twcc
from media.wire.bandwidth import LEAST, SILENCE, START, Estimator

from .senders import Elastic, Layered
from .simulated import Line, World

FALLS, BACK, END = 10.0, 40.0, 52.0


@pytest.mark.parametrize(("seed", "phase"), [(0, 0.0), (1, 0.7), (2, 1.4), (3, 2.1)])
def test_a_line_that_falls_and_comes_back(seed: int, phase: float) -> None:
    falls, back = FALLS + phase, BACK + phase
    world = World()
    line = Line([(0.0, 2e6), (falls, 300e3), (back, 2e6)], queue=0.5, seed=seed)
    sender = Layered(world, line, seed)
    world.run(END + phase)
    seen, layers = sender.call.seen, sender.layers
    assert [layer for _, layer in layers] == [0, 1, 2, 0, 1, 2]  # and no switch more
    assert seen.first(falls, lambda estimate: estimate <= 300e3, for_=1.0) < 2.0
    assert layers[3][0] - falls < 2.5
    assert max(when for when, wait in seen.queues if when < back and wait >= 0.1) - falls < 2.5
    assert seen.queue_percentile(0.95, falls + 2.5, back) < 0.06
    assert seen.through(falls + 3, back) > 110e3
    assert layers[5][0] - back < 6.0


def test_a_steady_line_is_used_and_its_queue_stays_short() -> None:
    world = World()
    sender = Elastic(world, Line([(0.0, 1e6)]))
    world.run(60.0)
    seen = sender.call.seen
    assert seen.through(10, 60) >= 0.8 * 1e6
    assert seen.queue_percentile(0.95, 10, 60) < 0.06
    late = [estimate for when, estimate in seen.estimates if when > 10]
    assert min(late) > 0.7e6
    assert max(late) < 1.2e6


def test_layers_do_not_flicker_on_a_steady_line() -> None:
    world = World()
    sender = Layered(world, Line([(0.0, 1e6)]))
    world.run(60.0)
    assert [layer for _, layer in sender.layers] == [0, 1]
    assert sender.call.seen.queue_percentile(0.95, 10, 60) < 0.06
    assert sender.call.probed * 8 / 60 < 0.05 * 1e6


@pytest.mark.parametrize(("starts", "seed"), [(0.013, 9), (8.013, 6), (12.5, 9)])
def test_two_share_a_line(starts: float, seed: int) -> None:
    world, line = World(), Line([(0.0, 2e6)])
    early, late = Elastic(world, line), Elastic(world, line, seed=seed, frames=24.7, starts=starts)
    world.run(70.0)
    rates = [sender.call.seen.through(30, 70) for sender in (early, late)]
    assert max(rates) < 2 * min(rates)
    assert sum(rates) > 0.8 * 2e6


@pytest.mark.parametrize("burst", [1.0, 5.0])
def test_what_a_radio_loses_whatever_is_sent_starves_nobody(burst: float) -> None:
    world = World()
    sender = Layered(world, Line([(0.0, 10e6)], loss=0.1, burst=burst))
    world.run(40.0)
    assert sender.layers[-1][1] == 2
    assert sender.call.seen.through(20, 40) > 0.85 * 1.5e6
    assert sender.call.estimator.loss == pytest.approx(0.1, abs=0.08)


def test_loss_without_a_queue_bounds_what_is_sent() -> None:
    world, line = World(), Line([(0.0, 1e6)], queue=0.01)
    sender = Elastic(world, line)
    world.run(40.0)
    lost = line.dropped / (line.dropped + len(sender.call.seen.arrived))
    assert lost < 0.2  # frames come in bursts, which so short a queue does not hold
    assert sender.call.seen.through(10, 40) > 0.65 * 1e6


def test_a_line_that_jitters_is_still_used() -> None:
    world = World()
    sender = Elastic(world, Line([(0.0, 1e6)], jitter=0.03))
    world.run(40.0)
    assert sender.call.seen.through(10, 40) > 0.75 * 1e6
    assert sender.call.seen.queue_percentile(0.95, 10, 40) < 0.1


@pytest.mark.parametrize("longer", [0.06, 0.075, 0.2])
def test_a_way_that_becomes_longer_is_no_queue_for_long(longer: float) -> None:
    world, line = World(), Line([(0.0, 2e6)])
    sender = Elastic(world, line, most=1e6)

    def lengthen() -> None:
        line.delay += longer

    world.at(15.0, lengthen)
    world.run(40.0)
    seen = sender.call.seen
    assert min(estimate for when, estimate in seen.estimates if when > 15) > 110e3
    assert seen.first(15.5, lambda estimate: estimate > 800e3, for_=5.0) < 3.5
    assert seen.through(19, 40) > 0.8 * 1e6


def test_who_sends_little_keeps_the_estimate_and_does_not_run_away() -> None:
    world = World()
    sender = Elastic(world, Line([(0.0, 2e6)]), most=100_000.0)
    sender.call.estimator.wanted = 1.5e6
    world.run(60.0)
    late = [estimate for when, estimate in sender.call.seen.estimates if when > 5]
    assert min(late) > 1.2e6
    assert max(late) < 2.1e6


def test_who_sends_little_hears_of_a_line_that_fell() -> None:
    world = World()
    sender = Elastic(world, Line([(0.0, 2e6), (10.0, 400e3)]), most=100_000.0)
    sender.call.estimator.wanted = 1.5e6
    world.run(40.0)
    assert sender.call.estimator.estimate < 500e3
    assert sender.call.seen.queue_percentile(0.95, 22, 40) < 0.06


def test_round_trip_and_queue_are_told() -> None:
    world = World()
    sender = Elastic(world, Line([(0.0, 5e6)], delay=0.07), back=0.08, most=1e6)
    world.run(10.0)
    assert sender.call.estimator.round_trip == pytest.approx(0.16, abs=0.03)
    assert sender.call.estimator.queueing_delay < 0.01


def test_a_line_from_which_nothing_comes_back_is_given_less_and_less() -> None:
    estimator = Estimator()
    for index in range(300):
        estimator.sent(index, 1000, 0.02 * index)
        assert estimator.probe(0.02 * index) is None
        if 0.02 * index < SILENCE:
            assert estimator.estimate == START
    assert LEAST <= estimator.estimate < START / 3


def test_a_report_of_packets_never_sent_changes_nothing() -> None:
    estimator = Estimator()
    estimator.feedback(twcc.Report(7, 0, (1, 2, None)), 1.0)
    assert (estimator.estimate, estimator.loss, estimator.queueing_delay) == (START, 0.0, 0.0)


def test_a_receiver_that_lies_costs_no_memory() -> None:
    estimator = Estimator()
    for index in range(6000):
        estimator.sent(index & 0xFFFF, 1000, 0.001 * index)
        estimator.feedback(twcc.Report(index & 0xFFFF, 0, (5,)), 0.001 * index + 0.0001)
    assert len(estimator._sent) <= 2048
    assert len(estimator._acknowledged._items) <= 2048


def test_a_client_with_remb_only_is_bounded_by_it_and_by_loss() -> None:
    estimator = Estimator()
    estimator.remb(900_000)
    assert estimator.estimate == 900_000
    estimator.reported(0.05, 1.0)
    assert estimator.estimate == 900_000
    for second in range(2, 6):
        estimator.reported(0.3, float(second))
    assert estimator.estimate == pytest.approx(900_000 * 0.85**4)
    for second in range(6, 30):
        estimator.reported(0.0, float(second))
    assert estimator.estimate == 900_000


def test_a_client_with_neither_is_bounded_by_its_loss() -> None:
    estimator = Estimator(wanted=1e6)
    for second in range(1, 40):
        estimator.reported(0.01, float(second))
    assert estimator.estimate == 1.5e6
    before = estimator.estimate
    estimator.reported(0.05, 41.0)
    assert estimator.estimate == before
    estimator.reported(0.2, 42.0)
    assert estimator.estimate == pytest.approx(0.9 * before)
