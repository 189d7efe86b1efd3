"""Work on a few threads: in order, answered or raised, and not begun when nobody waits any more."""

import asyncio
from collections.abc import AsyncIterator
from threading import Event, get_ident

import pytest

from lms_core.kernel.threads import Threads


@pytest.fixture
async def threads() -> AsyncIterator[Threads]:
    one = Threads(1, "one")
    yield one
    one.end()


async def test_it_answers_from_another_thread_or_raises(threads: Threads) -> None:
    assert await threads.run(get_ident) != get_ident()
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    assert await threads.run(int, "7") == 7


async def test_what_nobody_waits_for_any_more_is_not_begun(threads: Threads) -> None:
    goes_on, done = Event(), list[int]()
    asked = [threads.run(goes_on.wait), threads.run(done.append, 1), threads.run(done.append, 2)]
    asked[1].cancel()
    goes_on.set()
    await asyncio.gather(*asked, return_exceptions=True)
    assert done == [2]


async def test_the_end_waits_for_all_that_was_asked() -> None:
    threads, done = Threads(3, "three"), set[int]()
    asked = [threads.run(done.add, number) for number in range(50)]
    threads.end()
    assert done == set(range(50))
    await asyncio.gather(*asked)
    with pytest.raises(RuntimeError):
        threads.run(done.add, 1)
