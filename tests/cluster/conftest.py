from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cluster.pair import Pair
from tests.support.postgres import a_database
from tests.support.redis import Redis, a_redis


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    with a_redis() as started:
        yield started


@pytest.fixture
async def pair(tmp_path: Path, redis: Redis) -> AsyncIterator[Pair]:
    """Two servers on one real PostgreSQL and Redis, with the demo school."""
    with a_database() as url:
        made = Pair(tmp_path, url, redis.url)
        await made.start()
        try:
            yield made
        finally:
            await made.stop()
