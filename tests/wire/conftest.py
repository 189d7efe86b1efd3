from collections.abc import AsyncIterator

import pytest

from tests.wire.given import HEAR, SOUND, VIDEO, VIEW
from tests.wire.rig import (
    RIGS,
    Peer,
    Rig,
)


@pytest.fixture(params=RIGS)
async def rig(request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    made = RIGS[request.param]()
    yield made
    await made.close()


@pytest.fixture
async def up(rig: Rig) -> Peer:
    peer = await rig.peer("up")
    rig.do(VIDEO, SOUND)
    return peer


@pytest.fixture
async def down(rig: Rig, up: Peer) -> Peer:
    peer = await rig.peer("down")
    rig.do(VIEW, HEAR)
    return peer
