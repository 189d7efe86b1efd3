"""`rich` written as HTML, for other programs and for paper; `markup.from_html` is the way back."""

import re
from collections.abc import Callable
from html import escape

from .rich import Blank, Block, Box, Formula, Grid, Inline, Listing, Mark, Media, Paragraph, Rich, Text

TAGS: dict[Mark, str] = {"bold": "b", "italic": "i", "under": "u", "sub": "sub", "sup": "sup", "code": "code"}
KEEPING = {"p", "h3", "h4", "li", "td", "th"}
"""Where spaces may be kept, by a style of their own."""
_ODD = re.compile(r"^\s|\s$|[ \t]{2}|\t| \n|\n |[\r\f]")


def to_html(rich: Rich, url: Callable[[Media], str] = lambda media: f"media:{media.sha256}") -> str:
    """Read again by `from_html` it is the same text, where `url` and `find` are each other's inverse."""
    return "".join(_block(block, url) for block in rich.blocks)


def _block(block: Block, url: Callable[[Media], str]) -> str:
    match block:
        case Paragraph():
            tag = "pre" if block.code else ("p", "h3", "h4")[block.level]
            return _within(tag, block.runs, url)
        case Listing():
            tag = "ol" if block.ordered else "ul"
            entries = (
                _within("li", entry.runs, url, "".join(_block(inner, url) for inner in entry.inner))
                for entry in block.entries
            )
            return f"<{tag}>{''.join(entries)}</{tag}>"
        case Grid():
            return f"<table>{''.join(_row(row, url) for row in block.rows)}</table>"


def _row(row: tuple[Box, ...], url: Callable[[Media], str]) -> str:
    cells = []
    for box in row:
        spans = "".join(f' {name}="{n}"' for name, n in (("colspan", box.columns), ("rowspan", box.rows)) if n != 1)
        cells.append(_within("th" if box.head else "td", box.runs, url, attributes=spans))
    return f"<tr>{''.join(cells)}</tr>"


def _within(
    tag: str, runs: tuple[Inline, ...], url: Callable[[Media], str], more: str = "", attributes: str = ""
) -> str:
    said = "".join(one.text if isinstance(one, Text) else "x" for one in runs)
    style = ' style="white-space:pre-wrap"' if tag in KEEPING and _ODD.search(said) else ""
    return f"<{tag}{attributes}{style}>{''.join(_inline(one, url) for one in runs)}{more}</{tag}>"


def _inline(one: Inline, url: Callable[[Media], str]) -> str:
    match one:
        case Text():
            made = escape(one.text, quote=False).replace("$", "<span>$</span>").replace("\n", "<br>")
            made = re.sub(r"\\([(\[])", r"\\<span>\1</span>", made)
            for mark in reversed(one.marks):
                made = f"<{TAGS[mark]}>{made}</{TAGS[mark]}>"
            return made
        case Formula():
            source = escape(one.source)
            shown, block = (f"\\[{source}\\]", ' data-block=""') if one.block else (f"\\({source}\\)", "")
            return f'<span data-source="{source}"{block}>{shown}</span>'
        case Blank():
            return f'<span data-blank="{escape(one.id)}"></span>'
        case Media():
            tag = {"audio": "audio", "video": "video"}.get(one.type.partition("/")[0], "img")
            said = "alt" if tag == "img" else "title"
            size = "".join(f' {name}="{n}"' for name, n in (("width", one.width), ("height", one.height)) if n)
            held = f'src="{escape(url(one))}" {said}="{escape(one.alt)}"{size}'
            return f"<img {held}>" if tag == "img" else f"<{tag} controls {held}></{tag}>"
