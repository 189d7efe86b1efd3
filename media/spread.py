"""One room over planes: where each of its transports is, and which publications are relayed to other planes.

The room knows of none of this: it gives orders as if there were one plane. What is published is at the room's home
plane; so are its viewers, until there are many: then others take them, and what they receive is relayed there once.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from .plane import seam
from .plane.relayed import streams

MOST_ON_PLANE: Final = 400
"""Transports of one room that a plane takes before another gets its next viewers."""


class Around(Protocol):
    """What a room needs of the planes."""

    def order(self, plane: int, order: seam.Order) -> None: ...

    def loads(self) -> Mapping[int, int]:
        """How much each plane has to do, of those that take transports now."""
        ...

    def leg(self, one: int, other: int, streams: int) -> str:
        """The name of the way between two planes, for so many streams more."""
        ...


@dataclass(slots=True)
class _Relay:
    """`takers` are the transports that receive it there."""

    leg: str
    takers: set[str] = field(default_factory=set)


class Spread:
    def __init__(self, home: int, around: Around, most: int = MOST_ON_PLANE) -> None:
        self.home = home
        self._around, self._most = around, most
        self._at: dict[str, int] = {}
        self._tracks: dict[str, seam.TrackInfo] = {}
        self._preferred: set[str] = set()
        self._relays: dict[tuple[int, str], _Relay] = {}

    # ---- from the room

    def order(self, order: seam.Order) -> None:
        """Give it to the plane it concerns, and before it what other planes need for it."""
        match order:
            case seam.OpenPublisher(transport):
                self._at[transport] = self.home
            case seam.OpenReceiver(transport):
                self._at[transport] = self._place()
            case seam.OpenViewer(transport, _, publications):
                plane = self._at[transport] = self._place()
                for publication in publications:
                    self._take(plane, publication, transport)
            case seam.Subscribe(transport, publication):
                self._take(self.of(transport), publication, transport)
            case seam.Prefer(publication, on):
                self._prefer(publication, on)
            case _:
                pass
        transport = getattr(order, "transport", None)
        self._around.order(self.home if transport is None else self.of(transport), order)
        match order:
            case seam.Unsubscribe(transport, publication):
                self._leave(self.of(transport), publication, transport)
            case seam.Close(transport):
                self._forget(transport)
            case _:
                pass

    def of(self, transport: str) -> int:
        return self._at.get(transport, self.home)

    # ---- from the planes

    def reported(self, report: seam.Report) -> None:
        """To be told before the room is."""
        match report:
            case seam.Answered(transport, _, tracks):
                sending = {each.publication: each for each in tracks if each.about}
                for publication in [p for p in self._tracks if _is_of(p, transport) and p not in sending]:
                    self._end(publication)
                self._tracks |= sending
            case seam.Lost(transport):
                self._forget(transport)
            case _:
                pass

    def lost(self, plane: int) -> list[str]:
        """A plane died: the transports that were there. With the room's home all are gone."""
        gone = [transport for transport, at in self._at.items() if plane in (at, self.home)]
        for transport in gone:
            if (at := self._at.pop(transport)) != plane:
                self._around.order(at, seam.Close(transport))
        for key in [key for key in self._relays if plane in (key[0], self.home)]:
            del self._relays[key]
        if plane == self.home:
            self._tracks.clear()
            self._preferred.clear()
        return gone

    def dump(self) -> dict[str, Any]:
        """For operators: transports by plane, and how many publications are relayed to each."""
        return {"planes": _counted(self._at.values()), "relays": _counted(plane for plane, _ in self._relays)}

    # ---- inside

    def _place(self) -> int:
        """Home while there is room; then where the room already is; then where there is the least to do."""
        here = Counter(self._at.values())
        if here[self.home] < self._most:
            return self.home
        loads = self._around.loads()
        usual: Callable[[int], tuple[int, int]] = lambda plane: (loads[plane], plane)  # noqa: E731
        begun = [plane for plane in loads if plane != self.home and 0 < here[plane] < self._most]
        fresh = [plane for plane in loads if plane != self.home and not here[plane]]
        if begun or fresh:
            return min(begun or fresh, key=usual)
        return min({*loads, self.home}, key=lambda plane: (here[plane], plane))

    def _take(self, plane: int, publication: str, transport: str) -> None:
        track = self._tracks.get(publication)
        if plane == self.home or track is None:
            return
        relay = self._relays.get((plane, publication))
        if relay is None:
            many = streams(track.about)
            relay = self._relays[plane, publication] = _Relay(self._around.leg(self.home, plane, many))
            ssrcs = tuple((secrets.randbits(32), secrets.randbits(32)) for _ in range(many))
            self._around.order(self.home, seam.Relay(relay.leg, publication, ssrcs))
            self._around.order(plane, seam.Import(relay.leg, publication, track.about, ssrcs))
            if publication in self._preferred:
                self._around.order(plane, seam.Prefer(publication, True))
        relay.takers.add(transport)

    def _leave(self, plane: int, publication: str, transport: str) -> None:
        relay = self._relays.get((plane, publication))
        if relay is None:
            return
        relay.takers.discard(transport)
        if relay.takers:
            return
        del self._relays[plane, publication]
        self._around.order(self.home, seam.Unsubscribe(relay.leg, publication))
        self._around.order(plane, seam.EndImport(publication))

    def _prefer(self, publication: str, on: bool) -> None:
        (self._preferred.add if on else self._preferred.discard)(publication)
        for plane, name in self._relays:
            if name == publication:
                self._around.order(plane, seam.Prefer(publication, on))

    def _forget(self, transport: str) -> None:
        plane = self._at.pop(transport, self.home)
        for publication in [p for p in self._tracks if _is_of(p, transport)]:
            self._end(publication)
        for at, publication in [key for key, relay in self._relays.items() if transport in relay.takers]:
            assert at == plane
            self._leave(at, publication, transport)

    def _end(self, publication: str) -> None:
        """It is published no more; its own plane has ended it."""
        del self._tracks[publication]
        self._preferred.discard(publication)
        for plane, name in [key for key in self._relays if key[1] == publication]:
            del self._relays[plane, name]
            self._around.order(plane, seam.EndImport(publication))


def _is_of(publication: str, transport: str) -> bool:
    return publication.partition(":")[0] == transport


def _counted(planes: Iterable[int]) -> dict[str, int]:
    return {str(plane): count for plane, count in sorted(Counter(planes).items())}
