"""How what a viewer's line carries is divided among the streams they receive. Pure; bitrates in bit/s.

Sound first and always; then the stage or who speaks, as full as it goes; then the visible tiles, the largest first:
each its smallest picture, at first in its lowest temporal layer alone, before any of them a better one. Less is taken
at once, more only when there has been room for it, and some to spare, for a while: so a line that wavers does not make
pictures flicker. What is shown from now on, or larger than before, does not wait.
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
    other number); `heights` are those of the layers where they are known. `base` is what the smallest layer takes when
    only its lowest temporal layer is sent, 0 where that cannot be: nobody is content with it."""

    name: str
    rank: Rank
    layers: tuple[int, ...]
    size: int = 0
    heights: tuple[int, ...] = ()
    base: int = 0

    @property
    def steps(self) -> tuple[int, ...]:
        """bit/s of all that it may be sent as."""
        return (self.base, *self.layers) if self.base else self.layers

    @property
    def most(self) -> int:
        """The number of steps that may be gone: up to the first layer that is high enough."""
        if self.rank != Rank.SOUND and self.size <= 0:
            return 0
        enough = (index + 1 for index, height in enumerate(self.heights) if height >= ENOUGH * self.size)
        return min(next(enough, len(self.layers)), len(self.layers)) + bool(self.base)


@dataclass(frozen=True, slots=True)
class Given:
    """The layer to send (from 0), None for none; and why it is not the fullest, None when it is. `is_thin`: only its
    lowest temporal layer."""

    layer: int | None
    why: Why | None
    is_thin: bool = False


Counts = dict[str, int]
"""How many steps of each stream: 0 none, 1 the smallest, …"""


def wanted(streams: Iterable[Stream]) -> float:
    """What the line should carry for everything to be sent as full as it is shown, room to spare included."""
    return ROOM * sum(stream.steps[stream.most - 1] for stream in streams if stream.most)


def plan(streams: Iterable[Stream], budget: float) -> Counts:
    """What fits into `budget`. Sound is given even when it does not."""
    ordered = _ordered(streams)
    counts = {stream.name: 0 for stream in ordered}
    left = budget
    for stream, count in _steps(ordered):
        step = stream.steps[count - 1] - (stream.steps[count - 2] if count > 1 else 0)
        if counts[stream.name] == count - 1 and (stream.rank == Rank.SOUND or step <= left):
            counts[stream.name] = count
            left -= step
    return counts


class Share:
    """Remembers what one viewer receives."""

    def __init__(self) -> None:
        self._counts: Counts = {}
        self._most: Counts = {}
        self._thin: set[str] = set()
        """Those of which the first step was a base."""
        self._since = 0.0
        self._least: float | None = None
        """The smallest budget since `_since`, when there has been room for more."""

    def divide(self, streams: Sequence[Stream], budget: float, now: float) -> Mapping[str, Given]:
        """What to send of each stream now. To be called whenever something changed, and a few times a second."""
        ordered = _ordered(streams)
        most = {stream.name: max(stream.most - bool(stream.base), 0) for stream in ordered}
        is_new = any(count > self._most.get(name, -1) for name, count in most.items())
        counts = {stream.name: min(self._had(stream), stream.most) for stream in ordered}
        self._most, self._thin = most, {stream.name for stream in ordered if stream.base}
        fitting = plan(ordered, budget)
        if _cost(ordered, counts) > budget:
            counts = {name: min(count, fitting[name]) for name, count in counts.items()}
        self._counts = self._risen(ordered, counts, budget, now, is_new)
        return {stream.name: _given(stream, self._counts[stream.name]) for stream in ordered}

    def _had(self, stream: Stream) -> int:
        """How many of the steps that it has now."""
        count = self._counts.get(stream.name, 0)
        return max(count + bool(stream.base) - (stream.name in self._thin), 1) if count else 0

    def _risen(self, ordered: list[Stream], counts: Counts, budget: float, now: float, is_new: bool) -> Counts:
        if self._least is None:
            self._since, self._least = now, budget
        self._least = min(self._least, budget)
        better = plan(ordered, self._least / ROOM)
        first = next((each for each in _steps(ordered) if _has(better, each) != _has(counts, each)), None)
        if first is None or _has(counts, first):
            self._least = None
        elif is_new or now - self._since >= (PATIENCE if counts[first[0].name] else PATIENCE_DARK):
            self._least = None
            return better
        return counts


def _ordered(streams: Iterable[Stream]) -> list[Stream]:
    return sorted(streams, key=lambda stream: (stream.rank, -stream.size, stream.name))


def _steps(ordered: Sequence[Stream]) -> Iterable[tuple[Stream, int]]:
    """In which order steps are given: (stream, how many it then has)."""
    for stream in ordered:
        if stream.rank != Rank.TILE:
            yield from ((stream, count + 1) for count in range(stream.most))
    tiles = [stream for stream in ordered if stream.rank == Rank.TILE]
    for turn in range(1 + max((stream.most for stream in tiles), default=0)):
        for stream in tiles:  # one without a base has its smallest layer in its place, and a turn of others is idle
            count = max(turn + bool(stream.base), 1)
            if count <= stream.most:
                yield stream, count


def _cost(ordered: Iterable[Stream], counts: Counts) -> int:
    return sum(stream.steps[counts[stream.name] - 1] for stream in ordered if counts[stream.name])


def _has(counts: Counts, step: tuple[Stream, int]) -> bool:
    return counts[step[0].name] >= step[1]


def _given(stream: Stream, count: int) -> Given:
    why = None
    if stream.most == 0:
        why = Why.OFF
    elif count < stream.most:
        why = Why.LINE
    elif count < len(stream.steps):
        why = Why.SIZE
    is_thin = count == 1 and stream.base > 0
    return Given(max(count - 1 - bool(stream.base), 0) if count else None, why, is_thin)
