"""A whole plane and a camera of three layers: what viewers get when their lines are what lines are."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from media.plane import seam
from media.wire.fake import Link
from tests.media.plane.cameras import LAYERED, Camera, Watcher
from tests.media.plane.conftest import opened
from tests.media.plane.house import House
from tests.wire.makers import ENGINES


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """Over each wire."""
    async for made in opened(House(ENGINES[request.param])):
        yield made


async def _seen(house: House, size: int) -> tuple[Camera, Watcher]:
    up = await house.publisher("up", LAYERED)
    camera = Camera(house, up)
    await house.until(lambda: len(house.told(seam.Started)) == 2)
    down = await house.receiver("down", "up:0", "up:1")
    house.order(seam.Want("down", "up:1", size))
    house.network.every(5, up.check)
    house.network.every(5, down.check)
    return camera, Watcher(house, down)


async def test_a_large_picture_is_the_full_layer_and_a_small_one_the_smallest(house: House) -> None:
    camera, watcher = await _seen(house, 720)
    await house.network.run(5)
    now = house.network.now
    assert watcher.layers(now - 1, now) == {2}
    house.order(seam.Want("down", "up:1", 180))
    await house.network.run(4)
    now = house.network.now
    assert watcher.layers(now - 2, now) == {0}
    assert house.told(seam.Needed)[-1] == seam.Needed("up:1", 1)
    house.order(seam.Want("down", "up:1", 720))
    await house.network.run(1.5)
    now = house.network.now
    assert watcher.layers(now - 0.5, now) == {2}
    assert watcher.gaps == 0
    assert sum(camera.keyframes) <= 9
    assert house.told(seam.Limited, "down") == []


async def test_a_line_that_falls_and_comes_back_carries_what_it_can(house: House) -> None:
    camera, watcher = await _seen(house, 720)
    begin = house.network.now
    house.network.links[watcher.down.address] = Link([(begin, 2e6), (begin + 10, 300e3), (begin + 40, 2e6)])
    await house.network.run(10)
    assert watcher.layers(begin + 8, begin + 10) == {2}
    before = sum(camera.keyframes)
    await house.network.run(30)
    assert watcher.last(2, begin + 40) <= begin + 12.5 + 0.5, "the queue was half a second"
    assert watcher.layers(begin + 15, begin + 40) == {0}
    assert house.told(seam.Limited, "down") == [seam.Limited("down", (("up:1", "small"),))]
    assert sum(camera.keyframes) - before <= 4
    await house.network.run(10)
    assert watcher.layers(begin + 46, begin + 50) == {2}
    assert house.told(seam.Limited, "down")[1:] == [seam.Limited("down", ())]
    assert sum(camera.keyframes) - before <= 10
    silences = [later - at for at, later in zip(watcher.sounds, watcher.sounds[1:], strict=False)]
    assert max(silences) < 1.0, "sound is never paused"


async def test_a_line_too_narrow_for_the_smallest_layer_shows_its_lowest_temporal_layer(house: House) -> None:
    camera, watcher = await _seen(house, 180)
    begin = house.network.now
    house.network.links[watcher.down.address] = Link([(begin, 2e6), (begin + 10, 130e3), (begin + 40, 2e6)])
    await house.network.run(10)
    before = sum(camera.keyframes)
    await house.network.run(30)
    came = [at for at, _ in watcher.pictures if begin + 20 <= at < begin + 40]
    assert 0.9 * 6 * 20 <= len(came) <= 1.3 * 6 * 20, "each fourth of 24 a second"
    assert max(later - at for at, later in pairwise(came)) < 1.0, "what looks for more is in the way at times"
    assert house.told(seam.Limited, "down") == [seam.Limited("down", (("up:1", "small"),))]
    await house.network.run(10)
    assert len([at for at, _ in watcher.pictures if at >= begin + 48]) >= 2 * 23
    assert house.told(seam.Limited, "down")[1:] == [seam.Limited("down", ())]
    assert sum(camera.keyframes) - before <= 4
