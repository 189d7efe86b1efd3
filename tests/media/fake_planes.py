"""Planes in memory, for tests of what stands above them.

Real ones need browsers, or peers with real DTLS, to have anything to say; this one answers each order as
a willing plane would. An "SDP" here is the list of the sources it sends, such as "microphone camera".
"""

import asyncio
from collections.abc import Callable
from typing import Any

from media.grant import SOURCES
from media.plane import seam
from media.planes import Listener
from media.ways import Place, Ways


class FakePlanes:
    def __init__(self, count: int = 1, *, silent: bool = False) -> None:
        self.silent = silent
        self.up = [True] * count
        self.rooms = [0] * count
        self.orders: list[tuple[int, seam.Order]] = []
        self.listener: Listener | None = None
        self.life = "life"
        self.looks: dict[str, dict[str, Any]] = {}
        self.ways = Ways(self.order, self.place_of)
        self._revision = 0
        self._later: dict[tuple[int, str], list[str]] = {}

    # ---- what the server calls

    @property
    def ready(self) -> bool:
        return all(self.up)

    async def start(self) -> None:
        assert self.listener is not None

    async def stop(self) -> None:
        self.listener = None

    async def dump(self) -> list[dict[str, Any]]:
        return [{"plane": plane, "up": up} for plane, up in enumerate(self.up)]

    async def look(self, transport: str) -> dict[str, Any] | None:
        return self.looks.get(transport)

    # ---- what rooms call

    def listen(self, listener: Listener) -> None:
        self.listener = listener

    def is_up(self, plane: int) -> bool:
        return self.up[plane]

    def place(self) -> int:
        plane = min(range(len(self.rooms)), key=lambda plane: self.rooms[plane])
        self.rooms[plane] += 1
        return plane

    def release(self, plane: int) -> None:
        self.rooms[plane] -= 1

    def loads(self) -> dict[int, int]:
        return {plane: rooms for plane, rooms in enumerate(self.rooms) if self.up[plane]}

    def place_of(self, plane: int) -> Place:
        return Place(f"{self.life}{plane}", 5000 + plane, ("127.0.0.1",))

    def leg(self, one: int, other: int, streams: int) -> str:
        return self.ways.between(one, other, streams)

    def order(self, plane: int, order: seam.Order) -> None:
        self.orders.append((plane, order))
        if self.silent:
            return
        match order:
            case seam.OpenPublisher(transport, sdp) | seam.ChangePublisher(transport, sdp):
                self._soon(plane, lambda: self._answer(transport, sdp))
            case seam.OpenViewer(transport, _, publications):
                self._soon(plane, lambda: seam.Answered(transport, " ".join(publications), ()))
            case seam.RestartIce(transport):
                self._soon(plane, lambda: seam.Restarted(transport, "ours", "secret"))
            case seam.Subscribe(transport, publication):
                streams = self._later.setdefault((plane, transport), [])
                streams.append(publication)
                self._soon(plane, lambda: self._offer(transport, tuple(streams)))
            case _:
                pass

    # ---- what tests call

    def die(self, plane: int = 0) -> None:
        self.up[plane] = False
        self.ways.lost(plane)
        assert self.listener
        self.listener.lost(plane)

    def come_back(self, plane: int = 0) -> None:
        self.up[plane] = True
        assert self.listener
        self.listener.returned(plane)

    def report(self, report: seam.Report, plane: int = 0) -> None:
        assert self.listener
        self.listener.report(plane, report)

    def given(self, kind: type) -> list[Any]:
        return [order for _, order in self.orders if isinstance(order, kind)]

    def _soon(self, plane: int, make: Callable[[], seam.Report]) -> None:
        asyncio.get_running_loop().call_soon(lambda: self.listener and self.report(make(), plane))

    def _answer(self, transport: str, sdp: str) -> seam.Report:
        if sdp.startswith("bad"):
            return seam.Refused(transport, "sdp_malformed", sdp)
        tracks = tuple(
            seam.TrackInfo(str(mid), SOURCES[source], f"{transport}:{mid}", True, {"source": source})
            for mid, source in enumerate(sdp.split())
        )
        return seam.Answered(transport, f"answer to {sdp}", tracks)

    def _offer(self, transport: str, publications: tuple[str, ...]) -> seam.Report:
        self._revision += 1
        streams = tuple(seam.Stream(str(mid), publication) for mid, publication in enumerate(publications))
        return seam.Offered(transport, self._revision, "offer", streams)
