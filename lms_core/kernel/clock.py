"""Time enters the program here and nowhere else.

Three times that never mix: wall time (UTC, aware) for what is written down, monotonic seconds for
machines and deadlines, media time (integers of a track's own clock rate) inside media.
"""

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, aware."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """Stands still until `advance`; sleepers wake in the order of their deadlines (tests)."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        self._count += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._passed + seconds, self._count, woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on, waking each sleeper at its own moment and letting the loop run in between."""
        until = self._passed + seconds
        while self._sleepers and self._sleepers[0][0] <= until:
            when, _, woken = heapq.heappop(self._sleepers)
            self._passed = max(self._passed, when)
            if not woken.done():
                woken.set_result(None)
            await _let_loop_run()
        self._passed = until
        await _let_loop_run()


async def _let_loop_run() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
