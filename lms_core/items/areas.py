"""Whether a point of a picture lies within an area; edges belong to it."""

from collections.abc import Iterator
from decimal import Decimal

from .content import Area

Point = tuple[Decimal, Decimal]


def inside(area: Area, x: Decimal, y: Decimal) -> bool:
    numbers = area.numbers
    match area.shape:
        case "rect":
            left, top, right, bottom = numbers
            return left <= x <= right and top <= y <= bottom
        case "circle":
            middle, height, radius = numbers
            return (x - middle) ** 2 + (y - height) ** 2 <= radius**2
    return _in_polygon(list(_corners(numbers)), x, y)


def _corners(numbers: tuple[Decimal, ...]) -> Iterator[Point]:
    return zip(numbers[::2], numbers[1::2], strict=True)


def _in_polygon(corners: list[Point], x: Decimal, y: Decimal) -> bool:
    """Counts how often a ray to the right crosses the border."""
    odd = False
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if not cross and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return True
        if (ay > y) != (by > y) and (cross > 0) == (by > ay):
            odd = not odd
    return odd
