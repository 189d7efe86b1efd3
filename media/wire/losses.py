"""How loss bounds the rate of a line. Pure: time is given, in seconds; rates in bit/s, loss as a part of 1.

draft-ietf-rmcat-gcc-02 §6: much loss lowers the bound, little raises it. A radio line loses packets whatever is sent,
though: what was lost too when less was sent and no queue stood is the line's own, and does not count.
"""

from collections import deque

MUCH, LITTLE = 0.10, 0.02
RISE = 0.08
"""Of the bound, each second while little is lost."""
FLOOR = 0.85
"""Of what comes through: loss alone never bounds lower."""

_OWN_AT_MOST = 0.3
_JUDGED_EVERY = 0.3
_LEAST_PACKETS = 50
_SECONDS = 20
"""Samples kept, of one second each."""
_CALM = 0.05
"""Seconds of queue, below which loss is the line's own."""
_UNBOUND = float("inf")


class LossBound:
    """`bound` is infinite until much was lost."""

    def __init__(self) -> None:
        self.bound = _UNBOUND
        self.loss = 0.0
        self.own = 0.0
        self._recent: deque[tuple[float, int, int]] = deque()
        self._recent_lost = self._known = 0
        self._judged = self._reported = 0.0
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=_SECONDS)
        self._sample_since: float | None = None
        self._lost = self._total = 0
        self._fastest = 0.0

    def count(self, lost: int, total: int, rate: float, now: float) -> None:
        """So many of so many more packets were lost while `rate` was sent; less than 0 when some came after all."""
        if lost or total:
            self._recent.append((now, lost, total))
            self._recent_lost += lost
            self._known += total
        while len(self._recent) > 1 and self._recent[0][0] < now - 1.0 and self._known > _LEAST_PACKETS:
            _, lost_then, total_then = self._recent.popleft()
            self._recent_lost -= lost_then
            self._known -= total_then
        self.loss = min(max(self._recent_lost / self._known, 0.0), 1.0) if self._known > 0 else 0.0
        self._lost += lost
        self._total += total
        self._fastest = max(self._fastest, rate)

    def judge(self, rate: float, through: float, queue: float, round_trip: float, now: float) -> None:
        """Moves the bound; `rate` is what is believed now, `through` what comes through, `queue` the seconds that
        packets wait."""
        self._learn(queue, now)
        passed = now - self._judged
        if passed < max(_JUDGED_EVERY, round_trip) or self._known < _LEAST_PACKETS:
            return
        self._judged = now
        floor = min(FLOOR * through, rate, self.bound)
        self._move((self.loss - self.own) / (1.0 - self.own), rate, min(passed, 1.0))
        self.bound = max(self.bound, floor)

    def reported(self, fraction: float, rate: float, now: float) -> None:
        """A receiver report, where it is all that there is."""
        passed = min(now - self._reported, 5.0) if self._reported else 1.0
        self._reported = now
        self.loss = fraction
        if self.bound == _UNBOUND:
            self.bound = rate
        self._move(fraction, rate, passed)

    def passed(self, rate: float) -> None:
        """A probe got through at this rate."""
        self.bound = max(self.bound, rate)

    def _move(self, loss: float, rate: float, passed: float) -> None:
        if loss > MUCH:
            self.bound = min(self.bound, rate) * (1.0 - 0.5 * loss)
        elif loss < LITTLE:
            self.bound += self.bound * RISE * passed

    def _learn(self, queue: float, now: float) -> None:
        """What was lost in the seconds in which clearly less was sent than in others."""
        if self._sample_since is None:
            self._sample_since = now
        if now - self._sample_since < 1.0:
            return
        if queue < _CALM and self._total > 0:
            self._samples.append((self._fastest, self._lost, self._total))
        self._sample_since, self._fastest = now, 0.0
        self._lost = self._total = 0
        highest = max((rate for rate, _, _ in self._samples), default=0.0)
        lost = total = 0
        for rate, lost_then, total_then in self._samples:
            if rate <= 0.85 * highest:
                lost += lost_then
                total += total_then
        if total >= _LEAST_PACKETS:
            own = min(max(lost / total, 0.0), _OWN_AT_MOST)
            if own > self.own + LITTLE:
                self.bound = _UNBOUND  # it was lowered for what lowering does not help
            self.own = own
