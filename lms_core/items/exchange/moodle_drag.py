"""Moodle's questions in which something is put somewhere: into gaps of a text, or onto a picture."""

import re
from collections.abc import Iterator
from decimal import Decimal

from lms_core.items.content import Area, Cloze, DragOnto, Gap, Option, Pair, Picture, Single, Zone
from lms_core.items.rich import Media, Paragraph, Rich, Words

from .batch import Place, Unfit, letter
from .pictures import numbers, size
from .xml import Node

_GAP = re.compile(r"\[\[(\d+)\]\]")
_WIDE, _HIGH = 120, 40
"""Pixels of the place around a corner, which is all that ddimageortext says."""


def gaps(node: Node, place: Place) -> tuple[Words, Cloze]:
    """gapselect, ddwtos: `[[2]]` is filled with the second of the words; those of its group are offered."""
    offered = [
        (one.said("text"), one.said("group") or one.get("group") or "1", one)
        for one in node.nodes("selectoption", "dragbox")
    ]
    found: list[Gap] = []

    def gap(match: re.Match[str]) -> str:
        at = int(match[1]) - 1
        if not 0 <= at < len(offered):
            raise Unfit("answer_unknown", match[0])
        group = offered[at][1]
        options = tuple(Option(letter(n), place.html(text)) for n, (text, its, _) in enumerate(offered) if its == group)
        if len(options) < 2:
            raise Unfit("options_missing", match[0])
        found.append(Gap(f"g{len(found) + 1}", Single(options, (letter(at),))))
        return f'<span data-blank="{found[-1].id}"></span>'

    asked = _GAP.sub(gap, node.said("questiontext", "text"))
    if not found:
        raise Unfit("answers_missing")
    return place.words(place.rich(asked)), Cloze(tuple(found))


def markers(node: Node, place: Place) -> DragOnto:
    """ddmarker: labels are put anywhere within an area."""
    picture = _picture(node, place)
    labels = [
        (one.said("no"), Option(f"l{one.said('no')}", place.html(one.said("text")))) for one in node.nodes("drag")
    ]
    zones = [
        (one.said("choice"), Zone(f"z{at}", _area(one.said("shape"), one.said("coords"))))
        for at, one in enumerate(node.nodes("drop"), 1)
    ]
    return _made(picture, labels, zones)


def pictures(node: Node, place: Place) -> DragOnto:
    """ddimageortext: labels, in words or pictures, are put to corners."""
    labels = []
    for one in node.nodes("drag"):
        text = place.html(one.said("text"))
        if (file := one.one("file")) is not None and (media := place.find(file.get("name"))) is not None:
            text = place.words(_alone(media))
        labels.append((one.said("no"), Option(f"l{one.said('no')}", text)))
    zones = []
    for at, one in enumerate(node.nodes("drop"), 1):
        left, top = (_pixels(one.said(name)) for name in ("xleft", "ytop"))
        area = Area("rect", (left, top, left + _WIDE, top + _HIGH))
        zones.append((one.said("choice"), Zone(f"z{at}", area, place.html(one.said("text")))))
    place.note("scoring_replaced", "ddimageortext")
    return _made(_picture(node, place), labels, zones)


def _alone(media: Media) -> Rich:
    return Rich((Paragraph((media,)),))


def _made(picture: Picture, labels: list[tuple[str, Option]], zones: list[tuple[str, Zone]]) -> DragOnto:
    known = dict(labels)
    if not zones or not labels or len(known) < len(labels):
        raise Unfit("options_missing")
    pairs = []
    for choice, zone in zones:
        if choice not in known:
            raise Unfit("answer_unknown", choice)
        pairs.append(Pair(known[choice].id, zone.id))
    used = [choice for choice, _ in zones]
    return DragOnto(
        picture, tuple(known.values()), tuple(zone for _, zone in zones), tuple(pairs), len(set(used)) < len(used)
    )


def _picture(node: Node, place: Place) -> Picture:
    """The file that lies right in the question."""
    file = next(node.nodes("file"), None)
    media = place.find(file.get("name")) if file is not None else None
    if media is None:
        raise Unfit("file_missing", file.get("name") if file is not None else "")
    width, height = size(place.batch.media[media.sha256][0])
    if not width or not height:
        raise Unfit("file_missing", media.name)
    return Picture(media, width, height)


def _area(shape: str, coordinates: str) -> Area:
    """`circle 50,60;20`, `rectangle 10,20;30,40` (corner; width and height), `polygon 1,2;3,4;5,6`."""
    found = [*map(Decimal, numbers(coordinates))]
    if shape == "circle" and len(found) == 3:
        return Area("circle", tuple(found))
    if shape == "rectangle" and len(found) == 4:
        left, top, wide, high = found
        return Area("rect", (left, top, left + wide, top + high))
    if shape == "polygon" and len(found) >= 6 and len(found) % 2 == 0:
        return Area("polygon", tuple(found))
    raise Unfit("answer_unreadable", f"{shape} {coordinates}"[:80])


def _pixels(text: str) -> Decimal:
    found = numbers(text)
    if len(found) != 1:
        raise Unfit("answer_unreadable", text[:80])
    return Decimal(found[0])


def coordinates(area: Area) -> tuple[str, str]:
    """Shape and coordinates as Moodle writes them."""
    one = [f"{number:f}" for number in area.numbers]
    if area.shape == "circle":
        return "circle", f"{one[0]},{one[1]};{one[2]}"
    if area.shape == "rect":
        left, top, right, bottom = area.numbers
        return "rectangle", f"{one[0]},{one[1]};{right - left:f},{bottom - top:f}"
    return "polygon", ";".join(_pairs(one))


def _pairs(numbers: list[str]) -> Iterator[str]:
    for x, y in zip(numbers[::2], numbers[1::2], strict=True):
        yield f"{x},{y}"
