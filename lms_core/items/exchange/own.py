"""Our own item inside another format's element, so that what we write we read again without loss.

`<?sabaq-item DIGEST JSON?>`: other programs skip a processing instruction. The digest is of the element around it: was
that changed by somebody, then what they see counts, and not what we once wrote.
"""

import json
import re
from collections.abc import Callable
from hashlib import sha256

from lms_core.items.content import Item, ItemUnfit
from lms_core.items.plain import from_plain, to_plain
from lms_core.items.rich import Media
from lms_core.kernel.errors import Malformed

from .batch import Place
from .losses import all_media
from .xml import Node, parse

TARGET = "sabaq-item"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no place for (production 2)."""


def embed(xml: str, item: Item) -> str:
    """An element of ours as XML (no `>` stands in its attributes), with our own item as its first thing."""
    xml = _ILLEGAL.sub("", xml)
    root, _ = parse(xml.encode())
    held = json.dumps(to_plain(item), ensure_ascii=False, separators=(",", ":")).replace("?", "\\u003f")
    held = _ILLEGAL.sub(lambda found: f"\\u{ord(found[0]):04x}", held)
    end = xml.index(">") + 1
    return f"{xml[:end]}<?{TARGET} {digest(root)} {held}?>{xml[end:]}"


def found(node: Node, place: Place, path: Callable[[Media], str] = lambda media: media.name) -> Item | None:
    """The item as we wrote it; None where there is none, or the element was changed since (noted).

    `path`: under which name `place.find` knows a medium that is not shown in the element.
    """
    told = next((text for target, text in node.told if target == TARGET), "")
    if not told:
        return None
    said, _, held = told.strip().partition(" ")
    if said != digest(node):
        place.note("own_part_outdated")
        return None
    try:
        item = from_plain(json.loads(held))
    except (ValueError, RecursionError, Malformed, ItemUnfit):
        place.note("own_part_broken")
        return None
    for digest_, media in all_media(item).items():
        if digest_ not in place.batch.media and place.find(path(media)) is None:
            place.note("media_missing", media.name)
    return item


def digest(node: Node) -> str:
    """The same however it is indented, prefixed or encoded, and in the names of any version of QTI."""
    made = sha256()
    waiting: list[Node | str] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            made.update(" ".join(one.split()).encode("utf-8", "surrogatepass"))
        else:
            held = sorted((_name(name), value) for name, value in one.held.items())
            made.update(f"<{_name(one.tag)} {held}>".encode("utf-8", "surrogatepass"))
            waiting += ["</>", *one.inner[::-1]]
    return made.hexdigest()[:32]


def _name(name: str) -> str:
    return name.removeprefix("qti-").replace("-", "").lower()
