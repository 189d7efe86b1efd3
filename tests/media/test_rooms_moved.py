"""Rooms that go from one process to another: what is given up, and what is taken up."""

import json

import pytest

from media import room_deeds as deeds
from media.plane import seam
from media.room_state import NotEntered, RemovedFromRoom, RoomClosed
from media.rooms import Rooms
from tests.media.fake_planes import FakePlanes
from tests.media.test_rooms import School


class Pair:
    """Two processes that hold rooms, on one clock."""

    def __init__(self) -> None:
        self.one, self.other = School(), School()
        self.other.clock = self.one.clock
        self.other.rooms = Rooms(self.other.planes, self.one.clock)
        self.other.rooms.on_fact(self.other._note)

    def hand_over(self, room: str = "room_1", *, linger: bool = False) -> list[str]:
        given = self.one.rooms.surrender(room, linger=linger)
        assert given
        self.other.rooms.restore(room, json.loads(json.dumps(given.snapshot)))
        return list(given.sends)


async def test_a_room_that_was_given_up_is_told_nothing_and_holds_nothing() -> None:
    pair = Pair()
    await pair.one.enter("anna")
    await pair.one.publish("anna", "camera")
    facts = len(pair.one.facts)
    assert pair.hand_over() == ["anna"]
    assert not pair.one.left()
    assert len(pair.one.facts) == facts
    assert pair.one.planes.given(seam.Close)
    with pytest.raises(NotEntered):
        await pair.one.rooms.receive("anna")
    assert pair.one.rooms.surrender("room_1") is None
    await pair.other.enter("anna")
    assert pair.other.names("anna") == ["transport_lost"]
    assert pair.other.facts == []
    await pair.other.rooms.stop()


async def test_how_a_room_is_led_moves_though_nobody_but_who_waits_is_there() -> None:
    pair = Pair()
    await pair.one.enter("anna")
    await pair.one.rooms.do("anna", deeds.SetLobby(True))
    assert (await pair.one.enter("misha"))["waiting"]
    await pair.one.rooms.leave("anna")
    assert pair.hand_over() == ["misha"]
    assert (await pair.other.enter("misha"))["waiting"]
    await pair.other.enter("anna")
    await pair.other.rooms.do("anna", deeds.Admit(None))
    assert pair.other.names("misha") == ["admitted"]
    await pair.other.rooms.stop()


async def test_the_plane_goes_on_where_everybody_is_about_to_come_elsewhere() -> None:
    pair = Pair()
    await pair.one.enter("anna")
    await pair.one.publish("anna", "camera")
    pair.hand_over(linger=True)
    assert pair.one.planes.given(seam.Close) == []
    assert not pair.one.left()
    await pair.other.rooms.stop()


async def test_who_was_sent_out_stays_out() -> None:
    pair = Pair()
    old = pair.one.grant("misha")
    await pair.one.enter("anna")
    await pair.one.clock.advance(5)
    pair.one.rooms.remove_person("person_misha", "room_1")
    pair.hand_over()
    with pytest.raises(RemovedFromRoom):
        await pair.other.enter("misha", grant=old)
    await pair.other.enter("misha")
    await pair.other.rooms.stop()


async def test_a_closed_room_is_kept_closed() -> None:
    pair = Pair()
    old = pair.one.grant("misha")
    await pair.one.clock.advance(5)
    await pair.one.enter("anna")
    pair.one.rooms.close_room("room_1")
    kept = pair.one.rooms.durable("room_1")
    assert kept and "participants" not in kept
    pair.other.rooms.restore("room_1", kept)
    with pytest.raises(RoomClosed):
        await pair.other.enter("misha", grant=old)
    assert pair.other.rooms.durable("room_2") is None


async def test_what_changed_is_said_and_loudness_is_not() -> None:
    school = School(FakePlanes())
    told: list[str] = []
    await school.enter("anna")
    made = await school.publish("anna", "microphone")
    school.rooms.on_change(told.append)
    school.planes.report(seam.Levels(((f"{made['transport_id']}:0", 100),)))
    assert told == []
    await school.rooms.set_muted("anna", f"{made['transport_id']}:0", True)
    assert told == ["room_1"]
    await school.rooms.stop()


async def test_a_broken_snapshot_holds_no_place_on_a_plane() -> None:
    school = School()
    with pytest.raises(KeyError):
        school.rooms.restore("room_1", {"format": 1, "room_id": "room_1", "version": 1, "participants": [{}]})
    assert not school.left()
