"""The payload descriptors of VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2): the picture a packet belongs to. Pure."""

from typing import Literal, NamedTuple


class Descriptor(NamedTuple):
    """What leads a payload.

    `starts` the first packet of a picture (VP9: of its lowest spatial layer), `key` that picture needs no other.
    `picture` is the picture id, 15 bits when `wide`, else 7, at byte `picture_at`; `base` TL0PICIDX (8 bits) at
    `base_at`; None when not sent. `temporal` is the layer (TID), 0 when not sent; `rises` its Y or U bit: more
    layers may be shown from here.

    `codec` is AV1 where a dependency descriptor said all this (`dependencies.py`), which has a number of the `frame`
    (16 bits) in place of picture ids.
    """

    codec: Literal["VP8", "VP9", "AV1"]
    starts: bool
    key: bool
    picture: int | None
    picture_at: int
    wide: bool
    base: int | None
    base_at: int
    temporal: int
    rises: bool
    frame: int | None = None

    def follows(self, before: "Descriptor") -> bool:
        """No picture was between the one before and this, as far as is known."""
        if self.frame is not None and before.frame is not None:
            return (self.frame - before.frame) & 0xFFFF <= 1
        if self.picture is None or before.picture is None:
            return False
        return (self.picture - before.picture) & (0x7FFF if self.wide else 0x7F) <= 1


def read(codec: str, payload: bytes) -> Descriptor | None:
    """None when the codec has no descriptor, or the payload is torn."""
    try:
        match codec:
            case "VP8":
                return _vp8(payload)
            case "VP9":
                return _vp9(payload)
            case _:
                return None
    except IndexError:
        return None


def _vp8(payload: bytes) -> Descriptor:
    first, at, more = payload[0], 1, 0
    if first & 0x80:
        more, at = payload[1], 2
    picture, picture_at, wide, at = _picture_id(payload, at, more & 0x80)
    base, base_at, layer = None, 0, 0
    if more & 0x40:
        base, base_at, at = payload[at], at, at + 1
    if more & 0x30:
        layer, at = payload[at], at + 1
    predicted = payload[at] & 1
    starts = first & 0x17 == 0x10
    temporal, rises = (layer >> 6, bool(layer & 0x20)) if more & 0x20 else (0, False)
    return Descriptor(
        "VP8", starts, starts and not predicted, picture, picture_at, wide, base, base_at, temporal, rises
    )


def _vp9(payload: bytes) -> Descriptor:
    first = payload[0]
    picture, picture_at, wide, at = _picture_id(payload, 1, first & 0x80)
    base, base_at, layer = None, 0, 0
    if first & 0x20:
        layer, at = payload[at], at + 1
        if not first & 0x10:
            base, base_at, at = payload[at], at, at + 1
    payload[at]  # something must follow
    starts = bool(first & 0x08) and not layer & 0x0E
    return Descriptor(
        "VP9", starts, starts and not first & 0x40, picture, picture_at, wide, base, base_at, layer >> 5,
        bool(layer & 0x10),
    )  # fmt: skip


def _picture_id(payload: bytes, at: int, sent: int) -> tuple[int | None, int, bool, int]:
    """The id, where it is, whether it is wide, and what comes after it."""
    if not sent:
        return None, 0, False, at
    first = payload[at]
    if first & 0x80:
        return (first & 0x7F) << 8 | payload[at + 1], at, True, at + 2
    return first, at, False, at + 1
