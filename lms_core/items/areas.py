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


def middle(area: Area) -> Point:
    """A point within an area, in its middle where that lies within; of an unsound one, its first corner."""
    numbers = area.numbers
    match area.shape:
        case "rect":
            left, top, right, bottom = numbers
            return (left + right) / 2, (top + bottom) / 2
        case "circle":
            return numbers[0], numbers[1]
    corners = list(_corners(numbers))
    x = sum((one for one, _ in corners), Decimal(0)) / len(corners)
    y = sum((one for _, one in corners), Decimal(0)) / len(corners)
    return (x, y) if inside(area, x, y) else corners[0]


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
