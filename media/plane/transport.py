"""One browser's path: its ICE credentials, its handshake, and what goes up or down on it."""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from media.wire import AddPublication, Address, AddSubscription, Line, MapPayloads, Payload, PayloadMap

from .dtls import Handshake
from .feedback import Reports
from .receiver import Receiver
from .repeats import Repeats
from .sdp import LEVEL, MID, Sent, Taken, Target

Kind = Literal["publisher", "viewer", "receiver", "leg"]
"""A leg leads to another plane."""


@dataclass(slots=True)
class Track:
    """One publication of a publisher's transport. `viewers` are transports it is forwarded to, once both are up. Of the
    sounds of one `group` the loudest are. `imported`: it is published on another plane, and comes on the leg
    `transport`."""

    publication: str
    transport: str
    taken: Taken
    muted: bool = False
    group: str = ""
    viewers: set[str] = field(default_factory=set)
    imported: bool = False


@dataclass(slots=True)
class Transport:
    """`subscriptions` by publication: what the wire is told as soon as both ends are connected; `reds` are those that
    may be sent in RED."""

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
    by_ssrc: dict[int, str] = field(default_factory=dict)
    addresses: set[Address] = field(default_factory=set)
    receiver: Receiver = field(default_factory=Receiver)
    reports: Reports = field(default_factory=Reports)
    loss: dict[str, int] = field(default_factory=dict)
    line: Line | None = None
    repeats: Repeats = field(default_factory=Repeats)
    reds: dict[str, Target] = field(default_factory=dict)

    def subscribe(self, publication: str, subscription: AddSubscription) -> None:
        self.subscriptions[publication] = subscription
        self.by_ssrc[subscription.ssrc] = publication

    def unsubscribe(self, publication: str) -> None:
        subscription = self.subscriptions.pop(publication, None)
        if subscription is not None:
            self.by_ssrc.pop(subscription.ssrc, None)
        self.loss.pop(publication, None)
        self.reds.pop(publication, None)

    def repeat(self) -> list[MapPayloads]:
        """Sound is to be sent as `repeats` says, from now on."""
        commands = []
        for publication, target in self.reds.items():
            payloads = payload_maps(target, self.repeats.on)
            self.subscriptions[publication] = replace(self.subscriptions[publication], payloads=payloads)
            commands.append(MapPayloads(self.key, publication, payloads))
        return commands

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
            "loss": dict(self.loss),
            "line": self._line(),
            "red": self.repeats.on,
        }


def publication_command(track: Track) -> AddPublication:
    """What the wire must know of a track."""
    taken = track.taken
    return AddPublication(
        track.publication,
        track.transport,
        "audio" if taken.shape.kind == "audio" else "video",
        _payloads(taken),
        taken.ssrc,
        taken.repair_ssrc,
        taken.mid,
        taken.shape.extensions.get(MID, 0),
        taken.shape.extensions.get(LEVEL, 0),
        taken.nack,
        taken.shape.codec.name,
        taken.rids,
        taken.rid_extension,
        taken.repaired_rid_extension,
        group=track.group,
        transport_extension=taken.number_extension,
        dependency_extension=taken.dependency_extension,
        layer_ssrcs=taken.layer_ssrcs,
    )


def _payloads(taken: Taken) -> tuple[Payload, ...]:
    codec, red = taken.shape.codec, taken.shape.red
    plain = Payload(codec.number, codec.clock, taken.repair)
    return (plain, Payload(red, codec.clock, None, codec.number)) if red else (plain,)


def payload_maps(target: Target, is_repeated: bool) -> tuple[PayloadMap, ...]:
    """What a viewer is sent of a publication's types; `is_repeated`: of RED the whole, if it can do that."""
    plain = PayloadMap(target.source, target.number, target.repair)
    if not target.source_red:
        return (plain,)
    if is_repeated and target.red:
        return plain, PayloadMap(target.source_red, target.red)
    return plain, PayloadMap(target.source_red, target.number, None, True)


def subscription_command(
    transport: Transport, publication: str, sent: Sent, target: Target, sequence: int
) -> AddSubscription:
    """What the wire must know of a viewer's stream."""
    return AddSubscription(
        transport.key,
        publication,
        sent.ssrc,
        sequence,
        sent.cname,
        payload_maps(target, transport.repeats.on),
        sent.repair_ssrc if target.repair is not None else None,
        target.extensions,
        target.mid if target.mid_extension else "",
        target.mid_extension,
        target.nack,
        target.number_extension,
    )
