from collections.abc import AsyncIterator

import pytest

from media.plane import seam
from tests.media.plane.house import House


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async for made in opened(House()):
        yield made


async def opened(made: House) -> AsyncIterator[House]:
    """A house, which is closed in the end."""
    yield made
    for key in list(made.plane.dump()["transports"]):
        made.order(seam.Close(key))
    await made.network.run(0.5)
    made.plane.close()
