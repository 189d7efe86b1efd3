"""What this plane sends to others: each publication once to each plane where somebody takes it, by its layers.

Each layer is a stream of its own on the leg, so that the other plane chooses for its viewers as this one does for its
own. A layer flows while it is needed there (needs.py), or while it is the best in place of one that is and does not
come. Who receives it there asks for keyframes.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from media.wire import AddSubscription, DropSubscription, PauseSubscription, PayloadMap, SendRtcp, Wire

from . import seam
from .across import Layers, Needed, Rated, build
from .joins import Joins
from .needs import AT_FIRST
from .relayed import repair_type
from .sdp import LEVEL
from .transport import Track, Transport, publication_command

_HALF = 1 << 31
_MOST_RATED = 50
"""Pictures in one packet."""


@dataclass(slots=True)
class _Relay:
    """`streams` are by layer, the smallest first; `flowing` those that are not paused."""

    publication: str
    streams: list[AddSubscription]
    needed: Layers = AT_FIRST
    flowing: Layers = AT_FIRST


@dataclass(slots=True)
class _Leg:
    """`by_ssrc` tells the publication and the layer; `number` is that of the latest that was told."""

    relays: dict[str, _Relay] = field(default_factory=dict)
    by_ssrc: dict[int, tuple[str, int]] = field(default_factory=dict)
    number: int = 0


class Relays:
    def __init__(self, wire: Wire, joins: Joins, transports: dict[str, Transport], sender: int) -> None:
        self._wire, self._joins, self._transports, self._sender = wire, joins, transports, sender
        self._legs: dict[str, _Leg] = {}

    def relay(self, track: Track, order: seam.Relay) -> None:
        """Forward a track from now on, or as soon as both its sender and the leg are connected."""
        self.end(order.leg, track.publication)
        leg = self._legs.setdefault(order.leg, _Leg())
        relay = leg.relays[track.publication] = _Relay(track.publication, streams_of(track, order))
        for layer, stream in enumerate(relay.streams):
            leg.by_ssrc[stream.ssrc] = track.publication, layer
            self._transports[order.leg].by_ssrc[stream.ssrc] = stream.publication
        self._note(order.leg, relay)
        self._join(order.leg, relay)

    def end(self, key: str, publication: str) -> None:
        """Nobody there takes it any more, or it is published no more."""
        leg = self._legs.get(key)
        relay = leg.relays.pop(publication, None) if leg else None
        if leg is None or relay is None:
            return
        for stream in relay.streams:
            del leg.by_ssrc[stream.ssrc]
            self._transports[key].by_ssrc.pop(stream.ssrc, None)
            self._transports[key].loss.pop(stream.publication, None)
            self._wire.perform(DropSubscription(key, stream.publication))
        self._joins.lines.relayed(key, publication, 0)

    def ended(self, publication: str) -> None:
        """It is published no more."""
        for key in self._legs:
            self.end(key, publication)

    def forget(self, key: str) -> None:
        """The leg is no more, if it was one."""
        for publication in list(self._legs[key].relays) if key in self._legs else ():
            self.end(key, publication)
        self._legs.pop(key, None)

    def connected(self, transport: Transport) -> None:
        """The wire knows its keys now."""
        for key, leg in self._legs.items():
            for publication, relay in leg.relays.items():
                if key == transport.key or self._joins.tracks[publication].transport == transport.key:
                    self._join(key, relay)

    def layer(self, key: str, ssrc: int) -> tuple[str, int] | None:
        """Which publication and layer is sent on a leg under an SSRC."""
        leg = self._legs.get(key)
        return leg.by_ssrc.get(ssrc) if leg else None

    def told(self, key: str, told: Needed) -> None:
        """The other plane says what it needs."""
        leg = self._legs.get(key)
        if leg is None or (told.number - leg.number - 1) & 0xFFFFFFFF >= _HALF:
            return  # one that was overtaken
        leg.number = told.number
        for ssrc, layers in told.layers.items():
            publication, _ = leg.by_ssrc.get(ssrc, ("", 0))
            if relay := leg.relays.get(publication):
                relay.needed = layers & frozenset(range(len(relay.streams)))
                self._note(key, relay)
                self._flow(key, relay)

    def rates(self, publications: Iterable[str]) -> None:
        """Of these it is known anew which layers come, and how much."""
        changed = set(publications)
        for key, leg in self._legs.items():
            news = [leg.relays[publication] for publication in leg.relays.keys() & changed]
            for relay in news:
                self._flow(key, relay)
            self._tell(key, news)

    def dump(self, key: str) -> dict[str, dict[str, list[int]]]:
        """Of a leg the layers that flow, by publication."""
        leg = self._legs.get(key)
        return {"relays": {name: sorted(each.flowing) for name, each in sorted(leg.relays.items())}} if leg else {}

    def _note(self, key: str, relay: _Relay) -> None:
        """What is needed there is needed of who publishes it."""
        self._joins.lines.relayed(key, relay.publication, max(relay.needed, default=-1) + 1)

    def _join(self, key: str, relay: _Relay) -> None:
        track = self._joins.tracks[relay.publication]
        if not (self._transports[key].connected and self._transports[track.transport].connected):
            return
        for layer, stream in enumerate(relay.streams):
            self._wire.perform(stream)
            if layer not in relay.flowing:
                self._wire.perform(PauseSubscription(key, stream.publication, True))
        if not track.taken.rids:
            self._joins.keyframe(track)
        self._tell(key, [relay])

    def _tell(self, key: str, relays: list[_Relay]) -> None:
        pictures = [(relay.streams[0].ssrc, self._joins.lines.pictures.get(relay.publication)) for relay in relays]
        rated = [(ssrc, picture.rates) for ssrc, picture in pictures if picture and picture.is_layered]
        for first in range(0, len(rated), _MOST_RATED):
            told = Rated(dict(rated[first : first + _MOST_RATED]))
            self._wire.perform(SendRtcp(key, build(self._sender, told)))

    def _flow(self, key: str, relay: _Relay) -> None:
        instead = frozenset(self._joins.lines.coming(relay.publication, layer) for layer in relay.needed)
        before, relay.flowing = relay.flowing, relay.needed | instead & frozenset(range(len(relay.streams)))
        for layer in sorted(before ^ relay.flowing):
            is_paused = layer not in relay.flowing
            self._wire.perform(PauseSubscription(key, relay.streams[layer].publication, is_paused))


def streams_of(track: Track, order: seam.Relay) -> list[AddSubscription]:
    """What another plane is sent of a track: each layer as it is, but for its SSRCs and a repair type where it had
    none."""
    taken = track.taken
    extensions = (taken.shape.extensions.get(LEVEL, 0), taken.dependency_extension)
    payloads = tuple(
        PayloadMap(each.number, each.number, repair_type(taken) if each.number == taken.shape.codec.number else None)
        for each in publication_command(track).payloads
    )
    names = [f"{track.publication}~{rid}" for rid in taken.rids] or [track.publication]
    return [
        AddSubscription(
            order.leg, name, ssrc, secrets.randbits(15), track.publication, payloads, repair_ssrc,
            tuple((each, each) for each in extensions if each), nack=True,
        )
        for name, (ssrc, repair_ssrc) in zip(names, order.ssrcs, strict=False)
    ]  # fmt: skip
