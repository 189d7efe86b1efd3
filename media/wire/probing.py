"""Short bursts above the estimate, to find out how much more a line carries. Pure: time is given, in seconds.

As browsers' senders do it: what is sent at a rate and arrives at a rate tells of the line within 30 ms. A burst is
small enough that a line that does not carry it has a queue of some 30 ms for a moment.
"""

EVERY = 2.5
"""Seconds between bursts while the viewer could use more than the estimate."""
CHECKED_EVERY = 10.0
"""Seconds between bursts at the estimate itself while little is sent: so it does not grow old."""
FIRST, IDLE, BUSY = 3.0, 2.0, 1.5
"""How far above the estimate: the very first burst, one while little is sent, and one on top of much."""
OVER = 1.2
"""How far above what the viewer could use, at most: what is measured is a little too small."""
LASTS, LASTS_AT_MOST = 0.03, 0.1
"""Seconds of a burst …"""
JITTERS = 4.0
"""… or so many times what delay varies by, or it would measure nothing else."""

_LEAST = 2000
"""Bytes."""
_ENDS = 0.25
"""Seconds after which a burst that was not filled is over."""
_CAME = 0.7
"""Part of the bytes that must have come; what is lost on a poor radio line does not matter."""
_WHOLE = 0.9
_OF_IT = 0.95
"""What is taken of what a saturated line let through."""


class Prober:
    """One burst at a time."""

    def __init__(self) -> None:
        self._number = 0
        self._asked = 0
        self._wanted = 0.0
        self._sent = 0
        self._began = self._ended = float("-inf")
        self._open = self._waits = False
        self._came: list[tuple[float, float, int]] = []
        self._again = True

    def soon(self) -> None:
        """Whatever is known of the line has just become old."""
        self._again = True

    def plan(self, estimate: float, wanted: float, idle: bool, jitter: float, now: float) -> tuple[float, int] | None:
        """The next burst (bit/s, bytes) when one is due. `idle`: much less is sent than the estimate allows."""
        if self._open or self._waits or (estimate >= wanted and not idle):
            return None
        if not self._again and now - self._began < (CHECKED_EVERY if estimate >= wanted else EVERY):
            return None
        self._again = False
        higher = FIRST if self._number == 0 else IDLE if idle else BUSY
        rate = estimate if estimate >= wanted else min(estimate * higher, wanted * OVER)
        self._number += 1
        lasts = min(max(JITTERS * jitter, LASTS), LASTS_AT_MOST)
        self._asked = max(int(rate * lasts / 8.0), _LEAST)
        self._sent, self._began, self._open = 0, now, True
        self._came = []
        self._wanted = wanted
        return rate, self._asked

    def asks(self, size: int) -> None:
        """The burst has as many bytes as this."""
        self._asked = max(self._asked, size)

    def sent(self, size: int, now: float) -> int:
        """The number of the burst that a packet sent now belongs to, 0 for none."""
        if not self._open:
            return 0
        if now - self._began > _ENDS:
            self._open, self._waits, self._ended = False, self._sent > 0, now
            return 0
        self._sent += size
        if self._sent >= self._asked:
            self._open, self._waits, self._ended = False, True, now
        return self._number

    def arrived(self, number: int, sent: float, arrived: float, size: int) -> None:
        if number == self._number:
            self._came.append((sent, arrived, size))

    def found(self, round_trip: float, now: float) -> tuple[float, bool] | None:
        """The result of a burst, once: bit/s, and whether the line carried all of it."""
        if not self._waits:
            return None
        got = 0
        for _, _, size in self._came:
            got += size
        if got < self._sent and now - self._ended < 0.15 + 2.0 * round_trip:
            return None
        self._waits = False
        if len(self._came) < 4 or got < _CAME * self._sent:
            return None
        return self._result(got)

    def _result(self, got: int) -> tuple[float, bool] | None:
        sent_for = self._came[-1][0] - self._came[0][0]
        arrived_for = self._came[-1][1] - self._came[0][1]
        if sent_for <= 0.0 or arrived_for <= 0.0:
            return None
        out = 8.0 * (got - self._came[-1][2]) / sent_for
        through = 8.0 * (got - self._came[0][2]) / arrived_for
        if through < _WHOLE * out:
            return _OF_IT * through, False
        carried = min(out, through)
        self._again = carried < self._wanted  # perhaps it carries still more
        return carried, True
