"""A call in which media crosses from one server's plane to another's: it comes back when what is there dies."""

import os
import signal
import time
from typing import Any

import pytest

from tests.cluster.calls import Call, a_call
from tests.cluster.pair import Pair
from tests.support.running import Running

pytestmark = pytest.mark.timeout(300)
FAR = 1000
"""Planes of other servers are numbered from here."""
RETURNED_WITHIN = 8.0
"""Seconds for which somebody may miss picture and sound."""


async def test_what_crosses_to_another_server_returns_when_that_dies(pair: Pair) -> None:
    async with a_call(pair, ("student1", pair.a), ("student2", pair.a)) as call:
        await crosses(call)
        died = time.time()
        pair.kill(pair.b)
        await returned(call, died)
        assert await placed(pair) == (6, 0)
        assert call.visits() == (3, 0)


async def test_and_when_its_plane_alone_dies(pair: Pair) -> None:
    async with a_call(pair, ("student1", pair.a), ("student2", pair.a)) as call:
        await crosses(call)
        (plane,) = (await dumped(pair, pair.b))["planes"]
        died = time.time()
        os.kill(plane["pid"], signal.SIGKILL)
        await returned(call, died)
        assert sum(await placed(pair)) == 6
        assert call.visits() == (3, 0)


async def crosses(call: Call) -> None:
    """Both pupils, who see and hear all, receive from B's plane."""
    assert call.owner() is call.pair.a
    assert await placed(call.pair) == (4, 2)


async def returned(call: Call, died: float) -> None:
    gaps = await call.gaps(died)
    print(f"\n{gaps}")
    assert gaps.sound <= RETURNED_WITHIN
    assert gaps.picture <= RETURNED_WITHIN


async def dumped(pair: Pair, server: Running) -> dict[str, Any]:
    admin = await pair.person(server, "admin")
    return await admin("GET", "/api/dump")


async def placed(pair: Pair) -> tuple[int, int]:
    """How many of the call's connections are on the owner's plane, and how many on B's."""
    (room,) = (await dumped(pair, pair.a))["rooms"]
    counts = {int(plane): count for plane, count in room["planes"].items()}
    return (
        sum(count for plane, count in counts.items() if plane < FAR),
        sum(count for plane, count in counts.items() if plane >= FAR),
    )
