"""Which layers of what other planes relay here are needed here: those planes are told at once of more, and of all of
it now and then. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .across import Layers, Needed, build
from .viewers import LESS_AFTER

AT_FIRST = frozenset({0})
"""Layers that are relayed until something was said."""

_MOST = 128
"""Pictures in one packet."""


@dataclass(slots=True)
class _Imported:
    leg: str
    ssrc: int
    needed: Layers = AT_FIRST
    less_since: float | None = None

    def follow(self, shown: Layers, now: float) -> bool:
        """Whether other layers are needed from now on: more at once, fewer after a while."""
        if shown >= self.needed:
            self.less_since = None
        elif self.less_since is None:
            self.less_since = now
        before, self.needed = self.needed, shown | self.needed
        if self.less_since is not None and now - self.less_since >= LESS_AFTER:
            self.needed, self.less_since = shown, None
        return self.needed != before


class Needs:
    """Of a plane, on all its legs. `shown` tells which layers of a picture viewers here are given."""

    def __init__(self, sender: int, shown: Callable[[str], Layers]) -> None:
        self._sender, self._shown = sender, shown
        self._imported: dict[str, _Imported] = {}
        self._by_ssrc: dict[tuple[str, int], str] = {}
        self._number = 0

    def add(self, publication: str, leg: str, ssrc: int) -> None:
        """A picture is relayed here."""
        self.end(publication)
        self._imported[publication] = _Imported(leg, ssrc)
        self._by_ssrc[leg, ssrc] = publication

    def end(self, publication: str) -> None:
        if one := self._imported.pop(publication, None):
            self._by_ssrc.pop((one.leg, one.ssrc), None)

    def publication(self, leg: str, ssrc: int) -> str:
        """The picture that comes on a leg under an SSRC; "" for none."""
        return self._by_ssrc.get((leg, ssrc), "")

    def news(self, now: float, *, whole: bool = False) -> list[tuple[str, bytes]]:
        """What to send on which leg: what has changed, or the `whole`."""
        legs: dict[str, dict[int, Layers]] = {}
        for publication, one in self._imported.items():
            if one.follow(self._shown(publication), now) or whole:
                legs.setdefault(one.leg, {})[one.ssrc] = one.needed
        return [(leg, packet) for leg, needed in legs.items() for packet in self._packets(list(needed.items()))]

    def _packets(self, needed: list[tuple[int, Layers]]) -> list[bytes]:
        packets = []
        for first in range(0, len(needed), _MOST):
            self._number = (self._number + 1) & 0xFFFFFFFF
            packets.append(build(self._sender, Needed(self._number, dict(needed[first : first + _MOST]))))
        return packets
