"""RTP payloads → the frames of a codec. Pure; one packet at a time, in order.

VP8 RFC 7741, VP9 RFC 9628, H264 RFC 6184 (packetization mode 1), AV1 "RTP Payload Format For AV1" 1.0, Opus RFC 7587.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

State = Literal["more", "frame", "broken"]
_START_CODE = b"\x00\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame as its codec's file format holds it; `width` and `height` of a keyframe, 0 where it does not say."""

    data: bytes
    key: bool
    width: int = 0
    height: int = 0


class Depacket(Protocol):
    def add(self, payload: bytes) -> None:
        """The next packet of the frame. Raises ValueError, IndexError for what is none."""
        ...

    def frame(self) -> Frame | None:
        """What was added since the last time; None where that is no frame."""
        ...

    def starts(self, payload: bytes) -> bool:
        """Whether a frame begins with this packet."""
        ...


class Opus:
    def __init__(self) -> None:
        self._data = b""

    def add(self, payload: bytes) -> None:
        self._data = payload

    def frame(self) -> Frame | None:
        data, self._data = self._data, b""
        return Frame(data, True) if data else None

    def starts(self, payload: bytes) -> bool:
        return True


class Vp8:
    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def add(self, payload: bytes) -> None:
        self._parts.append(payload[_vp8_start(payload) :])

    def frame(self) -> Frame | None:
        data, self._parts = b"".join(self._parts), []
        if len(data) < 3:
            return None
        if data[0] & 1:
            return Frame(data, False)
        if len(data) < 10 or data[3:6] != b"\x9d\x01\x2a":
            return None
        return Frame(data, True, (data[6] | data[7] << 8) & 0x3FFF, (data[8] | data[9] << 8) & 0x3FFF)

    def starts(self, payload: bytes) -> bool:
        return bool(payload) and payload[0] & 0x17 == 0x10


def _vp8_start(payload: bytes) -> int:
    at = 1
    if payload[0] & 0x80:
        flags = payload[1]
        at = 2
        if flags & 0x80:
            at += 2 if payload[at] & 0x80 else 1
        at += bool(flags & 0x40) + bool(flags & 0x30)
    if at > len(payload):
        raise ValueError("no payload")
    return at


class Vp9:
    """All spatial layers of a picture together."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._key = False
        self._size = (0, 0)

    def add(self, payload: bytes) -> None:
        flags = payload[0]
        at = 1
        if flags & 0x80:
            at += 2 if payload[at] & 0x80 else 1
        layered = flags & 0x20
        first_layer = True
        if layered:
            first_layer = not payload[at] & 0x0E
            at += 1 if flags & 0x10 else 2
        if flags & 0x50 == 0x50:
            while payload[at] & 1:
                at += 1
            at += 1
        if flags & 0x02:
            at = self._structure(payload, at)
        if flags & 0x08 and first_layer:
            self._key = not flags & 0x40
        if at > len(payload):
            raise ValueError("no payload")
        self._parts.append(payload[at:])

    def _structure(self, payload: bytes, at: int) -> int:
        flags = payload[at]
        at += 1
        layers = (flags >> 5) + 1
        if flags & 0x10:
            last = at + 4 * (layers - 1)
            self._size = (payload[last] << 8 | payload[last + 1], payload[last + 2] << 8 | payload[last + 3])
            at += 4 * layers
        if flags & 0x08:
            pictures = payload[at]
            at += 1
            for _ in range(pictures):
                at += 1 + (payload[at] >> 2 & 3)
        return at

    def frame(self) -> Frame | None:
        data, self._parts = b"".join(self._parts), []
        key, self._key = self._key, False
        return Frame(data, key, *(self._size if key else (0, 0))) if data else None

    def starts(self, payload: bytes) -> bool:
        if not payload or not payload[0] & 0x08:
            return False
        at = 1 + ((2 if payload[1] & 0x80 else 1) if payload[0] & 0x80 else 0)
        return not payload[0] & 0x20 or not payload[at] & 0x0E


class H264:
    """Annex B; a keyframe is given only with its parameter sets."""

    def __init__(self) -> None:
        self._units: list[bytes] = []
        self._part: list[bytes] = []

    def add(self, payload: bytes) -> None:
        kind = payload[0] & 0x1F
        if kind == 24:
            at = 1
            while at + 2 < len(payload):
                size = payload[at] << 8 | payload[at + 1]
                self._units.append(payload[at + 2 : at + 2 + size])
                at += 2 + size
        elif kind == 28:
            if payload[1] & 0x80:
                self._part = [bytes([payload[0] & 0xE0 | payload[1] & 0x1F])]
            self._part.append(payload[2:])
            if payload[1] & 0x40:
                self._units.append(b"".join(self._part))
                self._part = []
        elif 0 < kind < 24:
            self._units.append(payload)
        else:
            raise ValueError("an aggregation we never agreed to")

    def frame(self) -> Frame | None:
        units, self._units, self._part = [unit for unit in self._units if unit], [], []
        kinds = {unit[0] & 0x1F for unit in units}
        if not kinds & {1, 5}:
            return None if not kinds else Frame(_annex(units), False)
        key = 5 in kinds and 7 in kinds
        width, height = _h264_size(next(unit for unit in units if unit[0] & 0x1F == 7)) if key else (0, 0)
        return Frame(_annex(units), key, width, height)

    def starts(self, payload: bytes) -> bool:
        return len(payload) > 1 and (payload[0] & 0x1F != 28 or bool(payload[1] & 0x80))


def _annex(units: list[bytes]) -> bytes:
    return b"".join(_START_CODE + unit for unit in units)


class Av1:
    """Open bitstream units with their sizes, without temporal delimiters."""

    def __init__(self) -> None:
        self._units: list[bytes] = []
        self._part = b""
        self._key = False

    def add(self, payload: bytes) -> None:
        head, at = payload[0], 1
        continued, goes_on, count = head & 0x80, head & 0x40, head >> 4 & 3
        self._key = self._key or bool(head & 0x08)
        elements = []
        while at < len(payload):
            size = len(payload) - at
            if not count or len(elements) + 1 < count:
                size, at = _leb128(payload, at)
            elements.append(payload[at : at + size])
            at += size
        if continued and elements:
            elements[0] = self._part + elements[0]
        self._part = elements.pop() if goes_on and elements else b""
        self._units += elements

    def frame(self) -> Frame | None:
        units, self._units, self._part = self._units, [], b""
        key, self._key = self._key, False
        data = b"".join(_sized(unit) for unit in units if unit and unit[0] >> 3 & 15 not in (2, 8))
        return Frame(data, key) if data else None

    def starts(self, payload: bytes) -> bool:
        return bool(payload) and not payload[0] & 0x80


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << 7 * step
        if not byte & 0x80:
            return value, at
    raise ValueError("a number without an end")


def _sized(unit: bytes) -> bytes:
    """The unit with a size field, as files want it."""
    if unit[0] & 0x02:
        return unit
    start = 2 if unit[0] & 0x04 else 1
    size, rest = b"", max(0, len(unit) - start)
    while rest >= 0x80:
        size += bytes([rest & 0x7F | 0x80])
        rest >>= 7
    return bytes([unit[0] | 0x02]) + unit[1:start] + size + bytes([rest]) + unit[start:]


def _h264_size(sps: bytes) -> tuple[int, int]:
    """Pixels from a sequence parameter set (H.264 §7.3.2.1.1); (0, 0) where it cannot be read."""
    try:
        return _read_sps(_Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00")))
    except IndexError:
        return 0, 0


def _read_sps(bits: "_Bits") -> tuple[int, int]:
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    chroma = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128):
        chroma = bits.golomb()
        if chroma == 3:
            bits.take(1)
        for _ in range(2):
            bits.golomb()
        bits.take(1)
        if bits.take(1):
            return 0, 0  # scaling lists: no browser sends them
    bits.golomb()
    order = bits.golomb()
    if order == 0:
        bits.golomb()
    elif order == 1:
        bits.take(1)
        for _ in range(2):
            bits.golomb()
        for _ in range(min(bits.golomb(), 255)):
            bits.golomb()
    bits.golomb()
    bits.take(1)
    width, height = bits.golomb() + 1, bits.golomb() + 1
    frames_only = bits.take(1)
    if not frames_only:
        bits.take(1)
    bits.take(1)
    left = right = top = bottom = 0
    if bits.take(1):
        left, right, top, bottom = (bits.golomb() for _ in range(4))
    across, down = (2 if chroma in (1, 2) else 1), (2 if chroma == 1 else 1) * (2 - frames_only)
    return width * 16 - (left + right) * across, height * 16 * (2 - frames_only) - (top + bottom) * down


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def take(self, count: int) -> int:
        value = 0
        for _ in range(count):
            value = value << 1 | self._data[self._at >> 3] >> 7 - (self._at & 7) & 1
            self._at += 1
        return value

    def golomb(self) -> int:
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)


DEPACKETS: dict[str, type[Depacket]] = {"OPUS": Opus, "VP8": Vp8, "VP9": Vp9, "H264": H264, "AV1": Av1}
