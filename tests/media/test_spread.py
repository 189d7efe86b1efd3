"""A room larger than one plane, on planes that answer at once: who is where, what is relayed, what a death takes."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media.plane import seam
from tests.media.fake_planes import FakePlanes
from tests.media.test_rooms import School


@pytest.fixture
async def school() -> AsyncIterator[School]:
    """Two planes, each for two transports of a room; anna publishes, misha and dana watch: she on the other plane."""
    school = School(FakePlanes(2), most_on_plane=2)
    await school.enter("anna")
    await school.publish("anna", "microphone", "camera")
    for who in ("misha", "dana"):
        await school.enter(who)
        await school.rooms.receive(who)
    await school.clock.advance(0)
    yield school
    await school.rooms.stop()
    await asyncio.sleep(0)


def orders(school: School, plane: int) -> list[Any]:
    return [order for at, order in school.planes.orders if at == plane]


def said(school: School) -> dict[str, Any]:
    (room,) = school.rooms.dump()
    return {name: room[name] for name in ("plane", "planes", "relays")}


async def test_the_first_are_at_home_and_the_next_are_served_by_another_plane(school: School) -> None:
    assert said(school) == {"plane": 0, "planes": {"0": 2, "1": 1}, "relays": {"1": 2}}
    there = orders(school, 1)
    assert [type(order) for order in there] == [
        seam.OpenReceiver, seam.OpenLeg, seam.Import, seam.Subscribe, seam.Import, seam.Subscribe,
    ]  # fmt: skip
    assert there[2].about == {"source": "microphone"}
    assert "offer" in school.names("dana")
    relays = [order for order in orders(school, 0) if isinstance(order, seam.Relay)]
    assert [one.ssrcs for one in relays] == [one.ssrcs for one in there if isinstance(one, seam.Import)]
    ours, theirs = (next(each for each in orders(school, plane) if isinstance(each, seam.OpenLeg)) for plane in (0, 1))
    assert (ours.receive_key, ours.send_key) == (theirs.send_key, theirs.receive_key)
    assert (ours.calls, ours.port, theirs.calls, theirs.port) == (True, 5001, False, 5000)


async def test_a_whep_viewer_is_served_elsewhere_too(school: School) -> None:
    made = await school.rooms.open_viewer(school.grant("oral"), "viewer")
    assert said(school)["planes"] == {"0": 2, "1": 2}
    assert made.sdp
    assert orders(school, 1)[-1] == seam.OpenViewer(made.id, "viewer", tuple(made.sdp.split()))
    await school.rooms.close_resource(school.grant("oral"), made.id)
    assert said(school)["planes"] == {"0": 2, "1": 1}


async def test_publishers_are_at_home_however_many_there_are(school: School) -> None:
    await school.publish("dana", "microphone")
    await school.clock.advance(0)
    assert said(school) == {"plane": 0, "planes": {"0": 3, "1": 1}, "relays": {"1": 2}}, "nobody hears themselves"


async def test_a_plane_that_dies_takes_with_it_only_who_was_there(school: School) -> None:
    school.planes.die(1)
    assert "transport_lost" in school.names("dana")
    assert "transport_lost" not in school.names("misha")
    assert isinstance(orders(school, 0)[-1], seam.Close), "the way there"
    assert said(school) == {"plane": 0, "planes": {"0": 2}, "relays": {}}
    await school.rooms.receive("dana")
    assert said(school)["planes"] == {"0": 3}, "there is no other"
    school.planes.come_back(1)
    await school.enter("oral")
    await school.rooms.receive("oral")
    assert said(school) == {"plane": 0, "planes": {"0": 3, "1": 1}, "relays": {"1": 2}}


async def test_the_death_of_the_home_takes_all(school: School) -> None:
    school.planes.die(0)
    for who in ("anna", "misha", "dana"):
        assert "transport_lost" in school.names(who)
    closed = [order.transport for order in orders(school, 1) if isinstance(order, seam.Close)]
    assert len(closed) == 2, "the way there, and whom nobody knows any more"
    assert said(school) == {"plane": 0, "planes": {}, "relays": {}}


async def test_a_full_room_goes_on_where_it_is_the_smallest(school: School) -> None:
    for number in range(5):
        await school.enter(f"one{number}")
        await school.rooms.receive(f"one{number}")
    assert said(school)["planes"] == {"0": 4, "1": 4}


async def test_nothing_is_left_of_a_room_that_is_over(school: School) -> None:
    school.rooms.close_room("room_1")
    await school.clock.advance(0)
    there = orders(school, 1)
    assert {order.publication for order in there if isinstance(order, seam.EndImport)} == {
        order.publication for order in there if isinstance(order, seam.Import)
    }
    assert not school.left()
