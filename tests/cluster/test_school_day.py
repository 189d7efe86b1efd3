"""A school day on two servers behind one address, one of which is killed: nothing acknowledged is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from tests.cluster.pair import Pair, Tab, entered_again
from tests.support.balancer import a_balancer
from tests.support.running import Caller

pytestmark = pytest.mark.timeout(300)
PAUSE = 0.03
BEFORE, AFTER = 40, 40
"""What each writer has acknowledged before the kill, and after it."""


class Writer:
    """Somebody who writes one thing after the other, asks for none again, and keeps what was acknowledged."""

    def __init__(self, caller: Caller, path: str, body: Callable[[int], Any]) -> None:
        self._caller, self._path, self._body = caller, path, body
        self.acknowledged: list[str] = []
        self.lost = 0
        self.stopped = False
        self._wanted = asyncio.Event()
        self._enough = 0

    async def run(self) -> None:
        number = 0
        while not self.stopped:
            number += 1
            try:
                answer = await self._caller("POST", self._path, self._body(number))
            except aiohttp.ClientError:
                self.lost += 1
            else:
                self.acknowledged.append(answer["id"])
            if len(self.acknowledged) >= self._enough:
                self._wanted.set()
            await asyncio.sleep(PAUSE)

    async def more(self, count: int) -> None:
        """Wait until so many more were acknowledged."""
        self._enough = len(self.acknowledged) + count
        self._wanted.clear()
        async with asyncio.timeout(60):
            await self._wanted.wait()


@asynccontextmanager
async def writing(*writers: Writer) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        for one in writers:
            tasks.create_task(one.run())
        try:
            yield
        finally:
            for one in writers:
                one.stopped = True  # not cancelled: what nobody waits for is kept all the same, later


@pytest.mark.req("S234-5.3")
async def test_a_school_day_while_one_of_two_servers_is_killed(pair: Pair) -> None:
    connector = aiohttp.TCPConnector(force_close=True)  # each request goes to the next server
    async with a_balancer(pair.a.port, pair.b.port) as door, aiohttp.ClientSession(connector=connector) as http:
        logins = ("teacher", "student1", "admin")
        teacher, pupil, admin = [await Caller(door, http).log_in(login) for login in logins]  # type: ignore[arg-type]
        today = (await teacher("GET", "/api/lessons"))["items"][0]
        assert today["planned"]
        room, school = today["room_id"], today["organisation_id"]
        first = await pair.tab(teacher, today, pair.a.url)
        second = await pair.tab(pupil, today, pair.b.url)
        for tab in (first, second):
            await tab.enter()
            assert (await tab("subscribe", {"topic": f"room:{room}", "position": 0}))["ok"]["events"] == []
        assert (await pupil("GET", f"/api/lessons/{today['id']}"))["lesson"]["state"] == "open"
        chat = f"/api/rooms/{room}/messages"
        people = f"/api/organisations/{school}/people"
        writers = [
            Writer(teacher, chat, lambda number: {"text": f"сұрақ {number}"}),
            Writer(pupil, chat, lambda number: {"text": f"жауап {number}"}),
            Writer(admin, people, lambda number: {"data": {"family": "Көшкен", "given": f"Оқушы {number}"}}),
        ]
        async with writing(*writers):
            await asyncio.gather(*(one.more(BEFORE) for one in writers))
            pair.kill(pair.a)
            await second.until_told("moved")
            await entered_again(second)
            heard = max(told["position"] for told in first.events)
            back = await pair.tab(teacher, today, door.url, first.grant)
            await entered_again(back)
            missed = (await back("subscribe", {"topic": f"room:{room}", "position": heard}))["ok"]["events"]
            await asyncio.gather(*(one.more(AFTER) for one in writers))
        print(
            f"\nacknowledged {[len(one.acknowledged) for one in writers]}, unanswered {[one.lost for one in writers]}"
        )
        kept = [message["id"] for message in await _history(pupil, chat)]
        _each_once(kept, writers[0].acknowledged + writers[1].acknowledged)
        _each_once([one["id"] for one in await _roll(admin, people)], writers[2].acknowledged)
        await _heard_each_once(second, kept, [])
        await _heard_each_once(back, kept, first.events + missed)
        await teacher("POST", f"/api/lessons/{today['id']}/end", {})
        for tab in (back, second):
            await tab.until_told("room_closed")


def _each_once(kept: list[str], acknowledged: list[str]) -> None:
    assert len(set(kept)) == len(kept)
    assert set(acknowledged) - set(kept) == set()


async def _heard_each_once(tab: Tab, kept: list[str], earlier: list[dict[str, Any]]) -> None:
    """Every message of the history was told, in the order of the stream."""
    await tab.until(lambda: len(_messages([*earlier, *tab.events])) >= len(kept))
    events = {told["position"]: told for told in [*earlier, *tab.events]}
    assert sorted(_messages(list(events.values()))) == sorted(kept)
    told = [event["position"] for event in tab.events]
    assert told == sorted(set(told))


def _messages(events: list[dict[str, Any]]) -> list[str]:
    return [told["body"]["message_id"] for told in events if told["name"] == "messages.message_posted"]


async def _history(caller: Caller, chat: str) -> list[dict[str, Any]]:
    page = await caller("GET", chat)
    found = page["items"]
    while page["earlier"]:
        page = await caller("GET", f"{chat}?before={page['earlier']}")
        found = page["items"] + found
    return found


async def _roll(caller: Caller, people: str) -> list[dict[str, Any]]:
    page = await caller("GET", f"{people}?search=Көшкен")
    found = page["items"]
    while page["next"]:
        page = await caller("GET", f"{people}?search=Көшкен&after={page['next']}")
        found += page["items"]
    return found
