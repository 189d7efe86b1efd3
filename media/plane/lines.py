"""What each viewer is sent of the pictures they watch: their line is divided among them (media/share.py). Pure.

Sound is always sent. Of a picture a viewer gets a layer, or the lowest temporal layer of the smallest, or nothing, for
two reasons that are weighed in one place (viewers.py): how large they show it, and what their line carries. So the wire
is told to send layers, or nothing, by whoever performs what is answered here, and by nobody else.
"""

from collections.abc import Iterable

from media.wire import Command, Line, PauseSubscription, Rates, SelectLayer

from . import seam
from .viewers import EVERY, HEIGHTS, NOMINAL, WHOLE, Picture, Viewer


class Lines:
    """All viewers and pictures of a plane."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self._viewers: dict[str, Viewer] = {}
        self._dirty: dict[str, None] = {}
        self._numbered: set[str] = set()

    # ---- what is there

    def publish(self, publication: str, layers: int, *, imported: bool = False) -> None:
        """A picture with so many layers, 0: it has none. `imported`: it is published on another plane."""
        many = max(layers, 1)
        known = self.pictures.get(publication)
        if known is not None and (known.is_layered, len(known.rates)) == (layers > 0, many):
            return
        rates = tuple(NOMINAL[index] if index < len(NOMINAL) else NOMINAL[-1] * (index - 1) for index in range(many))
        picture = Picture(rates, HEIGHTS.get(many, ()), layers > 0, imported, needed=many)
        if known is not None:
            picture.goes_first, picture.is_recorded = known.goes_first, known.is_recorded
            self._dirty |= dict.fromkeys(known.given)
        self.pictures[publication] = picture

    def end(self, publication: str) -> None:
        self.pictures.pop(publication, None)

    def open(self, viewer: str, otherwise: int) -> None:
        """A viewer, and how high they show that of which nothing is said."""
        self._viewers[viewer] = Viewer(viewer, otherwise)

    def close(self, viewer: str) -> None:
        if found := self._viewers.pop(viewer, None):
            self._dirty.pop(viewer, None)
            self._numbered.discard(viewer)
            self._forget(found, found.watched)

    def subscribe(self, viewer: str, publication: str, is_numbered: bool) -> None:
        """`is_numbered`: the viewer agreed to transport-wide reports."""
        found = self._viewers.setdefault(viewer, Viewer(viewer, WHOLE))
        if publication in self.pictures:
            found.watched[publication] = None
        else:
            found.sounds.add(publication)
        if is_numbered:
            self._numbered.add(viewer)
        self._dirty[viewer] = None

    def unsubscribe(self, viewer: str, publication: str) -> None:
        if found := self._viewers.get(viewer):
            self._forget(found, [publication])
            found.watched.pop(publication, None)
            found.sounds.discard(publication)
            found.sizes.pop(publication, None)
            self._dirty[viewer] = None

    def connected(self, viewer: str, now: float) -> None:
        if found := self._viewers.get(viewer):
            found.connected(now)
            self._dirty[viewer] = None

    # ---- what is said

    def want(self, viewer: str, publication: str, size: int) -> None:
        if found := self._viewers.get(viewer):
            found.sizes[publication] = size
            self._dirty[viewer] = None

    def prefer(self, publication: str, on: bool) -> None:
        if picture := self.pictures.get(publication):
            picture.goes_first = on
            self._dirty |= dict.fromkeys(picture.given)

    def record(self, publication: str, on: bool) -> None:
        if picture := self.pictures.get(publication):
            picture.is_recorded = on

    def relayed(self, leg: str, publication: str, layers: int) -> None:
        """Another plane needs up to so many layers of a picture; 0: none of it."""
        if picture := self.pictures.get(publication):
            picture.given[leg] = layers
            if not layers:
                del picture.given[leg]

    def line(self, line: Line, now: float) -> None:
        found = self._viewers.get(line.peer)
        if found is not None and found.heard(line, line.peer in self._numbered, now):
            self._dirty[line.peer] = None

    def rates(self, told: Rates) -> None:
        bases = dict(told.bases)
        for publication, rates in told.rates:
            picture = self.pictures.get(publication)
            if picture is not None and picture.measured(rates, bases.get(publication, 0)):
                self._dirty |= dict.fromkeys(picture.given)

    def rated(self, publication: str, rates: tuple[int, ...]) -> None:
        """The plane that relays a picture says what its layers are, those too that do not come here."""
        picture = self.pictures.get(publication)
        if picture is not None and picture.is_imported and picture.rates != rates[: len(picture.rates)]:
            picture.rates = rates[: len(picture.rates)]
            self._dirty |= dict.fromkeys(picture.given)

    # ---- what follows

    def layer(self, viewer: str, publication: str) -> int | None:
        """Which layer a viewer is sent; None where there are none, or nothing is sent."""
        found, picture = self._viewers.get(viewer), self.pictures.get(publication)
        sent = found.sent.get(publication) if found and picture and picture.is_layered else None
        return sent.layer if sent is not None else None

    def best(self, publication: str) -> int | None:
        """The best layer; None where there are none."""
        picture = self.pictures.get(publication)
        return len(picture.rates) - 1 if picture and picture.is_layered else None

    def shown(self, publication: str) -> frozenset[int]:
        """The layers of a picture that somebody is given."""
        picture = self.pictures.get(publication)
        return frozenset(many - 1 for many in picture.given.values() if many) if picture else frozenset()

    def coming(self, publication: str, layer: int) -> int:
        """What is forwarded of a picture to who is given `layer`: the best up to it that comes, else the smallest that
        does."""
        picture = self.pictures.get(publication)
        come = [each for each, comes in enumerate(picture.comes) if comes] if picture else []
        return max((each for each in come if each <= layer), default=come[0] if come else layer)

    def begun(self, viewer: str, publication: str) -> list[Command]:
        """What makes a subscription that the wire has just been given what it should be."""
        found, picture = self._viewers.get(viewer), self.pictures.get(publication)
        if found is None or picture is None or publication not in found.sent:
            return []
        sent = found.sent[publication]
        if sent is None:
            return [PauseSubscription(viewer, publication, True)]
        is_part = picture.is_layered or sent.temporal < EVERY
        return [SelectLayer(viewer, publication, *sent)] if is_part else []

    def plan(self, viewer: str, now: float) -> list[Command]:
        """Divide one viewer's line now."""
        self._dirty.pop(viewer, None)
        found = self._viewers.get(viewer)
        return found.divide(self.pictures, now) if found else []

    def divide(self, now: float) -> list[Command]:
        """Divide the lines of which something has changed, or on which time alone may change something."""
        due = [key for key, viewer in self._viewers.items() if viewer.due is not None and now >= viewer.due]
        commands: list[Command] = []
        for viewer in dict.fromkeys([*self._dirty, *due]):
            commands += self.plan(viewer, now)
        return commands

    def news(self, now: float) -> Iterable[seam.Limited | seam.Needed]:
        """What viewers and senders are to be told."""
        for viewer in self._viewers.values():
            if viewer.due is not None and (limits := viewer.news(now)) is not None:
                yield seam.Limited(viewer.key, tuple(sorted(limits.items())))
        for publication, picture in self.pictures.items():
            if picture.is_layered and not picture.is_imported and (needed := picture.need(now)) is not None:
                yield seam.Needed(publication, needed)

    def dump(self, viewer: str) -> dict[str, list[object]]:
        found = self._viewers.get(viewer)
        return found.dump() if found else {}

    def _forget(self, viewer: Viewer, publications: Iterable[str]) -> None:
        for publication in publications:
            viewer.sent.pop(publication, None)
            viewer.given.pop(publication, None)
            if picture := self.pictures.get(publication):
                picture.given.pop(viewer.key, None)
