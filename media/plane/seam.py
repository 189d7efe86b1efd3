"""What crosses between the control process and a plane: Orders go down, Reports come up, nothing else.

Each message is one frame: a 4-byte big-endian length, then JSON `["Name", {fields}]` in UTF-8.
A publication's id is `transport:mid`, so both sides can name it without asking.
"""

import json
from dataclasses import dataclass, field, fields
from types import UnionType
from typing import Any, get_args

MAX_FRAME = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpenPublisher:
    """Take a browser's offer to send (WHIP, or the up connection). Answered or Refused."""

    transport: str
    sdp: str


@dataclass(frozen=True, slots=True)
class ChangePublisher:
    """A new offer on a publisher's open transport: tracks added or ended. Answered or Refused."""

    transport: str
    sdp: str


@dataclass(frozen=True, slots=True)
class OpenViewer:
    """Take a viewer's offer to receive (WHEP): its m-lines get `publications`, in order, while they fit."""

    transport: str
    sdp: str
    publications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenReceiver:
    """Make a transport on which the plane offers (a browser's down connection)."""

    transport: str


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    """The receiver's answer to offer number `revision`."""

    transport: str
    revision: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Forward a publication to a receiver; an Offered follows."""

    transport: str
    publication: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    transport: str
    publication: str


@dataclass(frozen=True, slots=True)
class Want:
    """How many pixels high a picture is shown at one receiver; 0: not at all, and nothing of it is sent. A receiver
    of whom nothing was said gets it small, a viewer (WHEP) whole; the negotiation stays in any case."""

    transport: str
    publication: str
    size: int


@dataclass(frozen=True, slots=True)
class Prefer:
    """Let a picture go (or not any more) before others wherever a line does not carry all of them."""

    publication: str
    on: bool


@dataclass(frozen=True, slots=True)
class Mute:
    """Stop (or resume) forwarding a publication to everybody, whatever its sender does."""

    publication: str
    muted: bool


@dataclass(frozen=True, slots=True)
class PutSound:
    """Put a sound in a group, out of the one where it was; "" is none."""

    publication: str
    group: str


@dataclass(frozen=True, slots=True)
class LimitSounds:
    """Of a group's sounds forward only the `most` loudest; 0: all."""

    group: str
    most: int


@dataclass(frozen=True, slots=True)
class Record:
    """Record a publication from now on, for a recording; `about` {participant, person, source, place} is written into
    each segment. RecordingBegan follows, then a SegmentDone or SegmentLost every ten seconds."""

    publication: str
    recording: str
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class StopRecord:
    publication: str


@dataclass(frozen=True, slots=True)
class RestartIce:
    """New remote ICE credentials (RFC 9725 §4.3.3). Restarted or Refused."""

    transport: str
    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """Make a way to another plane, which has port `port` at one of `addresses`; or go on with new keys on the one there
    is. Of the two planes one `calls`. Both know `ufrag` and `password`; keys are those of media.wire.AddPeer, in
    hexadecimal digits. Close ends it."""

    leg: str
    calls: bool
    addresses: tuple[str, ...]
    port: int
    ufrag: str
    password: str = field(repr=False)
    receive_key: str = field(repr=False)
    send_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Relay:
    """Forward a publication to another plane: under an SSRC and one for its RTX for each layer, the smallest first.
    That plane says which layers it needs (needs.py); Unsubscribe ends it."""

    leg: str
    publication: str
    ssrcs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Import:
    """Take a publication from another plane, for transports here; `about` is its TrackInfo's, `ssrcs` as in Relay."""

    leg: str
    publication: str
    about: dict[str, Any]
    ssrcs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class EndImport:
    publication: str


@dataclass(frozen=True, slots=True)
class Close:
    transport: str


@dataclass(frozen=True, slots=True)
class Dump:
    """Ask for everything the plane knows of itself; `request` comes back in Dumped."""

    request: str


@dataclass(frozen=True, slots=True)
class Look:
    """Ask for what is known of one transport; `request` comes back in Dumped, with nothing where there is none."""

    request: str
    transport: str


@dataclass(frozen=True, slots=True)
class Capture:
    """Keep the heads of a transport's packets for so many seconds, then say them in Dumped; one at a time."""

    request: str
    transport: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """One m-line of an offer: `kind` is audio or video; `sending` is false once it ended. `about` is what another plane
    must know to forward what is published here."""

    mid: str
    kind: str
    publication: str
    sending: bool
    about: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Stream:
    """Which publication a receiver's m-line carries."""

    mid: str
    publication: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The port is bound, for UDP and TCP; `candidates` are addresses as offered to browsers."""

    port: int
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    transport: str
    sdp: str
    tracks: tuple[TrackInfo, ...]


@dataclass(frozen=True, slots=True)
class Offered:
    transport: str
    revision: int
    sdp: str
    streams: tuple[Stream, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """An order could not be followed because of what the other side sent; `code` is stable."""

    transport: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Restarted:
    transport: str
    ufrag: str
    pwd: str


@dataclass(frozen=True, slots=True)
class Connected:
    """DTLS is done: packets may flow."""

    transport: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The transport is gone (consent expired, DTLS closed or failed) and has been forgotten."""

    transport: str
    why: str


@dataclass(frozen=True, slots=True)
class Started:
    """The first packet of a publication arrived."""

    publication: str


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud audible publications are, 0–127, 127 the loudest (RFC 6464 turned round); at most 5 a second."""

    levels: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Limited:
    """What of a receiver's pictures their line does not carry now, (publication, `small` or `off`): all of them."""

    transport: str
    pictures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Needed:
    """How many layers of a publication are needed by anybody, the smallest first; before it is told, all."""

    publication: str
    layers: int


@dataclass(frozen=True, slots=True)
class RecordingBegan:
    """A track of a recording has begun; `facts` as in the header of its segments (media/segments.py)."""

    recording: str
    track: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """A segment lies in the spool under `file`: its bytes and SHA-256. `held`: bytes of memory that are free again."""

    recording: str
    track: str
    file: str
    size: int
    sha256: str
    held: int


@dataclass(frozen=True, slots=True)
class SegmentLost:
    """A segment could not be written; `facts` {number, starts, ends, packets, final, errno}."""

    recording: str
    track: str
    facts: dict[str, Any]
    held: int


@dataclass(frozen=True, slots=True)
class Dumped:
    request: str
    data: dict[str, Any]


Order = (
    OpenPublisher | ChangePublisher | OpenViewer | OpenReceiver | TakeAnswer
    | Subscribe | Unsubscribe | Want | Prefer | Mute | PutSound | LimitSounds | Record | StopRecord | RestartIce
    | OpenLeg | Relay | Import | EndImport | Close | Dump | Look | Capture
)  # fmt: skip
Report = (
    Ready | Answered | Offered | Refused | Restarted | Connected | Lost | Started | Levels
    | Limited | Needed | RecordingBegan | SegmentDone | SegmentLost | Dumped
)  # fmt: skip


def encode(message: Order | Report) -> bytes:
    """One frame, length included."""
    body = json.dumps([type(message).__name__, _plain(message)], separators=(",", ":")).encode()
    return len(body).to_bytes(4, "big") + body


def decode_order(body: bytes) -> Order:
    return _decode(body, _ORDERS)


def decode_report(body: bytes) -> Report:
    return _decode(body, _REPORTS)


def _by_name(union: UnionType) -> dict[str, type]:
    return {kind.__name__: kind for kind in get_args(union)}


_ORDERS, _REPORTS = _by_name(Order), _by_name(Report)
_INNER = {(Answered, "tracks"): TrackInfo, (Offered, "streams"): Stream}


def _plain(message: Any) -> dict[str, Any]:
    out = {}
    for each in fields(message):
        value = getattr(message, each.name)
        if (type(message), each.name) in _INNER:
            value = [_plain(item) for item in value]
        out[each.name] = value
    return out


def _decode(body: bytes, kinds: dict[str, type]) -> Any:
    name, values = json.loads(body)
    kind = kinds[name]
    for key, value in values.items():
        if inner := _INNER.get((kind, key)):
            values[key] = tuple(inner(**item) for item in value)
        elif isinstance(value, list):
            values[key] = tuple(tuple(item) if isinstance(item, list) else item for item in value)
    return kind(**values)
