"""A call in Chromium through two servers: whichever dies or is replaced, picture and sound return by themselves."""

import signal
import time

import pytest

from tests.cluster.calls import a_call
from tests.cluster.pair import Pair, aside

pytestmark = pytest.mark.timeout(300)
TAKEN_OVER_WITHIN = 5.0
UPDATE_GAP = 3.0
RETURNED_WITHIN = 8.0
"""Seconds until sound is back after an owner died: its death must be seen first."""


async def test_sound_and_picture_return_after_the_owner_is_killed(pair: Pair) -> None:
    async with a_call(pair) as call:
        assert call.owner() is pair.a
        died = time.time()
        pair.kill(pair.a)
        taken = await call.taken_over(pair.a) - died
        gaps = await call.gaps(died)
        print(f"\ntaken over {taken:.2f} s after kill -9; {gaps}")
        assert taken <= TAKEN_OVER_WITHIN
        assert gaps.sound <= RETURNED_WITHIN
        assert gaps.picture <= RETURNED_WITHIN
        assert call.visits() == (2, 0)


async def test_a_rolling_update_ends_no_call(pair: Pair) -> None:
    async with a_call(pair) as call:
        for leaving in (pair.a, pair.b):
            began = time.time()
            await aside(lambda leaving=leaving: leaving.end(signal.SIGTERM, 15.0))
            gaps = await call.gaps(began)
            print(f"\nreplaced: {gaps}")
            assert gaps.sound <= UPDATE_GAP
            await aside(leaving.start)
        assert call.owner() is pair.a
        assert call.visits() == (2, 0)
