"""One wall clock for all: the database's, followed without trembling, and never the seconds that machines count."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest

from lms_core.kernel.actor import Actor
from lms_core.kernel.clock import ManualClock
from lms_core.kernel.db import Database, Tx
from lms_core.kernel.errors import Refusal
from server.cluster.common_clock import AGREE_EVERY, CommonClock

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
ASTANA = timezone(timedelta(hours=5))


class Gone(Refusal):
    code, status = "gone", 503


class Fake:
    """A database with a clock of its own, so many seconds before ours."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock, self.ahead, self.gone = clock, 0.0, False

    async def one(self, _: Any) -> datetime:
        return (self._clock.now() + timedelta(seconds=self.ahead)).astimezone(ASTANA)

    async def run(self, _: Actor, work: Callable[[Tx], Awaitable[Any]]) -> Any:
        if self.gone:
            raise Gone
        return await work(cast(Tx, self))


@pytest.fixture
def own() -> ManualClock:
    return ManualClock(NOON)


async def test_a_clock_a_minute_apart_is_set_right_and_seconds_stay(own: ManualClock) -> None:
    there, clock = Fake(own), CommonClock(own)
    for ahead in (60.0, -60.0):
        there.ahead, before = ahead, clock.monotonic()
        await clock.agree(cast(Database, there))
        assert clock.now() == NOON + timedelta(seconds=ahead)
        assert clock.now().utcoffset() == timedelta(0)
        assert clock.monotonic() == before


async def test_what_a_question_cannot_tell_apart_changes_nothing(own: ManualClock) -> None:
    there, clock = Fake(own), CommonClock(own)
    there.ahead = 0.2
    await clock.agree(cast(Database, there))
    assert clock.now() == NOON


async def test_without_the_database_what_was_known_holds(own: ManualClock) -> None:
    there, clock = Fake(own), CommonClock(own)
    there.ahead = 60.0
    await clock.agree(cast(Database, there))
    keeping = asyncio.create_task(clock.keep(cast(Database, there)))
    there.gone, there.ahead = True, 90.0
    await asyncio.sleep(0)
    await own.advance(AGREE_EVERY)
    assert clock.ahead == timedelta(seconds=60)
    there.gone = False
    await own.advance(AGREE_EVERY)
    assert clock.ahead == timedelta(seconds=90)
    keeping.cancel()
