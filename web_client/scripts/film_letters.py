"""Draws the letters of the film's chat from the page's own font (Onest) into media/letters.bin, as media/letters.py
reads them: `uv run --with pillow web_client/scripts/film_letters.py`."""

import struct
import sys
import zlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "web_client" / "node_modules" / "@fontsource-variable" / "onest" / "files"
SUBSETS = ("latin", "latin-ext", "cyrillic", "cyrillic-ext", "math", "symbols")
SIZE, WEIGHT = 19, 500
RANGES = ((0x20, 0x7F), (0xA0, 0x180), (0x400, 0x530), (0x2010, 0x2040), (0x20B8, 0x20B9), (0x2116, 0x2117))
MORE = "€₽™−≈≠≤≥×÷√∞□"


def main(out: Path) -> None:
    fonts = []
    for name in SUBSETS:
        file = FONTS / f"onest-{name}-wght-normal.woff2"
        font = ImageFont.truetype(str(file), SIZE, layout_engine=ImageFont.Layout.BASIC)
        font.set_variation_by_axes([WEIGHT])
        fonts.append((font, bytes(font.getmask("\U0010ffff"))))
    wanted = [code for first, end in RANGES for code in range(first, end)] + [ord(one) for one in MORE]
    glyphs, pixels = [], []
    ascent, descent = fonts[0][0].getmetrics()
    for code in sorted(set(wanted)):
        if (found := box() if chr(code) == "□" else drawn(fonts, chr(code))) is None:
            continue
        advance, left, top, image = found
        glyphs.append(struct.pack("!IBbbBB", code, advance, left, top, *image.size))
        pixels.append(image.tobytes())
    head = struct.pack("!HBB", len(glyphs), ascent + descent, ascent)
    out.write_bytes(zlib.compress(head + b"".join(glyphs) + b"".join(pixels), 9))
    print(len(glyphs), "letters,", out.stat().st_size, "bytes")


def drawn(fonts: list, letter: str):
    for font, missing in fonts:
        mask = bytes(font.getmask(letter))
        if mask == missing and not letter.isspace():
            continue
        left, top, right, bottom = font.getbbox(letter)
        size = (max(0, right - left), max(0, bottom - top))
        image = Image.new("L", size)
        if size[0] and size[1]:
            ImageDraw.Draw(image).text((-left, -top), letter, font=font, fill=255)
        elif not letter.isspace():
            continue
        return round(font.getlength(letter)), left, top, image
    return None


def box():
    image = Image.new("L", (11, 14))
    ImageDraw.Draw(image).rectangle((0, 0, 10, 13), outline=160)
    return 14, 1, 5, image


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "media" / "letters.bin")
