"""One wall clock for all processes: the database's. What is written down by two hosts follows in its true order."""

from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select

from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx

AGREE_EVERY: Final = 10.0
TOLERATED: Final = timedelta(seconds=0.25)
"""What two clocks may differ by; more than a question to the database takes."""

log = structlog.get_logger(__name__)


class CommonClock:
    """`now` is this host's, set right by the database's; seconds and sleep are the host's own.

    Until `agree` was called, and for as long as the database is away, what is known last holds.
    """

    def __init__(self, clock: Clock) -> None:
        self._own = clock
        self.ahead = timedelta(0)
        """How far the database's clock is ahead of this host's."""

    def now(self) -> datetime:
        return self._own.now() + self.ahead

    def monotonic(self) -> float:
        return self._own.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._own.sleep(seconds)

    async def agree(self, db: Database) -> None:
        """Ask the database once. Raises what it raises."""
        before = self._own.now()
        theirs = (await db.run(SYSTEM, _its_time)).astimezone(UTC)
        after = self._own.now()
        ahead = theirs - (before + (after - before) / 2)
        if abs(ahead - self.ahead) > TOLERATED + (after - before):
            self.ahead = ahead
            log.warning("clock_set_right", ahead=round(ahead.total_seconds(), 3))

    async def keep(self, db: Database) -> None:
        """Until cancelled: ask now and then."""
        while True:
            await self._own.sleep(AGREE_EVERY)
            try:
                await self.agree(db)
            except Exception as no:
                log.debug("clock_not_compared", why=type(no).__name__)


async def _its_time(tx: Tx) -> datetime:
    found = await tx.one(select(func.clock_timestamp()))
    assert isinstance(found, datetime)
    return found
