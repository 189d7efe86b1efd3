"""A real call through two servers behind one address, in Chromium: when its sound and picture stopped and came back."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
from playwright.async_api import async_playwright

from bench.first_frame import FLAGS
from lms_core.kernel.ids import id_to_int
from tests.browser.conftest import CHROMIUM
from tests.browser.visitor import Crowd, Visitor
from tests.cluster.pair import Pair, aside
from tests.support.balancer import Balancer, a_balancer
from tests.support.running import Running

TONE = """(() => {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wish) => {
    const given = await real(wish)
    if (!wish.audio) return given
    given.getAudioTracks().forEach((track) => { track.stop(); given.removeTrack(track) })
    const context = new AudioContext(), voice = context.createOscillator()
    const out = context.createMediaStreamDestination()
    voice.connect(out)
    voice.start()
    given.addTrack(out.stream.getAudioTracks()[0])
    return given
  }
})()"""
"""A microphone that is never silent: what is not heard was lost."""
LISTEN = """(async () => {
  window.sabaqHeard = []
  for (;;) {
    await new Promise((next) => setTimeout(next, 30))
    if (window.sabaqTest) window.sabaqHeard.push([Date.now() / 1000, await window.sabaqTest.stats()])
  }
})()"""
SETTLES = 2.0
"""Seconds for which a call goes on after sound and picture are back, to see that they stay."""

Sample = tuple[float, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Gaps:
    """The longest interruption in seconds that any of them had."""

    sound: float
    picture: float


class Call:
    def __init__(self, pair: Pair, balancer: Balancer, crowd: Crowd) -> None:
        self.pair, self.balancer, self.crowd = pair, balancer, crowd
        self.people: list[Visitor] = []
        self.room = UUID(int=0)

    async def begin(self, pupils: Sequence[tuple[str, Running]]) -> None:
        """The teacher by A, who so owns the room; each pupil by a server of theirs. All see and hear all others."""
        lesson = await self.pair.lesson(await self.pair.person(self.pair.a, "teacher"))
        self.room = UUID(int=id_to_int("room", lesson["room_id"]))
        for login, server in (("teacher", self.pair.a), *pupils):
            self.balancer.ports = [server.port]
            one = await self.crowd.visitor(self.balancer)  # type: ignore[arg-type]
            for script in (TONE, LISTEN):
                await one.context.add_init_script(script)
            await one.log_in(login)
            await one.enter(lesson["id"])
            self.people.append(one)
        self.balancer.ports = [self.pair.a.port, self.pair.b.port]
        await self.goes_on()

    async def goes_on(self, within: float = 20.0) -> None:
        """All are in the room, and see and hear the others."""
        others = len(self.people) - 1
        await asyncio.gather(*(one.receives(videos=others, sounds=others, within=within) for one in self.people))
        for one in self.people:
            await one.inside()

    def owner(self) -> Running | None:
        """Which server holds the room; None while its owner is dead or nobody's."""
        query = "SELECT internal_url FROM room_owners JOIN processes ON owner = processes.id WHERE room_id = %s"
        with psycopg.connect(self.pair.database) as connection:
            row = connection.execute(query, (self.room,)).fetchone()
        return next((one for one in (self.pair.a, self.pair.b) if row and row[0].endswith(f":{one.port}")), None)

    def visits(self) -> tuple[int, int]:
        """How often somebody entered and left by the join log: (2, 0) while the call goes on."""
        query = 'SELECT count(*), count("left") FROM visits JOIN lessons ON lessons.id = lesson_id WHERE room_id = %s'
        with psycopg.connect(self.pair.database) as connection:
            return connection.execute(query, (self.room,)).fetchone() or (0, 0)

    async def taken_over(self, dead: Running, within: float = 10.0) -> float:
        """When (epoch) another server had the room."""
        async with asyncio.timeout(within):
            while (await aside(self.owner)) in (None, dead):  # noqa: ASYNC110 what a dead process leaves tells nobody
                await asyncio.sleep(0.02)
        return time.time()

    async def gaps(self, since: float) -> Gaps:
        """What was missed from a moment (epoch) until now, after the call stood again for a while."""
        await self.goes_on()
        await asyncio.sleep(SETTLES)
        heard: list[list[Sample]] = [await one.page.evaluate("window.sabaqHeard.splice(0)") for one in self.people]
        return Gaps(*(max(_longest(samples, since, keys) for samples in heard) for keys in (SOUND, PICTURE)))


SOUND, PICTURE = ("totalAudioEnergy", "packetsReceived"), ("framesDecoded",)


def _longest(samples: list[Sample], since: float, keys: tuple[str, ...]) -> float:
    """Seconds without a sample in which all of `keys` grew; that of another connection begins at nothing."""
    came: list[float] = []
    for (_, before), (at, now) in pairwise(samples):
        if any(all(_grew(before.get(name, {}), one, key) for key in keys) for name, one in now.items()):
            came.append(at)
    came = [max(t for t in came if t <= since), *(t for t in came if t > since), samples[-1][0]]
    return max(later - earlier for earlier, later in pairwise(came))


def _grew(before: dict[str, Any], now: dict[str, Any], key: str) -> bool:
    was, value = before.get(key) or 0, now.get(key) or 0
    return value > (was if was <= value else 0)


@asynccontextmanager
async def a_call(pair: Pair, *pupils: tuple[str, Running]) -> AsyncIterator[Call]:
    """Of the teacher and, if not told otherwise, one pupil by B."""
    async with a_balancer(pair.a.port, pair.b.port) as balancer, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        call = Call(pair, balancer, Crowd(browser))
        try:
            await call.begin(pupils or [("student1", pair.b)])
            yield call
        finally:
            await browser.close()
