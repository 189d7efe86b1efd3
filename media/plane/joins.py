"""Which publications exist, and to whom they are forwarded: the wire is told when both ends are connected."""

from collections.abc import Callable, Iterable, Sequence

from media.wire import (
    AddSubscription,
    Command,
    DropPublication,
    DropSubscription,
    MutePublication,
    PauseSubscription,
    RequestKeyframe,
    Wire,
)

from .feedback import Keyframes
from .lines import Lines
from .sdp import Taken
from .transport import Track, Transport, publication_command


class Joins:
    def __init__(self, wire: Wire, transports: dict[str, Transport], clock: Callable[[], float]) -> None:
        self._wire, self._transports, self._clock = wire, transports, clock
        self._keyframes = Keyframes()
        self.lines = Lines()
        self.tracks: dict[str, Track] = {}

    def publish(self, transport: Transport, taken: Taken) -> None:
        """A track is offered, or offered anew; on a leg it is named by the plane that has it."""
        imported = transport.kind == "leg"
        publication = taken.mid if imported else f"{transport.key}:{taken.mid}"
        track = self.tracks.get(publication)
        if track is None:
            track = Track(publication, transport.key, taken, imported=imported)
            self.tracks[publication] = transport.tracks[taken.mid] = track
        track.taken = taken
        if taken.shape.kind == "video":
            self.lines.publish(publication, len(taken.rids), imported=imported)
        if transport.connected:
            self._wire.perform(publication_command(track))

    def end(self, track: Track) -> list[Transport]:
        """A publication ends; the transports that had it, and have it no more."""
        self.tracks.pop(track.publication, None)
        self._transports[track.transport].tracks.pop(track.taken.mid, None)
        self._keyframes.forget(track.publication)
        self.lines.end(track.publication)
        self._wire.perform(DropPublication(track.publication))
        had = [viewer for viewer in self._transports.values() if track.publication in viewer.subscriptions]
        for viewer in had:
            viewer.unsubscribe(track.publication)
            self.lines.unsubscribe(viewer.key, track.publication)
        return had

    def mute(self, publication: str, muted: bool) -> None:
        track = self.tracks.get(publication)
        if track is None:
            return
        track.muted = muted
        self._wire.perform(MutePublication(publication, muted))
        if not muted:
            self.keyframe(track)

    def put(self, publication: str, group: str) -> None:
        """It is one of the sounds of a group now."""
        track = self.tracks.get(publication)
        if track is not None and track.group != group:
            track.group = group
            if self._transports[track.transport].connected:
                self._wire.perform(publication_command(track))

    def subscribe(self, viewer: Transport, subscriptions: Sequence[AddSubscription]) -> None:
        """Forward from now on, or as soon as both are connected."""
        for each in subscriptions:
            viewer.subscribe(each.publication, each)
            self.lines.subscribe(viewer.key, each.publication, each.transport_extension != 0)
        self._perform(self.lines.plan(viewer.key, self._clock()))
        for each in subscriptions:
            self._join(viewer, each)

    def unsubscribe(self, viewer: Transport, publication: str) -> None:
        viewer.unsubscribe(publication)
        self.lines.unsubscribe(viewer.key, publication)
        self._wire.perform(DropSubscription(viewer.key, publication))

    def divide(self) -> None:
        """Send everybody what is theirs by now."""
        self._perform(self.lines.divide(self._clock()))

    def connected(self, transport: Transport) -> None:
        """The wire knows its keys: tell it what it sends, and what it is to be sent."""
        self.lines.connected(transport.key, self._clock())
        self._perform(self.lines.plan(transport.key, self._clock()))
        for track in transport.tracks.values():
            self._wire.perform(publication_command(track))
            if track.muted:
                self._wire.perform(MutePublication(track.publication, True))
            for viewer in self._transports.values():
                if subscription := viewer.subscriptions.get(track.publication):
                    self._join(viewer, subscription)
        for subscription in transport.subscriptions.values():
            self._join(transport, subscription)

    def keyframe(self, track: Track, layer: int | None = None) -> None:
        """Somebody cannot go on without one. `layer`: of which, where there are several; None: of each."""
        if track.taken.shape.kind == "video" and self._keyframes.wanted((track.publication, layer), self._clock()):
            self._wire.perform(RequestKeyframe(track.publication, layer))

    def tick(self) -> None:
        self.divide()
        for publication, layer in self._keyframes.due(self._clock()):
            self._wire.perform(RequestKeyframe(publication, layer))

    def _perform(self, commands: Iterable[Command]) -> None:
        for command in commands:
            self._wire.perform(command)
            if isinstance(command, PauseSubscription) and not command.paused:
                self._begin(command.peer, command.publication)

    def _begin(self, viewer: str, publication: str) -> None:
        """A keyframe for whom nothing was sent until now; whoever selects a layer gets one from the wire."""
        track = self.tracks.get(publication)
        if track is not None and not track.taken.rids and publication in self._transports[viewer].subscriptions:
            self.keyframe(track)

    def _join(self, viewer: Transport, subscription: AddSubscription) -> None:
        track = self.tracks.get(subscription.publication)
        if track is not None and viewer.connected and self._transports[track.transport].connected:
            self._wire.perform(subscription)
            begun = self.lines.begun(viewer.key, subscription.publication)
            for command in begun:
                self._wire.perform(command)
            if not begun:
                self.keyframe(track)
