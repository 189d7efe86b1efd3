"""QTI written in the names of one of its versions, and our text as its XHTML."""

import re
from html import escape

from lms_core.items.content import Item
from lms_core.items.rich import Media, Rich, Words
from lms_core.items.written import to_html


class Pen:
    """Writes elements by the names of one version, and notes what it has no word for."""

    def __init__(self, version: str, item: Item) -> None:
        self.version, self.item = version, item
        self.language = (*item.languages(), "ru")[0]
        self.lost: list[tuple[str, str]] = []

    def tag(self, name: str, inner: str = "", **held: object) -> str:
        """Attributes in the names of 2.x; those that are None are left out."""
        given = {key: value for key, value in held.items() if value is not None}
        if self.version == "qti30":
            name, given = f"qti-{_kebab(name)}", {_kebab(key): value for key, value in given.items()}
        attributes = "".join(f' {key}="{escape(str(value))}"' for key, value in given.items())
        return f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes}/>"

    def html(self, words: Words) -> str:
        return xhtml(words.of(self.language))

    def inline(self, words: Words) -> str:
        """Without its paragraph, if it is only one: choices and labels hold inline text."""
        made = self.html(words)
        return made[3:-4] if made.startswith("<p>") and made.count("<p>") == 1 and made.endswith("</p>") else made

    def text(self, text: object) -> str:
        return escape(str(text), quote=False)


def xhtml(rich: Rich) -> str:
    """As XML, without attributes that QTI has not."""
    made = to_html(rich, lambda media: f"../{file(media)}")
    made = re.sub(r' (?:style|data-(?!blank)[a-z]+)="[^"]*"', "", made).replace(" controls ", ' controls="controls" ')
    return re.sub(r"<(br|img)([^>]*)>", r"<\1\2/>", made)


def file(media: Media) -> str:
    """Where it lies in a package: two files of one name are two."""
    ending = media.name.rpartition(".")[2] if "." in media.name else media.type.rpartition("/")[2]
    return f"media/{media.sha256[:16]}.{ending}"


def _kebab(name: str) -> str:
    return name if ":" in name else re.sub(r"[A-Z]", lambda found: f"-{found[0].lower()}", name)
