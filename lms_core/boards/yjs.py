"""Reads a Yjs update (version 1) only to say whether it is one.

What is drawn is no business of the server's: it keeps and passes on bytes. But a browser that is handed bytes which
are no update stumbles over them, and so would everybody who opens the board later. So the whole of it is walked
through once, every count is held against the bytes that are left, and nothing is built from it.
The format: github.com/yjs/yjs, src/utils/encoding.js and src/structs (readClientsStructRefs, readDeleteSet).
"""

from typing import Final

LARGEST_NUMBER: Final = 1 << 53
"""Numbers beyond it are none in a browser."""
DEEPEST: Final = 16
_GC, _SKIP = 0, 10
_HAS_ORIGIN, _HAS_RIGHT, _HAS_KEY = 0x80, 0x40, 0x20
_NOTHING = (120, 121, 126, 127)  # true, false, null, undefined
_WIDE = {122: 8, 123: 8, 124: 4}


class NoUpdate(ValueError):
    """The bytes are no update."""


def check(data: bytes) -> None:
    """Raises NoUpdate unless `data` is one whole update."""
    reader = _Reader(data)
    reader.structs()
    reader.deletions()
    if reader.at != len(data):
        raise NoUpdate("more than an update")


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    # ---- parts of an update

    def structs(self) -> None:
        for _ in range(self.count()):
            number = self.count()
            self.number()  # client
            self.number()  # clock
            for _ in range(number):
                self.struct()

    def deletions(self) -> None:
        for _ in range(self.count()):
            self.number()  # client
            for _ in range(self.count()):
                self.number()
                self.number()

    def struct(self) -> None:
        info = self.byte()
        kind = info & 31
        if kind in (_GC, _SKIP):
            self.number()
            return
        for flag in (_HAS_ORIGIN, _HAS_RIGHT):
            if info & flag:
                self.id()
        if not info & (_HAS_ORIGIN | _HAS_RIGHT):
            if self.number() == 1:
                self.string()
            else:
                self.id()
            if info & _HAS_KEY:
                self.string()
        self.content(kind)

    def content(self, kind: int) -> None:
        match kind:
            case 1:  # deleted
                self.number()
            case 2:  # JSON texts
                for _ in range(self.count()):
                    self.string()
            case 3:  # bytes
                self.skip(self.number())
            case 4 | 5:  # text, embedded JSON
                self.string()
            case 6:  # format
                self.string()
                self.string()
            case 7:  # a shared type; of two of them the name follows
                kind_of_type = self.number()
                if kind_of_type > 6:
                    raise NoUpdate("unknown type")
                if kind_of_type in (3, 5):
                    self.string()
            case 8:
                for _ in range(self.count()):
                    self.any(0)
            case _:  # a document within a document is nothing that we write
                raise NoUpdate("unknown content")

    # ---- values

    def any(self, depth: int) -> None:
        if depth > DEEPEST:
            raise NoUpdate("too deep")
        tag = self.byte()
        if tag in _NOTHING:
            return
        if tag in _WIDE:
            self.skip(_WIDE[tag])
        elif tag == 125:
            self.signed()
        elif tag == 119:
            self.string()
        elif tag == 118:
            for _ in range(self.count()):
                self.string()
                self.any(depth + 1)
        elif tag == 117:
            for _ in range(self.count()):
                self.any(depth + 1)
        elif tag == 116:
            self.skip(self.number())
        else:
            raise NoUpdate("unknown value")

    def id(self) -> None:
        self.number()
        self.number()

    def string(self) -> None:
        begin = self.at
        length = self.number()
        begin = self.at
        self.skip(length)
        try:
            self.data[begin : self.at].decode()
        except UnicodeDecodeError:
            raise NoUpdate("text") from None

    def count(self) -> int:
        """How many of something follow: each takes a byte at least."""
        number = self.number()
        if number > len(self.data) - self.at:
            raise NoUpdate("a count beyond the end")
        return number

    def signed(self) -> None:
        if self.byte() & 0x80:
            self.number()

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if value > LARGEST_NUMBER:
                raise NoUpdate("number")
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise NoUpdate("number")

    def byte(self) -> int:
        if self.at >= len(self.data):
            raise NoUpdate("short")
        self.at += 1
        return self.data[self.at - 1]

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.data):
            raise NoUpdate("short")
