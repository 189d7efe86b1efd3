"""Choices of a room that need no state of their own: who receives what, and who is speaking.

Pure functions on plain values. Loudness is 0–127, 127 the loudest: RFC 6464 §3 turned round, so speech
near a microphone is about 85–115 and a quiet room 40–65.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST_SPEAKERS: Final = 6
SPEAKS: Final = 77.0
"""Somebody starts to speak at this loudness (−50 dBov) …"""
FALLS_SILENT: Final = 65.0
"""… and is heard as going on down to this one, so that a voice near the edge does not flicker."""
PAUSE: Final = 1.0
"""Seconds of silence after which somebody no longer speaks: longer than a breath between sentences."""
OVERTAKES: Final = 8.0
"""How much louder than the one before a speaker must be to move before them in the order."""

_FRESH: Final = 0.7
"""Weight of a new report against the ones before: one click is not speech, two reports in a row are."""


def received(listener: str, hear: bool, publications: Iterable[tuple[str, str]]) -> list[str]:
    """Which of the `publications` (id, publisher) in their place a participant receives, in the order to set them
    up: everything but their own."""
    return [publication for publication, publisher in publications if hear and publisher != listener]


def offered(publications: Sequence[tuple[str, bool, bool]]) -> tuple[str, ...]:
    """All `publications` (id, of who leads, muted; the oldest first) in the order in which they fill a WHEP
    viewer's m-lines, which may be fewer: who leads first, muted ones last, and the newest before the older, so
    that one whose sender vanished without a word does not stand before the one that came in its place."""
    newest_first = sorted(reversed(publications), key=lambda one: (one[2], not one[1]))
    return tuple(publication for publication, _, _ in newest_first)


@dataclass(frozen=True, slots=True)
class Speech:
    """Who speaks: `order` names participants, the loudest first; the rest is what the next step needs."""

    order: tuple[str, ...] = ()
    loudness: Mapping[str, float] | None = None
    heard_at: Mapping[str, float] | None = None

    def ends_at(self) -> float | None:
        """When the first of the speakers falls silent if nothing more is heard."""
        return min(self.heard_at[who] + PAUSE for who in self.order) if self.order and self.heard_at else None


def listen(before: Speech, heard: Mapping[str, float], now: float, most: int = MOST_SPEAKERS) -> Speech:
    """The speech after a report of levels: `heard` is the loudness of each participant that was audible, `most` how
    many are told of."""
    old = before.loudness or {}
    loudness = {who: _FRESH * heard.get(who, 0.0) + (1 - _FRESH) * old.get(who, 0.0) for who in {*old, *heard}}
    heard_at = dict(before.heard_at or {})
    for who, level in loudness.items():
        if level >= SPEAKS or (level >= FALLS_SILENT and who in before.order):
            heard_at[who] = now
    return _speech(before, loudness, heard_at, now, most)


def wait(before: Speech, now: float, most: int = MOST_SPEAKERS) -> Speech:
    """The speech when time passed and nothing was reported."""
    return _speech(before, dict(before.loudness or {}), dict(before.heard_at or {}), now, most)


def without(before: Speech, who: str) -> Speech:
    """The speech when `who` has left the room."""
    loudness = {other: level for other, level in (before.loudness or {}).items() if other != who}
    heard_at = {other: when for other, when in (before.heard_at or {}).items() if other != who}
    return Speech(tuple(other for other in before.order if other != who), loudness, heard_at)


def _speech(before: Speech, loudness: dict[str, float], heard_at: dict[str, float], now: float, most: int) -> Speech:
    heard_at = {who: when for who, when in heard_at.items() if now < when + PAUSE}
    order = [who for who in before.order if who in heard_at]
    order += sorted(heard_at.keys() - set(order), key=lambda who: (-loudness[who], who))
    for last in range(len(order) - 1, 0, -1):
        for at in range(last):
            if loudness[order[at + 1]] > loudness[order[at]] + OVERTAKES:
                order[at], order[at + 1] = order[at + 1], order[at]
    audible = {who: level for who, level in loudness.items() if level >= 1.0 or who in heard_at}
    return Speech(tuple(order[:most]), audible, heard_at)
