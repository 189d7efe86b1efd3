from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from tests.net.namespaces import Net
from tests.net.site import NAMES, People, Site


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture
def new_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """Makes the server of a test behind its router, and Chromium before it, when all is set."""
    nets: list[Net] = []

    def make(names: dict[str, str] = NAMES) -> Site:
        nets.append(Net(tmp_path, names))
        return Site(nets[-1], tmp_path)

    yield make
    for net in nets:
        net.close()


@pytest.fixture
async def people() -> AsyncIterator[People]:
    made = People()
    yield made
    await made.close()
