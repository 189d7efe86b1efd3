"""Who is recorded: those who agreed, of a room that is recorded, in each of its places."""

from typing import Any

import pytest

from media import room_io as io
from media.plane import seam
from tests.media.drive import Drive

ON = {"id": "recording_1", "since": 5.0}


def records(drive: Drive) -> dict[str, str]:
    """The publications that the plane is told to record, with their place."""
    return {one.publication: one.about["place"] for one in drive.orders() if isinstance(one, seam.Record)}


def stops(drive: Drive) -> list[str]:
    return [one.publication for one in drive.orders() if isinstance(one, seam.StopRecord)]


def recorded(drive: Drive) -> dict[str, bool]:
    return {one["id"]: one["recorded"] for one in drive.room.snapshot()["participants"]}


@pytest.fixture
def drive() -> Drive:
    made = Drive()
    made.enter("anna", record=True)
    made.enter("misha")
    made.publish("anna", "tr_a", "microphone", "camera")
    made.publish("misha", "tr_m", "camera")
    return made


def test_nothing_is_recorded_before_it_is_told(drive: Drive) -> None:
    assert drive.room.snapshot()["leading"]["recording"] is None
    assert recorded(drive) == {"part_anna": True, "part_misha": False}


def test_only_who_agreed_is_recorded(drive: Drive) -> None:
    drive.give(io.SetRecording(ON))
    assert records(drive) == {"tr_a:0": "main", "tr_a:1": "main"}
    assert drive.signals("leading_changed")[0]["leading"]["recording"] == ON
    drive.give(io.SetRecording(ON))
    assert (drive.orders(), drive.signals("leading_changed")) == ([], [])
    drive.give(io.SetConsents({"person_misha": True, "person_anna": True}))
    assert records(drive) == {"tr_m:0": "main"}
    assert recorded(drive)["part_misha"]
    drive.give(io.SetConsents({"person_misha": False}))
    assert stops(drive) == ["tr_m:0"]
    drive.give(io.SetRecording(None))
    assert sorted(stops(drive)) == ["tr_a:0", "tr_a:1"]


def test_a_recording_may_begin_before_anybody_is_there() -> None:
    drive = Drive()
    drive.give(io.SetRecording(ON))
    entered = drive.enter("anna", record=True)
    assert entered["leading"]["recording"] == ON
    drive.publish("anna", "tr_a", "camera")
    [order] = [one for one in drive.orders() if isinstance(one, seam.Record)]
    about = {"participant": "part_anna", "person": "person_anna", "source": "camera", "place": "main"}
    assert order == seam.Record("tr_a:0", "recording_1", about)


def test_another_recording_begins_other_tracks(drive: Drive) -> None:
    drive.give(io.SetRecording(ON))
    drive.give(io.SetRecording({"id": "recording_2", "since": 9.0}))
    assert sorted(stops(drive)) == ["tr_a:0", "tr_a:1"]
    assert [one.recording for one in drive.orders() if isinstance(one, seam.Record)] == ["recording_2"] * 2


def test_after_the_plane_died_what_is_published_anew_is_recorded(drive: Drive) -> None:
    drive.give(io.SetRecording(ON))
    drive.give(io.PlaneLost())
    assert drive.orders() == []
    drive.give(io.PlaneReturned())
    drive.publish("anna", "tr_b", "camera")
    assert records(drive) == {"tr_b:0": "main"}


def test_what_is_removed_is_not_stopped_too(drive: Drive) -> None:
    drive.give(io.SetRecording(ON))
    drive.give(io.Leave("tab_anna"))
    assert stops(drive) == []
    drive.enter("anna", record=True)
    drive.publish("anna", "tr_b", "camera")
    assert records(drive) == {"tr_b:0": "main"}


def test_a_recording_is_in_the_durable_snapshot(drive: Drive) -> None:
    drive.give(io.SetRecording(ON))
    from media.room import Room

    kept: dict[str, Any] = drive.room.durable()
    assert Room.restored(kept, 0.0).snapshot()["leading"]["recording"] == ON
