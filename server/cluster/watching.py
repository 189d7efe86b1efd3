"""Who is dead, as one observer may say: pure, on its own monotonic seconds, comparing no wall clocks.

A process is dead when its counter stood still for DEAD_AFTER while this observer read it all the time. Less is
enough when nobody listens at its address any more; nothing is enough while it answers on a link.
"""

from collections.abc import Collection, Mapping
from typing import Final

BEAT: Final = 0.5
"""Seconds from one beat, and one look at the others, to the next."""
DEAD_AFTER: Final = 3.0
DOUBTED_AFTER: Final = 1.0
"""Seconds of standing still after which a refused connection proves a death."""
GAP: Final = 1.5
"""Seconds without a look after which nothing seen before counts: it may be the observer who slept."""


class Watch:
    def __init__(self) -> None:
        self._since: dict[str, tuple[int, float]] = {}
        self._looked_at: float | None = None

    def look(self, beats: Mapping[str, int], now: float) -> None:
        """What the table says: a counter for each process but the observer."""
        if self._looked_at is not None and now - self._looked_at > GAP:
            self._since.clear()
        self._looked_at = now
        known = self._since
        self._since = {
            who: known[who] if who in known and known[who][0] == beat else (beat, now) for who, beat in beats.items()
        }

    def blind(self) -> None:
        """The table could not be read."""
        self._since.clear()

    def doubtful(self, now: float) -> list[str]:
        """Those worth asking whether anybody listens at their address."""
        return [who for who, (_, since) in self._since.items() if now - since >= DOUBTED_AFTER]

    def dead(self, now: float, refused: Collection[str], answering: Collection[str]) -> dict[str, int]:
        """Those who are dead, each with the beat at which it stands. `refused`: nobody listens at its address."""
        return {
            who: beat
            for who, (beat, since) in self._since.items()
            if who not in answering and now - since >= (DOUBTED_AFTER if who in refused else DEAD_AFTER)
        }
