"""Who sends over a simulated line: a camera's layers divided by `media.share`, or an encoder that follows any rate."""

import random
from collections.abc import Sequence
from typing import Any

from media.share import Rank, Share, Stream, wanted
from media.wire.bandwidth import Estimator

from .simulated import Call, Line, World

SOUND = 40_000
LAYERS = (150_000, 500_000, 1_500_000)
FRAMES = 30.0
KEYFRAME = 3.0
"""Times the size of others."""
SWITCH = 0.1
"""Seconds until the keyframe of the new layer is there."""


def packets(bits: float) -> Sequence[int]:
    many = max(1, round(bits / 8 / 1100))
    return [int(bits / 8 / many)] * many


class Layered:
    """One camera of three layers and one voice."""

    streams = (Stream("voice", Rank.SOUND, (SOUND,)), Stream("camera", Rank.LEAD, LAYERS, 720))

    def __init__(self, world: World, line: Line, seed: int = 3, **options: Any) -> None:
        self.call = Call(world, line, self._frame, Estimator(wanted=wanted(self.streams)), FRAMES, **options)
        self.layers: list[tuple[float, int | None]] = []
        self._share = Share()
        self._random = random.Random(seed)
        self._layer: int | None = None
        self._next: int | None = None
        self._next_at = 0.0

    def _frame(self, now: float) -> Sequence[int]:
        layer = self._share.divide(self.streams, self.call.estimator.estimate, now)["camera"].layer
        if layer != self._next:
            self._next, self._next_at = layer, now + SWITCH
        is_key = self._next != self._layer and (now >= self._next_at or self._next is None)
        if is_key:
            self._layer = self._next
            self.layers.append((now, self._layer))
        if self._layer is None:
            return ()
        return packets(LAYERS[self._layer] / FRAMES * self._random.uniform(0.8, 1.2) * (KEYFRAME if is_key else 1.0))


class Elastic:
    """An encoder that makes what the estimate says, but at most `most` bit/s."""

    def __init__(
        self, world: World, line: Line, most: float = 50e6, seed: int = 5, frames: float = FRAMES, **options: Any
    ) -> None:
        self.call = Call(world, line, self._frame, frames=frames, **options)
        self.most, self.frames = most, frames
        self._random = random.Random(seed)

    def _frame(self, now: float) -> Sequence[int]:
        rate = min(max(self.call.estimator.estimate - SOUND, 20_000.0), self.most)
        return packets(rate / self.frames * self._random.uniform(0.8, 1.2))
