"""The shell: connections, waiting callers, deadlines and planes around the machines of rooms."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from structlog.testing import capture_logs

from lms_core.kernel.clock import ManualClock
from lms_core.kernel.errors import Malformed, NotFound
from media import room_io
from media.grant import Grant
from media.plane import seam
from media.room import EMPTY_FOR, GRACE
from media.room_stage import PLANE_ANSWERS
from media.room_state import (
    Limits,
    MayNotPublish,
    NotEntered,
    PlaneUnavailable,
    RemovedFromRoom,
    RoomClosed,
    RoomFull,
    SdpRefused,
)
from media.rooms import Rooms
from tests.media.fake_planes import FakePlanes
from tests.media.given import grant, wishes

START = datetime(2026, 9, 1, 9, tzinfo=UTC)


class School:
    """Rooms on fake planes, and what each connection and the facts' listener heard."""

    def __init__(self, planes: FakePlanes | None = None, **settings: Any) -> None:
        self.clock = ManualClock(START)
        self.planes = planes or FakePlanes()
        self.rooms = Rooms(self.planes, self.clock, **settings)
        self.heard: dict[str, list[tuple[str, Any]]] = {}
        self.facts: list[tuple[str, Any]] = []
        self.rooms.on_fact(self._note)

    def _note(self, room: str, fact: Any) -> None:
        """Who comes and goes."""
        if not isinstance(fact, room_io.Stood):
            self.facts.append((room, fact))

    def grant(self, who: str = "anna", **changes: Any) -> Grant:
        now = self.clock.now().timestamp()
        return grant(who, **{"issued_at": now, "expires_at": now + 3600, **changes})

    async def enter(self, who: str = "anna", connection: str = "", **changes: Any) -> dict[str, Any]:
        connection = connection or who
        heard = self.heard.setdefault(connection, [])
        granted = changes.pop("grant", None) or self.grant(who, **changes)
        return await self.rooms.enter(granted, connection, lambda name, body: heard.append((name, body)))

    async def publish(self, connection: str, *sources: str, on: str | None = None) -> dict[str, Any]:
        return await self.rooms.publish(connection, on, " ".join(sources), wishes(*sources))

    def names(self, connection: str) -> list[str]:
        return [name for name, _ in self.heard[connection]]

    def left(self) -> bool:
        """Whether anything is still held of rooms that are over."""
        rooms = self.rooms
        return bool(rooms._rooms or rooms._connections or rooms._transports or any(self.planes.rooms))


@pytest.fixture
async def school():
    school = School()
    yield school
    await school.rooms.stop()
    await asyncio.sleep(0)


async def test_two_people_meet_and_each_hears_of_the_other(school: School) -> None:
    assert (await school.enter("anna"))["version"] == 1
    await school.rooms.receive("anna")
    entered = await school.enter("misha")
    assert [p["id"] for p in entered["participants"]] == ["part_anna", "part_misha"]
    made = await school.publish("misha", "microphone", "camera")
    assert made == {"transport_id": made["transport_id"], "sdp": "answer to microphone camera"}
    await school.clock.advance(0)
    assert school.names("misha") == ["publication_added", "publication_added"]
    assert school.names("anna")[:3] == ["participant_entered", "publication_added", "publication_added"]
    offer = school.heard["anna"][-1][1]
    assert [s["publication_id"].partition(":")[0] for s in offer["streams"]] == [made["transport_id"]] * 2
    assert await school.rooms.answer("anna", offer["transport_id"], offer["revision"], "sdp") == {}
    await school.rooms.set_muted("anna", f"{made['transport_id']}:0", True)
    assert school.heard["misha"][-1][1]["publication"]["muted"]
    await school.rooms.leave("misha")
    assert school.names("anna")[-1] == "participant_left"
    assert "participant_left" not in school.names("misha")
    assert school.planes.given(seam.Unsubscribe)


async def test_an_answer_is_there_before_the_signals_that_follow_it(school: School) -> None:
    """The ack of `receive` names the transport that the first `offer` is for."""
    await school.enter("anna")
    await school.publish("anna", "camera")
    await school.enter("misha")
    made = await school.rooms.receive("misha")
    assert school.names("misha") == []
    await school.clock.advance(0)
    assert school.heard["misha"][-1][1]["transport_id"] == made["transport_id"]


async def test_changing_an_offer_goes_to_the_open_transport(school: School) -> None:
    await school.enter("anna")
    made = await school.publish("anna", "camera")
    again = await school.publish("anna", "camera", "screen", on=made["transport_id"])
    assert again["transport_id"] == made["transport_id"]
    with pytest.raises(NotFound):
        await school.publish("anna", "camera", on="tr_unknown")


async def test_refusals_come_to_whoever_asked(school: School) -> None:
    with pytest.raises(NotEntered):
        await school.rooms.receive("nobody")
    with pytest.raises(NotEntered):
        await school.publish("nobody", "camera")
    await school.enter("misha", publish=frozenset({"microphone"}))
    with pytest.raises(MayNotPublish):
        await school.publish("misha", "camera")
    with pytest.raises(SdpRefused) as refused:
        await school.rooms.publish("misha", None, "bad", ())
    assert refused.value.params == {"reason": "sdp_malformed", "detail": "bad"}
    assert school.rooms._transports == {}


async def test_a_refused_entering_leaves_no_trace() -> None:
    school = School(limits=Limits(participants=1, kept=0))
    await school.enter("anna")
    with pytest.raises(RoomFull):
        await school.enter("misha")
    with pytest.raises(NotEntered):
        await school.rooms.receive("misha")
    await school.enter("dana", room="room_2")
    with pytest.raises(RoomFull):  # of another room: it has left its own
        await school.enter("dana")
    assert [fact.why for _, fact in school.facts if isinstance(fact, room_io.Left)] == ["left"]
    assert len((await school.enter("anna"))["participants"]) == 1  # once more on its own connection
    with pytest.raises(RoomFull):
        await school.enter("misha", "anna")  # as another: it stays who it was
    await school.rooms.receive("anna")
    await school.rooms.stop()


async def test_a_plane_that_does_not_answer_is_unavailable_after_five_seconds() -> None:
    school = School(FakePlanes(silent=True))
    await school.enter("anna")
    waiting = asyncio.create_task(school.publish("anna", "camera"))
    posted = asyncio.create_task(school.rooms.open_publisher(school.grant("misha"), "camera"))
    await school.clock.advance(0)  # both have asked
    await school.clock.advance(PLANE_ANSWERS - 0.1)
    assert not waiting.done()
    await school.clock.advance(0.2)
    for task in (waiting, posted):
        with pytest.raises(PlaneUnavailable):
            await task
    assert len(school.planes.given(seam.Close)) == 2
    await school.rooms.stop()


async def test_a_caller_that_went_away_is_not_missed(school: School) -> None:
    await school.enter("anna")
    waiting = asyncio.create_task(school.publish("anna", "camera"))
    await asyncio.sleep(0)
    waiting.cancel()
    await school.clock.advance(1)
    assert school.names("anna") == ["publication_added"]
    assert not school.rooms._rooms["room_1"]._asked


async def test_grace_and_the_log_of_who_was_there(school: School) -> None:
    await school.enter("anna")
    await school.enter("misha")
    await school.clock.advance(100)
    school.rooms.disconnect("misha")
    await school.clock.advance(GRACE + 5)
    assert school.names("anna") == ["participant_entered", "participant_changed", "participant_left"]
    rooms, facts = zip(*school.facts, strict=True)
    assert set(rooms) == {"room_1"}
    left = facts[-1]
    assert isinstance(left, room_io.Left)
    assert (left.grant.person, left.since, left.at, left.why) == ("person_misha", 0.0, 100.0, "lost")


async def test_an_empty_room_goes_after_a_minute_and_a_grant_makes_it_anew(school: School) -> None:
    granted = school.grant("anna")
    await school.enter("anna", grant=granted)
    await school.publish("anna", "camera")
    await school.rooms.leave("anna")
    await school.clock.advance(EMPTY_FOR + 1)
    assert isinstance(school.facts[-1][1], room_io.Closed)
    assert not school.left()
    assert (await school.enter("anna", grant=granted))["version"] == 1


async def test_a_room_whose_end_was_missed_is_made_anew(school: School) -> None:
    """A busy process may come late to a deadline; whoever enters just then is not refused."""
    await school.enter("anna")
    await school.rooms.leave("anna")
    school.clock._passed += EMPTY_FOR + 1  # time without any timer having rung
    assert (await school.enter("misha"))["participants"][0]["id"] == "part_misha"
    await school.clock.advance(1)
    assert [type(fact) for _, fact in school.facts[-2:]] == [room_io.Closed, room_io.Entered]


async def test_a_replaced_connection_is_out(school: School) -> None:
    await school.enter("anna", "laptop")
    await school.enter("anna", "phone", participant="part_anna")
    assert school.names("laptop") == ["replaced"]
    with pytest.raises(NotEntered):
        await school.rooms.receive("laptop")
    school.rooms.disconnect("laptop")
    await school.clock.advance(GRACE + 1)
    assert school.names("phone") == []


async def test_a_connection_is_in_one_room_at_a_time(school: School) -> None:
    await school.enter("anna", "tab")
    await school.enter("misha")
    await school.enter("anna", "tab", room="room_2")
    assert school.names("misha") == ["participant_left"]
    await school.rooms.leave("tab")
    assert [fact.why for _, fact in school.facts if isinstance(fact, room_io.Left)] == ["left", "left"]


# ---- WHIP and WHEP


async def test_resources_open_restart_and_close(school: School) -> None:
    anna = school.grant("anna")
    publisher = await school.rooms.open_publisher(anna, "microphone camera")
    viewer = await school.rooms.open_viewer(school.grant("misha"), "sdp")
    assert sorted(viewer.sdp.split()) == [f"{publisher.id}:0", f"{publisher.id}:1"]
    one = await school.rooms.open_viewer(anna, "sdp", f"{publisher.id}:1")
    assert one.sdp == f"{publisher.id}:1"
    assert school.rooms.resource(anna, publisher.id).etag == publisher.etag
    new = await school.rooms.restart_ice(anna, publisher.id, "abcd", "p" * 22)
    assert (new.ufrag, new.pwd) == ("ours", "secret")
    assert new.etag == school.rooms.resource(anna, publisher.id).etag != publisher.etag
    with pytest.raises(Malformed):
        await school.rooms.restart_ice(anna, publisher.id, "", "")
    await school.rooms.close_resource(anna, publisher.id)
    for gone in (publisher.id, viewer.id, "tr_unknown"):  # closed, another's, nobody's
        with pytest.raises(NotFound):
            school.rooms.resource(anna, gone)
        with pytest.raises(NotFound):
            await school.rooms.close_resource(anna, gone)


async def test_a_resource_of_a_room_that_is_not_there_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        await school.rooms.close_resource(school.grant("anna"), "tr_x")
    assert school.rooms.dump() == []


async def test_a_whip_publisher_is_seen_by_browsers(school: School) -> None:
    await school.enter("anna")
    await school.rooms.open_publisher(school.grant("misha"), "microphone")
    assert school.names("anna") == ["participant_entered", "publication_added"]


# ---- from above


async def test_a_removed_person_comes_back_only_with_a_newer_grant(school: School) -> None:
    old = school.grant("misha")
    await school.enter("anna")
    await school.enter("misha", grant=old)
    await school.enter("misha", "elsewhere", room="room_2", participant="part_2")
    await school.clock.advance(10)
    school.rooms.remove_person("person_misha", "room_1")
    assert school.names("misha") == ["removed"]
    assert school.names("elsewhere") == []
    for attempt in (
        school.enter("misha", grant=old),
        school.rooms.open_publisher(old, "camera"),
        school.rooms.open_viewer(old, "sdp"),
    ):
        with pytest.raises(RemovedFromRoom):
            await attempt
    await school.enter("misha")
    school.rooms.remove_person("person_misha")
    assert school.names("elsewhere") == ["removed"]


async def test_a_removal_outlives_the_room(school: School) -> None:
    old = school.grant("misha")
    await school.clock.advance(10)
    school.rooms.remove_person("person_misha")
    await school.clock.advance(1000)
    with pytest.raises(RemovedFromRoom):
        await school.enter("misha", grant=old)
    assert not school.left()


async def test_a_closed_room_is_opened_again_only_by_newer_grants(school: School) -> None:
    old = school.grant("misha")
    await school.enter("anna")
    await school.clock.advance(10)
    school.rooms.close_room("room_1")
    assert school.names("anna") == ["room_closed"]
    assert not school.left()
    with pytest.raises(RoomClosed):
        await school.enter("misha", grant=old)
    with pytest.raises(NotEntered):
        await school.rooms.receive("anna")
    await school.enter("misha")
    assert [p["id"] for p in school.rooms.dump()[0]["participants"]] == ["part_misha"]


async def test_bars_are_forgotten_when_no_grant_can_be_older(school: School) -> None:
    school.rooms.remove_person("person_misha")
    await school.clock.advance(24 * 3600 + 1)
    school.rooms.close_room("room_9")
    assert list(school.rooms._bars._barred) == [(None, "room_9")]


async def test_a_listener_may_call_back_while_it_is_told(school: School) -> None:
    """What it causes comes after all that was going on: nobody hears of the end before the beginning."""

    def end_it(room: str, fact: object) -> None:
        if isinstance(fact, room_io.Entered) and fact.grant.person == "person_misha":
            school.rooms.close_room(room)

    school.rooms.on_fact(end_it)
    await school.enter("anna")
    assert len((await school.enter("misha"))["participants"]) == 2
    assert school.names("anna") == ["participant_entered", "room_closed"]
    assert school.names("misha") == ["room_closed"]
    assert not school.left()


async def test_a_broken_listener_breaks_nobody_else(school: School) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("mine alone")

    with capture_logs() as logs:
        await school.rooms.enter(school.grant("anna"), "anna", broken)
        await school.enter("misha")
        await school.enter("dana")
    assert school.names("misha") == ["participant_entered"]
    assert {line["event"] for line in logs} == {"listener_failed"}


# ---- planes


async def test_rooms_are_spread_over_planes_and_ask_their_own() -> None:
    school = School(FakePlanes(2))
    for number, who in enumerate(("anna", "misha", "dana")):
        await school.enter(who, room=f"room_{number}")
        await school.publish(who, "microphone")
    assert [plane for plane, _ in school.planes.orders] == [0, 1, 0]
    assert [room["plane"] for room in school.rooms.dump()] == [0, 1, 0]
    school.planes.die(0)
    assert [school.names(who)[-1] for who in ("anna", "misha", "dana")] == [
        "transport_lost",
        "publication_added",
        "transport_lost",
    ]
    await school.rooms.stop()


async def test_what_is_asked_while_the_plane_is_away_is_done_when_it_is_back(school: School) -> None:
    await school.enter("anna")
    school.planes.die()
    waiting = asyncio.create_task(school.publish("anna", "camera"))
    await school.clock.advance(1)
    assert school.planes.orders == []
    school.planes.come_back()
    assert (await waiting)["sdp"] == "answer to camera"


async def test_levels_go_to_the_room_they_were_heard_in(school: School) -> None:
    made = {}
    for who, room in (("anna", "room_1"), ("misha", "room_2")):
        await school.enter(who, room=room)
        made[who] = (await school.publish(who, "microphone"))["transport_id"]
    for _ in range(3):
        await school.clock.advance(0.2)
        levels = ((f"{made['anna']}:0", 20), (f"{made['misha']}:0", 110), ("tr_gone:0", 127))
        school.planes.report(seam.Levels(levels))
    assert "speaking" not in school.names("anna")
    assert school.heard["misha"][-1] == ("speaking", {"participant_ids": ["part_misha"]})
    await school.clock.advance(2)
    assert school.heard["misha"][-1] == ("speaking", {"participant_ids": []})


async def test_reports_of_unknown_transports_are_nothing(school: School) -> None:
    await school.enter("anna")
    for report in (seam.Lost("tr_x", "why"), seam.Answered("tr_x", "", ()), seam.Started("tr_x:0")):
        school.planes.report(report)
    assert school.names("anna") == []


async def test_stopping_keeps_nobody_waiting_and_no_timer() -> None:
    school = School(FakePlanes(silent=True))
    await school.enter("anna")
    waiting = asyncio.create_task(school.publish("anna", "camera"))
    await asyncio.sleep(0)
    await school.rooms.stop()
    with pytest.raises(PlaneUnavailable):
        await waiting
    assert school.names("anna") == []
    school.rooms.disconnect("anna")
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task.get_name().startswith("room")] == []
