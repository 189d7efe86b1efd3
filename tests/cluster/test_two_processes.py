"""Two server processes behave as one: on real PostgreSQL and Redis, while one of them dies or is replaced."""

import asyncio
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.cluster.pair import Pair, Tab, entered_again
from tests.server.test_whip import SDP, _offer
from tests.support.balancer import Balancer, a_balancer
from tests.support.postgres import a_database
from tests.support.redis import Redis

TAKEN_OVER_WITHIN = 8.0
"""Seconds that a test allows; the aim is 5, and what was measured is printed."""


async def _both_in(pair: Pair) -> tuple[Tab, Tab, dict[str, Any]]:
    """A teacher at A, who was first, so that the room is A's, and a pupil at B."""
    teacher, pupil = await pair.person(pair.a, "teacher"), await pair.person(pair.b, "student1")
    lesson = await pair.lesson(teacher)
    first = await pair.tab(teacher, lesson)
    await first.enter()
    second = await pair.tab(pupil, lesson)
    await second.enter()
    return first, second, lesson


async def test_people_at_two_processes_are_in_one_room(pair: Pair) -> None:
    first, second, lesson = await _both_in(pair)
    [told] = await first.until_told("participant_entered")
    assert told["participant"]["connected"]
    room = lesson["room_id"]
    for tab in (first, second):
        assert "ok" in await tab("subscribe", {"topic": f"room:{room}", "position": 0})
    await second.caller("POST", f"/api/rooms/{room}/messages", {"text": "сәлем"})
    await first.until(lambda: first.events)
    assert first.events[-1]["body"]["text"] == "сәлем"
    assert "ok" in await second("receive")
    assert [way["way"] for way in (await second("lines"))["ok"]["ways"]] == ["down"]
    assert (await first("lines"))["ok"] == {"ways": []}
    assert pair.http
    headers = {"Authorization": f"Bearer {first.grant}", **SDP}
    async with pair.http.post(f"{pair.b.url}/whip/{room}", data=await _offer(), headers=headers) as made:
        assert made.status == 201, await made.text()
        place = made.headers["Location"]
    added = await first.until_told("publication_added")
    await second.until_told("publication_added")
    await second.until_told("offer")
    assert "ok" in await first("set_muted", {"publication_id": added[0]["publication"]["id"], "muted": True})
    assert (await second.until_told("publication_changed"))[0]["publication"]["muted"]
    refused = await second("set_muted", {"publication_id": "tr_x:0", "muted": True})
    assert refused["problem"]["code"] == "not_found"
    async with pair.http.delete(pair.a.url + place, headers=headers) as ended:
        assert ended.status == 200
    await second.until_told("publication_removed")
    await second.io.disconnect()
    await first.until(lambda: [b for n, b in first.signals if n == "participant_changed"])


async def test_a_lesson_is_led_from_another_process_and_stays_so_when_the_owner_dies(pair: Pair) -> None:
    """The room is at A, where the pupil came first; the teacher leads from B."""
    teacher, pupil = await pair.person(pair.b, "teacher"), await pair.person(pair.a, "student1")
    lesson = await pair.lesson(teacher)
    path = f"/api/rooms/{lesson['room_id']}/breakouts"
    learner = await pair.tab(pupil, lesson)
    me = (await learner.enter())["participant_id"]
    leader = await pair.tab(teacher, lesson)
    await leader.enter()
    assert "ok" in await learner("raise_hand", {"raised": True})
    assert "ok" in await leader("set_rights", {"participant_id": me, "share": False})
    assert "ok" in await leader("set_lobby", {"on": True})
    assert (await learner("set_lobby", {"on": False}))["problem"]["code"] == "may_not_lead"
    assert (await leader("start_timer", {"seconds": 0}))["problem"]["code"] == "malformed"
    assert (await leader("pick_at_random"))["ok"] == {"participant_id": me}
    opened = await teacher("POST", path, {"by": "chance", "count": 2})
    places = await learner.until_told("places_changed")
    assert (places[0]["participant_ids"], places[0]["place"]) == ([me], opened["items"][0]["id"])
    await asyncio.sleep(1.0)  # a snapshot later than that is not promised
    pair.kill(pair.a)
    await leader.until_told("moved")
    entered, _ = await entered_again(leader)
    [kept] = [one for one in entered["participants"] if one["id"] == me]
    assert kept["hand_at"] is not None
    assert (kept["place"], kept["rights"]["share"]) == (opened["items"][0]["id"], False)
    assert entered["leading"]["lobby"]
    assert entered["leading"]["breakouts"] == opened
    again = await pair.tab(pupil, lesson, pair.b.url, learner.grant)
    assert not (await again.enter())["waiting"]
    assert await teacher("POST", f"{path}/close", {}) == {}
    assert (await again.until_told("places_changed"))[-1]["place"] == "main"


async def test_a_killed_owners_room_is_taken_over(pair: Pair) -> None:
    first, second, lesson = await _both_in(pair)
    await asyncio.sleep(1.0)  # a snapshot later than that is not promised
    before = (await second.enter())["version"]
    died = pair.kill(pair.a)
    await second.until_told("moved")
    entered, at = await entered_again(second)
    print(f"\ntaken over {at - died:.2f} s after kill -9")
    assert at - died < TAKEN_OVER_WITHIN
    assert entered["version"] > before
    connected = {one["person_id"]: one["connected"] for one in entered["participants"]}
    assert sorted(connected.values()) == [False, True]
    again = await pair.tab(first.caller, lesson, pair.b.url, first.grant)
    back = await again.enter()
    assert [one["connected"] for one in back["participants"]] == [True, True]
    await second.caller("POST", f"/api/rooms/{lesson['room_id']}/messages", {"text": "жалғастырамыз"})


async def test_a_killed_process_loses_only_its_own_people(pair: Pair) -> None:
    first, second, _ = await _both_in(pair)
    await first.until_told("participant_entered")
    pair.kill(pair.b)
    changed = await first.until_told("participant_changed")
    assert changed[0]["participant"]["connected"] is False
    assert (await first.until_told("participant_left"))[0]
    assert "moved" not in first.names()
    assert second.gone.is_set()


async def test_redis_gone_moves_no_room(pair: Pair, redis: Redis) -> None:
    first, second, _ = await _both_in(pair)
    redis.kill()
    try:
        await asyncio.sleep(6.0)  # twice as long as a death needs
        assert "moved" not in first.names() + second.names()
        assert "ok" in await first("receive")
        assert "ok" in await second("receive")
    finally:
        redis.start()


async def test_a_rolling_update_loses_nobody(pair: Pair) -> None:
    first, second, lesson = await _both_in(pair)
    async with a_balancer(pair.a.port, pair.b.port) as balancer:
        for leaving in (pair.a, pair.b):
            began = time.monotonic()
            leaver = asyncio.get_running_loop().run_in_executor(None, leaving.end, signal.SIGTERM, 15.0)
            for tab in (first, second) if leaving is pair.b else (first,):
                await asyncio.wait_for(tab.gone.wait(), 10)
            moved: list[Tab] = []
            for tab in (first, second):
                if tab.gone.is_set():
                    tab = await pair.tab(tab.caller, lesson, balancer.url, tab.grant)
                moved.append(tab)
            rooms = [(await entered_again(tab))[0] for tab in moved]
            print(f"\neverybody is back {time.monotonic() - began:.2f} s after SIGTERM")
            assert [one["connected"] for one in rooms[-1]["participants"]] == [True, True]
            assert {one["participant_id"] for one in rooms} == {one["id"] for one in rooms[0]["participants"]}
            assert await leaver < 12.0
            await asyncio.get_running_loop().run_in_executor(None, leaving.start)
            first, second = moved


async def test_a_lesson_goes_on_while_the_database_is_gone(tmp_path: Path, redis: Redis) -> None:
    with a_database() as url:
        port = urlsplit(url).port
        assert port
        async with a_balancer(port, check=False) as wall:
            pair = Pair(tmp_path, url.replace(f":{port}/", f":{wall.port}/"), redis.url)
            await pair.start()
            try:
                await _stays_whole(pair, wall)
            finally:
                await pair.stop()


async def _stays_whole(pair: Pair, wall: Balancer) -> None:
    first, second, lesson = await _both_in(pair)
    people = (await second.enter())["participants"]
    wall.cut()
    await asyncio.sleep(8.0)  # longer than a death and a takeover need
    assert "moved" not in first.names() + second.names()
    wall.mend()
    await entered_again(second, 20.0)
    await asyncio.sleep(4.0)  # nobody is taken for dead because nobody could beat
    assert "moved" not in first.names() + second.names()
    after = (await second.enter())["participants"]
    assert [one["id"] for one in after] == [one["id"] for one in people]
    assert (await first.enter())["participants"] == after
    await second.caller("POST", f"/api/rooms/{lesson['room_id']}/messages", {"text": "әлі осындамыз"})


async def test_other_keys_do_not_start(pair: Pair) -> None:
    pair.kill(pair.b)
    (pair.b.data / "keys" / "link").write_bytes(b"x" * 32)
    with pytest.raises(AssertionError, match="keys: not those of"):
        await asyncio.get_running_loop().run_in_executor(None, pair.b.start)
