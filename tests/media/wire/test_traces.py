"""What the estimator says of recorded lines: the native one must say the same (`media/wire/native`, `cargo test`).

A trace has a step a line, times in seconds and rates in bit/s, all written so that no digit is lost:
`w wanted` · `s time sequence size` a packet was sent · `f time feedback estimate loss queue` a whole RTCP packet came,
and what is then believed · `p time rate bytes estimate` a probe was asked for, 0 0 when there was none ·
`b rate estimate` REMB · `l time fraction estimate` a receiver report.
`SABAQ_WRITE_GOLDEN=1` writes them anew.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media.wire import rtcp, twcc
from media.wire.bandwidth import Estimator

from .senders import Elastic, Layered
from .simulated import Line, World

TRACES = Path(__file__).with_name("traces")


def falls() -> list[str]:
    """The layers of a camera on a line that falls for a while."""
    world, lines = World(), []
    Layered(world, Line([(0.0, 2e6), (4.0, 300e3), (9.0, 2e6)]), record=lines)
    world.run(14.0)
    return [f"w {1.18 * 1_540_000}", *lines]


def radio() -> list[str]:
    """Jitter, and losses in bursts."""
    world, lines = World(), []
    sender = Elastic(world, Line([(0.0, 900e3)], jitter=0.02, loss=0.1, burst=3.0), record=lines)
    world.run(12.0)
    return [f"w {sender.call.estimator.wanted}", *lines]


def little() -> list[str]:
    """Hardly anything is sent on a line that falls, stalls for three seconds, and goes on."""
    world, lines = World(), []
    sender = Elastic(world, Line([(0.0, 2e6), (8.0, 250e3), (20.0, 1.0), (23.0, 1e6)]), most=60e3, record=lines)
    sender.call.estimator.wanted = 1.2e6
    world.run(32.0)
    return ["w 1200000.0", *lines]


def longer() -> list[str]:
    """The way becomes 100 ms longer."""
    world, line, lines = World(), Line([(0.0, 2e6)]), []
    sender = Elastic(world, line, most=800e3, record=lines)

    def lengthen() -> None:
        line.delay += 0.1

    world.at(6.0, lengthen)
    world.run(12.0)
    return [f"w {sender.call.estimator.wanted}", *lines]


def reported() -> list[str]:
    """Receivers that know no transport-wide feedback: loss alone, then REMB too."""
    estimator = Estimator(wanted=800e3)
    lines = ["w 800000.0"]
    fractions = [0.0] * 20 + [0.05, 0.3, 0.2, 0.12, 0.1, 0.01] + [0.0] * 10
    for second, fraction in enumerate(fractions, start=1):
        estimator.reported(fraction, float(second))
        lines.append(f"l {float(second)} {fraction} {estimator.estimate}")
        if second > 24 and second % 2:
            rate = 100_000 + 37_111 * (second % 7)
            estimator.remb(rate)
            lines.append(f"b {rate} {estimator.estimate}")
    return lines


MADE: list[Callable[[], list[str]]] = [falls, radio, little, longer, reported]


def replay(lines: list[str]) -> None:
    estimator = Estimator()
    for number, line in enumerate(lines, start=1):
        kind, *words = line.split()
        match kind:
            case "w":
                estimator.wanted = float(words[0])
                found, expected = (), ()
            case "s":
                estimator.sent(int(words[1]), int(words[2]), float(words[0]))
                found, expected = (), ()
            case "f":
                report = twcc.parse(rtcp.split(bytes.fromhex(words[1]))[0])
                assert report is not None
                estimator.feedback(report, float(words[0]))
                found = estimator.estimate, estimator.loss, estimator.queueing_delay
                expected = tuple(map(float, words[2:]))
            case "p":
                plan = estimator.probe(float(words[0])) or (0.0, 0)
                found, expected = (*plan, estimator.estimate), tuple(map(float, words[1:]))
            case "b":
                estimator.remb(float(words[0]))
                found, expected = (estimator.estimate,), (float(words[1]),)
            case _:
                assert kind == "l"
                estimator.reported(float(words[1]), float(words[0]))
                found, expected = (estimator.estimate,), (float(words[2]),)
        assert found == pytest.approx(expected, rel=1e-6), f"line {number}"


@pytest.mark.parametrize("make", MADE, ids=lambda make: make.__name__)
def test_each_trace_is_told_as_it_was(make: Callable[[], list[str]]) -> None:
    file = TRACES / f"{make.__name__}.txt"
    if os.environ.get("SABAQ_WRITE_GOLDEN"):
        file.write_text("\n".join(make()) + "\n", "utf-8")
    lines = file.read_text("utf-8").splitlines()
    assert len(lines) > 30
    replay(lines)


def test_there_is_no_trace_that_nobody_replays() -> None:
    others = {
        "keyframes",
        "dependencies",
        "layers_av1",
        "layers_h264",
        "layers_vp8",
        "layers_vp9",
        "loudest",
        "red",
    }  # test_keyframes, test_layers, …
    assert {file.stem for file in TRACES.iterdir()} == {make.__name__ for make in MADE} | others
