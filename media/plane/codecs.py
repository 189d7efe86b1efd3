"""Which codecs pass through, and when two descriptions of one are the same. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

KNOWN = {"audio": ("OPUS",), "video": ("VP8", "VP9", "H264", "AV1")}
DESCRIBED = ("H264", "AV1")
"""Whose payloads do not tell temporal layers."""
FEEDBACK = ("nack", "nack pli", "ccm fir")
"""What we take part in (RFC 4585, RFC 5104)."""
TRANSPORT_WIDE, REMB = "transport-cc", "goog-remb"
"""How viewers tell what their line carries, and publishers are told of theirs; the first is by far the better one."""

START_BITRATE = 1500
"""kbit/s at which Chromium shall begin to send; by itself it begins at 300 and takes half a minute."""
START_BITRATE_LAYERED = 2400
"""The same where it sends several layers: it begins with all of them only when it believes in their sum."""


@dataclass(frozen=True, slots=True)
class Codec:
    """One rtpmap with its fmtp and rtcp-fb. `name` in capitals, `channels` 1 when not said."""

    number: int
    name: str
    clock: int
    channels: int = 1
    parameters: tuple[tuple[str, str], ...] = ()
    feedback: frozenset[str] = field(default_factory=frozenset)

    def parameter(self, name: str, otherwise: str = "") -> str:
        return next((value for key, value in self.parameters if key == name), otherwise)


def passes(codec: Codec, kind: str) -> bool:
    """Whether we take this from a publisher: a known codec in a form that all browsers can decode."""
    if codec.name not in KNOWN.get(kind, ()):
        return False
    match codec.name:
        case "OPUS":
            return codec.clock == 48_000 and codec.channels == 2
        case "VP9":
            return codec.clock == 90_000 and codec.parameter("profile-id", "0") == "0"
        case "H264":
            return codec.clock == 90_000 and codec.parameter("packetization-mode", "0") == "1"
        case "AV1":
            return codec.clock == 90_000 and codec.parameter("profile", "0") == "0"
        case _:
            return codec.clock == 90_000


def chosen(codecs: Iterable[Codec], kind: str) -> Codec | None:
    """The one that the publisher likes best."""
    return next((codec for codec in codecs if passes(codec, kind)), None)


def repair_of(codecs: Iterable[Codec], codec: Codec) -> int | None:
    """The payload type of a codec's RTX (RFC 4588 §8.1)."""
    wanted = str(codec.number)
    return next((each.number for each in codecs if each.name == "RTX" and each.parameter("apt") == wanted), None)


def red_of(codecs: Iterable[Codec], codec: Codec) -> Codec | None:
    """The RED (RFC 2198) that repeats this codec and no other, as the name of its one parameter says: `111/111`."""
    clock = (codec.clock, codec.channels)
    return next((each for each in codecs if _is_red(each, codec.number) and (each.clock, each.channels) == clock), None)


def red(number: int, codec: Codec) -> Codec:
    """RED around a codec of ours."""
    told = ((f"{codec.number}/{codec.number}", ""),)
    return replace(codec, number=number, name="RED", parameters=told)


def matching(source: Codec, offered: Sequence[Codec]) -> Codec | None:
    """What a viewer calls a publisher's codec; None when it cannot decode it."""
    same = [each for each in offered if _same_kind(source, each)]
    if source.name != "H264":
        return same[0] if same else None
    profile = _profile(source)
    exact = [each for each in same if _profile(each) == profile]
    if exact:
        return exact[0]
    return same[0] if same and profile == "42" else None  # all decoders can do the baseline's tools


def shown(codec: Codec) -> Codec:
    """A publisher's codec as it is offered to viewers: without what is between the publisher and us. Both ways to tell
    of a line are offered; whoever can do the better one, does."""
    keep = ("profile-level-id", "packetization-mode", "level-asymmetry-allowed", "profile-id", "profile",
            "level-idx", "tier", "minptime", "useinbandfec", "stereo", "sprop-stereo", "usedtx")  # fmt: skip
    parameters = tuple(pair for pair in codec.parameters if pair[0] in keep)
    ways = {TRANSPORT_WIDE} if codec.name == "OPUS" else {TRANSPORT_WIDE, REMB}
    return replace(codec, parameters=parameters, feedback=_feedback(codec.name, frozenset(FEEDBACK)) | ways)


def answered(codec: Codec, has_numbers: bool = False, is_layered: bool = False) -> Codec:
    """A publisher's codec as we answer it. `has_numbers`: we tell when its packets came, by transport-wide numbers."""
    parameters = codec.parameters
    if codec.name == "OPUS":
        wanted = [("minptime", "10"), ("useinbandfec", "1")]
        if codec.parameter("sprop-stereo") == "1":  # it will send two channels, if only we say that we want them
            wanted.append(("stereo", "1"))
        parameters = tuple(wanted)
    else:
        start = START_BITRATE_LAYERED if is_layered else START_BITRATE
        parameters = (*_plain(parameters), ("x-google-start-bitrate", str(start)))
    ways = frozenset((TRANSPORT_WIDE,)) if has_numbers else frozenset[str]()
    return replace(codec, parameters=parameters, feedback=_feedback(codec.name, codec.feedback) | ways)


def viewed(codec: Codec, has_numbers: bool) -> Codec:
    """A viewer's own codec as we answer it. `has_numbers`: we may send transport-wide sequence numbers."""
    ways = codec.feedback & {TRANSPORT_WIDE} if has_numbers else frozenset[str]()
    if not ways and codec.name != "OPUS":
        ways = codec.feedback & {REMB}
    return replace(codec, feedback=_feedback(codec.name, codec.feedback) | ways)


def _feedback(name: str, wanted: frozenset[str]) -> frozenset[str]:
    """Chromium repeats lost sound when told so, though it never offers to; others overlook the line."""
    return frozenset(("nack",)) if name == "OPUS" else wanted & frozenset(FEEDBACK)


def _is_red(codec: Codec, wraps: int) -> bool:
    told = codec.parameters[0][0].split("/") if len(codec.parameters) == 1 else []
    return codec.name == "RED" and len(told) > 1 and set(told) == {str(wraps)}


def _plain(parameters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in parameters if not pair[0].startswith("x-google"))


def _same_kind(one: Codec, other: Codec) -> bool:
    if (one.name, one.clock, one.channels) != (other.name, other.clock, other.channels):
        return False
    match one.name:
        case "VP9":
            return one.parameter("profile-id", "0") == other.parameter("profile-id", "0")
        case "H264":
            return one.parameter("packetization-mode", "0") == other.parameter("packetization-mode", "0")
        case "AV1":
            return one.parameter("profile", "0") == other.parameter("profile", "0")
        case _:
            return True


def _profile(codec: Codec) -> str:
    return codec.parameter("profile-level-id", "42e01f")[:2].lower()
