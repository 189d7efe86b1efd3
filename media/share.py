"""How what a viewer's line carries is divided among the streams they receive. Pure; bitrates in bit/s.

Sound first and always; then the stage or who speaks, as full as it goes; then the visible tiles, the largest first:
each its smallest picture before any of them a better one. Less is taken at once, more only when there has been room
for it, and some to spare, for a while: so a line that wavers does not make pictures flicker. What is shown from now
on, or larger than before, does not wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

ROOM: Final = 1.18
"""More is taken only when the line carries this many times what it needs …"""
PATIENCE: Final = 1.0
"""… for so many seconds …"""
PATIENCE_DARK: Final = 0.4
"""… or so many, when it is for a stream of which nothing is sent."""
ENOUGH: Final = 0.8
"""A layer this part as high as its picture is shown is as good as one that is as high."""


class Rank(IntEnum):
    """What goes first."""

    SOUND = 0
    LEAD = 1
    """The stage, a shared screen, or who speaks."""
    TILE = 2


class Why(StrEnum):
    """Why a picture is not as full as its sender makes it."""

    LINE = "line"
    SIZE = "size"
    """It is shown too small for more."""
    OFF = "off"
    """It is not shown at all."""


@dataclass(frozen=True, slots=True)
class Stream:
    """`layers` from the smallest: bit/s each. `size` is how many pixels high it is shown, 0 not at all (sound: any
    other number); `heights` are those of the layers where they are known."""

    name: str
    rank: Rank
    layers: tuple[int, ...]
    size: int = 0
    heights: tuple[int, ...] = ()

    @property
    def most(self) -> int:
        """The number of layers that may be sent: up to the first that is high enough."""
        if self.rank != Rank.SOUND and self.size <= 0:
            return 0
        enough = (index + 1 for index, height in enumerate(self.heights) if height >= ENOUGH * self.size)
        return min(next(enough, len(self.layers)), len(self.layers))


@dataclass(frozen=True, slots=True)
class Given:
    """The layer to send (from 0), None for none; and why it is not the fullest, None when it is."""

    layer: int | None
    why: Why | None


Counts = dict[str, int]
"""How many layers of each stream: 0 none, 1 the smallest, …"""


def wanted(streams: Iterable[Stream]) -> float:
    """What the line should carry for everything to be sent as full as it is shown, room to spare included."""
    return ROOM * sum(stream.layers[stream.most - 1] for stream in streams if stream.most)


def plan(streams: Iterable[Stream], budget: float) -> Counts:
    """What fits into `budget`. Sound is given even when it does not."""
    ordered = _ordered(streams)
    counts = {stream.name: 0 for stream in ordered}
    left = budget
    for stream, count in _steps(ordered):
        step = stream.layers[count - 1] - (stream.layers[count - 2] if count > 1 else 0)
        if counts[stream.name] == count - 1 and (stream.rank == Rank.SOUND or step <= left):
            counts[stream.name] = count
            left -= step
    return counts


class Share:
    """Remembers what one viewer receives."""

    def __init__(self) -> None:
        self._counts: Counts = {}
        self._most: Counts = {}
        self._since = 0.0
        self._least: float | None = None
        """The smallest budget since `_since`, when there has been room for more."""

    def divide(self, streams: Sequence[Stream], budget: float, now: float) -> Mapping[str, Given]:
        """What to send of each stream now. To be called whenever something changed, and a few times a second."""
        ordered = _ordered(streams)
        is_new = any(stream.most > self._most.get(stream.name, -1) for stream in ordered)
        self._most = {stream.name: stream.most for stream in ordered}
        counts = {stream.name: min(self._counts.get(stream.name, 0), stream.most) for stream in ordered}
        fitting = plan(ordered, budget)
        if _cost(ordered, counts) > budget:
            counts = {name: min(count, fitting[name]) for name, count in counts.items()}
        self._counts = self._risen(ordered, counts, budget, now, is_new)
        return {stream.name: _given(stream, self._counts[stream.name]) for stream in ordered}

    def _risen(self, ordered: list[Stream], counts: Counts, budget: float, now: float, is_new: bool) -> Counts:
        if self._least is None:
            self._since, self._least = now, budget
        self._least = min(self._least, budget)
        better = plan(ordered, self._least / ROOM)
        if not _is_better(ordered, better, counts):
            self._least = None
        elif is_new or now - self._since >= _patience(ordered, better, counts):
            self._least = None
            return better
        return counts


def _ordered(streams: Iterable[Stream]) -> list[Stream]:
    return sorted(streams, key=lambda stream: (stream.rank, -stream.size, stream.name))


def _steps(ordered: Sequence[Stream]) -> Iterable[tuple[Stream, int]]:
    """In which order layers are given: (stream, how many it then has)."""
    for stream in ordered:
        if stream.rank != Rank.TILE:
            yield from ((stream, count + 1) for count in range(stream.most))
    tiles = [stream for stream in ordered if stream.rank == Rank.TILE]
    for count in range(max((stream.most for stream in tiles), default=0)):
        yield from ((stream, count + 1) for stream in tiles if count < stream.most)


def _cost(ordered: Iterable[Stream], counts: Counts) -> int:
    return sum(stream.layers[counts[stream.name] - 1] for stream in ordered if counts[stream.name])


def _is_better(ordered: Iterable[Stream], new: Counts, old: Counts) -> bool:
    """Whether the first stream that differs gets more."""
    return next((new[s.name] > old[s.name] for s in ordered if new[s.name] != old[s.name]), False)


def _patience(ordered: Iterable[Stream], new: Counts, old: Counts) -> float:
    first = next(stream for stream in ordered if new[stream.name] != old[stream.name])
    return PATIENCE if old[first.name] else PATIENCE_DARK


def _given(stream: Stream, count: int) -> Given:
    why = None
    if stream.most == 0:
        why = Why.OFF
    elif count < stream.most:
        why = Why.LINE
    elif count < len(stream.layers):
        why = Why.SIZE
    return Given(count - 1 if count else None, why)
