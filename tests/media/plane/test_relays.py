"""A camera of three layers whose viewers are on another plane: each gets what they would get at home."""

from collections.abc import AsyncIterator

import pytest

from media.plane import seam
from media.plane.across import Needed, build
from media.plane.viewers import LESS_AFTER
from media.wire import SendRtcp
from media.wire.fake import Link
from tests.media.plane.cameras import LAYERED, Camera, Watcher
from tests.media.plane.spread_house import SpreadHouse
from tests.wire.makers import ENGINES

VOICE, PICTURE = "up:0", "up:1"
SETTLES = LESS_AFTER + 1.5
"""Seconds until what is not needed any more does not come any more."""


@pytest.fixture(params=ENGINES)
async def house(request: pytest.FixtureRequest) -> AsyncIterator[SpreadHouse]:
    made = SpreadHouse(request.param)
    yield made
    await made.stop()


async def film(house: SpreadHouse) -> Camera:
    """The camera, and at home who only listens."""
    up = await house.publisher("up", LAYERED)
    camera = Camera(house, up)
    await house.until(lambda: len(house.told(seam.Started)) == 2)
    await house.receiver("near", VOICE)
    house.network.every(5, up.check)
    return camera


async def far(house: SpreadHouse, key: str, size: int) -> Watcher:
    down = await house.receiver(key, VOICE, PICTURE)
    assert house.spread.of(key) == 1
    house.spread.order(seam.Want(key, PICTURE, size))
    house.network.every(5, down.check)
    return Watcher(house, down)


def lately(house: SpreadHouse, watcher: Watcher, seconds: float = 1.0) -> set[int]:
    return watcher.layers(house.network.now - seconds, house.network.now)


async def test_each_layer_comes_while_somebody_there_needs_it(house: SpreadHouse) -> None:
    camera = await film(house)
    large, small = await far(house, "large", 720), await far(house, "small", 180)
    await house.network.run(5)
    assert (lately(house, large), lately(house, small)) == ({2}, {0})
    assert house.relayed()[PICTURE] == [0, 2]
    house.spread.order(seam.Want("small", PICTURE, 0))
    await house.network.run(SETTLES)
    assert (house.relayed()[PICTURE], lately(house, small)) == ([2], set())
    house.spread.order(seam.Want("large", PICTURE, 360))
    await house.network.run(2 * SETTLES)
    assert (house.relayed()[PICTURE], lately(house, large)) == ([1], {1})
    assert house.told(seam.Needed)[-1] == seam.Needed(PICTURE, 2)
    house.spread.order(seam.Want("large", PICTURE, 0))
    await house.network.run(2 * SETTLES)
    assert (house.relayed()[PICTURE], lately(house, large)) == ([], set())
    assert house.told(seam.Needed)[-1] == seam.Needed(PICTURE, 1)
    house.spread.order(seam.Want("large", PICTURE, 720))
    await house.network.run(1.5)
    assert lately(house, large, 0.5) == {2}
    assert (large.gaps, small.gaps) == (0, 0)
    assert {plane for plane, each in house.reports if isinstance(each, seam.Needed)} == {0}
    assert sum(camera.keyframes) <= 12


async def test_a_narrow_line_there_gets_the_smaller_picture_and_the_others_do_not(house: SpreadHouse) -> None:
    await film(house)
    wide, narrow = await far(house, "wide", 720), await far(house, "narrow", 720)
    begin = house.network.now
    house.network.links[narrow.down.address] = Link([(begin, 2e6), (begin + 10, 300e3), (begin + 30, 2e6)])
    await house.network.run(10)
    assert (lately(house, wide), lately(house, narrow)) == ({2}, {2})
    assert house.relayed()[PICTURE] == [2]
    await house.network.run(20)
    assert (lately(house, wide), lately(house, narrow, 10)) == ({2}, {0})
    assert house.relayed()[PICTURE] == [0, 2]
    assert house.told(seam.Limited, "narrow")[-1] == seam.Limited("narrow", ((PICTURE, "small"),))
    await house.network.run(20)
    assert lately(house, narrow) == {2}
    assert house.relayed()[PICTURE] == [2]
    assert house.told(seam.Limited, "narrow")[-1] == seam.Limited("narrow", ())


async def test_in_place_of_a_layer_that_stops_the_next_comes_until_it_is_back(house: SpreadHouse) -> None:
    camera = await film(house)
    watcher = await far(house, "far", 720)
    await house.network.run(6)
    assert house.relayed()[PICTURE] == [2]
    camera.most, stopped = 2, house.network.now
    await house.network.run(4)
    assert lately(house, watcher) == {1}
    assert min(at for at, layer in watcher.pictures if layer == 1 and at > stopped) - stopped < 2
    camera.most = 3
    await house.network.run(4)
    assert (lately(house, watcher), house.relayed()[PICTURE]) == ({2}, [2])


async def test_what_the_leg_loses_of_a_layer_is_repaired_on_it(house: SpreadHouse) -> None:
    await film(house)
    large, small = await far(house, "large", 720), await far(house, "small", 180)
    await house.network.run(4)
    seen = 0

    def every_tenth(*_: object) -> bool:
        nonlocal seen
        seen += 1
        return seen % 10 == 0

    house.lose(every_tenth)
    await house.network.run(3)
    house.network.drop = None
    await house.network.run(1)
    told = house.planes[1].dump()["wire"]["publications"]
    assert house.planes[0].dump()["wire"]["repaired"] > 30
    assert [told[f"{PICTURE}~{rid}"]["missing"] for rid in "qhf"] == [0, 0, 0]
    assert (lately(house, large), lately(house, small)) == ({2}, {0})


async def test_what_was_overtaken_or_is_of_another_picture_is_overlooked(house: SpreadHouse) -> None:
    await film(house)
    await far(house, "far", 720)
    await house.network.run(6)
    (leg,) = {each.leg for each in house.given(0, seam.OpenLeg)}
    (ssrc, _), *_ = house.given(0, seam.Relay)[-1].ssrcs
    for told in (Needed(1, {ssrc: frozenset({0})}), Needed(1 << 20, {ssrc ^ 1: frozenset({0})})):
        house.planes[1].wire.perform(SendRtcp(leg, build(1, told)))
        await house.network.run(0.1)
        assert house.relayed()[PICTURE] == [2]
