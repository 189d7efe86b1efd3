from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.world import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The school of tests/support/factories.py on the whole app."""
    async with a_world(tmp_path) as made:
        yield made
