"""Transport-wide feedback and REMB as bytes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire.rtcp import Malformed, Part, split
from media.wire.twcc import MOST, WRAP, Report, build, build_remb, parse, remb, signed


def read(data: bytes) -> Report:
    report = parse(split(data)[0])
    assert report is not None
    return report


def arrivals(steps: list[int | None], start: int) -> tuple[int | None, ...]:
    found, tick = [], start
    for step in steps:
        tick = tick if step is None else (tick + step) % WRAP
        found.append(None if step is None else tick)
    return tuple(found)


@settings(deadline=None)
@given(
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFF),
    st.integers(0, WRAP - 1),
    st.lists(st.none() | st.integers(0, 255) | st.integers(-300, 30_000), min_size=1, max_size=60),
)
def test_what_is_built_is_read_again(base: int, counter: int, start: int, steps: list[int | None]) -> None:
    steps = [0, *steps]
    report = Report(base, counter, arrivals(steps, start))
    data = build(1, 2, report)
    assert len(data) % 4 == 0
    assert read(data) == report


GOLDEN = [
    (Report(65_534, 7, (260, None, 258, 900, None, None)), "afcd00060000000100000002fffe000600000107d28004fffe028201"),
    (
        Report(5, 0, (1000,) * 20),
        "afcd000a000000010000000200050014000003002014e8000000000000000000000000000000000000000002",
    ),
    (
        Report(1, 255, (1, *[None] * 300, 1001, 20_000)),
        "afcd000700000001000000020001012f000000ffa000011f40020103e84a3701",
    ),
    (Report(9, 1, (WRAP - 2, 1, None, 700, 1)), "8fcd0006000000010000000200090005ffffff01d4a0fe0302bbfd45"),
    (
        Report(0, 3, tuple(None if n % 3 == 1 else 5000 + n * (300 if n % 4 == 2 else 1) for n in range(30))),
        "8fcd000e00000001000000020000001e00001303d286c914e862d14a9000880258fdab020703f9000102"
        "01105cefa7021507eafc0102011e60e1a302",
    ),
]
"""As in media/wire/native/src/twcc.rs."""


@pytest.mark.parametrize(("report", "told"), GOLDEN)
def test_reports_are_built_as_in_rust(report: Report, told: str) -> None:
    assert build(1, 2, report).hex() == told


def test_long_runs_are_short() -> None:
    lost = Report(65_530, 7, (1000, *[None] * 300, 1001))
    assert len(build(1, 2, lost)) <= 32
    steady = Report(0, 0, tuple(range(1000, 1200)))
    assert len(build(1, 2, steady)) <= 24 + 200
    assert read(build(1, 2, steady)) == steady


def test_vectors_of_one_and_of_two_bits_are_read() -> None:
    one = bytes.fromhex("8fcd000500000001000000020005000300000100a8000408")
    assert read(one).arrivals == (260, None, 268)
    two = bytes.fromhex("8fcd000600000001000000020005000300000100d20004fffe000000")
    assert read(two).arrivals == (260, None, 258)


def test_the_clock_may_wrap_within_a_report() -> None:
    report = Report(3, 0, (WRAP - 2, 1))
    found = read(build(1, 2, report))
    assert found == report
    assert signed(1 - (WRAP - 2)) == 3


@pytest.mark.parametrize(
    "body",
    [
        bytes(8),
        bytes(8) + bytes.fromhex("0001 0000 00000000 2001"),
        bytes(8) + bytes.fromhex("0001 ffff 00000000 3fff"),
        bytes(8) + bytes.fromhex("0001 0002 00000000 2002 04"),
        bytes(8) + bytes.fromhex("0001 0002 00000000 6002 0404"),
        bytes(8) + bytes.fromhex("0001 0040 00000000 2002"),
        bytes(8) + bytes.fromhex("0001 0004 00000000 0000"),
    ],
)
def test_what_is_not_whole_is_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(Part(205, 15, body, b""))


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_do_harm(body: bytes) -> None:
    try:
        report = parse(Part(205, 15, body, b""))
    except Malformed:
        return
    assert report is not None
    assert 0 < len(report.arrivals) <= MOST
    assert all(tick is None or 0 <= tick < WRAP for tick in report.arrivals)


def test_other_feedback_is_neither() -> None:
    nack = Part(205, 1, bytes(12), b"")
    assert parse(nack) is None
    assert remb(nack) is None
    assert remb(Part(206, 15, bytes(16), b"")) is None
    assert remb(Part(206, 15, bytes(3), b"")) is None


def test_what_cannot_be_told_is_not_built() -> None:
    for report in (Report(0, 0, (None,)), Report(0, 0, (0, 40_000)), Report(0, 0, tuple(range(MOST + 1)))):
        with pytest.raises(ValueError, match=r"nothing|apart"):
            build(1, 2, report)


@settings(deadline=None)
@given(st.integers(0, (1 << 40)))
def test_remb_keeps_eighteen_bits(rate: int) -> None:
    found = remb(split(build_remb(1, rate, [5, 6]))[0])
    assert found is not None
    assert rate - rate // (1 << 17) - 1 <= found <= rate
