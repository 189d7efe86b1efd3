import asyncio
from datetime import UTC, datetime, timedelta

from lms_core.kernel.clock import ManualClock

START = datetime(2026, 9, 1, tzinfo=UTC)


async def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    clock, woken = ManualClock(START), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic()))

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (5, 1, 3)]
    await asyncio.sleep(0)
    await clock.advance(4)
    assert woken == [(1, 1), (3, 3)]
    assert clock.now() == START + timedelta(seconds=4)
    await clock.advance(1)
    assert woken[-1] == (5, 5)
    await asyncio.gather(*tasks)


async def test_one_that_sleeps_again_wakes_again_within_one_advance() -> None:
    clock, ticks = ManualClock(START), []

    async def tick() -> None:
        while True:
            await clock.sleep(1)
            ticks.append(clock.monotonic())

    task = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await clock.advance(3)
    assert ticks == [1, 2, 3]
    task.cancel()
