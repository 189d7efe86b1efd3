"""Rooms over the planes of two processes: in memory, over links that carry what real ones do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lms_core.kernel.clock import ManualClock
from media.plane import seam
from media.rooms import Rooms
from server.cluster.model import ProcessId
from server.cluster.planes import ClusterPlanes
from server.cluster.refusals import RoomAway
from tests.media.fake_planes import FakePlanes
from tests.media.given import grant, wishes


class Registry:
    def __init__(self, me: str) -> None:
        self.me, self.draining = me, False
        self.others: dict[str, Any] = {}
        self.look: Callable[[], Any] = lambda: None

    def on_look(self, hear: Callable[[], Any]) -> None:
        self.look = hear


class Link:
    """From `caller` to `called`, whose guest it is there; what crosses is JSON."""

    def __init__(self, caller: "Process", called: "Process") -> None:
        self.peer, self._caller, self._called = caller.registry.me, caller, called

    async def call(self, what: str, clock: Any) -> Any:
        if what != "planes":
            raise RoomAway
        return json.loads(json.dumps(self._called.planes.offered()))

    def tell(self, what: str, **args: Any) -> None:
        planes = self._called.planes
        known = {"order": planes.guest_order, "way": planes.guest_way, "leaving": planes.guest_leaves}
        known[what](self, **json.loads(json.dumps(args)))

    def plane_said(self, plane: int, report: str | None) -> None:
        self._caller.planes.far_said(ProcessId(self._called.registry.me), plane, report)


class Process:
    def __init__(self, name: str, clock: ManualClock) -> None:
        self.registry = Registry(name)
        self.links: dict[str, Link] = {}
        self.fake = FakePlanes(1)
        self.fake.life = name
        self.planes = ClusterPlanes(self.fake, clock)
        self.rooms = Rooms(self.planes, clock, most_on_plane=2)
        self.planes.use(self.registry, SimpleNamespace(to=self.links.get))  # type: ignore[arg-type]
        self.heard: dict[str, list[str]] = {}

    def sees(self, other: "Process") -> None:
        self.registry.others[other.registry.me] = SimpleNamespace(draining=False)
        self.links[other.registry.me] = Link(self, other)

    def loses(self, other: "Process") -> None:
        """The link of this process to the other fell, and both notice."""
        link = self.links.pop(other.registry.me)
        self.planes.process_lost(ProcessId(other.registry.me))
        other.planes.guest_gone(link)

    async def look(self) -> None:
        await self.registry.look()
        for _ in range(3):
            await asyncio.sleep(0)

    async def enter(self, who: str) -> None:
        heard = self.heard.setdefault(who, [])
        await self.rooms.enter(grant(who), who, lambda name, _: heard.append(name))

    def ordered(self, kind: type) -> list[Any]:
        return self.fake.given(kind)


@pytest.fixture(params=("a", "b"))
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Process, Process]]:
    """The room is with the first, which has the smaller name or the larger; its third transport is at the second."""
    clock = ManualClock(datetime(2026, 9, 1, 9, tzinfo=UTC))
    names = ("process_a", "process_b") if request.param == "a" else ("process_b", "process_a")
    home, other = (Process(name, clock) for name in names)
    home.sees(other)
    other.sees(home)
    await home.look()
    await home.enter("anna")
    await home.rooms.publish("anna", None, "microphone camera", wishes("microphone", "camera"))
    for who in ("misha", "dana"):
        await home.enter(who)
        await home.rooms.receive(who)
    await clock.advance(0)
    yield home, other
    await home.rooms.stop()
    await other.rooms.stop()


async def test_a_viewer_is_served_by_the_plane_of_another_process(pair: tuple[Process, Process]) -> None:
    home, other = pair
    (room,) = home.rooms.dump()
    assert room["planes"] == {"0": 2, "1000": 1}
    assert [each.transport for each in other.ordered(seam.OpenReceiver)]
    (ours,), (theirs,) = home.ordered(seam.OpenLeg), other.ordered(seam.OpenLeg)
    assert ours.leg == theirs.leg
    assert (ours.send_key, ours.receive_key, ours.ufrag) == (theirs.receive_key, theirs.send_key, theirs.ufrag)
    assert ours.calls != theirs.calls
    relayed = {(each.leg, each.publication, each.ssrcs) for each in home.ordered(seam.Relay)}
    assert relayed == {(each.leg, each.publication, each.ssrcs) for each in other.ordered(seam.Import)}
    assert len(relayed) == 2
    assert "offer" in home.heard["dana"], "what the plane there says comes to the room here"


async def test_both_processes_use_one_way(pair: tuple[Process, Process]) -> None:
    home, other = pair
    await other.look()
    assert other.planes.leg(0, 1000, 1) == home.ordered(seam.OpenLeg)[0].leg
    await home.look()
    assert len(home.ordered(seam.OpenLeg)) == len(other.ordered(seam.OpenLeg)) == 1


async def test_when_the_link_falls_viewers_there_are_lost_and_nothing_stays(pair: tuple[Process, Process]) -> None:
    home, other = pair
    home.loses(other)
    assert "transport_lost" in home.heard["dana"]
    assert "transport_lost" not in home.heard["misha"]
    closed = {each.transport for each in other.ordered(seam.Close)}
    assert closed >= {each.transport for each in other.ordered(seam.OpenReceiver)}
    (way,) = {each.leg for each in other.ordered(seam.OpenLeg)}
    assert way in closed
    assert way in {each.transport for each in home.ordered(seam.Close)}
    assert home.planes.dump() | other.planes.dump() == {"far": {}, "guests": 0, "ways": []}


async def test_when_the_plane_there_dies_its_viewers_are_lost(pair: tuple[Process, Process]) -> None:
    home, other = pair
    other.fake.die()
    assert "transport_lost" in home.heard["dana"]
    other.fake.life = "again"
    other.fake.come_back()
    await home.look()
    await home.rooms.receive("dana")
    assert home.rooms.dump()[0]["planes"] == {"0": 2, "1000": 1}


async def test_who_drains_gets_no_more_and_keeps_who_is_there(pair: tuple[Process, Process]) -> None:
    home, other = pair
    other.registry.draining = True
    await home.look()
    await home.enter("oral")
    await home.rooms.receive("oral")
    assert home.rooms.dump()[0]["planes"] == {"0": 3, "1000": 1}
    assert "transport_lost" not in home.heard["dana"]


async def test_who_is_about_to_leave_gets_nothing_before_the_table_says_so(pair: tuple[Process, Process]) -> None:
    home, other = pair
    assert 1000 in home.planes.loads()
    other.links[home.registry.me].tell("leaving")
    assert list(home.planes.loads()) == [0]
    home.loses(other)
    home.sees(other)
    await home.look()
    assert set(home.planes.loads()) == {0, 1000}, "it is there again"


async def test_viewers_on_planes_that_are_about_to_end_go_elsewhere_before(pair: tuple[Process, Process]) -> None:
    home, other = pair
    other.links[home.registry.me].tell("leaving")
    other.planes.hang_up()
    assert "transport_lost" in home.heard["dana"]
    await home.rooms.receive("dana")
    assert home.rooms.dump()[0]["planes"] == {"0": 3}
    assert other.planes.dump()["guests"] == 0


async def test_a_guest_orders_nothing_but_what_viewers_need(pair: tuple[Process, Process]) -> None:
    home, other = pair
    before = len(other.fake.orders)
    for order in (seam.OpenPublisher("tr_x", "sdp"), seam.Record("tr_x:0", "recording", {}), seam.Dump("why")):
        other.planes.guest_order(home.links[other.registry.me], 0, seam.encode(order)[4:].decode())
    other.planes.guest_order(home.links[other.registry.me], 7, seam.encode(seam.Close("tr_x"))[4:].decode())
    assert len(other.fake.orders) == before


async def test_of_a_plane_elsewhere_nothing_is_known(pair: tuple[Process, Process]) -> None:
    """Nor is one process told of what another's people have on its planes."""
    home, other = pair
    known = {"connected": True, "line": None, "gets": {}}
    (there,) = other.ordered(seam.OpenReceiver)
    other.fake.looks[there.transport] = known
    for opened in home.ordered(seam.OpenReceiver):
        home.fake.looks[opened.transport] = known
    told = [(await home.rooms.lines(who))[0]["known"] for who in ("misha", "dana")]
    assert sorted(told) == [False, True]
