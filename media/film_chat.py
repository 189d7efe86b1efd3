"""The chat beside a film: the newest messages by a second, as grey pixels."""

from bisect import bisect_right
from collections.abc import Sequence

from .letters import ink, letters

PAPER = 34
_NAME, _TEXT = ink(PAPER, 150), ink(PAPER, 235)
_EDGE, _LINE, _BETWEEN = 14, 26, 8
LONGEST = 600
"""Letters of one message that are shown."""
_MOST = 40


class Chat:
    """`messages`: (second, name, text), in order."""

    def __init__(self, messages: Sequence[tuple[float, str, str]], width: int, height: int) -> None:
        self._messages, self.width, self.height = messages, width, height
        self._count = -1
        self._pixels = b""

    def __bool__(self) -> bool:
        return bool(self._messages)

    def at(self, second: float) -> bytes:
        """`width` × `height` greys; the same object while nothing new was written."""
        count = bisect_right(self._messages, second, key=lambda one: one[0])
        if count != self._count:
            self._count, self._pixels = count, self._drawn(self._messages[max(0, count - _MOST) : count])
        return self._pixels

    def _drawn(self, messages: Sequence[tuple[float, str, str]]) -> bytes:
        """From below upward, as many whole lines as there is room for."""
        pixels = bytearray([PAPER]) * (self.width * self.height)
        plane, y = memoryview(pixels), self.height - _EDGE
        for _, name, text in reversed(messages):
            lines = [(_NAME, self._cut(name)), *((_TEXT, one) for one in self._lines(text))]
            for shade, line in reversed(lines):
                y -= _LINE
                if y < _EDGE:
                    return bytes(pixels)
                letters().draw(plane, self.width, _EDGE, y, line, shade)
            y -= _BETWEEN
        return bytes(pixels)

    def _lines(self, text: str) -> list[str]:
        return letters().wrapped(text if len(text) <= LONGEST else f"{text[:LONGEST]}…", self.width - 2 * _EDGE)

    def _cut(self, name: str) -> str:
        return next(iter(letters().wrapped(name[:LONGEST], self.width - 2 * _EDGE)), "")
