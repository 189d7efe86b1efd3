"""What is agreed with a browser: a publisher's offer, a viewer's offer, a receiver's answer. Pure.

Each function takes a read Description (see sdp_read) and gives plain plans; wording is sdp_write's business.
Refusal is raised for what cannot be agreed, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from . import codecs
from .codecs import Codec
from .sdp_read import MAX_RIDS, Description, Refusal, Section, read
from .sdp_write import Line, Local, Sent, candidate_lines, rejected, write

__all__ = [
    "DEPENDENCIES", "LEVEL", "MID", "NUMBER", "REPAIRED_RID", "RID", "Description", "Line", "Local", "Refusal",
    "Sent", "Shape", "Taken", "Target", "candidate_lines", "check_transport", "fit_viewer", "read", "read_answer",
    "receiver_line", "rejected", "role", "take_publisher", "viewer_lines", "write",
]  # fmt: skip

LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
NUMBER = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
"""The transport-wide sequence number."""
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
DEPENDENCIES = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
"""The dependency descriptor. Publishers send it where payloads do not tell temporal layers. Viewers are not sent it:
they go by sequence numbers without gaps, while its numbers, templates and decode targets would have to follow each
choice of a layer."""
_PROTOCOLS = ("UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "RTP/SAVP")


@dataclass(frozen=True, slots=True)
class Shape:
    """What viewers are told of a publication: its codec as the publisher numbers it, and its extensions' ids. `red` is
    the publisher's type for RED around that codec, 0 where it has none."""

    kind: str
    codec: Codec
    stream: str
    extensions: Mapping[str, int]
    red: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """One m-line of a publisher, taken: what the wire must know, and whether it sends now.

    `rids` are its layers where it sends several (RFC 8853), in the order of the offer: ours name the smallest first.
    They are told apart by header extensions alone, of these ids (0: not negotiated). `number_extension` is that of the
    transport-wide sequence number, of which the publisher wants reports, `dependency_extension` that of the dependency
    descriptor. From another plane each layer comes under SSRCs that were told, `layer_ssrcs` (its own and its RTX's).
    """

    mid: str
    shape: Shape
    repair: int | None
    ssrc: int | None
    repair_ssrc: int | None
    nack: bool
    sending: bool
    rids: tuple[str, ...] = ()
    rid_extension: int = 0
    repaired_rid_extension: int = 0
    number_extension: int = 0
    dependency_extension: int = 0
    layer_ssrcs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """How a viewer's m-line carries a publication: payload types from ours to theirs, extensions, feedback.

    `number_extension` is the viewer's id of the transport-wide sequence number, 0 where it does not report on those.
    `source_red` and `red` are the publisher's and the viewer's types for RED, 0 where they have none.
    """

    mid: str
    source: int
    number: int
    repair: int | None
    extensions: tuple[tuple[int, int], ...]
    mid_extension: int
    nack: bool
    number_extension: int = 0
    source_red: int = 0
    red: int = 0


def check_transport(told: Description) -> None:
    """A description we can speak ICE and DTLS with, over one bundled path."""
    if not told.ufrag or not told.password:
        raise Refusal("sdp_no_ice")
    if not told.fingerprints:
        raise Refusal("sdp_no_fingerprint")
    live = [each for each in told.sections if is_live(each, told)]
    if len(live) > 1 and any(each.mid not in told.bundled for each in live):
        raise Refusal("sdp_not_bundled")
    if any(not each.rtcp_mux for each in live if each.kind in codecs.KNOWN):
        raise Refusal("sdp_no_rtcp_mux")


def role(told: Description) -> str:
    """Our side in DTLS, `server` wherever the other may choose: Chromium then picks the cheaper AES-GCM."""
    return "client" if told.setup == "passive" else "server"


def is_live(section: Section, told: Description) -> bool:
    """Port 0 is off, except for a line that lives in the bundle alone (RFC 9143 §6)."""
    return section.port != 0 or section.mid in told.bundled


def take_publisher(offer: Description, layered: bool = False) -> tuple[list[Line], list[Taken]]:
    """The answer's m-lines and the tracks taken. Raises Refusal when there is nothing we could take.

    Without `layered` a track that could be sent in several layers is answered as one.
    """
    lines: list[Line] = []
    taken: list[Taken] = []
    streams: list[str] = []
    for section in offer.sections:
        codec = codecs.chosen(section.codecs, section.kind)
        if codec is None or not is_live(section, offer) or section.protocol not in _PROTOCOLS:
            lines.append(rejected(section))
            continue
        if section.stream not in streams:
            streams.append(section.stream)
        sending = section.direction in ("sendonly", "sendrecv")
        track = _taken(section, codec, str(streams.index(section.stream)), sending)
        if layered:
            track = _in_layers(track, section)
        taken.append(track)
        told = codecs.answered(codec, bool(track.number_extension), bool(track.rids))
        lines.append(
            Line(
                section.kind, section.mid, "recvonly" if sending else "inactive",
                (*_red(track.shape.red, told), (told, track.repair)),  # Chromium sends what stands first
                tuple((number, uri) for uri, number in _read_extensions(track).items()),
                protocol=section.protocol, rids=track.rids, mixed=section.mixed and track.dependency_extension > 0,
            )
        )  # fmt: skip
    if not taken:
        raise Refusal("sdp_no_codec", ",".join(sorted({each.kind for each in offer.sections})))
    return lines, taken


def fit_viewer(offer: Description, publications: Sequence[tuple[str, Shape]]) -> dict[str, str]:
    """Which publication (by id) goes on which m-line (by mid): in order, each on the first that fits."""
    fitted: dict[str, str] = {}
    for publication, shape in publications:
        for section in offer.sections:
            if section.mid not in fitted and _can_carry(section, offer, shape):
                fitted[section.mid] = publication
                break
    return fitted


def viewer_lines(
    offer: Description, shapes: Mapping[str, Shape], sent: Mapping[str, Sent]
) -> tuple[list[Line], list[Target]]:
    """The answer to a viewer; `shapes` and `sent` by mid, for the m-lines that carry something."""
    lines: list[Line] = []
    targets: list[Target] = []
    for section in offer.sections:
        if not is_live(section, offer) or section.kind not in codecs.KNOWN or section.protocol not in _PROTOCOLS:
            lines.append(rejected(section))
            continue
        shape = shapes.get(section.mid)
        codec = codecs.matching(shape.codec, section.codecs) if shape else None
        if shape is None or codec is None:
            lines.append(_silent(section))
            continue
        told = codecs.viewed(codec, NUMBER in section.extensions)
        target = _target(section, shape, codec, "nack" in told.feedback)
        targets.append(target)
        wanted = (LEVEL, MID, NUMBER) if codecs.TRANSPORT_WIDE in told.feedback else (LEVEL, MID)
        known = {uri: section.extensions[uri] for uri in wanted if uri in section.extensions}
        stream = sent[section.mid] if target.repair is not None else replace(sent[section.mid], repair_ssrc=None)
        lines.append(
            Line(
                section.kind, section.mid, "sendonly", ((told, target.repair), *_red(target.red, told)),
                tuple((number, uri) for uri, number in known.items()), stream, protocol=section.protocol,
            )
        )  # fmt: skip
    return lines, targets


def receiver_line(mid: str, shape: Shape, number: int, repair: int | None, sent: Sent | None, red: int = 0) -> Line:
    """An m-line of our own offer, with these payload types (`red` 0: none); without `sent` it is kept for later."""
    extensions = ((1, LEVEL), (2, MID), (3, NUMBER)) if shape.kind == "audio" else ((2, MID), (3, NUMBER))
    codec = replace(codecs.shown(shape.codec), number=number)
    direction = "inactive" if sent is None else "sendonly"
    return Line(shape.kind, mid, direction, ((codec, repair), *_red(red, codec)), extensions, sent)


def read_answer(answer: Description, mids: Sequence[str], shapes: Mapping[str, Shape]) -> list[Target]:
    """What a receiver said to our offer with m-lines `mids`; `shapes` are those that carry something now."""
    if [each.mid for each in answer.sections] != list(mids):
        raise Refusal("sdp_mismatch", "other m-lines than were offered")
    if answer.setup == "actpass":
        raise Refusal("sdp_bad_setup", "actpass in an answer")
    targets = []
    for section in answer.sections:
        shape = shapes.get(section.mid)
        if shape is None or not is_live(section, answer) or section.direction not in ("recvonly", "sendrecv"):
            continue
        codec = codecs.matching(shape.codec, section.codecs)
        if codec is not None:
            targets.append(_target(section, shape, codec, True))  # we offered it, and Chromium's answer to that is mute
    return targets


def _taken(section: Section, codec: Codec, stream: str, sending: bool) -> Taken:
    ssrc = next(iter(section.repairs), section.ssrcs[0] if section.ssrcs else None)
    repair = codecs.repair_of(section.codecs, codec)
    known = {uri: section.extensions[uri] for uri in (LEVEL, MID) if uri in section.extensions}
    if section.kind == "video":
        known.pop(LEVEL, None)
    repair_ssrc = section.repairs.get(ssrc) if ssrc is not None and repair is not None else None
    red = codecs.red_of(section.codecs, codec)
    shape = Shape(section.kind, codec, stream, known, red.number if red else 0)
    nack = "nack" in codecs.answered(codec).feedback
    number = section.extensions.get(NUMBER, 0) if codecs.TRANSPORT_WIDE in codec.feedback else 0
    dependencies = section.extensions.get(DEPENDENCIES, 0) if codec.name in codecs.DESCRIBED else 0
    return Taken(
        section.mid, shape, repair, ssrc, repair_ssrc, nack, sending,
        number_extension=number, dependency_extension=dependencies,
    )  # fmt: skip


def _in_layers(track: Taken, section: Section) -> Taken:
    """The same with its layers, where there are several and each packet says which it is of."""
    number = str(track.shape.codec.number)
    fit = {rid for rid, bound in section.rids.items() if not bound or number in bound}
    rids = tuple(rid for rid in section.simulcast if rid in fit)[:MAX_RIDS]
    extension, repaired = section.extensions.get(RID, 0), section.extensions.get(REPAIRED_RID, 0)
    if section.kind != "video" or len(rids) < 2 or not extension or MID not in section.extensions:
        return track
    if not repaired:
        track = replace(track, repair=None)
    return replace(
        track, ssrc=None, repair_ssrc=None, rids=rids, rid_extension=extension, repaired_rid_extension=repaired
    )


def _read_extensions(track: Taken) -> dict[str, int]:
    more = {
        RID: track.rid_extension, REPAIRED_RID: track.repaired_rid_extension, NUMBER: track.number_extension,
        DEPENDENCIES: track.dependency_extension,
    }  # fmt: skip
    return {**track.shape.extensions, **{uri: number for uri, number in more.items() if number}}


def _can_carry(section: Section, offer: Description, shape: Shape) -> bool:
    return (
        section.kind == shape.kind
        and is_live(section, offer)
        and section.direction in ("recvonly", "sendrecv")
        and section.protocol in _PROTOCOLS
        and codecs.matching(shape.codec, section.codecs) is not None
    )


def _silent(section: Section) -> Line:
    """An m-line that carries nothing: answered inactive, with one of its own formats."""
    if section.codecs:
        told = replace(section.codecs[0], feedback=frozenset[str]())
        return Line(section.kind, section.mid, "inactive", ((told, None),), protocol=section.protocol)
    formats = tuple(section.formats[:1])
    return Line(section.kind, section.mid, "inactive", protocol=section.protocol, formats=formats)


def _red(number: int, codec: Codec) -> tuple[tuple[Codec, None], ...]:
    return ((codecs.red(number, codec), None),) if number else ()


def _target(section: Section, shape: Shape, codec: Codec, nack: bool) -> Target:
    """A viewer's RED is of use where the types inside are the publisher's: they are not rewritten."""
    red = codecs.red_of(section.codecs, codec) if shape.red and codec.number == shape.codec.number else None
    mapped = tuple(
        (shape.extensions[uri], section.extensions[uri])
        for uri in (LEVEL,)
        if uri in shape.extensions and uri in section.extensions
    )
    return Target(
        section.mid, shape.codec.number, codec.number, codecs.repair_of(section.codecs, codec),
        mapped, section.extensions.get(MID, 0), nack,
        section.extensions.get(NUMBER, 0) if codecs.TRANSPORT_WIDE in codec.feedback else 0,
        shape.red, red.number if red else 0,
    )  # fmt: skip
