"""PostgreSQL is away for half a minute: who asks meanwhile is told so, and nothing that was answered is lost."""

import asyncio
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from lms_core.kernel.db import AFTER_LOSS
from server.app import _kept
from tests.support.postgres import Postgres, a_postgres
from tests.support.story import Person, Refused
from tests.support.world import World, a_world_at

AWAY = 30
AT_ONCE = 20


async def test_half_a_minute_without_a_database(tmp_path: Path) -> None:
    with a_postgres("synchronous_commit=on") as server:
        async with a_world_at(server.create(), tmp_path) as world:
            (anna,) = await world.enters("anna")
            room = world.school.algebra.room_id
            loops = [asyncio.create_task(_kept(world.clock, loop)) for loop in _loops(world)]
            try:
                with capture_logs() as lines:
                    answered = await _goes_and_comes_back(world, server, anna, room)
            finally:
                for task in loops:
                    task.cancel()
            assert sorted(await anna.reads(room)) == sorted(answered), "what was answered is there, and only once"
            said = [line["event"] for line in lines if line["log_level"] in ("warning", "error")]
            assert said == ["database_is_gone", "database_is_back"]


async def _goes_and_comes_back(world: World, server: Postgres, anna: Person, room: str) -> list[str]:
    """What was answered that it is written."""
    answered, refused = await _write(anna, room, "before")
    assert not refused
    server.kill()
    for second in range(AWAY):
        kept, refused = await _write(anna, room, f"{second} s after")
        assert not kept
        for no in refused:
            assert (no.status, no.code, no.params) == (503, "database_unavailable", {"retry_after": 5})
        await world.clock.advance(1)
    await asyncio.to_thread(server.start)
    await _asks_until_answered(world, anna)
    kept, refused = await _write(anna, room, "again")
    assert not refused
    return answered + kept


async def _asks_until_answered(world: World, anna: Person) -> None:
    """As a page does."""
    async with asyncio.timeout(30):
        while True:
            try:
                await anna.asks("who_am_i")
            except Refused:
                await world.clock.advance(AFTER_LOSS)
            else:
                return


async def _write(anna: Person, room: str, text: str) -> tuple[list[str], list[Refused]]:
    """Many messages at once: those that were answered, and how the others were refused."""
    texts = [f"{text}: {number}" for number in range(AT_ONCE)]
    answers = await asyncio.gather(
        *(anna.asks("post_message", {"text": one}, room_id=room) for one in texts), return_exceptions=True
    )
    told = list(zip(texts, answers, strict=True))
    for answer in answers:
        assert isinstance(answer, dict | Refused), answer
    return [t for t, a in told if isinstance(a, dict)], [a for a in answers if isinstance(a, Refused)]


def _loops(world: World) -> list[Any]:
    """What asks the database by itself."""
    return [world.house.relay.run, world.house.jobs.run]
