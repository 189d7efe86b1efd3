"""SDP as we write it: ICE-lite, one bundle, all candidates in it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .codecs import Codec
from .sdp_read import Section


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of a transport. `candidates` are the values of a=candidate lines."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    candidates: tuple[str, ...]
    number: int
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Sent:
    """The stream we send on an m-line: SSRCs, the name of its source, msid stream and track."""

    ssrc: int
    repair_ssrc: int | None
    cname: str
    stream: str
    track: str


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line of ours. Not `accepted`: port 0 (RFC 8829 §5.3.1). `repair` is the RTX type of `codec`; `rids` are
    the layers we take of it, `mixed` as a Section has it."""

    kind: str
    mid: str
    direction: str
    codecs: tuple[tuple[Codec, int | None], ...] = ()
    extensions: tuple[tuple[int, str], ...] = ()
    sent: Sent | None = None
    accepted: bool = True
    protocol: str = "UDP/TLS/RTP/SAVPF"
    formats: tuple[str, ...] = field(default=())
    rids: tuple[str, ...] = ()
    mixed: bool = False


_UDP_HOST, _TCP_HOST = 126, 90
"""Type preferences (RFC 8445 §5.1.2.2): TCP below all of UDP (RFC 6544 §4.2), and above a relay's 0."""
_PASSIVE = 4
"""Direction preference of passive host candidates (RFC 6544 §4.2)."""


def candidate_lines(addresses: Sequence[str], port: int) -> tuple[str, ...]:
    """Host candidates (RFC 8839 §5.1) for our addresses, the first preferred: UDP, then TCP (RFC 6544 §4.5)."""
    udp = [
        f"{place + 1} 1 udp {_UDP_HOST << 24 | (65535 - place) << 8 | 255} {address} {port} typ host"
        for place, address in enumerate(addresses)
    ]
    tcp = [
        f"{len(addresses) + place + 1} 1 tcp {_TCP_HOST << 24 | (_PASSIVE << 13 | (8191 - place)) << 8 | 255} "
        f"{address} {port} typ host tcptype passive"
        for place, address in enumerate(addresses)
    ]
    return (*udp, *tcp)


def rejected(section: Section) -> Line:
    """The answer to an m-line that we do not want at all."""
    return Line(
        section.kind, section.mid, "inactive", accepted=False, protocol=section.protocol,
        formats=tuple(section.formats),
    )  # fmt: skip


def write(local: Local, lines: Sequence[Line], bundle: bool = True) -> str:
    """The whole text. Without `bundle` the other side did not speak of bundles, and has but one m-line."""
    accepted = [line.mid for line in lines if line.accepted]
    out = [
        "v=0",
        f"o=- {local.number} {local.revision} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    if bundle:
        out.append(f"a=group:BUNDLE {' '.join(accepted)}".rstrip())
    for line in lines:
        out += _accepted(local, line, line.mid == accepted[0]) if line.accepted else _refused(line)
    return "\r\n".join(out) + "\r\n"


def _refused(line: Line) -> Iterable[str]:
    yield f"m={line.kind} 0 {line.protocol} {' '.join(line.formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{line.mid}"
    yield "a=inactive"


def _accepted(local: Local, line: Line, first: bool) -> Iterable[str]:
    numbers = [str(each) for codec, repair in line.codecs for each in (codec.number, repair) if each is not None]
    yield f"m={line.kind} 9 {line.protocol} {' '.join(numbers or line.formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield "a=rtcp:9 IN IP4 0.0.0.0"
    if first:
        for candidate in local.candidates:
            yield f"a=candidate:{candidate}"
        yield "a=end-of-candidates"
    yield from _transport(local)
    yield f"a=mid:{line.mid}"
    yield f"a={line.direction}"
    yield "a=rtcp-mux"
    if line.mixed:
        yield "a=extmap-allow-mixed"
    for number, uri in line.extensions:
        yield f"a=extmap:{number} {uri}"
    for codec, repair in line.codecs:
        yield from _codec(line.kind, codec, repair)
    for rid in line.rids:
        yield f"a=rid:{rid} recv"
    if line.rids:
        yield f"a=simulcast:recv {';'.join(line.rids)}"
    if line.sent is not None:
        yield from _sent(line.sent)


def _transport(local: Local) -> Iterable[str]:
    yield f"a=ice-ufrag:{local.ufrag}"
    yield f"a=ice-pwd:{local.password}"
    for algorithm, digest in local.fingerprints:
        yield f"a=fingerprint:{algorithm} {digest}"
    yield f"a=setup:{local.setup}"


_SPELLED = {"OPUS": "opus", "RTX": "rtx", "RED": "red"}


def _codec(kind: str, codec: Codec, repair: int | None) -> Iterable[str]:
    channels = f"/{codec.channels}" if kind == "audio" and codec.channels > 1 else ""
    yield f"a=rtpmap:{codec.number} {_SPELLED.get(codec.name, codec.name)}/{codec.clock}{channels}"
    for feedback in sorted(codec.feedback):
        yield f"a=rtcp-fb:{codec.number} {feedback}"
    if codec.parameters:
        told = ";".join(f"{name}={value}" if value else name for name, value in codec.parameters)
        yield f"a=fmtp:{codec.number} {told}"
    if repair is not None:
        yield f"a=rtpmap:{repair} rtx/{codec.clock}"
        yield f"a=fmtp:{repair} apt={codec.number}"


def _sent(sent: Sent) -> Iterable[str]:
    yield f"a=msid:{sent.stream} {sent.track}"
    if sent.repair_ssrc is not None:
        yield f"a=ssrc-group:FID {sent.ssrc} {sent.repair_ssrc}"
    for ssrc in (sent.ssrc, sent.repair_ssrc):
        if ssrc is not None:
            yield f"a=ssrc:{ssrc} cname:{sent.cname}"
            yield f"a=ssrc:{ssrc} msid:{sent.stream} {sent.track}"
