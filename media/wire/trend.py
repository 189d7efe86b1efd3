"""Whether packets come ever later: the delay gradient by a trend line, against a threshold that adapts. Pure.

Carlucci et al. 2016 §4 (arrival filter and adaptive threshold) and draft-ietf-rmcat-gcc-02 §5.2–5.4, with the least
squares line in place of the Kalman filter, as browsers have it since 2017. Times here are milliseconds.
"""

from collections import deque

POINTS = 20
"""Of the line: a quarter of a second of sound and video."""

_BURST = 5.0
"""Packets sent within this time count as one."""
_LONGEST_BURST = 100.0
_SMOOTHING = 0.9
_GAIN = 4.0
_FULL = 60
"""Groups after which the line is believed in full."""
_OVER_FOR = 10.0
"""How long the line must be too steep."""
_UP, _DOWN = 0.0087, 0.039
"""How fast the threshold follows, per ms: slowly upwards, fast downwards, or it would starve beside TCP."""
_LEAST, _MOST, _OUTLIER = 6.0, 600.0, 15.0
_GAP = 500.0
"""A silence after which older points say nothing."""


class Trend:
    """`state`: 1 the queue grows, −1 it drains, 0 neither. `jitter`: by how many ms delays differ."""

    def __init__(self) -> None:
        self.state = 0
        self.jitter = 0.0
        self.threshold = 12.5
        self._group: list[float] | None = None
        """First sent, last sent, first arrived, last arrived."""
        self._before: list[float] | None = None
        self._line: deque[tuple[float, float]] = deque(maxlen=POINTS)
        self._delay = self._smoothed = self._steep = self._over = 0.0
        self._overs = self._count = 0

    def add(self, sent: float, arrived: float) -> None:
        group = self._group
        if group is None:
            self._group = [sent, sent, arrived, arrived]
        elif sent < group[0]:
            return  # out of order
        elif self._belongs(group, sent, arrived):
            group[1], group[3] = max(group[1], sent), max(group[3], arrived)
        else:
            if self._before is not None:
                self._step(group[1] - self._before[1], group[3] - self._before[3], group[3])
            self._before, self._group = group, [sent, sent, arrived, arrived]

    @staticmethod
    def _belongs(group: list[float], sent: float, arrived: float) -> bool:
        if sent - group[0] <= _BURST:
            return True
        late = arrived - group[3]
        return late <= _BURST and late < sent - group[1] and arrived - group[2] < _LONGEST_BURST

    def _step(self, sent: float, arrived: float, now: float) -> None:
        """Two groups were sent and arrived so far apart."""
        if arrived < 0.0 or sent > _GAP:
            self._line.clear()
            self._delay = self._smoothed = self._over = 0.0
            self._overs = self.state = 0
            return
        self._count = min(self._count + 1, _FULL)
        self._delay += arrived - sent
        self.jitter += (abs(arrived - sent) - self.jitter) / 16.0
        self._smoothed = _SMOOTHING * self._smoothed + (1.0 - _SMOOTHING) * self._delay
        self._line.append((now, self._smoothed))
        if len(self._line) == POINTS:
            self._judge(self._slope(), sent)

    def _slope(self) -> float:
        start = self._line[0][0]
        x_sum = y_sum = 0.0
        for x, y in self._line:
            x_sum += x - start
            y_sum += y
        x_mean, y_mean = x_sum / POINTS, y_sum / POINTS
        top = bottom = 0.0
        for x, y in self._line:
            away = x - start - x_mean
            top += away * (y - y_mean)
            bottom += away * away
        return top / bottom if bottom > 0.0 else 0.0

    def _judge(self, slope: float, passed: float) -> None:
        steep = self._count * slope * _GAIN
        if steep > self.threshold:
            self._over += passed if self._overs else passed / 2.0
            self._overs += 1
            if self._over > _OVER_FOR and self._overs > 1 and slope >= self._steep:
                self._over, self._overs, self.state = 0.0, 0, 1
        else:
            self._over, self._overs = 0.0, 0
            self.state = -1 if steep < -self.threshold else 0
        self._steep = slope
        if abs(steep) <= self.threshold + _OUTLIER:
            speed = _DOWN if abs(steep) < self.threshold else _UP
            self.threshold += speed * (abs(steep) - self.threshold) * min(passed, 100.0)
            self.threshold = min(max(self.threshold, _LEAST), _MOST)
