"""What processes share that may be lost: counts of what strangers may not do too often.

Moving windows. In Redis when there is one, so that they hold for all processes and hosts; its own clock counts,
so hosts may disagree about the time. While Redis is away each process counts alone, in memory, and no request
waits for it.
"""

import asyncio
import hashlib
import re
from collections import deque
from functools import cache
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from lms_core.kernel.clock import Clock

PATIENCE = 0.25
"""Seconds that a request waits for Redis at most."""
PAUSE = 3.0
"""Seconds in which Redis is not asked after it failed."""
SWEEP_AT = 10_000
LOST = (RedisError, OSError, TimeoutError, RuntimeError)
"""What Redis' client raises while it is away; the last is uvloop's word for a connection that was closed meanwhile."""
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_WINDOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local earliest = redis.call('LINDEX', KEYS[1], most - 1)
if earliest and tonumber(earliest) + seconds > now then
  return string.format('%.3f', tonumber(earliest) + seconds - now)
end
if ARGV[3] == '1' then
  redis.call('LPUSH', KEYS[1], string.format('%.6f', now))
  redis.call('LTRIM', KEYS[1], 0, most - 1)
  redis.call('EXPIRE', KEYS[1], math.ceil(seconds))
end
return false
"""

log = structlog.get_logger(__name__)


class MemoryLimits:
    """Moving windows in this process (`lms_core.kernel.api.Limits`)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, ...], deque[float]] = {}
        self._sweep_at = SWEEP_AT

    async def spent(self, rule: str, *key: str) -> float | None:
        return self.wait(rule, *key)

    async def count(self, rule: str, *key: str) -> None:
        self.add(rule, *key)

    async def close(self) -> None: ...

    def wait(self, rule: str, *key: str) -> float | None:
        """As `spent`, at once."""
        most, seconds = _parsed(rule)
        times = self._windows.get((rule, *key))
        if times is None or len(times) < most:
            return None
        left = times[0] + seconds - self._clock.monotonic()
        return max(1.0, left) if left > 0 else None

    def add(self, rule: str, *key: str) -> None:
        """As `count`, at once. What comes while the window is full does not make it longer."""
        if self.wait(rule, *key) is not None:
            return
        if len(self._windows) >= self._sweep_at:
            self._sweep()
        self._windows.setdefault((rule, *key), deque(maxlen=_parsed(rule)[0])).append(self._clock.monotonic())

    def _sweep(self) -> None:
        now = self._clock.monotonic()
        over = [key for key, times in self._windows.items() if times[-1] + _parsed(key[0])[1] <= now]
        for key in over:
            del self._windows[key]
        self._sweep_at = max(SWEEP_AT, 2 * len(self._windows))


class SharedLimits:
    """The same, shared through Redis by all processes; what this one counted itself holds in any case."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._redis = open_redis(url, PATIENCE, retry=Retry(NoBackoff(), 1))  # an old connection may have been ended
        self._window = self._redis.register_script(_WINDOW)
        self._clock, self._here = clock, MemoryLimits(clock)
        self._asleep_until = float("-inf")
        self.up = True

    async def spent(self, rule: str, *key: str) -> float | None:
        if wait := self._here.wait(rule, *key):
            return wait
        wait = await self._ask(rule, key, add=False)
        return None if wait is None else max(1.0, wait)

    async def count(self, rule: str, *key: str) -> None:
        self._here.add(rule, *key)
        await self._ask(rule, key, add=True)

    async def close(self) -> None:
        await self._redis.aclose()

    def dump(self) -> dict[str, Any]:
        return {"redis": self.up}

    async def _ask(self, rule: str, key: tuple[str, ...], *, add: bool) -> float | None:
        if self._clock.monotonic() < self._asleep_until:
            return None
        most, seconds = _parsed(rule)
        try:
            async with asyncio.timeout(PATIENCE):
                said = await self._window([_name(rule, key)], [most, seconds, int(add)])
        except LOST as why:
            self._asleep_until = self._clock.monotonic() + PAUSE
            self._now_up(False, type(why).__name__)
            return None
        self._now_up(True)
        return None if said is None else float(said)

    def _now_up(self, up: bool, why: str = "") -> None:
        if up != self.up:
            self.up = up
            log.info("limits_shared") if up else log.warning("limits_not_shared", why=why)


def open_redis(url: str, patience: float, **options: Any) -> Redis:
    """A client that gives up after `patience` seconds instead of trying again."""
    options = {"retry": Retry(NoBackoff(), 0), **options}
    return Redis.from_url(url, socket_timeout=patience, socket_connect_timeout=patience, **options)


def _name(rule: str, key: tuple[str, ...]) -> str:
    """Redis is not told who it is: log-in names and addresses are people's."""
    return "sabaq:limit:" + hashlib.blake2b("\0".join((rule, *key)).encode(), digest_size=16).hexdigest()


@cache
def _parsed(rule: str) -> tuple[int, int]:
    """How many in how many seconds: `10/5minute`."""
    found = re.fullmatch(r"(\d+)/(\d*)(second|minute|hour|day)", rule)
    if not found:
        raise ValueError(f"no rule: {rule}")
    return int(found[1]), int(found[2] or 1) * _SECONDS[found[3]]
