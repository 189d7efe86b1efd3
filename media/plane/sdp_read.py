"""SDP of strangers (RFC 8866, RFC 8829) read into plain data: what we need of it, or a Refusal. Pure.

aiortc's reader is not used here: it raises whatever the text provokes, and knows no bounds.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from .codecs import Codec

MAX_SIZE = 64 * 1024
MAX_SECTIONS = 64
MAX_LINES = 4000
MAX_CODECS = 128
MAX_PARAMETERS = 256
"""Characters of one fmtp; they are repeated to every receiver."""
MAX_RIDS = 4
"""Layers of one track; of more the first are taken."""

DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_FINGERPRINTS = ("sha-256", "sha-384", "sha-512")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0085\u2028\u2029]")
_MEDIA = re.compile(r"(audio|video|application|text|image|message) (\d{1,5})(?:/\d{1,3})? ([A-Z0-9/]{1,32}) (\S.*)")
_TOKEN = re.compile(r"[A-Za-z0-9._+\-]{1,32}")
_ICE = re.compile(r"[!-~]{4,256}")  # more than RFC 8839 allows; it is only compared
_HEX = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){31,63}")
_RID = re.compile(r"([A-Za-z0-9_-]{1,16}) send(?: (.*))?")
_RTPMAP = re.compile(r"(\d{1,3}) ([A-Za-z0-9._+\-]{1,32})/(\d{1,7})(?:/(\d{1,2}))?")


class Refusal(Exception):
    """What the other side sent cannot be followed. `code` is stable, `detail` for the log."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail[:200]


@dataclass(slots=True)
class Section:
    """One m-line. `extensions` by URI, `ssrcs` in order, `repairs` from an SSRC to that of its RTX.

    `rids` are those it may send, with the payload types they are bound to, if any (RFC 8851); `simulcast` says which
    of them come together, in its order (RFC 8853), and is empty where that cannot be followed. `mixed`: a packet's
    header extensions may be longer than 16 bytes, and another's shorter (RFC 8285 §6).
    """

    kind: str
    port: int
    protocol: str
    formats: list[str]
    mid: str = ""
    direction: str = "sendrecv"
    stream: str = ""
    rtcp_mux: bool = False
    ufrag: str = ""
    password: str = ""
    setup: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    codecs: list[Codec] = field(default_factory=list)
    extensions: dict[str, int] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    repairs: dict[int, int] = field(default_factory=dict)
    rids: dict[str, frozenset[str]] = field(default_factory=dict)
    simulcast: list[str] = field(default_factory=list)
    mixed: bool = False


@dataclass(slots=True)
class Description:
    """A whole offer or answer; ICE and DTLS are those of the bundle."""

    sections: list[Section]
    bundled: list[str]
    ufrag: str
    password: str
    fingerprints: list[tuple[str, str]]
    setup: str


def read(text: str) -> Description:
    """Raises Refusal, and nothing else, for whatever text."""
    if len(text) > MAX_SIZE or len(text.encode("utf-8", "replace")) > MAX_SIZE:
        raise Refusal("sdp_too_large", f"{len(text)} characters")
    if _CONTROL.search(text):
        raise Refusal("sdp_malformed", "control characters")
    lines = [line.rstrip("\r") for line in text.split("\n") if line.rstrip("\r")]
    if not lines or lines[0] != "v=0":
        raise Refusal("sdp_malformed", "does not begin with v=0")
    if len(lines) > MAX_LINES:
        raise Refusal("sdp_too_large", f"{len(lines)} lines")
    if any(len(line) < 2 or line[1] != "=" or "\r" in line for line in lines):
        raise Refusal("sdp_malformed", "a line without a type")
    starts = [place for place, line in enumerate(lines) if line.startswith("m=")]
    if len(starts) > MAX_SECTIONS:
        raise Refusal("sdp_too_many_sections", str(len(starts)))
    head = lines[: starts[0]] if starts else lines
    sections = [_section(lines[start:end]) for start, end in pairwise([*starts, len(lines)])]
    return _joined(head, sections)


def _joined(head: list[str], sections: list[Section]) -> Description:
    above = Section("session", 0, "", [])
    bundled: list[str] = []
    for name, value in _attributes(head):
        if name == "group" and value.startswith("BUNDLE"):
            bundled = value.split()[1:]
        elif name == "extmap-allow-mixed":
            for section in sections:
                section.mixed = True
        else:
            _transport_attribute(above, name, value)
    _check_mids(sections, bundled)
    tagged = next((each for each in sections if each.mid in bundled), sections[0] if sections else above)
    return Description(
        sections,
        bundled,
        tagged.ufrag or above.ufrag,
        tagged.password or above.password,
        tagged.fingerprints or above.fingerprints,
        tagged.setup or above.setup,
    )


def _check_mids(sections: list[Section], bundled: list[str]) -> None:
    mids = [each.mid for each in sections]
    if any(not mid for mid in mids):
        raise Refusal("sdp_no_mid")
    if len(set(mids)) != len(mids) or not set(bundled) <= set(mids):
        raise Refusal("sdp_malformed", "mids do not fit")


def _section(lines: list[str]) -> Section:
    found = _MEDIA.fullmatch(lines[0][2:])
    if not found or int(found[2]) > 65535:
        raise Refusal("sdp_malformed", lines[0])
    section = Section(found[1], int(found[2]), found[3], found[4].split())
    if len(section.formats) > MAX_CODECS or not all(_TOKEN.fullmatch(each) for each in section.formats):
        raise Refusal("sdp_malformed", "formats")
    maps: dict[int, tuple[str, int, int]] = {}
    parameters: dict[int, tuple[tuple[str, str], ...]] = {}
    feedback: dict[str, set[str]] = {}
    for name, value in _attributes(lines[1:]):
        match name:
            case "rtpmap":
                _read_map(value, maps)
            case "fmtp":
                _read_parameters(value, parameters)
            case "rtcp-fb":
                number, _, what = value.partition(" ")
                feedback.setdefault(number, set()).add(what.strip())
            case _:
                _media_attribute(section, name, value)
    for number in dict.fromkeys(section.formats):
        if number.isdecimal() and int(number) in maps:
            key = int(number)
            told = frozenset(feedback.get(number, set()) | feedback.get("*", set()))
            codec, clock, channels = maps[key]
            section.codecs.append(Codec(key, codec, clock, channels, parameters.get(key, ()), told))
    return section


def _attributes(lines: list[str]) -> list[tuple[str, str]]:
    found = []
    for line in lines:
        if line.startswith("a="):
            name, _, value = line[2:].partition(":")
            found.append((name, value.strip()))
    return found


def _media_attribute(section: Section, name: str, value: str) -> None:
    match name:
        case "mid":
            if not _TOKEN.fullmatch(value):
                raise Refusal("sdp_malformed", "mid")
            section.mid = value
        case "rtcp-mux":
            section.rtcp_mux = True
        case "msid":
            section.stream = value.split(" ")[0]
        case "extmap":
            number, _, rest = value.partition(" ")
            number = number.partition("/")[0]
            if number.isdecimal() and len(number) < 4 and 0 < int(number) < 256 and len(section.extensions) < 64:
                section.extensions.setdefault(rest.split(" ")[0], int(number))
        case "extmap-allow-mixed":
            section.mixed = True
        case "ssrc":
            number = value.partition(" ")[0]
            if _is_ssrc(number) and int(number) not in section.ssrcs and len(section.ssrcs) < 16:
                section.ssrcs.append(int(number))
        case "ssrc-group":
            semantics, *numbers = value.split()[:3] or [""]
            if semantics == "FID" and len(numbers) == 2 and all(_is_ssrc(each) for each in numbers):
                section.repairs[int(numbers[0])] = int(numbers[1])
        case "rid":
            found = _RID.fullmatch(value)
            if found and len(section.rids) < 4 * MAX_RIDS:
                section.rids.setdefault(found[1], _bound_types(found[2] or ""))
        case "simulcast" if not section.simulcast:
            section.simulcast = _simulcast(value)
        case _ if name in DIRECTIONS:
            section.direction = name
        case _:
            _transport_attribute(section, name, value)


def _bound_types(restrictions: str) -> frozenset[str]:
    told = next((each for each in restrictions.split(";") if each.startswith("pt=")), "pt=")
    return frozenset(told[3:].split(",")[:MAX_CODECS]) - {""}


def _simulcast(value: str) -> list[str]:
    """The streams sent together: of alternatives the first, and paused ones (`~`) too."""
    words = value.split(" ")
    told = dict(zip(words[::2], words[1::2], strict=False))
    streams = told.get("send", "").split(";")[: 4 * MAX_RIDS]
    return list(dict.fromkeys(each.partition(",")[0].removeprefix("~") for each in streams))


def _transport_attribute(section: Section, name: str, value: str) -> None:
    match name:
        case "ice-ufrag" | "ice-pwd":
            if not _ICE.fullmatch(value):
                raise Refusal("sdp_malformed", name)
            if name == "ice-ufrag":
                section.ufrag = value
            else:
                section.password = value
        case "fingerprint":
            algorithm, _, digest = value.partition(" ")
            algorithm = algorithm.lower()
            if algorithm in _FINGERPRINTS and _HEX.fullmatch(digest) and len(section.fingerprints) < 8:
                section.fingerprints.append((algorithm, digest.upper()))
        case "setup":
            if value not in ("actpass", "active", "passive"):
                raise Refusal("sdp_bad_setup", value)
            section.setup = value


def _read_map(value: str, maps: dict[int, tuple[str, int, int]]) -> None:
    found = _RTPMAP.fullmatch(value)
    if not found or int(found[1]) > 127 or int(found[3]) == 0:
        raise Refusal("sdp_malformed", "rtpmap")
    maps[int(found[1])] = (found[2].upper(), int(found[3]), int(found[4] or 1))


def _read_parameters(value: str, parameters: dict[int, tuple[tuple[str, str], ...]]) -> None:
    number, _, rest = value.partition(" ")
    if not number.isdecimal() or len(number) > 3:
        raise Refusal("sdp_malformed", "fmtp")
    if len(rest) > MAX_PARAMETERS or not (rest.isascii() and rest.isprintable()):
        raise Refusal("sdp_malformed", "fmtp")
    pairs = []
    for item in rest.split(";")[:32]:
        name, _, said = item.strip().partition("=")
        if name:
            pairs.append((name, said))
    parameters[int(number)] = tuple(pairs)


def _is_ssrc(number: str) -> bool:
    return number.isdecimal() and len(number) <= 10 and int(number) <= 0xFFFFFFFF
