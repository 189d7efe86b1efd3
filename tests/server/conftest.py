from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.support.running import Caller, Running, running


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One real server on demo data for the tests of this folder."""
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
async def teacher(server: Running, http: aiohttp.ClientSession) -> Caller:
    return await Caller(server, http).log_in("teacher")


@pytest.fixture
async def pupil(server: Running, http: aiohttp.ClientSession) -> Caller:
    return await Caller(server, http).log_in("student1")
