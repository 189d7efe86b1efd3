"""Taking turns: what is asked at once about one thing is done one after another."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0


class Turns:
    """Those of one process."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, ...], _Turn] = {}
        self._cores = asyncio.Semaphore(os.cpu_count() or 1)

    @asynccontextmanager
    async def of(self, *key: str) -> AsyncIterator[None]:
        """One at a time for a key, in the order of asking."""
        turn = self._turns.setdefault(key, _Turn())
        turn.wanted += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.wanted -= 1
            if not turn.wanted:
                del self._turns[key]

    @asynccontextmanager
    async def core(self) -> AsyncIterator[None]:
        """As many at a time as there are cores: what is checked inside is as new as the work it allows."""
        async with self._cores:
            yield
