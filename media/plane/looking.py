"""One transport looked into: what is known of it, and the heads of its packets for some seconds."""

from collections.abc import Callable
from typing import Any

from media.wire import Capture, Captured, Wire

from . import seam

MOST_SECONDS = 60
MOST_HEADS = 20_000
"""Of a capture; the latest are kept."""


class Looking:
    """Captures, one at a time. `report` takes what is found, `later` calls after so many seconds."""

    def __init__(
        self, wire: Wire, report: Callable[[seam.Report], None], later: Callable[[float, Callable[[], None]], object]
    ) -> None:
        self._wire, self._report, self._later = wire, report, later
        self._is_busy = False

    def capture(self, order: seam.Capture) -> None:
        """It ends by itself, whatever becomes of the transport and of who asked."""
        if self._is_busy:
            self._report(seam.Dumped(order.request, {"error": "busy"}))
            return
        self._is_busy = True
        self._wire.perform(Capture(order.transport, MOST_HEADS))
        self._later(max(0.0, min(order.seconds, MOST_SECONDS)), lambda: self._end(order))

    def _end(self, order: seam.Capture) -> None:
        kept = self._wire.captured()
        self._is_busy = False
        self._wire.perform(Capture(order.transport, 0))
        self._report(seam.Dumped(order.request, {"heads": plain(kept)}))


def plain(kept: list[Captured]) -> list[list[Any]]:
    """[seconds before the last one, whether we sent it, bytes, head in hex]."""
    last = kept[-1].at if kept else 0.0
    return [[round(last - each.at, 6), each.is_sent, each.size, each.head.hex()] for each in kept]
