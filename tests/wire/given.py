"""What the scenarios send: a camera with its sound, and a viewer of both."""

from media.wire import (
    AddPublication,
    AddSubscription,
    Payload,
    PayloadMap,
)
from tests.wire.rig import (
    packet,
)

VIDEO = AddPublication("up:1", "up", "video", (Payload(96, 90_000, 97),), 0xA0, 0xA1, "1", 3, 0, True)
VIEW = AddSubscription("down", "up:1", 0xB0, 100, "up", (PayloadMap(96, 120, 121),), 0xB1, nack=True)
SOUND = AddPublication("up:0", "up", "audio", (Payload(111, 48_000),), 0xC0, None, "0", 3, 1, True)
HEAR = AddSubscription("down", "up:0", 0xD0, 500, "up", (PayloadMap(111, 109),), None, ((1, 5),), "m0", 6, True)


def picture(number: int, ssrc: int = 0xA0, base: int = 7000) -> bytes:
    """The number-th packet of a video of five packets a picture."""
    return packet(96, base + number, number // 5 * 3000, ssrc, b"p%d" % number * 100, int(number % 5 == 4))
