"""One viewer, and one picture with its layers: what is sent of what is watched. Pure; see lines.py."""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from media.share import ROOM, Given, Rank, Share, Stream, Why, wanted
from media.wire import Command, Line, PauseSubscription, SelectLayer, WantBitrate

SMALL: Final = 180
"""Pixels: how high a picture is shown as long as nobody has said it."""
WHOLE: Final = 4320
HEIGHTS: Final = {2: (SMALL, 360), 3: (SMALL, 360, 720)}
"""Of so many layers, as the page sends them; of others nothing is assumed."""
NOMINAL: Final = (150_000, 500_000, 1_500_000)
"""bit/s of layers that were not measured yet."""
SOUNDS: Final = 3
"""So many are heard at once; silence costs nothing worth counting."""
SOUND: Final = 45_000
EVERY: Final = 7
"""No temporal layer is above this."""
START: Final = 800_000.0
"""bit/s that are used of a line of which nothing is known; more, where the smallest pictures of all need more."""
HEEDED_AFTER: Final = 1.0
"""Seconds: a first estimate is a guess, and probed at once."""
PATIENT: Final = 4.0
"""Seconds after which a viewer who reports nothing is sent everything, as those who cannot report are."""
LOSSY: Final = 0.02
"""From this loss on the estimate counts of those, too, who report nothing better."""
SCARCE, SCARCE_FOR = 0.6, 2.0
"""Sound and one picture are sent as long as the line carries so much of them, and for so many seconds where it does
not: an estimate that has just fallen is often too low. Then the same counts of the picture's lowest temporal layer,
where it has others."""
DARK, DARK_AT_MOST, TRIED_FOR = 5.0, 40.0, 4.0
"""A line that carries sound alone is not probed: after so many seconds a picture is sent on trial, for so many."""
TOLD_AFTER: Final = 1.5
"""Seconds for which something must be so before a viewer is told."""
LESS_AFTER: Final = 2.0
"""Seconds for which nobody needs a layer before its sender is told."""
AGAIN: Final = 0.2
"""Seconds between two looks at a line on which more may become possible."""

_SLOWLY = 0.15
"""A scene that stands still for a moment does not make room: of a fall of a layer's rate so much counts a second."""
_BASELESS = 3
"""Seconds without other temporal layers after which there are none: where a layer begins, a keyframe may be all."""
_EASE = 0.95
"""Of what a viewer could use, room to spare included: a line that carries so much is not looked at."""
_WORTH = 0.1
"""Part by which rates and wishes change before anything is done about it."""


@dataclass(slots=True)
class Picture:
    """A video publication: bit/s of its layers, and how many of them each viewer is given. `base` is what of the
    smallest is its lowest temporal layer, 0 where it has no others.

    A layer that does not come is the wire's business: it sends the best that does in its place; `comes` is which did
    lately. What is `is_imported` comes from another plane, which tells its sender what is needed.
    """

    rates: tuple[int, ...]
    heights: tuple[int, ...] = ()
    is_layered: bool = False
    is_imported: bool = False
    goes_first: bool = False
    is_recorded: bool = False
    given: dict[str, int] = field(default_factory=dict)
    needed: int = 1
    less_since: float | None = None
    comes: tuple[bool, ...] = ()
    base: int = 0
    _newest: tuple[float, ...] = ()
    _known: tuple[int, ...] = ()
    _base: float = 0.0
    _baseless: int = 0

    def measured(self, rates: tuple[int, ...], base: int = 0) -> bool:
        """Take what came over the last second. True: it is worth dividing anew."""
        if len(rates) != len(self.rates):
            return False
        self.comes = tuple(rate > 0 for rate in rates)
        has_news = rates[0] > 0 and self._measured_base(base)
        if self.is_imported:
            return has_news
        known = self._known or (0,) * len(rates)
        before = zip(self._newest or self.rates, rates, known, strict=True)
        self._newest = tuple(_smooth(old, new, count) if new else old for old, new, count in before)
        self._known = tuple(count + 1 if new else 0 for count, new in zip(known, rates, strict=True))
        if any(abs(new - old) > _WORTH * old for old, new in zip(self.rates, self._newest, strict=True)):
            self.rates = tuple(map(round, self._newest))
            return True
        return has_news

    def _measured_base(self, base: int) -> bool:
        self._baseless = 0 if base else self._baseless + 1
        if base or self._baseless >= _BASELESS:
            self._base = max(base, self._base + (base - self._base) * _SLOWLY) if base else 0.0
        has_news = abs(self._base - self.base) > _WORTH * self.base
        if has_news:
            self.base = round(self._base)
        return has_news

    def need(self, now: float) -> int | None:
        """How many layers its sender is to send from now on; None: as many as before. The smallest always, so that
        whoever turns to the picture sees it at once."""
        needed = len(self.rates) if self.is_recorded else max([1, *self.given.values()])
        if needed >= self.needed:
            self.less_since = None
        elif self.less_since is None:
            self.less_since = now
        if needed == self.needed or (self.less_since is not None and now - self.less_since < LESS_AFTER):
            return None
        self.needed, self.less_since = needed, None
        return needed


class Sent(NamedTuple):
    """As `SelectLayer` has it."""

    layer: int
    temporal: int


class Viewer:
    """One transport down: its line, what it watches (in `watched`, by the smallest size where it said nothing)."""

    def __init__(self, key: str, otherwise: int) -> None:
        self.key = key
        self.sizes: dict[str, int] = {}
        self.watched: dict[str, None] = {}
        self.sounds: set[str] = set()
        self.given: dict[str, Given] = {}
        self.sent: dict[str, Sent | None] = {}
        self.limits: dict[str, str] = {}
        """The pictures of which the line withholds something: `small` or `off`."""
        self.told: dict[str, str] = {}
        self.due: float | None = None
        self._otherwise = otherwise
        self._share = Share()
        self._estimate: float | None = None
        self._since: float | None = None
        self._heard_at = 0.0
        self._counts = False
        self._wanted = 0.0
        self._tell_since: float | None = None
        self._dark_since: float | None = None
        self._scarce_since: list[float | None] = [None, None]
        self._dark_for = DARK

    def size(self, publication: str) -> int:
        return self.sizes.get(publication, self._otherwise)

    def connected(self, now: float) -> None:
        self._since, self._wanted = now, 0.0

    def heard(self, line: Line, is_numbered: bool, now: float) -> bool:
        """What the line carries now; whether that may change anything. `is_numbered`: it is known by transport-wide
        reports."""
        if self._estimate is None:
            self._heard_at = now
        self._estimate = line.estimate
        self._counts = self._counts or is_numbered or line.loss > LOSSY
        return self.due is not None or line.estimate < _EASE * self._wanted

    def divide(self, pictures: dict[str, Picture], now: float) -> list[Command]:
        """What changes; `due` is when to come again."""
        streams = [self._stream(name, pictures[name]) for name in self.watched if name in pictures]
        if self.sounds:
            streams.append(Stream("", Rank.SOUND, (SOUND * min(len(self.sounds), SOUNDS),)))
        self.given = dict(self._share.divide(streams, self._budget(streams, now), now))
        self._look_at_darkness(now)
        commands = self._sending(pictures)
        best = wanted(streams)
        if abs(best - self._wanted) > _WORTH * self._wanted:
            self._wanted = best
            commands.append(WantBitrate(self.key, best))
        self.limits = self._limits(now)
        if self.limits == self.told:
            self._tell_since = None
        is_watched = self._dark_since is not None or self._scarce_since != [None, None]
        waits = self._settles(now) or is_watched or self.limits != self.told
        is_short = any(one.why == Why.LINE for one in self.given.values())
        self.due = now + AGAIN if waits or is_short else None
        return commands

    def news(self, now: float) -> dict[str, str] | None:
        """`limits` when they have been others for a while than was told."""
        if self.limits == self.told or self._is_on_trial(now):
            return None
        if self._tell_since is None:
            self._tell_since = now
        elif now - self._tell_since >= TOLD_AFTER:
            self.told, self._tell_since = self.limits, None
            return self.told
        return None

    def dump(self) -> dict[str, list[object]]:
        """By picture: its layer from 0 or None, and why no better one."""
        return {name: [one.layer, one.why] for name, one in self.given.items() if name}

    def _limits(self, now: float) -> dict[str, str]:
        if not self._counts or self._settles(now):
            return {}
        short = ((name, one) for name, one in self.given.items() if one.why == Why.LINE)
        return {name: "off" if one.layer is None else "small" for name, one in short}

    def _stream(self, name: str, picture: Picture) -> Stream:
        rank = Rank.LEAD if picture.goes_first else Rank.TILE
        base = min(picture.base, picture.rates[0])
        return Stream(name, rank, picture.rates, self.size(name), picture.heights, base)

    def _budget(self, streams: list[Stream], now: float) -> float:
        if self._settles(now):
            lowest = ROOM * sum(stream.layers[0] for stream in streams if stream.most)
            return max(START, lowest, self._estimate or 0.0)
        if self._estimate is None or not self._counts:
            return float("inf")
        whole, thin = (self._least(streams, thin=thin) for thin in (False, True))
        is_scarce, is_scarcer = self._is_scarce(0, whole, now), self._is_scarce(1, thin, now)
        if is_scarce and is_scarcer and not self._is_on_trial(now):
            return self._estimate
        return max(self._estimate, thin if is_scarce else whole)

    def _is_scarce(self, which: int, least: float, now: float) -> bool:
        """Whether the line has carried less than that for a while."""
        if ROOM * (self._estimate or 0.0) >= SCARCE * least:
            self._scarce_since[which] = None
            return False
        since = self._scarce_since[which]
        if since is None:
            since = self._scarce_since[which] = now
        return now - since >= SCARCE_FOR

    def _settles(self, now: float) -> bool:
        """Whether too little is known of the line yet."""
        if self._estimate is None:
            return self._since is None or now - self._since < PATIENT
        return self._counts and now - self._heard_at < HEEDED_AFTER

    def _is_on_trial(self, now: float) -> bool:
        return self._dark_since is not None and now - self._dark_since >= self._dark_for

    def _least(self, streams: list[Stream], *, thin: bool) -> float:
        """Enough for sound and one picture, and to spare; `thin`: in its lowest temporal layer."""
        sound = sum(stream.layers[0] for stream in streams if stream.rank == Rank.SOUND)
        pictures = (stream for stream in streams if stream.rank != Rank.SOUND and stream.most)
        first = min(pictures, key=lambda stream: (stream.rank, -stream.size, stream.name), default=None)
        picture = 0 if first is None else first.steps[0] if thin else first.layers[0]
        return ROOM * (sound + picture) + 1.0

    def _look_at_darkness(self, now: float) -> None:
        shown = [one for name, one in self.given.items() if name and one.why != Why.OFF]
        is_dark = bool(shown) and all(one.layer is None for one in shown)
        if self._dark_since is None:
            if is_dark:
                self._dark_since = now
            elif shown:
                self._dark_for = DARK
        elif not shown or not (is_dark or self._is_on_trial(now)):
            self._dark_since = None
        elif now - self._dark_since >= self._dark_for + TRIED_FOR:
            self._dark_since, self._dark_for = None, min(2 * self._dark_for, DARK_AT_MOST)

    def _sending(self, pictures: dict[str, Picture]) -> list[Command]:
        """Nothing is said of what the wire was not told to send yet: `Lines.begun` does that."""
        commands: list[Command] = []
        for name in self.watched:
            picture, given = pictures.get(name), self.given.get(name)
            if picture is None or given is None:
                continue
            picture.given[self.key] = 0 if given.layer is None else given.layer + 1
            sent = None if given.layer is None else Sent(given.layer, 0 if given.is_thin else EVERY)
            before = self.sent.get(name, sent)
            self.sent[name] = sent
            if sent == before:
                continue
            if sent is None or before is None:
                commands.append(PauseSubscription(self.key, name, sent is None))
            if sent is not None:
                commands.append(SelectLayer(self.key, name, *sent))
        return commands


def _smooth(old: float, new: int, known: int) -> float:
    """The second in which a layer begins tells little, the next replaces what was assumed."""
    if known < 2:
        return new if known else old
    return max(new, old + (new - old) * _SLOWLY)
