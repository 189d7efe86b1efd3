"""Strangers' HTML read into `rich`; `written.to_html` is the way back.

What is read is a whitelist: nothing of a tag survives but what `rich` has a place for, so nothing can run. Formulas are
`$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]` in text, or MathML that carries its TeX.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from lms_core.kernel.text import clean

from .content import ItemUnfit
from .rich import Blank, Block, Box, Entry, Formula, Grid, Inline, Listing, Mark, Media, Paragraph, Rich, Text, joined
from .tags import Tag, tokens
from .written import KEEPING

LONGEST, MOST_TAGS, DEEPEST_LIST, MOST_MARKS = 200_000, 20_000, 4, 20
MARKS: dict[str, Mark] = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "under", "ins": "under", "sub": "sub",
    "sup": "sup", "code": "code", "tt": "code", "kbd": "code", "samp": "code", "var": "italic", "cite": "italic",
}  # fmt: skip
BLOCKS = {
    *("p", "div", "section", "article", "blockquote", "center", "dl", "dt", "dd", "figure", "figcaption", "hr", "pre"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "caption", "header", "footer", "address", "body", "html", "main"),
}
NEUTRAL = {"span", "font", "small", "big", "label", "tbody", "thead", "tfoot", "abbr", "bdi", "wbr", "colgroup", "col"}
VOID = {"br", "img", "hr", "wbr", "col", "source", "input", "meta", "link", "embed", "area", "base", "track"}
DROPPED = {"script", "style", "iframe", "object", "embed", "applet", "form", "select", "textarea", "button", "svg",
           "noscript", "template", "head", "title", "canvas", "map"}  # fmt: skip
_SPACES = re.compile(r"[ \t\n\r\f]+")
_ONE_PARAGRAPH = re.compile(r"(?:<p>)?([^<&$\\]*)(?:</p>)?")
"""Most of what is imported; read as the rest would be, in a tenth of the time."""
_FORMULA = re.compile(
    r"\$\$(?P<a>[^$]{1,2000})\$\$|\\\[(?P<b>(?:[^\\]|\\(?![\[\]])){1,2000}?)\\\]"
    r"|\\\((?P<c>(?:[^\\]|\\(?![()])){1,2000}?)\\\)|(?<!\\)\$(?P<d>(?![\s$])[^$]{1,2000}(?<![\s\\]))\$(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """`lost`: what had no place, each once: tags (`<script>`), `link`, `picture NAME`, `nested list`,
    `nested table`."""

    rich: Rich
    lost: tuple[str, ...] = ()


def from_html(html: str, find: Callable[[str], Media | None] = lambda src: None) -> Reading:
    """`find` gives the picture, sound or film that an address in the HTML means. Raises ItemUnfit (too long)."""
    if len(html) > LONGEST or html.count("<") > MOST_TAGS:
        raise ItemUnfit(where="html", why="long")
    if found := _ONE_PARAGRAPH.fullmatch(html):
        text = _SPACES.sub(" ", clean(f"|{found[1]}|", lines=True)[1:-1]).strip(" ")
        return Reading(Rich((Paragraph((Text(text),)),) if text else ()))
    reader = _Reader(find)
    for token in tokens(html):
        reader.hear(token)
    return reader.done()


class _Reader:
    def __init__(self, find: Callable[[str], Media | None]) -> None:
        self.find = find
        self.lost: dict[str, None] = {}
        self.skip: list[str] = []
        self.formula: str | None = None
        self.has_tex = False
        self.marks: list[Mark] = []
        self.blocks: list[Block] = []
        self.runs: list[Inline] = []
        self.kept = False
        self.level: Literal[0, 1, 2] = 0
        self.code = 0
        self.lists: list[tuple[bool, list[Entry]]] = []
        self.rows: list[list[Box]] | None = None
        self.box: Box | None = None
        self.said = ""

    def hear(self, token: Tag | str) -> None:
        if isinstance(token, str):
            self.said += token
            return
        self._say()
        if token.end:
            self._end(token.name)
        else:
            self._start(token.name, token.attributes)

    def _start(self, tag: str, held: dict[str, str]) -> None:
        if self.skip:
            if tag == self.skip[0]:
                self.skip.append(tag)
            elif tag == "annotation" and "tex" in held.get("encoding", "").lower():
                self.formula = ""
        elif tag == "math":
            self.skip, self.has_tex = ["math"], False
        elif tag in DROPPED:
            self.lost[f"<{tag}>"] = None
            self.skip += [tag] if tag not in VOID else []
        elif tag in MARKS:
            if len(self.marks) < MOST_MARKS:
                self.marks.append(MARKS[tag])
        elif tag in ("ul", "ol"):
            self._open_list(tag == "ol")
        elif tag in ("img", "audio", "video", "source"):
            self._media(tag, held)
        elif tag == "span" and "data-blank" in held:
            self.runs.append(Blank(held["data-blank"]))
        elif tag == "span" and "data-source" in held:
            self.runs.append(Formula(clean(held["data-source"]), "data-block" in held))
            self.skip.append("span")
        else:
            self._other(tag, held)

    def _other(self, tag: str, held: dict[str, str]) -> None:
        if tag == "br":
            self.runs.append(Text("\n", tuple(self.marks)))
        elif tag == "li" and self.box is None:
            if not self.lists:
                self._open_list(False)
            self._end_entry()
            self.lists[-1][1].append(Entry())
        elif tag == "table":
            self._flush()
            if self.rows is None and not self.lists:
                self.rows = []
            else:
                self.lost["nested table"] = None
        elif tag == "tr" and self.rows is not None:
            self._end_box()
            self._flush()
            self.rows.append([])
        elif tag in ("td", "th") and self.rows is not None:
            self._end_box()
            self._flush()
            self.box = Box((), tag == "th", _small(held.get("colspan")), _small(held.get("rowspan")))
        elif tag in BLOCKS:
            self._flush()
            self.level = (1 if tag in ("h1", "h2", "h3") else 2) if re.fullmatch("h[1-6]", tag) else 0
            self.code += tag == "pre"
        elif tag in ("li", "tr", "td", "th"):
            self._flush()
        elif tag == "a":
            self.lost.update({"link": None} if held.get("href") else {})
        elif tag not in NEUTRAL:
            self.lost[f"<{tag}>"] = None
        if tag in KEEPING:
            self.kept = "pre-wrap" in held.get("style", "")

    def _end(self, tag: str) -> None:
        if self.skip:
            if tag == "annotation" and self.formula is not None:
                self.runs.append(Formula(clean(self.formula)))
                self.formula, self.has_tex = None, True
            elif tag == self.skip[0]:
                self.skip.pop()
                if tag == "math" and not self.has_tex:
                    self.lost["<math>"] = None
        elif tag in MARKS:
            if MARKS[tag] in self.marks:
                self.marks.reverse()
                self.marks.remove(MARKS[tag])
                self.marks.reverse()
        elif tag in ("ul", "ol"):
            self._close_list()
        elif tag == "table":
            self._end_table()
        elif tag in ("td", "th"):
            self._end_box()
        elif tag in BLOCKS:
            self._flush()
            self.level = 0
            self.code -= tag == "pre" and self.code > 0

    def _say(self) -> None:
        """Reads what was said since the last tag: a formula never reaches across one."""
        said, self.said = self.said, ""
        if self.skip:
            if self.formula is not None:
                self.formula += said
            return
        said = clean(f"|{said}|", lines=True)[1:-1]  # its spaces at the ends stay
        if not (self.code or self.kept):
            said = _SPACES.sub(" ", said)
        marks, at = tuple(self.marks), 0
        for found in _FORMULA.finditer(said) if "code" not in marks and not self.code else ():
            source, block = _source(found)
            self.runs += [Text(_unescaped(said[at : found.start()]), marks), Formula(source, block)]
            at = found.end()
        if said[at:]:
            self.runs.append(Text(_unescaped(said[at:]), marks))

    def _taken(self) -> tuple[Inline, ...]:
        runs, self.runs = self.runs, []
        kept, self.kept = self.kept or self.code > 0, False
        return joined(runs if kept else _trimmed(runs))

    def _flush(self) -> None:
        """What stands so far ends here: a paragraph, a line of an entry, or of a cell."""
        if self.box is not None or self.lists:
            if self.runs and not (isinstance(self.runs[-1], Text) and self.runs[-1].text == "\n"):
                self.runs.append(Text("\n"))
        elif runs := self._taken():
            self.blocks.append(Paragraph(runs, 0 if self.code else self.level, self.code > 0))

    def _open_list(self, ordered: bool) -> None:
        if self.box is not None:
            self.lost["nested list"] = None
            return
        if self.lists:
            self._end_entry()
        else:
            self._flush()
        if len(self.lists) < DEEPEST_LIST:
            self.lists.append((ordered, []))
        else:
            self.lists.append((ordered, self.lists[-1][1]))
            self.lost["nested list"] = None

    def _end_entry(self) -> None:
        if self.lists and (runs := self._taken()):
            entries = self.lists[-1][1]
            if not entries or entries[-1].inner:
                entries.append(Entry())
            before = (*entries[-1].runs, Text("\n")) if entries[-1].runs else ()
            entries[-1] = replace(entries[-1], runs=joined([*before, *runs]))

    def _close_list(self) -> None:
        self._end_entry()
        if not self.lists:
            return
        ordered, entries = self.lists.pop()
        if (self.lists and self.lists[-1][1] is entries) or not entries:
            return
        if not self.lists:
            self.blocks.append(Listing(tuple(entries), ordered))
            return
        above = self.lists[-1][1]
        if not above:
            above.append(Entry())
        above[-1] = replace(above[-1], inner=(*above[-1].inner, Listing(tuple(entries), ordered)))

    def _end_box(self) -> None:
        if self.box is None:
            return
        if not self.rows:
            self.rows = [[]]
        self.rows[-1].append(replace(self.box, runs=self._taken()))
        self.box = None

    def _end_table(self) -> None:
        self._end_box()
        rows, self.rows = self.rows, None
        if rows and any(rows):
            self.blocks.append(Grid(tuple(tuple(row) for row in rows if row)))

    def _media(self, tag: str, held: dict[str, str]) -> None:
        source = held.get("src", "")
        if not source:
            return
        media = self.find(source)
        if media is None:
            self.lost[f"picture {source[:100]}" if tag == "img" else f"media {source[:100]}"] = None
            if held.get("alt"):
                self.runs.append(Text(clean(held["alt"]), tuple(self.marks)))
            return
        alt = clean(held.get("alt") or held.get("title") or "") or media.alt
        width, height = (_small(held.get(name), 0, 4000) for name in ("width", "height"))
        self.runs.append(replace(media, alt=alt, width=width or media.width, height=height or media.height))

    def done(self) -> Reading:
        self._say()
        self._end_table()
        while self.lists:
            self._close_list()
        self._flush()
        return Reading(Rich(tuple(self.blocks)), tuple(self.lost))


def _source(found: re.Match[str]) -> tuple[str, bool]:
    """A formula without what surrounds it, and whether it stands alone."""
    name = found.lastgroup or "d"
    return clean(found[name]), name in "ab"


def _unescaped(text: str) -> str:
    return text.replace("\\$", "$")


def _small(text: str | None, least: int = 1, most: int = 20) -> int:
    number = int(text) if text and re.fullmatch(r"[0-9]{1,5}", text) else least
    return min(max(number, least), most)


def _trimmed(runs: list[Inline]) -> list[Inline]:
    """As a browser shows it: one space between words, none at the ends of a line."""
    made: list[Inline] = []
    open_ = False
    for one in runs:
        if not isinstance(one, Text):
            made.append(one)
            open_ = True
            continue
        if one.text == "\n":
            _strip_end(made, " ")
        text = one.text if open_ else one.text.lstrip(" ")
        if text:
            made.append(Text(text, one.marks))
            open_ = not text.endswith((" ", "\n"))
    _strip_end(made, " \n")
    made.reverse()
    while made and isinstance(last := made[-1], Text) and not last.text.strip(" \n"):
        made.pop()
    made.reverse()
    return made


def _strip_end(runs: list[Inline], letters: str) -> None:
    while runs and isinstance(last := runs[-1], Text):
        if kept := last.text.rstrip(letters):
            runs[-1] = Text(kept, last.marks)
            return
        runs.pop()
