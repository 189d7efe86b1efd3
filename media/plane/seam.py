"""What crosses between the control process and a plane: Orders go down, Reports come up, nothing else.

Each message is one frame: a 4-byte big-endian length, then JSON `["Name", {fields}]` in UTF-8.
A publication's id is `transport:mid`, so both sides can name it without asking.
"""

import json
from dataclasses import dataclass, fields
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
class Pause:
    """Stop (or resume) forwarding a publication to one receiver; the negotiation stays."""

    transport: str
    publication: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Mute:
    """Stop (or resume) forwarding a publication to everybody, whatever its sender does."""

    publication: str
    muted: bool


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
class Close:
    transport: str


@dataclass(frozen=True, slots=True)
class Dump:
    """Ask for everything the plane knows of itself; `request` comes back in Dumped."""

    request: str


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """One m-line of an offer: `kind` is audio or video; `sending` is false once it ended."""

    mid: str
    kind: str
    publication: str
    sending: bool


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
    | Subscribe | Unsubscribe | Pause | Mute | Record | StopRecord | RestartIce | Close | Dump
)  # fmt: skip
Report = (
    Ready | Answered | Offered | Refused | Restarted | Connected | Lost | Started | Levels
    | RecordingBegan | SegmentDone | SegmentLost | Dumped
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
    for field in fields(message):
        value = getattr(message, field.name)
        if (type(message), field.name) in _INNER:
            value = [_plain(item) for item in value]
        out[field.name] = value
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
