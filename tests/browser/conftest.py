from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bench.first_frame import FLAGS
from tests.browser.visitor import Crowd
from tests.support.running import Running, running

CHROMIUM = "/usr/bin/chromium"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One real server on demo data."""
    with running(tmp_path_factory.mktemp("browser")) as started:
        yield started


@pytest.fixture
async def crowd() -> AsyncIterator[Crowd]:
    """A real Chromium with fake camera, microphone and screen, in which people come to a server."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        made = Crowd(browser)
        yield made
        await browser.close()
    made.check()
