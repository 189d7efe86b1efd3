"""A plane on a network of virtual time, and browsers that come to it."""

from collections.abc import Callable
from typing import Any

from media.plane import seam
from media.plane.plane import TICK_EVERY, Plane
from media.plane.sdp_write import candidate_lines
from media.wire import rtcp
from media.wire.fake import Engine, FakeWire, Network
from media.wire.forwarder import Forwarder
from tests.wire.browser import Browser, Media
from tests.wire.rig import packet

PLANE = ("10.0.0.1", 5000)
CAMERA = (Media("0", "audio", ssrc=0xC0), Media("1", "video", ssrc=0xA0))
WATCHING = (Media("0", "audio", "recvonly"), Media("1", "video", "recvonly"))


class House:
    """The plane, what it reported, and browsers."""

    def __init__(self, engine: Engine = Forwarder) -> None:
        self.network = Network(delay=0.005)
        self.reports: list[seam.Report] = []
        self.plane = Plane(
            lambda notify: FakeWire(self.network, PLANE, notify, engine),
            lambda port: candidate_lines([PLANE[0]], port),
            self.reports.append,
            lambda: self.network.now,
            lambda seconds, act: self.network.at(self.network.now + seconds, act),
        )
        self.network.every(TICK_EVERY, self.plane.tick)
        self.browsers = 0
        self.over_tcp = False

    def browser(self) -> Browser:
        self.browsers += 1
        if self.over_tcp:
            return Browser(self.network, ("10.0.1.1", 6000 + self.browsers, self.browsers))
        return Browser(self.network, ("10.0.1.1", 6000 + self.browsers))

    def order(self, *orders: seam.Order) -> None:
        for order in orders:
            self.plane.order(order)

    def told(self, kind: type[seam.Report], transport: str = "") -> list[Any]:
        return [
            each
            for each in self.reports
            if isinstance(each, kind) and getattr(each, "transport", "") in ("", transport)
        ]

    async def until(self, condition: Callable[[], object], patience: float = 3.0) -> None:
        end = self.network.now + patience
        while not condition():
            assert self.network.now < end, self.reports[-5:]
            await self.network.run(0.01)

    async def publisher(self, key: str = "up", medias: tuple[Media, ...] = CAMERA) -> Browser:
        """A connected publisher."""
        browser = self.browser()
        self.order(seam.OpenPublisher(key, browser.offer(medias)))
        browser.connect(self.told(seam.Answered, key)[-1].sdp)
        await self.until(lambda: browser.connected and self.told(seam.Connected, key))
        return browser

    async def viewer(self, key: str, *publications: str) -> Browser:
        """A connected WHEP viewer."""
        browser = self.browser()
        self.order(seam.OpenViewer(key, browser.offer(WATCHING), publications))
        browser.connect(self.told(seam.Answered, key)[-1].sdp)
        await self.until(lambda: browser.connected and self.told(seam.Connected, key))
        return browser

    async def offered(self, key: str, revision: int) -> seam.Offered:
        await self.until(lambda: any(each.revision == revision for each in self.told(seam.Offered, key)))
        return next(each for each in self.told(seam.Offered, key) if each.revision == revision)

    async def receiver(self, key: str, *publications: str) -> Browser:
        """A connected receiver that has answered its first offer."""
        browser = self.browser()
        self.order(seam.OpenReceiver(key), *(seam.Subscribe(key, each) for each in publications))
        offer = await self.offered(key, 1)
        self.order(seam.TakeAnswer(key, 1, browser.answer(offer.sdp)))
        browser.connect(offer.sdp)
        await self.until(lambda: browser.connected and self.told(seam.Connected, key))
        return browser


def play(browser: Browser, sequence: int, payload: bytes = b"picture", ssrc: int = 0xA0) -> None:
    browser.peer.play(packet(96 if ssrc == 0xA0 else 111, sequence, sequence * 3000, ssrc, payload))


def asked_of(publisher: Browser) -> int:
    """How often it was asked for a keyframe."""
    return len(publisher.peer.parts(rtcp.PAYLOAD_FEEDBACK, rtcp.PLI))
