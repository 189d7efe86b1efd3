"""Strangers' XML as a small tree. No document types, so no entities; depth, size and number of elements are bounded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from .batch import Unfit
from .texts import decoded

MOST_BYTES, MOST_NODES, DEEPEST = 100_000_000, 3_000_000, 120
_SAID = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PLAIN = {"utf-8", "utf8", "us-ascii", "ascii"}
_KNOWN = {"windows-1251": "cp1251", "cp1251": "cp1251", "iso-8859-1": "latin-1", "windows-1252": "cp1252"}


@dataclass(slots=True)
class Node:
    """An element. `tag` and names of attributes without their prefix; `inner`: text and elements in order; `space`:
    the namespace. Processing instructions are kept in `told` of the element they stand in."""

    tag: str
    held: dict[str, str]
    line: int
    space: str = ""
    inner: list["Node | str"] = field(default_factory=list)
    told: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        return self.held.get(name, default)

    def nodes(self, *tags: str) -> Iterator["Node"]:
        """Elements right below, all or those of these names."""
        for one in self.inner:
            if isinstance(one, Node) and (not tags or one.tag in tags):
                yield one

    def one(self, *path: str) -> "Node | None":
        found: Node | None = self
        for tag in path:
            for one in found.inner:
                if isinstance(one, Node) and one.tag == tag:
                    found = one
                    break
            else:
                return None
        return found

    def all(self, *tags: str) -> Iterator["Node"]:
        """Elements anywhere below, in order."""
        waiting = self.inner[::-1]
        while waiting:
            node = waiting.pop()
            if isinstance(node, str):
                continue
            if not tags or node.tag in tags:
                yield node
            waiting += node.inner[::-1]

    def text(self) -> str:
        """All letters below."""
        if len(self.inner) == 1 and isinstance(self.inner[0], str):
            return self.inner[0]
        return "".join([one if isinstance(one, str) else one.text() for one in self.inner])

    def said(self, *path: str) -> str:
        """The letters of an element below, trimmed; "" where there is none."""
        found = self.one(*path)
        return found.text().strip() if found else ""


def parse(data: bytes) -> tuple[Node, str]:
    """The root, and the encoding if it had to be guessed. Raises Unfit."""
    if len(data) > MOST_BYTES:
        raise Unfit("too_large")
    text, guessed = _text(data)
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    tree = _Tree(parser)
    parser.buffer_text, parser.buffer_size = True, min(max(len(text), 1 << 10), 1 << 20)
    parser.StartDoctypeDeclHandler = _refused
    parser.EntityDeclHandler = _refused
    parser.ExternalEntityRefHandler = _refused
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.letters
    parser.ProcessingInstructionHandler = tree.tell
    try:
        parser.Parse(text.encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError as e:
        raise Unfit("xml_broken", expat.ErrorString(e.code), e.lineno) from None
    finally:
        tree.parser = None  # they name each other: both go at once
    assert tree.root is not None
    return tree.root, guessed


class _Tree:
    def __init__(self, parser: Any) -> None:
        self.parser = parser
        self.root: Node | None = None
        self.open: list[Node] = []
        self.count = 0

    def start(self, name: str, held: dict[str, str]) -> None:
        self.count += 1 + len(held)
        if len(self.open) >= DEEPEST or self.count > MOST_NODES:
            raise Unfit("xml_too_deep", line=self.parser.CurrentLineNumber)
        space, _, tag = name.rpartition(" ")
        if " " in "".join(held):
            held = {key.rpartition(" ")[2]: value for key, value in held.items()}
        node = Node(tag, held, self.parser.CurrentLineNumber, space)
        if self.open:
            self.open[-1].inner.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, name: str) -> None:
        self.open.pop()

    def letters(self, text: str) -> None:
        inner = self.open[-1].inner
        if inner and isinstance(inner[-1], str):
            inner[-1] += text
        else:
            inner.append(text)

    def tell(self, target: str, text: str) -> None:
        if self.open:
            self.open[-1].told.append((target, text))


def _refused(*_: object) -> int:
    raise Unfit("xml_doctype")


def _text(data: bytes) -> tuple[str, str]:
    """By its mark, else by what the file says of itself, else as any text."""
    said = _SAID.match(data[:200])
    name = said[1].decode().lower() if said else ""
    if name and name not in _PLAIN and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        if name not in _KNOWN:
            raise Unfit("encoding_unknown", name)
        try:
            return _undeclared(data.decode(_KNOWN[name])), ""
        except UnicodeDecodeError:
            raise Unfit("encoding_unknown", name) from None
    text, guessed = decoded(data)
    return _undeclared(text), guessed


def _undeclared(text: str) -> str:
    """It is UTF-8 now, whatever it says; lines keep their numbers."""
    return re.sub(r"^(\s*<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", r"\1", text, count=1).lstrip()
