"""Removes the bytes of what is gone: of files in rooms, of media of questions, of learners' answers."""

from collections.abc import Awaitable, Callable, Sequence

from lms_core.exams import handed
from lms_core.files import service as files
from lms_core.items import media
from lms_core.kernel.actor import SYSTEM
from lms_core.kernel.blobs import Blobs, Leaving
from lms_core.kernel.clock import Clock
from lms_core.kernel.db import Database, Tx

SECONDS = 60.0
"""Until it looks again, where nothing was to be done."""
Find = Callable[[Tx], Awaitable[list[Leaving]]]
Drop = Callable[[Tx, Sequence[Leaving]], Awaitable[None]]
KINDS: tuple[tuple[Find, Drop], ...] = (
    (files.gone, files.removed),
    (media.gone, media.removed),
    (handed.gone, handed.removed),
)


class Sweeper:
    """Of one kind. `find`: some of what is gone; `drop`: removes its rows; `leads`: whether this process sweeps."""

    def __init__(
        self, db: Database, clock: Clock, blobs: Blobs, find: Find, drop: Drop, leads: Callable[[], bool] = lambda: True
    ) -> None:
        self._db, self._clock, self._blobs = db, clock, blobs
        self._find, self._drop, self._leads = find, drop, leads

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not self._leads() or not await self.sweep():
                await self._clock.sleep(SECONDS)

    async def sweep(self) -> int:
        """Bytes first, then rows: what fails in between is done again. How many went."""
        gone = await self._db.run(SYSTEM, self._find)
        for one in gone:
            await self._blobs.delete(one.key)
        if gone:
            await self._db.run(SYSTEM, lambda tx: self._drop(tx, gone))
        return len(gone)
