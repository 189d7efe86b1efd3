"""What a room keeps when its process dies and another takes it up."""

import json
from typing import Any

import pytest

from media import room_deeds as deeds
from media import room_io as io
from media.plane import seam
from media.room import EMPTY_FOR, GRACE, Room
from tests.media.drive import Drive
from tests.media.given import grant, tracks, wishes

WALL = 1_700_000_000.0


def taken_over(d: Drive, *, after: float = 3.0, starts_at: float = 5000.0) -> Drive:
    """The room as another process has it, whose clock began elsewhere; `d` died `after` seconds ago."""
    kept = json.loads(json.dumps(d.room.durable(WALL)))
    other = Drive()
    other.now = starts_at
    wall = WALL + d.now + after - starts_at
    other.room = Room.restored(kept, starts_at, wall=wall, seen=starts_at - after)
    return other


def test_who_was_there_is_there_and_comes_back_as_the_same_participant() -> None:
    d = Drive()
    version = [d.enter("anna"), d.enter("misha")][1]["version"]
    other = taken_over(d)
    assert other.people == {"part_anna": False, "part_misha": False}
    entered = other.enter("misha")
    assert entered["version"] > version + 1000
    assert other.people == {"part_anna": False, "part_misha": True}
    assert other.facts(io.Entered) == []


def test_who_does_not_come_back_has_left_when_last_seen() -> None:
    d = Drive()
    d.now = EMPTY_FOR / 2
    d.enter("anna")
    d.enter("misha")
    d.now += 60.0
    other = taken_over(d, after=4.0)
    other.enter("anna")
    other.wait(GRACE / 2)
    assert other.facts(io.Left) == []
    other.wait(GRACE / 2)
    [left] = other.facts(io.Left)
    assert (left.grant, left.why) == (grant("misha"), "lost")
    assert left.at == pytest.approx(5000.0 - 4.0)
    assert left.since == pytest.approx(5000.0 - 4.0 - 60.0)


def test_a_later_loss_counts_from_itself() -> None:
    d = Drive()
    d.enter("anna")
    other = taken_over(d)
    other.enter("anna")
    other.wait(100)
    other.give(io.Disconnect("tab_anna"))
    other.wait(GRACE)
    assert other.facts(io.Left)[0].at == 5100.0


def test_nobody_comes_back_to_an_empty_room_and_it_ends() -> None:
    d = Drive()
    d.enter("anna")
    other = taken_over(d)
    other.wait(GRACE)
    other.wait(EMPTY_FOR)
    assert other.room.closed


def test_each_is_told_which_of_their_paths_are_gone() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.ask(io.Receive, "tab_misha", "down")
    d.publish("misha", "up", "camera")
    d.publish("anna", "up2", "microphone")
    other = taken_over(d)
    assert other.publications == {}
    other.enter("misha")
    assert [s["transport_id"] for s in other.signals("transport_lost")] == ["down", "up"]
    again = taken_over(other, starts_at=9000.0)
    again.enter("misha")
    assert again.signals("transport_lost") == []
    again.enter("anna")
    assert [s["transport_id"] for s in again.signals("transport_lost")] == ["up2"]


def test_what_a_teacher_muted_stays_muted_when_it_is_published_again() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "up", "microphone", "camera")
    d.ask(io.SetMuted, "tab_anna", "up:0", True)
    d.ask(io.SetMuted, "tab_misha", "up:1", True)
    other = taken_over(taken_over(d))
    other.enter("misha")
    other.publish("misha", "again", "camera", "microphone")
    muted = {p["source"]: p["muted"] for p in other.room.snapshot()["publications"]}
    assert muted == {"microphone": True, "camera": False}
    assert [o for o in other.orders() if isinstance(o, seam.Mute)] == [seam.Mute("again:1", True)]
    assert [s["publication"]["muted"] for s in other.signals("publication_added")] == [False, True]
    other.ask(io.SetMuted, "tab_misha", "again:1", False)
    assert taken_over(other).room.durable(WALL)["participants"][1]["silenced"] == []


def test_a_snapshot_of_a_version_that_led_nothing_is_taken() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.publish("misha", "up", "microphone")
    d.ask(io.SetMuted, "tab_anna", "up:0", True)
    kept = d.room.durable(WALL)
    for part in ("leading", "lobby", "places", "standings"):
        del kept[part]
    other = Drive()
    other.room = Room.restored(kept, 0.0, wall=WALL)
    assert not other.enter("misha")["waiting"]
    assert other.one("misha")["place"] == "main"
    assert other.leading == Drive().leading
    other.publish("misha", "again", "microphone")
    assert other.room.snapshot()["publications"][0]["muted"]


def test_the_lobby_outlives_the_process_and_who_waits_comes_again() -> None:
    d = Drive()
    d.enter("anna")
    d.enter("misha")
    d.do("anna", deeds.RemoveParticipant("part_misha", True))
    d.do("anna", deeds.SetLobby(True))
    d.do("anna", deeds.TellWaiting("Soon"))
    d.enter("dana")
    d.do("anna", deeds.Admit("part_dana"))
    d.enter("dana")
    other = taken_over(d)
    other.enter("anna")
    assert other.enter("misha")["waiting"]
    assert other.said("tab_misha", "held") == [{"text": "Soon"}]
    assert not other.enter("dana", participant="part_later", issued_at=9000.0)["waiting"]
    assert other.enter("aidar")["waiting"]


def test_rights_and_who_leads_beside_the_teacher_outlive_the_process_and_their_person() -> None:
    """Also of who is not there just now."""
    d = Drive()
    for who in ("anna", "misha", "dana"):
        d.enter(who)
    d.do("anna", deeds.SetSecond("part_misha", True))
    d.do("anna", deeds.SetRights("part_dana", speak=False, write=False))
    d.give(io.Leave("tab_dana"))
    other = taken_over(d)
    other.enter("misha")
    assert other.do("misha", deeds.SetLobby(True)) == {}
    assert other.do("misha", deeds.SetLobby(False)) == {}
    other.enter("dana", participant="part_dana2", issued_at=7000.0)
    rights = other.room.snapshot()["participants"][-1]["rights"]
    assert rights == {"speak": False, "show": True, "share": True, "write": False}


def test_who_unmuted_what_a_teacher_muted_is_heard_again() -> None:
    d = Drive()
    d.enter("anna")
    d.publish("anna", "up", "microphone")
    other = taken_over(d)
    other.enter("anna")
    other.ask(io.Publish, "tab_anna", "new", True, "offer", wishes("microphone"))
    other.give(seam.Answered("new", "answer", tracks("new", "microphone")))
    assert other.room.snapshot()["publications"][0]["muted"] is False


def test_a_presence_by_resource_alone_has_the_grace_too() -> None:
    d = Drive()
    d.post("obs", "whip", "video")
    other = taken_over(d)
    assert other.people == {"part_obs": False}
    other.post("obs", "whip2", "video")
    assert other.people == {"part_obs": True}
    other.wait(GRACE)
    assert other.people == {"part_obs": True}


def test_clocks_a_minute_apart_put_nobody_into_the_future() -> None:
    d = Drive()
    d.enter("anna")
    kept = d.room.durable(WALL + 60)
    room = Room.restored(kept, 10.0, wall=WALL, seen=70.0)
    left = [o for o in room.handle(io.Tick(), 10.0 + GRACE) if isinstance(o, io.Left)]
    assert (left[0].since, left[0].at) == (10.0, 10.0)


@pytest.mark.parametrize("change", [{"format": 2}, {"participants": [{}]}, {"participants": 5}])
def test_what_is_no_snapshot_is_not_taken(change: dict[str, Any]) -> None:
    d = Drive()
    d.enter("anna")
    with pytest.raises((ValueError, KeyError, TypeError)):
        Room.restored({**d.room.durable(WALL), **change}, 0.0)
