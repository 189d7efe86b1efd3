from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bench.first_frame import FLAGS
from tests.browser.firefox import FirefoxCrowd, firefox
from tests.browser.visitor import Crowd
from tests.support.running import Running, running

CHROMIUM = "/usr/bin/chromium"
LONGEST = 600.0
"""Seconds for one test, which ends by itself long before."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.timeout(LONGEST))


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One real server on demo data."""
    with running(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture(scope="package")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """On every address: Firefox offers no loopback candidates on a machine that has others."""
    with running(tmp_path_factory.mktemp("open"), environ={"SABAQ_HOST": "0.0.0.0"}) as started:
        yield started


@pytest.fixture(scope="package")
def school_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Not the demo: one that waits to be set up."""
    server = Running(tmp_path_factory.mktemp("school"), planes=1)
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="package")
def mortal_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Its lessons are spread over both of its planes."""
    with running(tmp_path_factory.mktemp("mortal"), environ={"SABAQ_MOST_ON_PLANE": "2"}) as started:
        yield started


@pytest.fixture
def own_server(mortal_server: Running) -> Running:
    """A server that may be killed. It goes on after the test, which leaves it running or not."""
    if mortal_server.process is None or mortal_server.process.poll() is not None:
        mortal_server.start()
    return mortal_server


@pytest.fixture
async def foxes() -> AsyncIterator[FirefoxCrowd]:
    async with firefox() as made:
        yield made


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """A real Chromium with fake camera, microphone and screen, in which people come to a server."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        made = Crowd(browser)
        yield made
        await browser.close()
    made.check()
