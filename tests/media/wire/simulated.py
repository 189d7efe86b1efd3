"""A line that is made up, in virtual time; nothing waits. `Call` puts a sender, an estimator and a receiver on it."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from media.wire import rtcp, twcc
from media.wire.bandwidth import Estimator
from media.wire.fake import Link as Line

FEEDBACK_EVERY = 0.1
"""Seconds, as Chromium does it."""
CLOCK = twcc.WRAP - round(5.0 / twcc.TICK)
"""What the receiver's clock shows at first: so it wraps after 5 s, as the sequence numbers do somewhat later."""


@dataclass
class Seen:
    """What happened, for the tests: lists over time."""

    estimates: list[tuple[float, float]] = field(default_factory=list)
    queues: list[tuple[float, float]] = field(default_factory=list)
    layers: list[tuple[float, int | None]] = field(default_factory=list)
    arrived: list[tuple[float, int]] = field(default_factory=list)

    def first(self, since: float, good: Callable[[float], bool], for_: float = 0.5) -> float:
        """Seconds from `since` until the estimate is `good` and stays so `for_` seconds; infinite if never."""
        start = None
        for when, value in self.estimates:
            if when >= since:
                start = (when if start is None else start) if good(value) else None
                if start is not None and when - start >= for_:
                    return start - since
        return float("inf")

    def queue_percentile(self, part: float, since: float, until: float) -> float:
        waits = sorted(wait for when, wait in self.queues if since <= when < until)
        return waits[min(int(part * len(waits)), len(waits) - 1)]

    def through(self, since: float, until: float) -> float:
        """Bit/s that arrived."""
        return sum(8 * size for when, size in self.arrived if since <= when < until) / (until - since)


class World:
    """Things that happen in their order."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), act))

    def every(self, seconds: float, act: Callable[[], None], first: float = 0.0) -> None:
        def again() -> None:
            act()
            self.at(self.now + seconds, again)

        self.at(first, again)

    def run(self, until: float) -> None:
        while self._events and self._events[0][0] <= until:
            self.now, _, act = heapq.heappop(self._events)
            act()
        self.now = until


class Call:
    """A sender with its estimator, and a receiver that tells of arrivals every 100 ms.

    `offer(now)` gives the sizes of the packets to send now, asked `frames` times a second: they are spread over a few
    ms as a pacer does. `record` takes the lines of a trace (see `test_traces.py`).
    """

    def __init__(
        self,
        world: World,
        line: Line,
        offer: Callable[[float], Sequence[int]],
        estimator: Estimator | None = None,
        frames: float = 30.0,
        back: float = 0.02,
        starts: float = 0.0,
        record: list[str] | None = None,
    ) -> None:
        self.world, self.line, self.offer, self.back = world, line, offer, back
        self.estimator = estimator or Estimator()
        self.seen = Seen()
        self.probed = 0
        self._record = record
        self._sequence = 65_000
        self._got: dict[int, int] = {}
        self._told = self._sequence
        self._counter = 0
        self._paced_until = 0.0
        world.every(1.0 / frames, lambda: self._frame(self.offer(world.now)), starts)
        world.every(0.02, self._sound, starts + 0.003)
        world.every(FEEDBACK_EVERY, self._tell, starts + 0.05)
        world.every(0.02, self._probe, starts + 0.011)

    def send(self, size: int) -> None:
        now, number = round(self.world.now, 6), self._sequence
        self._sequence += 1
        self._note(f"s {now} {number & 0xFFFF} {size}")
        self.estimator.sent(number & 0xFFFF, size, now)
        out = self.line.carry(size, now)
        self.seen.queues.append((now, self.line.waiting(now)))
        if out is not None:
            self.world.at(out, lambda: self._arrive(number, size))

    def _frame(self, sizes: Sequence[int]) -> None:
        """Packets of a frame, two and a half times as fast as the estimate."""
        when = max(self.world.now, min(self._paced_until, self.world.now + 0.1))
        for size in sizes:
            self.world.at(when, lambda size=size: self.send(size))
            when += 8.0 * size / (2.5 * self.estimator.estimate)
        self._paced_until = when

    def _sound(self) -> None:
        self.send(100)

    def _arrive(self, number: int, size: int) -> None:
        self.seen.arrived.append((self.world.now, size))
        self._got[number] = (CLOCK + int(self.world.now / twcc.TICK)) % twcc.WRAP

    def _tell(self) -> None:
        if not self._got:
            return
        first, last = min(self._told, *self._got), max(self._got)
        report = twcc.Report(first & 0xFFFF, self._counter, tuple(map(self._got.get, range(first, last + 1))))
        self._counter = (self._counter + 1) & 0xFF
        self._told = last + 1
        self._got.clear()
        data = twcc.build(1, 2, report)
        self.world.at(self.world.now + self.back, lambda: self._hear(data))

    def _hear(self, data: bytes) -> None:
        now = round(self.world.now, 6)
        report = twcc.parse(rtcp.split(data)[0])
        assert report is not None
        self.estimator.feedback(report, now)
        self.seen.estimates.append((now, self.estimator.estimate))
        found = self.estimator
        self._note(f"f {now} {data.hex()} {found.estimate} {found.loss} {found.queueing_delay}")

    def _probe(self) -> None:
        now = round(self.world.now, 6)
        plan = self.estimator.probe(now)
        self._note(f"p {now} {'0 0' if plan is None else f'{plan[0]} {plan[1]}'} {self.estimator.estimate}")
        if plan is None:
            return
        rate, size = plan
        packet = min(max(size // 6, 100), 1200)
        self.probed += size
        for index in range(-(-size // packet)):
            self.world.at(self.world.now + index * 8.0 * packet / rate, lambda: self.send(packet))

    def _note(self, line: str) -> None:
        if self._record is not None:
            self._record.append(line)
