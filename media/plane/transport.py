"""One browser's path: its ICE credentials, its handshake, and what goes up or down on it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from media.wire import AddPublication, Address, AddSubscription, Line, Payload, PayloadMap

from .dtls import Handshake
from .feedback import Reports
from .receiver import Receiver
from .sdp import LEVEL, MID, Sent, Taken, Target

Kind = Literal["publisher", "viewer", "receiver"]


@dataclass(slots=True)
class Track:
    """One publication of a publisher's transport. `viewers` are transports it is forwarded to, once both are up."""

    publication: str
    transport: str
    taken: Taken
    muted: bool = False
    viewers: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Transport:
    """`subscriptions` by publication: what the wire is told as soon as both ends are connected; `paused` are those
    of which it sends nothing for now."""

    key: str
    kind: Kind
    ufrag: str
    password: str
    number: int
    handshake: Handshake | None = None
    remote_ufrag: str = ""
    heard_at: Address | None = None
    connected: bool = False
    revision: int = 1
    tracks: dict[str, Track] = field(default_factory=dict)
    subscriptions: dict[str, AddSubscription] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)
    by_ssrc: dict[int, str] = field(default_factory=dict)
    addresses: set[Address] = field(default_factory=set)
    receiver: Receiver = field(default_factory=Receiver)
    reports: Reports = field(default_factory=Reports)
    loss: dict[str, int] = field(default_factory=dict)
    line: Line | None = None

    def subscribe(self, publication: str, subscription: AddSubscription) -> None:
        self.subscriptions[publication] = subscription
        self.by_ssrc[subscription.ssrc] = publication

    def unsubscribe(self, publication: str) -> None:
        subscription = self.subscriptions.pop(publication, None)
        if subscription is not None:
            self.by_ssrc.pop(subscription.ssrc, None)
        self.paused.discard(publication)
        self.loss.pop(publication, None)

    def pause(self, publication: str, paused: bool) -> None:
        if paused:
            self.paused.add(publication)
        else:
            self.paused.discard(publication)

    def _line(self) -> dict[str, float] | None:
        """What the line down carries, bit/s and seconds, by its reports; None before there were any."""
        if self.line is None:
            return None
        return {
            "estimate": round(self.line.estimate),
            "loss": round(self.line.loss, 3),
            "round_trip": round(self.line.round_trip, 3),
            "queueing_delay": round(self.line.queueing_delay, 3),
        }

    def dump(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "connected": self.connected,
            "publications": [track.publication for track in self.tracks.values()],
            "subscriptions": sorted(self.subscriptions),
            "paused": sorted(self.paused),
            "loss": dict(self.loss),
            "line": self._line(),
        }


def publication_command(track: Track) -> AddPublication:
    """What the wire must know of a track."""
    taken = track.taken
    return AddPublication(
        track.publication,
        track.transport,
        "audio" if taken.shape.kind == "audio" else "video",
        (Payload(taken.shape.codec.number, taken.shape.codec.clock, taken.repair),),
        taken.ssrc,
        taken.repair_ssrc,
        taken.mid,
        taken.shape.extensions.get(MID, 0),
        taken.shape.extensions.get(LEVEL, 0),
        taken.nack,
    )


def subscription_command(
    transport: str, publication: str, sent: Sent, target: Target, sequence: int
) -> AddSubscription:
    """What the wire must know of a viewer's stream."""
    return AddSubscription(
        transport,
        publication,
        sent.ssrc,
        sequence,
        sent.cname,
        (PayloadMap(target.source, target.number, target.repair),),
        sent.repair_ssrc if target.repair is not None else None,
        target.extensions,
        target.mid if target.mid_extension else "",
        target.mid_extension,
        target.nack,
        target.number_extension,
    )
