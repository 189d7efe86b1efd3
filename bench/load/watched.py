"""`python -m server`, but of each WHEP viewer it is known how large they show their pictures: the first in the middle
of their screen, the others as tiles. Pages say so themselves; WHEP has no word for it.
"""

from bench.load import planes
from media.plane import process, seam
from media.plane.plane import Plane

MIDDLE, TILE = 360, 180
"""Pixels: as high as the second layer of three, and the first."""


class Watched(Plane):
    def order(self, order: seam.Order) -> None:
        super().order(order)
        if isinstance(order, seam.OpenViewer) and (viewer := self._paths.transports.get(order.transport)):
            pictures = [each for each in viewer.subscriptions if each in self._joins.lines.pictures]
            for number, publication in enumerate(pictures):
                super().order(seam.Want(viewer.key, publication, TILE if number else MIDDLE))


def _watch() -> None:
    process.Plane = Watched


if __name__ == "__main__":
    planes.run("bench.load.watched", _watch)
