"""The negotiation of a browser's down connection, on which we offer. Pure; numbers drawn at random are given.

m-lines are never taken away (RFC 8829 §5.2.2): one whose publication ended is offered inactive, and once that was
answered it may carry another. At most one offer is open; what is wished meanwhile goes into the next.
"""

from collections.abc import Callable
from dataclasses import dataclass

from . import sdp
from .sdp import Line, Refusal, Sent, Shape, Target

MAX_SLOTS = 512
"""m-lines of one connection."""

_FIRST_TYPES = (*range(96, 111), *range(112, 128), *range(35, 63), 111, 63)
"""Payload types that are free for our use (RFC 8829 §5.2.1; 64–95 would look like RTCP), Chromium's own for Opus and
RED last: who sends those goes on under them."""


@dataclass(slots=True)
class Slot:
    """One m-line. `reusable`: the browser knows that it carries nothing."""

    mid: str
    shape: Shape
    publication: str | None = None
    sent: Sent | None = None
    reusable: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """Forward this publication now, as agreed."""

    publication: str
    sent: Sent
    target: Target
    mid: str


class Receiver:
    def __init__(self) -> None:
        self.revision = 0
        self._slots: list[Slot] = []
        self._types: dict[tuple[str, ...], tuple[int, int | None, int]] = {}
        self._offered: dict[str, str | None] | None = None
        self._begun: set[str] = set()
        self._dirty = False

    @property
    def wants_offer(self) -> bool:
        return self._dirty and self._offered is None

    def carries(self, publication: str) -> bool:
        return any(slot.publication == publication for slot in self._slots)

    def subscribe(self, publication: str, shape: Shape, draw: Callable[[], Sent]) -> None:
        """Give it an m-line; nothing when it has one, or when there are too many. `draw` makes a new stream."""
        if self.carries(publication):
            return
        slot = next((each for each in self._slots if each.reusable and each.shape.kind == shape.kind), None)
        if slot is None:
            if len(self._slots) >= MAX_SLOTS:
                return
            slot = Slot(str(len(self._slots)), shape)
            self._slots.append(slot)
        slot.publication, slot.shape, slot.sent, slot.reusable = publication, shape, draw(), False
        self._dirty = True

    def unsubscribe(self, publication: str) -> bool:
        """True when it was carried."""
        slot = next((each for each in self._slots if each.publication == publication), None)
        if slot is None:
            return False
        slot.publication = slot.sent = None
        self._begun.discard(publication)
        self._dirty = True
        return True

    def offer(self) -> tuple[list[Line], list[tuple[str, str]]]:
        """The m-lines of the next offer, and (mid, publication) of those that carry something."""
        self.revision += 1
        self._dirty = False
        self._offered = {slot.mid: slot.publication for slot in self._slots}
        lines = [self._line(slot) for slot in self._slots]
        return lines, [(slot.mid, slot.publication) for slot in self._slots if slot.publication]

    def check(self, revision: int, text: str) -> sdp.Description:
        """Read an answer to the open offer. Raises Refusal."""
        if self._offered is None or revision != self.revision:
            raise Refusal("answer_unexpected", f"to offer {revision}, open is {self.revision}")
        answer = sdp.read(text)
        sdp.check_transport(answer)
        self._targets(answer)
        return answer

    def answered(self, answer: sdp.Description) -> list[Begin]:
        """Take a checked answer: what to begin forwarding."""
        targets = self._targets(answer)
        offered, self._offered = self._offered or {}, None
        begins = []
        for slot in self._slots:
            if slot.mid in offered and offered[slot.mid] is None and slot.publication is None:
                slot.reusable = True
            target = targets.get(slot.mid)
            if target is None or slot.publication is None or slot.publication in self._begun:
                continue
            if slot.sent is not None and offered.get(slot.mid) == slot.publication:
                self._begun.add(slot.publication)
                begins.append(Begin(slot.publication, slot.sent, target, slot.mid))
        return begins

    def _targets(self, answer: sdp.Description) -> dict[str, Target]:
        offered = self._offered or {}
        shapes = {slot.mid: slot.shape for slot in self._slots if slot.mid in offered and slot.publication}
        return {target.mid: target for target in sdp.read_answer(answer, list(offered), shapes)}

    def _line(self, slot: Slot) -> Line:
        number, repair, red = self._number(slot.shape)
        return sdp.receiver_line(slot.mid, slot.shape, number, repair, slot.sent, red)

    def _number(self, shape: Shape) -> tuple[int, int | None, int]:
        """The payload types of a codec on this connection, its RTX and its RED (0: none): the same on all m-lines
        (RFC 9143 §9.1). Opus in RED is to keep the publisher's number, or is offered without."""
        codec = sdp.codecs.shown(shape.codec)
        own = str(codec.number) if shape.red else ""
        key = (codec.name, str(codec.channels), own, *(f"{name}={value}" for name, value in codec.parameters))
        if key not in self._types:
            free = set(_FIRST_TYPES) - {number for types in self._types.values() for number in types}
            if shape.red and {codec.number, shape.red} <= free:
                self._types[key] = (codec.number, None, shape.red)
            else:
                numbers = (number for number in _FIRST_TYPES if number in free)
                number = next(numbers, _FIRST_TYPES[0])
                self._types[key] = (number, next(numbers, None) if shape.kind == "video" else None, 0)
        return self._types[key]
