"""Limits: moving windows in memory and over a real Redis, which may go and come back."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from lms_core.kernel.api import Limits
from lms_core.kernel.clock import ManualClock
from server.fanout import PATIENCE, PAUSE, SWEEP_AT, MemoryLimits, SharedLimits
from tests.support.redis import Redis, a_redis

RULE = "3/10second"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 9, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with a_redis() as started:
        yield started


@pytest.fixture
async def shared(redis: Redis, clock: ManualClock) -> AsyncIterator[list[SharedLimits]]:
    """Two processes' limits on one empty Redis."""
    redis.ask("FLUSHALL")
    made = [SharedLimits(redis.url, clock) for _ in range(2)]
    yield made
    for one in made:
        await one.close()


async def _fill(limits: Limits, *key: str) -> None:
    for _ in range(3):
        assert await limits.spent(RULE, *key) is None
        await limits.count(RULE, *key)


async def test_a_window_moves_by_our_clock(clock: ManualClock) -> None:
    limits = MemoryLimits(clock)
    for _ in range(3):
        await limits.count(RULE, "anna")
        await clock.advance(2)
    assert await limits.spent(RULE, "anna") == 4
    assert await limits.spent(RULE, "boris") is None
    assert await limits.spent("4/10second", "anna") is None, "each rule counts for itself"
    await clock.advance(4)
    assert await limits.spent(RULE, "anna") is None, "the first of three is over"
    await limits.count(RULE, "anna")
    assert await limits.spent(RULE, "anna") == 2


async def test_asking_while_it_is_full_does_not_make_it_longer(clock: ManualClock) -> None:
    limits = MemoryLimits(clock)
    await _fill(limits, "anna")
    for _ in range(9):
        await clock.advance(1)
        await limits.count(RULE, "anna")
    await clock.advance(1)
    assert await limits.spent(RULE, "anna") is None


async def test_what_is_over_is_forgotten(clock: ManualClock) -> None:
    limits = MemoryLimits(clock)
    for number in range(SWEEP_AT):
        limits.add(RULE, str(number))
    await clock.advance(11)
    limits.add(RULE, "anna")
    assert len(limits._windows) == 1


@pytest.mark.parametrize("rule", ["", "5", "5/fortnight", "x/minute", "-1/minute"])
async def test_what_is_no_rule_is_a_bug(clock: ManualClock, rule: str) -> None:
    with pytest.raises(ValueError, match="no rule"):
        await MemoryLimits(clock).spent(rule, "anna")


async def test_processes_share_a_window(shared: list[SharedLimits]) -> None:
    one, other = shared
    await _fill(one, "log_in", "anna")
    wait = await other.spent(RULE, "log_in", "anna")
    assert wait is not None
    assert 8 < wait <= 10
    assert await other.spent(RULE, "log_in", "boris") is None


async def test_a_shared_window_moves(shared: list[SharedLimits]) -> None:
    one, other = shared
    await one.count("1/1second", "anna")
    assert await other.spent("1/1second", "anna") == 1
    await asyncio.sleep(1.05)
    assert await other.spent("1/1second", "anna") is None


async def test_redis_is_not_told_whom_it_counts(shared: list[SharedLimits], redis: Redis) -> None:
    await shared[0].count(RULE, "log_in", "anna", "203.0.113.7")
    keys = redis.ask("KEYS", "*")
    assert b"sabaq:limit:" in keys
    assert b"anna" not in keys
    assert b"203" not in keys


async def test_while_redis_is_gone_each_process_counts_alone_and_nobody_waits(clock: ManualClock) -> None:
    with a_redis() as redis, capture_logs() as said:
        one, other = SharedLimits(redis.url, clock), SharedLimits(redis.url, clock)
        await _fill(one, "anna")
        redis.kill()
        began = time.monotonic()
        assert await one.spent(RULE, "anna") is not None, "what it counted itself still holds"
        await _fill(other, "anna")
        assert await other.spent(RULE, "anna") is not None
        assert time.monotonic() - began < 2 * PATIENCE
        redis.start()
        assert await one.spent(RULE, "boris") is None
        await clock.advance(PAUSE)
        await _fill(one, "boris")
        assert await other.spent(RULE, "boris") is not None, "they share again"
        await one.close()
        await other.close()
    names = [line["event"] for line in said]
    assert names.count("limits_not_shared") == 1, "who was not refused by Redis did not notice"
    assert names.count("limits_shared") == 1


async def test_a_redis_that_does_not_answer_holds_up_one_request_for_a_moment(clock: ManualClock) -> None:
    with a_redis() as redis:
        limits = SharedLimits(redis.url, clock)
        await limits.count(RULE, "anna")
        redis.stall()
        waits = []
        for _ in range(5):
            began = time.monotonic()
            await limits.count(RULE, "anna")
            waits.append(time.monotonic() - began)
        redis.go_on()
        await limits.close()
    assert waits[0] < 0.3 + 0.2
    assert max(waits[1:]) < 0.05
