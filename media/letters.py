"""Lines of text drawn into grey pixels, with the page's own letters (letters.bin; made by
web_client/scripts/film_letters.py).

The file, compressed: count(2) height(1) ascent(1), then of each letter code(4) advance(1) left(1) top(1) width(1)
height(1), then all their pixels in that order, a byte each. Text is drawn and nothing else: no letter means anything.
"""

import unicodedata
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from struct import Struct

_HEAD, _GLYPH = Struct("!HBB"), Struct("!IBbbBB")
_UNKNOWN = "□"
_SILENT = {"Cc", "Cf", "Cs", "Co", "Mn", "Me"}
"""Categories of what takes no room: controls, directions, joiners, accents that stand alone."""


@dataclass(frozen=True, slots=True)
class Glyph:
    advance: int
    left: int
    top: int
    rows: tuple[bytes, ...]


class Letters:
    def __init__(self, data: bytes) -> None:
        plain = zlib.decompress(data)
        count, self.height, _ = _HEAD.unpack_from(plain)
        at = _HEAD.size + count * _GLYPH.size
        self._glyphs: dict[str, Glyph] = {}
        for number in range(count):
            code, advance, left, top, width, height = _GLYPH.unpack_from(plain, _HEAD.size + number * _GLYPH.size)
            rows = tuple(plain[at + row * width : at + (row + 1) * width] for row in range(height))
            self._glyphs[chr(code)] = Glyph(advance, left, top, rows)
            at += width * height

    def width(self, text: str) -> int:
        return sum(glyph.advance for glyph in map(self._glyph, text) if glyph)

    def wrapped(self, text: str, width: int) -> list[str]:
        """Lines no wider than so many pixels; words that are longer are parted."""
        lines: list[str] = []
        for paragraph in unicodedata.normalize("NFC", text).splitlines():
            line = ""
            for word in paragraph.split():
                longer = f"{line} {word}" if line else word
                if self.width(longer) <= width:
                    line = longer
                    continue
                lines += [line] if line else []
                *whole, line = self._parted(word, width)
                lines += whole
            lines += [line] if line else []
        return lines

    def draw(self, plane: memoryview, stride: int, x: int, y: int, text: str, ink: bytes) -> None:
        """Write one line, its top left corner at a pixel, all of it within the plane. `ink`: the grey for each of 256
        strengths."""
        for glyph in map(self._glyph, text):
            if glyph is None:
                continue
            for row, pixels in enumerate(glyph.rows):
                start = (y + glyph.top + row) * stride + x + glyph.left
                plane[start : start + len(pixels)] = pixels.translate(ink)
            x += glyph.advance

    def _parted(self, word: str, width: int) -> list[str]:
        parts, part, used = [], "", 0
        for letter in word:
            glyph = self._glyph(letter)
            advance = glyph.advance if glyph else 0
            if part and used + advance > width:
                parts.append(part)
                part, used = "", 0
            part, used = part + letter, used + advance
        return [*parts, part]

    def _glyph(self, letter: str) -> Glyph | None:
        found = self._glyphs.get(letter)
        if found is None and unicodedata.category(letter) not in _SILENT:
            found = self._glyphs[_UNKNOWN]
        return found


def ink(paper: int, text: int) -> bytes:
    """The greys between paper and text."""
    return bytes(paper + (text - paper) * strength // 255 for strength in range(256))


@cache
def letters() -> Letters:
    return Letters(Path(__file__).with_name("letters.bin").read_bytes())
