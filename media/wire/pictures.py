"""Pictures: who gets which layer, where a viewer begins, which keyframes are asked for, what comes. Time is given.

The plane wishes by `SelectLayer`. A layer that comes no more gives way to the next lower one that does, until it comes
again. A viewer that is new begins with the latest keyframe, where that and all since is still here.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from . import Notify, Rates, keyframes
from .history import Packet
from .incoming import Publication
from .layering import Layers, arrived, base_rate, has_temporal, renumbered
from .layers import ALL, Arrived, Splice
from .outgoing import Stream
from .sending import Sender

if TYPE_CHECKING:
    from .commands import Tables

RATES_EVERY = 1.0
BEGUN_WITHIN = 0.2
"""Seconds between ticks: what begins to come has begun since the last one."""
ASK_EVERY, ASK_AGAIN = 0.5, 1.0
"""Seconds between requests for a keyframe of one layer, and until one that did not come is asked for again."""


class Pictures:
    def __init__(self, tables: "Tables", sender: Sender, notify: Notify, ask: Callable[[Publication], None]) -> None:
        self._tables, self._sender, self._notify, self._ask_keyframe = tables, sender, notify, ask
        self._rates_at = 0.0

    def select(self, stream: Stream, layer: int, temporal: int, now: float) -> None:
        """Follow `SelectLayer`. A stream of a track that is sent once gets a splice only when there is need."""
        outer = self._tables.publications[stream.key]
        if stream.splice is None and not _has_need(outer, temporal):
            return
        if outer.layers is None:
            outer.layers, outer.outer = Layers([outer]), outer
        splice = stream.splice or _go_over(outer, stream)
        stream.wish = min(max(layer, 0), outer.layers.top())
        splice.want(outer.layers.best(stream.wish), temporal)
        if splice.wanted != splice.layer and not stream.silent:
            self._ask(outer, outer.layers, splice.wanted, ASK_EVERY, now)

    def request(self, publication: Publication, layer: int | None, now: float) -> None:
        """Follow `RequestKeyframe`, of whose pacing somebody else has thought."""
        layers = publication.layers
        if layers is None:
            self._ask_keyframe(publication)
            return
        wanted = range(len(layers.inner)) if layer is None else (layers.best(min(max(layer, 0), layers.top())),)
        for each in wanted:
            layers.may_ask(each, 0.0, now)
            self._ask_keyframe(layers.inner[each])

    def forward(self, publication: Publication, packets: list[Packet], now: float) -> None:
        """Send packets of a layer to those who get it, or wait for it."""
        outer = publication.outer
        if outer is None or outer.layers is None:
            return
        layers, begun = outer.layers, False
        if layers.came(publication.layer, publication.last_arrival):
            begun = True
            self._aim(outer)
        if outer.newcomers:
            mine, outer.newcomers = _newcomers(outer.newcomers, publication.layer)
            self.welcome(publication, mine, packets, now)
        is_late = any(packet[2] <= layers.until[publication.layer] for packet in packets)
        if any(publication.layer in (each.layer, each.wanted) for each in _splices(outer, layers)):
            layers.until[publication.layer] = publication.highest
        come = [arrived(publication, packet) for packet in packets]
        for stream in outer.streams:
            if stream.splice is None or stream.silent:
                continue
            if is_late or publication.layer in (stream.splice.layer, stream.splice.wanted):
                self._forward_to(stream, stream.splice, publication, layers, packets, come, now)
        tap = outer.tap if outer is not publication else None
        if tap is not None and (placed := _placed(_tapped(layers), packets, come, layers)):
            tap.packets(placed)
        if begun:
            self._ask_wanted(outer, layers, ASK_EVERY, now)

    def welcome(self, publication: Publication, newcomers: list[Stream], packets: list[Packet], now: float) -> None:
        """Newcomers get the latest keyframe of a publication and all since, but `packets`, which all are sent now."""
        recent = keyframes.recent(publication.codec, publication.history, now)
        sent = {packet[2] for packet in packets}
        before = [packet for packet in recent if packet[2] not in sent]
        for stream in newcomers:
            if stream.silent or not recent:
                continue
            if stream.splice is not None and publication.outer is not None and publication.outer.layers is not None:
                come = [arrived(publication, packet) for packet in before]
                self._forward_to(stream, stream.splice, publication, publication.outer.layers, before, come, now)
            elif stream.fresh:
                stream.begin(recent[0][2])
                self._sender.report(publication, stream)
                self._sender.forward(publication, [stream], before, now)

    def reported(self, publication: Publication, ntp: int, moment: int, now: float) -> None:
        """A layer's sender said that `moment` on the layer's timeline is NTP time `ntp`."""
        outer = publication.outer
        if outer is None or outer.layers is None:
            return
        layer, layers = publication.layer, outer.layers
        layers.reports[layer] = ntp, moment
        for stream in outer.streams:
            if stream.splice is not None and stream.splice.layer == layer:
                self._sender.report(publication, stream)
        tapped = layers.tapped
        if outer.tap is not None and outer is not publication and tapped is not None and tapped.layer == layer:
            outer.tap.report(ntp, (moment + tapped.shift) & 0xFFFFFFFF, now)

    def overlook(self, publication: Publication) -> None:
        """What nobody was to get of a layer is not missed."""
        outer = publication.outer
        if outer is None or outer is publication or outer.layers is None or publication.streams or publication.tap:
            return
        publication.gaps.forget_after(outer.layers.until[publication.layer])

    def tick(self, now: float) -> None:
        """To be called every BEGUN_WITHIN seconds."""
        is_due = now >= self._rates_at
        if is_due:
            self._rates_at = now + RATES_EVERY
        told: list[tuple[str, tuple[int, ...]]] = []
        bases: list[tuple[str, int]] = []
        for publication in self._tables.publications.values():
            if publication.kind != "video" or publication.name != publication.key:
                continue
            layers = publication.layers
            has_news = layers is not None and self._look_after(publication, layers, is_due, now)
            inner = layers.inner if layers is not None else [publication]
            for each in inner:
                has_news |= each.measure_rate(is_due, BEGUN_WITHIN, now)
            if is_due:
                inner[0].base_rate = base_rate(inner[0], now - RATES_EVERY)
            if is_due or has_news:
                told.append((publication.key, tuple(each.rate for each in inner)))
                bases += [(publication.key, inner[0].base_rate)] if inner[0].base_rate else []
        if told:
            self._notify(Rates(tuple(told), tuple(bases)))

    def _look_after(self, outer: Publication, layers: Layers, is_due: bool, now: float) -> bool:
        """Whether a layer has stopped. Keyframes are asked for where they are wanted."""
        has_stopped = layers.stopped(now)
        if has_stopped:
            self._aim(outer)
        is_soon, layers.is_due = has_stopped or layers.is_due, False
        if is_soon or is_due:
            self._ask_wanted(outer, layers, ASK_EVERY if is_soon else ASK_AGAIN, now)
        return has_stopped

    def _aim(self, outer: Publication) -> None:
        """Let all have the best of what comes now."""
        layers = outer.layers
        if layers is None:
            return
        for stream in outer.streams:
            if stream.splice is not None:
                stream.splice.want(layers.best(stream.wish), stream.splice.wanted_temporal)
        if layers.tapped is not None:
            layers.tapped.want(layers.best(layers.top()))

    def _ask_wanted(self, outer: Publication, layers: Layers, every: float, now: float) -> None:
        """Keyframes of all layers that somebody waits for."""
        waiting = {each.wanted for each in _splices(outer, layers) if each.wanted != each.layer}
        for layer in sorted(waiting):
            self._ask(outer, layers, layer, every, now)

    def _ask(self, outer: Publication, layers: Layers, layer: int, every: float, now: float) -> None:
        if outer.muted:
            return
        if layers.may_ask(layer, every, now):
            self._ask_keyframe(layers.inner[layer])
        elif every == ASK_EVERY:
            layers.is_due = True

    def _forward_to(
        self,
        stream: Stream,
        splice: Splice,
        publication: Publication,
        layers: Layers,
        packets: list[Packet],
        come: Sequence[Arrived],
        now: float,
    ) -> None:
        before = splice.layer
        placed = _placed(splice, packets, come, layers)
        if splice.layer != before:
            self._sender.report(publication, stream)
        self._sender.forward(publication, [stream], placed, now)


def _has_need(publication: Publication, temporal: int) -> bool:
    return publication.outer is None and temporal < ALL and has_temporal(publication)


def _newcomers(streams: list[Stream], layer: int) -> tuple[list[Stream], list[Stream]]:
    """Those that begin with this layer, and those that still wait for another."""
    waiting = [(each, each.splice) for each in streams if each.splice is not None]
    mine = [stream for stream, splice in waiting if splice.layer is None and splice.wanted == layer]
    return mine, [stream for stream, splice in waiting if splice.layer is None and splice.wanted != layer]


def _go_over(publication: Publication, stream: Stream) -> Splice:
    """A stream that was sent as it came goes on over a splice."""
    newest = None if stream.fresh else publication.history.get(publication.highest)
    first, delta = stream.first, stream.delta
    stream.leave_off(publication.highest)
    splice = stream.begin_splice()
    if newest is not None:
        splice.adopt(arrived(publication, newest), first, delta)
    return splice


def _placed(splice: Splice, packets: list[Packet], come: Sequence[Arrived], layers: Layers) -> list[Packet]:
    """Packets as they go out over a splice."""
    placed = ((packet, splice.place(each, layers.reports)) for packet, each in zip(packets, come, strict=True))
    return [renumbered(packet, each) for packet, each in placed if each is not None]


def _tapped(layers: Layers) -> Splice:
    """Over all layers the highest, and one timeline."""
    if layers.tapped is None:
        layers.tapped = Splice(0)
        layers.tapped.want(layers.best(layers.top()))
    return layers.tapped


def _splices(outer: Publication, layers: Layers) -> list[Splice]:
    """Those over which something is to go."""
    found = [stream.splice for stream in outer.streams if stream.splice is not None and not stream.silent]
    return [*found, layers.tapped] if layers.tapped is not None else found
