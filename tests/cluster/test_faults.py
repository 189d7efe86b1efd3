"""What goes wrong around two servers: clocks that are a minute apart, and Redis that goes and comes back."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cluster.pair import Pair, Tab
from tests.support.postgres import a_database
from tests.support.redis import Redis
from tests.support.running import Running

AHEAD = """
import sys
from datetime import timedelta
from lms_core.kernel.clock import SystemClock
from server.cli import main
real = SystemClock.now
SystemClock.now = lambda self: real(self) + timedelta(seconds=60)
main(sys.argv[1:])
"""
pytestmark = pytest.mark.timeout(300)
HEARD_WITHIN = 5.0
"""Seconds from a message to the other process while Redis is gone: the database is looked at each second."""


class Hasty(Running):
    """A server on a host whose clock is a minute ahead."""

    def verb(self, *words: str) -> list[str]:
        return [sys.executable, "-c", AHEAD, *words, "--data", str(self.data)]

    def fill(self) -> None:
        Running(self.data, environ=self.environ).fill()


@pytest.fixture
async def apart(tmp_path: Path, redis: Redis) -> AsyncIterator[Pair]:
    """A's clock is a minute ahead of B's."""
    with a_database() as url:
        made = Pair(tmp_path, url, redis.url)
        made.a = Hasty(made.a.data, planes=1, environ=made.a.environ)
        try:
            await made.start()
            yield made
        finally:
            await made.stop()


async def test_processes_a_minute_apart_behave_as_one(apart: Pair) -> None:
    hasty, right = await apart.person(apart.a, "teacher"), await apart.person(apart.b, "student1")
    lesson = await apart.lesson(hasty)
    tabs = [await apart.tab(one, lesson, server.url) for one, server in ((hasty, apart.b), (right, apart.a))]
    for tab in tabs:  # each with a grant of one process at the other
        await tab.enter()
    chat = f"/api/rooms/{lesson['room_id']}/messages"
    for number in range(6):
        await (hasty, right)[number % 2]("POST", chat, {"text": str(number)})
    assert [one["text"] for one in (await right("GET", chat))["items"]] == [str(number) for number in range(6)]
    admin = await apart.person(apart.a, "admin")
    people = f"/api/organisations/{lesson['organisation_id']}/people"
    other = await apart.person(apart.b, "teacher2")
    they = (await other("GET", "/api/me"))["id"]
    await other("POST", people, {"data": {"family": "Жаңа", "given": "Адам"}}, expect=403)
    await admin("POST", f"{people}/{they}/roles", {"role": "administrator"})
    await other("POST", people, {"data": {"family": "Жаңа", "given": "Адам"}})
    await admin("POST", f"{people}/{they}/remove", {})
    await other("GET", "/api/me", expect=401)
    assert "clock_set_right" in apart.a.log()
    assert "clock_set_right" not in apart.b.log()


async def test_what_redis_loses_is_read_in_the_database_once_and_in_order(pair: Pair, redis: Redis) -> None:
    teacher, pupil = await pair.person(pair.a, "teacher"), await pair.person(pair.b, "student1")
    lesson = await pair.lesson(teacher)
    tabs = [await pair.tab(teacher, lesson), await pair.tab(pupil, lesson)]
    for tab in tabs:
        assert "ok" in await tab("subscribe", {"topic": f"room:{lesson['room_id']}", "position": 0})
    written: list[str] = []

    async def write(count: int) -> None:
        for _ in range(count):
            written.append(str(len(written)))
            writer = (teacher, pupil)[len(written) % 2]
            await writer("POST", f"/api/rooms/{lesson['room_id']}/messages", {"text": written[-1]})

    async def all_heard() -> None:
        for tab in tabs:
            await tab.until(lambda tab=tab: len(_texts(tab)) >= len(written), HEARD_WITHIN)

    await write(4)
    await all_heard()
    redis.kill()
    try:
        await write(8)
        await all_heard()
    finally:
        redis.start()
    for _ in range(10):  # while the processes find it again
        await write(2)
        await asyncio.sleep(0.15)
    await all_heard()
    for tab in tabs:
        assert _texts(tab) == written
        positions = [told["position"] for told in tab.events]
        assert positions == sorted(set(positions))


def _texts(tab: Tab) -> list[str]:
    return [told["body"]["text"] for told in tab.events]
