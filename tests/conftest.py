from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support.world import World, a_world, on_postgres

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no test by the clock
settings.load_profile("house")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The school of tests/support/factories.py on the whole app."""
    async with a_world(tmp_path) as made:
        yield made


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what a database can change is run again."""
    if not on_postgres():
        return
    again = [item for item in items if {"world", "db", "house"} & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in again])
    items[:] = again
