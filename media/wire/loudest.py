"""Of the sounds of one group only the loudest are forwarded, by the levels that they bear (RFC 6464). Time is given.

A sound takes a place with its first audible packet while one is free, else the place of the quietest if it is MARGIN
louder. How loud a sound is that has a place tells its loudest packet of late: that counts for HOLD seconds, then it
falls, so that two alike voices do not push each other out between their words; who is not audible any more has no
place. A sound that bears no level (or has borne none for UNMEASURED seconds) is always forwarded, and has no place:
there is nothing to compare it by, and nobody shall be silent for the sake of it.
"""

from math import inf
from typing import TYPE_CHECKING

from .history import Packet

if TYPE_CHECKING:
    from .incoming import Publication

AUDIBLE = 57
"""Loudness, 127 the loudest, from which a sound is heard: −70 dBov."""
HOLD = 1.0
FALL = 100.0
"""dB a second."""
MARGIN = 6
UNMEASURED = 2.0
LEAD = 0.07
"""Seconds of what came before the first loud packet that are sent with it: words begin softly."""
_MOST_LEAD = 8


class Loudest:
    """One group. `most` sounds have a place."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._places: dict[str, tuple[float, float]] = {}
        """The loudest packet of late, and when that was."""
        self._measured: dict[str, float] = {}
        """When a sound last bore a level."""

    def heard(self, key: str, level: int, now: float) -> bool:
        """Whether what just came of a sound is forwarded; `level` 0–127, 127 the loudest, −1 when it bears none."""
        while len(self._places) > self.most:
            del self._places[self._quietest(now)]
        if level < 0:
            return key in self._places or now - self._measured.get(key, -inf) > UNMEASURED
        self._measured[key] = now
        if key in self._places:
            return self._keeps(key, level, now)
        if level < AUDIBLE or not self.most:
            return False
        if len(self._places) == self.most:
            quietest = self._quietest(now)
            if self._loudness(quietest, now) >= max(AUDIBLE, level - MARGIN):
                return False
            del self._places[quietest]
        self._places[key] = (level, now)
        return True

    def forget(self, key: str) -> None:
        """A sound is not there any more."""
        self._places.pop(key, None)
        self._measured.pop(key, None)

    def _keeps(self, key: str, level: int, now: float) -> bool:
        loudness = self._loudness(key, now)
        if level >= loudness:
            self._places[key] = (level, now)
        if max(level, loudness) >= AUDIBLE:
            return True
        del self._places[key]
        return False

    def _loudness(self, key: str, now: float) -> float:
        loudest, at = self._places[key]
        return loudest - max(now - at - HOLD, 0.0) * FALL

    def _quietest(self, now: float) -> str:
        return min(self._places, key=lambda key: self._loudness(key, now))


class Sounds:
    """All groups by name; one that nobody limited is not there."""

    def __init__(self) -> None:
        self._groups: dict[str, Loudest] = {}

    def limit(self, group: str, most: int) -> None:
        """Forward so many from now on, 0: all."""
        if most < 1:
            self._groups.pop(group, None)
        elif group in self._groups:
            self._groups[group].most = most
        else:
            self._groups[group] = Loudest(most)

    def forget(self, publication: "Publication") -> None:
        """It is in this group no longer."""
        if group := self._groups.get(publication.group):
            group.forget(publication.key)

    def passed(self, publication: "Publication", packets: list[Packet], now: float) -> list[Packet]:
        """Of what came together that which is forwarded, with what came just before where it begins to be. Viewers see
        no gap afterwards where nothing is."""
        group = self._groups.get(publication.group)
        level, publication.loudest = publication.loudest, -1
        if group is not None and not group.heard(publication.key, level, now):
            if publication.passing:
                publication.passing = False
                if publication.passed < 0:
                    publication.passed = publication.highest
                for stream in publication.streams:
                    stream.leave_off(publication.passed)
            return []
        if not publication.passing:
            publication.passing = True
            packets = _lead(publication, packets, now) + packets
        publication.passed = publication.highest
        return packets


def _lead(publication: "Publication", packets: list[Packet], now: float) -> list[Packet]:
    first = min(packet[2] for packet in packets)
    places = range(max(publication.passed + 1, first - _MOST_LEAD), first)
    before = [publication.history.get(index) for index in places]
    return [packet for packet in before if packet is not None and packet[6] >= now - LEAD]
