"""The command that tells people how their own ways up and down are, and nobody else's."""

from dataclasses import dataclass
from typing import Literal

from lms_core.kernel.api import ENTERING, Api
from lms_core.kernel.plain import from_plain

from .cluster.rooms import ClusterRooms
from .sockets import Call


@dataclass(frozen=True, slots=True)
class Carried:
    """What a line carries, as its reports say: bit/s, a part of 1, seconds, seconds."""

    estimate: int
    loss: float
    round_trip: float
    queueing_delay: float


@dataclass(frozen=True, slots=True)
class WayCounts:
    """Of all that a way carried since it was opened; null is not counted there.

    Up: `lost` on the way, of which `repaired` came when they were `asked` for again, and `given_up` did not.
    Down: `repaired` were sent again, the browser having `asked`.
    """

    packets: int = 0
    bytes: int | None = None
    lost: int | None = None
    repaired: int = 0
    asked: int = 0
    given_up: int | None = None


@dataclass(frozen=True, slots=True)
class PictureGiven:
    """`layer` from 0, the smallest; null: none is sent. `why` none that is fuller: the `line` does not carry it, the
    picture is shown in too small a `size`, or not at all (`off`); null: there is none."""

    publication_id: str
    layer: int | None
    why: Literal["line", "size", "off"] | None


@dataclass(frozen=True, slots=True)
class WayView:
    """`known` is false where the media process does not say. `line` is null up, and until something was reported."""

    way: Literal["up", "down"]
    known: bool
    connected: bool
    line: Carried | None
    counts: WayCounts
    pictures: list[PictureGiven]


@dataclass(frozen=True, slots=True)
class OwnWays:
    ways: list[WayView]


def add_to(api: Api, rooms: ClusterRooms) -> None:
    @api.command("lines", needs=ENTERING)
    async def lines(call: Call) -> OwnWays:
        """What is known of one's own ways up and down; to be asked once a second at most."""
        return from_plain(OwnWays, {"ways": await rooms.lines(call.connection)})
