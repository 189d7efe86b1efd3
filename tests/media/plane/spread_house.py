"""Several planes on a network of virtual time, one room spread over them, and browsers that come to it."""

from collections.abc import Callable, Mapping
from typing import Any

from media.plane import seam
from media.plane.plane import TICK_EVERY, Plane
from media.plane.sdp_write import candidate_lines
from media.spread import Spread
from media.ways import Place, Ways
from media.wire.fake import Drop, FakeWire, Network
from tests.media.plane.house import CAMERA, WATCHING
from tests.wire.browser import Browser, Media
from tests.wire.makers import ENGINES

PORT = 5000


def address(plane: int) -> str:
    return f"10.0.0.{plane + 1}"


class SpreadHouse:
    """The room's home is plane 0, which takes `most` of its transports; orders cross as they do between processes."""

    def __init__(self, engine: str = "fake", count: int = 2, most: int = 2) -> None:
        self.network = Network(delay=0.005)
        self.engine = engine
        self.reports: list[tuple[int, seam.Report]] = []
        self.orders: list[tuple[int, seam.Order]] = []
        self.planes = [self._plane(number) for number in range(count)]
        self.lives = [0] * count
        self.ways = Ways(self.order, self._where)
        self.spread = Spread(0, self, most)
        self.browsers = 0

    def _plane(self, number: int) -> Plane:
        def report(report: seam.Report) -> None:
            if plane is self.planes[number]:
                told = seam.decode_report(seam.encode(report)[4:])
                self.spread.reported(told)
                self.reports.append((number, told))

        plane = Plane(
            lambda notify: FakeWire(self.network, (address(number), PORT), notify, ENGINES[self.engine]),
            lambda port: candidate_lines([address(number)], port),
            report,
            lambda: self.network.now,
            lambda seconds, act: self.network.at(self.network.now + seconds, act),
        )
        self.network.every(TICK_EVERY, plane.tick)
        return plane

    def _where(self, plane: int) -> Place:
        return Place(f"{plane}.{self.lives[plane]}", PORT, ("192.0.2.9", address(plane)))

    # ---- spread.Around

    def order(self, plane: int, order: seam.Order) -> None:
        self.orders.append((plane, order))
        self.planes[plane].order(seam.decode_order(seam.encode(order)[4:]))

    def loads(self) -> Mapping[int, int]:
        return dict.fromkeys(range(len(self.planes)), 0)

    def leg(self, one: int, other: int, streams: int) -> str:
        return self.ways.between(one, other, streams)

    # ---- what tests call

    def die(self, plane: int) -> list[str]:
        """By a signal, and the next one is there."""
        self.planes[plane].close()
        self.planes[plane] = self._plane(plane)
        self.ways.lost(plane)
        self.lives[plane] += 1
        return self.spread.lost(plane)

    async def stop(self) -> None:
        for plane in self.planes:
            for key in list(plane.dump()["transports"]):
                plane.order(seam.Close(key))
        await self.network.run(0.5)
        for plane in self.planes:
            plane.close()

    def told(self, kind: type[seam.Report], transport: str = "") -> list[Any]:
        return [
            each
            for _, each in self.reports
            if isinstance(each, kind) and getattr(each, "transport", "") in ("", transport)
        ]

    def given(self, plane: int, kind: type) -> list[Any]:
        return [order for at, order in self.orders if at == plane and isinstance(order, kind)]

    async def until(self, condition: Callable[[], object], patience: float = 3.0) -> None:
        end = self.network.now + patience
        while not condition():
            assert self.network.now < end, self.reports[-5:]
            await self.network.run(0.01)

    async def publisher(self, key: str = "up", medias: tuple[Media, ...] = CAMERA) -> Browser:
        browser = self._browser()
        self.spread.order(seam.OpenPublisher(key, browser.offer(medias)))
        return await self._connected(key, browser, self.told(seam.Answered, key)[-1].sdp)

    async def viewer(self, key: str, *publications: str) -> Browser:
        browser = self._browser()
        self.spread.order(seam.OpenViewer(key, browser.offer(WATCHING), publications))
        return await self._connected(key, browser, self.told(seam.Answered, key)[-1].sdp)

    async def receiver(self, key: str, *publications: str) -> Browser:
        browser = self._browser()
        self.spread.order(seam.OpenReceiver(key))
        for each in publications:
            self.spread.order(seam.Subscribe(key, each))
        await self.until(lambda: self.told(seam.Offered, key))
        offer = self.told(seam.Offered, key)[0]
        self.spread.order(seam.TakeAnswer(key, 1, browser.answer(offer.sdp)))
        return await self._connected(key, browser, offer.sdp)

    def relayed(self, plane: int = 0) -> dict[str, list[int]]:
        """Which layers flow from a plane to the only other, by publication."""
        transports = self.planes[plane].dump()["transports"].values()
        (leg,) = [each for each in transports if each["kind"] == "leg"]
        return leg["relays"]

    def lose(self, drop: Drop) -> None:
        """Of packets between planes: whether `drop` says so, of RTP alone."""
        ends = {(address(plane), PORT) for plane in range(len(self.planes))}
        is_rtp = lambda data: data[0] > 127 and not 191 < data[1] < 224  # noqa: E731
        self.network.drop = lambda source, target, data: (
            source in ends and target in ends and is_rtp(data) and drop(source, target, data)
        )

    def _browser(self) -> Browser:
        self.browsers += 1
        return Browser(self.network, ("10.0.1.1", 6000 + self.browsers))

    async def _connected(self, key: str, browser: Browser, sdp: str) -> Browser:
        browser.connect(sdp)
        await self.until(lambda: browser.connected and self.told(seam.Connected, key))
        return browser
