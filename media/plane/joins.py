"""Which publications exist, and to whom they are forwarded: the wire is told when both ends are connected."""

from collections.abc import Callable

from media.wire import (
    AddSubscription,
    DropPublication,
    DropSubscription,
    MutePublication,
    PauseSubscription,
    RequestKeyframe,
    Wire,
)

from .feedback import Keyframes
from .sdp import Taken
from .transport import Track, Transport, publication_command


class Joins:
    def __init__(self, wire: Wire, transports: dict[str, Transport], clock: Callable[[], float]) -> None:
        self._wire, self._transports, self._clock = wire, transports, clock
        self._keyframes = Keyframes()
        self.tracks: dict[str, Track] = {}

    def publish(self, transport: Transport, taken: Taken) -> None:
        """A track is offered, or offered anew."""
        publication = f"{transport.key}:{taken.mid}"
        track = self.tracks.get(publication)
        if track is None:
            track = Track(publication, transport.key, taken)
            self.tracks[publication] = transport.tracks[taken.mid] = track
        track.taken = taken
        if transport.connected:
            self._wire.perform(publication_command(track))

    def end(self, track: Track) -> list[Transport]:
        """A publication ends; the transports that had it, and have it no more."""
        self.tracks.pop(track.publication, None)
        self._transports[track.transport].tracks.pop(track.taken.mid, None)
        self._keyframes.forget(track.publication)
        self._wire.perform(DropPublication(track.publication))
        had = [viewer for viewer in self._transports.values() if track.publication in viewer.subscriptions]
        for viewer in had:
            viewer.unsubscribe(track.publication)
        return had

    def mute(self, publication: str, muted: bool) -> None:
        track = self.tracks.get(publication)
        if track is None:
            return
        track.muted = muted
        self._wire.perform(MutePublication(publication, muted))
        if not muted:
            self.keyframe(track)

    def subscribe(self, viewer: Transport, subscription: AddSubscription) -> None:
        """Forward from now on, or as soon as both are connected."""
        viewer.subscribe(subscription.publication, subscription)
        self._join(viewer, subscription)

    def unsubscribe(self, viewer: Transport, publication: str) -> None:
        viewer.unsubscribe(publication)
        self._wire.perform(DropSubscription(viewer.key, publication))

    def pause(self, viewer: Transport, publication: str, paused: bool) -> None:
        """Send nothing of it to this viewer, or again from the next keyframe on, which is asked for."""
        viewer.pause(publication, paused)
        self._wire.perform(PauseSubscription(viewer.key, publication, paused))
        track = self.tracks.get(publication)
        if not paused and track is not None and publication in viewer.subscriptions:
            self.keyframe(track)

    def connected(self, transport: Transport) -> None:
        """The wire knows its keys: tell it what it sends, and what it is to be sent."""
        for track in transport.tracks.values():
            self._wire.perform(publication_command(track))
            if track.muted:
                self._wire.perform(MutePublication(track.publication, True))
            for viewer in self._transports.values():
                if subscription := viewer.subscriptions.get(track.publication):
                    self._join(viewer, subscription)
        for subscription in transport.subscriptions.values():
            self._join(transport, subscription)

    def keyframe(self, track: Track) -> None:
        """Somebody cannot go on without one."""
        if track.taken.shape.kind == "video" and self._keyframes.wanted(track.publication, self._clock()):
            self._wire.perform(RequestKeyframe(track.publication))

    def tick(self) -> None:
        for publication in self._keyframes.due(self._clock()):
            self._wire.perform(RequestKeyframe(publication))

    def _join(self, viewer: Transport, subscription: AddSubscription) -> None:
        track = self.tracks.get(subscription.publication)
        if track is not None and viewer.connected and self._transports[track.transport].connected:
            self._wire.perform(subscription)
            if subscription.publication in viewer.paused:
                self._wire.perform(PauseSubscription(viewer.key, subscription.publication, True))
            else:
                self.keyframe(track)
