"""Pieces of a QTI item: what is declared right, and its text as ours."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from html import escape

from lms_core.items.content import Area
from lms_core.items.rich import Words

from .batch import Place, Unfit, decimal
from .pictures import numbers
from .xml import Node

VOID = {"br", "img", "hr", "col"}
_SKIPPED = {"rubricBlock", "feedbackBlock", "feedbackInline", "printedVariable", "templateBlock", "templateInline"}


@dataclass(slots=True)
class Declared:
    """A responseDeclaration. `mapped`: key → points; `areas`: (area, points). `lower`, `upper`: bounds of the sum."""

    cardinality: str
    base: str
    correct: list[str]
    mapped: dict[str, Decimal] = field(default_factory=dict)
    areas: list[tuple[Area, Decimal]] = field(default_factory=list)
    other: Decimal = Decimal(0)
    upper: Decimal | None = None
    folds: bool = False


def declared(node: Node) -> Declared:
    """Raises Unfit."""
    correct = [one.text().strip() for one in (node.one("correctResponse") or Node("", {}, 0)).nodes("value")]
    found = Declared(node.get("cardinality"), node.get("baseType"), correct)
    if (mapping := node.one("mapping")) is not None:
        found.other = decimal(mapping.get("defaultValue") or "0")
        found.upper = decimal(mapping.get("upperBound")) if mapping.get("upperBound") else None
        entries = [*mapping.nodes("mapEntry")]
        found.mapped = {" ".join(one.get("mapKey").split()): decimal(one.get("mappedValue") or "0") for one in entries}
        found.folds = any(one.get("caseSensitive") == "false" for one in entries)
    if (areas := node.one("areaMapping")) is not None:
        found.upper = decimal(areas.get("upperBound")) if areas.get("upperBound") else None
        for one in areas.nodes("areaMapEntry"):
            found.areas.append((area(one.get("shape"), one.get("coords")), decimal(one.get("mappedValue") or "0")))
    return found


def area(shape: str, coordinates: str) -> Area:
    """`rect 1,2,3,4`, `circle x,y,r`, `poly x1,y1,…`. Raises Unfit for others (ellipse, default)."""
    found = tuple(map(Decimal, numbers(coordinates)))
    if shape == "rect" and len(found) == 4:
        return Area("rect", found)
    if shape == "circle" and len(found) == 3:
        return Area("circle", found)
    if shape == "poly" and len(found) >= 6 and len(found) % 2 == 0:
        return Area("polygon", found)
    raise Unfit("answer_unreadable", f"{shape} {coordinates}"[:80])


def html(node: Node, place: Place, replaced: Callable[[Node], str | None] = lambda node: None) -> Words:
    """What stands in an element, as words. `replaced`: another text for an element, "" drops it."""
    return place.html(_inner(node, place, replaced).strip())


def _inner(node: Node, place: Place, replaced: Callable[[Node], str | None]) -> str:
    made = []
    for one in node.inner:
        if isinstance(one, str):
            made.append(escape(one, quote=False))
        elif (other := replaced(one)) is not None:
            made.append(other)
        elif one.tag in _SKIPPED:
            place.note("feedback_lost" if one.tag.startswith("feedback") else "setting_lost", one.tag)
        elif one.tag == "object" and one.get("data"):
            tag = {"audio": "audio", "video": "video"}.get(one.get("type").partition("/")[0], "img")
            alt = escape(" ".join(one.text().split()))
            end = "" if tag == "img" else f"</{tag}>"
            made.append(f'<{tag} src="{escape(one.get("data"))}" alt="{alt}">{end}')
        else:
            held = "".join(f' {name}="{escape(value)}"' for name, value in one.held.items())
            made.append(f"<{one.tag}{held}>")
            made.append("" if one.tag in VOID else f"{_inner(one, place, replaced)}</{one.tag}>")
    return "".join(made)
