"""The ways between planes, on which publications are relayed: one for each two that need it, with keys of its own.

What comes from an address is one peer's to the wire, so two planes have one way for all rooms and both directions.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .plane import seam

MOST_STREAMS: Final = 6_000
"""Streams on one way under the same keys: each takes two SSRCs of those a plane may ever send under."""
_KEY: Final = 28
"""Bytes of an AES-128-GCM key and its salt."""

Order = Callable[[int, seam.Order], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a plane is; `life` is another each time it is started."""

    life: str
    port: int
    addresses: tuple[str, ...]

    def plain(self) -> list[Any]:
        return [self.life, self.port, list(self.addresses)]

    @classmethod
    def of(cls, plain: list[Any]) -> "Place":
        life, port, addresses = plain
        return cls(str(life), int(port), tuple(map(str, addresses)))


@dataclass(slots=True)
class _Way:
    name: str
    ufrag: str
    password: str
    streams: int = 0


class Ways:
    def __init__(self, order: Order, where: Callable[[int], Place]) -> None:
        self._order, self._where = order, where
        self._ways: dict[tuple[int, int], _Way] = {}

    def between(self, one: int, other: int, streams: int) -> str:
        """The leg's name at both planes, for so many streams more."""
        ends = min(one, other), max(one, other)
        way = self._ways.get(ends)
        if way is None:
            name = self.name(*map(self._where, ends))
            way = self._ways[ends] = _Way(name, secrets.token_hex(6), secrets.token_hex(16))
            self._open(ends, way)
        elif way.streams + streams > MOST_STREAMS:
            self._open(ends, way)
        way.streams += streams
        return way.name

    def has(self, one: int, other: int) -> bool:
        return (min(one, other), max(one, other)) in self._ways

    @staticmethod
    def name(one: Place, other: Place) -> str:
        """Of the leg between two planes as they live now, the same for whoever asks."""
        return "leg_" + "_".join(sorted((one.life, other.life)))

    def lost(self, plane: int) -> None:
        """It knows no way any more; the others need not keep theirs to it."""
        for ends in [ends for ends in self._ways if plane in ends]:
            way = self._ways.pop(ends)
            self._order(ends[0] if ends[1] == plane else ends[1], seam.Close(way.name))

    def _open(self, ends: tuple[int, int], way: _Way) -> None:
        way.streams = 0
        keys = secrets.token_hex(_KEY), secrets.token_hex(_KEY)
        for plane, other, mine, calls in ((*ends, keys, True), (*reversed(ends), keys[::-1], False)):
            there = self._where(other)
            words = way.name, calls, there.addresses, there.port, way.ufrag, way.password
            self._order(plane, seam.OpenLeg(*words, *mine))

    def dump(self) -> list[list[int]]:
        """Between which planes there are ways."""
        return [list(ends) for ends in sorted(self._ways)]
