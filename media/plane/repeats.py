"""Whether one viewer gets sound with what came before it repeated in each packet (RED, RFC 2198). Pure; time is given.

That costs the sound's bytes twice, and mends a lost packet at once, where asking for it takes a round trip.
"""

LOSSY = 0.02
"""A part of 1; from this loss on at once."""
CALM, CALM_FOR = 0.005, 30.0
"""No more after so many seconds with less loss than this."""


class Repeats:
    def __init__(self) -> None:
        self.on = False
        self._calm_since: float | None = None

    def heard(self, loss: float, now: float) -> bool:
        """How much the line loses now, to be said again each second or so. True: `on` is another."""
        if loss >= CALM:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        is_calm = self._calm_since is not None and now - self._calm_since >= CALM_FOR
        wanted = loss >= LOSSY or (self.on and not is_calm)
        has_changed, self.on = wanted != self.on, wanted
        return has_changed
