"""What RTCP means for the plane: who wants a keyframe, and what publishers are told of their streams. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from media.wire import Reception, rtcp

from .across import Needed, Rated, read

KEYFRAME_EVERY = 0.5
"""Seconds between two keyframe requests for one layer of a publication; what comes between is merged."""
Asked = tuple[str, int | None]
"""A publication, and which layer where it has several."""

MAX_BLOCKS = 31
"""Streams one RTCP packet can report on (RFC 3550 §6.4.1): its count has five bits."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A viewer's report on one of our streams; `fraction` lost of 256 since its last report."""

    ssrc: int
    fraction: int
    lost: int


@dataclass(frozen=True, slots=True)
class Said:
    """One RTCP packet understood: SSRCs of which a keyframe is wanted, reception reports, and what another plane
    said."""

    keyframes: tuple[int, ...]
    seen: tuple[Seen, ...]
    across: tuple[Needed | Rated, ...] = ()


def understand(data: bytes) -> Said:
    """A compound packet in the clear; what is not RTCP says nothing."""
    try:
        parts = rtcp.split(data)
    except rtcp.Malformed:
        return Said((), ())
    keyframes = [ssrc for part in parts for ssrc in rtcp.keyframes_wanted(part)]
    reports = (part for part in parts if part.type in (rtcp.SENDER_REPORT, rtcp.RECEIVER_REPORT))
    seen = [Seen(each.ssrc, each.fraction, each.lost) for part in reports for each in rtcp.report_blocks(part)]
    told = [found for part in parts if (found := read(part))]
    return Said(tuple(keyframes), tuple(seen), tuple(told))


class Keyframes:
    """Merges the wishes of all viewers of a publication, and paces what reaches its sender."""

    def __init__(self) -> None:
        self._asked: dict[Asked, float] = {}
        self._waiting: set[Asked] = set()

    def wanted(self, of: Asked, now: float) -> bool:
        """Somebody wants one. True: ask now; else it will be among `due` in time."""
        if now - self._asked.get(of, -KEYFRAME_EVERY) >= KEYFRAME_EVERY:
            self._ask(of, now)
            return True
        self._waiting.add(of)
        return False

    def due(self, now: float) -> list[Asked]:
        """What to ask for now, which is thereby asked."""
        ready = [each for each in self._waiting if now - self._asked[each] >= KEYFRAME_EVERY]
        for of in ready:
            self._ask(of, now)
        return ready

    def forget(self, publication: str) -> None:
        for of in [each for each in self._asked if each[0] == publication]:
            del self._asked[of]
            self._waiting.discard(of)

    def _ask(self, of: Asked, now: float) -> None:
        self._asked[of] = now
        self._waiting.discard(of)


class Reports:
    """Receiver reports (RFC 3550 §6.4.2) for one sender, made of what the wire has counted."""

    def __init__(self) -> None:
        self._before: dict[int, tuple[int, int]] = {}

    def build(self, sender: int, receptions: Iterable[Reception]) -> list[bytes]:
        """The next report of all streams, in as many packets as it needs; none when nothing was ever received."""
        blocks = [self._block(each) for each in receptions]
        firsts = range(0, len(blocks), MAX_BLOCKS)
        return [rtcp.build_receiver_report(sender, blocks[first : first + MAX_BLOCKS]) for first in firsts]

    def _block(self, told: Reception) -> rtcp.ReportBlock:
        expected, received = self._before.get(told.ssrc, (0, 0))
        self._before[told.ssrc] = (told.expected, told.received)
        expected, received = told.expected - expected, told.received - received
        missing = expected - received
        fraction = min(255, missing * 256 // expected) if expected > 0 and missing > 0 else 0
        delay = int(told.report_age * 65536) if told.last_report else 0
        lost = told.expected - told.received
        return rtcp.ReportBlock(told.ssrc, fraction, lost, told.highest, told.jitter, told.last_report, delay)
