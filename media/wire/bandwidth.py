"""What one viewer's line carries: an estimate from what its receiver reports. Pure: time is given, in seconds.

Delay first: packets that come ever later mean a queue that grows, so the rate is cut to what gets through and then
raised again slowly (Carlucci et al. 2016, "Analysis and Design of the Google Congestion Control for WebRTC";
draft-ietf-rmcat-gcc-02). Loss bounds it, short bursts above it find out how much more there is.
`media/wire/native/src/bandwidth.rs` is the same in Rust; both pass the traces in `tests/media/wire/traces`.
"""

from collections import deque

from .losses import LossBound
from .probing import Prober
from .trend import Trend
from .twcc import TICK, Report, signed

START, LEAST, MOST = 300_000.0, 30_000.0, 100_000_000.0
"""bit/s: before anything is known, and the bounds of any estimate."""
CUT = 0.85
"""Of what gets through, while the queue grows (draft §5.5)."""
RISE = 0.08
"""Of the estimate, more each second while nothing is known against it."""
BUSY = 0.65
"""Whoever sends less than this part of the estimate learns nothing about its upper end."""
FILLED, KNOWN_FOR = 0.8, 6.0
"""Whoever sends more than this part of an estimate that was cut less than so many seconds ago knows its end."""
STANDING = 0.05
"""Seconds of queue that is too much even when it grows no more."""
DRAIN = 0.25
"""Of the estimate, at most so much less while such a queue drains."""
GROWN = 0.02
"""Seconds of queue below which it may grow: one large frame is not yet too much."""
FULL = 0.03
"""Seconds of queue above which the rate rises no more."""
DRAINED = 0.005
"""Seconds of queue less than one report before: so it goes down by itself."""
SURE = 0.05
"""Seconds of queue that are too much at once; less must be seen twice."""
RISES = 1.1
"""What comes through grows by this from one report to the next: the queue is of what was added, not of the line."""
FELL = 0.7
"""Cut to less than this part, the line is another one: look anew."""
LONGER, ALIKE = 1.5, 0.2
"""A queue over STANDING that for so many seconds, though the rate was cut, is within this part of itself is none: the
way has become longer."""
SILENCE = 1.0
"""Seconds without any report, although packets were sent, after which the line counts as stalled."""

_HISTORY = 2048
"""Packets remembered: 3 s and more of 600 packets a second."""
_WINDOW = 0.3
"""Seconds over which rates are measured: nine frames, so that one more or less does not matter."""
_FORGETS = 30.0
"""Seconds after which the shortest way ever seen is looked for anew (it is kept for one to two of these)."""


class Meter:
    """Bit/s over the last `_WINDOW` seconds of whatever clock the times are of."""

    __slots__ = ("_bytes", "_first", "_items", "_last")

    def __init__(self) -> None:
        self._items: deque[tuple[float, int]] = deque()
        self._bytes = 0
        self._first = self._last = 0.0

    def add(self, when: float, size: int) -> None:
        if not self._items:
            self._first = self._last = when
        self._items.append((when, size))
        self._bytes += size
        self._last = max(self._last, when)
        self._expire(self._last)

    def rate(self, now: float | None = None) -> float:
        """Until `now`, else until the newest; 0 while a whole window has not passed."""
        last = self._last if now is None else now
        self._expire(last)
        return 8.0 * self._bytes / _WINDOW if last - self._first >= _WINDOW else 0.0

    def _expire(self, last: float) -> None:
        while len(self._items) > 1 and (self._items[0][0] <= last - _WINDOW or len(self._items) > _HISTORY):
            self._bytes -= self._items.popleft()[1]


class Sent:
    """A packet on its way: `cluster` is the number of the probe that it belongs to, 0 for none."""

    __slots__ = ("arrived", "at", "cluster", "lost", "size")

    def __init__(self, size: int, at: float, cluster: int) -> None:
        self.size = size
        self.at = at
        self.cluster = cluster
        self.arrived = self.lost = False


class Estimator:
    """One viewer's line. Rates in bit/s, times in seconds, sizes in bytes as they are on the wire.

    `wanted` is what the viewer could use; nothing above is looked for. `loss` is a part of 1.
    """

    def __init__(self, start: float = START, wanted: float = MOST) -> None:
        self.wanted = wanted
        self.round_trip = 0.1
        self.queueing_delay = 0.0
        self._rate = start
        self._sent: dict[int, Sent] = {}
        self._unanswered: float | None = None
        self._heard: float | None = None
        self._sending = Meter()
        self._acknowledged = Meter()
        self._trend = Trend()
        self._losses = LossBound()
        self._prober = Prober()
        self._ticks: tuple[int, int] | None = None
        self._shortest = (float("inf"), float("inf"))
        self._shortest_since = 0.0
        self._stands = (0.0, 0.0, 0.0)
        """Since when there is about as much queue, how much, and the rate then."""
        self._queue_before = self._through_before = 0.0
        self._newest = 0.0
        """When the newest packet that is known to have come was sent."""
        self._bad = 0
        self._cut_at = self._raised_at = 0.0
        self._capacity: float | None = None
        self._remb: float | None = None

    @property
    def estimate(self) -> float:
        """What may be sent, bit/s. Less than the line carries while a queue drains."""
        rate = min(self._rate, self._losses.bound)
        if self._remb is not None:
            rate = min(rate, self._remb)
        if self.queueing_delay > STANDING:
            rate *= 1.0 - min(self.queueing_delay - STANDING, DRAIN)
        return min(max(rate, LEAST), MOST)

    @property
    def loss(self) -> float:
        return self._losses.loss

    def sent(self, sequence: int, size: int, now: float) -> None:
        """A packet with the transport-wide number `sequence` (16 bits) left."""
        self._sent.pop((sequence - _HISTORY) & 0xFFFF, None)
        cluster = self._prober.sent(size, now)
        self._sent[sequence] = Sent(size, now, cluster)
        if not cluster:
            self._sending.add(now, size)
        if self._unanswered is None:
            self._unanswered = now

    def repeated(self, sequence: int) -> None:
        """The packet of that number was sent again under it: nothing can be learned of it any more."""
        self._sent.pop(sequence, None)

    def feedback(self, report: Report, now: float) -> None:
        """A transport-wide report came."""
        self._heard, self._unanswered, self._remb = now, None, None
        arrived, lost, late = self._read(report)
        self._losses.count(lost - late, len(arrived) + lost - late, self._sending.rate(now), now)
        if arrived:
            self.round_trip += (min(max(now - arrived[-1][0].at, 0.001), 2.0) - self.round_trip) / 8.0
            self._measure(arrived, now)
        self._control(now)
        found = self._prober.found(self.round_trip, now)
        if found is not None:
            self._take(*found)
        through = self._acknowledged.rate()
        self._losses.judge(self._rate, through, self.queueing_delay, self.round_trip, now)
        self._rate = min(self._rate, self._losses.bound)

    def reported(self, fraction: float, now: float) -> None:
        """A receiver report: the part of 1 that was lost since the last. Counts only where there is nothing better."""
        if self._heard is None:
            self._losses.reported(fraction, self._remb or self._rate, now)
            self._losses.bound = min(self._losses.bound, max(1.5 * self.wanted, START))
            if self._remb is None:
                self._rate = self._losses.bound

    def remb(self, rate: float) -> None:
        """What a receiver says that its line carries. Counts only where there is no transport-wide feedback."""
        if self._heard is None:
            self._remb = min(rate, MOST)
            self._rate = max(self._rate, self._remb)

    def probe(self, now: float) -> tuple[float, int] | None:
        """To be asked every 20 ms or so: at which rate to send how many bytes at once on top of everything (repeated
        packets or padding, six at least), to find out whether the line carries it. None: go on as before."""
        if self._unanswered is not None and now - max(self._unanswered, self._raised_at) > SILENCE:
            self._rate = max(CUT * self._rate, LEAST)  # nothing comes back: the line stalls, or is gone
            self._raised_at = now - SILENCE / 2
        calm = self._trend.state <= 0 and self.queueing_delay < STANDING / 2 and now - self._cut_at > 0.5
        if self._heard is None or not calm or now - self._heard > SILENCE:
            return None
        sending = self._sending.rate(now)
        if sending >= FILLED * self._rate and now - self._cut_at < KNOWN_FOR:
            return None
        idle = sending < BUSY * self._rate
        return self._prober.plan(self.estimate, self.wanted, idle, self._trend.jitter / 1000.0, now)

    def probes(self, size: int) -> None:
        """The packets for the last `probe` are of so many bytes, because there are no smaller ones."""
        self._prober.asks(size)

    def _read(self, report: Report) -> tuple[list[tuple[Sent, float]], int, int]:
        """What arrived with its time, how many were lost, and how many of those before came after all."""
        arrived: list[tuple[Sent, float]] = []
        lost = late = 0
        for index, tick in enumerate(report.arrivals):
            sent = self._sent.get((report.base + index) & 0xFFFF)
            if sent is None or sent.arrived:
                continue
            if tick is None:
                lost += not sent.lost
                sent.lost = True
                continue
            late += sent.lost
            sent.arrived, sent.lost = True, False
            arrived.append((sent, self._seconds(tick)))
        return arrived, lost, late

    def _seconds(self, tick: int) -> float:
        before, total = self._ticks or (tick, 0)
        total += signed(tick - before)
        self._ticks = tick, total
        return total * TICK

    def _measure(self, arrived: list[tuple[Sent, float]], now: float) -> None:
        shortest = float("inf")
        self._newest = max(self._newest, arrived[-1][0].at)
        for sent, when in arrived:
            self._acknowledged.add(when, sent.size)
            shortest = min(shortest, when - sent.at)
            if sent.cluster:
                self._prober.arrived(sent.cluster, sent.at, when, sent.size)
            else:
                self._trend.add(1000.0 * sent.at, 1000.0 * when)
        if now - self._shortest_since > _FORGETS:
            self._shortest = self._shortest[1], float("inf")
            self._shortest_since = now
        self._shortest = min(self._shortest[0], shortest), min(self._shortest[1], shortest)
        self.queueing_delay = shortest - self._shortest[0]
        if self._is_longer(now):
            self._shortest = shortest, float("inf")
            self._shortest_since = now
            self.queueing_delay = 0.0
            self._rate = max(self._rate, CUT * self._stands[2])
            self._prober.soon()

    def _is_longer(self, now: float) -> bool:
        since, queue, _ = self._stands
        if self.queueing_delay < STANDING or abs(self.queueing_delay - queue) > ALIKE * queue:
            self._stands = now, self.queueing_delay, self._rate
            return False
        return now - since > LONGER and self._cut_at > since

    def _control(self, now: float) -> None:
        through = self._acknowledged.rate()
        passed = min(max(now - self._raised_at, 0.0), 1.0)
        self._raised_at = now
        drains = self.queueing_delay < self._queue_before - DRAINED
        rises = through > RISES * self._through_before and self.queueing_delay < 2.0 * STANDING
        self._queue_before, self._through_before = self.queueing_delay, through
        grows = self._trend.state > 0 and self.queueing_delay > GROWN
        self._bad = self._bad + 1 if (grows or self.queueing_delay > STANDING) and not drains else 0
        if self._bad:
            is_sure = (self._bad > 1 or self.queueing_delay > SURE) and not rises
            if is_sure and now - self._cut_at >= min(max(self.round_trip, 0.05), 0.2) and through > 0.0:
                self._cut(through, now)
        elif through <= 0.0 or self._sending.rate(now) < BUSY * self._rate:
            return
        elif self._trend.state == 0 and self.queueing_delay < FULL:
            self._raise(through, passed)

    def _cut(self, through: float, now: float) -> None:
        lower = max(CUT * through, LEAST)
        if self._sending.rate(now) < BUSY * self._rate and through >= 0.9 * self._sending.rate(now):
            lower = max(lower, CUT * self._rate)  # all that was sent came: what is not sent says nothing of the line
        fell = lower < FELL * self._rate
        if lower < self._rate and (fell or self._newest > self._cut_at):
            if fell:
                self._prober.soon()
            self._cut_at = now
            self._rate = lower
            near = self._capacity is not None and abs(through - self._capacity) < 0.3 * self._capacity
            self._capacity = 0.7 * self._capacity + 0.3 * through if near and self._capacity else through

    def _raise(self, through: float, passed: float) -> None:
        if self._capacity is not None and through > 1.3 * self._capacity:
            self._capacity = None
        step = RISE * self._rate
        if self._capacity is not None and self._rate > 0.8 * self._capacity:
            step = min(step, 3600.0 / (self.round_trip + 0.1))  # half a packet a response: the end is near
        highest = max(self._rate, 1.5 * through + 10_000.0)
        self._rate = min(self._rate + step * passed, highest, MOST)

    def _take(self, rate: float, whole: bool) -> None:
        """The result of a probe: at least `rate` when it came through `whole`, else about that."""
        if rate > self._rate:
            self._rate = rate
            self._losses.passed(rate)
            self._capacity = None if whole else rate
        elif not whole:
            self._rate = max(rate, CUT * self._rate)
