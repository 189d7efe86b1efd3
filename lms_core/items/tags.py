"""HTML cut into tags and text in time that grows as its length does.

The standard library's parser needs minutes for 40 kB of `<a <a <a`, and raises on some; this one bounds what it looks
at again, and reads whatever it is given.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

RAW = {"script", "style", "textarea", "title", "iframe", "noscript"}
"""Hold no tags but their own end."""
_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:_-]{0,40})(?=[\s/>])")
_STOP = re.compile("[\"'>]")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?")
_HUGE = re.compile(r"&#[0-9]{8,};?")


@dataclass(frozen=True, slots=True)
class Tag:
    """`name` in small letters; `end` of `</name>`."""

    name: str
    end: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def tokens(html: str) -> Iterator[Tag | str]:
    """Text (its entities resolved) and tags, in order; comments and declarations are left out."""
    at, last_end = 0, html.rfind(">")
    patience = 4 * len(html)
    while at < len(html):
        start = html.find("<", at)
        if start < 0 or start > last_end:
            yield from _text(html[at:])
            return
        yield from _text(html[at:start])
        if html.startswith(("<!", "<?"), start):
            at = _after(html, "-->" if html.startswith("<!--", start) else ">", start + 2)
            continue
        name = _NAME.match(html, start)
        if not name:
            yield "<"
            at = start + 1
            continue
        end, looked = _end_of(html, name.end(), patience)
        patience -= looked
        tag = Tag(name[1].lower(), html[start + 1] == "/", _attributes(html[name.end() : end]))
        yield tag
        at = end + 1
        if tag.name in RAW and not tag.end:
            closing = re.compile(f"</{tag.name}", re.IGNORECASE).search(html, at)
            yield from _text(html[at : closing.start() if closing else len(html)])
            at = closing.start() if closing else len(html)


def _end_of(html: str, at: int, patience: int) -> tuple[int, int]:
    """Where the tag's `>` stands, outside of quotes where these are whole, and how much was looked at in vain."""
    first, start = html.find(">", at), at
    while stop := _STOP.search(html, at, start + max(patience, 0)):
        if stop[0] == ">":
            return stop.start(), 0
        closing = html.find(stop[0], stop.end(), start + max(patience, 0))
        if closing < 0:
            return first, len(html) - start
        at = closing + 1
    return first, len(html) - start


def _attributes(inside: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(inside):
        value = one[2] or ""
        value = value[1:-1] if value[:1] in ("'", '"') else value
        found.setdefault(one[1].lower(), _resolved(value))
    return found


def _text(text: str) -> Iterator[str]:
    if text:
        yield _resolved(text)


def _resolved(text: str) -> str:
    return unescape(_HUGE.sub("\ufffd", text)) if "&" in text else text


def _after(html: str, mark: str, at: int) -> int:
    found = html.find(mark, at)
    return found + len(mark) if found >= 0 else len(html)
