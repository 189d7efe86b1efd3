"""What processes share that may be lost: counts of what strangers may not do too often. In memory."""

from functools import cache

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from lms_core.kernel.clock import Clock


class MemoryLimits:
    """Moving windows in this process (`lms_core.kernel.api.Limits`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def spent(self, rule: str, *key: str) -> float | None:
        item = _parsed(rule)
        if self._limiter.test(item, *key):
            return None
        reset = self._limiter.get_window_stats(item, *key).reset_time
        return max(1.0, reset - self._clock.now().timestamp())

    def count(self, rule: str, *key: str) -> None:
        self._limiter.hit(_parsed(rule), *key)


@cache
def _parsed(rule: str) -> RateLimitItem:
    return parse(rule)
