"""When a publisher's packets came, and what it is told of that."""

import random
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.wire import rtp, twcc
from media.wire.arrivals import BUSY, MOST_TOLD, WINDOW, Arrivals
from media.wire.rtcp import split
from tests.wire.rig import packet

ID = 5


class Publisher:
    """Its packets come; what it is told is put together as a sender does."""

    def __init__(self) -> None:
        self.arrivals = Arrivals(ID)
        self.sizes: list[int] = []
        self.counters: list[int] = []
        self.told: dict[int, int | None] = {}

    def send(self, number: int, at: float) -> None:
        self.take(packet(96, number, 0, 0xA0, elements=((ID, pack("!H", number & 0xFFFF)),)), at)

    def take(self, data: bytes, at: float) -> None:
        memory = bytearray(2048)
        memory[: len(data)] = data
        self.arrivals.note(memoryview(memory), len(data), 0xA0, at)

    def tell(self, now: float) -> list[twcc.Report]:
        reports = []
        for data in self.arrivals.reports(1, now):
            (part,) = split(data)
            assert data[4:12] == pack("!II", 1, 0xA0)
            report = twcc.parse(part)
            assert report is not None
            assert report.arrivals[-1] is not None
            self.sizes.append(len(data))
            self.counters.append(report.counter)
            for place, tick in enumerate(report.arrivals):
                number = (report.base + place) & 0xFFFF
                assert tick is not None or self.told.get(number) is None, "nothing is taken back"
                self.told[number] = tick
            reports.append(report)
        return reports


def test_nothing_is_told_when_nothing_came_or_too_early() -> None:
    publisher = Publisher()
    assert publisher.tell(100.0) == []
    publisher.send(7, 100.0)
    assert publisher.tell(100.0) == [twcc.Report(7, 0, (400_000,))]
    publisher.send(8, 100.0625)
    assert publisher.tell(100.0625) == []
    assert publisher.tell(100.125) == [twcc.Report(8, 1, (400_250,))]
    for number in range(9, 9 + BUSY):
        publisher.send(number, 100.15)
    assert len(publisher.tell(100.1875)) == 1


def test_what_is_missing_is_told_once_it_is_overtaken_and_told_again_when_it_comes() -> None:
    publisher = Publisher()
    for number in (65_534, 65_535, 1):
        publisher.send(number, 1.0)
    assert publisher.tell(1.0) == [twcc.Report(65_534, 0, (4000, 4000, None, 4000))]
    publisher.send(2, 1.1)
    publisher.send(0, 1.1)
    publisher.send(2, 1.2)
    assert publisher.tell(1.2) == [twcc.Report(0, 1, (4400, 4000, 4400))]
    publisher.send(0, 1.3)
    publisher.send(4, 1.3)
    assert publisher.tell(1.3) == [twcc.Report(3, 2, (None, 5200))]


def test_the_first_ones_may_come_in_wrong_order() -> None:
    publisher = Publisher()
    for number in (2, 0, 1):
        publisher.send(number, 1.0)
    assert [report.base for report in publisher.tell(1.0)] == [0]
    assert set(publisher.told) == {0, 1, 2}


def test_the_clock_of_reports_wraps() -> None:
    publisher = Publisher()
    late = twcc.WRAP * twcc.TICK - 0.05
    publisher.send(0, late)
    publisher.send(1, late + 0.1)
    (report,) = publisher.tell(late + 0.1)
    first, second = report.arrivals
    assert first is not None
    assert second is not None
    assert (second < first, twcc.signed(second - first)) == (True, 400)


def test_what_came_far_apart_or_is_much_is_told_in_several() -> None:
    publisher = Publisher()
    publisher.send(0, 10.0)
    publisher.send(3, 30.0)
    reports = publisher.tell(30.0)
    assert [(each.base, each.arrivals) for each in reports] == [(0, (40_000,)), (1, (None, None, 120_000))]
    for number in range(4, 4 + 3 * MOST_TOLD):
        publisher.send(2 * number, 31.0 + number / 900)
    assert len(publisher.tell(40.0)) == 3
    assert max(publisher.sizes) <= 1200
    assert publisher.counters == [0, 1, 2, 3, 4]


def test_other_forms_of_the_extension_are_read_and_packets_without_are_none_of_it() -> None:
    publisher = Publisher()
    number = (ID, pack("!H", 9))
    publisher.take(packet(96, 0, 0, 0xA0, elements=((1, b"\x10"), number)), 1.0)
    assert [each.base for each in publisher.tell(1.0)] == [9]
    publisher.take(packet(96, 0, 0, 0xA0, elements=((20, b"long id"), (ID, pack("!H", 10)))), 2.0)
    assert [each.base for each in publisher.tell(2.0)] == [10]
    publisher.take(packet(96, 0, 0, 0xA0), 3.0)
    publisher.take(packet(96, 0, 0, 0xA0, elements=((ID, b"\x01"),)), 3.0)
    publisher.take(packet(96, 0, 0, 0xA0, elements=((ID + 1, pack("!H", 11)),)), 3.0)
    assert publisher.tell(3.0) == []
    with pytest.raises(rtp.Malformed):
        publisher.take(packet(96, 0, 0, 0xA0, elements=(number,))[:19], 3.0)


@settings(deadline=None)
@given(
    st.integers(0, 0xFFFF),
    st.lists(
        st.tuples(
            st.integers(-40, 40) | st.integers(-3000, 3000) | st.integers(0, 0xFFFF), st.floats(0.0, 0.2), st.booleans()
        ),
        max_size=200,
    ),
)
def test_hostile_numbers_fill_no_memory_and_break_nothing(start: int, steps: list[tuple[int, float, bool]]) -> None:
    publisher, number, now = Publisher(), start, 1.0
    for step, later, told in steps:
        number, now = (number + step) & 0xFFFF, now + later
        publisher.send(number, now)
        if told:
            publisher.tell(now)
            publisher.told.clear()
        assert len(publisher.arrivals._ticks) <= WINDOW
    assert max(publisher.sizes, default=0) <= 1200


def test_a_sender_that_says_everything_is_told_everything() -> None:
    """Lost, doubled and late packets: what came is told with its time, what did not is told as lost or not at all."""
    noise = random.Random(3)
    publisher = Publisher()
    sent = [(number, 5.0 + number / 500) for number in range(5000) if noise.random() > 0.05]
    came = sorted(((number, at + noise.random() * 0.03) for number, at in sent + sent[::7]), key=lambda each: each[1])
    first: dict[int, int] = {}
    for number, at in came:
        first.setdefault(number, int(at / twcc.TICK))
        publisher.send(number, at)
        publisher.tell(at)
    publisher.tell(came[-1][1] + 1)
    assert {number: tick for number, tick in publisher.told.items() if tick is not None} == first
    assert set(range(max(first) + 1)) == set(publisher.told) | set(range(min(publisher.told)))
