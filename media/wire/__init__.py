"""The wire: what moves packets. A port for UDP and TCP, SRTP, rewriting, history, retransmission.

The plane decides and tells the wire by frozen commands; the wire tells the plane what happened by frozen
notes. Between the two nothing is said per packet: a publication's history, the answering of NACKs, the asking
for lost packets, the rewriting for each viewer and the reports of senders are all the wire's own business.
So a maker in another language needs Python only when a transport comes or goes, for ICE and DTLS, and when a
viewer asks for a keyframe.

Makers: `python.PythonWire` (everywhere), `fake.FakeWire` (in memory, virtual time).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from .history import Packet

Address = tuple[str, int] | tuple[str, int, int]
"""Host (IPv4 dotted or IPv6, never IPv4-mapped) and port of the other side.

A third part is the number of our way there when it is not the first UDP socket: a TCP connection (RFC 4571 frames
on it), or the socket of one of several own addresses. The wire gives the numbers, none twice; others only say back
what they were told.
"""

Profile = Literal["AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AES128_CM_SHA1_80"]
Kind = Literal["audio", "video"]


# Commands: plane → wire.


@dataclass(frozen=True, slots=True)
class SendDatagram:
    """Send bytes as they are: STUN and DTLS."""

    address: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class AddPeer:
    """From now on `address` speaks SRTP with these keys (master key, then master salt, RFC 3711 §4.3).

    Said of a known peer it is a rekey: the streams begin anew, publications and subscriptions stay.
    `weight`: how many browsers' worth of packets and SSRCs it may send; many for another plane.
    """

    peer: str
    address: Address
    profile: Profile
    receive_key: bytes
    send_key: bytes
    weight: int = 1


@dataclass(frozen=True, slots=True)
class MovePeer:
    """Send to this address now; what still comes from the former ones is still taken."""

    peer: str
    address: Address


@dataclass(frozen=True, slots=True)
class HearPeer:
    """Take what comes from this address as the peer's, too, unless it is another's; sending stays as it is."""

    peer: str
    address: Address


@dataclass(frozen=True, slots=True)
class DropPeer:
    """Forget a peer with its publications and subscriptions."""

    peer: str


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload type a publisher may use: its RTP clock in Hz, and the type of its RTX (RFC 4588) if any. `wraps`: it
    is RED (RFC 2198) around packets of that type."""

    number: int
    clock: int
    retransmission: int | None = None
    wraps: int | None = None


@dataclass(frozen=True, slots=True)
class AddPublication:
    """Take a track. Without `ssrc` the stream is known by its mid extension, or by a payload type of its own.

    `mid_extension` and `level_extension` are header-extension ids (RFC 8285) as the publisher sends them,
    0 when not negotiated. `nack`: may ask again for lost packets. Said again, it changes what was said.
    `codec` is its name in SDP where the wire should know pictures (VP8, VP9, H264). `rids` name its layers, the
    smallest first, each a stream of its own known by `rid_extension`, its RTX by `repaired_rid_extension` (RFC 8852),
    or by its SSRC and that of its RTX where `layer_ssrcs` tells them, in the same order. Who takes one layer alone
    subscribes to `publication~rid`.
    `transport_extension` is the publisher's id for transport-wide numbers, of which it is then sent reports.
    Of the sounds of one `group` only so many are forwarded as `LimitSounds` says. `dependency_extension` is the id of
    the dependency descriptor (AV1 RTP specification, annex A), from which temporal layers are known where payloads do
    not tell them.
    """

    publication: str
    peer: str
    kind: Kind
    payloads: tuple[Payload, ...]
    ssrc: int | None = None
    retransmission_ssrc: int | None = None
    mid: str = ""
    mid_extension: int = 0
    level_extension: int = 0
    nack: bool = False
    codec: str = ""
    rids: tuple[str, ...] = ()
    rid_extension: int = 0
    repaired_rid_extension: int = 0
    transport_extension: int = 0
    group: str = ""
    dependency_extension: int = 0
    layer_ssrcs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class DropPublication:
    publication: str


@dataclass(frozen=True, slots=True)
class MutePublication:
    """Forward nothing of it, whatever its sender does."""

    publication: str
    muted: bool


@dataclass(frozen=True, slots=True)
class PayloadMap:
    """A publisher's payload type, the viewer's for the same codec, and the viewer's RTX type if any. `unwrap`: of RED
    only the primary encoding is sent, as `target`."""

    source: int
    target: int
    retransmission: int | None = None
    unwrap: bool = False


@dataclass(frozen=True, slots=True)
class AddSubscription:
    """Forward a publication to a peer as a stream of its own.

    `sequence` is the first sequence number, `ssrc` and `retransmission_ssrc` are the new stream's; the caller
    draws them at random and never uses one twice on a peer. `extensions` maps the publisher's header-extension
    ids to the viewer's; others are stripped. With `mid_extension` the viewer's own `mid` is sent along.
    `nack`: the viewer may ask for retransmission. `transport_extension` is the viewer's id for the transport-wide
    sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01), 0 when not negotiated.
    """

    peer: str
    publication: str
    ssrc: int
    sequence: int
    cname: str
    payloads: tuple[PayloadMap, ...]
    retransmission_ssrc: int | None = None
    extensions: tuple[tuple[int, int], ...] = ()
    mid: str = ""
    mid_extension: int = 0
    nack: bool = False
    transport_extension: int = 0


@dataclass(frozen=True, slots=True)
class DropSubscription:
    peer: str
    publication: str


@dataclass(frozen=True, slots=True)
class PauseSubscription:
    """Send nothing for a while; the viewer sees no gap in the sequence numbers afterwards."""

    peer: str
    publication: str
    paused: bool


@dataclass(frozen=True, slots=True)
class MapPayloads:
    """Other payloads for a subscription from now on; its numbers go on."""

    peer: str
    publication: str
    payloads: tuple[PayloadMap, ...]


@dataclass(frozen=True, slots=True)
class SelectLayer:
    """Send this layer of a publication (from 0, the smallest) from its next keyframe on, which is asked for, and of it
    the pictures of temporal layers up to `temporal`."""

    peer: str
    publication: str
    layer: int
    temporal: int = 7


@dataclass(frozen=True, slots=True)
class LimitSounds:
    """Of a group's sounds that bear an audio level forward only the `most` loudest; 0: all."""

    group: str
    most: int


@dataclass(frozen=True, slots=True)
class SendRtcp:
    """Seal and send a compound RTCP packet, given in the clear."""

    peer: str
    data: bytes


@dataclass(frozen=True, slots=True)
class RequestKeyframe:
    """Send one PLI (RFC 4585 §6.3.1) to the publisher, now. Pacing is the plane's. `layer`: None is the one without
    rid, or all."""

    publication: str
    layer: int | None = None


@dataclass(frozen=True, slots=True)
class WantBitrate:
    """What a peer could use of its line, bit/s: nothing above is looked for."""

    peer: str
    bitrate: float


@dataclass(frozen=True, slots=True)
class Capture:
    """Keep the heads of a peer's latest `packets` packets, both ways, from now on; of one peer at a time, and what was
    kept before is forgotten. 0: no more."""

    peer: str
    packets: int


Command = (
    SendDatagram | AddPeer | MovePeer | HearPeer | DropPeer | AddPublication | DropPublication | MutePublication
    | AddSubscription | DropSubscription | PauseSubscription | MapPayloads | SelectLayer | LimitSounds
    | SendRtcp | RequestKeyframe | WantBitrate | Capture
)  # fmt: skip


# Notes: wire → plane.


@dataclass(frozen=True, slots=True)
class Datagram:
    """STUN (first byte 0–3) or DTLS (20–63), RFC 7983."""

    address: Address
    data: bytes


@dataclass(frozen=True, slots=True)
class Rtcp:
    """Decrypted RTCP of a peer: the parts that the wire does not answer by itself."""

    peer: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Started:
    """The first packet of a publication was taken."""

    publication: str


@dataclass(frozen=True, slots=True)
class Levels:
    """Loudness 0–127 (127 the loudest) of audible publications over the last 200 ms."""

    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PacketsLost:
    """Packets of a publication were asked for in vain, or left out for a viewer whose line is slow: a keyframe
    would help."""

    publication: str
    layer: int = 0


@dataclass(frozen=True, slots=True)
class Closed:
    """A TCP connection has ended; nothing comes from this address any more, and nothing gets there."""

    address: Address


@dataclass(frozen=True, slots=True)
class Line:
    """What the line to a viewer carries, by its reports: bit/s, a part of 1, seconds, seconds. When something has
    changed, five times a second at most. Without transport-wide reports times are not measured."""

    peer: str
    estimate: float
    loss: float
    round_trip: float
    queueing_delay: float


@dataclass(frozen=True, slots=True)
class Rates:
    """What came of each layer of each video publication over the last second, bit/s, the smallest layer first; 0 when
    nothing comes. Once a second, and of a layer at once when it has stopped for half a second or begun. `bases`: what
    of the smallest layer was its lowest temporal layer, bit/s, of those only that had others."""

    rates: tuple[tuple[str, tuple[int, ...]], ...]
    bases: tuple[tuple[str, int], ...] = ()


Note = Datagram | Rtcp | Started | Levels | PacketsLost | Closed | Line | Rates


@dataclass(frozen=True, slots=True)
class Reception:
    """What RTCP reports say of one incoming stream (RFC 3550 §6.4.1).

    `highest` is the extended highest sequence number, `jitter` in clock units, `last_report` the middle 32 bits
    of the last sender report's NTP time (0: none yet), `report_age` the seconds since it came.
    """

    publication: str
    ssrc: int
    received: int
    expected: int
    highest: int
    jitter: int
    last_report: int
    report_age: float


@dataclass(frozen=True, slots=True)
class Captured:
    """The head of a packet: 12 bytes of RTP, or 8 of one part of a compound RTCP packet, in the clear. `at` in the
    wire's seconds; `size` is that of the whole packet as it is on the line, or of the part."""

    at: float
    is_sent: bool
    size: int
    head: bytes


class Tap(Protocol):
    """A receiver inside the server: takes a publication's packets in the clear, as they came, unless it is muted."""

    def packets(self, packets: "list[Packet]") -> None:
        """What came in one burst, in the order of arrival; a packet that was sent again comes late. Nothing here
        may wait, and the packets' thread is the caller's."""
        ...

    def report(self, ntp: int, timestamp: int, now: float) -> None:
        """The sender says that `timestamp`, on the timeline of the packets, is NTP time `ntp` (64 bits)."""
        ...


class Wire(Protocol):
    """Owns the sockets. Made with a callable that takes its notes; everything happens on one thread.

    A viewer that takes more slowly than it is sent to, over TCP, slows nobody: only so much waits for it, then its
    video is left out until there is room, whole packets always.
    """

    @property
    def port(self) -> int:
        """The bound port, of UDP and TCP."""
        ...

    def perform(self, command: Command) -> None:
        """Follow a command. A command that names what is not (or no longer) known does nothing."""
        ...

    def tap(self, publication: str, tap: Tap | None) -> None:
        """Hand what comes of a publication to `tap` too, from now on and until it is dropped; None: no more. It need
        not be there yet."""
        ...

    def receptions(self, peer: str) -> list[Reception]:
        """One for each stream this peer is sending now."""
        ...

    def captured(self) -> list[Captured]:
        """What was kept since the last Capture, in order."""
        ...

    def counts(self, peer: str) -> dict[str, Any]:
        """What came from a peer and what went to it, by publication; plain JSON values. See `counts.py`."""
        ...

    def dump(self) -> dict[str, Any]:
        """Counters and state for operators; plain JSON values."""
        ...

    def close(self) -> None: ...


Notify = Callable[[Note], None]
