"""When a publisher's packets came, by their transport-wide numbers, and the reports that tell it. Time is given.

From them the publisher learns what its line up carries (draft-holmer-rmcat-transport-wide-cc-extensions-01).
"""

from struct import Struct

from . import twcc
from .incoming import elements_of

SLOW, FAST = 0.1, 0.05
"""Seconds between reports; the second where at least BUSY packets came meanwhile."""
BUSY = 10
WINDOW = 2048
"""The latest numbers that can be told of. What comes later than that is overlooked."""
MOST_TOLD = 250
"""Packets that came in one report: with all chunks it stays below 1200 bytes."""

_ONLY_NUMBER = Struct("!B11xIBH").unpack_from
"""The first byte, and of a header extension of one word the header, the first element's and its value."""
_ONE_WORD = 0xBEDE0001
_FURTHEST = 0x7FFF
"""Ticks between two arrivals in one report."""


class Arrivals:
    """One publisher's, of all its streams, which share one series of numbers of 16 bits that wrap.

    `came` are numbers and times of which nothing was told yet; the peer's own MAX_RATE bounds it.
    """

    __slots__ = ("_begin", "_counter", "_highest", "_media", "_tag", "_ticks", "_told_at", "came", "extension")

    def __init__(self, extension: int) -> None:
        self.came: list[tuple[int, float]] = []
        self.extension, self._tag = extension, extension << 4 | 1
        self._highest, self._begin = -1, 0
        self._ticks: dict[int, int] = {}
        self._counter = self._media = 0
        self._told_at = 0.0

    def note(self, inbox: memoryview, size: int, ssrc: int, now: float) -> None:
        """A packet in the clear, which may bear a number. Raises rtp.Malformed."""
        first, word, tag, number = _ONLY_NUMBER(inbox)
        if first == 0x90 and word == _ONE_WORD and tag == self._tag and size >= 20:
            self._media = ssrc
            self.came.append((number, now))
        elif first & 0x10:
            value = elements_of(inbox, size).get(self.extension)
            if value is not None and len(value) == 2:
                self._media = ssrc
                self.came.append((value[0] << 8 | value[1], now))

    def reports(self, sender: int, now: float) -> list[bytes]:
        """What is to be told now, as RTCP packets; nothing when nothing came, or when it is too early."""
        if not self.came or (now - self._told_at < SLOW and len(self.came) < BUSY):
            return []
        self._told_at = now
        self._sort_in()
        pieces = self._pieces()
        self._begin = self._highest + 1
        built = []
        for piece in pieces:
            report = twcc.Report(piece[0] & 0xFFFF, self._counter, tuple(self._ticks.get(each) for each in piece))
            self._counter = (self._counter + 1) & 0xFF
            built.append(twcc.build(sender, self._media, report))
        return built

    def _sort_in(self) -> None:
        came, self.came = self.came, []
        for number, at in came:
            if self._highest < 0:
                self._begin = number + 0x10000
                self._highest = self._begin - 1
            step = ((number - self._highest + 0x8000) & 0xFFFF) - 0x8000
            index = self._highest + step
            self._highest = max(self._highest, index)
            if index > self._highest - WINDOW and index not in self._ticks:
                self._ticks[index] = int(at / twcc.TICK) % twcc.WRAP
                self._begin = min(self._begin, index)
        oldest = self._highest - WINDOW + 1
        self._begin = max(self._begin, oldest)
        self._ticks = {index: tick for index, tick in self._ticks.items() if index >= oldest}

    def _pieces(self) -> list[range]:
        """The numbers of each report: the last of each came, and no two of one came too far apart."""
        pieces: list[range] = []
        begin, last, count = self._begin, None, 0
        for index in range(begin, self._highest + 1):
            tick = self._ticks.get(index)
            if tick is None:
                continue
            if last is not None and (count == MOST_TOLD or abs(twcc.signed(tick - self._ticks[last])) > _FURTHEST):
                pieces.append(range(begin, last + 1))
                begin, count = last + 1, 0
            last, count = index, count + 1
        if last is not None:
            pieces.append(range(begin, last + 1))
        return pieces
